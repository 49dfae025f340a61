//! Device keys: made in the secure area, bound to a copy of a document, and used in one way for their whole life.

use crate::record::{BY_PUBLIC_KEY, KEY, KeyRecord};
use crate::{Wallet, WalletError};
use idwallet_crypto::area::{Attestation, Authentication, CreatedKey, KeyPurpose, KeySpec, PortFuture};
use idwallet_crypto::{Curve, PublicKey};
use idwallet_storage::{Lookup, RecordId};

/// A device key that waits for its document.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeviceKeyHandle {
    /// The key for the issuer to put into the document.
    pub public_key: PublicKey,
    /// What it will do.
    pub purpose: KeyPurpose,
    /// Evidence of where the key lives, if a challenge was given and the area can attest.
    pub attestation: Option<Attestation>,
}

impl Wallet {
    /// Makes a device key in the secure area and remembers it, so that a document issued to it can be imported, also much later.
    ///
    /// `SignOrAgree` leaves it to the first presentation whether the key signs or MACs (A-H55).
    ///
    /// # Errors
    /// [`WalletError::Unsupported`] for a curve or purpose the area does not have; others of the area; [`WalletError::Storage`].
    pub async fn create_device_key(&self, curve: Curve, purpose: KeyPurpose) -> Result<DeviceKeyHandle, WalletError> {
        let spec = KeySpec {
            curve,
            purpose,
            authentication: Authentication::None,
            attestation_challenge: None,
        };
        self.create_device_key_as(&spec).await
    }

    /// [`create_device_key`](Self::create_device_key) with all that a key can be asked for: a person's presence, an attestation.
    ///
    /// # Errors
    /// The same.
    pub async fn create_device_key_as(&self, spec: &KeySpec) -> Result<DeviceKeyHandle, WalletError> {
        let created = self.ask(self.area.create_key(spec)).await?;
        let record = KeyRecord::new(created.id.clone(), created.public_key, spec.purpose);
        if let Err(error) = self.keep_key(&record) {
            self.discard(core::slice::from_ref(&created)).await;
            return Err(error);
        }
        Ok(DeviceKeyHandle {
            public_key: created.public_key,
            purpose: spec.purpose,
            attestation: created.attestation,
        })
    }

    /// What the area says, or that the wallet was locked before it said anything.
    pub(crate) async fn ask<T>(&self, asked: PortFuture<'_, T>) -> Result<T, WalletError> {
        let answer = async { asked.await.map_err(|error| WalletError::area(error, &[])) };
        self.vault.until_locked(answer).await
    }

    /// Has the area forget keys that will not be used; where that fails they are keys that nobody knows. Locking does not end it, or keys that work
    /// would stay in the area for good; shutting down does.
    pub(crate) async fn discard(&self, keys: &[CreatedKey]) {
        for key in keys {
            let _ = self.vault.until_left(self.area.delete(&key.id)).await;
        }
    }

    fn keep_key(&self, record: &KeyRecord) -> Result<(), WalletError> {
        let turn = self.turn();
        let id = self.vault.new_id()?;
        let der = record.public_key.to_spki_der();
        let lookup = Lookup {
            name: BY_PUBLIC_KEY,
            value: &der,
        };
        self.vault
            .transaction(&turn, |tx| tx.insert(KEY, id, &record.encode(), &[lookup]))?;
        Ok(())
    }

    /// Where the wallet keeps the key with this public half, as far as the vault can vouch for it.
    pub(crate) fn find_key(&self, public_key: &PublicKey) -> Result<Option<RecordId>, WalletError> {
        let der = public_key.to_spki_der();
        let lookup = Lookup {
            name: BY_PUBLIC_KEY,
            value: &der,
        };
        Ok(self.vault.find_intact(KEY, lookup)?.0.into_iter().next())
    }
}
