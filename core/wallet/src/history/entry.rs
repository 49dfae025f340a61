//! One entry as it lies in the vault: a CBOR map with a format number and the hash of the entry before it.

use super::{Event, Outcome, Who};
use crate::record::UnknownForm;
use crate::{Code, DocumentId, WalletError};
use idwallet_cose::cbor::{Decoder, Encoder, Limits, Result};
use idwallet_crypto::Timestamp;
use idwallet_mdoc::DeviceRequest;
use std::collections::BTreeMap;

const FORMAT: u64 = 1;

/// Most elements that an entry names; a reader may ask for more, and their number is kept.
const MAX_NAMES: usize = 512;
/// Longest name that is kept; longer ones are cut. The standards' names are far shorter.
const MAX_NAME_BYTES: usize = 128;

/// What is asked for in one document request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AskedGroup {
    /// Who asks: an index into the entry's list.
    pub(crate) who: usize,
    pub(crate) doc_type: String,
    /// Namespace, element, intent to retain.
    pub(crate) names: Vec<(String, String, bool)>,
}

/// What leaves of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SharedGroup {
    pub(crate) document: DocumentId,
    pub(crate) doc_type: String,
    /// For whom it is shown, in a word, when it is not the owner's own: never a name.
    pub(crate) relation: Option<String>,
    /// Namespace and element.
    pub(crate) names: Vec<(String, String)>,
}

/// An entry before it has its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewEntry {
    pub(crate) at: Timestamp,
    pub(crate) event: Event,
    pub(crate) outcome: Option<Outcome>,
    /// The entry whose outcome this is, or that this is about.
    pub(crate) about: Option<u64>,
    pub(crate) who: Vec<Who>,
    pub(crate) asked: Vec<AskedGroup>,
    /// How many elements were asked for beside those in `asked`.
    pub(crate) left_out: u64,
    pub(crate) shared: Vec<SharedGroup>,
    /// Documents that something was done to, with their types.
    pub(crate) documents: Vec<(Option<DocumentId>, String)>,
    pub(crate) code: Option<String>,
    /// How many: documents, wrong PINs, deleted entries.
    pub(crate) count: Option<u64>,
}

impl NewEntry {
    pub(crate) const fn new(event: Event, at: Timestamp) -> Self {
        Self {
            at,
            event,
            outcome: None,
            about: None,
            who: Vec::new(),
            asked: Vec::new(),
            left_out: 0,
            shared: Vec::new(),
            documents: Vec::new(),
            code: None,
            count: None,
        }
    }

    /// Something that was done.
    pub(crate) const fn done(event: Event, at: Timestamp) -> Self {
        let mut entry = Self::new(event, at);
        entry.outcome = Some(Outcome::Done);
        entry
    }

    /// How the request with that number ended.
    pub(crate) const fn ended(request: u64, outcome: Outcome, at: Timestamp) -> Self {
        let mut entry = Self::new(Event::Presentation, at);
        entry.outcome = Some(outcome);
        entry.about = Some(request);
        entry
    }

    /// A request that waits for its outcome: everything it asks for, by name (H-H61).
    pub(crate) fn request(at: Timestamp, request: &DeviceRequest<'_>, who: impl Fn(usize) -> Who) -> Self {
        let mut entry = Self::new(Event::Presentation, at);
        for (index, doc_request) in request.doc_requests().iter().enumerate() {
            let items = doc_request.items_request();
            let names = items.elements();
            let names = names.map(|(name_space, wanted)| (name_space, wanted.element, wanted.intent_to_retain));
            entry.ask(&who(index), items.doc_type(), names);
        }
        entry
    }

    /// A request that could not be read.
    pub(crate) fn failed_request(error: &WalletError, at: Timestamp) -> Self {
        Self::new(Event::Presentation, at).outcome(Outcome::Failed).error(error)
    }

    pub(crate) fn document(mut self, id: Option<DocumentId>, doc_type: &str) -> Self {
        self.documents.push((id, cut(doc_type)));
        self
    }

    pub(crate) fn who(mut self, who: Who) -> Self {
        self.who.push(who);
        self
    }

    pub(crate) const fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    pub(crate) const fn about(mut self, sequence: u64) -> Self {
        self.about = Some(sequence);
        self
    }

    pub(crate) const fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = Some(outcome);
        self
    }

    pub(crate) fn error(mut self, error: &WalletError) -> Self {
        self.code = Some(error.code().as_str().to_owned());
        self
    }

    /// One document request with everything it names. Readers that are one and the same are named once.
    pub(crate) fn ask<'n>(&mut self, who: &Who, doc_type: &str, names: impl Iterator<Item = (&'n str, &'n str, bool)>) {
        let who = match self.who.iter().position(|known| known == who) {
            Some(place) => place,
            None => {
                self.who.push(who.clone());
                self.who.len().saturating_sub(1)
            }
        };
        let mut group = AskedGroup {
            who,
            doc_type: cut(doc_type),
            names: Vec::new(),
        };
        let mut taken: usize = self.asked.iter().map(|group| group.names.len()).sum();
        for (name_space, element, retain) in names {
            if taken < MAX_NAMES {
                group.names.push((cut(name_space), cut(element), retain));
                taken = taken.saturating_add(1);
            } else {
                self.left_out = self.left_out.saturating_add(1);
            }
        }
        self.asked.push(group);
    }

    pub(crate) fn encode(&self, sequence: u64, previous: &[u8; 32]) -> Vec<u8> {
        let mut e = Encoder::new();
        let optional = [
            self.outcome.is_some(),
            self.about.is_some(),
            !self.who.is_empty(),
            !self.asked.is_empty(),
            self.left_out > 0,
            !self.shared.is_empty(),
            !self.documents.is_empty(),
            self.code.is_some(),
            self.count.is_some(),
        ];
        let optional = optional.into_iter().filter(|present| *present).count();
        e.map(optional.saturating_add(5));
        e.int(0).uint(FORMAT);
        e.int(1).uint(sequence);
        e.int(2).bytes(previous);
        e.int(3).int(self.at.unix());
        e.int(4).uint(self.event.number());
        if let Some(outcome) = self.outcome {
            e.int(5).uint(outcome.number());
        }
        if let Some(about) = self.about {
            e.int(6).uint(about);
        }
        if !self.who.is_empty() {
            e.int(7).array(self.who.len());
            self.who.iter().for_each(|who| who.write(&mut e));
        }
        if !self.asked.is_empty() {
            e.int(8).array(self.asked.len());
            for group in &self.asked {
                write_asked(&mut e, group);
            }
        }
        if self.left_out > 0 {
            e.int(9).uint(self.left_out);
        }
        if !self.shared.is_empty() {
            e.int(10).array(self.shared.len());
            for group in &self.shared {
                write_shared(&mut e, group);
            }
        }
        if !self.documents.is_empty() {
            e.int(11).array(self.documents.len());
            for (id, doc_type) in &self.documents {
                e.array(2);
                match id {
                    Some(id) => e.bytes(id.as_bytes()),
                    None => e.null(),
                };
                e.text(doc_type);
            }
        }
        if let Some(code) = &self.code {
            e.int(12).text(code);
        }
        if let Some(count) = self.count {
            e.int(13).uint(count);
        }
        e.into_vec()
    }
}

/// An entry with its place in the chain.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) sequence: u64,
    /// SHA-256 of the entry before.
    pub(crate) previous: [u8; 32],
    /// SHA-256 of this one.
    pub(crate) hash: [u8; 32],
    pub(crate) entry: NewEntry,
}

impl Placed {
    pub(crate) fn decode(bytes: &[u8]) -> core::result::Result<Self, UnknownForm> {
        let mut entry = NewEntry::new(Event::Presentation, Timestamp::UNIX_EPOCH);
        let (mut format, mut sequence, mut previous, mut event, mut at) = (0, None, None, None, None);
        let mut outcome = None;
        Decoder::decode(bytes, Limits::DEFAULT, |d| {
            let mut map = d.map()?;
            while let Some(key) = map.next_key(d)? {
                match key.as_int() {
                    Some(0) => format = d.u64()?,
                    Some(1) => sequence = Some(d.u64()?),
                    Some(2) => previous = Some(*d.byte_array()?),
                    Some(3) => at = Some(Timestamp::from_unix(d.i64()?)),
                    Some(4) => event = Event::from_number(d.u64()?),
                    Some(5) => outcome = Some(d.u64()?),
                    Some(6) => entry.about = Some(d.u64()?),
                    Some(7) => entry.who = list(d, Who::read)?,
                    Some(8) => entry.asked = list(d, read_asked)?,
                    Some(9) => entry.left_out = d.u64()?,
                    Some(10) => entry.shared = list(d, read_shared)?,
                    Some(11) => entry.documents = list(d, read_document)?,
                    Some(12) => entry.code = Some(d.text()?.to_owned()),
                    Some(13) => entry.count = Some(d.u64()?),
                    _ => d.skip()?,
                }
            }
            Ok(())
        })
        .map_err(|_| UnknownForm)?;
        entry.outcome = match outcome {
            None => None,
            Some(number) => Some(Outcome::from_number(number).ok_or(UnknownForm)?),
        };
        match (format, sequence, previous, event, at) {
            (FORMAT, Some(sequence), Some(previous), Some(event), Some(at)) => {
                (entry.event, entry.at) = (event, at);
                Ok(Self {
                    sequence,
                    previous,
                    hash: idwallet_crypto::sha256(bytes),
                    entry,
                })
            }
            _ => Err(UnknownForm),
        }
    }

    /// The error in the entry, if this software knows it.
    pub(crate) fn code(&self) -> Option<Code> {
        let code = self.entry.code.as_deref()?;
        Code::ALL.iter().copied().find(|known| known.as_str() == code)
    }
}

fn list<'a, T>(d: &mut Decoder<'a>, mut read: impl FnMut(&mut Decoder<'a>) -> Result<T>) -> Result<Vec<T>> {
    let mut array = d.array()?;
    let mut out = Vec::new();
    while array.next(d)? {
        out.push(read(d)?);
    }
    Ok(out)
}

fn read_document(d: &mut Decoder<'_>) -> Result<(Option<DocumentId>, String)> {
    d.array_of(2)?;
    let id = if d.take_null() {
        None
    } else {
        Some(DocumentId::from_bytes(*d.byte_array()?))
    };
    Ok((id, d.text()?.to_owned()))
}

/// Elements by their namespace, in the order in which the namespaces come first.
fn by_name_space<'n, T>(names: impl Iterator<Item = (&'n String, T)>) -> Vec<(&'n String, Vec<T>)> {
    let mut places: BTreeMap<&String, usize> = BTreeMap::new();
    let mut out: Vec<(&String, Vec<T>)> = Vec::new();
    for (name_space, name) in names {
        let place = *places.entry(name_space).or_insert_with(|| {
            out.push((name_space, Vec::new()));
            out.len().saturating_sub(1)
        });
        if let Some((_, list)) = out.get_mut(place) {
            list.push(name);
        }
    }
    out
}

fn write_asked(e: &mut Encoder, group: &AskedGroup) {
    let spaces = by_name_space(
        group
            .names
            .iter()
            .map(|(space, element, retain)| (space, (element, *retain))),
    );
    e.array(3)
        .uint(group.who as u64)
        .text(&group.doc_type)
        .array(spaces.len());
    for (name_space, elements) in spaces {
        e.array(2).text(name_space).array(elements.len());
        for (element, retain) in elements {
            e.array(2).text(element).bool(retain);
        }
    }
}

fn read_asked(d: &mut Decoder<'_>) -> Result<AskedGroup> {
    d.array_of(3)?;
    let who = usize::try_from(d.u64()?).unwrap_or(usize::MAX);
    let doc_type = d.text()?.to_owned();
    let spaces = list(d, |d| {
        d.array_of(2)?;
        let name_space = d.text()?.to_owned();
        list(d, |d| {
            d.array_of(2)?;
            Ok((name_space.clone(), d.text()?.to_owned(), d.bool()?))
        })
    })?;
    Ok(AskedGroup {
        who,
        doc_type,
        names: spaces.into_iter().flatten().collect(),
    })
}

fn write_shared(e: &mut Encoder, group: &SharedGroup) {
    let spaces = by_name_space(group.names.iter().map(|(space, element)| (space, element)));
    e.array(4).bytes(group.document.as_bytes()).text(&group.doc_type);
    match &group.relation {
        Some(relation) => e.text(relation),
        None => e.null(),
    };
    e.array(spaces.len());
    for (name_space, elements) in spaces {
        e.array(2).text(name_space).array(elements.len());
        for element in elements {
            e.text(element);
        }
    }
}

fn read_shared(d: &mut Decoder<'_>) -> Result<SharedGroup> {
    d.array_of(4)?;
    let document = DocumentId::from_bytes(*d.byte_array()?);
    let doc_type = d.text()?.to_owned();
    let relation = if d.take_null() {
        None
    } else {
        Some(d.text()?.to_owned())
    };
    let spaces = list(d, |d| {
        d.array_of(2)?;
        let name_space = d.text()?.to_owned();
        list(d, |d| Ok((name_space.clone(), d.text()?.to_owned())))
    })?;
    Ok(SharedGroup {
        document,
        doc_type,
        relation,
        names: spaces.into_iter().flatten().collect(),
    })
}

/// A name as received, cut to what is kept.
fn cut(name: &str) -> String {
    name.get(..name.floor_char_boundary(MAX_NAME_BYTES))
        .unwrap_or_default()
        .to_owned()
}
