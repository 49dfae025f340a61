//! Histories that came from other wallets: shown apart, checked, moved on, deleted.

use super::*;
use idwallet_wallet::{Approval, Event, HistoryProblem, PastHistory};

const PAST: i64 = 11;

fn later(days: i64) -> Timestamp {
    NOW.saturating_add_seconds(days * DAY)
}

/// A wallet with an import (1), a request and its answer (2, 3), a removal two days later (4).
fn told(seed: u64) -> Holder {
    let mut holder = Holder::new(seed);
    let mut resolved = holder.resolve(&["family_name"]);
    let (handle, approval) = (resolved.review().handle, Approval::everything(resolved.review()));
    block_on(holder.wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap();
    block_on(holder.wallet.remove(holder.licence, later(2))).unwrap();
    holder
}

/// A wallet into which the history was restored.
fn moved(seed: u64) -> (Holder, Vec<u8>, Dir, Wallet) {
    let old = told(seed);
    let file = export(&old.wallet);
    let dir = Dir::new();
    let new = create(&dir.0);
    restore(&new, &file, &old.world);
    (old, file, dir, new)
}

fn numbers(past: &PastHistory) -> Vec<u64> {
    past.entries.iter().map(|entry| entry.sequence).collect()
}

/// The past of a new wallet after the restore of a file in which something was changed.
fn past_of(world: &World, file: &[u8], change: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Vec<PastHistory> {
    let dir = Dir::new();
    let new = create(&dir.0);
    restore(&new, &forged(file, change), world);
    let history = new.history().unwrap();
    assert!(history.problems.is_empty(), "{:?}", history.problems);
    assert_eq!(history.intact, history.past.iter().all(|past| past.intact));
    history.past
}

/// The number of an entry of a history, which is the second member of its map.
fn number_of(entry: &[u8]) -> Option<u8> {
    if entry[1] != 4 {
        return None;
    }
    let at = entry.windows(4).position(|bytes| bytes[..3] == [0, 1, 1]).unwrap();
    Some(entry[at + 3])
}

/// The first entry of the file with one more or one less of the member that is so far from its end.
fn recounted(entry: &[u8], from_end: usize, by: i8) -> Vec<u8> {
    let mut entry = entry.to_vec();
    let at = entry.len() - from_end;
    entry[at] = entry[at].wrapping_add_signed(by);
    entry
}

fn without(number: u8) -> impl Fn(&[u8]) -> Option<Vec<u8>> {
    move |entry| match entry[1] {
        0 => Some(recounted(entry, 3, -1)),
        _ => (number_of(entry) != Some(number)).then(|| entry.to_vec()),
    }
}

/// H-H64, H-H81: what an earlier wallet wrote is shown after a restore, apart from the new wallet's own, and found to be whole. In
/// every export of the history it is so, too.
#[test]
fn an_old_history_is_shown_apart_and_checked() {
    let (old, file, _dir, new) = moved(60);
    let before = old.wallet.history().unwrap();
    let history = new.history().unwrap();
    assert!(history.intact);
    assert_eq!(
        history.entries.iter().map(|e| e.event).collect::<Vec<_>>(),
        [Event::Restore]
    );
    assert_eq!(history.past.len(), 1);
    assert_eq!(numbers(&history.past[0]), [1, 2, 4]);
    let shown = &history.past[0].entries[1];
    assert_eq!(
        shown.shared[0].names[0].element,
        before.entries[1].shared[0].names[0].element
    );
    let json: serde_json::Value = serde_json::from_str(&history.to_json()).unwrap();
    assert_eq!(json["past"][0]["intact"], true);
    assert_eq!(
        json["past"][0]["entries"][1]["shared"][0]["elements"][0]["element"],
        "family_name"
    );
    assert_eq!(json["entries"].as_array().unwrap().len(), 1);
    for lang in [Lang::Vi, Lang::En] {
        let page = history.to_html(lang, 420);
        let (own, past) = page.split_once(history.past[0].caption(lang)).unwrap();
        let asked = before.entries[1].headline(lang);
        assert!(!own.contains(&asked) && past.contains(&asked), "{page}");
    }
    assert_eq!(new.history_size().unwrap().records, 5);

    // It moves on, with what the second wallet wrote; once, however often it is restored.
    let next = export(&new);
    let dir = Dir::new();
    let third = create(&dir.0);
    import(&third, &old.world, old.world.issue_mdl()).unwrap();
    for file in [&next, &file, &next] {
        restore(&third, file, &old.world);
    }
    let history = third.history().unwrap();
    assert!(history.intact, "{:?}", history.past);
    // Both begin at one moment, so that neither comes first.
    let past: std::collections::BTreeSet<_> = history.past.iter().map(numbers).collect();
    assert_eq!(past, [vec![1, 2, 4], vec![1]].into());
}

/// H-H64: what is missing in it or is not as it was written is named, each at its place.
#[test]
fn what_was_done_to_an_old_history_is_named() {
    let (old, file, _dir, _new) = moved(61);
    let problems = |change: &dyn Fn(&[u8]) -> Option<Vec<u8>>| {
        let past = past_of(&old.world, &file, change);
        assert_eq!(past.len(), 1, "{past:?}");
        past[0].problems.clone()
    };
    assert_eq!(problems(&|entry| Some(entry.to_vec())), []);
    for number in 1..=4 {
        let missing = HistoryProblem::Missing {
            from: number.into(),
            to: number.into(),
        };
        assert_eq!(problems(&without(number)), [missing], "{number}");
    }
    // Another name in the request.
    let altered = problems(&|entry| {
        Some(match number_of(entry) {
            Some(2) => replaced(entry, b"family_name", b"Family_name"),
            _ => entry.to_vec(),
        })
    });
    assert_eq!(altered, [HistoryProblem::Altered(2)]);
    // No word on where it ends.
    let uncounted = problems(&|entry| match entry[1] {
        0 => Some(recounted(entry, 2, -1)),
        5 => None,
        _ => Some(entry.to_vec()),
    });
    assert_eq!(uncounted, [HistoryProblem::Uncounted]);
    let all = past_of(&old.world, &file, |entry| match entry[1] {
        0 => Some(recounted(entry, 3, -4)),
        4 => None,
        _ => Some(entry.to_vec()),
    });
    assert_eq!(all[0].problems, [HistoryProblem::Missing { from: 1, to: 4 }]);
}

/// What happens to it in the vault is named as well.
#[test]
fn a_record_of_an_old_history_that_is_damaged_is_named() {
    let (_old, _file, dir, new) = moved(62);
    drop(new);
    let raw = rusqlite::Connection::open(dir.0.join(idwallet_wallet::VAULT_FILE)).unwrap();
    let done = raw.execute(
        "UPDATE record SET sealed = zeroblob(length(sealed)) WHERE kind = ?1 AND id = (SELECT min(id) FROM record WHERE kind = ?1)",
        [PAST],
    );
    assert_eq!(done.unwrap(), 1);
    drop(raw);
    let new = block_on(Wallet::open_software(&dir.0, random())).unwrap();
    let history = new.history().unwrap();
    assert!(!history.intact);
    assert_eq!(history.problems[0].as_str(), "entry_damaged");
    assert!(matches!(history.past[0].problems[..], [HistoryProblem::Missing { .. }]));
    // It goes when its owner deletes all.
    assert_eq!(new.delete_history(None, later(5)).unwrap().records, 5);
    let history = new.history().unwrap();
    assert!(history.intact && history.past.is_empty(), "{history:?}");
}

/// H-H64: its owner deletes from it as from the own history, and that can be seen, also in the next wallet.
#[test]
fn deleting_from_an_old_history_is_seen() {
    let (old, file, _dir, new) = moved(63);
    // The import, the request with its answer, and the restore of this wallet.
    assert_eq!(new.delete_history(Some(later(1)), later(5)).unwrap().records, 4);
    let check = |wallet: &Wallet, place: usize| {
        let history = wallet.history().unwrap();
        assert!(history.intact, "{history:?}");
        let past = &history.past[place];
        assert_eq!(numbers(past), [4]);
        let deleted = past.deleted.unwrap();
        assert_eq!((deleted.count, deleted.until), (3, NOW));
        assert!(deleted.text(Lang::Vi, 420).contains('3') && history.to_html(Lang::En, 0).contains("You deleted 3"));
    };
    check(&new, 0);
    let history = new.history().unwrap();
    assert_eq!((history.deleted.unwrap().count, history.entries[0].count), (1, Some(4)));
    let dir = Dir::new();
    let third = create(&dir.0);
    restore(&third, &export(&new), &old.world);
    check(&third, 1);

    // What is left goes too, and what was deleted comes back with the old file alone.
    assert_eq!(new.delete_history(Some(later(9)), later(9)).unwrap().records, 3);
    let past = &new.history().unwrap().past[0];
    assert_eq!((numbers(past), past.deleted.unwrap().count), (Vec::new(), 4));
    restore(&new, &file, &old.world);
    let history = new.history().unwrap();
    assert!(history.intact, "{history:?}");
    assert_eq!(
        (numbers(&history.past[0]), history.past[0].deleted),
        (vec![1, 2, 4], None)
    );
    assert!(new.delete_history(None, later(10)).unwrap().records >= 4);
    let history = new.history().unwrap();
    assert!(history.intact && history.past.is_empty(), "{history:?}");
    assert_eq!(history.entries.last().unwrap().event, Event::HistoryDeletion);
}

/// A wallet's own backup brings nothing that it has, and back what its owner deleted.
#[test]
fn the_own_backup_brings_back_what_was_deleted() {
    let old = told(64);
    let file = export(&old.wallet);
    restore(&old.wallet, &file, &old.world);
    assert!(old.wallet.history().unwrap().past.is_empty());
    old.wallet.delete_history(Some(later(1)), later(3)).unwrap();
    restore(&old.wallet, &file, &old.world);
    let history = old.wallet.history().unwrap();
    assert!(history.intact, "{history:?}");
    assert_eq!(history.past.len(), 1);
    assert_eq!(numbers(&history.past[0]), [1, 2]);
    assert_eq!(old.wallet.delete_history(Some(later(1)), later(4)).unwrap().records, 3);
    assert!(
        old.wallet
            .history()
            .unwrap()
            .past
            .iter()
            .all(|past| past.entries.is_empty())
    );
    assert!(old.wallet.history().unwrap().intact);
}
