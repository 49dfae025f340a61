//! What the wallet says, beside what the model says.

use crate::bench::{Bench, Handle};
use crate::common::block_on;
use crate::model::{Entry, Model};
use idwallet_documents::Lang;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_wallet::{DocumentId, DocumentState, LockedWallet, Rollback, Wallet};
use std::collections::BTreeSet;

impl Bench {
    pub fn check(&mut self) {
        let now = self.now();
        match &mut self.handle {
            Handle::Open(wallet) => {
                assert!(self.model.is_open);
                of_open(wallet, &self.model);
            }
            Handle::Locked(locked) => {
                assert!(!self.model.is_open);
                self.model.file.door.look(&self.model.area, now.uptime);
                of_locked(locked, &self.model);
            }
            Handle::Nothing => panic!("no wallet"),
        }
    }
}

fn of_locked(locked: &mut LockedWallet, model: &Model) {
    let door = &model.file.door;
    let now = idwallet_crypto::Moment {
        wall: model.wall,
        uptime: model.uptime,
    };
    let access = block_on(locked.access(now)).unwrap();
    assert_eq!(locked.needs_pin(), door.pin.is_some());
    assert_eq!(access.has_recovery_code, door.code.is_some());
    let failures = if door.pin.is_some() { door.failures } else { 0 };
    assert_eq!(access.failures, failures, "wrong PINs that count");
    assert_eq!(access.restored, door.pin.is_some() && door.restored);
    if door.pin.is_some() {
        assert_eq!((access.left, access.retry_after), (door.left(), door.wait()));
    }
    assert!(!access.held);
    let papers = block_on(locked.held_papers()).unwrap();
    let count: u64 = papers.iter().map(|papers| papers.count).sum();
    assert_eq!(count, model.file.papers.len() as u64, "papers known without the PIN");
}

fn of_open(wallet: &Wallet, model: &Model) {
    let file = &model.file;
    assert_eq!(wallet.has_pin(), file.door.pin.is_some());
    assert_eq!(wallet.has_recovery_code(), file.door.code.is_some());
    let opening = wallet.opening();
    assert_eq!(
        (opening.failures, opening.restored),
        model.opening,
        "what happened at the door"
    );
    assert_eq!(
        wallet.rollback() != Rollback::None,
        model.is_rolled_back,
        "{:?}",
        wallet.rollback()
    );
    documents(wallet, model);
    history(wallet, model);
}

fn documents(wallet: &Wallet, model: &Model) {
    let file = &model.file;
    assert!(wallet.is_intact().unwrap());
    assert_eq!(wallet.count().unwrap(), file.papers.len());
    assert!(wallet.to_be_reissued().unwrap().is_empty());
    let listing = wallet.list(model.wall).unwrap();
    assert!(listing.damaged.is_empty());
    let mut papers: Vec<_> = file.papers.iter().collect();
    papers.sort_by_key(|paper| (paper.imported_at, paper.id));
    assert_eq!(listing.documents.len(), papers.len());
    let mut due = BTreeSet::new();
    for (said, paper) in listing.documents.iter().zip(papers) {
        assert_eq!((said.id, said.imported_at), (paper.id, paper.imported_at));
        assert_eq!(
            (said.doc_type.as_str(), said.state),
            (MDL_DOC_TYPE, DocumentState::Active)
        );
        let copies = said.copies;
        assert_eq!(
            (copies.total, copies.unused, copies.left, copies.method),
            (paper.uses.len(), paper.unused(), paper.left(), paper.method())
        );
        let view = wallet.show(paper.id, model.wall).unwrap();
        let number = view.claim(MDL_NAMESPACE, "document_number").unwrap();
        assert_eq!(number.shown.text(Lang::En), paper.issue().number());
        if paper.is_due() && file.newer(paper).is_none() {
            due.insert(paper.id);
        }
    }
    let said = wallet.copies_due(model.wall).unwrap();
    let said: BTreeSet<DocumentId> = said.into_iter().map(|due| due.document).collect();
    assert_eq!(said, due, "documents to be fetched anew");
}

fn history(wallet: &Wallet, model: &Model) {
    let history = wallet.history().unwrap();
    assert!(history.intact, "{:?}", history.problems);
    let deleted = history.deleted.map_or(0, |tombstone| tombstone.count);
    assert_eq!(deleted, model.file.deleted);
    let said = history.entries.iter().map(|entry| Entry {
        sequence: entry.sequence,
        at: entry.at,
        event: entry.event,
        outcome: entry.outcome,
        ended_at: entry.ended_at,
        code: entry.code,
        count: entry.count,
        document: entry.documents.first().and_then(|document| document.document),
        shared: entry.shared.first().map(|shared| shared.document),
    });
    let said: Vec<Entry> = said.collect();
    assert_eq!(said, model.file.entries());
    let size = wallet.history_size().unwrap();
    assert_eq!(size.records, (model.file.records.len() + model.file.past.len()) as u64);
}
