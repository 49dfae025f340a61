//! The wallet's own signing key: for files that its owner hands to others, complaints and requests for correction.
//!
//! It shows that the file is as the wallet made it, and that two files are of one wallet. It is no device key, and is in no document.

use crate::record::{DEVICE_IDENTITY, KeyRecord};
use crate::{InternalFault, Wallet, WalletError};
use idwallet_cose::cbor::Limits;
use idwallet_cose::{CoseKey, Place, Policy, Sign1, Sign1Builder, cose_key_to_vec};
use idwallet_crypto::area::{Authentication, KeyPurpose, KeySpec};
use idwallet_crypto::{Curve, PublicKey, SignatureAlgorithm, ecdsa_der_to_raw};
use idwallet_storage::{Error, RecordId};

/// There is one.
const ID: RecordId = RecordId::from_bytes([0; 16]);

/// COSE header parameter with the public key (COSE_Key, protected): the file brings what it is verified with. Of the range for
/// private use (RFC 9052 §11.1).
const KEY_LABEL: i64 = -70_001;

impl Wallet {
    async fn identity(&self) -> Result<KeyRecord, WalletError> {
        if let Some(record) = self.known_identity()? {
            return Ok(record);
        }
        let spec = KeySpec {
            curve: Curve::P256,
            purpose: KeyPurpose::Sign,
            authentication: Authentication::None,
            attestation_challenge: None,
        };
        let created = self.ask(self.area.create_key(&spec)).await?;
        let record = KeyRecord::new(created.id.clone(), created.public_key, KeyPurpose::Sign);
        let kept = self.keep_identity(record);
        // Not written, or another call made one meanwhile.
        if !kept.as_ref().is_ok_and(|kept| kept.id == created.id) {
            self.discard(core::slice::from_ref(&created)).await;
        }
        kept
    }

    fn known_identity(&self) -> Result<Option<KeyRecord>, WalletError> {
        match self.vault.read(DEVICE_IDENTITY, ID) {
            Ok(record) => KeyRecord::decode(record.data().expose())
                .map(Some)
                .map_err(|_| InternalFault::KeyStoreOutput("public key").into()),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The one that is kept: the first.
    fn keep_identity(&self, record: KeyRecord) -> Result<KeyRecord, WalletError> {
        let turn = self.turn();
        if let Some(first) = self.known_identity()? {
            return Ok(first);
        }
        self.vault
            .transaction(&turn, |tx| tx.insert(DEVICE_IDENTITY, ID, &record.encode(), &[]))?;
        Ok(record)
    }

    /// COSE_Sign1 of these bytes by the wallet's own key, which is made at its first use.
    pub(crate) async fn sign_as_wallet(&self, typ: &str, payload: &[u8]) -> Result<Vec<u8>, WalletError> {
        let key = self.identity().await?;
        let curve = key.public_key.curve();
        let failed = |_| WalletError::from(InternalFault::Response);
        let to_be_signed = Sign1Builder::new()
            .typ(typ)
            .header(Place::Protected, KEY_LABEL, |e| {
                e.raw(&cose_key_to_vec(&key.public_key));
            })
            .payload(payload)
            .tagged()
            .to_be_signed(curve)
            .map_err(failed)?;
        let signature = self.ask(self.area.sign(&key.id, to_be_signed.bytes())).await?;
        let raw = ecdsa_der_to_raw(curve, &signature).map_err(|_| InternalFault::KeyStoreOutput("signature"))?;
        let signed = to_be_signed.finish(&raw).map_err(failed)?;
        // A wrong signature would be the receiver's to find; it is ours.
        verify_signed(&signed, typ).ok_or(InternalFault::KeyStoreOutput("signature"))?;
        Ok(signed)
    }
}

/// The key and the payload of a file that a wallet signed; `None` when it was altered since, or is something else.
pub(crate) fn verify_signed(file: &[u8], typ: &str) -> Option<(PublicKey, Vec<u8>)> {
    let sign1 = Sign1::parse(file, &Policy::TAG_REQUIRED).ok()?;
    if sign1.headers().typ() != Some((typ, Place::Protected)) {
        return None;
    }
    let header = sign1
        .headers()
        .get(KEY_LABEL)
        .filter(|header| header.place == Place::Protected)?;
    let key = *CoseKey::parse(header.value.bytes(), Limits::DEFAULT).ok()?.public_key();
    let algorithm = SignatureAlgorithm::for_curve(key.curve())?;
    let verified = sign1.verify(&key, &[algorithm], &[], None).ok()?;
    Some((key, verified.payload().to_vec()))
}
