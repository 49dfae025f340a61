//! An issuer, a holder and a reader of today, a licence of thirty elements, a session. It lives until the process ends.

use idwallet_cose::{cose_key_to_vec, sig_structure};
use idwallet_crypto::x509::{Certificate, CertificateBuilder, NameBuilder, TrustAnchors, oid};
use idwallet_crypto::{Clock as _, Curve, PrivateKey, SystemClock, SystemRandom, Timestamp};
use idwallet_mdoc::holder::{DeviceKey, DeviceResponseBuilder, ResponseDocument, select};
use idwallet_mdoc::issue::{ElementValue, MdocIssuer};
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder};
use idwallet_mdoc::verify::{ChainCache, IssuerTrust, Policy, Session, verify_response};
use idwallet_mdoc::{
    DeviceAuth, DeviceRequest, DeviceResponse, Handover, IssuerSigned, SessionTranscript, device_authentication_bytes,
};
use idwallet_proximity::{Role, SessionEncryption};
use idwallet_test_support::{DAY, JPEG, mdl_elements, with_elements};
use std::hint::black_box;

/// The six elements that are asked for.
pub const ASKED: [&str; 6] = [
    "family_name",
    "given_name",
    "birth_date",
    "document_number",
    "portrait",
    "age_over_18",
];
/// Scalars, so that the peer's library has the same keys.
pub const ISSUER_SCALAR: [u8; 32] = [0x11; 32];
/// The device's.
pub const DEVICE_SCALAR: [u8; 32] = [0x22; 32];

/// Everything the jobs need, ready made.
pub struct Fixture {
    /// The IACA.
    pub authority: Certificate,
    /// The document signer.
    pub signer: Certificate,
    /// The holder's key.
    pub device_key: PrivateKey,
    /// Names and values of the thirty elements, in CBOR.
    pub elements: Vec<(&'static str, Vec<u8>)>,
    issuer: MdocIssuer<PrivateKey>,
    /// As issued.
    pub issuer_signed: Vec<u8>,
    /// The request for six elements.
    pub request: Vec<u8>,
    /// The response.
    pub response: Vec<u8>,
    transcript: SessionTranscript,
    holder_key: PrivateKey,
    reader_key: PrivateKey,
    anchors: TrustAnchors,
    cache: ChainCache,
    now: Timestamp,
    random: SystemRandom,
}

/// Lengths of what is signed and hashed, for the limits.
pub struct Lengths {
    /// To-be-signed part of the signer's certificate.
    pub certificate: usize,
    /// Sig_structure of the issuer.
    pub issuer_auth: usize,
    /// Sig_structure of the device.
    pub device_auth: usize,
    /// The bytes of each item in the response.
    pub given: Vec<usize>,
    /// The bytes of each item in the credential.
    pub issued: Vec<usize>,
    /// The whole response.
    pub response: usize,
}

impl Fixture {
    /// With a portrait of so many bytes.
    pub fn new(portrait: usize) -> &'static Self {
        let random = SystemRandom::new();
        let now = SystemClock.now();
        let start = now.saturating_add_seconds(-30 * DAY);
        let authority_key = PrivateKey::from_scalar(Curve::P256, &[0x33; 32]).unwrap();
        let issuer_key = PrivateKey::from_scalar(Curve::P256, &ISSUER_SCALAR).unwrap();
        let device_key = PrivateKey::from_scalar(Curve::P256, &DEVICE_SCALAR).unwrap();
        let name = NameBuilder::of("UT", None, "Utopia IACA");
        let authority = CertificateBuilder::iaca(&name, authority_key.public_key(), start, "https://example.org")
            .crl_uri("https://example.org/iaca.crl")
            .sign(&authority_key, &random)
            .unwrap();
        let name = NameBuilder::of("UT", None, "Utopia document signer");
        let crl = "https://example.org/iaca.crl";
        let signer = CertificateBuilder::document_signer(
            &authority,
            &name,
            issuer_key.public_key(),
            start,
            "https://example.org",
            crl,
        )
        // The peer takes this one purpose and no other beside it.
        .extended_key_usage(&[oid::MDL_DOCUMENT_SIGNER])
        .sign(&authority_key, &random)
        .unwrap();

        let mut picture = JPEG.to_vec();
        picture.resize(portrait.max(JPEG.len()), 0x5a);
        let elements: Vec<(&str, ElementValue)> = mdl_elements()
            .into_iter()
            .map(|(name, value)| {
                if name == "portrait" {
                    (name, picture.as_slice().into())
                } else {
                    (name, value)
                }
            })
            .collect();
        let issuer = MdocIssuer::new(issuer_key, vec![signer.clone()])
            .doc_type(MDL_DOC_TYPE)
            .validity(now.saturating_add_seconds(-DAY)..now.saturating_add_seconds(100 * DAY));
        let issuer = with_elements(issuer, elements).copy(*device_key.public_key());
        let issuer_signed = issuer.issue(&random).unwrap().remove(0).issuer_signed;
        let parsed = IssuerSigned::parse(&issuer_signed).unwrap();
        let elements = mdl_elements()
            .into_iter()
            .map(|(name, _)| {
                (
                    name,
                    parsed
                        .item(MDL_NAMESPACE, name)
                        .unwrap()
                        .element_value()
                        .bytes()
                        .to_vec(),
                )
            })
            .collect();

        let holder_key = PrivateKey::generate(Curve::P256, &random).unwrap();
        let reader_key = PrivateKey::generate(Curve::P256, &random).unwrap();
        let engagement = [0x5a; 120];
        let engagement = [&[0x58, 120][..], &engagement].concat();
        let transcript = SessionTranscript::new(
            Some(&engagement),
            Some(&cose_key_to_vec(reader_key.public_key())),
            Handover::Qr,
        )
        .unwrap();
        let items = ASKED
            .into_iter()
            .fold(ItemsRequestBuilder::new(MDL_DOC_TYPE), |items, name| {
                items.element(MDL_NAMESPACE, name, false)
            });
        let request = DeviceRequestBuilder::new().document(items).unsigned().unwrap();
        let mut anchors = TrustAnchors::new();
        anchors.add(authority.clone());
        let mut fixture = Self {
            authority,
            signer,
            device_key,
            elements,
            issuer,
            issuer_signed,
            request,
            response: Vec::new(),
            transcript,
            holder_key,
            reader_key,
            anchors,
            cache: ChainCache::new(),
            now,
            random,
        };
        fixture.response = fixture.respond();
        Box::leak(Box::new(fixture))
    }

    /// The lengths.
    #[must_use]
    pub fn lengths(&self) -> Lengths {
        let response = DeviceResponse::parse(&self.response).unwrap();
        let document = &response.documents()[0];
        let signed = document.device_signed().unwrap();
        let DeviceAuth::Signature(device) = signed.device_auth() else {
            panic!("a signature")
        };
        let issuer = document.issuer_signed().issuer_auth();
        let structure = |protected: &[u8], payload: &[u8]| sig_structure(protected, b"", payload).len();
        let authenticated = device_authentication_bytes(&self.transcript, MDL_DOC_TYPE, signed.name_spaces_bytes());
        let credential = IssuerSigned::parse(&self.issuer_signed).unwrap();
        Lengths {
            certificate: self.signer.tbs().len(),
            issuer_auth: structure(issuer.headers().protected_bytes(), issuer.unverified_payload().unwrap()),
            device_auth: structure(device.headers().protected_bytes(), &authenticated),
            given: document
                .issuer_signed()
                .items()
                .map(|(_, item)| item.encoded().len())
                .collect(),
            issued: credential.items().map(|(_, item)| item.encoded().len()).collect(),
            response: self.response.len(),
        }
    }

    /// One licence.
    pub fn issue(&self) -> usize {
        self.issuer.issue(&self.random).unwrap()[0].issuer_signed.len()
    }

    /// Parses the credential, structure only.
    pub fn parse(&self) -> usize {
        IssuerSigned::parse(&self.issuer_signed).unwrap().name_spaces().len()
    }

    /// From the stored credential and the request as received to the response.
    #[must_use]
    pub fn respond(&self) -> Vec<u8> {
        let credential = IssuerSigned::parse(&self.issuer_signed).unwrap();
        let mso = credential.mobile_security_object().unwrap();
        let request = DeviceRequest::parse(&self.request).unwrap();
        let release = select(&credential, &mso, request.doc_requests()[0].items_request())
            .unwrap()
            .approve_all();
        let key = DeviceKey::Signature(&self.device_key);
        let document = ResponseDocument::new(&credential, &mso, release, key.usage());
        DeviceResponseBuilder::new()
            .document(document)
            .respond(&self.transcript, &[key])
            .unwrap()
    }

    /// The holder's end of the session.
    #[must_use]
    pub fn session(&self) -> SessionEncryption {
        SessionEncryption::new(
            Role::Holder,
            &self.holder_key,
            self.reader_key.public_key(),
            &self.transcript,
        )
        .unwrap()
    }

    /// Parses the response and runs the whole checklist; `cached` with the issuer's chain validated before.
    pub fn verify(&self, cached: bool) {
        let request = DeviceRequest::parse(&self.request).unwrap();
        let response = DeviceResponse::parse(&self.response).unwrap();
        let session = Session::new(&self.transcript).request(&request);
        let trust = IssuerTrust::new(&self.anchors);
        let trust = if cached { trust.cache(&self.cache) } else { trust };
        let report = verify_response(&response, &session, &trust, &Policy::iso().at(self.now));
        assert!(report.is_accepted());
        black_box(report);
    }
}
