//! What lies in the vault, one CBOR map a record with a format number; unknown members are skipped.
//!
//! `DOCUMENT` is what a list needs, `COPY` one `IssuerSigned` as received, `KEY` one device key. A copy and its key share their id, and
//! a document has the id of its first copy, so that one bucket of the manifest vouches for all of them.

use crate::copies::{CopiesPolicy, CopyMethod, ReaderKey};
use crate::document::DocumentState;
use crate::guardian::{Relation, Subject, Ward};
use crate::quality::{Finding, FindingCode};
use crate::status::{CopyStatus, ListKind, Standing};
use crate::{DocumentId, Shown};
use idwallet_cose::cbor::{Decoder, Encoder, Limits, Result};
use idwallet_crypto::Order as _;
use idwallet_crypto::area::{KeyId, KeyPurpose};
use idwallet_crypto::{PublicKey, Timestamp};
use idwallet_documents::Lang;
use idwallet_mdoc::holder::DeviceAuthUsage;
use idwallet_storage::{Error, Kind, Lookup, RecordId, Transaction};

pub(crate) const DOCUMENT: Kind = Kind(1);
pub(crate) const COPY: Kind = Kind(2);
pub(crate) const KEY: Kind = Kind(3);
/// One event of the history.
pub(crate) const HISTORY: Kind = Kind(5);
/// How many events there are and how the last one hashes.
pub(crate) const HISTORY_HEAD: Kind = Kind(6);
/// What has to be issued again.
pub(crate) const REISSUE: Kind = Kind(10);
/// A request for correction.
pub(crate) const CORRECTION: Kind = Kind(8);
/// The wallet's own signing key.
pub(crate) const DEVICE_IDENTITY: Kind = Kind(9);

/// Who may lock the wallet from afar.
pub(crate) const AUTHORITY: Kind = Kind(13);
/// An entry of a history that came from another wallet by a restore, as it was written there. The id is the beginning of SHA-256.
pub(crate) const PAST_HISTORY: Kind = Kind(11);
/// What such a history says of its end, as [`HISTORY_HEAD`].
pub(crate) const PAST_HEAD: Kind = Kind(12);

/// Look-up of documents by docType.
pub(crate) const BY_DOC_TYPE: &str = "doc_type";
/// Look-up of documents by a name of their person: see [`DocumentRecord::persons`].
pub(crate) const BY_PERSON: &str = "person";
/// Look-up of copies by SHA-256 of `issuerAuth`.
pub(crate) const BY_ISSUER_AUTH: &str = "issuer_auth";
/// Look-up of copies by their document, which works when the document's own record is damaged.
pub(crate) const BY_DOCUMENT: &str = "document";
/// Look-up of keys that are to be destroyed.
pub(crate) const BY_STATE: &str = "state";
/// The state of keys that are to be destroyed.
pub(crate) const CONDEMNED: &[u8] = b"condemned";
/// Look-up of keys by public key (SubjectPublicKeyInfo).
pub(crate) const BY_PUBLIC_KEY: &str = "public_key";

const FORMAT: u64 = 1;

/// A record that this software did not write, or a later one did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnknownForm;

#[derive(Debug, Clone)]
pub(crate) struct CopyRecord {
    pub(crate) id: RecordId,
    pub(crate) valid_from: Timestamp,
    pub(crate) valid_until: Timestamp,
    /// How often it was shown.
    pub(crate) uses: u64,
    /// The reader to whom alone it is shown (method D).
    pub(crate) reader: Option<ReaderKey>,
    /// The last word of each source in [`DocumentRecord::sources`], by its index.
    pub(crate) statuses: Vec<(usize, CopyStatus)>,
}

impl CopyRecord {
    /// What lists say of it: a copy with two sources is as good as the worse one.
    pub(crate) fn standing(&self) -> Option<Standing> {
        self.statuses.iter().map(|(_, status)| status.standing).max()
    }

    /// Whether it can be used. What was taken back for good stays so (VCR_04); what is over is not called suspended.
    pub(crate) fn state(&self, now: Timestamp) -> DocumentState {
        match (
            self.standing(),
            DocumentState::at(now, self.valid_from, self.valid_until),
        ) {
            (Some(Standing::Revoked), _) => DocumentState::Revoked,
            (Some(Standing::Suspended), DocumentState::Active | DocumentState::NotYetValid) => DocumentState::Suspended,
            (_, state) => state,
        }
    }
}

/// Where a status list of a document is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceRecord {
    pub(crate) uri: String,
    pub(crate) kind: ListKind,
}

#[derive(Debug, Clone)]
pub(crate) struct DocumentRecord {
    pub(crate) doc_type: String,
    pub(crate) issuer: String,
    pub(crate) country: Option<String>,
    pub(crate) summary: Shown,
    pub(crate) imported_at: Timestamp,
    pub(crate) copies: Vec<CopyRecord>,
    /// How its copies are used.
    pub(crate) policy: CopiesPolicy,
    /// Whose it is.
    pub(crate) subject: Subject,
    /// The status lists that its copies name; `None` in records of the first version, which did not note them.
    pub(crate) sources: Option<Vec<SourceRecord>>,
    /// What was found at import, and beside other documents since.
    pub(crate) findings: Vec<Finding>,
    /// Hashes of what its person is known by, most telling first: who shares one is the same person.
    pub(crate) persons: Vec<[u8; 16]>,
}

#[derive(Debug, Clone)]
pub(crate) struct KeyRecord {
    pub(crate) id: KeyId,
    pub(crate) public_key: PublicKey,
    pub(crate) purpose: KeyPurpose,
    /// Fixed at first use (A-H55), or by the purpose.
    pub(crate) usage: Option<DeviceAuthUsage>,
}

impl KeyRecord {
    pub(crate) fn new(id: KeyId, public_key: PublicKey, purpose: KeyPurpose) -> Self {
        let usage = match purpose {
            KeyPurpose::Sign => Some(DeviceAuthUsage::Signature),
            KeyPurpose::Agree => Some(DeviceAuthUsage::Mac),
            KeyPurpose::SignOrAgree => None,
        };
        Self {
            id,
            public_key,
            purpose,
            usage,
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut e = Encoder::new();
        e.map(if self.usage.is_some() { 5 } else { 4 });
        e.int(0).uint(FORMAT);
        e.int(1).bytes(self.id.as_bytes());
        e.int(2).bytes(&self.public_key.to_spki_der());
        e.int(3).uint(match self.purpose {
            KeyPurpose::Sign => 1,
            KeyPurpose::Agree => 2,
            KeyPurpose::SignOrAgree => 3,
        });
        if let Some(usage) = self.usage {
            e.int(4).uint(match usage {
                DeviceAuthUsage::Signature => 1,
                DeviceAuthUsage::Mac => 2,
            });
        }
        e.into_vec()
    }

    pub(crate) fn decode(bytes: &[u8]) -> core::result::Result<Self, UnknownForm> {
        let (mut format, mut id, mut key, mut purpose, mut usage) = (0, None, None, None, None);
        read(bytes, |d, name| {
            match name {
                0 => format = d.u64()?,
                1 => id = Some(KeyId::new(d.bytes()?)),
                2 => key = PublicKey::from_spki_der(d.bytes()?).ok(),
                3 => purpose = Some(d.u64()?),
                4 => usage = Some(d.u64()?),
                _ => d.skip()?,
            }
            Ok(())
        })?;
        let usage = match usage {
            None => None,
            Some(1) => Some(DeviceAuthUsage::Signature),
            Some(2) => Some(DeviceAuthUsage::Mac),
            Some(_) => return Err(UnknownForm),
        };
        let purpose = match purpose {
            Some(1) => KeyPurpose::Sign,
            Some(2) => KeyPurpose::Agree,
            Some(3) => KeyPurpose::SignOrAgree,
            _ => return Err(UnknownForm),
        };
        match (format, id, key) {
            (FORMAT, Some(id), Some(public_key)) => Ok(Self {
                id,
                public_key,
                purpose,
                usage,
            }),
            _ => Err(UnknownForm),
        }
    }
}

impl DocumentRecord {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut e = Encoder::new();
        let optional = [
            self.country.is_some(),
            self.subject.is_ward(),
            self.sources.is_some(),
            !self.findings.is_empty(),
            !self.persons.is_empty(),
        ];
        e.map(optional.iter().filter(|is_there| **is_there).count().saturating_add(8));
        e.int(0).uint(FORMAT);
        e.int(1).text(&self.doc_type);
        e.int(2).text(&self.issuer);
        if let Some(country) = &self.country {
            e.int(3).text(country);
        }
        e.int(4).text(self.summary.text(Lang::Vi));
        e.int(5).text(self.summary.text(Lang::En));
        e.int(6).int(self.imported_at.unix());
        e.int(7).array(self.copies.len());
        for copy in &self.copies {
            e.array(4)
                .bytes(copy.id.as_bytes())
                .int(copy.valid_from.unix())
                .int(copy.valid_until.unix())
                .uint(copy.uses);
        }
        if let Some(ward) = self.subject.ward() {
            e.int(8).map(if ward.label().is_some() { 2 } else { 1 });
            e.int(0).uint(ward.relation().number());
            if let Some(label) = ward.label() {
                e.int(1).text(label);
            }
        }
        if let Some(sources) = &self.sources {
            e.int(9);
            self.encode_status(&mut e, sources);
        }
        self.encode_policy(e.int(10));
        if !self.findings.is_empty() {
            e.int(11).array(self.findings.len());
            self.findings.iter().for_each(|finding| encode_finding(&mut e, finding));
        }
        if !self.persons.is_empty() {
            e.int(13).array(self.persons.len());
            for person in &self.persons {
                e.bytes(person);
            }
        }
        e.into_vec()
    }

    fn encode_policy(&self, e: &mut Encoder) {
        let policy = &self.policy;
        let numbers = [
            (1, policy.unused_limit),
            (2, policy.lifetime_left),
            (3, policy.batch_size),
        ];
        let known: Vec<(usize, &ReaderKey)> = self
            .copies
            .iter()
            .enumerate()
            .filter_map(|(place, copy)| Some((place, copy.reader.as_ref()?)))
            .collect();
        let there = numbers.iter().filter(|(_, number)| number.is_some()).count();
        e.map(there.saturating_add(if known.is_empty() { 1 } else { 2 }));
        e.int(0).array(policy.methods.len());
        for method in &policy.methods {
            e.uint(method.number());
        }
        for (name, number) in numbers {
            if let Some(number) = number {
                e.int(name).uint(number);
            }
        }
        if !known.is_empty() {
            e.int(4).array(known.len());
            for (place, reader) in known {
                e.array(2).uint(to_u64(place)).bytes(reader);
            }
        }
    }

    fn encode_status(&self, e: &mut Encoder, sources: &[SourceRecord]) {
        e.array(2).array(sources.len());
        for source in sources {
            e.array(2).text(&source.uri).uint(source.kind.number());
        }
        e.array(
            self.copies
                .iter()
                .map(|copy| copy.statuses.len())
                .fold(0, usize::saturating_add),
        );
        for (copy, of) in self.copies.iter().enumerate() {
            for (source, status) in &of.statuses {
                e.array(5).uint(to_u64(copy)).uint(to_u64(*source));
                e.uint(status.standing.number());
                e.int(status.issued_at.unix()).int(status.checked_at.unix());
            }
        }
    }

    /// Writes the record with all of its look-ups, over an earlier one if there is one.
    pub(crate) fn put(&self, tx: &mut Transaction<'_>, id: DocumentId) -> core::result::Result<(), Error> {
        let mut lookups = vec![Lookup {
            name: BY_DOC_TYPE,
            value: self.doc_type.as_bytes(),
        }];
        lookups.extend(self.persons.iter().map(|person| Lookup {
            name: BY_PERSON,
            value: person,
        }));
        tx.put(DOCUMENT, id.record(), &self.encode(), &lookups)
    }

    pub(crate) fn decode(bytes: &[u8]) -> core::result::Result<Self, UnknownForm> {
        let (mut format, mut doc_type, mut issuer, mut country) = (0, None, None, None);
        let (mut vi, mut en, mut imported_at, mut copies) = (None, None, None, Vec::new());
        let (mut status, mut findings, mut persons) = (None, Vec::new(), Vec::new());
        let (mut subject, mut policy) = (Subject::Owner, None);
        read(bytes, |d, name| {
            match name {
                0 => format = d.u64()?,
                1 => doc_type = Some(d.text()?.to_owned()),
                2 => issuer = Some(d.text()?.to_owned()),
                3 => country = Some(d.text()?.to_owned()),
                4 => vi = Some(d.text()?.to_owned()),
                5 => en = Some(d.text()?.to_owned()),
                6 => imported_at = Some(Timestamp::from_unix(d.i64()?)),
                7 => {
                    let mut array = d.array()?;
                    while array.next(d)? {
                        copies.push(read_copy(d)?);
                    }
                }
                8 => subject = read_subject(d)?,
                9 => status = Some(read_status(d)?),
                10 => policy = Some(read_policy(d)?),
                11 => {
                    let mut array = d.array()?;
                    while array.next(d)? {
                        findings.extend(read_finding(d)?);
                    }
                }
                13 => {
                    let mut array = d.array()?;
                    while array.next(d)? {
                        persons.push(*d.byte_array()?);
                    }
                }
                _ => d.skip()?,
            }
            Ok(())
        })?;
        match (format, doc_type, issuer, vi, en, imported_at, copies.is_empty()) {
            (FORMAT, Some(doc_type), Some(issuer), Some(vi), Some(en), Some(imported_at), false) => Ok(Self {
                doc_type,
                issuer,
                country,
                summary: Shown::new(vi, en),
                imported_at,
                sources: place_statuses(status, &mut copies),
                policy: place_policy(policy, &mut copies),
                subject,
                copies,
                findings,
                persons,
            }),
            _ => Err(UnknownForm),
        }
    }

    /// The copies that are valid now, the one to show first: the one shown least, the first of equals.
    pub(crate) fn copies_to_show(&self, now: Timestamp) -> Vec<&CopyRecord> {
        let valid = self
            .copies
            .iter()
            .filter(|copy| copy.state(now) == DocumentState::Active);
        let mut valid: Vec<&CopyRecord> = valid.collect();
        valid.order_by_key(|copy| copy.uses);
        valid
    }

    /// Active as long as one copy is; else what can become active again goes before what cannot.
    pub(crate) fn state(&self, now: Timestamp) -> DocumentState {
        const ORDER: [DocumentState; 4] = [
            DocumentState::Active,
            DocumentState::Suspended,
            DocumentState::NotYetValid,
            DocumentState::Revoked,
        ];
        let has = |wanted: &DocumentState| self.copies.iter().any(|copy| copy.state(now) == *wanted);
        ORDER.into_iter().find(has).unwrap_or(DocumentState::Expired)
    }

    /// The newer document that is used instead of this one, if there is one.
    pub(crate) fn superseded_by(&self) -> Option<DocumentId> {
        let is_it = |finding: &&Finding| finding.code == FindingCode::Superseded;
        self.findings.iter().find(is_it).and_then(|finding| finding.other)
    }

    pub(crate) fn unused(&self, now: Timestamp) -> usize {
        let is_unused = |copy: &&CopyRecord| copy.uses == 0 && copy.state(now) == DocumentState::Active;
        self.copies.iter().filter(is_unused).count()
    }
}

fn read_copy(d: &mut Decoder<'_>) -> Result<CopyRecord> {
    d.array_of(4)?;
    Ok(CopyRecord {
        id: RecordId::from_bytes(*d.byte_array()?),
        valid_from: Timestamp::from_unix(d.i64()?),
        valid_until: Timestamp::from_unix(d.i64()?),
        uses: d.u64()?,
        reader: None,
        statuses: Vec::new(),
    })
}

type ReadStatus = (Vec<Option<SourceRecord>>, Vec<(u64, u64, Option<CopyStatus>)>);

fn read_status(d: &mut Decoder<'_>) -> Result<ReadStatus> {
    d.array_of(2)?;
    let (mut sources, mut statuses) = (Vec::new(), Vec::new());
    let mut array = d.array()?;
    while array.next(d)? {
        d.array_of(2)?;
        let uri = d.text()?.to_owned();
        sources.push(ListKind::from_number(d.u64()?).map(|kind| SourceRecord { uri, kind }));
    }
    let mut array = d.array()?;
    while array.next(d)? {
        d.array_of(5)?;
        let (copy, source) = (d.u64()?, d.u64()?);
        let standing = Standing::from_number(d.u64()?);
        let (issued_at, checked_at) = (Timestamp::from_unix(d.i64()?), Timestamp::from_unix(d.i64()?));
        let status = standing.map(|standing| CopyStatus {
            standing,
            issued_at,
            checked_at,
        });
        statuses.push((copy, source, status));
    }
    Ok((sources, statuses))
}

/// Puts what lists say to the copies. What a later version added and this one does not know is left out.
fn place_statuses(status: Option<ReadStatus>, copies: &mut [CopyRecord]) -> Option<Vec<SourceRecord>> {
    let (sources, statuses) = status?;
    let sources: Vec<SourceRecord> = sources.into_iter().collect::<Option<_>>()?;
    for (copy, source, status) in statuses {
        let place = usize::try_from(copy).ok().and_then(|copy| copies.get_mut(copy));
        let source = usize::try_from(source).ok().filter(|source| *source < sources.len());
        if let (Some(place), Some(source), Some(status)) = (place, source, status) {
            place.statuses.push((source, status));
        }
    }
    Some(sources)
}

fn read_subject(d: &mut Decoder<'_>) -> Result<Subject> {
    let (mut relation, mut label) = (Relation::Ward, None);
    let mut map = d.map()?;
    while let Some(key) = map.next_key(d)? {
        match key.as_int() {
            Some(0) => relation = Relation::from_number(d.u64()?),
            Some(1) => label = Some(d.text()?),
            _ => d.skip()?,
        }
    }
    let ward = Ward::new(relation);
    Ok(Subject::Ward(label.map_or(ward.clone(), |label| ward.called(label))))
}

type ReadPolicy = (CopiesPolicy, Vec<(u64, ReaderKey)>);

/// A method that only a later version knows is left out; where none is left, no copy is shown twice.
fn read_policy(d: &mut Decoder<'_>) -> Result<ReadPolicy> {
    let (mut methods, mut numbers, mut readers) = (Vec::new(), [None; 3], Vec::new());
    let mut map = d.map()?;
    while let Some(key) = map.next_key(d)? {
        match key.as_int() {
            Some(0) => {
                let mut array = d.array()?;
                while array.next(d)? {
                    methods.extend(CopyMethod::from_number(d.u64()?));
                }
            }
            Some(1) => numbers[0] = Some(d.u64()?),
            Some(2) => numbers[1] = Some(d.u64()?),
            Some(3) => numbers[2] = Some(d.u64()?),
            Some(4) => {
                let mut array = d.array()?;
                while array.next(d)? {
                    d.array_of(2)?;
                    readers.push((d.u64()?, *d.byte_array()?));
                }
            }
            _ => d.skip()?,
        }
    }
    let [unused_limit, lifetime_left, batch_size] = numbers;
    let policy = CopiesPolicy {
        methods,
        unused_limit,
        lifetime_left,
        batch_size,
    };
    Ok((policy, readers))
}

/// Records of the first version have no policy: the usual one is theirs.
fn place_policy(policy: Option<ReadPolicy>, copies: &mut [CopyRecord]) -> CopiesPolicy {
    let Some((policy, readers)) = policy else {
        return CopiesPolicy::usual(copies);
    };
    for (place, reader) in readers {
        if let Some(copy) = usize::try_from(place).ok().and_then(|place| copies.get_mut(place)) {
            copy.reader = Some(reader);
        }
    }
    policy
}

fn encode_finding(e: &mut Encoder, finding: &Finding) {
    let (element, other) = (
        usize::from(finding.element.is_some()),
        usize::from(finding.other.is_some()),
    );
    e.map(element.saturating_add(other).saturating_add(2));
    e.int(0).text(finding.code.as_str());
    e.int(1).bool(finding.is_refusal());
    if let Some((name_space, element)) = &finding.element {
        e.int(2).array(2).text(name_space).text(element);
    }
    if let Some(other) = &finding.other {
        e.int(3).bytes(other.as_bytes());
    }
}

/// `None` for a finding that only a later version knows.
fn read_finding(d: &mut Decoder<'_>) -> Result<Option<Finding>> {
    let (mut code, mut refuses, mut element, mut other) = (None, false, None, None);
    let mut map = d.map()?;
    while let Some(key) = map.next_key(d)? {
        match key.as_int() {
            Some(0) => code = FindingCode::from_code(d.text()?),
            Some(1) => refuses = d.bool()?,
            Some(2) => {
                d.array_of(2)?;
                element = Some((d.text()?.to_owned(), d.text()?.to_owned()));
            }
            Some(3) => other = Some(DocumentId::from_bytes(*d.byte_array()?)),
            _ => d.skip()?,
        }
    }
    Ok(code.map(|code| Finding {
        element,
        other,
        ..Finding::new(code).refusing(refuses)
    }))
}

fn to_u64(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

pub(crate) fn read<'a>(
    bytes: &'a [u8],
    mut member: impl FnMut(&mut Decoder<'a>, i64) -> Result<()>,
) -> core::result::Result<(), UnknownForm> {
    Decoder::decode(bytes, Limits::DEFAULT, |d| {
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key.as_int() {
                Some(name) => member(d, name)?,
                None => d.skip()?,
            }
        }
        Ok(())
    })
    .map_err(|_| UnknownForm)
}
