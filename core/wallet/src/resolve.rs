//! From a request to what could be given: the first of the three calls.

use crate::copies::{ReaderKey, reader_key};
use crate::history::{NewEntry, Who};
use crate::record::{COPY, CopyRecord, DocumentRecord};
use crate::review::{
    AskedElement, Candidate, GivenElement, MissingElement, MissingReason, OfferedElement, ReaderView,
    RequestedDocument, Review, ReviewHandle, Unsuitable, UnsuitableReason, UseCaseView,
};
use crate::{CopyUse, DocumentId, DocumentState, Finding, FindingCode, Wallet, WalletError, words};
use idwallet_cose::cbor::Encoder;
use idwallet_crypto::Order as _;
use idwallet_crypto::{Timestamp, sha256};
use idwallet_documents::{DocumentType, ElementValue, REQUIRED_ACCOUNT_LEVEL, Sensitivity};
use idwallet_mdoc::holder::{DeviceAuthUsage, Found, Match, NoMatch, ResponseFailure, Selection, select};
use idwallet_mdoc::limits::MAX_AGE_OVER;
use idwallet_mdoc::names::age_over;
use idwallet_mdoc::reader_auth::{ReaderAuthentication, ReaderTrust};
use idwallet_mdoc::{DeviceRequest, ElementReference, IssuerSigned, ItemsRequest, SessionTranscript};
use idwallet_storage::RecordId;
use std::collections::{BTreeSet, HashMap};

/// A request with everything that the wallet knows about it: who asks, what could be given. Made by
/// [`Wallet::resolve`]; answered once, by [`Wallet::respond`] or [`Wallet::decline`].
pub struct ResolvedRequest {
    pub(crate) request: Vec<u8>,
    pub(crate) transcript: SessionTranscript,
    pub(crate) at: Timestamp,
    /// Of this resolution alone.
    nonce: [u8; 16],
    pub(crate) readers: Vec<Asker>,
    pub(crate) resolution: Resolution,
    pub(crate) is_answered: bool,
    /// The longest response that the carrier takes, in bytes.
    pub(crate) largest: Option<u64>,
    /// Its number in the history; `None` where nothing could be written.
    pub(crate) entry: Option<u64>,
    /// The latest time that is known, for the history.
    pub(crate) now: Timestamp,
    /// Whether the history has how it ended.
    pub(crate) has_end: bool,
}

impl core::fmt::Debug for ResolvedRequest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ResolvedRequest")
            .field("requests", &self.resolution.review.requests.len())
            .field("is_answered", &self.is_answered)
            .finish_non_exhaustive()
    }
}

/// Who asks for one document.
pub(crate) struct Asker {
    pub(crate) view: ReaderView,
    /// What copies remember a verified one by.
    pub(crate) key: Option<ReaderKey>,
}

/// What the wallet could give, and which copies it would take for it.
pub(crate) struct Resolution {
    pub(crate) review: Review,
    /// The copy of each candidate, in the order of requests and candidates.
    pub(crate) copies: Vec<Vec<RecordId>>,
}

impl ResolvedRequest {
    /// The consent screen as plain data, with the handle that binds an approval to it.
    #[must_use]
    pub fn review(&self) -> &Review {
        &self.resolution.review
    }

    /// The session the request belongs to.
    #[must_use]
    pub fn transcript(&self) -> &SessionTranscript {
        &self.transcript
    }

    /// Whether it was answered or declined.
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        self.is_answered
    }

    /// Its number in the history. `None` where nothing could be written, on a full or read-only disk: that does not keep the owner
    /// from showing a document.
    #[must_use]
    pub const fn logged(&self) -> Option<u64> {
        self.entry
    }
}

impl Wallet {
    /// Finds out who asks, for what, and which documents could answer, or why none does. Shows nothing to anybody, and writes into the
    /// history that it was asked (H-H60), also a request that is refused here.
    ///
    /// Readers are checked at the time in `trust`, which is also the time at which documents have to be valid.
    ///
    /// # Errors
    /// [`WalletError::InvalidRequest`] for bytes that are not a `DeviceRequest`, with what to answer;
    /// [`WalletError::Storage`] when the vault as a whole cannot be read. A request that nothing answers is no error.
    pub fn resolve(
        &self,
        request: &[u8],
        transcript: &SessionTranscript,
        trust: &ReaderTrust<'_>,
    ) -> Result<ResolvedRequest, WalletError> {
        self.resolve_with(request, transcript, transcript, trust)
    }

    /// [`resolve`](Self::resolve) where the reader had to sign before the session's transcript was known, as between two cameras:
    /// `reader_transcript` is what its authentication covers, `transcript` what device keys will sign.
    ///
    /// # Errors
    /// The same.
    pub fn resolve_with(
        &self,
        request: &[u8],
        reader_transcript: &SessionTranscript,
        transcript: &SessionTranscript,
        trust: &ReaderTrust<'_>,
    ) -> Result<ResolvedRequest, WalletError> {
        let parsed = match DeviceRequest::parse(request) {
            Ok(parsed) => parsed,
            Err(error) => {
                let answer = ResponseFailure::for_error(&error, request);
                let error = WalletError::InvalidRequest { answer, error };
                self.log(&NewEntry::failed_request(&error, trust.at));
                return Err(error);
            }
        };
        let authentication = ReaderAuthentication::verify(&parsed, reader_transcript, trust);
        let readers: Vec<Asker> = (0..parsed.doc_requests().len())
            .map(|index| {
                let state = authentication.for_document(index);
                Asker {
                    view: ReaderView::of(state),
                    key: state.verified().map(|reader| reader_key(reader.certificate())),
                }
            })
            .collect();
        let _turn = self.turn();
        let mut nonce = [0; 16];
        self.random.fill(&mut nonce)?;
        let resolution = Resolver {
            wallet: self,
            at: trust.at,
            transcript,
            nonce: &nonce,
        }
        .run(&parsed, &readers)?;
        let entry = self.log(&NewEntry::request(trust.at, &parsed, |index| {
            Who::reader(authentication.for_document(index))
        }));
        Ok(ResolvedRequest {
            request: request.to_vec(),
            transcript: transcript.clone(),
            at: trust.at,
            nonce,
            readers,
            resolution,
            is_answered: false,
            largest: None,
            entry,
            now: trust.at,
            has_end: false,
        })
    }

    /// The same again from the same bytes: equal to what was shown unless the vault changed, or time made a document worthless.
    pub(crate) fn resolve_again(&self, request: &ResolvedRequest, now: Timestamp) -> Result<Resolution, WalletError> {
        let parsed = DeviceRequest::parse(&request.request).map_err(|_| crate::InternalFault::Response)?;
        let resolver = Resolver {
            wallet: self,
            at: now,
            transcript: &request.transcript,
            nonce: &request.nonce,
        };
        resolver.run(&parsed, &request.readers)
    }
}

/// One document request while it is compared with the documents.
struct Asked<'r> {
    request: &'r ItemsRequest<'r>,
    reader: &'r Asker,
    /// The level that the identity account has to have.
    account_level: Option<u8>,
    /// By namespace and identifier: a request may name tens of thousands.
    elements: HashMap<(&'r str, &'r str), &'r AskedElement>,
    /// How many `age_over_NN` the response may still get (A-H46).
    ages_left: usize,
}

impl Asked<'_> {
    fn find(&self, element: ElementReference<'_>) -> Option<AskedElement> {
        let found = self.elements.get(&(element.name_space, element.element));
        found.map(|asked| (*asked).clone())
    }
}

struct Resolver<'w> {
    wallet: &'w Wallet,
    at: Timestamp,
    transcript: &'w SessionTranscript,
    nonce: &'w [u8; 16],
}

impl Resolver<'_> {
    fn run(&self, request: &DeviceRequest<'_>, readers: &[Asker]) -> Result<Resolution, WalletError> {
        // Everything that the person's decision rests on goes in here; the handle is its hash.
        let mut bound = Encoder::new();
        bound.array(5).text("idwallet review 1").bytes(self.nonce);
        bound.bytes(request.bytes()).bytes(self.transcript.as_bytes());
        bound.array(request.doc_requests().len());
        let (mut requests, mut copies) = (Vec::new(), Vec::new());
        // A limit of the whole response: asking in several document requests gets no more statements (A-H46).
        let mut ages_left = MAX_AGE_OVER;
        for (doc_request, reader) in request.doc_requests().iter().zip(readers) {
            let items = doc_request.items_request();
            let (requested, taken) = self.document(items, reader, &mut ages_left, &mut bound)?;
            requests.push(requested);
            copies.push(taken);
        }
        let use_cases = use_cases(request, &requests);
        let handle = ReviewHandle(sha256(bound.as_slice()));
        Ok(Resolution {
            review: Review {
                handle,
                requests,
                use_cases,
            },
            copies,
        })
    }

    fn document(
        &self,
        request: &ItemsRequest<'_>,
        asker: &Asker,
        ages_left: &mut usize,
        bound: &mut Encoder,
    ) -> Result<(RequestedDocument, Vec<RecordId>), WalletError> {
        let kind = self.wallet.registry.find(request.doc_type());
        let asked = request.elements().map(|(name_space, wanted)| AskedElement {
            name_space: name_space.to_owned(),
            element: wanted.element.to_owned(),
            label: words::label(kind, name_space, wanted.element),
            sensitivity: words::sensitivity(kind, name_space, wanted.element),
            intent_to_retain: wanted.intent_to_retain,
        });
        let asked: Vec<AskedElement> = asked.collect();
        let by_name = asked.iter().map(|a| ((a.name_space.as_str(), a.element.as_str()), a));
        let wanted = Asked {
            request,
            reader: asker,
            account_level: account_level(request),
            elements: by_name.collect(),
            ages_left: *ages_left,
        };
        let (mut answers, mut unsuitable): (Vec<Answer>, _) = (Vec::new(), Vec::new());
        for id in self.wallet.documents_of_type(request.doc_type())? {
            match self.candidate(id, &wanted)? {
                Ok(answer) => answers.push(answer),
                Err(reason) => unsuitable.push(Unsuitable { document: id, reason }),
            }
        }
        let most = answers.iter().map(|answer| answer.ages).max();
        *ages_left = ages_left.saturating_sub(most.unwrap_or_default());
        // The owner's own before a ward's, then the fullest answer, then the newest document (H-H22: the person chooses).
        let reader = &asker.view;
        answers.order_by_key(|a| {
            (
                a.candidate.subject.is_ward(),
                core::cmp::Reverse(a.candidate.elements.len()),
                core::cmp::Reverse(a.imported_at),
            )
        });
        bound
            .array(3)
            .text(reader.state())
            .text(reader.name().unwrap_or_default());
        bound.array(answers.len());
        for answer in &answers {
            bound.raw(&answer.bound);
        }
        let copies = answers.iter().map(|answer| answer.copy).collect();
        let requested = RequestedDocument {
            doc_type: request.doc_type().to_owned(),
            title: words::title(kind, request.doc_type()),
            reader: reader.clone(),
            account_level: account_level(request),
            asked,
            candidates: answers.into_iter().map(|answer| answer.candidate).collect(),
            unsuitable,
            maximum_response_size: request.request_info().and_then(|info| info.maximum_response_size),
        };
        Ok((requested, copies))
    }

    /// What one document could give, or why it could not. Only a vault that cannot be read at all is an error.
    fn candidate(&self, id: DocumentId, asked: &Asked<'_>) -> Result<Result<Answer, UnsuitableReason>, WalletError> {
        let record = match self.wallet.document(id) {
            Ok(record) => record,
            Err(error) => return set_aside(error),
        };
        // H-H38: the newer one is used, as long as it can be.
        let newer = record
            .superseded_by()
            .and_then(|newer| self.wallet.document(newer).ok());
        if newer.is_some_and(|newer| newer.state(self.at) == DocumentState::Active) {
            return Ok(Err(UnsuitableReason::Quality(FindingCode::Superseded)));
        }
        let mut reason = match record.state(self.at) {
            DocumentState::Active => UnsuitableReason::NoCopies,
            state => UnsuitableReason::State(state),
        };
        for copy in record.copies_for(self.at, asked.reader.key.as_ref(), self.nonce) {
            match self.copy(id, &record, copy, asked)? {
                Ok(answer) => return Ok(Ok(answer)),
                // Of this copy alone: a damaged one does not hide the good ones.
                Err(
                    of_copy @ (UnsuitableReason::Damaged | UnsuitableReason::DeviceKey | UnsuitableReason::Quality(_)),
                ) => reason = of_copy,
                Err(of_all) => return Ok(Err(of_all)),
            }
        }
        Ok(Err(reason))
    }

    /// The same of one copy.
    fn copy(
        &self,
        id: DocumentId,
        record: &DocumentRecord,
        (copy, copy_use): (&CopyRecord, CopyUse),
        asked: &Asked<'_>,
    ) -> Result<Result<Answer, UnsuitableReason>, WalletError> {
        let stored = self.wallet.vault.read(COPY, copy.id).map_err(WalletError::from);
        let (key, stored) = match (self.wallet.key(copy.id), stored) {
            (Ok(key), Ok(stored)) => (key, stored),
            (Err(error), _) | (_, Err(error)) => return set_aside(error),
        };
        let bytes = stored.data().expose();
        let Ok(issuer_signed) = IssuerSigned::parse(bytes) else {
            return Ok(Err(UnsuitableReason::Damaged));
        };
        let Ok(mso) = issuer_signed.mobile_security_object() else {
            return Ok(Err(UnsuitableReason::Damaged));
        };
        if DeviceAuthUsage::choose(key.usage, mso.device_key(), self.transcript).is_err() {
            return Ok(Err(UnsuitableReason::DeviceKey));
        }
        let warnings = match self.wallet.before_showing(&issuer_signed, record, copy, &key, self.at) {
            Ok(warnings) => warnings,
            Err(code) => return Ok(Err(UnsuitableReason::Quality(code))),
        };
        let selection = match select(&issuer_signed, &mso, asked.request) {
            Ok(selection) => selection,
            Err(no_match) => return Ok(Err(reason(no_match))),
        };
        if let Err(too_low) = self.check_account_level(record, &issuer_signed, asked.account_level) {
            return Ok(Err(too_low));
        }
        let authority = self.wallet.authority(record, &issuer_signed, self.at)?;
        if record.subject.is_ward() && !self.wallet.policies().guardian.lets(authority.as_ref()) {
            return Ok(Err(UnsuitableReason::Authority));
        }
        let mut answer = self.answer(
            id,
            record,
            (copy, copy_use),
            &issuer_signed,
            (&selection, warnings),
            asked,
        );
        answer.candidate.authority = authority;
        Ok(if answer.candidate.elements.is_empty() {
            Err(UnsuitableReason::NoElements)
        } else {
            Ok(answer)
        })
    }

    /// Level 1 is refused where level 2 is asked for: it would give data away for nothing.
    fn check_account_level(
        &self,
        record: &DocumentRecord,
        issuer_signed: &IssuerSigned<'_>,
        needed: Option<u8>,
    ) -> Result<(), UnsuitableReason> {
        let field = self
            .wallet
            .registry
            .find(&record.doc_type)
            .and_then(DocumentType::account_level_field);
        let (Some(needed), Some(field)) = (needed, field) else {
            return Ok(());
        };
        let has = match words::value_of(issuer_signed, &field.namespace, &field.element) {
            Some(ElementValue::Uint(level)) => u8::try_from(level).ok(),
            _ => None,
        };
        if has.is_some_and(|has| has >= needed) {
            Ok(())
        } else {
            Err(UnsuitableReason::AccountLevel { needed, has })
        }
    }

    fn answer(
        &self,
        id: DocumentId,
        record: &DocumentRecord,
        (copy, copy_use): (&CopyRecord, CopyUse),
        issuer_signed: &IssuerSigned<'_>,
        (selection, warnings): (&Selection<'_>, Vec<Finding>),
        asked: &Asked<'_>,
    ) -> Answer {
        let kind = self.wallet.registry.find(selection.doc_type());
        let mut ages: BTreeSet<ElementReference<'_>> = BTreeSet::new();
        let (matches, too_many): (Vec<&Match<'_>>, Vec<_>) = selection.matches().iter().partition(|a_match| {
            let mut with = ages.clone();
            let references = a_match.items.iter().map(Found::reference);
            with.extend(references.filter(|found| age_over(found.element).is_some()));
            let fits = with.len() <= asked.ages_left;
            if fits {
                ages = with;
            }
            fits
        });
        let mut bound = Encoder::new();
        bound.array(6).bytes(id.as_bytes()).bytes(copy.id.as_bytes());
        let ward = record.subject.ward();
        bound.uint(ward.map_or(0, |ward| ward.relation().number()));
        bound.bool(copy_use == CopyUse::Again);
        bound.bool(selection.portrait_is_due()).array(matches.len());
        for a_match in &matches {
            bound
                .array(3)
                .text(a_match.requested.name_space)
                .text(a_match.requested.element);
            bound.array(a_match.items.len());
            for found in &a_match.items {
                bound
                    .array(2)
                    .text(found.name_space)
                    .bytes(&sha256(found.item.encoded()));
            }
        }
        let offered = matches.iter().filter_map(|a_match| {
            let element = asked.find(a_match.requested)?;
            let may_preselect = !asked.reader.view.is_bad() && !record.subject.is_ward();
            Some(offered(kind, issuer_signed, a_match, element, may_preselect))
        });
        let why = |name_space: &str, element: &str| {
            if kind.is_none_or(|kind| kind.field(name_space, element).is_some()) {
                MissingReason::NotInDocument
            } else {
                MissingReason::NotKnown
            }
        };
        let missing = selection.missing().iter().map(|m| (*m, why(m.name_space, m.element)));
        let missing = missing.chain(too_many.iter().map(|a| (a.requested, MissingReason::TooManyAges)));
        let missing = missing.filter_map(|(element, reason)| {
            Some(MissingElement {
                asked: asked.find(element)?,
                reason,
            })
        });
        let is_fresh = matches!(copy_use, CopyUse::Fresh { .. });
        let unused = record.unused(self.at).saturating_sub(usize::from(is_fresh));
        Answer {
            candidate: Candidate {
                document: id,
                summary: record.summary.clone(),
                issuer: record.issuer.clone(),
                valid_until: copy.valid_until,
                subject: record.subject.clone(),
                authority: None,
                copy: copy_use,
                reissue_due: record.reissue(self.at, unused),
                elements: offered.collect(),
                missing: missing.collect(),
                portrait_is_due: selection.portrait_is_due(),
                warnings,
            },
            copy: copy.id,
            imported_at: record.imported_at,
            ages: ages.len(),
            bound: bound.into_vec(),
        }
    }
}

struct Answer {
    candidate: Candidate,
    copy: RecordId,
    imported_at: Timestamp,
    /// How many `age_over_NN` it would give.
    ages: usize,
    bound: Vec<u8>,
}

/// Damage of one document stays with it.
fn set_aside<T>(error: WalletError) -> Result<Result<T, UnsuitableReason>, WalletError> {
    match error {
        WalletError::Storage(fault) if matches!(fault.cause(), idwallet_storage::Error::Damaged { .. }) => {
            Ok(Err(UnsuitableReason::Damaged))
        }
        // A copy or key that is not there where its document is.
        WalletError::InvalidState(crate::StateFault::NotFound) => Ok(Err(UnsuitableReason::Damaged)),
        error => Err(error),
    }
}

fn reason(no_match: NoMatch) -> UnsuitableReason {
    match no_match {
        NoMatch::Issuer => UnsuitableReason::Issuer,
        NoMatch::ZeroKnowledge | NoMatch::Encryption => UnsuitableReason::Protocol,
        // Documents are looked up by their type: one whose MSO names another is not what was stored.
        _ => UnsuitableReason::Damaged,
    }
}

/// The level of the identity account that the reader needs. What is no level is ignored (A-H48).
fn account_level(request: &ItemsRequest<'_>) -> Option<u8> {
    let item = request.request_info()?.extension(REQUIRED_ACCOUNT_LEVEL)?;
    let level = item.decode(|d| d.u64()).ok()?;
    u8::try_from(level).ok().filter(|level| (1..=2).contains(level))
}

fn offered(
    kind: Option<&DocumentType>,
    issuer_signed: &IssuerSigned<'_>,
    a_match: &Match<'_>,
    asked: AskedElement,
    may_preselect: bool,
) -> OfferedElement {
    let given = a_match.items.iter().map(|found| {
        let (name_space, element) = (found.name_space, found.item.element_identifier());
        let value = found.item.element_value();
        GivenElement {
            name_space: name_space.to_owned(),
            element: element.to_owned(),
            label: words::label(kind, name_space, element),
            sensitivity: words::sensitivity(kind, name_space, element),
            shown: words::shown(kind, name_space, element, value),
            meanings: words::meanings(kind, issuer_signed, name_space, element),
            gives_away: words::gives_away(kind, name_space, element),
            gives_away_in_words: words::gives_away_in_words(kind, name_space, element, value),
            reveals: words::reveals(kind, name_space, element),
            states: words::states(kind, name_space, element),
        }
    });
    let gives: Vec<GivenElement> = given.collect();
    let is_harmless = gives.iter().all(|given| given.sensitivity == Sensitivity::Normal);
    OfferedElement {
        // No tick is set for a reader whose proof fails (H-H12), none for what it means to keep, none on a ward's document.
        preselected: is_harmless && !asked.intent_to_retain && may_preselect,
        asked,
        kind: a_match.kind,
        gives,
    }
}

fn use_cases(request: &DeviceRequest<'_>, requests: &[RequestedDocument]) -> Vec<UseCaseView> {
    let Some(info) = request.device_request_info() else {
        return Vec::new();
    };
    let index = |n: &u64| usize::try_from(*n).unwrap_or(usize::MAX);
    let is_there = |n: &usize| requests.get(*n).is_some_and(|r| !r.candidates.is_empty());
    let view = |use_case: &idwallet_mdoc::UseCase<'_>| {
        let sets: Vec<Vec<usize>> = use_case
            .document_sets
            .iter()
            .map(|set| set.iter().map(index).collect())
            .collect();
        UseCaseView {
            mandatory: use_case.mandatory,
            proposed: sets.iter().position(|set| !set.is_empty() && set.iter().all(is_there)),
            sets,
        }
    };
    info.use_cases.iter().map(view).collect()
}
