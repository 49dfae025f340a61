//! What is refused, kept, or stays as it was.

use super::*;

/// Even who knows the passphrase brings in nothing that its issuer did not sign.
#[test]
fn an_altered_credential_is_refused_and_stays_out() {
    let old = Holder::new(38);
    let file = export(&old.wallet);
    let name = old.wallet.show(old.licence, NOW).unwrap();
    let name = name.claim(MDL_NAMESPACE, "family_name").unwrap().cbor().to_vec();
    let mut other = name.clone();
    *other.last_mut().unwrap() ^= 1;
    let forged = forged(&file, |entry| Some(replaced(entry, &name, &other)));
    for trusting in [true, false] {
        let dir = Dir::new();
        let new = create(&dir.0);
        let mut backup = open(&forged).unwrap();
        let anchors = old.world.issuer.anchors();
        let trust = IssuerTrust::new(&anchors);
        let trust = trusting.then_some(&trust);
        let plan = block_on(new.plan_restore(&mut backup, &Policy::iso().at(NOW), trust, &mut |_, _| {})).unwrap();
        let PlannedAction::Refuse(refusal) = &plan.documents[0].action else {
            panic!("{:?}", plan.documents[0].action)
        };
        assert!(refusal.checks().is_some());
        let restored = block_on(new.restore(&mut backup, plan, &mut |_, _| {})).unwrap();
        assert_eq!((restored.added.len(), restored.left_out), (0, 1));
        assert_eq!(new.count().unwrap(), 0);
    }
}

/// Names in the document's record are the issuer's, whatever the file says.
#[test]
fn what_is_signed_counts_and_not_what_the_file_says() {
    let old = Holder::new(39);
    let issuer = old.wallet.list(NOW).unwrap().documents[0].issuer.clone();
    let file = export(&old.wallet);
    let evil: Vec<u8> = issuer.bytes().map(|_| b'X').collect();
    let forged = forged(&file, |entry| {
        // The document's entry alone: kind 1.
        let is_document = entry.get(1) == Some(&1);
        Some(if is_document {
            replaced(entry, issuer.as_bytes(), &evil)
        } else {
            entry.to_vec()
        })
    });
    let dir = Dir::new();
    let new = create(&dir.0);
    assert_eq!(restore(&new, &forged, &old.world).added.len(), 1);
    assert_eq!(new.list(NOW).unwrap().documents[0].issuer, issuer);
}

/// Without anchors integrity is checked and the plan says that nobody vouches; with anchors that do not know the issuer it stays out.
#[test]
fn an_issuer_whom_nobody_vouches_for_is_told() {
    let old = Holder::new(40);
    let file = export(&old.wallet);
    let dir = Dir::new();
    let new = create(&dir.0);
    let mut backup = open(&file).unwrap();
    let policy = Policy::iso().at(NOW);
    let plan = block_on(new.plan_restore(&mut backup, &policy, None, &mut |_, _| {})).unwrap();
    assert!(matches!(plan.documents[0].action, PlannedAction::Add { .. }));
    assert!(!plan.documents[0].is_vouched);
    let strangers = World::new(41);
    for anchors in [TrustAnchors::new(), strangers.issuer.anchors()] {
        let trust = IssuerTrust::new(&anchors);
        let plan = block_on(new.plan_restore(&mut backup, &policy, Some(&trust), &mut |_, _| {})).unwrap();
        let PlannedAction::Refuse(refusal) = &plan.documents[0].action else {
            panic!()
        };
        assert_eq!(WalletError::from((**refusal).clone()).code(), Code::CredentialUntrusted);
    }
    let plan = self::plan(&new, &mut backup, &old.world);
    assert!(plan.documents[0].is_vouched);
}

/// A paper that expired after it was taken in is still its owner's.
#[test]
fn an_expired_document_is_kept() {
    let old = Holder::new(42);
    let file = export(&old.wallet);
    let until = old.wallet.list(NOW).unwrap().documents[0].valid_until;
    let later = until.saturating_add_seconds(DAY);
    let dir = Dir::new();
    let new = create(&dir.0);
    let mut backup = open(&file).unwrap();
    let anchors = old.world.issuer.anchors();
    let trust = IssuerTrust::new(&anchors);
    let plan = block_on(new.plan_restore(&mut backup, &Policy::iso().at(later), Some(&trust), &mut |_, _| {})).unwrap();
    assert_eq!(
        block_on(new.restore(&mut backup, plan, &mut |_, _| {}))
            .unwrap()
            .added
            .len(),
        1
    );
    assert_eq!(new.list(later).unwrap().documents[0].state.as_str(), "expired");
}

/// A-H55, A-H59: what was shown counts as shown on the next device, and a key that signed never MACs there.
#[test]
fn used_copies_stay_used() {
    let mut old = Holder::new(43);
    let keys = [device_key(901), device_key(902)];
    block_on(old.wallet.remove(old.licence, NOW)).unwrap();
    let copies = keys
        .iter()
        .map(|key| NewCopy::with_device_key(copy(&old.world, key), again(key)))
        .collect();
    let id = import_copies(&old.wallet, &old.world, copies).unwrap().id;
    let mut resolved = old.resolve(&["family_name"]);
    let review = resolved.review().clone();
    let approval = idwallet_wallet::Approval::everything(&review);
    block_on(old.wallet.respond(&mut resolved, review.handle, &approval, NOW)).unwrap();
    let left = |wallet: &Wallet| wallet.show(id, NOW).unwrap().summary.copies.left;
    assert_eq!(left(&old.wallet), Some(1));
    let file = export(&old.wallet);
    let dir = Dir::new();
    let new = create(&dir.0);
    restore(&new, &file, &old.world);
    assert_eq!(left(&new), Some(1));
}

/// The owner chooses: some documents, none of the values, not the history.
#[test]
fn an_export_has_what_its_owner_chose() {
    let old = Holder::new(44);
    let key = device_key(1001);
    let copies = vec![NewCopy::with_device_key(copy(&old.world, &key), again(&key))];
    let second = import_copies(&old.wallet, &old.world, copies).unwrap().id;
    let (exported, file) = export_as(&old.wallet, &options().only([second]).without_history());
    assert_eq!((exported.documents, exported.history), (1, 0));
    let dir = Dir::new();
    assert_eq!(restore(&create(&dir.0), &file, &old.world).added, [second]);

    let (exported, file) = export_as(&old.wallet, &options().without_values());
    assert_eq!((exported.documents, exported.to_be_reissued.len()), (0, 2));
    let dir = Dir::new();
    let new = create(&dir.0);
    assert_eq!(restore(&new, &file, &old.world).to_be_reissued, 2);
    assert_eq!(new.to_be_reissued().unwrap().len(), 2);

    let nobody = DocumentId::from_bytes([9; 16]);
    let result = block_on(
        old.wallet
            .export(Vec::new(), PASSPHRASE, &options().only([nobody]), NOW, &mut |_, _| {}),
    );
    assert_eq!(code(result.map(|_| ())), Code::NotFound);

    // H-H81: and on the way back.
    let file = export(&old.wallet);
    let dir = Dir::new();
    let new = create(&dir.0);
    let mut backup = open(&file).unwrap();
    let mut plan = plan(&new, &mut backup, &old.world);
    plan.leave_out(second).unwrap();
    let restored = block_on(new.restore(&mut backup, plan, &mut |_, _| {})).unwrap();
    assert_eq!(
        (restored.added.as_slice(), restored.left_out),
        ([old.licence].as_slice(), 1)
    );
}

#[test]
fn weak_passphrases_and_cheap_guesses_are_refused() {
    let old = Holder::new(45);
    let try_one = |passphrase: &str, options: &ExportOptions| {
        let result = block_on(old.wallet.export(Vec::new(), passphrase, options, NOW, &mut |_, _| {}));
        code(result.map(|_| ()))
    };
    assert_eq!(try_one("ngắn", &options()), Code::PassphraseShort);
    assert_eq!(try_one("matkhau123456", &options()), Code::PassphraseCommon);
    let cheap = ExportOptions::new().cost(Argon2Params::new(1024, 1, 1).unwrap());
    assert_eq!(try_one(PASSPHRASE, &cheap), Code::PassphraseCommon);
    let name = idwallet_test_support::mdl_elements();
    assert!(name.iter().any(|(element, _)| *element == "document_number"));
    let number = old.wallet.show(old.licence, NOW).unwrap();
    let number = number.claim(MDL_NAMESPACE, "document_number").unwrap();
    let number = number.shown.text(Lang::En).to_owned();
    let passphrase = format!("{number} abcxyz");
    let result = block_on(
        old.wallet
            .export(Vec::new(), &passphrase, &options(), NOW, &mut |_, _| {}),
    );
    assert_eq!(code(result.map(|_| ())), Code::PassphrasePersonal);
}

#[test]
fn another_passphrase_and_files_that_are_no_backup_are_told_apart() {
    let old = Holder::new(46);
    let file = export(&old.wallet);
    let open_with =
        |file: &[u8], passphrase: &str| code(Backup::open(Cursor::new(file.to_vec()), passphrase, &mut |_, _| {}));
    assert_eq!(open_with(&file, "bốn con trâu gặm cỏ"), Code::BackupPassphraseWrong);
    assert_eq!(open_with(b"%PDF-1.7", PASSPHRASE), Code::BackupForeign);
    assert_eq!(open_with(&file[..file.len() - 1], PASSPHRASE), Code::BackupDamaged);
    let mut altered = file.clone();
    *altered.last_mut().unwrap() ^= 1;
    assert_eq!(open_with(&altered, PASSPHRASE), Code::BackupDamaged);
    let mut newer = file.clone();
    newer[16] = 2;
    assert_eq!(open_with(&newer, PASSPHRASE), Code::BackupNewer);
    // The same passphrase from a keyboard that decomposes accents.
    let decomposed = "bo\u{302}\u{301}n con tra\u{302}u ga\u{306}\u{323}m ma\u{302}y";
    assert!(Backup::open(Cursor::new(file.clone()), decomposed, &mut |_, _| {}).is_ok());
}

/// A file that opens and is not what it says it has.
#[test]
fn content_that_is_not_whole_or_in_order_is_refused() {
    let old = Holder::new(47);
    let file = export(&old.wallet);
    let kind = |entry: &[u8]| entry[1];
    let wrong = |change: &dyn Fn(&[u8]) -> Option<Vec<u8>>| code(open(&forged(&file, change)));
    assert_eq!(
        wrong(&|entry| (kind(entry) != 0).then(|| entry.to_vec())),
        Code::BackupDamaged
    );
    assert_eq!(
        wrong(&|entry| (kind(entry) != 1).then(|| entry.to_vec())),
        Code::BackupDamaged
    );
    assert_eq!(
        wrong(&|entry| (kind(entry) != 2).then(|| entry.to_vec())),
        Code::BackupDamaged
    );
    assert_eq!(
        wrong(&|entry| Some(replaced(entry, &[0x89, 0, 2], &[0x89, 0, 3]))),
        Code::BackupNewer
    );
    // What is counted and is not there.
    for place in 1..=6 {
        assert_eq!(
            wrong(&|entry| Some(match kind(entry) {
                0 => [&entry[..entry.len() - place], &[9], &entry[entry.len() - place + 1..]].concat(),
                _ => entry.to_vec(),
            })),
            Code::BackupDamaged,
            "{place}"
        );
    }
    assert_eq!(
        wrong(&|entry| Some(replaced(entry, &[0x83, 1], &[0x83, 9]))),
        Code::BackupNewer
    );
    assert_eq!(
        wrong(&|entry| Some(entry[..entry.len() - 1].to_vec())),
        Code::BackupDamaged
    );
    assert_eq!(wrong(&|entry| Some([entry, &[0]].concat())), Code::BackupDamaged);
    assert!(open(&forged(&file, |entry| Some(entry.to_vec()))).is_ok());
}

/// All or nothing: a failure at any key, a dropped future, a file that is cut while it is restored.
#[test]
fn a_restore_that_fails_leaves_the_wallet_as_it_was() {
    let old = Holder::new(48);
    let keys = [device_key(1101), device_key(1102), device_key(1103)];
    let copies = keys
        .iter()
        .map(|key| NewCopy::with_device_key(copy(&old.world, key), again(key)))
        .collect();
    import_copies(&old.wallet, &old.world, copies).unwrap();
    let file = export(&old.wallet);
    let dir = Dir::new();
    let (new, behaviour) = in_area(&dir);

    let mut backup = open(&file).unwrap();
    let stale = plan(&new, &mut backup, &old.world);
    behaviour.lock().unwrap().fail = Some(("import_key", SecureAreaError::Failed(7)));
    let result = block_on(new.restore(&mut backup, stale, &mut |_, _| {}));
    assert_eq!(code(result), Code::KeyStoreFailed);
    assert_eq!(new.count().unwrap(), 0);
    behaviour.lock().unwrap().fail = None;

    // Dropped at each await, one after the other.
    for pending in 1..4 {
        let plan = plan(&new, &mut backup, &old.world);
        behaviour.lock().unwrap().pending = pending;
        {
            let mut progress = |_, _| {};
            let mut future = Box::pin(new.restore(&mut backup, plan, &mut progress));
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(future.as_mut().poll(&mut context).is_pending());
        }
        behaviour.lock().unwrap().pending = 0;
        assert_eq!(new.count().unwrap(), 0);
    }

    // The plan of another state of the wallet.
    let plan_before = plan(&new, &mut backup, &old.world);
    let key = block_on(new.create_device_key(Curve::P256, idwallet_crypto::area::KeyPurpose::Sign)).unwrap();
    drop(key);
    let result = block_on(new.restore(&mut backup, plan_before, &mut |_, _| {}));
    assert!(matches!(result, Err(WalletError::Backup(BackupFault::StalePlan))));
    // The plan of another file.
    let other = export(&old.wallet);
    let plan_of_other = plan(&new, &mut open(&other).unwrap(), &old.world);
    let result = block_on(new.restore(&mut backup, plan_of_other, &mut |_, _| {}));
    assert_eq!(code(result), Code::RestoreStale);
    assert_eq!(new.count().unwrap(), 0);

    let plan = plan(&new, &mut backup, &old.world);
    let mut steps = Vec::new();
    block_on(new.restore(&mut backup, plan, &mut |done, total| steps.push((done, total)))).unwrap();
    assert_eq!(steps, [(1, 4), (2, 4), (3, 4), (4, 4)]);
    assert_eq!(new.count().unwrap(), 2);
}

/// A file on a card that is pulled out half way through the writing.
#[test]
fn a_file_that_vanishes_while_it_is_restored_leaves_the_wallet_as_it_was() {
    struct Card(Cursor<Vec<u8>>, Arc<std::sync::atomic::AtomicUsize>);
    impl std::io::Read for Card {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            use std::sync::atomic::Ordering;
            if self.1.fetch_sub(1, Ordering::Relaxed) == 0 {
                self.1.store(0, Ordering::Relaxed);
                return Err(std::io::ErrorKind::BrokenPipe.into());
            }
            self.0.read(into)
        }
    }
    impl std::io::Seek for Card {
        fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
            self.0.seek(to)
        }
    }
    let old = Holder::new(49);
    let file = export(&old.wallet);
    let reads = Arc::new(std::sync::atomic::AtomicUsize::new(usize::MAX));
    let dir = Dir::new();
    let new = create(&dir.0);
    let mut failures = 0;
    for allowed in 1..40 {
        let card = Card(Cursor::new(file.clone()), Arc::clone(&reads));
        reads.store(1_000_000, std::sync::atomic::Ordering::Relaxed);
        let mut backup = Backup::open(card, PASSPHRASE, &mut |_, _| {}).unwrap();
        let anchors = old.world.issuer.anchors();
        let trust = IssuerTrust::new(&anchors);
        let policy = Policy::iso().at(NOW);
        let plan = block_on(new.plan_restore(&mut backup, &policy, Some(&trust), &mut |_, _| {})).unwrap();
        reads.store(allowed, std::sync::atomic::Ordering::Relaxed);
        match block_on(new.restore(&mut backup, plan, &mut |_, _| {})) {
            Ok(restored) => {
                assert_eq!(restored.added.len(), 1);
                break;
            }
            Err(error) => {
                assert_eq!(error.code(), Code::BackupIo);
                failures += 1;
                assert_eq!(new.count().unwrap(), 0);
                assert!(new.is_intact().unwrap());
            }
        }
    }
    assert!(failures > 4, "{failures}");
    assert_eq!(new.count().unwrap(), 1);
}

/// No room where an export goes is said as such: the person can make room. Any other failure is one of the file.
#[test]
fn an_export_without_room_says_so() {
    #[derive(Debug)]
    struct Card(std::io::ErrorKind);
    impl std::io::Write for Card {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let old = Holder::new(50);
    for (kind, said) in [
        (std::io::ErrorKind::StorageFull, Code::DiskFull),
        (std::io::ErrorKind::QuotaExceeded, Code::DiskFull),
        (std::io::ErrorKind::FileTooLarge, Code::DiskFull),
        (std::io::ErrorKind::BrokenPipe, Code::BackupIo),
    ] {
        let mut no_one = |_, _| {};
        let options = options();
        let export = old.wallet.export(Card(kind), PASSPHRASE, &options, NOW, &mut no_one);
        assert_eq!(code(block_on(export)), said, "{kind:?}");
    }
}

/// Every code of an export says in both languages what to do.
#[test]
fn faults_have_sentences() {
    let faults = Code::ALL.iter().filter(|code| code.as_str().starts_with("W7"));
    assert_eq!(faults.clone().count(), 12);
    for fault in faults {
        assert!(fault.text(Lang::Vi).len() > 20 && fault.text(Lang::En).len() > 20);
    }
    let _: Timestamp = NOW;
}

fn restored(file: &[u8], dir: &Dir) -> (Wallet, idwallet_wallet::BackupContents, Restored) {
    let mut backup = open(file).unwrap();
    let contents = backup.contents();
    let new = create(&dir.0);
    let policy = Policy::iso().at(contents.created_at);
    let plan = block_on(new.plan_restore(&mut backup, &policy, None, &mut |_, _| {})).unwrap();
    let restored = block_on(new.restore(&mut backup, plan, &mut |_, _| {})).unwrap();
    assert_eq!(u64::try_from(restored.added.len()).unwrap(), contents.documents);
    assert_eq!(u64::try_from(restored.history).unwrap(), contents.history);
    for document in &restored.added {
        assert!(!new.show(*document, contents.created_at).unwrap().claims.is_empty());
    }
    // What stands beside each other was compared.
    assert_eq!(new.compare_all().unwrap(), 0);
    (new, contents, restored)
}

/// An export of the first format, for every later version to restore. It does not say where the history ends.
#[test]
fn an_export_of_the_first_format_is_restored() {
    let file = include_bytes!("../../../../tests/migrations/export-1.idwallet");
    let dir = Dir::new();
    let (new, contents, _) = restored(file, &dir);
    assert_eq!((contents.documents, contents.to_be_reissued), (4, 0));
    let history = new.history().unwrap();
    assert!(!history.past.is_empty());
    for past in &history.past {
        assert_eq!(past.problems, [idwallet_wallet::HistoryProblem::Uncounted]);
    }
}

/// An export of the second format, with histories that say where they end, and a request for correction.
#[test]
fn an_export_of_the_second_format_is_restored() {
    let file = include_bytes!("../../../../tests/migrations/export-2.idwallet");
    let dir = Dir::new();
    let (new, contents, restored) = restored(file, &dir);
    assert_eq!((contents.documents, contents.to_be_reissued), (2, 1));
    assert_eq!((contents.corrections, restored.corrections), (1, 1));
    let history = new.history().unwrap();
    assert!(history.intact, "{:?}", history.past);
    assert_eq!(history.past.len(), 2);
}

/// A place where nobody writes keeps nobody waiting, and what is no file is no backup.
#[cfg(unix)]
#[allow(clippy::disallowed_methods, reason = "a scope would wait for a thread that waits")]
#[test]
fn what_is_no_file_is_no_backup() {
    let dir = Dir::new();
    std::fs::create_dir(&dir.0).unwrap();
    let pipe = dir.0.join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let places = [
        (pipe, Code::BackupForeign),
        (dir.0.clone(), Code::BackupForeign),
        ("/dev/zero".into(), Code::BackupForeign),
        ("/dev/null".into(), Code::BackupForeign),
        (dir.0.join("none"), Code::BackupIo),
        ("".into(), Code::BackupIo),
    ];
    for (place, expected) in places {
        let (said, answer) = std::sync::mpsc::channel();
        let path = place.clone();
        std::thread::spawn(move || said.send(code(Backup::open_file(&path, PASSPHRASE, &mut |_, _| {}))));
        let answer = answer.recv_timeout(std::time::Duration::from_secs(10));
        assert_eq!(answer.expect("an answer"), expected, "{}", place.display());
    }
}

#[test]
fn a_backup_is_opened_by_its_name() {
    let old = Holder::new(48);
    let dir = Dir::new();
    std::fs::create_dir(&dir.0).unwrap();
    let path = dir.0.join("papers");
    block_on(
        old.wallet
            .export_file(&path, false, PASSPHRASE, &options(), NOW, &mut |_, _| {}),
    )
    .unwrap();
    let backup = Backup::open_file(&path, PASSPHRASE, &mut |_, _| {}).unwrap();
    assert_eq!(backup.contents().documents, 1);
}
