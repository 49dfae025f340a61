//! Issuer, holder and reader of a made-up country.

use crate::{SeededRandom, mdl_elements, with_elements};
use idwallet_cose::cose_key_to_vec;
use idwallet_crypto::x509::{
    Certificate, CertificateBuilder, Crl, CrlBuilder, NameBuilder, RevocationRequirement, Strictness, TrustAnchors,
};
use idwallet_crypto::{Curve, PrivateKey, PublicKey, Timestamp};
use idwallet_mdoc::holder::{DeviceAuthUsage, DeviceKey, DeviceResponseBuilder, ResponseDocument, select};
use idwallet_mdoc::issue::MdocIssuer;
use idwallet_mdoc::names::MDL_DOC_TYPE;
use idwallet_mdoc::reader_auth::ReaderTrust;
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder, ReaderCertificates};
use idwallet_mdoc::{DeviceRequest, Handover, IssuerSigned, SessionTranscript};

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// The time at which the fixtures live: 2026-06-01T12:00:00Z.
pub const NOW: Timestamp = Timestamp::from_unix(1_780_315_200);

/// A key made from a seed; never the same for two seeds, always the same for one.
#[must_use]
pub fn key(curve: Curve, seed: u64) -> PrivateKey {
    PrivateKey::generate(curve, &SeededRandom::new(seed)).unwrap()
}

/// One authority with its list of revoked certificates and one signer.
#[derive(Debug)]
pub struct Pki {
    /// The authority's key.
    pub authority_key: PrivateKey,
    /// Its self-signed certificate.
    pub authority: Certificate,
    /// The signer's key.
    pub signer_key: PrivateKey,
    /// The signer's certificate.
    pub signer: Certificate,
}

impl Pki {
    /// The signer's key once more, to be owned: keys are not `Clone`.
    #[must_use]
    pub fn key(&self) -> PrivateKey {
        again(&self.signer_key)
    }

    /// An IACA of country `UT` and its document signer, both a month old at [`NOW`].
    #[must_use]
    pub fn issuer(curve: Curve, seed: u64) -> Self {
        Self::issuer_of("UT", curve, seed)
    }

    /// The same of another country.
    #[must_use]
    pub fn issuer_of(country: &str, curve: Curve, seed: u64) -> Self {
        let random = SeededRandom::new(seed);
        let start = NOW.saturating_add_seconds(-30 * DAY);
        // An IACA has to be on a curve of its profile.
        let authority_key = key(Curve::P256, seed ^ 0x1aca);
        let name = NameBuilder::of(country, None, "Utopia IACA");
        let authority = CertificateBuilder::iaca(&name, authority_key.public_key(), start, "https://example.org")
            .sign(&authority_key, &random)
            .unwrap();
        let signer_key = key(curve, seed ^ 0xd5);
        let name = NameBuilder::of(country, None, "Utopia document signer");
        let signer = CertificateBuilder::document_signer(
            &authority,
            &name,
            signer_key.public_key(),
            start,
            "https://example.org",
            "https://example.org/iaca.crl",
        )
        .sign(&authority_key, &random)
        .unwrap();
        Self {
            authority_key,
            authority,
            signer_key,
            signer,
        }
    }

    /// A reader authority and a reader.
    #[must_use]
    pub fn reader(curve: Curve, seed: u64) -> Self {
        let random = SeededRandom::new(seed);
        let start = NOW.saturating_add_seconds(-30 * DAY);
        let authority_key = key(Curve::P256, seed ^ 0xca);
        let name = NameBuilder::of("UT", None, "Utopia reader authority");
        let authority = CertificateBuilder::authority(&name, authority_key.public_key(), start)
            .sign(&authority_key, &random)
            .unwrap();
        let signer_key = key(curve, seed ^ 0x4ead);
        let name = NameBuilder::of("UT", None, "Bar at the corner");
        let signer = CertificateBuilder::reader_auth(
            &authority,
            &name,
            signer_key.public_key(),
            start,
            "https://example.org/reader.crl",
        )
        .sign(&authority_key, &random)
        .unwrap();
        Self {
            authority_key,
            authority,
            signer_key,
            signer,
        }
    }

    /// The authority as the only anchor.
    #[must_use]
    pub fn anchors(&self) -> TrustAnchors {
        let mut anchors = TrustAnchors::new();
        anchors.add(self.authority.clone());
        anchors
    }

    /// A fresh list of the authority with these certificates revoked.
    #[must_use]
    pub fn crl(&self, revoked: &[&Certificate]) -> Crl {
        let at = NOW.saturating_add_seconds(-DAY);
        let builder = CrlBuilder::new(&self.authority, 1, at, NOW.saturating_add_seconds(30 * DAY));
        revoked
            .iter()
            .fold(builder, |builder, certificate| builder.revoke(certificate, at))
            .sign(&self.authority_key)
            .unwrap()
    }
}

/// Everything needed to issue, ask, answer and verify.
#[derive(Debug)]
pub struct World {
    /// Randomness for whatever comes.
    pub random: SeededRandom,
    /// The issuer.
    pub issuer: Pki,
    /// The reader.
    pub reader: Pki,
    /// The holder's device key.
    pub device_key: PrivateKey,
    /// The reader's key of this session, on the curve of the device key or P-256 if that one cannot agree.
    pub e_reader_key: PrivateKey,
    /// The session.
    pub transcript: SessionTranscript,
}

impl World {
    /// A world on P-256.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::on_curves(seed, Curve::P256, Curve::P256, Curve::P256)
    }

    /// A world whose issuer is of another country.
    #[must_use]
    pub fn in_country(country: &str, seed: u64) -> Self {
        Self {
            issuer: Pki::issuer_of(country, Curve::P256, seed),
            ..Self::new(seed)
        }
    }

    /// A world whose issuer, device and reader sign on other curves.
    #[must_use]
    pub fn on_curves(seed: u64, issuer: Curve, device: Curve, reader: Curve) -> Self {
        let e_reader_key = key(if device.can_agree() { device } else { Curve::P256 }, seed ^ 0xe4ead);
        Self {
            random: SeededRandom::new(seed ^ 0xffff),
            issuer: Pki::issuer(issuer, seed),
            reader: Pki::reader(reader, seed),
            device_key: key(device, seed ^ 0xdef),
            transcript: transcript(seed, e_reader_key.public_key()),
            e_reader_key,
        }
    }

    /// An issuer with document type and validity set: from yesterday for 100 days.
    #[must_use]
    pub fn mdoc_issuer(&self, doc_type: &str) -> MdocIssuer<&PrivateKey> {
        let from = NOW.saturating_add_seconds(-DAY);
        MdocIssuer::new(&self.issuer.signer_key, vec![self.issuer.signer.clone()])
            .doc_type(doc_type)
            .validity(from..NOW.saturating_add_seconds(100 * DAY))
    }

    /// `IssuerSigned` of the licence of [`mdl_elements`], bound to the device key.
    #[must_use]
    pub fn issue_mdl(&self) -> Vec<u8> {
        let issuer = with_elements(self.mdoc_issuer(MDL_DOC_TYPE), mdl_elements()).copy(*self.device_key.public_key());
        issuer.issue(&self.random).unwrap().remove(0).issuer_signed
    }

    /// A signed request for elements of the licence; nothing is to be retained.
    #[must_use]
    pub fn request(&self, elements: &[(&str, &str)]) -> Vec<u8> {
        let items = elements
            .iter()
            .fold(ItemsRequestBuilder::new(MDL_DOC_TYPE), |b, (space, e)| {
                b.element(space, e, false)
            });
        let certificates = ReaderCertificates::new(core::slice::from_ref(&self.reader.signer)).unwrap();
        DeviceRequestBuilder::new()
            .document(items)
            .reader_auth(certificates)
            .sign(&self.transcript, &self.reader.signer_key)
            .unwrap()
    }

    /// The device key in its use: a MAC where it cannot sign.
    #[must_use]
    pub fn device_key_in_use(&self) -> DeviceKey<'_> {
        if self.device_key.public_key().curve().can_sign() {
            DeviceKey::Signature(&self.device_key)
        } else {
            DeviceKey::Mac(&self.device_key)
        }
    }

    /// The response to the first document request, with everything that can be given.
    #[must_use]
    pub fn respond(&self, issuer_signed: &[u8], request: &[u8]) -> Vec<u8> {
        self.respond_as(issuer_signed, request, self.device_key_in_use())
    }

    /// The same with a choice of the device key's use.
    #[must_use]
    pub fn respond_as(&self, issuer_signed: &[u8], request: &[u8], key: DeviceKey<'_>) -> Vec<u8> {
        let issuer_signed = IssuerSigned::parse(issuer_signed).unwrap();
        let mso = issuer_signed.mobile_security_object().unwrap();
        let request = DeviceRequest::parse(request).unwrap();
        let items = request.doc_requests()[0].items_request();
        let release = select(&issuer_signed, &mso, items).unwrap().approve_all();
        let usage: DeviceAuthUsage = key.usage();
        let document = ResponseDocument::new(&issuer_signed, &mso, release, usage);
        DeviceResponseBuilder::new()
            .document(document)
            .respond(&self.transcript, &[key])
            .unwrap()
    }

    /// What the holder believes about readers at [`NOW`].
    #[must_use]
    pub fn reader_trust<'t>(&self, anchors: &'t TrustAnchors, crls: &'t [Crl]) -> ReaderTrust<'t> {
        ReaderTrust {
            anchors,
            crls,
            revocation: RevocationRequirement::IfAvailable,
            strictness: Strictness::Iso,
            at: NOW,
        }
    }
}

/// A session by QR code whose device engagement is made up.
fn transcript(seed: u64, e_reader_key: &PublicKey) -> SessionTranscript {
    let engagement = [&[0x81, 0x1b][..], &seed.to_be_bytes()].concat();
    SessionTranscript::new(Some(&engagement), Some(&cose_key_to_vec(e_reader_key)), Handover::Qr).unwrap()
}

/// A key once more: keys are not `Clone`.
#[must_use]
pub fn again(key: &PrivateKey) -> PrivateKey {
    PrivateKey::from_pkcs8_der(key.to_pkcs8_der().unwrap().expose()).unwrap()
}
