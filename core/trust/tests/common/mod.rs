//! A provider of trust lists whose lists can be broken one thing at a time.
#![allow(dead_code, reason = "each test file uses a part")]

use idwallet_cose::cbor::Encoder;
use idwallet_cose::{Place, Sign1Builder};
use idwallet_crypto::x509::{Certificate, CertificateBuilder, NameBuilder};
use idwallet_crypto::{Curve, PrivateKey, Timestamp};
use idwallet_test_support::{DAY, NOW, Pki, SeededRandom, key};
use idwallet_trust::{TrustError, UnverifiedVical, VerifiedVical, VicalBuilder, VicalPolicy, VicalProviders};

pub const MDL: &str = "org.iso.18013.5.1.mDL";
pub const PID: &str = "eu.europa.ec.eudi.pid.1";

pub fn ago(seconds: i64) -> Timestamp {
    NOW.saturating_add_seconds(-seconds)
}

pub fn ahead(seconds: i64) -> Timestamp {
    NOW.saturating_add_seconds(seconds)
}

pub fn cbor(write: impl FnOnce(&mut Encoder)) -> Vec<u8> {
    let mut e = Encoder::new();
    write(&mut e);
    e.into_vec()
}

/// Replaces, adds or (with `None`) removes a member.
pub fn set(members: &mut Vec<(String, Vec<u8>)>, name: &str, value: Option<Vec<u8>>) {
    let at = members.iter().position(|(other, _)| other == name);
    match (at, value) {
        (Some(at), Some(value)) => members[at].1 = value,
        (Some(at), None) => drop(members.remove(at)),
        (None, Some(value)) => members.push((name.to_owned(), value)),
        (None, None) => {}
    }
}

pub fn map(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    cbor(|e| {
        e.map(members.len());
        for (name, value) in members {
            e.text(name).raw(value);
        }
    })
}

pub struct Provider {
    pub root_key: PrivateKey,
    pub root: Certificate,
    pub key: PrivateKey,
    pub signer: Certificate,
}

impl Provider {
    pub fn new(seed: u64) -> Self {
        Self::with(seed, |builder| builder)
    }

    /// The signer's certificate changed by `change`.
    pub fn with(seed: u64, change: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> Self {
        let random = SeededRandom::new(seed);
        let root_key = key(Curve::P256, seed ^ 0x7007);
        let name = NameBuilder::of("UT", None, "Utopia list authority");
        let root = CertificateBuilder::authority(&name, root_key.public_key(), ago(60 * DAY))
            .sign(&root_key, &random)
            .unwrap();
        let signing = key(Curve::P256, seed ^ 0x51);
        let name = NameBuilder::of("UT", None, "Utopia list signer");
        let builder = CertificateBuilder::vical_signer(&root, &name, signing.public_key(), ago(30 * DAY));
        let signer = change(builder).sign(&root_key, &random).unwrap();
        Self {
            root_key,
            root,
            key: signing,
            signer,
        }
    }

    pub fn providers(&self) -> VicalProviders {
        [self.root.clone()].into_iter().collect()
    }

    /// Issue 7, an hour old, next one due tomorrow: one issuer for driving licences.
    pub fn builder(&self, issuer: &Certificate) -> VicalBuilder {
        VicalBuilder::new("Utopia", ago(3600))
            .issue_id(7)
            .next_update(ahead(DAY))
            .not_after(ahead(30 * DAY))
            .url("https://example.org/vical")
            .entry(issuer, &[MDL])
    }

    pub fn list(&self, issuer: &Certificate) -> Vec<u8> {
        self.sign(&self.builder(issuer))
    }

    pub fn sign(&self, builder: &VicalBuilder) -> Vec<u8> {
        builder.sign(&self.key, core::slice::from_ref(&self.signer)).unwrap()
    }

    pub fn raw(&self, issuer: &Certificate) -> Raw {
        let text = |t: &str| {
            cbor(|e| {
                e.text(t);
            })
        };
        let time = |t| {
            cbor(|e| {
                e.tdate(t);
            })
        };
        let bytes = |b: &[u8]| {
            cbor(|e| {
                e.bytes(b);
            })
        };
        let member = |name: &str, value: Vec<u8>| (name.to_owned(), value);
        let info = vec![
            member("certificate", bytes(issuer.der())),
            member(
                "serialNumber",
                cbor(|e| {
                    e.tag(2).bytes(issuer.serial());
                }),
            ),
            member("ski", bytes(issuer.subject_key_id().unwrap())),
            member(
                "docType",
                cbor(|e| {
                    e.array(1).text(MDL);
                }),
            ),
        ];
        let members = vec![
            member("version", text("1.0")),
            member("vicalProvider", text("Utopia")),
            member("date", time(ago(3600))),
            member(
                "vicalIssueID",
                cbor(|e| {
                    e.uint(7);
                }),
            ),
            member("nextUpdate", time(ahead(DAY))),
        ];
        Raw {
            members,
            info,
            chain: Some(vec![self.signer.clone()]),
            is_tagged: false,
        }
    }

    pub fn verify(&self, bytes: &[u8], policy: &VicalPolicy<'_>) -> Result<VerifiedVical, TrustError> {
        UnverifiedVical::parse(bytes)?.verify(&self.providers(), policy)
    }
}

/// A trust list of one entry of which everything can be changed.
pub struct Raw {
    pub members: Vec<(String, Vec<u8>)>,
    pub info: Vec<(String, Vec<u8>)>,
    pub chain: Option<Vec<Certificate>>,
    pub is_tagged: bool,
}

impl Raw {
    pub fn member(mut self, name: &str, write: impl FnOnce(&mut Encoder)) -> Self {
        set(&mut self.members, name, Some(cbor(write)));
        self
    }

    pub fn info(mut self, name: &str, write: impl FnOnce(&mut Encoder)) -> Self {
        set(&mut self.info, name, Some(cbor(write)));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        set(&mut self.members, name, None);
        set(&mut self.info, name, None);
        self
    }

    pub fn sign(mut self, signer: &PrivateKey) -> Vec<u8> {
        if !self.members.iter().any(|(name, _)| name == "certificateInfos") {
            let infos = cbor(|e| {
                e.array(1).raw(&map(&self.info));
            });
            set(&mut self.members, "certificateInfos", Some(infos));
        }
        let payload = map(&self.members);
        let mut builder = Sign1Builder::new().payload(&payload);
        if let Some(chain) = &self.chain {
            let chain: Vec<&[u8]> = chain.iter().map(Certificate::der).collect();
            builder = builder.x5chain(Place::Unprotected, &chain);
        }
        if self.is_tagged {
            builder = builder.tagged();
        }
        builder.sign(signer).unwrap()
    }
}

/// One issuer for all tests of a file: signatures differ from run to run, and so would its certificate.
pub fn iaca() -> &'static Pki {
    static ISSUER: std::sync::OnceLock<Pki> = std::sync::OnceLock::new();
    ISSUER.get_or_init(|| Pki::issuer(Curve::P256, 11))
}
