//! The owner's history: what is in it, what never is, and that nothing is taken out or changed unseen.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::disk::Disk;
use common::{Dir, Holder, block_on, contains};
use idwallet_crypto::{Curve, Moment, Random, Timestamp};
use idwallet_documents::Lang;
use idwallet_mdoc::names::MDL_NAMESPACE;
use idwallet_storage::{Kind, Lookup, RecordId, Vault};
use idwallet_test_support::{DAY, NOW, World};
use idwallet_wallet::{
    Approval, Code, ComplaintError, Event, HistoryProblem, NewCopy, Outcome, Pin, Reaction, StateFault, VAULT_FILE,
    Wallet, WalletError, WhoState, verify_complaint,
};
use std::path::Path;
use std::sync::Arc;

const HISTORY: i64 = 5;
const HEAD: i64 = 6;

fn later(days: i64) -> Timestamp {
    NOW.saturating_add_seconds(days * DAY)
}

fn show(holder: &mut Holder, elements: &[&str]) {
    let mut resolved = holder.resolve(elements);
    let (handle, approval) = (resolved.review().handle, Approval::everything(resolved.review()));
    let answer = block_on(holder.wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap();
    assert!(answer.logged && !answer.is_decline());
}

fn reopen(dir: &Path) -> Wallet {
    block_on(Wallet::open_software(dir, common::random())).unwrap()
}

/// A wallet with an import (1), a request and its answer (2, 3), a request and a decline (4, 5).
fn told(seed: u64) -> Holder {
    let mut holder = Holder::new(seed);
    show(&mut holder, &["family_name"]);
    let mut resolved = holder.resolve(&["birth_date"]);
    holder.wallet.decline(&mut resolved).unwrap();
    assert!(holder.wallet.history().unwrap().intact);
    holder
}

/// Closes the wallet, does something to its file, opens it again.
fn tampered(holder: Holder, work: impl FnOnce(&rusqlite::Connection)) -> (Wallet, Dir) {
    let Holder { wallet, dir, .. } = holder;
    drop(wallet);
    {
        let raw = rusqlite::Connection::open(dir.0.join(VAULT_FILE)).unwrap();
        work(&raw);
    }
    (reopen(&dir.0), dir)
}

fn rows(raw: &rusqlite::Connection, kind: i64) -> Vec<(Vec<u8>, i64, Vec<u8>)> {
    let mut query = raw
        .prepare("SELECT id, version, sealed FROM record WHERE kind = ? ORDER BY version")
        .unwrap();
    let rows = query.query_map([kind], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

fn problems(wallet: &Wallet) -> Vec<&'static str> {
    let history = wallet.history().unwrap();
    assert_eq!(history.intact, history.problems.is_empty());
    for problem in &history.problems {
        assert!(problem.text(Lang::Vi) != problem.text(Lang::En));
    }
    history.problems.iter().map(|problem| problem.as_str()).collect()
}

/// H-H60, H-H61: who, what, when, and how it ended; a request and its outcome are one entry.
#[test]
fn what_was_asked_and_shown_is_told() {
    let holder = told(200);
    let history = holder.wallet.history().unwrap();
    let events: Vec<_> = history
        .entries
        .iter()
        .map(|e| (e.sequence, e.event, e.outcome))
        .collect();
    assert_eq!(
        events,
        [
            (1, Event::Import, Outcome::Done),
            (2, Event::Presentation, Outcome::Shown),
            (4, Event::Presentation, Outcome::Declined)
        ]
    );
    let shown = &history.entries[1];
    let who = shown.who().unwrap();
    assert_eq!(
        (who.state, who.name.as_deref()),
        (WhoState::Verified, Some("Bar at the corner"))
    );
    assert!(who.fingerprint.is_some() && who.serial.is_some());
    assert_eq!(shown.asked[0].names[0].element, "family_name");
    assert_eq!(shown.shared[0].names[0].element, "family_name");
    assert_eq!(shown.shared[0].document, holder.licence);
    assert!(history.entries[2].shared.is_empty());
}

/// A-H58, H-H21: that the owner declined, or had nothing, is for the owner alone.
#[test]
fn declined_and_nothing_to_give_are_told_apart_for_the_owner() {
    let (dir, world) = (Dir::new(), World::new(201));
    let wallet = common::create(&dir.0);
    let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
    let mut resolved = common::resolve(&wallet, &world, &request).unwrap();
    wallet.decline(&mut resolved).unwrap();
    assert_eq!(wallet.history().unwrap().entries[0].outcome, Outcome::NothingToGive);
}

/// H-H60: what was killed between question and answer stays in the history, without an answer.
#[test]
fn a_request_without_an_answer_is_kept_as_such() {
    let mut holder = Holder::new(202);
    let resolved = holder.resolve(&["family_name"]);
    assert_eq!(resolved.logged(), Some(2));
    // Reading in between changes nothing.
    assert_eq!(holder.wallet.history().unwrap().entries.len(), 2);
    let Holder { wallet, dir, .. } = holder;
    drop((resolved, wallet));
    let history = reopen(&dir.0).history().unwrap();
    assert!(history.intact);
    assert_eq!(history.entries[1].outcome, Outcome::NotAnswered);
}

/// H-H60: failures have their reason: a faulty request, a stale review, a refused import.
#[test]
fn failures_are_told_with_their_code() {
    let mut holder = Holder::new(203);
    common::resolve(&holder.wallet, &holder.world, &[0xa1, 0x01, 0x02]).unwrap_err();
    let mut resolved = holder.resolve(&["family_name"]);
    let (handle, approval) = (resolved.review().handle, Approval::everything(resolved.review()));
    block_on(holder.wallet.remove(holder.licence, NOW)).unwrap();
    block_on(holder.wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap_err();
    common::import(&holder.wallet, &holder.world, vec![0x80]).unwrap_err();
    let history = holder.wallet.history().unwrap();
    let ends: Vec<_> = history.entries.iter().map(|e| (e.event, e.outcome, e.code)).collect();
    assert_eq!(
        ends[1..],
        [
            (Event::Presentation, Outcome::Failed, Some(Code::RequestMalformed)),
            (Event::Presentation, Outcome::Failed, Some(Code::ReviewStale)),
            (Event::Removal, Outcome::Done, None),
            (Event::Import, Outcome::Refused, Some(Code::CredentialMalformed)),
        ]
    );
}

/// H-H62: names of fields, never values: in no export and in no record of the history.
#[test]
fn no_value_is_in_the_history() {
    let holder = told(204);
    let view = holder.wallet.show(holder.licence, NOW).unwrap();
    let file = block_on(holder.wallet.prepare_complaint(2, "They kept a copy.", NOW)).unwrap();
    let history = holder.wallet.history().unwrap();
    let exports = [
        history.to_json(),
        history.to_html(Lang::Vi, 420),
        history.to_html(Lang::En, 420),
        file.to_html(Lang::En, 420),
        format!("{history:?}"),
        file.content.evidence.clone(),
    ];
    let mut looked = 0;
    for claim in &view.claims {
        let value = claim.shown.text(Lang::En);
        if value.len() < 5 || claim.is_image() {
            continue;
        }
        looked += 1;
        for export in &exports {
            assert!(
                !export.contains(value),
                "the value of {} is in an export",
                claim.element
            );
        }
        assert!(!contains(&file.signed, value.as_bytes()));
    }
    assert!(looked >= 5, "{looked}");
}

/// H-H64: an entry that is taken out of the file is missed.
#[test]
fn a_removed_entry_is_seen() {
    let (wallet, _dir) = tampered(told(205), |raw| {
        let gone = &rows(raw, HISTORY)[2];
        assert_eq!(
            raw.execute("DELETE FROM record WHERE kind = 5 AND id = ?", [&gone.0])
                .unwrap(),
            1
        );
    });
    assert_eq!(problems(&wallet), ["entry_removed", "entries_missing"]);
    assert_eq!(
        wallet.history().unwrap().problems[1],
        HistoryProblem::Missing { from: 3, to: 3 }
    );
    assert_eq!(wallet.history().unwrap().entries.len(), 3);
}

/// H-H64: an entry that was edited does not open.
#[test]
fn an_edited_entry_is_seen() {
    let (wallet, _dir) = tampered(told(206), |raw| {
        let (id, _, mut sealed) = rows(raw, HISTORY)[1].clone();
        sealed[10] ^= 1;
        raw.execute("UPDATE record SET sealed = ? WHERE kind = 5 AND id = ?", (&sealed, &id))
            .unwrap();
    });
    assert!(problems(&wallet).contains(&"entry_damaged"));
}

/// H-H64: two entries that change places do not open.
#[test]
fn swapped_entries_are_seen() {
    let (wallet, _dir) = tampered(told(207), |raw| {
        let all = rows(raw, HISTORY);
        for (to, from) in [(0, 1), (1, 0)] {
            let sql = "UPDATE record SET version = ?, sealed = ? WHERE kind = 5 AND id = ?";
            raw.execute(sql, (all[from].1, &all[from].2, &all[to].0)).unwrap();
        }
    });
    assert!(!problems(&wallet).is_empty());
}

/// H-H64: a head that is put back in its older version, with the last entries taken out, is seen.
#[test]
fn a_truncated_history_is_seen() {
    let mut holder = told(208);
    let old = {
        let copy = holder.dir.0.join("copy");
        std::fs::create_dir(&copy).unwrap();
        for name in [VAULT_FILE, "vault.db-wal"] {
            std::fs::copy(holder.dir.0.join(name), copy.join(name)).unwrap();
        }
        rows(&rusqlite::Connection::open(copy.join(VAULT_FILE)).unwrap(), HEAD)
    };
    show(&mut holder, &["given_name"]);
    let (wallet, _dir) = tampered(holder, |raw| {
        for (id, _, _) in &rows(raw, HISTORY)[5..] {
            raw.execute("DELETE FROM record WHERE kind = 5 AND id = ?", [id])
                .unwrap();
        }
        let (id, version, sealed) = &old[0];
        let sql = "UPDATE record SET version = ?, sealed = ? WHERE kind = 6 AND id = ?";
        assert_eq!(raw.execute(sql, (version, sealed, id)).unwrap(), 1);
    });
    let found = problems(&wallet);
    assert!(
        found.contains(&"entry_removed") && found.contains(&"head_damaged"),
        "{found:?}"
    );
}

/// H-H64: an entry that its owner deleted does not come back.
#[test]
fn an_entry_put_back_is_seen() {
    let holder = told(209);
    let Holder { wallet, dir, .. } = holder;
    drop(wallet);
    let old = rows(&rusqlite::Connection::open(dir.0.join(VAULT_FILE)).unwrap(), HISTORY)[0].clone();
    let wallet = reopen(&dir.0);
    wallet.delete_history(None, NOW).unwrap();
    drop(wallet);
    {
        let raw = rusqlite::Connection::open(dir.0.join(VAULT_FILE)).unwrap();
        let sql = "INSERT INTO record (kind, id, version, sealed) VALUES (5, ?, ?, ?)";
        raw.execute(sql, (&old.0, old.1, &old.2)).unwrap();
    }
    assert_eq!(problems(&reopen(&dir.0)), ["entry_added"]);
}

/// The vault with its key, as faulty software would have it.
fn with_key(dir: &Path, work: impl FnOnce(&mut Vault)) {
    let area = idwallet_storage::SoftwareSecureArea::open(&dir.join("area.key"), common::random()).unwrap();
    let path = dir.join(VAULT_FILE);
    let opened = idwallet_storage::open_with_area(&path, &area, common::random());
    work(&mut block_on(opened).unwrap());
}

/// H-H64: the chain notices what is done by software that has the key: an entry deleted by the rules of the vault, or written anew.
#[test]
fn the_chain_notices_who_has_the_key() {
    let Holder { wallet, dir, .. } = told(210);
    drop(wallet);
    let kind = Kind(5);
    let mut second: Option<(RecordId, Vec<u8>)> = None;
    with_key(&dir.0, |vault| {
        let mut entries = vault.list(kind).unwrap();
        entries.sort_by_key(|entry| entry.record.as_ref().unwrap().version());
        let data = entries[1].record.as_ref().unwrap().data().expose().to_vec();
        second = Some((entries[1].id, data));
        let id = entries[1].id;
        vault.transaction(|tx| tx.delete(kind, id)).unwrap();
    });
    assert_eq!(problems(&reopen(&dir.0)), ["entries_missing"]);
    let (id, mut data) = second.unwrap();
    let at = data.windows(11).position(|w| w == b"family_name").unwrap();
    data[at] = b'F';
    let none: &[Lookup<'_>] = &[];
    with_key(&dir.0, |vault| {
        vault.transaction(|tx| tx.insert(kind, id, &data, none)).unwrap()
    });
    let wallet = reopen(&dir.0);
    assert_eq!(wallet.history().unwrap().problems, [HistoryProblem::Altered(2)]);
    assert_eq!(wallet.history().unwrap().entries.len(), 3, "the rest is shown");
}

/// H-H64: only the owner deletes; the history says that, how many and up to when, and goes on.
#[test]
fn deletion_leaves_a_tombstone_and_an_entry() {
    let holder = told(211);
    block_on(holder.wallet.remove(holder.licence, later(3))).unwrap();
    assert_eq!(holder.wallet.delete_history(Some(NOW), later(4)).unwrap().records, 0);
    let deleted = holder.wallet.delete_history(Some(later(2)), later(4)).unwrap();
    assert_eq!(deleted.records, 5);
    let history = holder.wallet.history().unwrap();
    assert!(history.intact, "{:?}", history.problems);
    let tombstone = history.deleted.unwrap();
    assert_eq!((tombstone.count, tombstone.until), (5, NOW));
    let left: Vec<_> = history.entries.iter().map(|e| (e.sequence, e.event, e.count)).collect();
    assert_eq!(left, [(6, Event::Removal, None), (7, Event::HistoryDeletion, Some(5))]);
    holder.wallet.delete_history(None, later(5)).unwrap();
    let history = holder.wallet.history().unwrap();
    assert!(history.intact);
    assert_eq!((history.entries.len(), history.deleted.unwrap().count), (1, 7));
    // The bytes are gone too.
    assert_eq!(holder.wallet.history_size().unwrap().records, 1);
}

/// H-H64: a damaged head is made anew when the next entry is written, and the history says so until its owner deletes it.
#[test]
fn a_damaged_head_does_not_stop_the_history() {
    let holder = told(212);
    let world = World::new(212);
    let (wallet, _dir) = tampered(holder, |raw| {
        raw.execute("UPDATE record SET sealed = zeroblob(length(sealed)) WHERE kind = 6", [])
            .unwrap();
    });
    assert!(problems(&wallet).contains(&"head_damaged"));
    let request = world.request(&[(MDL_NAMESPACE, "given_name")]);
    let resolved = common::resolve(&wallet, &world, &request).unwrap();
    assert_eq!(resolved.logged(), Some(6));
    assert_eq!(problems(&wallet), ["head_damaged"]);
    wallet.delete_history(None, NOW).unwrap();
    assert!(problems(&wallet).is_empty());
}

/// Where the part of the vault that the history lies in is damaged, a document is shown all the same, and the answer says that it was
/// not logged.
#[test]
fn a_presentation_does_not_need_the_history() {
    let holder = told(213);
    let world = World::new(213);
    let (wallet, _dir) = tampered(holder, |raw| {
        let bucket = i64::from(b'i');
        let sql = "UPDATE manifest SET sealed = zeroblob(length(sealed)) WHERE bucket = ?";
        assert_eq!(raw.execute(sql, [bucket]).unwrap(), 1);
    });
    let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
    let mut resolved = common::resolve(&wallet, &world, &request).unwrap();
    assert_eq!(resolved.logged(), None);
    let (handle, approval) = (resolved.review().handle, Approval::everything(resolved.review()));
    let answer = block_on(wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap();
    assert!(!answer.logged && !answer.is_decline());
}

/// Where nothing more can be written, a document of one copy is shown all the same and the answer says that it was not logged; of
/// single-use copies none leaves that was not marked. What was there stays, and is intact.
#[test]
fn a_full_disk_keeps_nobody_from_showing_and_no_copy_from_being_marked() {
    let (dir, world, disk) = (Dir::new(), World::new(217), Arc::new(Disk::default()));
    let area = Wallet::create_software_area(&dir.0, common::random()).unwrap();
    let wallet = block_on(Wallet::create(&dir.0, area, Arc::clone(&disk) as Arc<dyn Random>)).unwrap();
    let licence = common::import(&wallet, &world, world.issue_mdl()).unwrap().id;
    let request = world.request(&[(MDL_NAMESPACE, "family_name")]);

    // The device key's use is fixed at its first use, which has to be written.
    let mut resolved = common::resolve(&wallet, &world, &request).unwrap();
    let (handle, approval) = (resolved.review().handle, Approval::everything(resolved.review()));
    block_on(wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap();
    let before = wallet.history_size().unwrap();

    // One draw is the review's own.
    disk.leave(Some(1));
    let mut resolved = common::resolve(&wallet, &world, &request).unwrap();
    assert_eq!(resolved.logged(), None);
    let (handle, approval) = (resolved.review().handle, Approval::everything(resolved.review()));
    let answer = block_on(wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap();
    assert!(!answer.logged && answer.shared[0].document == licence);
    disk.leave(Some(1));
    let mut resolved = common::resolve(&wallet, &world, &request).unwrap();
    assert!(!wallet.decline(&mut resolved).unwrap().logged);
    assert_eq!(wallet.history_size().unwrap(), before);

    disk.leave(None);
    block_on(wallet.remove(licence, NOW)).unwrap();
    let keys = [1, 2].map(|n| idwallet_test_support::key(Curve::P256, 2_170 + n));
    let issuer = idwallet_test_support::with_elements(
        world.mdoc_issuer(idwallet_mdoc::names::MDL_DOC_TYPE),
        idwallet_test_support::mdl_elements(),
    );
    let issued = issuer
        .copies(keys.iter().map(|key| *key.public_key()))
        .issue(&world.random)
        .unwrap();
    let copies = issued.into_iter().zip(&keys);
    let copies = copies.map(|(mdoc, key)| NewCopy::with_device_key(mdoc.issuer_signed, common::again(key)));
    common::import_copies(&wallet, &world, copies.collect()).unwrap();
    for room in 0..12 {
        let mut resolved = common::resolve(&wallet, &world, &request).unwrap();
        let unused = |wallet: &Wallet| wallet.list(NOW).unwrap().documents[0].copies.unused;
        let before = unused(&wallet);
        let (handle, approval) = (resolved.review().handle, Approval::everything(resolved.review()));
        disk.leave(Some(room));
        let answer = block_on(wallet.respond(&mut resolved, handle, &approval, NOW));
        disk.leave(None);
        let Ok(answer) = answer else {
            assert_eq!(unused(&wallet), before, "nothing left, nothing is marked");
            continue;
        };
        assert_eq!(answer.shared.len(), 1);
        assert_eq!(unused(&wallet), before - 1, "with room for {room}");
        if before == 1 {
            break;
        }
    }
    assert_eq!(wallet.list(NOW).unwrap().documents[0].copies.unused, 0);
    assert!(wallet.history().unwrap().intact && wallet.is_intact().unwrap());
}

/// The page has no script and nothing from elsewhere, whatever a reader calls itself or its elements.
#[test]
fn the_page_escapes_what_comes_from_readers() {
    let mut holder = Holder::new(214);
    let bad = "<script>alert(1)</script>\"'&";
    let request = holder.world.request(&[(MDL_NAMESPACE, bad)]);
    holder.resolve_bytes(&request);
    for lang in [Lang::Vi, Lang::En] {
        let page = holder.wallet.history().unwrap().to_html(lang, 420);
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
        assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("src="));
    }
}

/// H-H66: a complaint verifies, and not when one byte of it is another; it names no document of the owner.
#[test]
fn a_complaint_is_signed_and_logged() {
    let holder = told(215);
    let file = block_on(holder.wallet.prepare_complaint(2, "They kept a copy.", NOW)).unwrap();
    let (content, key) = verify_complaint(&file.signed).unwrap();
    assert_eq!((content.text.as_str(), content.at), ("They kept a copy.", NOW));
    assert!(content.evidence.contains("Bar at the corner") && content.evidence.contains("family_name"));
    // X-C12: what the owner wrote is theirs.
    let debug = format!("{content:?} {file:?}");
    let bytes = format!("{:?}", b"kept").replace(['[', ']'], "");
    assert!(
        !debug.contains("kept") && !debug.contains("Bar at") && !debug.contains(&bytes),
        "{debug}"
    );
    assert!(!content.evidence.contains(&holder.licence.to_string()));
    let mut changed = file.signed.clone();
    let at = changed.windows(4).position(|w| w == b"kept").unwrap();
    changed[at] = b'K';
    assert_eq!(verify_complaint(&changed).unwrap_err(), ComplaintError::Signature);
    assert_eq!(verify_complaint(b"no file").unwrap_err(), ComplaintError::Malformed);
    // No two files have one key, so that nobody can link them.
    let request = block_on(holder.wallet.prepare_erasure_request(2, "Please erase.", NOW)).unwrap();
    assert!(verify_complaint(&request.signed).unwrap().1 != key);
    let history = holder.wallet.history().unwrap();
    let last: Vec<_> = history
        .entries
        .iter()
        .rev()
        .take(2)
        .map(|e| (e.event, e.about))
        .collect();
    assert_eq!(last, [(Event::ErasureRequest, Some(2)), (Event::Complaint, Some(2))]);
    let fault = |error| match error {
        WalletError::InvalidState(fault) => fault,
        other => panic!("{other}"),
    };
    let missing = block_on(holder.wallet.prepare_complaint(99, "", NOW)).unwrap_err();
    assert_eq!(fault(missing), StateFault::NoEntry);
    let long = block_on(holder.wallet.prepare_complaint(2, &"x".repeat(20_000), NOW)).unwrap_err();
    assert_eq!(fault(long), StateFault::TextTooLong);
}

/// The support bundle has nothing personal: no value, no name of a reader or issuer, no id, neither PIN nor recovery code.
#[test]
fn the_support_bundle_is_not_personal() {
    let holder = told(216);
    common::import(&holder.wallet, &holder.world, vec![0x80]).unwrap_err();
    let view = holder.wallet.show(holder.licence, NOW).unwrap();
    let at = Moment {
        wall: NOW,
        uptime: core::time::Duration::from_secs(1),
    };
    let pin = Pin::new("804117").unwrap();
    block_on(holder.wallet.set_pin(&pin, at)).unwrap();
    let code = block_on(holder.wallet.set_recovery_code(&pin, at)).unwrap();
    block_on(holder.wallet.change_pin(&Pin::new("996633").unwrap(), &pin, at)).unwrap_err();
    let bundle = holder.wallet.support_bundle(NOW).unwrap();
    let text = format!(
        "{}{:?}{:?}",
        bundle.to_json(),
        bundle.lines(Lang::Vi),
        bundle.lines(Lang::En)
    );
    assert!(text.contains("W201") && text.contains("org.iso.18013.5.1.mDL"));
    let mut looked = 0;
    for claim in &view.claims {
        let value = claim.shown.text(Lang::En);
        if value.len() >= 5 && !claim.is_image() {
            looked += 1;
            assert!(!text.contains(value), "{}", claim.element);
        }
    }
    assert!(looked >= 5);
    let who = &holder.wallet.history().unwrap().entries[1].who[0];
    let secret = [
        "804117".to_owned(),
        "996633".to_owned(),
        code.text().expose().to_string(),
        code.text().expose().replace('-', ""),
        "Bar at the corner".to_owned(),
        view.summary.issuer.clone(),
        holder.licence.to_string(),
        hex::encode(who.fingerprint.unwrap()),
        hex::encode(who.serial.as_ref().unwrap()),
    ];
    for secret in secret {
        assert!(!text.contains(&secret), "{secret}");
    }
}

/// Every code has a reaction, and every reaction a word of its own.
#[test]
fn every_code_has_a_reaction() {
    let words: std::collections::BTreeSet<_> = Reaction::ALL.iter().map(|reaction| reaction.as_str()).collect();
    assert_eq!(words.len(), Reaction::ALL.len());
    for code in Code::ALL {
        assert!(Reaction::ALL.contains(&code.reaction()), "{code}");
    }
    for event in Event::ALL {
        assert!(event.text(Lang::Vi) != event.text(Lang::En) && !event.as_str().is_empty());
    }
}
