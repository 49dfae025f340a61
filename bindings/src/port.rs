//! What the app gives the library: a secure area, a clock, a place for its log.

use async_trait::async_trait;
use idwallet_wallet::area::{self, CounterId, KeyId, PortFuture};
use idwallet_wallet::{Moment, PublicKey, SecretBytes, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// What time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct Now {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub unix_seconds: i64,
    /// Milliseconds since the device was started, sleep included where the platform counts it. Begins at 0 with every start, and nobody
    /// can set it: waits after wrong PINs are measured by it.
    pub uptime_millis: u64,
}

/// Why a port of the app could not answer.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum PortError {
    /// It failed.
    #[error("the port failed")]
    Failed {
        /// For a developer; not kept.
        detail: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for PortError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        // The text may have anything in it.
        Self::Failed { detail: String::new() }
    }
}

/// A clock.
#[uniffi::export(with_foreign)]
pub trait Clock: Send + Sync {
    /// What time it is. Is asked once at the beginning of a call, from the thread of the call.
    fn now(&self) -> Result<Now, PortError>;
}

/// How much a line of the log matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum LogLevel {
    /// Something was done.
    Info,
    /// A call was refused; the app knows from the error it got.
    Warning,
    /// Something is wrong with this software, the platform or a port.
    Error,
}

/// A line of the log. Has no personal data, names of readers, keys or values.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LogRecord {
    /// How much it matters.
    pub level: LogLevel,
    /// The call it is about, such as `unlock`.
    pub call: String,
    /// The code of the error, if it is one.
    pub code: Option<String>,
    /// What happened, in English.
    pub detail: String,
}

/// A place for the log.
#[uniffi::export(with_foreign)]
pub trait LogSink: Send + Sync {
    /// Takes a line. Is called from the thread of the call that it is about; what it throws is ignored.
    fn log(&self, record: LogRecord) -> Result<(), PortError>;
}

/// The curve of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Curve {
    /// NIST P-256: what hardware has.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// brainpoolP256r1 (RFC 5639).
    BrainpoolP256r1,
    /// brainpoolP320r1 (RFC 5639).
    BrainpoolP320r1,
    /// brainpoolP384r1 (RFC 5639).
    BrainpoolP384r1,
    /// brainpoolP512r1 (RFC 5639).
    BrainpoolP512r1,
    /// Ed25519 (RFC 8032): signatures only.
    Ed25519,
    /// Ed448 (RFC 8032): signatures only.
    Ed448,
    /// X25519 (RFC 7748): agreement only.
    X25519,
    /// X448 (RFC 7748): agreement only.
    X448,
}

macro_rules! same_variants {
    ($ours:ident, $core:path, $($variant:ident)*) => {
        impl From<$core> for $ours {
            fn from(core: $core) -> Self {
                use $core as Core;
                match core { $(Core::$variant => Self::$variant),* }
            }
        }
        impl From<$ours> for $core {
            fn from(ours: $ours) -> Self {
                match ours { $($ours::$variant => Self::$variant),* }
            }
        }
    };
}

same_variants!(Curve, idwallet_wallet::Curve,
    P256 P384 P521 BrainpoolP256r1 BrainpoolP320r1 BrainpoolP384r1 BrainpoolP512r1 Ed25519 Ed448 X25519 X448);

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum KeyPurpose {
    /// ECDSA or EdDSA signatures.
    Sign,
    /// Key agreement (device MAC).
    Agree,
    /// Either, fixed at first use; for hardware that can do both with one key.
    SignOrAgree,
}

same_variants!(KeyPurpose, area::KeyPurpose, Sign Agree SignOrAgree);

/// Where the keys of an area live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SecurityLevel {
    /// In the memory of the app, or in a file.
    Software,
    /// In a trusted execution environment.
    TrustedEnvironment,
    /// In a separate secure processor (StrongBox, Secure Enclave).
    SecureElement,
}

same_variants!(SecurityLevel, area::SecurityLevel, Software TrustedEnvironment SecureElement);

/// What an area's counters hold against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Counters {
    /// It has none: a vault that is put back whole cannot be told from the current one.
    None,
    /// They lie in a file of their own: a vault that is put back is noticed, unless that file is put back with it.
    File,
    /// They lie in hardware, or elsewhere out of reach of who can write the owner's files.
    Hardware,
}

same_variants!(Counters, area::Counters, None File Hardware);

/// What the hardware requires before it uses a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
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
        /// How many seconds one proof of presence counts.
        seconds: u32,
    },
}

impl From<Authentication> for area::Authentication {
    fn from(ours: Authentication) -> Self {
        match ours {
            Authentication::None => Self::None,
            Authentication::DeviceUnlocked => Self::DeviceUnlocked,
            Authentication::EveryUse => Self::EveryUse,
            Authentication::BiometryEveryUse => Self::BiometryEveryUse,
            Authentication::Within { seconds } => Self::Within { seconds },
        }
    }
}

impl From<area::Authentication> for Authentication {
    fn from(core: area::Authentication) -> Self {
        match core {
            area::Authentication::None => Self::None,
            area::Authentication::DeviceUnlocked => Self::DeviceUnlocked,
            area::Authentication::BiometryEveryUse => Self::BiometryEveryUse,
            area::Authentication::Within { seconds } => Self::Within { seconds },
            // Whatever is stronger than what this boundary knows asks for presence every time.
            _ => Self::EveryUse,
        }
    }
}

/// A key to be made.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct KeySpec {
    /// The curve. Hardware often has P-256 only.
    pub curve: Curve,
    /// What the key will do.
    pub purpose: KeyPurpose,
    /// What its use requires.
    pub authentication: Authentication,
    /// The issuer's nonce, when an attestation of the key is wanted.
    pub attestation_challenge: Option<Vec<u8>>,
}

impl From<KeySpec> for area::KeySpec {
    fn from(spec: KeySpec) -> Self {
        Self {
            curve: spec.curve.into(),
            purpose: spec.purpose.into(),
            authentication: spec.authentication.into(),
            attestation_challenge: spec.attestation_challenge,
        }
    }
}

impl From<&area::KeySpec> for KeySpec {
    fn from(spec: &area::KeySpec) -> Self {
        Self {
            curve: spec.curve.into(),
            purpose: spec.purpose.into(),
            authentication: spec.authentication.into(),
            attestation_challenge: spec.attestation_challenge.clone(),
        }
    }
}

/// The platform's evidence of where a key lives.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Attestation {
    /// Android key attestation.
    AndroidKey {
        /// DER certificates, the key's first.
        certificates: Vec<Vec<u8>>,
    },
    /// Apple App Attest.
    AppleAppAttest {
        /// The attestation object (CBOR).
        object: Vec<u8>,
    },
    /// A key in software: no hardware vouches for it.
    Software {
        /// The key's own signature over the challenge; empty for a key that cannot sign.
        proof: Vec<u8>,
    },
}

impl From<Attestation> for area::Attestation {
    fn from(ours: Attestation) -> Self {
        match ours {
            Attestation::AndroidKey { certificates } => Self::AndroidKey(certificates),
            Attestation::AppleAppAttest { object } => Self::AppleAppAttest(object),
            Attestation::Software { proof } => Self::Software(proof),
        }
    }
}

pub(crate) fn attestation(core: area::Attestation) -> Option<Attestation> {
    match core {
        area::Attestation::AndroidKey(certificates) => Some(Attestation::AndroidKey { certificates }),
        area::Attestation::AppleAppAttest(object) => Some(Attestation::AppleAppAttest { object }),
        area::Attestation::Software(proof) => Some(Attestation::Software { proof }),
        _ => None,
    }
}

/// A key that was made.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CreatedKey {
    /// Its name in the area; opaque to the library.
    pub id: Vec<u8>,
    /// Its public half: DER `SubjectPublicKeyInfo`.
    pub public_key: Vec<u8>,
    /// Evidence of where it lives; only if a challenge was given and the area can attest.
    pub attestation: Option<Attestation>,
}

/// What an area can do.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AreaCapabilities {
    /// Where its keys live.
    pub security_level: SecurityLevel,
    /// Curves of keys that sign.
    pub sign_curves: Vec<Curve>,
    /// Curves of keys that agree.
    pub agree_curves: Vec<Curve>,
    /// Whether one key may be made for either use.
    pub sign_or_agree: bool,
    /// Whether it gives attestations.
    pub attestation: bool,
    /// Whether it can require a person's presence.
    pub authentication: bool,
    /// What its counters hold against, if it has any.
    pub counters: Counters,
}

/// Why an area did not do what it was asked to. The variants are reactions.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum SecureAreaError {
    /// The person closed the prompt.
    #[error("the person cancelled")]
    UserCancelled,
    /// The person must authenticate, or unlock the device, first; try again after that.
    #[error("the person must authenticate first")]
    AuthenticationRequired,
    /// The key is gone for good, because biometry changed or the device lock was removed.
    #[error("the key was invalidated by the device")]
    KeyInvalidated,
    /// There is no key or counter of this name.
    #[error("no such key")]
    NotFound,
    /// The hardware does not answer now; a later attempt may succeed.
    #[error("the key store is not available")]
    Unavailable,
    /// There is no such hardware here. Waiting does not help.
    #[error("the key store's hardware is not there")]
    HardwareAbsent,
    /// There is no room left for what the area has to write; nothing was changed.
    #[error("no room left for the key store's files")]
    Full,
    /// What the area has to write lies where it may not be written; nothing was changed.
    #[error("the key store's files cannot be written")]
    ReadOnly,
    /// The area cannot do this at all.
    #[error("the key store cannot do this")]
    Unsupported,
    /// A wrapped secret was altered, or was wrapped for another context or by another area.
    #[error("the wrapped secret does not authenticate")]
    Integrity,
    /// Anything else.
    #[error("the key store failed")]
    Failed {
        /// The platform's code; means nothing to the library.
        platform_code: i32,
    },
}

/// The platform code of a [`SecureAreaError::Failed`] that stands for an exception which the app's area did not declare.
const UNDECLARED: i32 = i32::MIN;

impl From<uniffi::UnexpectedUniFFICallbackError> for SecureAreaError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed {
            platform_code: UNDECLARED,
        }
    }
}

impl From<SecureAreaError> for area::SecureAreaError {
    fn from(error: SecureAreaError) -> Self {
        match error {
            SecureAreaError::UserCancelled => Self::UserCancelled,
            SecureAreaError::AuthenticationRequired => Self::AuthenticationRequired,
            SecureAreaError::KeyInvalidated => Self::KeyInvalidated,
            SecureAreaError::NotFound => Self::NotFound,
            SecureAreaError::Unavailable => Self::Unavailable,
            SecureAreaError::HardwareAbsent => Self::HardwareAbsent,
            SecureAreaError::Full => Self::Full,
            SecureAreaError::ReadOnly => Self::ReadOnly,
            SecureAreaError::Unsupported => Self::Unsupported("do this"),
            SecureAreaError::Integrity => Self::Integrity,
            SecureAreaError::Failed { platform_code } => Self::Failed(platform_code),
        }
    }
}

/// A store of keys and secrets that the device protects: `AndroidKeyStore`, the Secure Enclave, a token. The app implements it.
///
/// Private keys never leave it. Any call may wait for a person or for hardware, may be abandoned while it does, and may call
/// the wallet meanwhile.
#[uniffi::export(with_foreign)]
#[async_trait]
pub trait SecureArea: Send + Sync {
    /// What the area can do.
    async fn capabilities(&self) -> Result<AreaCapabilities, SecureAreaError>;

    /// Makes a key inside the area. It never gives less than was asked for: what the hardware does not have is `Unsupported`.
    async fn create_key(&self, spec: KeySpec) -> Result<CreatedKey, SecureAreaError>;

    /// The public half of a key, DER `SubjectPublicKeyInfo`; asks nobody.
    async fn public_key(&self, id: Vec<u8>) -> Result<Vec<u8>, SecureAreaError>;

    /// Signs with the one algorithm of the key's curve; the area hashes (SHA-256 for P-256, SHA-384 for P-384, SHA-512 for P-521).
    /// ECDSA: DER `ECDSA-Sig-Value`. EdDSA: the RFC 8032 signature.
    async fn sign(&self, id: Vec<u8>, data: Vec<u8>) -> Result<Vec<u8>, SecureAreaError>;

    /// The shared secret with `peer` (DER `SubjectPublicKeyInfo`): the x coordinate alone.
    async fn agree(&self, id: Vec<u8>, peer: Vec<u8>) -> Result<Vec<u8>, SecureAreaError>;

    /// Encrypts a secret under a key that never leaves the area. `context` is associated data: `unwrap` is given the same bytes, and
    /// the area compares it inside, so that trying another context takes another use of the area: a PIN enters here.
    async fn wrap(&self, context: Vec<u8>, secret: Vec<u8>) -> Result<Vec<u8>, SecureAreaError>;

    /// Decrypts what `wrap` gave; `Integrity` when the bytes or the context are others.
    async fn unwrap(&self, context: Vec<u8>, wrapped: Vec<u8>) -> Result<Vec<u8>, SecureAreaError>;

    /// Deletes a key for good; deleting one that is not there succeeds.
    async fn delete_key(&self, id: Vec<u8>) -> Result<(), SecureAreaError>;

    /// Makes a counter, at a value of the area's choice. `Unsupported` by an area without counters.
    async fn create_counter(&self) -> Result<Vec<u8>, SecureAreaError>;

    /// The value of a counter.
    async fn read_counter(&self, id: Vec<u8>) -> Result<u64, SecureAreaError>;

    /// Raises a counter by one and gives the new value, which is durable when this returns. There is no way to lower it.
    async fn increment_counter(&self, id: Vec<u8>) -> Result<u64, SecureAreaError>;

    /// Deletes a counter for good; deleting one that is not there succeeds.
    async fn delete_counter(&self, id: Vec<u8>) -> Result<(), SecureAreaError>;
}

/// The app's area as the core sees it.
pub(crate) struct ForeignArea(pub(crate) Arc<dyn SecureArea>);

fn public_key(spki: &[u8]) -> Result<PublicKey, area::SecureAreaError> {
    // What is no key is a fault of the area, not of the call.
    PublicKey::from_spki_der(spki).map_err(|_| area::SecureAreaError::Integrity)
}

fn curves(ours: Vec<Curve>) -> Vec<idwallet_wallet::Curve> {
    ours.into_iter().map(Into::into).collect()
}

impl area::SecureArea for ForeignArea {
    fn capabilities(&self) -> PortFuture<'_, area::Capabilities> {
        Box::pin(async move {
            let ours = self.0.capabilities().await?;
            Ok(area::Capabilities {
                security_level: ours.security_level.into(),
                sign_curves: curves(ours.sign_curves),
                agree_curves: curves(ours.agree_curves),
                sign_or_agree: ours.sign_or_agree,
                attestation: ours.attestation,
                authentication: ours.authentication,
                import: false,
                counters: ours.counters.into(),
            })
        })
    }

    fn create_key<'a>(&'a self, spec: &'a area::KeySpec) -> PortFuture<'a, area::CreatedKey> {
        Box::pin(async move {
            let key = self.0.create_key(spec.into()).await?;
            Ok(area::CreatedKey {
                id: KeyId::new(key.id),
                public_key: public_key(&key.public_key)?,
                attestation: key.attestation.map(Into::into),
            })
        })
    }

    fn public_key<'a>(&'a self, id: &'a KeyId) -> PortFuture<'a, PublicKey> {
        Box::pin(async move { public_key(&self.0.public_key(id.as_bytes().to_vec()).await?) })
    }

    fn sign<'a>(&'a self, id: &'a KeyId, message: &'a [u8]) -> PortFuture<'a, Vec<u8>> {
        Box::pin(async move { Ok(self.0.sign(id.as_bytes().to_vec(), message.to_vec()).await?) })
    }

    fn agree<'a>(&'a self, id: &'a KeyId, peer: &'a PublicKey) -> PortFuture<'a, SecretBytes> {
        Box::pin(async move {
            let secret = self.0.agree(id.as_bytes().to_vec(), peer.to_spki_der()).await?;
            Ok(SecretBytes::new(secret))
        })
    }

    fn wrap<'a>(&'a self, context: &'a [u8], secret: &'a SecretBytes) -> PortFuture<'a, Vec<u8>> {
        Box::pin(async move { Ok(self.0.wrap(context.to_vec(), secret.expose().to_vec()).await?) })
    }

    fn unwrap<'a>(&'a self, context: &'a [u8], wrapped: &'a [u8]) -> PortFuture<'a, SecretBytes> {
        Box::pin(async move {
            let secret = self.0.unwrap(context.to_vec(), wrapped.to_vec()).await?;
            Ok(SecretBytes::new(secret))
        })
    }

    fn delete<'a>(&'a self, id: &'a KeyId) -> PortFuture<'a, ()> {
        Box::pin(async move { Ok(self.0.delete_key(id.as_bytes().to_vec()).await?) })
    }

    fn create_counter(&self) -> PortFuture<'_, CounterId> {
        Box::pin(async move { Ok(CounterId::new(self.0.create_counter().await?)) })
    }

    fn read_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, u64> {
        Box::pin(async move { Ok(self.0.read_counter(id.as_bytes().to_vec()).await?) })
    }

    fn increment_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, u64> {
        Box::pin(async move { Ok(self.0.increment_counter(id.as_bytes().to_vec()).await?) })
    }

    fn delete_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, ()> {
        Box::pin(async move { Ok(self.0.delete_counter(id.as_bytes().to_vec()).await?) })
    }
}

/// The app's clock, asked.
pub(crate) fn moment(clock: &dyn Clock) -> Result<Moment, crate::WalletError> {
    let now = clock.now().map_err(|_| crate::WalletError::port("clock"))?;
    let wall = Timestamp::from_unix(now.unix_seconds);
    Ok(Moment {
        wall,
        uptime: Duration::from_millis(now.uptime_millis),
    })
}
