//! A provider whose tokens can be broken one thing at a time.
#![allow(dead_code, reason = "each test file uses a part")]

use idwallet_cose::cbor::Encoder;
use idwallet_cose::{Place, Sign1Builder};
use idwallet_crypto::x509::{Certificate, CertificateBuilder, NameBuilder, TrustAnchors};
use idwallet_crypto::{Curve, PrivateKey, Timestamp};
use idwallet_status_list::{
    Bits, ListPolicy, ListTrust, STATUS_LIST_TYPE, Status, StatusAnswer, StatusListBuilder, check_identifier,
    check_index,
};
use idwallet_test_support::{DAY, NOW, Pki, SeededRandom, key};

pub const URI: &str = "https://status.example.org/lists/7";
pub const SUB: i64 = 2;
pub const EXP: i64 = 4;
pub const NBF: i64 = 5;
pub const IAT: i64 = 6;
pub const IDENTIFIERS: i64 = 65530;
pub const LIST: i64 = 65533;
pub const TTL: i64 = 65534;
/// In the fixture's list, entry 5 is invalid and all others are valid.
pub const REVOKED: u64 = 5;

pub fn ago(seconds: i64) -> Timestamp {
    NOW.saturating_add_seconds(-seconds)
}

pub fn cbor(write: impl FnOnce(&mut Encoder)) -> Vec<u8> {
    let mut e = Encoder::new();
    write(&mut e);
    e.into_vec()
}

/// An authority, its document signer, and its signer of lists.
pub struct Provider {
    pub pki: Pki,
    pub key: PrivateKey,
    pub signer: Certificate,
}

impl Provider {
    pub fn new(seed: u64) -> Self {
        Self::with(seed, |builder| builder)
    }

    /// The list signer's certificate changed by `change`.
    pub fn with(seed: u64, change: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> Self {
        let pki = Pki::issuer(Curve::P256, seed);
        let key = key(Curve::P256, seed ^ 0x57a7);
        let name = NameBuilder::of("UT", None, "Utopia status signer");
        let builder = CertificateBuilder::status_signer(&pki.authority, &name, key.public_key(), ago(30 * DAY));
        let signer = change(builder)
            .sign(&pki.authority_key, &SeededRandom::new(seed))
            .unwrap();
        Self { pki, key, signer }
    }

    /// The rule for an MSO that names no certificate.
    pub fn trust(&self) -> ListTrust<'_> {
        ListTrust::IssuingAuthority(&self.pki.authority)
    }

    pub fn anchors(&self) -> TrustAnchors {
        self.pki.anchors()
    }

    pub fn chain(&self) -> Vec<Certificate> {
        vec![self.signer.clone()]
    }

    /// A list of 16 entries as the builder makes it.
    pub fn token(&self) -> Vec<u8> {
        builder().sign(&self.key, &self.chain()).unwrap()
    }

    /// The same by hand.
    pub fn raw(&self) -> Raw {
        let claims = vec![
            (
                SUB,
                cbor(|e| {
                    e.text(URI);
                }),
            ),
            (
                EXP,
                cbor(|e| {
                    e.int(NOW.unix() + DAY);
                }),
            ),
            (
                IAT,
                cbor(|e| {
                    e.int(ago(3600).unix());
                }),
            ),
            (LIST, builder().encode_list().unwrap()),
        ];
        Raw {
            tag: Some(18),
            typ: Some((Place::Protected, STATUS_LIST_TYPE.to_owned())),
            chain: Some((Place::Protected, self.chain())),
            claims,
        }
    }

    pub fn check(&self, token: &[u8]) -> StatusAnswer {
        check_index(token, 0, URI, &self.trust(), &ListPolicy::new(NOW))
    }

    pub fn check_id(&self, token: &[u8], id: &[u8]) -> StatusAnswer {
        check_identifier(token, id, URI, &self.trust(), &ListPolicy::new(NOW))
    }
}

pub fn builder() -> StatusListBuilder {
    let mut builder = StatusListBuilder::new(Bits::One, 16)
        .unwrap()
        .uri(URI)
        .validity(ago(3600), NOW.saturating_add_seconds(DAY));
    builder.set(REVOKED, Status::Invalid).unwrap();
    builder
}

/// A token of which everything can be changed.
pub struct Raw {
    pub tag: Option<u64>,
    pub typ: Option<(Place, String)>,
    pub chain: Option<(Place, Vec<Certificate>)>,
    pub claims: Vec<(i64, Vec<u8>)>,
}

impl Raw {
    pub fn claim(mut self, label: i64, write: impl FnOnce(&mut Encoder)) -> Self {
        self.claims.retain(|(other, _)| *other != label);
        self.claims.push((label, cbor(write)));
        self
    }

    pub fn without(mut self, label: i64) -> Self {
        self.claims.retain(|(other, _)| *other != label);
        self
    }

    /// `lst` of this and one bit an entry.
    pub fn lst(self, lst: &[u8]) -> Self {
        self.claim(LIST, |e| {
            e.map(2).text("bits").uint(1).text("lst").bytes(lst);
        })
    }

    pub fn typ(mut self, typ: &str) -> Self {
        self.typ = Some((Place::Protected, typ.to_owned()));
        self
    }

    pub fn sign(&self, signer: &PrivateKey) -> Vec<u8> {
        let mut e = Encoder::new();
        e.map(self.claims.len());
        for (label, value) in &self.claims {
            e.int(*label).raw(value);
        }
        let payload = e.into_vec();
        let mut builder = Sign1Builder::new().payload(&payload);
        if let Some((place, typ)) = &self.typ {
            builder = builder.header(*place, 16, |e| {
                e.text(typ);
            });
        }
        if let Some((place, chain)) = &self.chain {
            let chain: Vec<&[u8]> = chain.iter().map(Certificate::der).collect();
            builder = builder.x5chain(*place, &chain);
        }
        let untagged = builder.sign(signer).unwrap();
        let mut e = Encoder::new();
        if let Some(tag) = self.tag {
            e.tag(tag);
        }
        e.raw(&untagged);
        e.into_vec()
    }
}
