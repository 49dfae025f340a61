//! Revocation lists with the time they were fetched (A-V14, A-C44).

use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::{Crl, CrlProblem, TrustAnchors, pem};

use crate::{TrustError, limits};

/// Revocation lists of any issuers, each with when it was fetched.
///
/// A list is kept beside another of the same issuer: nothing here verifies signatures, and a list that is not genuine
/// must not push out one that is. Path validation uses every list that its issuer signed. [`supersede`](Self::supersede)
/// replaces, after verifying.
#[derive(Debug, Clone, Default)]
pub struct CrlStore {
    crls: Vec<Crl>,
    /// One for each of `crls`.
    fetched_at: Vec<Timestamp>,
}

/// What came of a list offered to [`CrlStore::supersede`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Superseded {
    /// It is in the store now; this many older ones are not any more.
    Replaced(usize),
    /// The store has a newer one of this issuer and keeps it: a replayed list does not undo a revocation.
    KeptNewer,
}

impl CrlStore {
    /// No lists.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the lists of a PEM text, or one in DER; gives their number.
    ///
    /// # Errors
    /// [`TrustError::X509`], [`TrustError::Limit`]; nothing is added then.
    pub fn add_pem_or_der(&mut self, bytes: &[u8], fetched_at: Timestamp) -> Result<usize, TrustError> {
        let crls = pem::read_crls_or_der(bytes)?;
        if self.crls.len().saturating_add(crls.len()) > limits::CRLS {
            return Err(TrustError::Limit("the number of revocation lists"));
        }
        let count = crls.len();
        for crl in crls {
            self.add(crl, fetched_at)?;
        }
        Ok(count)
    }

    /// Adds a list; one that is there already gets the later of the two times.
    ///
    /// # Errors
    /// [`TrustError::Limit`].
    pub fn add(&mut self, crl: Crl, fetched_at: Timestamp) -> Result<(), TrustError> {
        if let Some(at) = self.crls.iter().position(|other| other.der() == crl.der()) {
            if let Some(time) = self.fetched_at.get_mut(at) {
                *time = (*time).max(fetched_at);
            }
            return Ok(());
        }
        if self.crls.len() >= limits::CRLS {
            return Err(TrustError::Limit("the number of revocation lists"));
        }
        self.crls.push(crl);
        self.fetched_at.push(fetched_at);
        Ok(())
    }

    /// Puts a list in the place of the older ones of the same issuer, if an anchor of `issuers` has signed it.
    ///
    /// # Errors
    /// [`CrlProblem::Signature`] or [`CrlProblem::NoneOfIssuer`] where none has; the store stays as it is.
    pub fn supersede(
        &mut self,
        crl: Crl,
        fetched_at: Timestamp,
        issuers: &TrustAnchors,
    ) -> Result<Superseded, CrlProblem> {
        let mut problem = CrlProblem::NoneOfIssuer;
        let mut signed_by = None;
        for anchor in issuers.with_subject(crl.issuer().der()) {
            // The time at which the list itself is current: only the signature is asked about here.
            match crl.check(anchor.certificate(), crl.this_update()) {
                Ok(()) | Err(CrlProblem::NoNextUpdate | CrlProblem::Expired) => signed_by = Some(anchor.certificate()),
                Err(other) => problem = other,
            }
        }
        let Some(issuer) = signed_by else { return Err(problem) };
        let is_of_issuer = |other: &Crl| {
            !matches!(
                other.check(issuer, other.this_update()),
                Err(CrlProblem::NoneOfIssuer | CrlProblem::Signature | CrlProblem::KeyUsage)
            )
        };
        let newer = self
            .crls
            .iter()
            .any(|other| other.this_update() > crl.this_update() && is_of_issuer(other));
        if newer {
            return Ok(Superseded::KeptNewer);
        }
        let mut kept = Self::new();
        for (other, time) in self.crls.iter().zip(&self.fetched_at) {
            if !is_of_issuer(other) {
                kept.crls.push(other.clone());
                kept.fetched_at.push(*time);
            }
        }
        let replaced = self.crls.len().saturating_sub(kept.crls.len());
        kept.crls.push(crl);
        kept.fetched_at.push(fetched_at);
        *self = kept;
        Ok(Superseded::Replaced(replaced))
    }

    /// The lists as path validation takes them.
    #[must_use]
    pub fn as_slice(&self) -> &[Crl] {
        &self.crls
    }

    /// Every list with when it was fetched.
    pub fn iter(&self) -> impl Iterator<Item = (&Crl, Timestamp)> {
        self.crls.iter().zip(self.fetched_at.iter().copied())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.crls.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.crls.is_empty()
    }
}
