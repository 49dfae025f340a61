//! Steps that change what is kept: documents, the history, backups.

use crate::bench::{Bench, poll, refused_import};
use crate::common::{block_on, random};
use crate::model::{Exported, Paper};
use crate::papers::{Issue, office};
use crate::steps::{Into, Trouble};
use idwallet_crypto::Argon2Params;
use idwallet_crypto::area::SecureAreaError;
use idwallet_crypto::x509::TrustAnchors;
use idwallet_mdoc::verify::{IssuerTrust, Policy};
use idwallet_storage::RecordId;
use idwallet_wallet::{
    Backup, Code, DocumentId, Event, ExportOptions, ImportOptions, Imported, NewCopy, PlannedAction, Removed,
    WalletError,
};
use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::OnceLock;

const PASSPHRASE: &str = "bốn con trâu gặm mây";

fn anchors() -> &'static TrustAnchors {
    static ANCHORS: OnceLock<TrustAnchors> = OnceLock::new();
    ANCHORS.get_or_init(|| office().world.issuer.anchors())
}

fn options(issue: &Issue) -> ImportOptions {
    match &issue.policy {
        Some(policy) => ImportOptions::new().copies(policy.clone()),
        None => ImportOptions::new(),
    }
}

impl Bench {
    fn policy(&self) -> Policy {
        Policy::iso().at(self.model.wall)
    }

    fn take_in(&mut self, copies: Vec<NewCopy>, options: ImportOptions) -> Result<Imported, WalletError> {
        let policy = self.policy();
        let trust = IssuerTrust::new(anchors());
        block_on(self.wallet().import_with(copies, &policy, &trust, options))
    }

    pub fn import(&mut self, which: usize, trouble: Trouble) {
        let which = which % office().issues.len();
        let issue = &office().issues[which];
        if self.model.file.papers.iter().any(|paper| paper.issue == which) {
            let error = self.take_in(issue.new_copies(), options(issue)).unwrap_err();
            assert_eq!(error.code(), Code::AlreadyHeld);
            return refused_import(&mut self.model, &error);
        }
        let imported = match trouble {
            Trouble::None => Some(self.take_in(issue.new_copies(), options(issue)).unwrap()),
            Trouble::Area => {
                let error = self.failing("import_key", SecureAreaError::Failed(9), |bench| {
                    bench.take_in(issue.new_copies(), options(issue)).unwrap_err()
                });
                refused_import(&mut self.model, &error);
                None
            }
            Trouble::Drop(polls) => {
                let policy = self.policy();
                let trust = IssuerTrust::new(anchors());
                self.slow_area(true);
                let import = self
                    .wallet()
                    .import_with(issue.new_copies(), &policy, &trust, options(issue));
                let out = poll(polls, import);
                self.slow_area(false);
                out.map(Result::unwrap)
            }
            Trouble::Disk(room) => self.with_room(room, |bench| bench.take_in(issue.new_copies(), options(issue)).ok()),
        };
        let Some(imported) = imported else { return };
        assert_eq!(imported.copies, issue.copies());
        let older = self.model.file.papers.iter().filter(|paper| {
            let other = paper.issue();
            other.paper == issue.paper && other.edition < issue.edition
        });
        let older: BTreeSet<DocumentId> = older.map(|paper| paper.id).collect();
        let replaced: BTreeSet<DocumentId> = imported.replaces().collect();
        let paper = Paper {
            id: imported.id,
            issue: which,
            imported_at: self.model.wall,
            uses: vec![0; issue.copies()],
            seen: Vec::new(),
        };
        if self.model.file.newer(&paper).is_none() {
            assert_eq!(replaced, older, "what the new edition replaces");
        }
        self.model.file.papers.push(paper);
        self.model.done(Event::Import).document = Some(imported.id);
    }

    pub fn import_bad(&mut self, which: usize, is_empty: bool) {
        let issue = &office().issues[which % office().issues.len()];
        if is_empty {
            // Nobody's document: the history has nothing to tell.
            let error = self.take_in(Vec::new(), ImportOptions::new()).unwrap_err();
            return assert_eq!(error.code(), Code::Argument);
        }
        let error = self.take_in(issue.damaged(), ImportOptions::new()).unwrap_err();
        refused_import(&mut self.model, &error);
    }

    pub fn remove_nothing(&mut self) {
        let now = self.model.wall;
        let id = DocumentId::from_bytes(*RecordId::generate(&*random()).unwrap().as_bytes());
        let error = block_on(self.wallet().remove(id, now)).unwrap_err();
        assert_eq!(error.code(), Code::NotFound);
        assert_eq!(self.wallet().show(id, now).unwrap_err().code(), Code::NotFound);
    }

    pub fn remove_document(&mut self, id: DocumentId) {
        let now = self.model.wall;
        let removed = block_on(self.wallet().remove(id, now)).unwrap();
        assert_eq!(removed, Removed::default(), "keys of a document that is gone");
        self.model.file.condemned = 0;
        self.forget(id);
    }

    /// The model's part.
    fn forget(&mut self, id: DocumentId) -> usize {
        let papers = &mut self.model.file.papers;
        let place = papers.iter().position(|paper| paper.id == id).unwrap();
        let gone = papers.remove(place);
        self.model.done(Event::Removal).document = Some(id);
        gone.uses.len()
    }

    pub fn remove(&mut self, which: usize, trouble: Trouble) {
        let papers = &self.model.file.papers;
        if papers.is_empty() {
            return self.remove_nothing();
        }
        let id = papers[which % papers.len()].id;
        let now = self.model.wall;
        match trouble {
            Trouble::None => self.remove_document(id),
            Trouble::Area => {
                let removed = self.failing("delete", SecureAreaError::Unavailable, |bench| {
                    block_on(bench.wallet().remove(id, now)).unwrap()
                });
                self.model.file.condemned += self.forget(id);
                assert_eq!(removed.keys_left, self.model.file.condemned);
            }
            // One transaction, before the area is asked.
            Trouble::Drop(polls) => {
                self.slow_area(true);
                let out = poll(polls, self.wallet().remove(id, now));
                self.slow_area(false);
                if polls > 0 {
                    let keys = self.forget(id);
                    // Which of them are gone the next removal tells.
                    self.model.file.condemned = if out.is_some() {
                        0
                    } else {
                        self.model.file.condemned + keys
                    };
                    self.sweep();
                }
            }
            Trouble::Disk(room) => {
                let out = self.with_room(room, |bench| block_on(bench.wallet().remove(id, now)));
                match out {
                    Ok(_) => {
                        self.forget(id);
                        self.sweep();
                    }
                    // Either nothing was done, or only the destruction of keys is left.
                    Err(_) => {
                        if self.wallet().show(id, now).is_err() {
                            self.forget(id);
                        }
                        self.sweep();
                    }
                }
            }
        }
    }

    fn sweep(&mut self) {
        assert_eq!(block_on(self.wallet().sweep()).unwrap(), Removed::default());
        self.model.file.condemned = 0;
    }

    pub fn sweep_copies(&mut self) {
        let now = self.model.wall;
        assert_eq!(block_on(self.wallet().sweep_copies(now)).unwrap(), Removed::default());
        self.model.file.condemned = 0;
        for paper in &mut self.model.file.papers {
            if paper.issue().methods() == [idwallet_wallet::CopyMethod::OnceOnly] {
                paper.uses.retain(|uses| *uses == 0);
                if paper.uses.is_empty() {
                    paper.uses.push(1);
                }
            }
        }
    }

    pub fn export(&mut self) {
        let now = self.model.wall;
        let options = ExportOptions::new().cost(Argon2Params::new(16 * 1024, 2, 1).unwrap());
        let mut quiet = |_, _| {};
        let written = self.wallet().export(Vec::new(), PASSPHRASE, &options, now, &mut quiet);
        let (exported, bytes) = block_on(written).unwrap();
        let file = &self.model.file;
        assert_eq!(exported.documents, file.papers.len());
        assert_eq!(
            exported.copies,
            file.papers.iter().map(|paper| paper.uses.len()).sum::<usize>()
        );
        assert_eq!(exported.history, file.records.len() + file.past.len());
        assert!(exported.to_be_reissued.is_empty() && exported.damaged.is_empty());
        let records = file.records.iter().map(|record| record.unique);
        let kept = Exported {
            papers: file.papers.clone(),
            records: records.chain(file.past.iter().copied()).collect(),
        };
        let count = kept.papers.len();
        self.export = Some((bytes, kept));
        self.model.done(Event::Export).count = Some(count as u64);
    }

    pub fn restore(&mut self, into: Into) {
        let Some((bytes, exported)) = self.export.clone() else {
            return;
        };
        if matches!(into, Into::New) {
            self.start_anew();
        }
        let policy = self.policy();
        let trust = IssuerTrust::new(anchors());
        let mut backup = Backup::open(Cursor::new(bytes), PASSPHRASE, &mut |_, _| {}).unwrap();
        let wallet = self.wallet();
        let plan = block_on(wallet.plan_restore(&mut backup, &policy, Some(&trust), &mut |_, _| {})).unwrap();
        let planned: Vec<_> = plan.documents.iter().map(|p| (p.id, p.action.clone())).collect();
        let restored = block_on(wallet.restore(&mut backup, plan, &mut |_, _| {})).unwrap();

        let file = &mut self.model.file;
        let mut expected = exported.papers;
        expected.sort_by_key(|paper| (paper.imported_at, paper.id));
        assert_eq!(planned.len(), expected.len());
        let held: Vec<(usize, DocumentId)> = file.papers.iter().map(|paper| (paper.issue, paper.id)).collect();
        let (mut added, mut skipped) = (Vec::new(), 0);
        for (paper, (id, action)) in expected.into_iter().zip(planned) {
            let there = held.iter().find(|(issue, _)| *issue == paper.issue);
            match (there, action) {
                (Some((_, there)), PlannedAction::Skip(held)) => {
                    assert_eq!(*there, held);
                    skipped += 1;
                }
                (None, PlannedAction::Add { .. }) => {
                    assert!(file.papers.iter().all(|other| other.id != id), "an id that is taken");
                    added.push(id);
                    file.papers.push(Paper { id, ..paper });
                }
                (there, action) => panic!("{action:?}, and the model has {there:?}"),
            }
        }
        assert_eq!(restored.added, added);
        assert_eq!((restored.skipped, restored.left_out), (skipped, 0));
        let own: BTreeSet<u64> = file.records.iter().map(|record| record.unique).collect();
        let new: Vec<u64> = exported.records.difference(&own).copied().collect();
        let before = file.past.len();
        file.past.extend(new);
        assert_eq!(restored.history, file.past.len() - before);
        self.model.done(Event::Restore).count = Some(added.len() as u64);
    }

    pub fn delete_history(&mut self, upto: Option<usize>) {
        let records = &self.model.file.records;
        let before = match upto {
            // Of records of the past the model has no time.
            Some(_) if records.is_empty() || !self.model.file.past.is_empty() => return,
            Some(upto) => Some(records[upto % records.len()].at),
            None => None,
        };
        let now = self.model.wall;
        let deleted = self.wallet().delete_history(before, now).unwrap();
        let cut = self.model.file.deletable(before);
        let records = (cut + self.model.file.past.len()) as u64;
        assert_eq!(deleted.records, records);
        if records > 0 {
            self.model.file.records.drain(..cut);
            self.model.file.past.clear();
            self.model.file.deleted += records;
            self.model.done(Event::HistoryDeletion).count = Some(records);
        }
    }
}
