//! What a restore would do. Planning reads the whole file again, verifies every credential in it, and changes nothing.

use super::content::{CopyEntry, DocumentEntry};
use super::open::{Backup, Part};
use super::{Progress, ReissueItem};
use crate::history::past_id;
use crate::import::content;
use crate::record::{BY_ISSUER_AUTH, COPY, CORRECTION, DOCUMENT, DocumentRecord, KEY, SourceRecord};
use crate::status::sources_of;
use crate::{DocumentId, Shown, StateFault, Wallet, WalletError, words};
use crate::{Refusal, RefusalReason};
use idwallet_crypto::Gather as _;
use idwallet_crypto::area::Capabilities;
use idwallet_crypto::x509::TrustAnchors;
use idwallet_crypto::{PublicKey, Timestamp, sha256};
use idwallet_documents::Label;
use idwallet_mdoc::IssuerSigned;
use idwallet_mdoc::verify::{IssuerTrust, Policy, verify_issuer_signed};
use idwallet_storage::{Kind, Lookup, RecordId};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};

/// What would happen to one document of the file.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum PlannedAction {
    /// It is added. Beside it the wallet has these documents of the same type and person that say something else, or are another
    /// version: both are kept, and the owner should look.
    Add {
        /// The other documents.
        conflicts: Vec<DocumentId>,
    },
    /// The wallet has it.
    Skip(DocumentId),
    /// Its keys cannot be brought into this wallet's area: it goes on the list of what has to be issued again.
    Reissue,
    /// It is not what its issuer signed, or nobody who is trusted vouches for it. It stays in the file.
    Refuse(Box<Refusal>),
    /// Its key belongs to another document of the wallet. It stays in the file.
    KeyInUse,
    /// It was deselected.
    LeaveOut,
}

/// One document of the file.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PlannedDocument {
    /// The id it will have, or had where it is not added.
    pub id: DocumentId,
    /// The ISO docType.
    pub doc_type: String,
    /// What the document is called.
    pub title: Label,
    /// A few words that tell two documents of one type apart; may be empty.
    pub summary: Shown,
    /// Who signed it.
    pub issuer: String,
    /// How many copies it has.
    pub copies: usize,
    /// Whether somebody who is trusted vouches for its signer. Without trust anchors nobody does, and only integrity was checked.
    pub is_vouched: bool,
    /// What would happen.
    pub action: PlannedAction,
    /// Its copies once verified, in order.
    pub(super) verified: Vec<VerifiedCopy>,
    pub(super) old_id: DocumentId,
    pub(super) record: Box<DocumentRecord>,
}

#[derive(Debug, Clone)]
pub(super) struct VerifiedCopy {
    pub(super) issuer_auth: [u8; 32],
    pub(super) public_key: PublicKey,
    signer: [u8; 32],
}

/// What a restore would do, for this file and the wallet as it is now.
#[derive(Debug)]
#[non_exhaustive]
pub struct RestorePlan {
    /// The documents of the file, in its order.
    pub documents: Vec<PlannedDocument>,
    /// What comes onto the list of what has to be issued again; documents that are planned as [`PlannedAction::Reissue`] are in it.
    pub to_be_reissued: Vec<ReissueItem>,
    /// How many entries of the file's history are not in the wallet.
    pub history: usize,
    /// How many requests for correction come along.
    pub corrections: usize,
    pub(super) with_history: bool,
    pub(super) file: [u8; 32],
    pub(super) generation: u64,
    pub(super) at: Timestamp,
}

impl RestorePlan {
    /// Leaves a document out that would be added.
    ///
    /// # Errors
    /// [`StateFault::NotFound`].
    pub fn leave_out(&mut self, id: DocumentId) -> Result<(), WalletError> {
        let document = self.documents.iter_mut().find(|document| document.id == id);
        let document = document.ok_or(StateFault::NotFound)?;
        document.action = PlannedAction::LeaveOut;
        let items = self.to_be_reissued.iter_mut();
        items
            .filter(|item| item.id == document.old_id)
            .for_each(|item| item.has_copies = false);
        Ok(())
    }

    /// Leaves the history out.
    pub const fn leave_history_out(&mut self) {
        self.with_history = false;
    }

    pub(super) fn leaves_out(&self, old_id: DocumentId) -> bool {
        let mut documents = self.documents.iter();
        documents.any(|document| document.old_id == old_id && matches!(document.action, PlannedAction::LeaveOut))
    }

    /// The documents that would be added.
    pub fn added(&self) -> impl Iterator<Item = &PlannedDocument> {
        let is_added = |document: &&PlannedDocument| matches!(document.action, PlannedAction::Add { .. });
        self.documents.iter().filter(is_added)
    }
}

/// SHA-256 of the certificate that signed.
pub(super) fn signer(parsed: &IssuerSigned<'_>) -> Option<[u8; 32]> {
    let chain = parsed.issuer_auth().headers().x5chain()?;
    chain.certificates().next().map(sha256)
}

/// A document while its copies are being read.
struct Pending {
    document: DocumentEntry,
    verified: Vec<VerifiedCopy>,
    content: Option<[u8; 32]>,
    refusal: Option<Refusal>,
    is_vouched: bool,
    summary: Shown,
    fits: bool,
    old_id: DocumentId,
    /// The status lists of its record, to which the statuses in the record refer.
    claimed_sources: Vec<SourceRecord>,
}

impl Wallet {
    /// Says what a restore of this file would do. Every credential is verified as at its first import: at the time of that import, with
    /// `trust`; what has expired since is kept. With `None` its signature and digests are checked against the certificates it carries,
    /// and nobody vouches for these: [`PlannedDocument::is_vouched`] says so. What does not hold is refused, with the reason.
    ///
    /// `policy` says how strictly; its time is the time now. `progress` is told how many documents are verified, of how many.
    ///
    /// # Errors
    /// [`WalletError::Backup`] when the file cannot be read any more; those of the area and of the vault.
    pub async fn plan_restore<R: Read + Seek + Send>(
        &self,
        backup: &mut Backup<R>,
        policy: &Policy,
        trust: Option<&IssuerTrust<'_>>,
        progress: Progress<'_>,
    ) -> Result<RestorePlan, WalletError> {
        let nobody = TrustAnchors::new();
        let (vouching, trust) = match trust {
            Some(trust) => (policy.issuer_only(), *trust),
            None => (policy.issuer_only().allow_untrusted(), IssuerTrust::new(&nobody)),
        };
        let area = self.ask(self.area.capabilities()).await?;
        // Of the vault as it is now: what changes while the file is read makes the plan stale.
        let generation = self.vault.generation()?;
        let mut planner = Planner::new(self, area)?;
        backup.rewind()?;
        let total = backup.contents().documents;
        let mut items = Vec::new();
        let (mut history, mut corrections) = (0_usize, 0_usize);
        let mut pending: Option<Pending> = None;
        while let Some(part) = backup.next()? {
            match part {
                Part::Reissue(item) => items.push(item),
                Part::Document(document) => pending = Some(Pending::new(*document)),
                Part::Copy(copy) => {
                    let Some(mut document) = pending.take() else { continue };
                    document.take(self, &copy, &vouching, &trust, &planner.area);
                    if document.verified.len() < document.document.record.copies.len() && document.refusal.is_none() {
                        pending = Some(document);
                    } else {
                        // The other copies of one that is refused are passed over.
                        planner.place(document)?;
                        progress(planner.done(), total);
                    }
                }
                Part::Correction(mut correction) => {
                    let place = correction.place(|id| self.vault.read(CORRECTION, id))?;
                    corrections = corrections.saturating_add(usize::from(place.is_some()));
                }
                Part::HistoryHead(_) => {}
                Part::History(record) => {
                    let id = past_id(record.expose());
                    if planner.history.insert(id) {
                        history = history.saturating_add(1);
                    }
                }
            }
        }
        let (documents, to_be_reissued) = planner.finish(items, backup.contents().created_at)?;
        Ok(RestorePlan {
            documents,
            to_be_reissued,
            history,
            corrections,
            with_history: true,
            file: backup.file_id(),
            generation,
            at: policy.time(),
        })
    }
}

impl Pending {
    fn new(mut document: DocumentEntry) -> Self {
        let claimed_sources = document.record.sources.replace(Vec::new()).unwrap_or_default();
        let summary = document.record.summary.clone();
        let old_id = DocumentId::from_bytes(document.id);
        Self {
            document,
            verified: Vec::new(),
            content: None,
            refusal: None,
            is_vouched: true,
            summary,
            fits: true,
            old_id,
            claimed_sources,
        }
    }

    fn take(
        &mut self,
        wallet: &Wallet,
        copy: &CopyEntry,
        policy: &Policy,
        trust: &IssuerTrust<'_>,
        area: &Capabilities,
    ) {
        if let Err(reason) = self.check(wallet, copy, policy, trust) {
            self.refusal = Some(Refusal::new(self.verified.len(), reason));
            return;
        }
        let curve = copy.key.public_key().curve();
        let signs = !copy.purpose.may_sign() || area.sign_curves.contains(&curve);
        let agrees = !copy.purpose.may_agree() || area.agree_curves.contains(&curve);
        let both = area.sign_or_agree || !(copy.purpose.may_sign() && copy.purpose.may_agree());
        self.fits &= area.import && signs && agrees && both;
    }

    /// What is signed is what counts: names and dates of the record are taken from it.
    fn check(
        &mut self,
        wallet: &Wallet,
        copy: &CopyEntry,
        policy: &Policy,
        trust: &IssuerTrust<'_>,
    ) -> Result<(), RefusalReason> {
        let record = &mut self.document.record;
        let parsed = IssuerSigned::parse(copy.issuer_signed.expose()).map_err(RefusalReason::Malformed)?;
        let now = policy.time();
        let at = if record.imported_at < now {
            record.imported_at
        } else {
            now
        };
        let report = verify_issuer_signed(&parsed, None, trust, &policy.with_time(at));
        let refused = || RefusalReason::NotVerified {
            refusals: report.refusals().to_vec(),
            checks: Box::new(report.checks().clone()),
        };
        let (mso, certificate) = match report.verified() {
            Some(accepted) => (accepted.mso(), accepted.signer()),
            None => return Err(refused()),
        };
        self.is_vouched &= report.trust().anchor().is_some();
        let content = content(&parsed, mso.doc_type(), certificate.sha256());
        if self.content.is_some_and(|first| first != content) {
            return Err(RefusalReason::CopiesDiffer);
        }
        let public_key = *mso.device_key();
        if copy.key.public_key() != &public_key {
            return Err(RefusalReason::DeviceKey);
        }
        if self.verified.iter().any(|earlier| earlier.public_key == public_key) {
            return Err(RefusalReason::RepeatedDeviceKey);
        }
        if self.content.is_none() {
            let subject = certificate.subject();
            let issuer = subject.common_name().or_else(|| subject.organization());
            mso.doc_type().clone_into(&mut record.doc_type);
            record.issuer = words::plain(issuer.unwrap_or_default());
            record.country = subject.country().map(words::plain);
            record.summary = words::summary(wallet.registry.find(mso.doc_type()), &parsed);
            record.persons = wallet.persons_of(record.country.as_deref(), &parsed, mso);
            self.summary = record.summary.clone();
            self.content = Some(content);
        }
        sources_of(mso, record.sources.get_or_insert_default());
        if let Some(place) = record.copies.get_mut(self.verified.len()) {
            place.valid_from = mso.validity().valid_from.timestamp();
            place.valid_until = mso.validity().valid_until.timestamp();
        }
        self.verified.push(VerifiedCopy {
            issuer_auth: sha256(parsed.issuer_auth().bytes()),
            public_key,
            signer: *certificate.sha256(),
        });
        Ok(())
    }
}

impl Pending {
    /// The lists are those that are signed; what the record knows of a copy it knows of one of them.
    fn place_statuses(&mut self) {
        let record = &mut self.document.record;
        let sources = record.sources.get_or_insert_default();
        for copy in &mut record.copies {
            copy.statuses.retain_mut(|(place, _)| {
                let claimed = self.claimed_sources.get(*place);
                let signed = claimed.and_then(|claimed| sources.iter().position(|source| source == claimed));
                *place = signed.unwrap_or_default();
                signed.is_some()
            });
        }
    }
}

struct Planner<'w> {
    wallet: &'w Wallet,
    area: Capabilities,
    documents: Vec<PlannedDocument>,
    /// Documents of the wallet by type, read when first needed.
    held: BTreeMap<String, Vec<(DocumentId, DocumentRecord)>>,
    /// Ids and credentials that earlier documents of the file take.
    taken: BTreeSet<RecordId>,
    planned: BTreeMap<[u8; 32], DocumentId>,
    /// Their device keys (SubjectPublicKeyInfo).
    keys: BTreeSet<Vec<u8>>,
    history: BTreeSet<RecordId>,
    /// Which document of the wallet has a copy, read when first needed.
    holders: Option<BTreeMap<RecordId, DocumentId>>,
}

impl<'w> Planner<'w> {
    fn new(wallet: &'w Wallet, area: Capabilities) -> Result<Self, WalletError> {
        let history = wallet.known_history()?;
        Ok(Self {
            wallet,
            area,
            documents: Vec::new(),
            held: BTreeMap::new(),
            taken: BTreeSet::new(),
            planned: BTreeMap::new(),
            keys: BTreeSet::new(),
            history,
            holders: None,
        })
    }

    fn done(&self) -> u64 {
        u64::try_from(self.documents.len()).unwrap_or(u64::MAX)
    }

    fn place(&mut self, mut pending: Pending) -> Result<(), WalletError> {
        pending.place_statuses();
        let action = self.action(&mut pending)?;
        let Pending {
            document,
            verified,
            is_vouched,
            summary,
            old_id,
            ..
        } = pending;
        let record = document.record;
        self.documents.push(PlannedDocument {
            id: DocumentId::from_bytes(document.id),
            doc_type: words::plain(&record.doc_type),
            title: words::title(self.wallet.registry.find(&record.doc_type), &record.doc_type),
            summary,
            issuer: words::plain(&record.issuer),
            copies: record.copies.len(),
            is_vouched,
            action,
            verified,
            old_id,
            record: Box::new(record),
        });
        Ok(())
    }

    fn action(&mut self, pending: &mut Pending) -> Result<PlannedAction, WalletError> {
        if let Some(refusal) = pending.refusal.take() {
            return Ok(PlannedAction::Refuse(Box::new(refusal)));
        }
        for copy in &pending.verified {
            if let Some(held) = self.holds(&copy.issuer_auth)? {
                return Ok(PlannedAction::Skip(held));
            }
        }
        if !pending.fits {
            return Ok(PlannedAction::Reissue);
        }
        for copy in &pending.verified {
            if self.keys.contains(&copy.public_key.to_spki_der()) || self.wallet.find_key(&copy.public_key)?.is_some() {
                return Ok(PlannedAction::KeyInUse);
            }
        }
        let conflicts = self.conflicts(&pending.document.record)?;
        self.give_ids(&mut pending.document)?;
        let id = DocumentId::from_bytes(pending.document.id);
        for copy in &pending.verified {
            self.planned.insert(copy.issuer_auth, id);
            self.keys.insert(copy.public_key.to_spki_der());
        }
        Ok(PlannedAction::Add { conflicts })
    }

    /// The document of the wallet, or earlier in the file, that has this credential.
    fn holds(&mut self, issuer_auth: &[u8; 32]) -> Result<Option<DocumentId>, WalletError> {
        if let Some(id) = self.planned.get(issuer_auth) {
            return Ok(Some(*id));
        }
        let lookup = Lookup {
            name: BY_ISSUER_AUTH,
            value: issuer_auth,
        };
        // In a damaged part it may be all the same: it is kept twice then, which loses nothing.
        match self.wallet.vault.find_intact(COPY, lookup)?.0.into_iter().next() {
            Some(copy) => Ok(Some(self.holder(copy)?)),
            None => Ok(None),
        }
    }

    /// The document of the wallet that has this copy.
    fn holder(&mut self, copy: RecordId) -> Result<DocumentId, WalletError> {
        if self.holders.is_none() {
            let mut holders = BTreeMap::new();
            for entry in self.wallet.vault.list(DOCUMENT)? {
                let Ok(record) = entry.record else { continue };
                let Ok(record) = DocumentRecord::decode(record.data().expose()) else {
                    continue;
                };
                holders.extend(record.copies.iter().map(|copy| (copy.id, DocumentId::new(entry.id))));
            }
            self.holders = Some(holders);
        }
        let known = self.holders.as_ref().and_then(|holders| holders.get(&copy));
        Ok(known.copied().unwrap_or(DocumentId::new(copy)))
    }

    /// Documents of the wallet of this type.
    fn held(&mut self, doc_type: &str) -> Result<&[(DocumentId, DocumentRecord)], WalletError> {
        if !self.held.contains_key(doc_type) {
            let ids = self.wallet.documents_of_type(doc_type)?.into_iter();
            let held = ids.filter_map(|id| Some((id, self.wallet.document(id).ok()?)));
            self.held.insert(doc_type.to_owned(), held.collect());
        }
        Ok(self.held.get(doc_type).map_or(&[], Vec::as_slice))
    }

    /// Documents of the same type and person. The person is known by what the type says names one, else by the words that a list shows.
    fn conflicts(&mut self, record: &DocumentRecord) -> Result<Vec<DocumentId>, WalletError> {
        let held = self.held(&record.doc_type)?.iter();
        let is_same = |other: &DocumentRecord| {
            if record.persons.is_empty() || other.persons.is_empty() {
                record.summary == other.summary
            } else {
                record.persons.iter().any(|person| other.persons.contains(person))
            }
        };
        Ok(held.filter(|(_, other)| is_same(other)).map(|(id, _)| *id).collect())
    }

    /// Its ids, where they are free; new ones, in one part of the manifest, where one is not.
    fn give_ids(&mut self, document: &mut DocumentEntry) -> Result<(), WalletError> {
        let ids: Vec<RecordId> = document.record.copies.iter().map(|copy| copy.id).collect();
        let own = RecordId::from_bytes(document.id);
        let mut is_free = ids.iter().gather::<BTreeSet<&RecordId>>().len() == ids.len();
        for id in ids.iter().chain([&own]) {
            is_free = is_free && !self.taken.contains(id) && !self.is_used(*id);
        }
        if !is_free {
            let first = self.wallet.new_id(None)?;
            document.id = *first.as_bytes();
            let mut new = vec![first];
            while new.len() < document.record.copies.len() {
                new.push(self.wallet.new_id(Some(first))?);
            }
            for (copy, id) in document.record.copies.iter_mut().zip(new) {
                copy.id = id;
            }
        }
        self.taken.insert(RecordId::from_bytes(document.id));
        self.taken.extend(document.record.copies.iter().map(|copy| copy.id));
        Ok(())
    }

    /// Damaged records hold their ids too.
    fn is_used(&self, id: RecordId) -> bool {
        let is_there = |kind: Kind| {
            let read = self.wallet.vault.read(kind, id);
            !matches!(read, Err(idwallet_storage::Error::NotFound))
        };
        [DOCUMENT, COPY, KEY].into_iter().any(is_there)
    }

    /// The list of what has to be issued again, so that with what is held there is one of each for every one that the old wallet had:
    /// a second restore adds nothing, and what was issued again in between does not come back.
    fn finish(
        mut self,
        items: Vec<ReissueItem>,
        created_at: Timestamp,
    ) -> Result<(Vec<PlannedDocument>, Vec<ReissueItem>), WalletError> {
        let mut wanted: Vec<ReissueItem> = Vec::new();
        for document in &self.documents {
            if matches!(document.action, PlannedAction::Reissue) {
                let signer = document.verified.first().map(|copy| copy.signer);
                wanted.push(ReissueItem::of(
                    self.wallet,
                    document.old_id,
                    &document.record,
                    signer,
                    created_at,
                ));
            }
        }
        wanted.extend(items);
        let listed = self.wallet.to_be_reissued()?;
        // Documents that this very file brought are not the new edition of what it could not bring.
        let skipped = self.documents.iter().filter_map(|document| match document.action {
            PlannedAction::Skip(held) => Some(held),
            _ => None,
        });
        let skipped: BTreeSet<DocumentId> = skipped.gather();
        let mut out: Vec<ReissueItem> = Vec::new();
        let mut settled: BTreeSet<DocumentId> = BTreeSet::new();
        for mut item in wanted {
            let arrives = |d: &PlannedDocument| matches!(d.action, PlannedAction::Add { .. } | PlannedAction::Skip(_));
            item.has_copies &= self.documents.iter().any(|d| d.old_id == item.id && arrives(d));
            let is_there = |other: &ReissueItem| other.id == item.id;
            if listed.iter().any(is_there) || out.iter().any(is_there) || self.is_used(item.id.record()) {
                continue;
            }
            let held = self.held(&item.doc_type)?.iter();
            let edition = held
                // Held since before the export, it is another person's.
                .filter(|(_, record)| item.is_like(record) && record.imported_at > created_at)
                .map(|(id, _)| *id)
                .find(|id| !skipped.contains(id) && !settled.contains(id));
            match edition {
                Some(id) => {
                    settled.insert(id);
                }
                None => out.push(item),
            }
        }
        Ok((self.documents, out))
    }
}
