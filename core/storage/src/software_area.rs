//! A secure area in software, for the desk, for tests and for devices without key hardware.
//!
//! One master key lies in a file that only its owner can read. Keys of credentials are sealed under it, and the
//! sealed bytes *are* the [`KeyId`]: whoever stores the id stores the key. Put into the vault in the transaction of the
//! credential, there is never a credential without its key nor a key without its credential, whatever moment the power
//! goes. Hardware areas give a short handle instead; to the caller both are opaque bytes.

use crate::counter_file::CounterFile;
use crate::files::{self, beside};
use idwallet_crypto::area::{
    Attestation, Authentication, Capabilities, CounterId, Counters, CreatedKey, KeyId, KeyPurpose, KeySpec, PortFuture,
    SOFTWARE_ATTESTATION, SecureArea, SecureAreaError, SecurityLevel,
};
use idwallet_crypto::{
    AeadKey, CryptoError, Curve, PrivateKey, PublicKey, Random, Secret, SecretBytes, SignatureAlgorithm,
    constant_time_eq, ecdsa_raw_to_der, hkdf_sha256, sha256,
};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroize as _;

const MAGIC: &[u8; 16] = b"idwallet area 1\n";
const KEY_LEN: usize = 32;
const CHECK_LEN: usize = 8;
/// Magic, key, the first bytes of the SHA-256 over both.
const FILE_LEN: usize = MAGIC.len() + KEY_LEN + CHECK_LEN;
const NONCE_LEN: usize = 12;
/// What is unwrapped is at most this long: keys, not documents.
const MAX_WRAPPED_LEN: usize = 64 * 1024;

const KEY_CONTEXT: &[u8] = b"idwallet software key 1";

/// Why the area's file was not made or not opened. The file is left as it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AreaFileError {
    /// There is no file.
    #[error("there is no key file here")]
    NotFound,
    /// There is one already; a master key is never written over.
    #[error("there is a key file here already")]
    Exists,
    /// Others than the owner can get at the file or its directory, or it is no plain file.
    #[error("others than its owner may get at {0}")]
    Permissions(&'static str),
    /// It is not a key file, or it was altered.
    #[error("the key file is damaged")]
    Damaged,
    /// Input or output failed.
    #[error("input or output failed: {0}")]
    Io(io::ErrorKind),
    /// There is no randomness.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

impl From<io::Error> for AreaFileError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::AlreadyExists => Self::Exists,
            kind => Self::Io(kind),
        }
    }
}

/// The software area; see the [crate] and the module's text for what it does and does not protect from: whoever can read
/// the owner's files has every key.
pub struct SoftwareSecureArea {
    wrapping: AeadKey,
    keys: AeadKey,
    counters: CounterFile,
    random: Arc<dyn Random>,
}

impl core::fmt::Debug for SoftwareSecureArea {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SoftwareSecureArea(redacted)")
    }
}

impl SoftwareSecureArea {
    /// Makes a new master key and its file (mode 0600; a new directory gets 0700), whole or not at all.
    ///
    /// # Errors
    /// [`AreaFileError::Exists`]; [`AreaFileError::Permissions`] when others may write the directory; [`AreaFileError::Io`].
    pub fn create(path: &Path, random: Arc<dyn Random>) -> Result<Self, AreaFileError> {
        let io = |error| match error {
            crate::Error::FileExists => AreaFileError::Exists,
            crate::Error::NoVault => AreaFileError::NotFound,
            crate::Error::ReadOnly => AreaFileError::Io(io::ErrorKind::PermissionDenied),
            crate::Error::DiskFull => AreaFileError::Io(io::ErrorKind::StorageFull),
            _ => AreaFileError::Io(io::ErrorKind::Other),
        };
        files::create_directory(files::parent(path)).map_err(io)?;
        check_directory(path)?;
        let mut key = Secret::new([0; KEY_LEN]);
        random.fill(key.expose_mut())?;
        let mut content = Secret::new(Vec::with_capacity(FILE_LEN));
        content.expose_mut().extend_from_slice(MAGIC);
        content.expose_mut().extend_from_slice(key.expose());
        let check = sha256(content.expose());
        content.expose_mut().extend(check.iter().take(CHECK_LEN));
        // A name of its own for every attempt: two creations at once do not meet, and a leftover blocks nobody.
        let mut nonce = [0; 8];
        random.fill(&mut nonce)?;
        let temporary = beside(path, &format!(".new-{:016x}", u64::from_be_bytes(nonce)));
        files::create_whole(path, &temporary, content.expose()).map_err(io)?;
        Ok(Self::with_key(path, &key, random)?)
    }

    /// Opens the file.
    ///
    /// # Errors
    /// [`AreaFileError`]: refused when others than the owner may read or write it, or write its directory.
    pub fn open(path: &Path, random: Arc<dyn Random>) -> Result<Self, AreaFileError> {
        let metadata = fs::symlink_metadata(path)?;
        if !metadata.file_type().is_file() {
            return Err(AreaFileError::Permissions("the key file"));
        }
        check_directory(path)?;
        let mut file = File::open(path)?;
        // Of the opened file: the name may mean another one by now.
        #[cfg(unix)]
        if std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions()) & 0o077 != 0 {
            return Err(AreaFileError::Permissions("the key file"));
        }
        if file.metadata()?.len() != u64::try_from(FILE_LEN).unwrap_or(u64::MAX) {
            return Err(AreaFileError::Damaged);
        }
        let mut content = Secret::new([0; FILE_LEN]);
        file.read_exact(content.expose_mut())
            .map_err(|_| AreaFileError::Damaged)?;
        let (body, check) = content
            .expose()
            .split_last_chunk::<CHECK_LEN>()
            .ok_or(AreaFileError::Damaged)?;
        let sum = sha256(body);
        let (magic, key) = body.split_last_chunk::<KEY_LEN>().ok_or(AreaFileError::Damaged)?;
        if magic != MAGIC
            || !sum
                .first_chunk::<CHECK_LEN>()
                .is_some_and(|sum| constant_time_eq(sum, check))
        {
            return Err(AreaFileError::Damaged);
        }
        Ok(Self::with_key(path, &Secret::new(*key), random)?)
    }

    fn with_key(path: &Path, master: &Secret<[u8; KEY_LEN]>, random: Arc<dyn Random>) -> Result<Self, CryptoError> {
        let derive = |info: &[u8]| {
            let mut key = Secret::new([0; 32]);
            hkdf_sha256(master.expose(), b"", info, key.expose_mut())?;
            Ok::<_, CryptoError>(AeadKey::aes_256_gcm(&key))
        };
        Ok(Self {
            wrapping: derive(b"idwallet software area 1 wrap")?,
            keys: derive(b"idwallet software area 1 keys")?,
            counters: CounterFile::new(path, derive(b"idwallet software area 1 counters")?),
            random,
        })
    }

    /// `ciphertext ‖ tag ‖ nonce`.
    fn seal(&self, key: &AeadKey, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, SecureAreaError> {
        if secret.len() > MAX_WRAPPED_LEN {
            return Err(SecureAreaError::Unsupported("wrap more than 64 KiB"));
        }
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| SecureAreaError::Unavailable)?;
        let mut out = key.seal(nonce, context, secret).map_err(failed)?;
        out.extend_from_slice(&nonce);
        Ok(out)
    }

    fn unseal(key: &AeadKey, context: &[u8], sealed: &[u8]) -> Result<SecretBytes, SecureAreaError> {
        let (body, nonce) = sealed
            .split_last_chunk::<NONCE_LEN>()
            .ok_or(SecureAreaError::Integrity)?;
        if sealed.len() > MAX_WRAPPED_LEN.saturating_add(64) {
            return Err(SecureAreaError::Integrity);
        }
        key.open(*nonce, context, body)
            .map(Secret::new)
            .map_err(|_| SecureAreaError::Integrity)
    }

    fn keep(&self, key: &PrivateKey, purpose: KeyPurpose) -> Result<CreatedKey, SecureAreaError> {
        check_purpose(key.public_key().curve(), purpose)?;
        let der = key.to_pkcs8_der().map_err(failed)?;
        let mut plain = Secret::new(Vec::with_capacity(der.expose().len().saturating_add(1)));
        plain.expose_mut().push(purpose_code(purpose));
        plain.expose_mut().extend_from_slice(der.expose());
        let id = KeyId::new(self.seal(&self.keys, KEY_CONTEXT, plain.expose())?);
        Ok(CreatedKey {
            id,
            public_key: *key.public_key(),
            attestation: None,
        })
    }

    fn key(&self, id: &KeyId) -> Result<(PrivateKey, KeyPurpose), SecureAreaError> {
        // Bytes that this area did not seal name no key of it.
        let mut plain = Self::unseal(&self.keys, KEY_CONTEXT, id.as_bytes()).map_err(|_| SecureAreaError::NotFound)?;
        let (code, der) = plain.expose().split_first().ok_or(SecureAreaError::NotFound)?;
        let purpose = purpose_of(*code).ok_or(SecureAreaError::NotFound)?;
        let key = PrivateKey::from_pkcs8_der(der).map_err(failed)?;
        plain.expose_mut().zeroize();
        Ok((key, purpose))
    }

    fn make_key(&self, spec: &KeySpec) -> Result<CreatedKey, SecureAreaError> {
        if spec.authentication != Authentication::None {
            return Err(SecureAreaError::Unsupported("require a person's presence"));
        }
        check_purpose(spec.curve, spec.purpose)?;
        let key = PrivateKey::generate(spec.curve, &*self.random).map_err(failed)?;
        let mut made = self.keep(&key, spec.purpose)?;
        if let Some(challenge) = &spec.attestation_challenge {
            let signature = if spec.purpose.may_sign() {
                sign(&key, &[SOFTWARE_ATTESTATION, challenge].concat())?
            } else {
                Vec::new()
            };
            made.attestation = Some(Attestation::Software(signature));
        }
        Ok(made)
    }

    fn sign_with(&self, id: &KeyId, message: &[u8]) -> Result<Vec<u8>, SecureAreaError> {
        let (key, purpose) = self.key(id)?;
        if !purpose.may_sign() {
            return Err(SecureAreaError::Unsupported("sign with a key made for agreement"));
        }
        sign(&key, message)
    }

    fn agree_with(&self, id: &KeyId, peer: &PublicKey) -> Result<SecretBytes, SecureAreaError> {
        let (key, purpose) = self.key(id)?;
        if !purpose.may_agree() {
            return Err(SecureAreaError::Unsupported("agree with a key made for signatures"));
        }
        if key.public_key().curve() != peer.curve() {
            return Err(SecureAreaError::Unsupported("agree across curves"));
        }
        key.agree(peer).map_err(failed)
    }
}

/// DER for ECDSA, RFC 8032 otherwise.
fn sign(key: &PrivateKey, message: &[u8]) -> Result<Vec<u8>, SecureAreaError> {
    let raw = key.sign(message).map_err(failed)?;
    let curve = key.public_key().curve();
    if matches!(curve, Curve::Ed25519 | Curve::Ed448) {
        return Ok(raw);
    }
    ecdsa_raw_to_der(curve, &raw).map_err(failed)
}

const SIGN_CURVES: [Curve; 9] = [
    Curve::P256,
    Curve::P384,
    Curve::P521,
    Curve::BrainpoolP256r1,
    Curve::BrainpoolP320r1,
    Curve::BrainpoolP384r1,
    Curve::BrainpoolP512r1,
    Curve::Ed25519,
    Curve::Ed448,
];
const AGREE_CURVES: [Curve; 9] = [
    Curve::P256,
    Curve::P384,
    Curve::P521,
    Curve::BrainpoolP256r1,
    Curve::BrainpoolP320r1,
    Curve::BrainpoolP384r1,
    Curve::BrainpoolP512r1,
    Curve::X25519,
    Curve::X448,
];

fn check_purpose(curve: Curve, purpose: KeyPurpose) -> Result<(), SecureAreaError> {
    let signs = SIGN_CURVES.contains(&curve) && SignatureAlgorithm::for_curve(curve).is_some();
    let agrees = AGREE_CURVES.contains(&curve);
    if (purpose == KeyPurpose::Sign && !signs) || (purpose == KeyPurpose::Agree && !agrees) {
        return Err(SecureAreaError::Unsupported(
            "make a key on this curve for this purpose",
        ));
    }
    if purpose == KeyPurpose::SignOrAgree && !(signs && agrees) {
        return Err(SecureAreaError::Unsupported(
            "make a key on this curve for either purpose",
        ));
    }
    Ok(())
}

const fn purpose_code(purpose: KeyPurpose) -> u8 {
    match purpose {
        KeyPurpose::Sign => 1,
        KeyPurpose::Agree => 2,
        KeyPurpose::SignOrAgree => 3,
    }
}

const fn purpose_of(code: u8) -> Option<KeyPurpose> {
    match code {
        1 => Some(KeyPurpose::Sign),
        2 => Some(KeyPurpose::Agree),
        3 => Some(KeyPurpose::SignOrAgree),
        _ => None,
    }
}

/// The codes of [`SecureAreaError::Failed`]: 1 for a curve that cannot do it, 2 for the rest.
fn failed(error: CryptoError) -> SecureAreaError {
    match error {
        CryptoError::Random => SecureAreaError::Unavailable,
        CryptoError::UnsupportedCurve { .. } => SecureAreaError::Unsupported("use this curve"),
        _ => SecureAreaError::Failed(2),
    }
}

/// Whoever may write the directory may put another key file there.
fn check_directory(path: &Path) -> Result<(), AreaFileError> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(files::parent(path))?.permissions());
        if mode & 0o022 != 0 {
            return Err(AreaFileError::Permissions("the directory of the key file"));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn ready<'a, T: Send + 'a>(result: Result<T, SecureAreaError>) -> PortFuture<'a, T> {
    Box::pin(core::future::ready(result))
}

impl SecureArea for SoftwareSecureArea {
    fn capabilities(&self) -> PortFuture<'_, Capabilities> {
        ready(Ok(Capabilities {
            security_level: SecurityLevel::Software,
            sign_curves: SIGN_CURVES.to_vec(),
            agree_curves: AGREE_CURVES.to_vec(),
            sign_or_agree: true,
            attestation: true,
            authentication: false,
            import: true,
            counters: Counters::File,
        }))
    }

    fn create_key<'a>(&'a self, spec: &'a KeySpec) -> PortFuture<'a, CreatedKey> {
        Box::pin(async move { self.make_key(spec) })
    }

    fn import_key<'a>(&'a self, key: PrivateKey, purpose: KeyPurpose) -> PortFuture<'a, CreatedKey> {
        ready(self.keep(&key, purpose))
    }

    fn export_key<'a>(&'a self, id: &'a KeyId) -> PortFuture<'a, PrivateKey> {
        ready(self.key(id).map(|(key, _)| key))
    }

    fn public_key<'a>(&'a self, id: &'a KeyId) -> PortFuture<'a, PublicKey> {
        ready(self.key(id).map(|(key, _)| *key.public_key()))
    }

    fn sign<'a>(&'a self, id: &'a KeyId, message: &'a [u8]) -> PortFuture<'a, Vec<u8>> {
        Box::pin(async move { self.sign_with(id, message) })
    }

    fn agree<'a>(&'a self, id: &'a KeyId, peer: &'a PublicKey) -> PortFuture<'a, SecretBytes> {
        Box::pin(async move { self.agree_with(id, peer) })
    }

    fn wrap<'a>(&'a self, context: &'a [u8], secret: &'a SecretBytes) -> PortFuture<'a, Vec<u8>> {
        ready(self.seal(&self.wrapping, context, secret.expose()))
    }

    fn unwrap<'a>(&'a self, context: &'a [u8], wrapped: &'a [u8]) -> PortFuture<'a, SecretBytes> {
        ready(Self::unseal(&self.wrapping, context, wrapped))
    }

    /// Nothing is kept here: the key goes with the id, so deleting the record that holds the id deletes the key.
    fn delete<'a>(&'a self, _id: &'a KeyId) -> PortFuture<'a, ()> {
        ready(Ok(()))
    }

    fn create_counter(&self) -> PortFuture<'_, CounterId> {
        Box::pin(async move { self.counters.create(&*self.random) })
    }

    fn read_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, u64> {
        Box::pin(async move { self.counters.read(id) })
    }

    fn increment_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, u64> {
        Box::pin(async move { self.counters.increment(&*self.random, id) })
    }

    fn delete_counter<'a>(&'a self, id: &'a CounterId) -> PortFuture<'a, ()> {
        Box::pin(async move { self.counters.delete(&*self.random, id) })
    }
}
