//! The third call: what was approved, and nothing else, leaves the wallet.

use crate::approval::Approval;
use crate::cell::Turn;
use crate::copies::ReaderKey;
use crate::history::{NewEntry, Outcome, SharedGroup};
use crate::record::{BY_PUBLIC_KEY, COPY, DocumentRecord, KEY, KeyRecord};
use crate::resolve::Resolution;
use crate::review::{MAX_REVIEW_AGE, Review, ReviewHandle};
use crate::{
    CopyMethod, CopyUse, DocumentId, InternalFault, ReissueReason, Relation, ResolvedRequest, StateFault, Wallet,
    WalletError,
};
use idwallet_crypto::Gather as _;
use idwallet_crypto::area::SecureArea;
use idwallet_crypto::{
    Curve, PublicKey, SecretBytes, SignatureAlgorithm, Timestamp, constant_time_eq, ecdsa_der_to_raw, verify,
};
use idwallet_mdoc::holder::{
    DeviceAuthInput, DeviceAuthOutput, DeviceAuthUsage, DeviceResponseBuilder, PendingResponse, ResponseDocument,
    select,
};
use idwallet_mdoc::names::MDL_NAMESPACE;
use idwallet_mdoc::{DeviceRequest, ElementReference, IssuerSigned};
use idwallet_storage::{Lookup, RecordId};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// "Data not returned": says nothing about why (A-H58).
const NOT_RETURNED: i64 = 0;

/// A response that is ready to be sent.
#[derive(Clone)]
#[non_exhaustive]
pub struct Answer {
    /// The `DeviceResponse`.
    pub device_response: Vec<u8>,
    /// What leaves with it; empty for a decline.
    pub shared: Vec<Shared>,
    /// Requests of which nothing leaves although something was approved, because the portrait was due and was not (A-H49).
    pub withheld: Vec<usize>,
    /// Whether the history has it. It has not where nothing could be written, on a full or read-only disk: that does not keep the owner
    /// from showing a document of which there is one copy, but the owner is to be told.
    pub logged: bool,
}

impl Answer {
    /// Whether nothing is given. The reader cannot tell it from a wallet that has nothing (A-H58).
    #[must_use]
    pub fn is_decline(&self) -> bool {
        self.shared.is_empty()
    }
}

impl core::fmt::Debug for Answer {
    /// Names, and no value.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Answer")
            .field("device_response", &format_args!("{} bytes", self.device_response.len()))
            .field("shared", &self.shared)
            .field("withheld", &self.withheld)
            .finish()
    }
}

/// What leaves of one document.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Shared {
    /// Which document request it answers: an index into [`Review::requests`].
    pub request: usize,
    /// Which document.
    pub document: DocumentId,
    /// Namespace and identifier of each element.
    pub elements: Vec<(String, String)>,
    /// How the device key authenticated the response.
    pub usage: DeviceAuthUsage,
    /// Showings left that cannot be linked; `None` where that does not depend on counting.
    pub copies_left: Option<usize>,
    /// Whether and why new copies are to be fetched.
    pub reissue_due: Option<ReissueReason>,
    /// For whom it was shown, if not for the owner.
    pub on_behalf_of: Option<Relation>,
}

type Name = (String, String);

/// A stored copy that takes part in a response, owned while the device keys are asked.
struct Taken {
    request: usize,
    document: DocumentId,
    copy: RecordId,
    key: KeyRecord,
    usage: DeviceAuthUsage,
    bytes: SecretBytes,
    /// How often it was shown before.
    uses: u64,
    /// What leaves.
    gives: BTreeSet<Name>,
    /// The reader it goes to, if it is verified.
    reader: Option<ReaderKey>,
}

/// What one device key has to do.
enum Task {
    Sign(SignatureAlgorithm, Vec<u8>),
    Agree(PublicKey),
}

impl Wallet {
    /// Answers a request with what was approved on its review, which may be [`MAX_REVIEW_AGE`] old. What is not valid any more `now`,
    /// or was taken back since, is not given: the review is stale.
    ///
    /// What leaves is exactly the union of what the approved rows of the review give. Before a device key is used for the first time,
    /// its kind of use is written down for good (A-H55); before the response is handed out, single-use copies are marked as shown.
    /// Until the response is handed out the review stays open: after [`WalletError::UserCancelled`], or when the future was dropped,
    /// the same call may be made again. An approval of nothing is a [decline](Self::decline).
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] for a wrong or stale handle, an answered review, or an approval of something that was not on
    /// offer; [`WalletError::Storage`]; those of the secure area. Nothing has left the wallet in any of these cases.
    pub async fn respond(
        &self,
        request: &mut ResolvedRequest,
        handle: ReviewHandle,
        approval: &Approval,
        now: Timestamp,
    ) -> Result<Answer, WalletError> {
        request.now = now;
        let result = self.respond_unlogged(request, handle, approval).await;
        if let Err(error) = &result {
            self.log_failure(request, error);
        }
        result
    }

    async fn respond_unlogged(
        &self,
        request: &mut ResolvedRequest,
        handle: ReviewHandle,
        approval: &Approval,
    ) -> Result<Answer, WalletError> {
        let (taken, withheld) = self.begin(request, handle, approval)?;
        if taken.is_empty() {
            return self.give_nothing(request, withheld);
        }
        // All that the keys need is taken out first: nothing borrowed is held while a person is asked.
        let tasks = with_pending(request, &taken, |pending| {
            Ok(pending.device_auth_inputs().map(task).collect::<Vec<_>>())
        })?;
        let mut outputs = Vec::with_capacity(tasks.len());
        for (taken, task) in taken.iter().zip(tasks) {
            let output = authenticate(&*self.area, &taken.key, taken.document, task);
            outputs.push(self.vault.until_locked(output).await?);
        }
        let device_response = with_pending(request, &taken, |pending| {
            pending.complete(outputs).map_err(|_| InternalFault::Response.into())
        })?;
        check_size(&device_response, request, &taken)?;
        let (shared, logged) = self.end(request, handle, taken)?;
        request.is_answered = true;
        Ok(Answer {
            device_response,
            shared,
            withheld,
            logged,
        })
    }

    /// What of the wallet goes into the answer, with the kinds of use of its keys written down.
    fn begin(
        &self,
        request: &ResolvedRequest,
        handle: ReviewHandle,
        approval: &Approval,
    ) -> Result<(Vec<Taken>, Vec<usize>), WalletError> {
        let turn = self.turn();
        let resolution = self.check_review(request, handle, request.now)?;
        let mut withheld = Vec::new();
        let taken = self.take(request, &resolution, approval, &mut withheld)?;
        if !taken.is_empty() {
            check_sets(&resolution.review, &taken)?;
            self.fix_usages(&turn, &taken)?;
        }
        Ok((taken, withheld))
    }

    /// The answer may leave, if what it was made of is still what was reviewed: others may have answered with the same copy, or removed its
    /// document, while the keys were asked.
    fn end(
        &self,
        request: &ResolvedRequest,
        handle: ReviewHandle,
        taken: Vec<Taken>,
    ) -> Result<(Vec<Shared>, bool), WalletError> {
        let turn = self.turn();
        self.check_review(request, handle, request.now)?;
        for taken in &taken {
            if self.uses_of(taken.document, taken.copy)? != taken.uses {
                return Err(StateFault::StaleReview.into());
            }
        }
        self.mark_shown(&turn, request, taken)
    }

    /// How often a copy was shown.
    fn uses_of(&self, document: DocumentId, copy: RecordId) -> Result<u64, WalletError> {
        let record = self.document(document)?;
        let copy = record.copies.iter().find(|held| held.id == copy);
        Ok(copy.ok_or(StateFault::StaleReview)?.uses)
    }

    /// Answers that nothing is given. The bytes are those of a wallet that has none of what is asked for (A-H58, H-H21).
    ///
    /// # Errors
    /// [`StateFault::Answered`]; [`WalletError::Internal`].
    pub fn decline(&self, request: &mut ResolvedRequest) -> Result<Answer, WalletError> {
        if request.is_answered {
            return Err(StateFault::Answered.into());
        }
        self.give_nothing(request, Vec::new())
    }

    /// The reader learns nothing about why; the history does (A-H58, H-H21).
    fn give_nothing(&self, request: &mut ResolvedRequest, withheld: Vec<usize>) -> Result<Answer, WalletError> {
        let device_response = with_pending(request, &[], |pending| {
            pending.complete(Vec::new()).map_err(|_| InternalFault::Response.into())
        })?;
        request.is_answered = true;
        let outcome = if request.review().can_answer() {
            Outcome::Declined
        } else {
            Outcome::NothingToGive
        };
        Ok(Answer {
            device_response,
            shared: Vec::new(),
            withheld,
            logged: self.log_end(request.entry, outcome, None, request.now),
        })
    }

    /// The handle is of this review, and what would leave now is what was shown then.
    fn check_review(
        &self,
        request: &ResolvedRequest,
        handle: ReviewHandle,
        now: Timestamp,
    ) -> Result<Resolution, WalletError> {
        if request.is_answered {
            return Err(StateFault::Answered.into());
        }
        if !constant_time_eq(handle.as_bytes(), request.review().handle.as_bytes()) {
            return Err(StateFault::WrongHandle.into());
        }
        if !(0..=MAX_REVIEW_AGE).contains(&now.seconds_since(request.at)) {
            return Err(StateFault::StaleReview.into());
        }
        let resolution = self.resolve_again(request, now)?;
        if !constant_time_eq(handle.as_bytes(), resolution.review.handle.as_bytes()) {
            return Err(StateFault::StaleReview.into());
        }
        Ok(resolution)
    }

    /// Reads the copies and keys of what is approved.
    fn take(
        &self,
        request: &ResolvedRequest,
        resolution: &Resolution,
        approval: &Approval,
        withheld: &mut Vec<usize>,
    ) -> Result<Vec<Taken>, WalletError> {
        let mut out = Vec::with_capacity(approval.documents.len());
        for (index, approved) in &approval.documents {
            let offer = resolution.review.requests.get(*index).ok_or(StateFault::NotOffered)?;
            let is_it = |candidate: &crate::Candidate| candidate.document == approved.document;
            let place = offer.candidates.iter().position(is_it).ok_or(StateFault::NotOffered)?;
            let candidate = offer.candidates.get(place).ok_or(StateFault::NotOffered)?;
            let copies = resolution.copies.get(*index).ok_or(StateFault::NotOffered)?;
            let copy = *copies.get(place).ok_or(StateFault::NotOffered)?;
            let mut gives = BTreeSet::new();
            for (name_space, element) in &approved.elements {
                let is_row =
                    |row: &&crate::OfferedElement| row.asked.name_space == *name_space && row.asked.element == *element;
                let row = candidate.elements.iter().find(is_row).ok_or(StateFault::NotOffered)?;
                gives.extend(
                    row.gives
                        .iter()
                        .map(|given| (given.name_space.clone(), given.element.clone())),
                );
            }
            if gives.is_empty() {
                continue;
            }
            if candidate.portrait_is_due && !gives.contains(&(MDL_NAMESPACE.to_owned(), "portrait".to_owned())) {
                withheld.push(*index);
                continue;
            }
            if candidate.copy == CopyUse::Again && !approval.again.contains(&approved.document) {
                return Err(StateFault::CopyAgain.into());
            }
            let key = self.key(copy)?;
            let bytes = self.vault.read(COPY, copy)?.into_data();
            let usage = DeviceAuthUsage::choose(key.usage, &key.public_key, &request.transcript)
                .map_err(|_| StateFault::StaleReview)?;
            out.push(Taken {
                request: *index,
                document: approved.document,
                uses: self.uses_of(approved.document, copy)?,
                copy,
                key,
                usage,
                bytes,
                gives,
                reader: request.readers.get(*index).and_then(|asker| asker.key),
            });
        }
        Ok(out)
    }

    /// One key never does both: which it does is on the disk before it does anything (A-H55).
    fn fix_usages(&self, turn: &Turn<'_>, taken: &[Taken]) -> Result<(), WalletError> {
        let new: Vec<&Taken> = taken.iter().filter(|t| t.key.usage.is_none()).collect();
        if new.is_empty() {
            return Ok(());
        }
        self.vault.transaction(turn, |tx| {
            for taken in new {
                let record = KeyRecord {
                    usage: Some(taken.usage),
                    ..taken.key.clone()
                };
                let der = record.public_key.to_spki_der();
                let lookup = Lookup {
                    name: BY_PUBLIC_KEY,
                    value: &der,
                };
                tx.replace(KEY, taken.copy, &record.encode(), &[lookup])?;
            }
            Ok::<(), idwallet_storage::Error>(())
        })?;
        Ok(())
    }

    /// Marks copies as shown and writes into the history what leaves, all in one transaction. Where it makes no difference which copy was
    /// shown no mark is needed, so that such a document can be shown even where nothing can be written. Whether the history has it.
    ///
    /// A copy stays marked when the response is not sent after all: whether the reader saw it cannot be known.
    fn mark_shown(
        &self,
        turn: &Turn<'_>,
        request: &ResolvedRequest,
        taken: Vec<Taken>,
    ) -> Result<(Vec<Shared>, bool), WalletError> {
        let now = request.now;
        let mut entry = request.entry.map(|number| NewEntry::ended(number, Outcome::Shown, now));
        let mut records: BTreeMap<DocumentId, DocumentRecord> = BTreeMap::new();
        let mut marked = BTreeSet::new();
        for taken in &taken {
            let record = match records.entry(taken.document) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => entry.insert(self.document(taken.document)?),
            };
            if let Some(entry) = &mut entry {
                entry.shared.push(SharedGroup {
                    document: taken.document,
                    doc_type: record.doc_type.clone(),
                    relation: record.subject.ward().map(|ward| ward.relation().as_str().to_owned()),
                    names: taken.gives.iter().cloned().collect(),
                });
            }
            // One answer shows a copy once, however many requests it answers with it.
            if !marked.insert(taken.copy) {
                continue;
            }
            let is_per_reader = record.policy.method() == CopyMethod::PerReader;
            for copy in record.copies.iter_mut().filter(|copy| copy.id == taken.copy) {
                // Its reader is the first one that saw it: shown again for want of others, it is still that one's.
                if is_per_reader && copy.uses == 0 {
                    copy.reader = taken.reader;
                }
                copy.uses = copy.uses.saturating_add(1);
            }
        }
        let shared = taken.into_iter().map(|taken| {
            let record = records.get(&taken.document);
            Shared {
                request: taken.request,
                document: taken.document,
                elements: taken.gives.into_iter().collect(),
                usage: taken.usage,
                copies_left: record.and_then(|record| record.left(now)),
                reissue_due: record.and_then(|record| record.reissue(now, record.unused(now))),
                on_behalf_of: record.and_then(|record| Some(record.subject.ward()?.relation())),
            }
        });
        let shared = shared.collect();
        records.retain(|_, record| record.policy.counts());
        let mut ledger = self.ledger()?;
        let marked = self.vault.transaction(turn, |tx| {
            for (id, record) in &records {
                record.put(tx, *id)?;
            }
            match &entry {
                Some(entry) => ledger.log(tx, entry),
                None => Ok(None),
            }
        });
        if self.is_locked() && marked.is_err() {
            return Err(self.vault.locked().into());
        }
        let logged = marked.as_ref().is_ok_and(Option::is_some);
        // What cannot be written into the history is shown all the same, as long as copies can be marked.
        if marked.is_err() && !records.is_empty() {
            self.vault.transaction(turn, |tx| {
                for (id, record) in &records {
                    record.put(tx, *id)?;
                }
                Ok::<(), idwallet_storage::Error>(())
            })?;
        }
        Ok((shared, logged))
    }
}

/// Builds the response up to its device authentication, with an error of code 0 for everything that is asked for and not given, be it
/// missing or declined (A-H58).
fn with_pending<T>(
    request: &ResolvedRequest,
    taken: &[Taken],
    work: impl FnOnce(PendingResponse<'_>) -> Result<T, WalletError>,
) -> Result<T, WalletError> {
    let failed = |_| WalletError::from(InternalFault::Response);
    let parsed = DeviceRequest::parse(&request.request).map_err(failed)?;
    let issuer_signed: Result<Vec<_>, _> = taken.iter().map(|t| IssuerSigned::parse(t.bytes.expose())).collect();
    let issuer_signed = issuer_signed.map_err(failed)?;
    let msos: Result<Vec<_>, _> = issuer_signed.iter().map(IssuerSigned::mobile_security_object).collect();
    let msos = msos.map_err(failed)?;
    let mut builder = DeviceResponseBuilder::new();
    for ((taken, issuer_signed), mso) in taken.iter().zip(&issuer_signed).zip(&msos) {
        let doc_request = parsed
            .doc_requests()
            .get(taken.request)
            .ok_or(InternalFault::Response)?;
        let items = doc_request.items_request();
        let selection = select(issuer_signed, mso, items).map_err(|_| InternalFault::Response)?;
        let gives = |r: ElementReference<'_>| taken.gives.contains(&(r.name_space.to_owned(), r.element.to_owned()));
        let release = selection.approve(gives);
        let released: BTreeSet<Name> = release
            .elements()
            .map(|r| (r.name_space.to_owned(), r.element.to_owned()))
            .gather();
        // What leaves is what was approved, to the element.
        if released != taken.gives {
            return Err(InternalFault::Response.into());
        }
        let mut document = ResponseDocument::new(issuer_signed, mso, release, taken.usage);
        let answered = selection.matches().iter();
        let answered: BTreeSet<ElementReference<'_>> = answered
            .filter(|m| m.items.iter().all(|found| gives(found.reference())))
            .map(|m| m.requested)
            .gather();
        for (name_space, wanted) in items.elements() {
            let requested = ElementReference {
                name_space,
                element: wanted.element,
            };
            if !answered.contains(&requested) {
                document = document
                    .error(name_space, wanted.element, NOT_RETURNED)
                    .map_err(failed)?;
            }
        }
        builder = builder.document(document);
    }
    let mut said = BTreeSet::new();
    for (index, doc_request) in parsed.doc_requests().iter().enumerate() {
        let doc_type = doc_request.items_request().doc_type();
        if !taken.iter().any(|t| t.request == index) && said.insert(doc_type) {
            builder = builder.document_error(doc_type, NOT_RETURNED).map_err(failed)?;
        }
    }
    work(builder.prepare(&request.transcript).map_err(failed)?)
}

fn task(input: DeviceAuthInput<'_>) -> Task {
    match input {
        DeviceAuthInput::Sign { algorithm, message } => Task::Sign(algorithm, message.to_vec()),
        DeviceAuthInput::Agree { peer } => Task::Agree(*peer),
    }
}

async fn authenticate(
    area: &dyn SecureArea,
    key: &KeyRecord,
    document: DocumentId,
    task: Task,
) -> Result<DeviceAuthOutput, WalletError> {
    let failed = |error| WalletError::area(error, &[document]);
    match task {
        Task::Sign(algorithm, message) => {
            let signature = area.sign(&key.id, &message).await.map_err(failed)?;
            let curve = key.public_key.curve();
            let raw = if matches!(curve, Curve::Ed25519 | Curve::Ed448) {
                signature
            } else {
                ecdsa_der_to_raw(curve, &signature).map_err(|_| InternalFault::KeyStoreOutput("signature"))?
            };
            // A wrong signature would be the reader's to find; it is ours.
            verify(&key.public_key, algorithm, &message, &raw)
                .map_err(|_| InternalFault::KeyStoreOutput("signature"))?;
            Ok(DeviceAuthOutput::Signature(raw))
        }
        Task::Agree(peer) => {
            let secret = area.agree(&key.id, &peer).await.map_err(failed)?;
            Ok(DeviceAuthOutput::SharedSecret(secret))
        }
    }
}

/// `maximumResponseSize` of what is answered (A-H47), and what the carrier takes.
fn check_size(response: &[u8], request: &ResolvedRequest, taken: &[Taken]) -> Result<(), WalletError> {
    let answered = taken.iter().filter_map(|t| request.review().requests.get(t.request));
    let largest = answered
        .filter_map(|r| r.maximum_response_size)
        .chain(request.largest)
        .min();
    let size = u64::try_from(response.len()).unwrap_or(u64::MAX);
    match largest {
        Some(largest) if size > largest => Err(StateFault::AnswerTooLarge.into()),
        _ => Ok(()),
    }
}

/// Exactly one set of each use case that is answered, one of each that is mandatory, and no part of another (2nd edition §10.2.8).
/// What is approved and withheld (A-H49) counts as not given.
fn check_sets(review: &Review, taken: &[Taken]) -> Result<(), WalletError> {
    let is_approved = |index: &usize| taken.iter().any(|t| t.request == *index);
    let mut covered = BTreeSet::new();
    for use_case in &review.use_cases {
        let full = use_case
            .sets
            .iter()
            .filter(|set| !set.is_empty() && set.iter().all(is_approved));
        match full.max_by_key(|set| set.len()) {
            Some(set) => covered.extend(set.iter().copied()),
            None if use_case.mandatory => return Err(StateFault::DocumentSets.into()),
            None => {}
        }
    }
    let mut in_sets = review
        .use_cases
        .iter()
        .flat_map(|use_case| use_case.sets.iter().flatten());
    if in_sets.any(|index| is_approved(index) && !covered.contains(index)) {
        return Err(StateFault::DocumentSets.into());
    }
    Ok(())
}
