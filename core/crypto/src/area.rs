//! The port to a hardware key store: what an Android (Keystore, StrongBox) or iOS (Secure Enclave) shell implements.
//!
//! # What an implementation promises
//!
//! - A private key never leaves the area. [`create_key`](SecureArea::create_key) makes it inside; nothing exports it, save
//!   [`export_key`](SecureArea::export_key) of areas in software, which nothing but their owner's backup calls.
//! - Every method may ask a person (fingerprint, face, PIN) if the key's [`Authentication`] says so, and may take as
//!   long as the person does. That is why the methods are asynchronous.
//! - A future that is dropped is a cancelled operation: the prompt closes, nothing is left half done. A key that was
//!   made but whose creation was dropped before it returned must be deleted by the area.
//! - The area is used from several threads, and several operations may run at once; it may queue them.
//! - It may call back into the wallet that waits for it, from any thread: the wallet holds nothing while it waits.
//! - [`sign`](SecureArea::sign) gives what the hardware gives, DER for ECDSA; the core converts.
//! - Identifiers are the area's choice, opaque to the core, and stable over restarts and updates of the app.
//!
//! # One key, one use
//!
//! A device key either signs or agrees, never both in its life (ISO 18013-5 §9.1.3.4, A-H55). A key made for
//! [`KeyPurpose::SignOrAgree`] leaves the choice to its first use; the *caller* records that use, because
//! hardware does not.

use crate::{Curve, PrivateKey, PublicKey, SecretBytes};
use core::fmt;
use core::future::Future;
use core::pin::Pin;

/// What a port method returns: a boxed future that may be dropped at any await.
pub type PortFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, SecureAreaError>> + Send + 'a>>;

/// The name of a key inside its area; opaque to everyone else.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(Vec<u8>);

impl KeyId {
    /// An identifier from the area's bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The area's bytes, to be stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for KeyId {
    /// Says no more than the length: an identifier links a log to a document.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({} bytes)", self.0.len())
    }
}

/// The name of a counter inside its area; opaque to everyone else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CounterId(Vec<u8>);

impl CounterId {
    /// An identifier from the area's bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The area's bytes, to be stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyPurpose {
    /// ECDSA or EdDSA signatures.
    Sign,
    /// Key agreement (device MAC).
    Agree,
    /// Either, fixed at first use by the caller; for hardware that can do both with one key.
    SignOrAgree,
}

impl KeyPurpose {
    /// Whether a key of this purpose may be asked to sign.
    #[must_use]
    pub const fn may_sign(self) -> bool {
        matches!(self, Self::Sign | Self::SignOrAgree)
    }

    /// Whether a key of this purpose may be asked to agree.
    #[must_use]
    pub const fn may_agree(self) -> bool {
        matches!(self, Self::Agree | Self::SignOrAgree)
    }
}

/// What the hardware requires before it uses a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Authentication {
    /// Nothing but an unlocked app.
    None,
    /// The device must be unlocked.
    DeviceUnlocked,
    /// The person proves presence, by biometry or the device's passcode, for every use.
    EveryUse,
    /// Presence, by biometry only, for every use; newly enrolled biometry invalidates the key.
    BiometryEveryUse,
    /// Presence within the last `seconds`.
    Within {
        /// How long one proof of presence counts.
        seconds: u32,
    },
}

/// A key to be made.
#[derive(Debug, Clone)]
pub struct KeySpec {
    /// The curve. Hardware often has P-256 only; see [`Capabilities`].
    pub curve: Curve,
    /// What the key will do.
    pub purpose: KeyPurpose,
    /// What its use requires.
    pub authentication: Authentication,
    /// The issuer's nonce, when an attestation of the key is wanted.
    pub attestation_challenge: Option<Vec<u8>>,
}

/// A key that was made.
#[derive(Debug, Clone)]
pub struct CreatedKey {
    /// Its name in the area.
    pub id: KeyId,
    /// Its public half.
    pub public_key: PublicKey,
    /// Evidence of where the key lives, in the platform's form; present only if a challenge was given and the
    /// area can attest.
    pub attestation: Option<Attestation>,
}

/// The platform's evidence that a key lives in hardware.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Attestation {
    /// Android key attestation: DER certificates, the key's first.
    AndroidKey(Vec<Vec<u8>>),
    /// Apple App Attest: the attestation object (CBOR).
    AppleAppAttest(Vec<u8>),
    /// A key in software: no hardware vouches for it. The bytes are the key's own signature over
    /// [`SOFTWARE_ATTESTATION`] and the challenge, which proves that it exists and nothing about where; empty for a key
    /// that cannot sign.
    Software(Vec<u8>),
}

/// What stands before the challenge in the message that [`Attestation::Software`] signs.
pub const SOFTWARE_ATTESTATION: &[u8] = b"idwallet software attestation 1\0";

impl fmt::Debug for Attestation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AndroidKey(_) => "Attestation(AndroidKey)",
            Self::AppleAppAttest(_) => "Attestation(AppleAppAttest)",
            Self::Software(_) => "Attestation(Software)",
        })
    }
}

/// Where the keys of an area live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecurityLevel {
    /// In the memory of the app: for tests, servers and old devices.
    Software,
    /// In a trusted execution environment.
    TrustedEnvironment,
    /// In a separate secure processor (StrongBox, Secure Enclave).
    SecureElement,
}

/// What an area's counters hold against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Counters {
    /// It has none: a vault that is put back whole cannot be told from the current one.
    None,
    /// They lie in a file of their own: a vault that is put back is noticed, unless that file is put back with it.
    File,
    /// They lie in hardware, or elsewhere out of reach of who can write the owner's files.
    Hardware,
}

/// What an area can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Where its keys live.
    pub security_level: SecurityLevel,
    /// Curves of keys that sign.
    pub sign_curves: Vec<Curve>,
    /// Curves of keys that agree.
    pub agree_curves: Vec<Curve>,
    /// Whether one key may be made for either use ([`KeyPurpose::SignOrAgree`]).
    pub sign_or_agree: bool,
    /// Whether it gives attestations.
    pub attestation: bool,
    /// Whether it can require a person's presence.
    pub authentication: bool,
    /// Whether [`SecureArea::import_key`] works: software areas only.
    pub import: bool,
    /// What its counters hold against, if it has any.
    pub counters: Counters,
}

/// Why an area did not do what it was asked to. The variants are reactions: what the app does next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecureAreaError {
    /// The person closed the prompt. Not an error to report.
    #[error("the person cancelled")]
    UserCancelled,
    /// The person must authenticate, or unlock the device, first; try again after that.
    #[error("the person must authenticate first")]
    AuthenticationRequired,
    /// The key is gone for good, because biometry changed or the device lock was removed: issue the document anew.
    #[error("the key was invalidated by the device")]
    KeyInvalidated,
    /// There is no key of this name.
    #[error("no such key")]
    NotFound,
    /// The hardware does not answer now; a later attempt may succeed.
    #[error("the key store is not available")]
    Unavailable,
    /// There is no such hardware here: the card is not in, the device has no such chip. Waiting does not help.
    #[error("the key store's hardware is not there")]
    HardwareAbsent,
    /// There is no room left for what the area has to write; nothing was changed. The person can make room.
    #[error("no room left for the key store's files")]
    Full,
    /// What the area has to write lies where it may not be written; nothing was changed. The person can mend that.
    #[error("the key store's files cannot be written")]
    ReadOnly,
    /// The area cannot do this at all; the text says what.
    #[error("the key store cannot {0}")]
    Unsupported(&'static str),
    /// A wrapped secret was altered, or was wrapped for another context or by another area.
    #[error("the wrapped secret does not authenticate")]
    Integrity,
    /// Anything else; the code is the platform's and means nothing to the core.
    #[error("the key store failed (platform code {0})")]
    Failed(i32),
}

/// A store of keys and secrets that the device protects. See the [module](self) for what implementations promise.
pub trait SecureArea: Send + Sync {
    /// What the area can do.
    fn capabilities(&self) -> PortFuture<'_, Capabilities>;

    /// Makes a key inside the area.
    ///
    /// # Errors
    /// [`SecureAreaError::Unsupported`] for a curve, purpose or authentication the hardware does not have: the area
    /// never gives less than was asked for.
    fn create_key<'a>(&'a self, spec: &'a KeySpec) -> PortFuture<'a, CreatedKey>;

    /// Takes over a key made elsewhere. Hardware areas cannot, and the default says so. Each call gives a key of its own, also for the same
    /// key twice: deleting one leaves the other.
    ///
    /// # Errors
    /// [`SecureAreaError::Unsupported`].
    fn import_key<'a>(&'a self, key: PrivateKey, purpose: KeyPurpose) -> PortFuture<'a, CreatedKey> {
        drop(key);
        let _ = purpose;
        Box::pin(core::future::ready(Err(SecureAreaError::Unsupported("import a key"))))
    }

    /// Gives a key out, to be moved to another device in a backup. Hardware areas never do (H-H41), and the default says so.
    ///
    /// # Errors
    /// [`SecureAreaError::Unsupported`].
    fn export_key<'a>(&'a self, id: &'a KeyId) -> PortFuture<'a, PrivateKey> {
        let _ = id;
        Box::pin(core::future::ready(Err(SecureAreaError::Unsupported("export a key"))))
    }

    /// The public half of a key; asks nobody.
    ///
    /// # Errors
    /// [`SecureAreaError::NotFound`], [`SecureAreaError::KeyInvalidated`].
    fn public_key<'a>(&'a self, id: &'a KeyId) -> PortFuture<'a, PublicKey>;

    /// Signs with the one algorithm of the key's curve
    /// ([`SignatureAlgorithm::for_curve`](crate::SignatureAlgorithm::for_curve)); the area hashes.
    ///
    /// ECDSA: DER `ECDSA-Sig-Value`, to be converted by [`ecdsa_der_to_raw`](crate::ecdsa_der_to_raw).
    /// EdDSA: the RFC 8032 signature.
    ///
    /// # Errors
    /// [`SecureAreaError::Unsupported`] when the key's purpose does not include it; any other variant.
    fn sign<'a>(&'a self, id: &'a KeyId, message: &'a [u8]) -> PortFuture<'a, Vec<u8>>;

    /// The shared secret with `peer`, the x coordinate alone.
    ///
    /// # Errors
    /// [`SecureAreaError::Unsupported`] when the key's purpose does not include it or the curves differ; any other
    /// variant.
    fn agree<'a>(&'a self, id: &'a KeyId, peer: &'a PublicKey) -> PortFuture<'a, SecretBytes>;

    /// Encrypts a secret of the app (such as the vault's data key) under a key that never leaves the area.
    /// `context` is associated data: [`unwrap`](Self::unwrap) must be given the same bytes. The area compares it inside, so
    /// that trying another context takes another use of the area: a PIN enters here. The vault unwraps what it gets once, before it
    /// relies on it, so neither of the two should ask the person.
    ///
    /// # Errors
    /// [`SecureAreaError::Unavailable`], [`SecureAreaError::Failed`].
    fn wrap<'a>(&'a self, context: &'a [u8], secret: &'a SecretBytes) -> PortFuture<'a, Vec<u8>>;

    /// Decrypts what [`wrap`](Self::wrap) gave.
    ///
    /// # Errors
    /// [`SecureAreaError::Integrity`] when the bytes or the context are others; any other variant.
    fn unwrap<'a>(&'a self, context: &'a [u8], wrapped: &'a [u8]) -> PortFuture<'a, SecretBytes>;

    /// Deletes a key for good; deleting one that is not there succeeds.
    ///
    /// # Errors
    /// [`SecureAreaError::Unavailable`], [`SecureAreaError::Failed`].
    fn delete<'a>(&'a self, id: &'a KeyId) -> PortFuture<'a, ()>;

    /// Makes a counter, at a value of the area's choice.
    ///
    /// # Errors
    /// [`SecureAreaError::Unsupported`] by default; see [`Capabilities::counters`].
    fn create_counter(&self) -> PortFuture<'_, CounterId> {
        Box::pin(core::future::ready(Err(SecureAreaError::Unsupported("count"))))
    }

    /// The value of a counter.
    ///
    /// # Errors
    /// [`SecureAreaError::NotFound`]; [`SecureAreaError::Unsupported`] by default.
    fn read_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, u64> {
        let _ = id;
        Box::pin(core::future::ready(Err(SecureAreaError::Unsupported("count"))))
    }

    /// Raises a counter by one and gives the new value, which is durable when this returns. There is no way to lower it.
    ///
    /// # Errors
    /// [`SecureAreaError::NotFound`]; [`SecureAreaError::Unsupported`] by default.
    fn increment_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, u64> {
        let _ = id;
        Box::pin(core::future::ready(Err(SecureAreaError::Unsupported("count"))))
    }

    /// Deletes a counter for good; deleting one that is not there succeeds. A new one never starts below where a deleted one ended,
    /// or has another id.
    ///
    /// # Errors
    /// [`SecureAreaError::Unavailable`], [`SecureAreaError::Failed`].
    fn delete_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, ()> {
        let _ = id;
        Box::pin(core::future::ready(Ok(())))
    }
}
