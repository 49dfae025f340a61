//! What is in a snapshot, as CBOR.

use idwallet_cose::cbor::{ArrayReader, Decoder, Encoder, ErrorKind, InField, Key, Result, Type};
use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::{Certificate, Crl};

use super::NAME;
use crate::{
    AnchorSource, CrlStore, DocTypes, Grant, IssuerAnchors, ListStore, ReaderAnchors, TrustError, VicalProviders,
    limits,
};

const CLAUSE: &str = "trust snapshot format";

/// What a snapshot holds.
#[derive(Debug, Clone)]
pub(super) struct Content {
    pub(super) created_at: Timestamp,
    pub(super) sequence: u64,
    pub(super) issuers: IssuerAnchors,
    /// The configured anchors as they were added, with when each was fetched: the order and times of the file.
    pub(super) issuer_entries: Vec<IssuerEntry>,
    pub(super) readers: ReaderAnchors,
    pub(super) reader_entries: Vec<(Certificate, Timestamp)>,
    pub(super) providers: VicalProviders,
    pub(super) provider_entries: Vec<(Certificate, Timestamp)>,
    pub(super) crls: CrlStore,
    pub(super) vicals: Vec<(Vec<u8>, Timestamp)>,
    pub(super) lists: ListStore,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IssuerEntry {
    pub(super) certificate: Certificate,
    pub(super) doc_types: DocTypes,
    pub(super) source: String,
    pub(super) fetched_at: Timestamp,
}

impl IssuerEntry {
    fn grant(&self) -> (Certificate, Grant) {
        let grant = Grant {
            source: AnchorSource::Configured(self.source.clone()),
            doc_types: self.doc_types.clone(),
            until: None,
        };
        (self.certificate.clone(), grant)
    }
}

impl Content {
    pub(super) fn empty(created_at: Timestamp, sequence: u64) -> Self {
        Self {
            created_at,
            sequence,
            issuers: IssuerAnchors::new(),
            issuer_entries: Vec::new(),
            readers: ReaderAnchors::new(),
            reader_entries: Vec::new(),
            providers: VicalProviders::new(),
            provider_entries: Vec::new(),
            crls: CrlStore::new(),
            vicals: Vec::new(),
            lists: ListStore::new(),
        }
    }

    /// Fills the sets from the entries.
    pub(super) fn index(&mut self) {
        self.issuers = IssuerAnchors::new();
        self.issuers.add_all(self.issuer_entries.iter().map(IssuerEntry::grant));
        self.readers = self
            .reader_entries
            .iter()
            .map(|(certificate, _)| certificate.clone())
            .collect();
        self.providers = self
            .provider_entries
            .iter()
            .map(|(certificate, _)| certificate.clone())
            .collect();
    }

    /// Every time at which something was fetched.
    fn fetch_times(&self) -> impl Iterator<Item = Timestamp> {
        let certificates = self
            .reader_entries
            .iter()
            .chain(&self.provider_entries)
            .map(|(_, at)| *at);
        certificates
            .chain(self.issuer_entries.iter().map(|entry| entry.fetched_at))
            .chain(self.crls.iter().map(|(_, at)| at))
            .chain(self.vicals.iter().map(|(_, at)| *at))
            .chain(self.lists.iter().map(|(_, list)| list.fetched_at()))
    }

    /// Nothing can have been fetched after the snapshot was made: such a time would hide its age.
    pub(super) fn has_plausible_times(&self) -> bool {
        self.fetch_times().all(|at| at <= self.created_at)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut e = Encoder::new();
        e.map(9)
            .text("version")
            .text("1.0")
            .text("createdAt")
            .tdate(self.created_at);
        e.text("sequence").uint(self.sequence);
        e.text("issuerAnchors").array(self.issuer_entries.len());
        for entry in &self.issuer_entries {
            let doc_types = match &entry.doc_types {
                DocTypes::Any => None,
                DocTypes::Only(doc_types) => Some(doc_types),
            };
            e.map(if doc_types.is_some() { 4 } else { 3 });
            e.text("certificate").bytes(entry.certificate.der());
            if let Some(doc_types) = doc_types {
                e.text("docTypes").array(doc_types.len());
                for doc_type in doc_types {
                    e.text(doc_type);
                }
            }
            e.text("source")
                .text(&entry.source)
                .text("fetchedAt")
                .tdate(entry.fetched_at);
        }
        for (name, entries) in [
            ("readerAnchors", &self.reader_entries),
            ("vicalProviders", &self.provider_entries),
        ] {
            e.text(name).array(entries.len());
            for (certificate, fetched_at) in entries {
                e.map(2).text("certificate").bytes(certificate.der());
                e.text("fetchedAt").tdate(*fetched_at);
            }
        }
        e.text("crls").array(self.crls.len());
        for (crl, fetched_at) in self.crls.iter() {
            e.map(2)
                .text("crl")
                .bytes(crl.der())
                .text("fetchedAt")
                .tdate(fetched_at);
        }
        e.text("vicals").array(self.vicals.len());
        for (vical, fetched_at) in &self.vicals {
            e.map(2).text("vical").bytes(vical).text("fetchedAt").tdate(*fetched_at);
        }
        e.text("lists").array(self.lists.len());
        for (uri, list) in self.lists.iter() {
            e.map(3).text("uri").text(uri).text("token").bytes(list.token());
            e.text("fetchedAt").tdate(list.fetched_at());
        }
        e.into_vec()
    }

    pub(super) fn decode(payload: &[u8]) -> Result<Self, TrustError> {
        let draft = Decoder::decode(payload, limits::SNAPSHOT_CBOR, read).map_err(TrustError::malformed(NAME))?;
        if draft.version.split_once('.').map_or(draft.version, |(major, _)| major) != "1" {
            return Err(TrustError::Version(NAME));
        }
        let mut content = Self::empty(draft.created_at, draft.sequence);
        for entry in draft.issuers {
            let doc_types = entry.doc_types.map_or(DocTypes::Any, DocTypes::only);
            content.issuer_entries.push(IssuerEntry {
                certificate: Certificate::from_der(entry.bytes)?,
                doc_types,
                source: entry.text.unwrap_or_default().to_owned(),
                fetched_at: entry.fetched_at,
            });
        }
        content.reader_entries = certificates(&draft.readers)?;
        content.provider_entries = certificates(&draft.providers)?;
        for entry in draft.crls {
            content.crls.add(Crl::from_der(entry.bytes)?, entry.fetched_at)?;
        }
        content.vicals = draft
            .vicals
            .iter()
            .map(|entry| (entry.bytes.to_vec(), entry.fetched_at))
            .collect();
        for entry in draft.lists {
            content
                .lists
                .add(entry.text.unwrap_or_default(), entry.bytes, entry.fetched_at)?;
        }
        content.index();
        Ok(content)
    }
}

fn certificates(entries: &[Entry<'_>]) -> Result<Vec<(Certificate, Timestamp)>, TrustError> {
    let parse = |entry: &Entry<'_>| Ok((Certificate::from_der(entry.bytes)?, entry.fetched_at));
    entries.iter().map(parse).collect()
}

/// The payload as received.
struct Draft<'a> {
    version: &'a str,
    created_at: Timestamp,
    sequence: u64,
    issuers: Vec<Entry<'a>>,
    readers: Vec<Entry<'a>>,
    providers: Vec<Entry<'a>>,
    crls: Vec<Entry<'a>>,
    vicals: Vec<Entry<'a>>,
    lists: Vec<Entry<'a>>,
}

/// An element of one of the arrays.
struct Entry<'a> {
    bytes: &'a [u8],
    fetched_at: Timestamp,
    doc_types: Option<Vec<&'a str>>,
    /// `source` or `uri`.
    text: Option<&'a str>,
}

/// Of one array: its name, that of the bytes and of the text in each element, and the largest number of elements.
struct Shape {
    name: &'static str,
    bytes: &'static str,
    text: Option<&'static str>,
    most: usize,
}

const fn shape(name: &'static str, bytes: &'static str, text: Option<&'static str>, most: usize) -> Shape {
    Shape {
        name,
        bytes,
        text,
        most,
    }
}

const ISSUERS: Shape = shape("issuerAnchors", "certificate", Some("source"), limits::ANCHORS);
const READERS: Shape = shape("readerAnchors", "certificate", None, limits::ANCHORS);
const PROVIDERS: Shape = shape("vicalProviders", "certificate", None, limits::ANCHORS);
const CRLS: Shape = shape("crls", "crl", None, limits::CRLS);
const VICALS: Shape = shape("vicals", "vical", None, limits::VICALS);
const LISTS: Shape = shape("lists", "token", Some("uri"), limits::LISTS);

fn read<'a>(d: &mut Decoder<'a>) -> Result<Draft<'a>> {
    let (mut version, mut created_at, mut sequence) = (None, None, None);
    let (mut issuers, mut readers, mut providers) = (None, None, None);
    let (mut crls, mut vicals, mut lists) = (None, None, None);
    let mut map = d.map()?;
    while let Some(key) = map.next_key(d)? {
        match key {
            Key::Text("version") => version = Some(d.text().in_field("version", CLAUSE)?),
            Key::Text("createdAt") => created_at = Some(d.tdate().in_field("createdAt", CLAUSE)?),
            Key::Text("sequence") => sequence = Some(d.u64().in_field("sequence", CLAUSE)?),
            Key::Text("issuerAnchors") => issuers = Some(entries(d, &ISSUERS)?),
            Key::Text("readerAnchors") => readers = Some(entries(d, &READERS)?),
            Key::Text("vicalProviders") => providers = Some(entries(d, &PROVIDERS)?),
            Key::Text("crls") => crls = Some(entries(d, &CRLS)?),
            Key::Text("vicals") => vicals = Some(entries(d, &VICALS)?),
            Key::Text("lists") => lists = Some(entries(d, &LISTS)?),
            _ => d.skip()?,
        }
    }
    Ok(Draft {
        version: d.required(version, "version")?,
        created_at: d.required(created_at, "createdAt")?,
        sequence: d.required(sequence, "sequence")?,
        issuers: d.required(issuers, "issuerAnchors")?,
        readers: d.required(readers, "readerAnchors")?,
        providers: d.required(providers, "vicalProviders")?,
        crls: d.required(crls, "crls")?,
        vicals: d.required(vicals, "vicals")?,
        lists: d.required(lists, "lists")?,
    })
}

fn entries<'a>(d: &mut Decoder<'a>, shape: &Shape) -> Result<Vec<Entry<'a>>> {
    let read = |d: &mut Decoder<'a>| {
        let array = bounded_array(d, shape.most)?;
        collect(d, array, |d| entry(d, shape))
    };
    read(d).in_field(shape.name, CLAUSE)
}

fn bounded_array(d: &mut Decoder<'_>, most: usize) -> Result<ArrayReader> {
    let array = d.array()?;
    if array.len().is_none_or(|n| n > most) {
        return Err(d.error(ErrorKind::TooManyItems));
    }
    Ok(array)
}

fn collect<'a, T>(
    d: &mut Decoder<'a>,
    mut array: ArrayReader,
    mut read: impl FnMut(&mut Decoder<'a>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut all = Vec::new();
    while array.next(d)? {
        all.push(read(d)?);
    }
    Ok(all)
}

fn entry<'a>(d: &mut Decoder<'a>, shape: &Shape) -> Result<Entry<'a>> {
    let (mut bytes, mut fetched_at, mut doc_types, mut text) = (None, None, None, None);
    let mut map = d.map()?;
    while let Some(key) = map.next_key(d)? {
        match key {
            Key::Text(key) if key == shape.bytes => bytes = Some(d.bytes().in_field(shape.bytes, CLAUSE)?),
            Key::Text(key) if Some(key) == shape.text => text = Some(short_text(d)?),
            Key::Text("fetchedAt") => fetched_at = Some(d.tdate().in_field("fetchedAt", CLAUSE)?),
            Key::Text("docTypes") => {
                // Present and not understood must not become "any".
                if d.peek()? != Type::Array {
                    return Err(d.error(ErrorKind::InvalidValue("docTypes is not an array")));
                }
                let array = bounded_array(d, limits::DOC_TYPES)?;
                doc_types = Some(collect(d, array, short_text)?);
            }
            _ => d.skip()?,
        }
    }
    if let Some(name) = shape.text {
        d.required(text, name)?;
    }
    Ok(Entry {
        bytes: d.required(bytes, shape.bytes)?,
        fetched_at: d.required(fetched_at, "fetchedAt")?,
        doc_types,
        text,
    })
}

fn short_text<'a>(d: &mut Decoder<'a>) -> Result<&'a str> {
    let before = d.clone();
    let text = d.text()?;
    if text.len() > limits::TEXT {
        return Err(before.error(ErrorKind::InvalidValue("a text is too long")));
    }
    Ok(text)
}
