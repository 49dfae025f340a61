//! Whether issuers have taken held documents back (H-H55): status lists that the app fetched, checked and remembered.
//!
//! Nothing is fetched here: the app does, and hands over the bytes.

use crate::history::{Event, NewEntry};
use crate::record::{COPY, DOCUMENT, DocumentRecord, SourceRecord};
use crate::{DocumentId, DocumentState, Wallet, WalletError};
use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::{Certificate, RevocationRequirement};
use idwallet_documents::Lang;
use idwallet_mdoc::verify::{self, ChainCache, IssuerTrust, Policy, StatusCheck, StatusQuery, verify_issuer_auth};
use idwallet_mdoc::{IssuerSigned, MobileSecurityObject};
use idwallet_status_list::{
    ListPolicy, ListTrust, Status, StatusAnswer, StatusListError, UnverifiedIdentifierList, UnverifiedStatusList,
    VerifiedStatusList,
};
use idwallet_storage::{Error, RecordId};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// What the wallet asks of the knowledge about a document's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusPolicy {
    /// The oldest list that still counts as fresh, in seconds since it was issued.
    pub max_age: u64,
    /// Whether a document that has a status is shown only while a fresh list says that it is valid. Without this it is shown with a
    /// warning, so that the wallet works where there is no network.
    pub required: bool,
}

impl StatusPolicy {
    /// A week, with warnings.
    pub const DEFAULT: Self = Self {
        max_age: 7 * 24 * 60 * 60,
        required: false,
    };
}

impl Default for StatusPolicy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What a list says about a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// It holds.
    Valid,
    /// It does not hold for now.
    Suspended,
    /// It was taken back for good: no later list changes that (VCR_04).
    Revoked,
}

impl Standing {
    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::Valid => 0,
            Self::Revoked => 1,
            Self::Suspended => 2,
        }
    }

    pub(crate) const fn from_number(number: u64) -> Option<Self> {
        match number {
            0 => Some(Self::Valid),
            1 => Some(Self::Revoked),
            2 => Some(Self::Suspended),
            _ => None,
        }
    }
}

/// The kinds of list there are for an mdoc (ISO 18013-5 2nd edition §12.3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ListKind {
    /// A status list: bits by index.
    StatusList,
    /// An identifier list: the identifiers of what was revoked.
    IdentifierList,
}

impl ListKind {
    /// The media type to ask for (G-V02).
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::StatusList => idwallet_status_list::STATUS_LIST_TYPE,
            Self::IdentifierList => idwallet_status_list::IDENTIFIER_LIST_TYPE,
        }
    }

    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::StatusList => 1,
            Self::IdentifierList => 2,
        }
    }

    pub(crate) const fn from_number(number: u64) -> Option<Self> {
        match number {
            1 => Some(Self::StatusList),
            2 => Some(Self::IdentifierList),
            _ => None,
        }
    }
}

/// What is remembered of the last list about a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CopyStatus {
    pub(crate) standing: Standing,
    /// `iat` of the list.
    pub(crate) issued_at: Timestamp,
    pub(crate) checked_at: Timestamp,
}

/// A list that the app should fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusSource {
    /// Where it is published: HTTP GET.
    pub uri: String,
    /// Which kind of list.
    pub kind: ListKind,
    /// When what is known of it grows old; `None` when nothing is known yet: now.
    pub due: Option<Timestamp>,
    /// How many documents ask for it.
    pub documents: usize,
}

/// What became of a list.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct StatusReport {
    /// Documents whose state is another one now.
    pub changed: Vec<StatusChange>,
    /// Documents about which the list says something, changed or not.
    pub checked: usize,
    /// Documents for which the list was older than what is known: nothing was changed.
    pub outdated: usize,
}

/// A document whose state is another one now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusChange {
    /// The document.
    pub document: DocumentId,
    /// What it was.
    pub before: DocumentState,
    /// What it is.
    pub after: DocumentState,
}

impl StatusChange {
    /// What to tell the owner.
    #[must_use]
    pub const fn text(self, lang: Lang) -> &'static str {
        match (self.after, lang) {
            (DocumentState::Revoked, Lang::Vi) => {
                "Cơ quan cấp đã thu hồi giấy tờ này. Nó không dùng được nữa; hãy hỏi cơ quan cấp và xin bản mới."
            }
            (DocumentState::Revoked, Lang::En) => {
                "The issuer has revoked this document. It can no longer be used; ask its issuer why, and for a new one."
            }
            (DocumentState::Suspended, Lang::Vi) => {
                "Cơ quan cấp đã tạm khóa giấy tờ này. Bạn chưa dùng được cho đến khi được mở lại; hãy liên hệ cơ quan cấp."
            }
            (DocumentState::Suspended, Lang::En) => {
                "The issuer has suspended this document. It cannot be used until that is lifted; contact its issuer."
            }
            (_, Lang::Vi) => "Giấy tờ này đã được mở lại và dùng được.",
            (_, Lang::En) => "This document holds again and can be used.",
        }
    }
}

/// Adds the lists that an MSO names.
pub(crate) fn sources_of(mso: &MobileSecurityObject<'_>, sources: &mut Vec<SourceRecord>) {
    let Some(reference) = mso.status() else { return };
    let status_list = reference
        .status_list
        .as_ref()
        .map(|list| (list.uri, ListKind::StatusList));
    let identifier_list = reference
        .identifier_list
        .as_ref()
        .map(|list| (list.uri, ListKind::IdentifierList));
    for (uri, kind) in status_list.into_iter().chain(identifier_list) {
        let source = SourceRecord {
            uri: uri.to_owned(),
            kind,
        };
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
}

/// Where in a list a copy stands.
#[derive(Clone)]
enum Place {
    Index(u64),
    Identifier(Vec<u8>),
}

/// Whom a list has to come from to count for a copy (A-V30).
#[derive(Clone, PartialEq)]
enum Point {
    Certificate(Vec<u8>),
    Authority(Certificate),
}

impl Point {
    fn trust(&self) -> ListTrust<'_> {
        match self {
            Self::Certificate(der) => ListTrust::Certificate(der),
            Self::Authority(certificate) => ListTrust::IssuingAuthority(certificate),
        }
    }
}

/// Learns where a copy stands in a list.
struct Finder<'q> {
    kind: ListKind,
    uri: &'q str,
    found: Mutex<Option<(Place, Point)>>,
}

impl StatusCheck for Finder<'_> {
    /// Called with the reference that the issuer signed and the chain that was validated (G-V01).
    fn check(&self, query: &StatusQuery<'_>) -> verify::StatusAnswer {
        let reference = query.reference;
        let of_index = reference.status_list.as_ref().filter(|r| r.uri == self.uri);
        let of_identifier = reference.identifier_list.as_ref().filter(|r| r.uri == self.uri);
        let found = match self.kind {
            ListKind::StatusList => of_index.map(|r| (Place::Index(r.idx), r.certificate)),
            ListKind::IdentifierList => of_identifier.map(|r| (Place::Identifier(r.id.to_vec()), r.certificate)),
        };
        let found = found.and_then(
            |(place, certificate)| match ListTrust::for_mso(certificate, query.issuer) {
                ListTrust::Certificate(der) => Some((place, Point::Certificate(der.to_vec()))),
                ListTrust::IssuingAuthority(authority) => Some((place, Point::Authority(authority.clone()))),
                _ => None,
            },
        );
        if let Ok(mut known) = self.found.lock() {
            *known = found;
        }
        verify::StatusAnswer::NotAvailable
    }
}

/// What a list says about the places that are asked of it, in their order. It is verified once for each that it has to come from, and
/// read through once, however many copies there are.
struct Asking<'q> {
    list: &'q [u8],
    kind: ListKind,
    uri: &'q str,
    policy: ListPolicy<'q>,
    places: Vec<(Place, Point)>,
}

impl Asking<'_> {
    fn answers(&self) -> Vec<StatusAnswer> {
        let nothing = StatusAnswer::Unknown(StatusListError::Type);
        let mut out = vec![nothing; self.places.len()];
        for (point, at) in self.points() {
            let places: Vec<&Place> = at
                .iter()
                .filter_map(|at| self.places.get(*at))
                .map(|(place, _)| place)
                .collect();
            for (at, answer) in at.into_iter().zip(self.of(point, &places)) {
                if let Some(known) = out.get_mut(at) {
                    *known = answer;
                }
            }
        }
        out
    }

    /// Each that the list has to come from, with the numbers of its places.
    fn points(&self) -> Vec<(&Point, Vec<usize>)> {
        let mut out: Vec<(&Point, Vec<usize>)> = Vec::new();
        for (at, (_, point)) in self.places.iter().enumerate() {
            match out.iter_mut().find(|(known, _)| *known == point) {
                Some((_, of_point)) => of_point.push(at),
                None => out.push((point, vec![at])),
            }
        }
        out
    }

    fn of(&self, point: &Point, places: &[&Place]) -> Vec<StatusAnswer> {
        let trust = point.trust();
        let answers = match self.kind {
            ListKind::StatusList => UnverifiedStatusList::parse(self.list)
                .and_then(|list| list.verify(self.uri, &trust, &self.policy))
                .and_then(|list| of_indices(&list, places)),
            ListKind::IdentifierList => UnverifiedIdentifierList::parse(self.list)
                .and_then(|list| list.verify(self.uri, &trust, &self.policy))
                .map(|list| {
                    let status = |place: &&Place| match place {
                        Place::Identifier(id) => StatusAnswer::Known(list.status(id)),
                        Place::Index(_) => StatusAnswer::Unknown(StatusListError::Type),
                    };
                    places.iter().map(status).collect()
                }),
        };
        answers.unwrap_or_else(|error| vec![StatusAnswer::Unknown(error); places.len()])
    }
}

/// One pass over the list; a second one where an index is beyond it (G-V05), which says nothing about the others.
fn of_indices(list: &VerifiedStatusList<'_>, places: &[&Place]) -> Result<Vec<StatusAnswer>, StatusListError> {
    let index = |place: &&Place| match place {
        Place::Index(idx) => *idx,
        Place::Identifier(_) => u64::MAX,
    };
    let read = |below: u64| -> Result<Vec<Status>, StatusListError> {
        let inside: Vec<u64> = places.iter().map(index).filter(|idx| *idx < below).collect();
        let mut known = Vec::with_capacity(inside.len());
        for part in inside.chunks(idwallet_status_list::limits::INDICES) {
            known.extend(list.statuses(part)?);
        }
        Ok(known)
    };
    let (known, entries) = match read(u64::MAX) {
        Err(StatusListError::IndexOutOfRange { entries, .. }) => (read(entries)?, entries),
        known => (known?, u64::MAX),
    };
    let mut known = known.into_iter();
    let answer = |place: &&Place| match index(place) {
        idx if idx < entries => known.next().map(StatusAnswer::Known),
        idx => Some(StatusAnswer::Unknown(StatusListError::IndexOutOfRange { idx, entries })),
    };
    Ok(places.iter().filter_map(answer).collect())
}

/// Which list this is, by its own word.
fn read_list(list: &[u8]) -> Result<(ListKind, String, Timestamp), StatusListError> {
    let of = |claims: &idwallet_status_list::Claims<'_>| (claims.subject.to_owned(), claims.issued_at);
    match UnverifiedStatusList::parse(list) {
        Ok(list) => {
            let (uri, issued_at) = of(list.dangerous_claims());
            Ok((ListKind::StatusList, uri, issued_at))
        }
        Err(StatusListError::Type) => {
            let list = UnverifiedIdentifierList::parse(list)?;
            let (uri, issued_at) = of(list.dangerous_claims());
            Ok((ListKind::IdentifierList, uri, issued_at))
        }
        Err(error) => Err(error),
    }
}

impl Wallet {
    /// The status lists of what is held, each with the time at which what is known of it grows old by the wallet's
    /// [`StatusPolicy`]. Fetch them at times of their own and not when a document is shown, so that their providers do not learn when
    /// that is (G-H01).
    ///
    /// # Errors
    /// [`WalletError::Storage`].
    pub fn status_sources(&self) -> Result<Vec<StatusSource>, WalletError> {
        let max_age = i64::try_from(self.policies().status.max_age).unwrap_or(i64::MAX);
        let mut out: BTreeMap<(String, ListKind), (Option<Timestamp>, usize)> = BTreeMap::new();
        for (_, record) in self.with_sources()? {
            let sources = record.sources.as_deref().unwrap_or_default();
            for (place, source) in sources.iter().enumerate() {
                let issued = record.copies.iter().filter_map(|copy| {
                    let of = copy.statuses.iter().find(|(of, _)| *of == place);
                    of.map(|(_, status)| status.issued_at)
                });
                let due = issued.min().map(|issued| issued.saturating_add_seconds(max_age));
                let entry = out.entry((source.uri.clone(), source.kind)).or_insert((due, 0));
                entry.0 = entry.0.min(due);
                entry.1 = entry.1.saturating_add(1);
            }
        }
        let source = |((uri, kind), (due, documents))| StatusSource {
            uri,
            kind,
            due,
            documents,
        };
        Ok(out.into_iter().map(source).collect())
    }

    fn with_sources(&self) -> Result<Vec<(DocumentId, DocumentRecord)>, WalletError> {
        let mut out = Vec::new();
        for entry in self.vault.list(DOCUMENT)? {
            let record = entry
                .record
                .ok()
                .and_then(|r| DocumentRecord::decode(r.data().expose()).ok());
            if let Some(record) = record.filter(|record| record.sources.as_ref().is_some_and(|s| !s.is_empty())) {
                out.push((DocumentId::new(entry.id), record));
            }
        }
        Ok(out)
    }

    /// Takes in a status list or identifier list that the app fetched, and gives the documents whose state changed (H-H55, VCR_19).
    ///
    /// A list counts for the copies that name its address, if it is signed by whom their issuer lets sign it (A-V30): `trust` has the
    /// issuers' anchors and their revocation lists. A list that is older than what is known changes nothing, and what was revoked
    /// stays so whatever a later list says (VCR_04). A list that no document asks for is not an error.
    ///
    /// # Errors
    /// [`WalletError::StatusList`]: it cannot be read, or none of the documents that name it can believe it; nothing was changed.
    /// [`WalletError::Storage`].
    pub fn update_status(
        &self,
        list: &[u8],
        trust: &IssuerTrust<'_>,
        now: Timestamp,
    ) -> Result<StatusReport, WalletError> {
        let (kind, uri, issued_at) = read_list(list)?;
        let turn = self.turn();
        let (mut report, mut changed) = (StatusReport::default(), Vec::new());
        let mut refused = None;
        let (mut concerned, mut places) = (Vec::new(), Vec::new());
        let chains = ChainCache::new();
        for (id, record) in self.with_sources()? {
            let is_it = |source: &SourceRecord| source.kind == kind && source.uri == uri;
            let Some(source) = record.sources.iter().flatten().position(is_it) else {
                continue;
            };
            let found: Vec<Option<(Place, Point)>> = record
                .copies
                .iter()
                .map(|copy| self.place_of(copy.id, kind, &uri, &trust.cache(&chains), now))
                .collect();
            let asked: Vec<bool> = found.iter().map(Option::is_some).collect();
            places.extend(found.into_iter().flatten());
            concerned.push((id, record, source, asked));
        }
        let asking = Asking {
            list,
            kind,
            uri: &uri,
            policy: ListPolicy::new(now).revocation(trust.revocation_lists(), RevocationRequirement::IfAvailable),
            places,
        };
        let mut answers = asking.answers().into_iter();
        for (id, mut record, source, asked) in concerned {
            let before = record.state(now);
            let (mut is_checked, mut is_outdated) = (false, false);
            for (copy, _) in record.copies.iter_mut().zip(asked).filter(|(_, is_asked)| *is_asked) {
                let standing = match answers.next() {
                    Some(StatusAnswer::Known(status)) => standing(status),
                    Some(StatusAnswer::Unknown(error)) => {
                        refused = Some(error);
                        continue;
                    }
                    None => continue,
                };
                let status = CopyStatus {
                    standing,
                    issued_at,
                    checked_at: now,
                };
                match copy.statuses.iter_mut().find(|(of, _)| *of == source) {
                    // Somebody hands over a list of yesterday to undo what that of today says.
                    Some((_, known)) if known.issued_at > issued_at => is_outdated = true,
                    Some((_, known)) => {
                        is_checked = true;
                        *known = CopyStatus {
                            standing: if known.standing == Standing::Revoked {
                                known.standing
                            } else {
                                standing
                            },
                            ..status
                        };
                    }
                    None => {
                        is_checked = true;
                        copy.statuses.push((source, status));
                    }
                }
            }
            report.outdated = report.outdated.saturating_add(usize::from(is_outdated));
            report.checked = report.checked.saturating_add(usize::from(is_checked));
            if is_checked {
                let after = record.state(now);
                if after != before {
                    report.changed.push(StatusChange {
                        document: id,
                        before,
                        after,
                    });
                }
                changed.push((id, record));
            }
        }
        match refused {
            Some(error) if changed.is_empty() && report.outdated == 0 => return Err(error.into()),
            _ => {}
        }
        if !changed.is_empty() {
            let mut entries = Vec::new();
            for change in &report.changed {
                let of = changed.iter().find(|(id, _)| *id == change.document);
                let doc_type = of.map_or("", |(_, record)| record.doc_type.as_str());
                entries.push(NewEntry::done(Event::StatusChange, now).document(Some(change.document), doc_type));
            }
            let mut ledger = self.ledger()?;
            self.vault.transaction(&turn, |tx| -> Result<(), Error> {
                changed.iter().try_for_each(|(id, record)| record.put(tx, *id))?;
                entries.iter().try_for_each(|entry| ledger.log(tx, entry).map(drop))
            })?;
        }
        Ok(report)
    }

    /// Where a copy stands in a list; `None` where it cannot be read, names another list, or is not its issuer's.
    fn place_of(
        &self,
        copy: RecordId,
        kind: ListKind,
        uri: &str,
        trust: &IssuerTrust<'_>,
        now: Timestamp,
    ) -> Option<(Place, Point)> {
        let bytes = self.vault.read(COPY, copy).ok()?;
        let parsed = IssuerSigned::parse(bytes.data().expose()).ok()?;
        let policy = Policy::lenient().at(now).issuer_only();
        let finder = Finder {
            kind,
            uri,
            found: Mutex::new(None),
        };
        // The check asks the port only for a reference whose signature and chain hold.
        let _ = verify_issuer_auth(parsed.issuer_auth(), None, &trust.status(&finder), &policy);
        finder.found.into_inner().ok()?
    }
}

/// G-C07: what has no meaning here is not valid, and nobody said that it is for good.
const fn standing(status: Status) -> Standing {
    match status {
        Status::Valid => Standing::Valid,
        Status::Invalid => Standing::Revoked,
        _ => Standing::Suspended,
    }
}
