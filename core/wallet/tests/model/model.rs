//! The model: what is in the file, what is in the secure area, what is in one backup and one kept file.

use crate::door::{Area, Door};
use crate::papers::{Issue, office};
use core::time::Duration;
use idwallet_crypto::Timestamp;
use idwallet_test_support::NOW;
use idwallet_wallet::{Code, CopyMethod, DocumentId, Event, Outcome};
use std::collections::BTreeSet;

/// A document in the wallet.
#[derive(Debug, Clone)]
pub struct Paper {
    pub id: DocumentId,
    pub issue: usize,
    pub imported_at: Timestamp,
    /// How often each copy was shown.
    pub uses: Vec<u32>,
    /// The copies that readers saw, by the hash of what they saw.
    pub seen: Vec<[u8; 32]>,
}

/// What a review says of the copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    Only,
    Limited,
    Fresh(usize),
    Rotated(usize),
    SameReader,
    Again,
}

impl Paper {
    pub fn issue(&self) -> &'static Issue {
        &office().issues[self.issue]
    }

    pub fn unused(&self) -> usize {
        self.uses.iter().filter(|uses| **uses == 0).count()
    }

    pub fn method(&self) -> CopyMethod {
        self.issue().methods()[0]
    }

    /// In this round: those that were shown less often than others.
    fn in_round(&self) -> usize {
        let least = self.uses.iter().min().unwrap();
        self.uses.iter().filter(|uses| *uses == least).count()
    }

    pub fn left(&self) -> Option<usize> {
        match self.method() {
            CopyMethod::LimitedTime => None,
            CopyMethod::RotatingBatch => {
                let is_over = self.unused() == 0 && self.uses.iter().all(|uses| *uses == self.uses[0]);
                Some(if is_over { 0 } else { self.in_round() })
            }
            _ => Some(self.unused()),
        }
    }

    /// What its next showing to the one reader there is would be; `None`: there is none.
    pub fn next_use(&self) -> Option<Use> {
        let fresh = (self.unused() > 0).then(|| Use::Fresh(self.unused() - 1));
        match self.issue().methods()[..] {
            [CopyMethod::LimitedTime] if self.uses.len() == 1 => Some(Use::Only),
            [CopyMethod::LimitedTime] => Some(Use::Limited),
            [CopyMethod::OnceOnly] => fresh,
            [CopyMethod::OnceOnly, CopyMethod::LimitedTime] => Some(fresh.unwrap_or(Use::Again)),
            [CopyMethod::RotatingBatch] => fresh.or(Some(Use::Rotated(self.in_round() - 1))),
            [CopyMethod::PerReader] => {
                let is_known = self.uses.iter().any(|uses| *uses > 0);
                if is_known { Some(Use::SameReader) } else { fresh }
            }
            _ => panic!("no such policy in the office"),
        }
    }

    /// A copy was shown that hashes to this.
    pub fn show(&mut self, how: Use, copy: [u8; 32]) {
        let is_new = !self.seen.contains(&copy);
        match how {
            Use::Only | Use::Limited => return,
            Use::Fresh(_) => assert!(is_new, "a copy was shown twice"),
            Use::SameReader | Use::Again | Use::Rotated(_) => {
                assert!(!is_new || self.seen.len() < self.uses.len(), "a copy from nowhere");
            }
        }
        if is_new {
            self.seen.push(copy);
        }
        let least = self.uses.iter().copied().min().unwrap();
        let place = match how {
            Use::SameReader => self.uses.iter().position(|uses| *uses > 0),
            _ => self.uses.iter().position(|uses| *uses == least),
        };
        self.uses[place.unwrap()] += 1;
    }

    /// Whether its copies are to be fetched anew, when no newer edition is there.
    pub fn is_due(&self) -> bool {
        let counts = matches!(self.method(), CopyMethod::OnceOnly | CopyMethod::PerReader);
        // As usual, a fifth of the copies is few.
        let few = usize::from(self.issue().policy.is_none());
        counts && self.unused() <= few
    }
}

/// A record of the history.
#[derive(Debug, Clone)]
pub struct Record {
    pub sequence: u64,
    /// Of this record alone, over all wallets and files.
    pub unique: u64,
    pub at: Timestamp,
    pub event: Event,
    pub outcome: Option<Outcome>,
    pub about: Option<u64>,
    pub code: Option<Code>,
    pub count: Option<u64>,
    pub document: Option<DocumentId>,
    pub shared: Option<DocumentId>,
}

/// What the owner sees of them: a request with its end.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    pub sequence: u64,
    pub at: Timestamp,
    pub event: Event,
    pub outcome: Outcome,
    pub ended_at: Option<Timestamp>,
    pub code: Option<Code>,
    pub count: Option<u64>,
    pub document: Option<DocumentId>,
    pub shared: Option<DocumentId>,
}

/// What lies in the vault's file.
#[derive(Debug, Clone, Default)]
pub struct File {
    pub papers: Vec<Paper>,
    pub records: Vec<Record>,
    pub last: u64,
    pub deleted: u64,
    /// Records of other wallets that came with a restore.
    pub past: BTreeSet<u64>,
    pub door: Door,
    /// The opening that wrote it.
    pub opened: u64,
    /// Keys of removed documents that the area did not destroy.
    pub condemned: usize,
}

impl File {
    /// The document that is shown in the place of this one.
    pub fn newer(&self, paper: &Paper) -> Option<&Paper> {
        let issue = paper.issue();
        let newer = |other: &&Paper| other.issue().paper == issue.paper && other.issue().edition > issue.edition;
        self.papers.iter().find(newer)
    }

    pub fn entries(&self) -> Vec<Entry> {
        let mut out: Vec<Entry> = Vec::new();
        for record in &self.records {
            let request = record
                .about
                .and_then(|about| out.iter_mut().find(|entry| entry.sequence == about));
            if let Some(request) = request {
                request.outcome = record.outcome.unwrap();
                request.ended_at = Some(record.at);
                request.code = record.code;
                request.shared = record.shared.or(request.shared);
                continue;
            }
            out.push(Entry {
                sequence: record.sequence,
                at: record.at,
                event: record.event,
                outcome: record.outcome.unwrap_or(Outcome::NotAnswered),
                ended_at: None,
                code: record.code,
                count: record.count,
                document: record.document,
                shared: record.shared,
            });
        }
        out
    }

    /// How many of the oldest records go: none whose end stays.
    pub fn deletable(&self, before: Option<Timestamp>) -> usize {
        let Some(before) = before else {
            return self.records.len();
        };
        let old = self.records.iter().take_while(|record| record.at < before).count();
        let is_apart = |cut: &usize| {
            let gone: BTreeSet<u64> = self.records[..*cut].iter().map(|record| record.sequence).collect();
            let stays = self.records[*cut..].iter();
            stays
                .filter_map(|record| record.about)
                .all(|about| !gone.contains(&about))
        };
        (0..=old).rev().find(is_apart).unwrap()
    }
}

/// What an export has.
#[derive(Debug, Clone)]
pub struct Exported {
    pub papers: Vec<Paper>,
    pub records: BTreeSet<u64>,
}

#[derive(Debug)]
pub struct Model {
    pub file: File,
    pub area: Area,
    pub wall: Timestamp,
    pub uptime: Duration,
    pub is_open: bool,
    /// What the open wallet says of its opening: wrong PINs, and whether a file was put back.
    pub opening: (u32, bool),
    pub is_rolled_back: bool,
    unique: u64,
}

impl Model {
    pub fn new(pin: Option<usize>) -> Self {
        let mut model = Self {
            file: File::default(),
            area: Area::default(),
            wall: NOW,
            uptime: Duration::from_secs(100_000),
            is_open: true,
            opening: (0, false),
            is_rolled_back: false,
            unique: 0,
        };
        model.file.door.pin = pin;
        model
    }

    pub fn record(&mut self, event: Event, outcome: Option<Outcome>) -> &mut Record {
        self.unique += 1;
        self.file.last += 1;
        self.file.records.push(Record {
            sequence: self.file.last,
            unique: self.unique,
            at: self.wall,
            event,
            outcome,
            about: None,
            code: None,
            count: None,
            document: None,
            shared: None,
        });
        self.file.records.last_mut().unwrap()
    }

    pub fn done(&mut self, event: Event) -> &mut Record {
        self.record(event, Some(Outcome::Done))
    }

    /// How a request ended.
    pub fn end(&mut self, request: Option<u64>, outcome: Outcome, code: Option<Code>) -> Option<&mut Record> {
        let request = request?;
        let record = self.record(Event::Presentation, Some(outcome));
        record.about = Some(request);
        record.code = code;
        Some(record)
    }

    /// It is open now, and tells of wrong PINs. The area knows how often it was opened; a file that does not was put back.
    pub fn opened(&mut self, opening: (u32, bool)) {
        if opening.0 > 0 {
            self.done(Event::WrongPins).count = Some(opening.0.into());
        }
        self.is_open = true;
        self.opening = opening;
        self.is_rolled_back = self.file.opened != self.area.opened;
        if !self.is_rolled_back {
            self.file.opened += 1;
            self.area.opened += 1;
        }
    }
}
