//! What an owner does with a wallet, step by step, to be broken off at any moment: each step is done, or it was never begun.

use crate::kill::Voice;
use crate::scene::{Files, Folder};
use crate::seen::{
    self, BACKUP, EXPORT, PASSPHRASE, Seen, cheap, import, import_policy, locked, moment, observe_copy, pin,
};
use idwallet_mdoc::names::MDL_NAMESPACE;
use idwallet_mdoc::verify::IssuerTrust;
use idwallet_test_support::{NOW, World};
use idwallet_wallet::{
    Approval, Backup, Event, ExportOptions, LockedWallet, RecoveryCode, ResolvedRequest, Wallet, WalletError,
};
use pollster::block_on;
use std::fs::File;
use std::path::{Path, PathBuf};

const CODE: &str = "recovery-code";

/// Whether the history has it.
type Logged = bool;
type Step = fn(&mut Hands) -> Result<Logged, WalletError>;

pub struct Act {
    pub name: &'static str,
    prepare: fn(&Path),
    /// Begins with the wallet locked.
    starts_locked: bool,
    steps: &'static [Step],
    /// A step is several transactions: its parts may be done in part, each whole.
    in_parts: bool,
}

/// What an owner holds in their hands.
pub struct Hands {
    folder: PathBuf,
    world: World,
    wallet: Option<Wallet>,
    locked: Option<LockedWallet>,
    request: Option<ResolvedRequest>,
}

impl Hands {
    fn new(act: &Act, folder: &Path) -> Result<Self, WalletError> {
        let (wallet, locked) = if act.starts_locked {
            (None, Some(locked(folder)?))
        } else {
            (Some(seen::open(folder)?), None)
        };
        Ok(Self {
            folder: folder.to_path_buf(),
            world: World::new(1),
            wallet,
            locked,
            request: None,
        })
    }

    fn wallet(&mut self) -> &Wallet {
        self.wallet.as_mut().unwrap()
    }

    fn take_locked(&mut self) -> LockedWallet {
        self.locked.take().unwrap()
    }
}

pub const ACTS: &[Act] = &[
    Act {
        name: "restore",
        prepare: |folder| {
            let world = World::new(1);
            {
                let from = Folder::in_memory();
                let wallet = seen::new(&from.0);
                import(&wallet, &world, 10, 2).unwrap();
                export(&wallet, &folder.join("again"), &cheap().without_values());
                import(&wallet, &world, 11, 3).unwrap();
                import(&wallet, &world, 12, 1).unwrap();
                export(&wallet, &folder.join(BACKUP), &cheap());
            }
            let wallet = seen::new(folder);
            import(&wallet, &world, 1, 2).unwrap();
            restore(&wallet, &world, &folder.join("again")).unwrap();
        },
        starts_locked: false,
        steps: &[|hands| {
            let file = hands.folder.join(BACKUP);
            let Hands { wallet, world, .. } = hands;
            restore(wallet.as_mut().unwrap(), world, &file)?;
            Ok(true)
        }],
        in_parts: false,
    },
    Act {
        name: "export to a new file, then over it",
        prepare: |folder| {
            let wallet = seen::new(folder);
            import(&wallet, &World::new(1), 1, 2).unwrap();
        },
        starts_locked: false,
        steps: &[
            |hands| save(hands, false),
            |hands| {
                let Hands { wallet, world, .. } = hands;
                import(wallet.as_mut().unwrap(), world, 2, 1)?;
                Ok(true)
            },
            |hands| save(hands, true),
        ],
        in_parts: true,
    },
    Act {
        name: "presenting copies that are shown once, declining",
        prepare: |folder| {
            import(&seen::new(folder), &World::new(1), 1, 3).unwrap();
        },
        starts_locked: false,
        steps: &[resolve, respond, resolve, decline, resolve, respond],
        in_parts: false,
    },
    Act {
        name: "presenting a document of one copy",
        prepare: |folder| {
            import(&seen::new(folder), &World::new(1), 1, 1).unwrap();
        },
        starts_locked: false,
        steps: &[resolve, respond],
        in_parts: false,
    },
    Act {
        name: "deleting the history",
        prepare: |folder| {
            let wallet = seen::new(folder);
            import(&wallet, &World::new(1), 1, 3).unwrap();
            drop(wallet);
            let mut hands = Hands::new(by_name("presenting a document of one copy"), folder).unwrap();
            for step in [resolve, respond, resolve, decline] {
                step(&mut hands).unwrap();
            }
        },
        starts_locked: false,
        steps: &[
            |hands| {
                hands.wallet().delete_history(None, NOW)?;
                Ok(true)
            },
            resolve,
            |hands| {
                hands
                    .wallet()
                    .delete_history(Some(NOW.saturating_add_seconds(60)), NOW)?;
                Ok(true)
            },
        ],
        in_parts: false,
    },
    Act {
        name: "import of what was to be issued again, removal",
        prepare: |folder| {
            let world = World::new(1);
            let from = Folder::in_memory();
            let wallet = seen::new(&from.0);
            import(&wallet, &world, 10, 2).unwrap();
            export(&wallet, &folder.join("again"), &cheap().without_values());
            let wallet = seen::new(folder);
            import(&wallet, &world, 1, 2).unwrap();
            restore(&wallet, &world, &folder.join("again")).unwrap();
        },
        starts_locked: false,
        steps: &[
            |hands| {
                let Hands { wallet, world, .. } = hands;
                import(wallet.as_mut().unwrap(), world, 10, 3)?;
                Ok(true)
            },
            |hands| {
                let documents = hands.wallet().list(NOW)?.documents;
                let old = documents.iter().find(|document| document.copies.total == 2).unwrap();
                block_on(hands.wallet().remove(old.id, NOW))?;
                Ok(true)
            },
        ],
        in_parts: false,
    },
    Act {
        name: "PIN set, changed, removed",
        prepare: |folder| {
            import(&seen::new(folder), &World::new(1), 1, 1).unwrap();
        },
        starts_locked: false,
        steps: &[
            |hands| {
                block_on(hands.wallet().set_pin(&pin(0), moment()))?;
                told(hands, Event::PinSet)
            },
            |hands| {
                block_on(hands.wallet().change_pin(&pin(0), &pin(1), moment()))?;
                told(hands, Event::PinChanged)
            },
            |hands| {
                block_on(hands.wallet().remove_pin(&pin(1), moment()))?;
                told(hands, Event::PinRemoved)
            },
        ],
        in_parts: true,
    },
    Act {
        name: "forgotten PIN: recovery code, new PIN, another code",
        prepare: |folder| {
            let wallet = seen::new(folder);
            import(&wallet, &World::new(1), 1, 1).unwrap();
            block_on(wallet.set_pin(&pin(0), moment())).unwrap();
            let code = block_on(wallet.set_recovery_code(&pin(0), moment())).unwrap();
            std::fs::write(folder.join(CODE), code.text().expose()).unwrap();
        },
        starts_locked: true,
        steps: &[
            |hands| {
                let code = std::fs::read_to_string(hands.folder.join(CODE)).unwrap();
                let code = RecoveryCode::parse(&code).unwrap();
                let recovered = block_on(hands.take_locked().recover(&code, &pin(1), moment()));
                hands.wallet = Some(recovered?);
                told(hands, Event::RecoveryUnlock)
            },
            |hands| {
                block_on(hands.wallet().set_recovery_code(&pin(1), moment()))?;
                told(hands, Event::RecoveryCodeSet)
            },
        ],
        in_parts: true,
    },
    Act {
        name: "locked by its owner, unlocked, locked",
        prepare: |folder| {
            let wallet = seen::new(folder);
            import(&wallet, &World::new(1), 1, 1).unwrap();
            block_on(wallet.set_pin(&pin(0), moment())).unwrap();
        },
        starts_locked: true,
        steps: &[
            |hands| {
                block_on(hands.locked.as_mut().unwrap().close())?;
                Ok(true)
            },
            |hands| {
                let wallet = block_on(hands.take_locked().unlock_closed(Some(&pin(0)), moment()))?;
                hands.wallet = Some(wallet);
                Ok(true)
            },
            |hands| {
                hands.locked = hands.wallet.take().map(|wallet| wallet.lock().unwrap());
                Ok(true)
            },
        ],
        in_parts: true,
    },
];

pub fn by_name(name: &str) -> &'static Act {
    ACTS.iter().find(|act| act.name == name).unwrap()
}

pub fn export(wallet: &Wallet, file: &Path, options: &ExportOptions) {
    block_on(wallet.export_file(file, false, PASSPHRASE, options, NOW, &mut |_, _| {})).unwrap();
}

fn save(hands: &mut Hands, replace: bool) -> Result<Logged, WalletError> {
    let file = hands.folder.join(EXPORT);
    block_on(
        hands
            .wallet()
            .export_file(&file, replace, PASSPHRASE, &cheap(), NOW, &mut |_, _| {}),
    )?;
    told(hands, Event::Export)
}

/// Whether the last thing that the history has is this. What happens at the door, and an export, are not stopped by a history that cannot
/// be written.
fn told(hands: &mut Hands, event: Event) -> Result<Logged, WalletError> {
    let history = hands.wallet().history()?;
    Ok(history.entries.last().is_some_and(|last| last.event == event))
}

pub fn restore(wallet: &Wallet, world: &World, file: &Path) -> Result<(), WalletError> {
    let mut backup = Backup::open(File::open(file).unwrap(), PASSPHRASE, &mut |_, _| {})?;
    let anchors = world.issuer.anchors();
    let (policy, trust) = (import_policy(), IssuerTrust::new(&anchors));
    let plan = block_on(wallet.plan_restore(&mut backup, &policy, Some(&trust), &mut |_, _| {}))?;
    block_on(wallet.restore(&mut backup, plan, &mut |_, _| {}))?;
    Ok(())
}

fn resolve(hands: &mut Hands) -> Result<Logged, WalletError> {
    let Hands { wallet, world, .. } = hands;
    let wallet = wallet.as_mut().unwrap();
    let before = wallet.history()?.entries.len();
    let anchors = world.reader.anchors();
    let trust = world.reader_trust(&anchors, &[]);
    let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
    hands.request = Some(wallet.resolve(&request, &world.transcript, &trust)?);
    Ok(wallet.history()?.entries.len() > before)
}

fn respond(hands: &mut Hands) -> Result<Logged, WalletError> {
    let mut request = hands.request.take().unwrap();
    let (approval, handle) = (Approval::everything(request.review()), request.review().handle);
    let answer = block_on(hands.wallet().respond(&mut request, handle, &approval, NOW))?;
    assert!(!answer.is_decline());
    Ok(answer.logged)
}

fn decline(hands: &mut Hands) -> Result<Logged, WalletError> {
    let mut request = hands.request.take().unwrap();
    Ok(hands.wallet().decline(&mut request)?.logged)
}

/// The process that faults happen to.
pub fn worker(folder: &Path, name: &str) {
    let mut voice = Voice::new();
    let mut say = |line: &str| voice.say(line);
    let act = by_name(name);
    let mut hands = match Hands::new(act, folder) {
        Ok(hands) => hands,
        Err(error) => return say(&format!("failed {}", error.code().as_str())),
    };
    say("ready");
    for step in act.steps {
        match step(&mut hands) {
            Ok(true) => say("done"),
            Ok(false) => say("unlogged"),
            Err(error) => return say(&format!("failed {}", error.code().as_str())),
        }
    }
    say("end");
}

/// What the process said of itself.
#[derive(Default, Debug)]
pub struct Said {
    pub done: usize,
    /// How often something was done that the history has not.
    pub unlogged: usize,
    pub failed: Option<String>,
    /// It came to its end, whatever that was.
    pub ended: bool,
}

impl Said {
    pub fn read(lines: impl Iterator<Item = String>) -> Self {
        let mut said = Self::default();
        for line in lines {
            match line.split_once(' ') {
                None if line == "done" => said.done += 1,
                None if line == "unlogged" => {
                    said.done += 1;
                    said.unlogged += 1;
                }
                None if line == "end" => said.ended = true,
                Some(("failed", code)) => {
                    said.failed = Some(code.to_owned());
                    said.ended = true;
                }
                _ => {}
            }
        }
        said
    }
}

/// An act that is ready to be done, and what is there after each of its steps.
pub struct Scene {
    pub act: &'static Act,
    pub files: Files,
    states: Vec<Seen>,
}

impl Scene {
    /// Does it once without a fault.
    pub fn new(act: &'static Act) -> Self {
        let folder = Folder::in_memory();
        (act.prepare)(&folder.0);
        let files = Files::read(&folder.0);
        let world = World::new(1);
        let mut states = vec![observe_copy(&folder.0, &world).unwrap()];
        let mut hands = Hands::new(act, &folder.0).unwrap();
        for step in act.steps {
            assert!(step(&mut hands).unwrap(), "{}: the history has it", act.name);
            states.push(observe_copy(&folder.0, &world).unwrap());
        }
        Self { act, files, states }
    }

    /// Whether what is found is as it must be: as after the last step that was done, or as after the one under way.
    pub fn judge(&self, said: &Said, found: &Seen) -> Result<(), String> {
        let last = self.states.len() - 1;
        let first = said.done.min(last);
        let next = if said.ended && said.failed.is_none() {
            first
        } else {
            (first + 1).min(last)
        };
        let allowed = &self.states[first..=next];
        let history = |state: &Seen| {
            state.history == found.history || lacks(&found.history, &state.history).is_some_and(|n| n <= said.unlogged)
        };
        let holds = if self.act.in_parts {
            allowed.iter().any(|state| state.door == found.door)
                && allowed.iter().any(|state| state.papers == found.papers)
                && allowed.iter().any(|state| state.file == found.file)
                && allowed.iter().any(history)
        } else {
            let same =
                |state: &&Seen| (&state.door, &state.papers, &state.file) == (&found.door, &found.papers, &found.file);
            allowed.iter().filter(same).any(history)
        };
        if holds {
            return Ok(());
        }
        let before = self.states[..first].iter().rev().any(|state| state == found);
        let what = if before {
            "acknowledged and not there"
        } else {
            "half of it is there"
        };
        Err(format!("{what} after step {}: {found:?}, not {allowed:?}", said.done))
    }
}

/// How many entries of `whole` the other history lacks, if it has them in order and no others; how they ended aside.
fn lacks(part: &[String], whole: &[String]) -> Option<usize> {
    // "7 deleted" is "deleted", however many that were.
    let event = |line: &String| {
        line.split(' ')
            .find(|word| word.parse::<u64>().is_err())
            .map(str::to_owned)
    };
    let mut rest = whole.iter();
    let in_order = part.iter().all(|line| rest.any(|other| event(other) == event(line)));
    in_order.then(|| whole.len() - part.len())
}
