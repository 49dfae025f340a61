//! What moves, and how it arrives.

use super::*;

/// H-H81: what was exported is there after a restore on another device, and can be presented.
#[test]
fn documents_move_to_a_new_wallet_and_work_there() {
    let old = Holder::new(31);
    let keys = [device_key(501), device_key(502), device_key(503)];
    let copies = keys
        .iter()
        .map(|key| NewCopy::with_device_key(copy(&old.world, key), again(key)))
        .collect();
    let many = import_copies(&old.wallet, &old.world, copies).unwrap().id;
    let (exported, file) = export_as(&old.wallet, &options());
    assert_eq!((exported.documents, exported.copies), (2, 4));
    assert!(exported.to_be_reissued.is_empty());

    let dir = Dir::new();
    let new = create(&dir.0);
    let restored = restore(&new, &file, &old.world);
    assert_eq!(restored.added.len(), 2);
    for id in [old.licence, many] {
        let (before, after) = (old.wallet.show(id, NOW).unwrap(), new.show(id, NOW).unwrap());
        assert_eq!(before.summary.imported_at, after.summary.imported_at);
        assert_eq!(before.summary.issuer, after.summary.issuer);
        assert_eq!(before.summary.copies, after.summary.copies);
        assert_eq!(before.claims.len(), after.claims.len());
        for (one, two) in before.claims.iter().zip(&after.claims) {
            assert_eq!(one.cbor(), two.cbor());
        }
    }
    block_on(new.remove(many, NOW)).unwrap();
    let request = old.world.request(&[(MDL_NAMESPACE, "family_name")]);
    let mut resolved = common::resolve(&new, &old.world, &request).unwrap();
    let review = resolved.review().clone();
    let approval = idwallet_wallet::Approval::everything(&review);
    let answer = block_on(new.respond(&mut resolved, review.handle, &approval, NOW)).unwrap();
    let claims = common::verified(&old.world, &request, &answer.device_response);
    assert_eq!(common::names(&claims), ["family_name"]);
    drop(new);
    let again = block_on(Wallet::open_software(&dir.0, random())).unwrap();
    assert_eq!(again.list(NOW).unwrap().documents.len(), 1);
}

/// Nothing of what is in the file can be read in it, and its name and size say nothing of a document.
#[test]
fn the_file_shows_nothing() {
    let old = Holder::new(32);
    let file = export(&old.wallet);
    let view = old.wallet.show(old.licence, NOW).unwrap();
    for claim in &view.claims {
        if claim.cbor().len() > 4 {
            assert!(!contains(&file, claim.cbor()), "{claim:?}");
        }
    }
    for text in [MDL_DOC_TYPE, MDL_NAMESPACE, view.summary.issuer.as_str(), "family_name"] {
        assert!(!contains(&file, text.as_bytes()), "{text}");
    }
    let key = old.world.device_key.to_pkcs8_der().unwrap();
    assert!(!contains(&file, &key.expose()[key.expose().len() - 16..]));
    // The search does find what is there.
    let mut reader = SealedReader::open(Cursor::new(&file), &Secret::new(PASSPHRASE.as_bytes().to_vec())).unwrap();
    let mut all = Vec::new();
    while let Some(entry) = reader.next_entry().unwrap() {
        all.extend_from_slice(entry.expose());
    }
    assert!(contains(&all, MDL_NAMESPACE.as_bytes()) && contains(&all, key.expose()));
}

/// H-H41, H-H80: keys of hardware do not leave it; what is left is type, issuer and time, and no value.
#[test]
fn documents_of_hardware_become_a_list_to_be_issued_again() {
    let world = World::new(33);
    let (dir, dir2) = (Dir::new(), Dir::new());
    let (old, behaviour) = in_area(&dir);
    let id = import(&old, &world, world.issue_mdl()).unwrap().id;
    behaviour.lock().unwrap().is_hardware = true;
    let (exported, file) = export_as(&old, &options());
    assert_eq!(exported.documents, 0);
    assert_eq!(exported.to_be_reissued.len(), 1);
    let mut reader = SealedReader::open(Cursor::new(&file), &Secret::new(PASSPHRASE.as_bytes().to_vec())).unwrap();
    while let Some(entry) = reader.next_entry().unwrap() {
        assert!(!contains(entry.expose(), MDL_NAMESPACE.as_bytes()) || !contains(entry.expose(), b"family_name"));
        for claim in old.show(id, NOW).unwrap().claims {
            assert!(
                claim.cbor().len() < 6 || !contains(entry.expose(), claim.cbor()),
                "{claim:?}"
            );
        }
    }

    let new = create(&dir2.0);
    let restored = restore(&new, &file, &world);
    assert_eq!((restored.added.len(), restored.to_be_reissued), (0, 1));
    let items = new.to_be_reissued().unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].id, id);
    assert_eq!(items[0].doc_type, MDL_DOC_TYPE);
    assert_eq!(items[0].issuer, old.list(NOW).unwrap().documents[0].issuer);
    assert_eq!(items[0].signer.as_ref(), Some(world.issuer.signer.sha256()));
    assert!(
        !items[0].title.text(Lang::Vi).is_empty() && items[0].title.text(Lang::Vi) != items[0].title.text(Lang::En)
    );
    assert_eq!(restore(&new, &file, &world).to_be_reissued, 0);

    // The list moves on with the next export, and an entry goes when its document comes.
    let (_, next) = export_as(&new, &options());
    let dir3 = Dir::new();
    let third = create(&dir3.0);
    assert_eq!(restore(&third, &next, &world).to_be_reissued, 1);
    let key = device_key(601);
    let copies = vec![NewCopy::with_device_key(copy(&world, &key), again(&key))];
    let anchors = world.issuer.anchors();
    let later = Policy::iso().at(NOW.saturating_add_seconds(DAY));
    block_on(new.import(copies, &later, &IssuerTrust::new(&anchors))).unwrap();
    assert!(new.to_be_reissued().unwrap().is_empty());
    // What was issued again does not come back onto the list.
    assert_eq!(restore(&new, &file, &world).to_be_reissued, 0);
    third.dismiss_reissue(id).unwrap();
    assert!(third.to_be_reissued().unwrap().is_empty());
    assert_eq!(code(third.dismiss_reissue(id)), Code::NotFound);
}

/// H-H81: an area that takes no keys gets the list, not documents that it cannot show.
#[test]
fn an_area_that_takes_no_keys_gets_the_list() {
    let old = Holder::new(34);
    let file = export(&old.wallet);
    let dir = Dir::new();
    let (new, behaviour) = in_area(&dir);
    behaviour.lock().unwrap().is_hardware = true;
    let mut backup = open(&file).unwrap();
    let plan = plan(&new, &mut backup, &old.world);
    assert!(matches!(plan.documents[0].action, PlannedAction::Reissue));
    let restored = block_on(new.restore(&mut backup, plan, &mut |_, _| {})).unwrap();
    assert_eq!((restored.added.len(), restored.to_be_reissued), (0, 1));
    assert_eq!(new.count().unwrap(), 0);
    assert_eq!(new.to_be_reissued().unwrap()[0].id, old.licence);
    assert!(!behaviour.lock().unwrap().calls.contains(&"import_key"));
}

#[test]
fn a_second_restore_adds_nothing_and_the_own_backup_neither() {
    let old = Holder::new(35);
    let file = export(&old.wallet);
    assert_eq!(restore(&old.wallet, &file, &old.world).added, []);
    let dir = Dir::new();
    let new = create(&dir.0);
    assert_eq!(restore(&new, &file, &old.world).added, [old.licence]);
    let second = restore(&new, &file, &old.world);
    assert_eq!((second.added.len(), second.skipped, second.history), (0, 1, 0));
    assert_eq!(new.count().unwrap(), 1);
    let papers = block_on(new.lock().unwrap().held_papers()).unwrap();
    assert_eq!((papers.len(), papers[0].count), (1, 1), "known without the PIN");
}

/// Restoring beside other documents: both are kept, and the owner is told which say something else about the same person.
#[test]
fn a_restore_merges_and_shows_conflicts() {
    let old = Holder::new(36);
    let file = export(&old.wallet);
    let dir = Dir::new();
    let new = create(&dir.0);
    let key = device_key(701);
    let copies = vec![NewCopy::with_device_key(copy(&old.world, &key), again(&key))];
    let held = import_copies(&new, &old.world, copies).unwrap().id;
    let before = new.show(held, NOW).unwrap().summary;
    let mut backup = open(&file).unwrap();
    let plan = plan(&new, &mut backup, &old.world);
    assert!(matches!(&plan.documents[0].action, PlannedAction::Add { conflicts } if *conflicts == [held]));
    block_on(new.restore(&mut backup, plan, &mut |_, _| {})).unwrap();
    assert_eq!(new.count().unwrap(), 2);
    let after = new.show(held, NOW).unwrap().summary;
    assert_eq!((before.imported_at, before.copies), (after.imported_at, after.copies));
    // How they stand beside each other was noted by the restore, as an import does.
    assert_eq!(new.compare_all().unwrap(), 0);
    assert!(!new.check(held, NOW, None).unwrap().findings.is_empty());
}

/// An id that is taken is no reason to lose either document.
#[test]
fn a_document_whose_id_is_taken_gets_another_one() {
    let old = Holder::new(37);
    let file = export(&old.wallet);
    let dir = Dir::new();
    let new = create(&dir.0);
    restore(&new, &file, &old.world);
    // The same ids, another credential: the file of a wallet that was itself restored from this one and got a new paper.
    let mut reader = SealedReader::open(Cursor::new(&file), &Secret::new(PASSPHRASE.as_bytes().to_vec())).unwrap();
    let key = device_key(801);
    let other = copy(&old.world, &key);
    let cost = Argon2Params::new(16 * 1024, 2, 1).unwrap();
    let passphrase = Secret::new(PASSPHRASE.as_bytes().to_vec());
    let mut writer = SealedWriter::new(Vec::new(), &passphrase, cost, &*random()).unwrap();
    while let Some(entry) = reader.next_entry().unwrap() {
        if contains(
            entry.expose(),
            &old.world.device_key.to_pkcs8_der().unwrap().expose()[..],
        ) {
            writer.entry(&copy_entry(&other, &key)).unwrap();
        } else {
            writer.entry(entry.expose()).unwrap();
        }
    }
    let restored = restore(&new, &writer.finish().unwrap(), &old.world);
    assert_eq!(restored.added.len(), 1);
    assert_ne!(restored.added[0], old.licence);
    assert_eq!(new.count().unwrap(), 2);
    assert!(new.show(restored.added[0], NOW).is_ok() && new.show(old.licence, NOW).is_ok());
}

/// H-H80: a document of which some copies move and some are bound to the hardware is on the list, too, and says so.
#[test]
fn copies_that_stay_behind_put_their_document_on_the_list() {
    let world = World::new(50);
    let (dir, dir2) = (Dir::new(), Dir::new());
    let (old, behaviour) = in_area(&dir);
    behaviour.lock().unwrap().binds_own = true;
    let bound = block_on(old.create_device_key(Curve::P256, KeyPurpose::SignOrAgree)).unwrap();
    let given = device_key(901);
    let issuer =
        idwallet_test_support::with_elements(world.mdoc_issuer(MDL_DOC_TYPE), idwallet_test_support::mdl_elements());
    let issued = issuer.copy(bound.public_key).copy(*given.public_key());
    let mut issued = issued.issue(&world.random).unwrap().into_iter();
    let mut next = || issued.next().unwrap().issuer_signed;
    let copies = vec![NewCopy::new(next()), NewCopy::with_device_key(next(), given)];
    let id = import_copies(&old, &world, copies).unwrap().id;

    let (exported, file) = export_as(&old, &options());
    assert_eq!((exported.documents, exported.copies), (1, 1));
    let listed: Vec<_> = exported
        .to_be_reissued
        .iter()
        .map(|item| (item.id, item.has_copies))
        .collect();
    assert_eq!(listed, [(id, true)]);
    let new = create(&dir2.0);
    let restored = restore(&new, &file, &world);
    assert_eq!(
        (restored.added.as_slice(), restored.to_be_reissued),
        ([id].as_slice(), 1)
    );
    let items = new.to_be_reissued().unwrap();
    assert_eq!(
        (items.len(), items[0].has_copies, items[0].doc_type.as_str()),
        (1, true, MDL_DOC_TYPE)
    );
    assert_eq!(items[0].issuer, new.list(NOW).unwrap().documents[0].issuer);
    assert_eq!(restore(&new, &file, &world).to_be_reissued, 0);
    // Left out, it has no copies here.
    let dir3 = Dir::new();
    let third = create(&dir3.0);
    let mut backup = open(&file).unwrap();
    let mut plan = plan(&third, &mut backup, &world);
    plan.leave_out(id).unwrap();
    block_on(third.restore(&mut backup, plan, &mut |_, _| {})).unwrap();
    assert!(!third.to_be_reissued().unwrap()[0].has_copies);
}

/// Of a document whose own record is damaged a copy still tells what has to be issued again.
#[test]
fn a_damaged_document_is_on_the_list() {
    let Holder {
        wallet,
        world,
        licence,
        dir,
    } = Holder::new(51);
    let issuer = wallet.list(NOW).unwrap().documents[0].issuer.clone();
    drop(wallet);
    let raw = rusqlite::Connection::open(dir.0.join(idwallet_wallet::VAULT_FILE)).unwrap();
    let done = raw.execute("UPDATE record SET sealed = zeroblob(length(sealed)) WHERE kind = 1", []);
    assert_eq!(done.unwrap(), 1);
    drop(raw);
    let wallet = block_on(Wallet::open_software(&dir.0, random())).unwrap();
    let (exported, file) = export_as(&wallet, &options());
    assert_eq!((exported.documents, exported.damaged.len()), (0, 1));
    let dir2 = Dir::new();
    let new = create(&dir2.0);
    restore(&new, &file, &world);
    let items = new.to_be_reissued().unwrap();
    assert_eq!((items.len(), items[0].id), (1, licence));
    assert_eq!(
        (items[0].doc_type.as_str(), items[0].issuer.as_str()),
        (MDL_DOC_TYPE, issuer.as_str())
    );
}

/// Requests for correction move with their documents and their state; what is farther on in the wallet stays so.
#[test]
fn requests_for_correction_move() {
    let old = Holder::new(52);
    let field = idwallet_wallet::DisputedField {
        name_space: MDL_NAMESPACE.into(),
        element: "family_name".into(),
        claimed: Some("Trần".into()),
    };
    let drafted = block_on(old.wallet.draft_correction(old.licence, &[field], "Sai họ.", NOW)).unwrap();
    let (exported, first) = export_as(&old.wallet, &options());
    assert_eq!(exported.corrections, 1);
    old.wallet.mark_sent(drafted.id, NOW).unwrap();
    let second = export(&old.wallet);
    let (without, _) = export_as(&old.wallet, &options().without_values());
    assert_eq!(without.corrections, 0, "what the owner claims is a value");

    let dir = Dir::new();
    let new = create(&dir.0);
    // First the later state, then the earlier one, which changes nothing.
    for (file, brought) in [(&second, 1), (&first, 0), (&second, 0)] {
        let mut backup = open(file).unwrap();
        let plan = plan(&new, &mut backup, &old.world);
        assert_eq!(plan.corrections, brought);
        let restored = block_on(new.restore(&mut backup, plan, &mut |_, _| {})).unwrap();
        assert_eq!(restored.corrections, brought);
        let corrections = new.corrections().unwrap();
        assert_eq!(corrections.len(), 1);
        assert_eq!(corrections[0].state.as_str(), "sent");
        assert_eq!((corrections[0].id, corrections[0].document), (drafted.id, old.licence));
        assert!(idwallet_wallet::verify_correction(&corrections[0].file).is_some());
    }
    // The other way round the later state holds.
    let dir = Dir::new();
    let new = create(&dir.0);
    for (file, state) in [(&first, "drafted"), (&second, "sent")] {
        restore(&new, file, &old.world);
        assert_eq!(new.corrections().unwrap()[0].state.as_str(), state);
    }
}

/// The status lists of a document and the names of its people are those that are signed, whatever its record in the file says; and what
/// is to be said of it beside the others is known as after an import.
#[test]
fn what_is_derived_is_derived_anew() {
    let world = World::new(53);
    let (dir, dir2) = (Dir::new(), Dir::new());
    let uri = "https://example.org/status/1";
    let old = create(&dir.0);
    for seed in [1201, 1202] {
        let key = device_key(seed);
        let copy = idwallet_mdoc::issue::MdocCopy::new(*key.public_key()).status_list(seed, uri);
        let issuer = world.mdoc_issuer(MDL_DOC_TYPE);
        let issuer = idwallet_test_support::with_elements(issuer, idwallet_test_support::mdl_elements()).copy(copy);
        let bytes = issuer.issue(&world.random).unwrap().remove(0).issuer_signed;
        import_copies(&old, &world, vec![NewCopy::with_device_key(bytes, key)]).unwrap();
    }
    let told = |wallet: &Wallet| {
        let checked = wallet.check_all(NOW, None).unwrap().documents.into_iter();
        let mut told: Vec<_> = checked
            .map(|report| report.findings.iter().map(|f| (f.code, f.other)).collect::<Vec<_>>())
            .collect();
        told.sort_by_key(|findings| format!("{findings:?}"));
        told
    };
    let sources = |wallet: &Wallet| -> Vec<_> {
        let sources = wallet.status_sources().unwrap().into_iter();
        sources.map(|source| (source.uri, source.documents)).collect()
    };
    assert_eq!(sources(&old), [(uri.to_owned(), 2)]);
    let file = forged(&export(&old), |entry| {
        Some(match entry[1] {
            1 => replaced(entry, b"example.org", b"example.net"),
            _ => entry.to_vec(),
        })
    });
    let new = create(&dir2.0);
    restore(&new, &file, &world);
    assert_eq!(sources(&new), sources(&old));
    assert_eq!(told(&new), told(&old));
    assert!(
        told(&new)
            .iter()
            .all(|findings| findings.iter().any(|(_, other)| other.is_some()))
    );
    assert_eq!(new.compare_all().unwrap(), 0);
}

/// How `tests/migrations/export-2.idwallet` was made.
#[test]
#[ignore = "makes a fixture, which is made once"]
fn generate_fixture() {
    let first = Holder::new(54);
    let file = export(&first.wallet);
    let dir = Dir::new();
    let (second, behaviour) = in_area(&dir);
    restore(&second, &file, &first.world);
    behaviour.lock().unwrap().binds_own = true;
    let bound = || {
        block_on(second.create_device_key(Curve::P256, KeyPurpose::SignOrAgree))
            .unwrap()
            .public_key
    };
    let (bound, key) = (bound(), device_key(1301));
    let issuer = first.world.mdoc_issuer(MDL_DOC_TYPE);
    let issuer = idwallet_test_support::with_elements(issuer, idwallet_test_support::mdl_elements()).copy(bound);
    let bytes = issuer.issue(&*random()).unwrap().remove(0).issuer_signed;
    import_copies(&second, &first.world, vec![NewCopy::new(bytes)]).unwrap();
    let copies = vec![NewCopy::with_device_key(copy(&first.world, &key), again(&key))];
    let id = import_copies(&second, &first.world, copies).unwrap().id;
    let field = idwallet_wallet::DisputedField {
        name_space: MDL_NAMESPACE.into(),
        element: "family_name".into(),
        claimed: None,
    };
    let drafted = block_on(second.draft_correction(id, &[field], "Wrong.", NOW)).unwrap();
    second.mark_sent(drafted.id, NOW).unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/migrations/export-2.idwallet");
    std::fs::write(path, export(&second)).unwrap();
}
