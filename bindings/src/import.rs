//! Taking documents in.

use crate::port::attestation;
use crate::text::count;
use crate::trust::issuers;
use crate::{Attestation, Finding, KeySpec, TrustStore, Wallet, WalletError};
use idwallet_wallet as core;
use idwallet_wallet::{Policy, PrivateKey, x509};
use std::sync::Arc;

/// How strictly certificates and documents are held to their profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Strictness {
    /// ISO 18013-5 to the letter.
    Iso,
    /// The key purposes of ISO/IEC 23220 alone will do for documents other than the driving licence.
    Generic,
    /// Departures from certificate profiles and forms are warnings.
    Lenient,
}

impl From<Strictness> for x509::Strictness {
    fn from(ours: Strictness) -> Self {
        match ours {
            Strictness::Iso => Self::Iso,
            Strictness::Generic => Self::Generic,
            Strictness::Lenient => Self::Lenient,
        }
    }
}

/// A device key that waits for its document.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DeviceKey {
    /// The key for the issuer to put into the document: DER `SubjectPublicKeyInfo`.
    pub public_key: Vec<u8>,
    /// Evidence of where the key lives, if a challenge was given and the area can attest.
    pub attestation: Option<Attestation>,
}

/// One copy of a document that is to be imported.
#[derive(Clone, uniffi::Record)]
pub struct NewCopy {
    /// `IssuerSigned` (CBOR) as the issuer gave it.
    pub issuer_signed: Vec<u8>,
    /// The device key if it was made elsewhere, PKCS#8 in PEM or DER: the software area alone takes it. Nothing for a key of
    /// `create_device_key`.
    pub device_key: Option<Vec<u8>>,
}

impl ::core::fmt::Debug for NewCopy {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        write!(f, "NewCopy({} bytes)", self.issuer_signed.len())
    }
}

/// How a document is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct ImportOptions {
    /// How strictly its profile is taken.
    pub strictness: Strictness,
}

/// A document that is now in the wallet.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Imported {
    /// Its id.
    pub id: String,
    /// How many copies it has.
    pub copies: u32,
    /// What the policy let pass, in English with the clause.
    pub warnings: Vec<String>,
    /// What its owner should know.
    pub findings: Vec<Finding>,
    /// The older documents that are no longer shown now that this one is there.
    pub replaces: Vec<String>,
}

/// A private key in PKCS#8, PEM or DER.
pub(crate) fn private_key(bytes: &[u8]) -> Result<PrivateKey, WalletError> {
    let key = match std::str::from_utf8(bytes) {
        Ok(text) if text.trim_start().starts_with("-----BEGIN") => PrivateKey::from_pkcs8_pem(text),
        _ => PrivateKey::from_pkcs8_der(bytes),
    };
    key.map_err(|_| WalletError::argument("not a private key in PKCS#8 (RFC 5958)"))
}

#[uniffi::export]
impl Wallet {
    /// Makes a device key in the secure area and remembers it, so that a document issued to it can be imported, also much later.
    ///
    /// # Errors
    /// [`WalletError::Unsupported`] for what the area does not have; others of the area; [`WalletError::Locked`],
    /// [`WalletError::Storage`].
    pub async fn create_device_key(&self, spec: KeySpec) -> Result<DeviceKey, WalletError> {
        let inner = self.inner();
        inner
            .wait("create_device_key", async {
                let (wallet, _) = inner.open()?;
                let key = wallet.create_device_key_as(&spec.into()).await?;
                Ok(DeviceKey {
                    public_key: key.public_key.to_spki_der(),
                    attestation: key.attestation.and_then(attestation),
                })
            })
            .await
    }

    /// Takes a document in, in one copy or several. Each copy is verified whole at this moment, its issuer must be trusted, its device key must
    /// be held by the wallet or come with it; then everything is stored in one transaction.
    ///
    /// # Errors
    /// [`WalletError::Issuer`], [`WalletError::Untrusted`], [`WalletError::Expired`]; [`WalletError::InvalidState`] when it is there
    /// already, and without a copy; those of the area; [`WalletError::Locked`], [`WalletError::Storage`]. Nothing was stored in any of these cases.
    pub async fn import_document(
        &self,
        copies: Vec<NewCopy>,
        trust: Arc<TrustStore>,
        options: ImportOptions,
    ) -> Result<Imported, WalletError> {
        let inner = self.inner();
        inner
            .wait("import_document", async {
                let copies = copies.into_iter().map(|copy| {
                    Ok(match copy.device_key {
                        Some(key) => core::NewCopy::with_device_key(copy.issuer_signed, private_key(&key)?),
                        None => core::NewCopy::new(copy.issuer_signed),
                    })
                });
                let copies = copies.collect::<Result<_, WalletError>>()?;
                let (wallet, now) = inner.open()?;
                let policy = Policy::new(options.strictness.into(), now.wall);
                let store = trust.snapshot();
                let imported = wallet.import(copies, &policy, &issuers(&store)).await?;
                Ok(Imported {
                    id: imported.id.to_string(),
                    copies: count(imported.copies),
                    warnings: imported.warnings.iter().map(|(_, fault)| fault.to_string()).collect(),
                    findings: imported.findings.iter().map(Into::into).collect(),
                    replaces: imported.replaces().map(|id| id.to_string()).collect(),
                })
            })
            .await
    }
}
