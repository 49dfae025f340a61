//! A [`SecureArea`] whose keys lie in a PKCS#11 token: a smart card, an HSM, or SoftHSM on a desk.
//!
//! # What lies in the token
//!
//! | object | attributes |
//! |---|---|
//! | device keys, a pair each | token, private, sensitive, never extractable; `CKA_SIGN` or `CKA_DERIVE` by purpose, or both; `CKA_ID` is the [`KeyId`], 16 random bytes |
//! | one AES-256 key for wrapping | token, private, sensitive, never extractable; GCM with the context as associated data, which the token compares |
//! | counters | private, unmodifiable data objects of 8 bytes |
//!
//! No private key of a credential is ever in this process, and no wrapping key. The shared secret of an agreement is: that is
//! what [`SecureArea::agree`] gives.
//!
//! # What the token's PIN is, and is not
//!
//! It opens the session and is wiped then; whoever holds it can use every key, raise, lower and delete. It is not the wallet's PIN, and
//! the area does not ask a person at each use: it claims no [`Authentication`] beyond `None`. How many wrong PINs a token bears is the
//! token's affair.
//!
//! # Counters
//!
//! PKCS#11 has none that only go up. Here one is a data object that cannot be modified: to raise it, an object with the next value is
//! made, and then the former is destroyed. Who can write the vault's folder but has no logged-in token cannot put it back. That is out
//! of reach where the token is hardware (`CKF_HW_SLOT`), and [`Counters::Hardware`](idwallet_crypto::area::Counters::Hardware) is
//! claimed there alone; a token in software is files, which can be put back with the vault:
//! [`Counters::File`](idwallet_crypto::area::Counters::File). Nothing holds against who has token and PIN: the owner. This process does
//! one thing at a time; two processes on one counter are kept apart by the lock of the vault to which it belongs.
//!
//! # Threads, waiting and cancelling
//!
//! PKCS#11 blocks. One thread owns the session and does one thing after the other; the futures wait for it and need no runtime. A
//! future that is dropped before its turn does nothing; a key whose creation was dropped later is destroyed again.
//! One process has one area on a token: a login counts for the whole process, so a second one could not be asked for its PIN.
#![forbid(unsafe_code)]

mod fault;
mod module;
mod token;
mod worker;

pub use fault::OpenError;

use fault::gone;
use idwallet_crypto::area::{
    Authentication, Capabilities, CounterId, CreatedKey, KeyId, KeySpec, PortFuture, SecureArea, SecureAreaError,
};
use idwallet_crypto::{PublicKey, Random, Secret, SecretBytes};
use std::path::PathBuf;
use std::sync::Arc;
use token::Token;
use worker::Worker;

/// Which token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenConfig {
    /// The PKCS#11 module: a shared library, by its path.
    pub module: PathBuf,
    /// `CKA_LABEL` of the token.
    pub label: String,
    /// Its serial number: labels are not unique. None takes the only token with the label.
    pub serial: Option<String>,
}

/// An open area; see the [crate]. Dropping it ends the session and logs out.
pub struct Pkcs11SecureArea {
    worker: Worker<Token>,
    capabilities: Capabilities,
    serial: String,
}

impl core::fmt::Debug for Pkcs11SecureArea {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Pkcs11SecureArea(open)")
    }
}

impl Pkcs11SecureArea {
    /// Makes the wrapping key in the token unless it is there, and opens the area. Blocks as the token does.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn create(config: &TokenConfig, pin: &SecretBytes, random: Arc<dyn Random>) -> Result<Self, OpenError> {
        Self::start(config, pin, random, true)
    }

    /// Opens the area of a token that was prepared by [`create`](Self::create). Blocks as the token does.
    ///
    /// # Errors
    /// [`OpenError`]; [`OpenError::NotPrepared`] when the wrapping key is not there.
    pub fn open(config: &TokenConfig, pin: &SecretBytes, random: Arc<dyn Random>) -> Result<Self, OpenError> {
        Self::start(config, pin, random, false)
    }

    fn start(
        config: &TokenConfig,
        pin: &SecretBytes,
        random: Arc<dyn Random>,
        may_make: bool,
    ) -> Result<Self, OpenError> {
        let token = Token::open(config, pin, random, may_make)?;
        let capabilities = token.capabilities().clone();
        let serial = token.serial().to_owned();
        let worker = Worker::start(token).ok_or(OpenError::Failed(0))?;
        Ok(Self {
            worker,
            capabilities,
            serial,
        })
    }

    /// The serial number of the token, to be remembered for the next [`TokenConfig`].
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The names of all device keys inside. A crash between making a key and storing its name leaves one that nobody knows: who owns
    /// the token alone finds it by comparing.
    ///
    /// # Errors
    /// As every method of the port.
    pub async fn key_ids(&self) -> Result<Vec<KeyId>, SecureAreaError> {
        self.worker.run(|token, _| token.key_ids()).await.unwrap_or_else(gone)
    }

    fn run<'a, T: Send + 'static>(
        &'a self,
        job: impl FnOnce(&mut Token) -> Result<T, SecureAreaError> + Send + 'static,
    ) -> PortFuture<'a, T> {
        Box::pin(async move { self.worker.run(|token, _| job(token)).await.unwrap_or_else(gone) })
    }
}

impl SecureArea for Pkcs11SecureArea {
    fn capabilities(&self) -> PortFuture<'_, Capabilities> {
        Box::pin(core::future::ready(Ok(self.capabilities.clone())))
    }

    fn create_key<'a>(&'a self, spec: &'a KeySpec) -> PortFuture<'a, CreatedKey> {
        if spec.authentication != Authentication::None {
            let error = SecureAreaError::Unsupported("require a person's presence");
            return Box::pin(core::future::ready(Err(error)));
        }
        let (curve, purpose) = (spec.curve, spec.purpose);
        Box::pin(async move {
            let made = self.worker.run(move |token, undo| {
                let key = token.create_key(curve, purpose)?;
                let id = key.id.clone();
                Ok(undo.guard(key, move |token| {
                    let _ = token.delete(&id);
                }))
            });
            made.await.unwrap_or_else(gone).map(worker::Guarded::keep)
        })
    }

    fn public_key<'a>(&'a self, id: &'a KeyId) -> PortFuture<'a, PublicKey> {
        let id = id.clone();
        self.run(move |token| token.public_key(&id))
    }

    fn sign<'a>(&'a self, id: &'a KeyId, message: &'a [u8]) -> PortFuture<'a, Vec<u8>> {
        let (id, message) = (id.clone(), message.to_vec());
        self.run(move |token| token.sign(&id, &message))
    }

    fn agree<'a>(&'a self, id: &'a KeyId, peer: &'a PublicKey) -> PortFuture<'a, SecretBytes> {
        let (id, peer) = (id.clone(), *peer);
        self.run(move |token| token.agree(&id, &peer))
    }

    fn wrap<'a>(&'a self, context: &'a [u8], secret: &'a SecretBytes) -> PortFuture<'a, Vec<u8>> {
        let (context, secret) = (Secret::new(context.to_vec()), Secret::new(secret.expose().clone()));
        self.run(move |token| token.wrap(context.expose(), secret.expose()))
    }

    fn unwrap<'a>(&'a self, context: &'a [u8], wrapped: &'a [u8]) -> PortFuture<'a, SecretBytes> {
        let (context, wrapped) = (Secret::new(context.to_vec()), wrapped.to_vec());
        self.run(move |token| token.unwrap(context.expose(), &wrapped))
    }

    fn delete<'a>(&'a self, id: &'a KeyId) -> PortFuture<'a, ()> {
        let id = id.clone();
        self.run(move |token| token.delete(&id))
    }

    fn create_counter(&self) -> PortFuture<'_, CounterId> {
        Box::pin(async move {
            let made = self.worker.run(|token, undo| {
                let id = token.create_counter()?;
                let name = id.clone();
                Ok(undo.guard(id, move |token| {
                    let _ = token.delete_counter(&name);
                }))
            });
            made.await.unwrap_or_else(gone).map(worker::Guarded::keep)
        })
    }

    fn read_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, u64> {
        let id = id.clone();
        self.run(move |token| token.read_counter(&id))
    }

    fn increment_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, u64> {
        let id = id.clone();
        self.run(move |token| token.increment_counter(&id))
    }

    fn delete_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, ()> {
        let id = id.clone();
        self.run(move |token| token.delete_counter(&id))
    }
}
