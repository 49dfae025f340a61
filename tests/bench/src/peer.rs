//! isomdl 0.2 with the same keys, the same elements and a session of its own.

use crate::fixture::{ASKED, DEVICE_SCALAR, Fixture, ISSUER_SCALAR};
use idwallet_cose::cose_key_to_vec;
use idwallet_crypto::x509::pem;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use isomdl::cbor;
use isomdl::definitions::device_request::{DataElements, Namespaces};
use isomdl::definitions::helpers::NonEmptyMap;
use isomdl::definitions::x509::X5Chain;
use isomdl::definitions::x509::trust_anchor::{PemTrustAnchor, TrustAnchorRegistry, TrustPurpose};
use isomdl::definitions::{CoseKey, DeviceKeyInfo, DigestAlgorithm, IssuerSigned, SessionEstablishment, ValidityInfo};
use isomdl::issuance::Mdoc;
use isomdl::presentation::device::{Documents, RequestedItems, SessionManager, SessionManagerInit};
use isomdl::presentation::reader;
use p256::ecdsa::{Signature, SigningKey};
use signature::Signer as _;
use std::collections::BTreeMap;
use std::hint::black_box;
use time::{Duration, OffsetDateTime};

/// The peer at the same tasks.
pub struct Peer {
    signer: SigningKey,
    device: SigningKey,
    chain: X5Chain,
    elements: BTreeMap<String, BTreeMap<String, ciborium::Value>>,
    device_key: CoseKey,
    issuer_signed: Vec<u8>,
    holder: SessionManager,
    requested: RequestedItems,
    reader: reader::SessionManager,
    response: Vec<u8>,
}

fn mdoc(
    elements: BTreeMap<String, BTreeMap<String, ciborium::Value>>,
    device_key: CoseKey,
    chain: X5Chain,
    signer: SigningKey,
) -> Mdoc {
    let now = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap();
    Mdoc::builder()
        .doc_type(MDL_DOC_TYPE.to_owned())
        .namespaces(elements)
        .validity_info(ValidityInfo {
            signed: now - Duration::days(1),
            valid_from: now - Duration::days(1),
            valid_until: now + Duration::days(100),
            expected_update: None,
        })
        .digest_algorithm(DigestAlgorithm::SHA256)
        .device_key_info(DeviceKeyInfo {
            device_key,
            key_authorizations: None,
            key_info: None,
        })
        .enable_decoy_digests(false)
        .issue::<SigningKey, Signature>(chain, signer)
        .unwrap()
}

impl Peer {
    /// Issues, engages, asks and answers once.
    #[must_use]
    pub fn new(fixture: &Fixture) -> Self {
        let signer = SigningKey::from_slice(&ISSUER_SCALAR).unwrap();
        let device = SigningKey::from_slice(&DEVICE_SCALAR).unwrap();
        let chain = X5Chain::builder()
            .with_der_certificate(fixture.signer.der())
            .unwrap()
            .build()
            .unwrap();
        let device_key: CoseKey = cbor::from_slice(&cose_key_to_vec(fixture.device_key.public_key())).unwrap();
        let values = fixture
            .elements
            .iter()
            .map(|(name, value)| ((*name).to_owned(), ciborium::from_reader(value.as_slice()).unwrap()))
            .collect();
        let elements = BTreeMap::from([(MDL_NAMESPACE.to_owned(), values)]);
        let mdoc = mdoc(elements.clone(), device_key.clone(), chain.clone(), signer.clone());
        let issuer_signed = cbor::to_vec(&IssuerSigned {
            namespaces: Some(mdoc.namespaces.clone()),
            issuer_auth: mdoc.issuer_auth.clone(),
        })
        .unwrap();

        let documents = Documents::new(MDL_DOC_TYPE.to_owned(), mdoc.into());
        let (engaged, code) = SessionManagerInit::initialise(documents, None, None)
            .unwrap()
            .qr_engagement()
            .unwrap();
        let anchors = TrustAnchorRegistry::from_pem_certificates(vec![PemTrustAnchor {
            certificate_pem: pem::write_certificates([&fixture.authority]),
            purpose: TrustPurpose::Iaca,
        }])
        .unwrap();
        let wanted = ASKED
            .iter()
            .map(|name| ((*name).to_owned(), false))
            .collect::<BTreeMap<_, _>>();
        let wanted: DataElements = NonEmptyMap::maybe_new(wanted).unwrap();
        let (reader, request, _) =
            reader::SessionManager::establish_session(code, Namespaces::new(MDL_NAMESPACE.to_owned(), wanted), anchors)
                .unwrap();
        let establishment: SessionEstablishment = cbor::from_slice(&request).unwrap();
        let (holder, asked) = engaged
            .process_session_establishment(establishment, TrustAnchorRegistry::default())
            .unwrap();
        let mut peer = Self {
            signer,
            device,
            chain,
            elements,
            device_key,
            issuer_signed,
            holder,
            requested: asked.items_request,
            reader,
            response: Vec::new(),
        };
        peer.response = peer.answer();
        peer
    }

    fn answer(&self) -> Vec<u8> {
        let mut holder = self.holder.clone();
        let names = ASKED.iter().map(|name| (*name).to_owned()).collect();
        let permitted = BTreeMap::from([(
            MDL_DOC_TYPE.to_owned(),
            BTreeMap::from([(MDL_NAMESPACE.to_owned(), names)]),
        )]);
        holder.prepare_response(&self.requested, permitted);
        let signature: Signature = self.device.sign(holder.get_next_signature_payload().unwrap().1);
        holder.submit_next_signature(signature.to_vec()).unwrap();
        holder.retrieve_response().unwrap()
    }

    /// Of its encrypted response.
    #[must_use]
    pub fn response_length(&self) -> usize {
        self.response.len()
    }

    /// What its reader says, without the values.
    #[must_use]
    pub fn outcome(&self) -> String {
        let outcome = self.reader.clone().handle_response(&self.response);
        format!(
            "issuer {:?}, device {:?}, {:?}",
            outcome.issuer_authentication, outcome.device_authentication, outcome.errors
        )
    }

    /// Issues.
    pub fn issue(&self) {
        black_box(mdoc(
            self.elements.clone(),
            self.device_key.clone(),
            self.chain.clone(),
            self.signer.clone(),
        ));
    }

    /// Parses.
    pub fn parse(&self) {
        black_box(cbor::from_slice::<IssuerSigned>(&self.issuer_signed).unwrap());
    }

    /// Responds; as it moves its state on, a copy of the state is part of it.
    pub fn respond(&self) {
        black_box(self.answer());
    }

    /// Decrypts and verifies.
    pub fn verify(&self) {
        black_box(self.reader.clone().handle_response(&self.response));
    }
}
