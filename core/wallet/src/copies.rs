//! Which copy of a document is shown, how many are left, and when to fetch more (H-H36, H-H37, H-H53).

use crate::record::{BY_STATE, CONDEMNED, COPY, CopyRecord, DOCUMENT, DocumentRecord, KEY};
use crate::{DocumentId, DocumentState, Removed, Wallet, WalletError};
use idwallet_crypto::Order as _;
use idwallet_crypto::x509::Certificate;
use idwallet_crypto::{Timestamp, sha256};
use idwallet_documents::Lang;
use idwallet_storage::Lookup;

/// Seconds before the end of the validity at which a document is to be fetched anew, where the issuer says nothing.
const LIFETIME_LEFT: u64 = 7 * 24 * 60 * 60;

/// What a copy remembers its reader by.
pub(crate) type ReaderKey = [u8; 16];

/// How the copies of a document are used: methods A to D of `credential_reuse_policy` (H-H36, ISSU_37 to ISSU_57).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CopyMethod {
    /// A: each copy once.
    OnceOnly,
    /// B: a copy again and again until its validity ends, which is soon.
    LimitedTime,
    /// C: in random order, each copy once a round; a new round begins when all were shown.
    RotatingBatch,
    /// D: to one verified reader always the same copy, to every other one another.
    PerReader,
}

impl CopyMethod {
    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::OnceOnly => 1,
            Self::LimitedTime => 2,
            Self::RotatingBatch => 3,
            Self::PerReader => 4,
        }
    }

    pub(crate) const fn from_number(number: u64) -> Option<Self> {
        match number {
            1 => Some(Self::OnceOnly),
            2 => Some(Self::LimitedTime),
            3 => Some(Self::RotatingBatch),
            4 => Some(Self::PerReader),
            _ => None,
        }
    }
}

/// How the issuer wants the copies of a document used, and when new ones are to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiesPolicy {
    /// The first is in force while it has a copy to give. What a later one gives of copies that were shown is offered as
    /// [`CopyUse::Again`] and needs the owner's word.
    pub(crate) methods: Vec<CopyMethod>,
    pub(crate) unused_limit: Option<u64>,
    pub(crate) lifetime_left: Option<u64>,
    pub(crate) batch_size: Option<u64>,
}

impl CopiesPolicy {
    /// Copies are used in this way; when there is none left, the document cannot be shown.
    #[must_use]
    pub fn new(method: CopyMethod) -> Self {
        Self {
            methods: vec![method],
            unused_limit: None,
            lifetime_left: Some(LIFETIME_LEFT),
            batch_size: None,
        }
    }

    /// When there is none left, this way is tried next, such as B after A where there is no network.
    #[must_use]
    pub fn then(mut self, method: CopyMethod) -> Self {
        if !self.methods.contains(&method) {
            self.methods.push(method);
        }
        self
    }

    /// New copies are to be fetched when so many are unused, or fewer (`reissue_trigger_unused`).
    #[must_use]
    pub const fn reissue_at_unused(mut self, left: u64) -> Self {
        self.unused_limit = Some(left);
        self
    }

    /// New copies are to be fetched when the last one is valid for fewer seconds (`reissue_trigger_lifetime_left`).
    #[must_use]
    pub const fn reissue_at_lifetime(mut self, seconds: u64) -> Self {
        self.lifetime_left = Some(seconds);
        self
    }

    /// How many to fetch at a time (`batch_size`).
    #[must_use]
    pub const fn batch_size(mut self, copies: u64) -> Self {
        self.batch_size = Some(copies);
        self
    }

    /// The methods, the one in force first.
    #[must_use]
    pub fn methods(&self) -> &[CopyMethod] {
        &self.methods
    }

    /// The method in force.
    #[must_use]
    pub fn method(&self) -> CopyMethod {
        self.methods.first().copied().unwrap_or(CopyMethod::OnceOnly)
    }

    /// Where the issuer says nothing: one copy is shown again and again, several are shown once each and then no more.
    pub(crate) fn usual(copies: &[CopyRecord]) -> Self {
        let total = u64::try_from(copies.len()).unwrap_or(u64::MAX);
        let method = if total > 1 {
            CopyMethod::OnceOnly
        } else {
            CopyMethod::LimitedTime
        };
        let from = copies.iter().map(|copy| copy.valid_from).min();
        let until = copies.iter().map(|copy| copy.valid_until).max();
        let lifetime = until.zip(from).map_or(0, |(until, from)| until.seconds_since(from));
        // A credential of a day is not to be fetched a week before its end.
        let tenth = u64::try_from(lifetime).unwrap_or_default() / 10;
        Self {
            methods: vec![method],
            unused_limit: (total > 1).then(|| (total / 5).max(1)),
            lifetime_left: Some(LIFETIME_LEFT.min(tenth)),
            batch_size: (total > 1).then_some(total),
        }
    }

    /// Whether showing a copy changes which one is shown next.
    pub(crate) fn counts(&self) -> bool {
        self.methods.iter().any(|method| *method != CopyMethod::LimitedTime)
    }

    fn takes_used(&self) -> bool {
        self.methods.iter().any(|method| *method != CopyMethod::OnceOnly)
    }
}

/// Which copy of a document would be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CopyUse {
    /// There is one copy only: readers can tell that they met the same document.
    Only,
    /// The one of several that is shown until its validity ends (B): readers can tell until then.
    LimitedTime {
        /// Until when.
        until: Timestamp,
    },
    /// One that nobody has seen.
    Fresh {
        /// How many such copies are left after it.
        left_after: usize,
    },
    /// One that was not shown in this round (C). Who saw it in an earlier round can tell.
    Rotated {
        /// How many are left in this round after it.
        left_after: usize,
    },
    /// The one that this reader has seen before, and nobody else (D).
    SameReader,
    /// None is left that was not shown, and the policy lets one be shown again: who saw it before can tell. It needs the owner's
    /// word: [`Approval::allow_again`](crate::Approval::allow_again).
    Again,
}

/// Why a document is to be fetched anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReissueReason {
    /// There are no unused copies: it cannot be shown, or only at the price of being recognised.
    NoneLeft,
    /// Few unused copies are left.
    FewLeft {
        /// How many.
        left: usize,
    },
    /// Its validity ends soon, or has ended.
    Lifetime {
        /// When.
        until: Timestamp,
    },
}

impl ReissueReason {
    /// What to tell the owner.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        match (self, lang) {
            (Self::NoneLeft, Lang::Vi) => "Đã dùng hết các bản; hãy xin thêm bản mới.".into(),
            (Self::NoneLeft, Lang::En) => "All copies are used; ask for new ones.".into(),
            (Self::FewLeft { left }, Lang::Vi) => format!("Chỉ còn {left} bản chưa dùng; hãy xin thêm bản mới."),
            (Self::FewLeft { left: 1 }, Lang::En) => "Only 1 unused copy is left; ask for new ones.".into(),
            (Self::FewLeft { left }, Lang::En) => format!("Only {left} unused copies are left; ask for new ones."),
            (Self::Lifetime { until }, Lang::Vi) => {
                let date = until.date();
                let (day, month, year) = (date.day(), date.month(), date.year());
                format!("Giá trị đến ngày {day:02}/{month:02}/{year}; hãy xin bản mới.")
            }
            (Self::Lifetime { until }, Lang::En) => format!("Valid until {}; ask for a new one.", until.date()),
        }
    }
}

/// A document that is to be fetched anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CopiesDue {
    /// Which document.
    pub document: DocumentId,
    /// Why.
    pub reason: ReissueReason,
    /// How many copies its issuer wants fetched at a time, if it said.
    pub batch_size: Option<u64>,
}

/// What a verified reader is remembered by: its name under its authority, which a new certificate keeps (ISSU_52).
pub(crate) fn reader_key(certificate: &Certificate) -> ReaderKey {
    let mut e = idwallet_cose::cbor::Encoder::new();
    e.array(4).text("idwallet reader");
    e.bytes(certificate.issuer().der());
    e.bytes(certificate.authority_key_id().unwrap_or_default());
    e.bytes(certificate.subject().der());
    let mut key = ReaderKey::default();
    for (to, from) in key.iter_mut().zip(sha256(e.as_slice())) {
        *to = from;
    }
    key
}

impl DocumentRecord {
    /// The copies that may be shown to this reader, the one to take first, each with what that means. `nonce` decides where chance
    /// shall: the same one gives the same order.
    pub(crate) fn copies_for(
        &self,
        now: Timestamp,
        reader: Option<&ReaderKey>,
        nonce: &[u8; 16],
    ) -> Vec<(&CopyRecord, CopyUse)> {
        let mut out: Vec<(&CopyRecord, CopyUse)> = Vec::new();
        for (rank, method) in self.policy.methods.iter().enumerate() {
            for (copy, how) in self.copies_of(*method, now, reader, nonce) {
                let how = if rank > 0 && copy.uses > 0 { CopyUse::Again } else { how };
                if out.iter().all(|(other, _)| other.id != copy.id) {
                    out.push((copy, how));
                }
            }
        }
        out
    }

    fn copies_of(
        &self,
        method: CopyMethod,
        now: Timestamp,
        reader: Option<&ReaderKey>,
        nonce: &[u8; 16],
    ) -> Vec<(&CopyRecord, CopyUse)> {
        let mut valid = self.copies_to_show(now);
        let unused = self.unused(now);
        let fresh = CopyUse::Fresh {
            left_after: unused.saturating_sub(1),
        };
        match method {
            CopyMethod::OnceOnly => {
                valid.retain(|copy| copy.uses == 0);
                valid.into_iter().map(|copy| (copy, fresh)).collect()
            }
            CopyMethod::LimitedTime => {
                let is_only = self.copies.len() == 1;
                // The same one until it ends, then the next.
                valid.order_by_key(|copy| copy.valid_until);
                let how = |copy: &CopyRecord| match (is_only, copy.valid_until) {
                    (true, _) => CopyUse::Only,
                    (false, until) => CopyUse::LimitedTime { until },
                };
                valid.into_iter().map(|copy| (copy, how(copy))).collect()
            }
            CopyMethod::RotatingBatch => {
                let least = valid.iter().map(|copy| copy.uses).min().unwrap_or_default();
                let in_round = valid.iter().filter(|copy| copy.uses == least).count();
                let left_after = in_round.saturating_sub(1);
                valid.sort_by_cached_key(|copy| (copy.uses, chance(nonce, copy)));
                let how = if least == 0 {
                    fresh
                } else {
                    CopyUse::Rotated { left_after }
                };
                valid.into_iter().map(|copy| (copy, how)).collect()
            }
            CopyMethod::PerReader => {
                let knows = |copy: &&CopyRecord| reader.is_some() && copy.reader.as_ref() == reader;
                let known = valid.iter().copied().filter(knows);
                let others = valid.iter().copied().filter(|copy| copy.uses == 0);
                known
                    .map(|copy| (copy, CopyUse::SameReader))
                    .chain(others.map(|copy| (copy, fresh)))
                    .collect()
            }
        }
    }

    /// Showings left before one could be linked with an earlier one, or in this round; `None` where that does not depend on counting.
    pub(crate) fn left(&self, now: Timestamp) -> Option<usize> {
        match self.policy.method() {
            CopyMethod::LimitedTime => None,
            CopyMethod::OnceOnly | CopyMethod::PerReader => Some(self.unused(now)),
            CopyMethod::RotatingBatch => {
                let valid = self.copies_to_show(now);
                let most = valid.iter().map(|copy| copy.uses).max().unwrap_or_default();
                let least = valid.iter().map(|copy| copy.uses).min().unwrap_or_default();
                let is_left = |copy: &&&CopyRecord| copy.uses == least && (least < most || least == 0);
                Some(valid.iter().filter(is_left).count())
            }
        }
    }

    /// Whether and why new copies are to be fetched, when so many are unused.
    pub(crate) fn reissue(&self, now: Timestamp, unused: usize) -> Option<ReissueReason> {
        let state = self.state(now);
        if self.superseded_by().is_some() || matches!(state, DocumentState::Revoked | DocumentState::Suspended) {
            return None;
        }
        let until = self.copies.iter().map(|copy| copy.valid_until).max()?;
        if state == DocumentState::Expired {
            return Some(ReissueReason::Lifetime { until });
        }
        let is_counted = matches!(self.policy.method(), CopyMethod::OnceOnly | CopyMethod::PerReader);
        if is_counted && unused == 0 && state == DocumentState::Active {
            return Some(ReissueReason::NoneLeft);
        }
        let few = self.policy.unused_limit.and_then(|limit| usize::try_from(limit).ok());
        if is_counted && few.is_some_and(|few| unused <= few) && state == DocumentState::Active {
            return Some(ReissueReason::FewLeft { left: unused });
        }
        let left = u64::try_from(until.seconds_since(now)).unwrap_or_default();
        let is_short = self.policy.lifetime_left.is_some_and(|limit| left < limit);
        is_short.then_some(ReissueReason::Lifetime { until })
    }

    /// The copies that serve nothing any more: over, taken back, or shown where none is shown twice. One always stays, the one that
    /// is valid longest, for the document to be shown to its owner and fetched anew.
    fn spent(&self, now: Timestamp) -> Vec<CopyRecord> {
        let is_spent = |copy: &CopyRecord| match copy.state(now) {
            DocumentState::Expired | DocumentState::Revoked => true,
            DocumentState::Active => copy.uses > 0 && !self.policy.takes_used(),
            DocumentState::Suspended | DocumentState::NotYetValid => false,
        };
        let mut spent: Vec<CopyRecord> = self.copies.iter().filter(|copy| is_spent(copy)).cloned().collect();
        if spent.len() == self.copies.len() {
            let longest = spent.iter().map(|copy| copy.valid_until).max();
            if let Some(place) = spent.iter().position(|copy| Some(copy.valid_until) == longest) {
                spent.remove(place);
            }
        }
        spent
    }
}

/// Where in a round a copy stands.
fn chance(nonce: &[u8; 16], copy: &CopyRecord) -> [u8; 32] {
    sha256(&[nonce.as_slice(), copy.id.as_bytes()].concat())
}

impl Wallet {
    /// The documents of which new copies are to be fetched: few or none are unused, or the validity ends soon. Revoked and suspended
    /// ones are not among them, nor those of which there is a newer one.
    ///
    /// # Errors
    /// [`WalletError::Storage`] when the vault as a whole cannot be read.
    pub fn copies_due(&self, now: Timestamp) -> Result<Vec<CopiesDue>, WalletError> {
        let mut due = Vec::new();
        for (document, record) in self.readable_documents()? {
            if let Some(reason) = record.reissue(now, record.unused(now)) {
                due.push(CopiesDue {
                    document,
                    reason,
                    batch_size: record.policy.batch_size,
                });
            }
        }
        Ok(due)
    }

    /// Takes away copies that serve nothing any more, with their device keys, but never the last one of a document (H-H53). To be
    /// called after the person was authenticated, and when new copies came.
    ///
    /// # Errors
    /// [`WalletError::Storage`]. What was taken away by then stays so.
    pub async fn sweep_copies(&self, now: Timestamp) -> Result<Removed, WalletError> {
        self.condemn_spent(now)?;
        self.sweep().await
    }

    fn condemn_spent(&self, now: Timestamp) -> Result<(), WalletError> {
        let turn = self.turn();
        for (document, mut record) in self.readable_documents()? {
            let spent = record.spent(now);
            if spent.is_empty() {
                continue;
            }
            record
                .copies
                .retain(|copy| spent.iter().all(|other| other.id != copy.id));
            let keys: Vec<_> = spent.iter().map(|copy| (copy.id, self.key(copy.id).ok())).collect();
            self.vault.transaction(&turn, |tx| {
                record.put(tx, document)?;
                for (copy, key) in &keys {
                    delete_if_there(tx.delete(COPY, *copy))?;
                    match key {
                        Some(key) => {
                            let condemned = Lookup {
                                name: BY_STATE,
                                value: CONDEMNED,
                            };
                            tx.replace(KEY, *copy, &key.encode(), &[condemned])?;
                        }
                        // A damaged key names nothing that could be destroyed.
                        None => delete_if_there(tx.delete(KEY, *copy))?,
                    }
                }
                Ok::<(), idwallet_storage::Error>(())
            })?;
        }
        Ok(())
    }

    /// Every document that can be read.
    pub(crate) fn readable_documents(&self) -> Result<Vec<(DocumentId, DocumentRecord)>, WalletError> {
        let entries = self.vault.list(DOCUMENT)?.into_iter();
        let readable = entries.filter_map(|entry| {
            let record = DocumentRecord::decode(entry.record.ok()?.data().expose()).ok()?;
            Some((DocumentId::new(entry.id), record))
        });
        Ok(readable.collect())
    }
}

fn delete_if_there(deleted: Result<(), idwallet_storage::Error>) -> Result<(), idwallet_storage::Error> {
    match deleted {
        Err(idwallet_storage::Error::NotFound) => Ok(()),
        other => other,
    }
}
