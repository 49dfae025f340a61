//! Whom the app trusts.

use crate::WalletError;
use crate::guard::{lock, sync};
use crate::text::count;
use idwallet_verifier::{TrustStore as Core, x509::RevocationRequirement};
use idwallet_wallet::{IssuerTrust, ReaderTrust, Timestamp, x509::Strictness};
use std::sync::{Arc, Mutex};

/// An authority that is trusted from now on.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AnchorReport {
    /// The name in its certificate.
    pub subject: String,
    /// What is unusual about the certificate, in English with the clause; empty for a usual one.
    pub findings: Vec<String>,
}

/// Whom the app trusts: authorities of issuers and of readers, lists of revoked certificates, status lists. Holds no personal data.
///
/// May be filled at any time; what was begun with it goes on with what it had then.
#[derive(uniffi::Object, Default)]
pub struct TrustStore(Mutex<Arc<Core>>);

#[uniffi::export]
impl TrustStore {
    /// Trusts nobody yet.
    #[uniffi::constructor]
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Trusts issuer authorities (IACA): every certificate of a PEM text, or one in DER. Certificates must come with the app or from its
    /// operator, never from a document or a reader.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] when it is no certificate; nobody new is trusted then.
    pub fn add_issuer_anchors(&self, pem_or_der: Vec<u8>) -> Result<Vec<AnchorReport>, WalletError> {
        self.change(|store| Ok(store.add_issuer_anchors(&pem_or_der)?))
            .map(reports)
    }

    /// Trusts reader authorities: every certificate of a PEM text, or one in DER.
    ///
    /// # Errors
    /// As [`add_issuer_anchors`](Self::add_issuer_anchors).
    pub fn add_reader_anchors(&self, pem_or_der: Vec<u8>) -> Result<Vec<AnchorReport>, WalletError> {
        self.change(|store| Ok(store.add_reader_anchors(&pem_or_der)?))
            .map(reports)
    }

    /// Takes lists of revoked certificates (CRL), PEM or DER, which were fetched at that time. Gives how many.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] when it is none; nothing is taken then.
    pub fn add_crls(&self, pem_or_der: Vec<u8>, fetched_at: i64) -> Result<u32, WalletError> {
        let at = Timestamp::from_unix(fetched_at);
        self.change(|store| Ok(store.add_crls(&pem_or_der, at)?)).map(count)
    }

    /// Takes the status list that is published at `uri` and was fetched at that time.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] when it is none; nothing is taken then.
    pub fn add_status_list(&self, uri: String, token: Vec<u8>, fetched_at: i64) -> Result<(), WalletError> {
        let at = Timestamp::from_unix(fetched_at);
        self.change(|store| Ok(store.add_list(&uri, &token, at)?))
    }
}

fn reports(core: Vec<idwallet_verifier::AnchorReport>) -> Vec<AnchorReport> {
    let reports = core.into_iter().map(|report| AnchorReport {
        subject: report.certificate.subject().to_string(),
        findings: report.findings.iter().map(ToString::to_string).collect(),
    });
    reports.collect()
}

impl TrustStore {
    /// What it has now.
    pub(crate) fn snapshot(&self) -> Arc<Core> {
        Arc::clone(&lock(&self.0))
    }

    /// All of a change or nothing of it.
    fn change<T>(&self, change: impl FnOnce(&mut Core) -> Result<T, WalletError>) -> Result<T, WalletError> {
        sync(|| {
            let mut store = lock(&self.0);
            let mut changed = Core::clone(&store);
            let out = change(&mut changed)?;
            *store = Arc::new(changed);
            Ok(out)
        })
    }
}

/// What the wallet believes of issuers.
pub(crate) fn issuers(store: &Core) -> IssuerTrust<'_> {
    IssuerTrust::new(store.issuer_anchors()).crls(store.crls())
}

/// What the wallet believes of readers.
pub(crate) fn readers(store: &Core, at: Timestamp) -> ReaderTrust<'_> {
    ReaderTrust {
        anchors: store.reader_anchors(),
        crls: store.crls(),
        revocation: RevocationRequirement::IfAvailable,
        strictness: Strictness::Iso,
        at,
    }
}
