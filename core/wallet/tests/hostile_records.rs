//! Records as somebody with the key of the vault could write them: whatever they say, nothing panics and the wallet opens.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::{Holder, block_on, random, resolve};
use idwallet_crypto::{Curve, Timestamp};
use idwallet_documents::Lang;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_storage::{Kind, Lookup, RecordId, SoftwareSecureArea, Vault, open_with_area};
use idwallet_test_support::{NOW, World, key};
use idwallet_wallet::{Approval, CorrectionAnswer, DisputedField, VAULT_FILE, Wallet};
use std::path::Path;

/// All that the wallet keeps.
const KINDS: [u16; 9] = [1, 2, 3, 5, 6, 8, 9, 10, 13];

fn with_key<T>(dir: &Path, work: impl FnOnce(&mut Vault) -> T) -> T {
    let area = SoftwareSecureArea::open(&dir.join("area.key"), random()).unwrap();
    work(&mut block_on(open_with_area(&dir.join(VAULT_FILE), &area, random())).unwrap())
}

/// The places of all integers in one item, and what follows the item.
fn integers(bytes: &[u8], at: usize, out: &mut Vec<(usize, usize)>) -> Option<usize> {
    let head = *bytes.get(at)?;
    let extra = match head & 31 {
        0..24 => 0,
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    let argument = bytes.get(at + 1..at + 1 + extra)?.iter();
    let argument = argument.fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
    let argument = if extra == 0 { u64::from(head & 31) } else { argument };
    let mut next = at + 1 + extra;
    match head >> 5 {
        0 | 1 => out.push((at, next)),
        2 | 3 => next += usize::try_from(argument).ok()?,
        4 | 5 => {
            for _ in 0..argument * if head >> 5 == 5 { 2 } else { 1 } {
                next = integers(bytes, next, out)?;
            }
        }
        6 => next = integers(bytes, next, out)?,
        _ => {}
    }
    Some(next)
}

const EXTREMES: [&[u8]; 3] = [
    &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0x1b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
];

/// Everything that reads records.
fn use_it(dir: &Path, world: &World) {
    let wallet = block_on(Wallet::open_software(dir, random())).unwrap();
    for now in [NOW, Timestamp::from_unix(i64::MAX), Timestamp::from_unix(i64::MIN)] {
        if let Ok(listing) = wallet.list(now) {
            for document in listing.documents {
                let _ = (wallet.show(document.id, now), wallet.check(document.id, now, None));
                let _ = document.reissue_due.map(|reason| reason.text(Lang::En));
            }
        }
        let _ = (
            wallet.check_all(now, None),
            wallet.copies_due(now),
            wallet.support_bundle(now),
        );
    }
    let _ = (
        wallet.status_sources(),
        wallet.to_be_reissued(),
        wallet.count(),
        wallet.is_intact(),
    );
    if let Ok(history) = wallet.history() {
        let _ = (
            history.to_json(),
            history.to_html(Lang::Vi, 420),
            history.to_html(Lang::En, i16::MIN),
        );
        for entry in &history.entries {
            let _ = (entry.headline(Lang::Vi), entry.details(Lang::En));
        }
    }
    let _ = wallet.history_size();
    for correction in wallet.corrections().unwrap_or_default() {
        let _ = wallet.mark_answered(correction.id, CorrectionAnswer::Changed, NOW);
    }
    let request = world.request(&[(MDL_NAMESPACE, "family_name"), (MDL_NAMESPACE, "portrait")]);
    if let Ok(mut resolved) = resolve(&wallet, world, &request) {
        let review = resolved.review().clone();
        let approval = Approval::everything(&review);
        let _ = block_on(wallet.respond(&mut resolved, review.handle, &approval, NOW));
        let _ = wallet.decline(&mut resolved);
    }
    let _ = block_on(wallet.prepare_complaint(1, "text", NOW));
    let _ = block_on(wallet.sweep_copies(NOW));
    let _ = wallet.delete_history(Some(NOW), NOW);
    let _ = block_on(wallet.lock().unwrap().held_papers());
}

/// X-C09: no number in any record, however large or small, makes anything panic, and the rest of the wallet stays usable.
#[test]
fn no_number_in_a_record_makes_anything_panic() {
    let Holder {
        world,
        wallet,
        licence,
        dir,
    } = Holder::new(4711);
    let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
    let mut resolved = resolve(&wallet, &world, &request).unwrap();
    let review = resolved.review().clone();
    block_on(wallet.respond(&mut resolved, review.handle, &Approval::everything(&review), NOW)).unwrap();
    let field = DisputedField {
        name_space: MDL_NAMESPACE.into(),
        element: "family_name".into(),
        claimed: None,
    };
    let drafted = block_on(wallet.draft_correction(licence, &[field], "wrong", NOW)).unwrap();
    wallet.mark_sent(drafted.id, NOW).unwrap();
    wallet
        .name_authority(Some(*key(Curve::P256, 1).public_key()), NOW)
        .unwrap();
    let _ = wallet.delete_history(Some(NOW), NOW);
    drop(wallet);
    let all: Vec<(Kind, RecordId, Vec<u8>)> = with_key(&dir.0, |vault| {
        let of = |kind: u16| {
            vault
                .list(Kind(kind))
                .unwrap()
                .into_iter()
                .map(move |entry| (Kind(kind), entry))
        };
        let all = KINDS.into_iter().flat_map(of);
        all.map(|(kind, entry)| (kind, entry.id, entry.record.unwrap().data().expose().to_vec()))
            .collect()
    });
    let files: Vec<(std::ffi::OsString, Vec<u8>)> = std::fs::read_dir(&dir.0)
        .unwrap()
        .map(|file| file.unwrap())
        .map(|file| (file.file_name(), std::fs::read(file.path()).unwrap()))
        .collect();
    let mut tried = 0;
    for (kind, id, data) in &all {
        let mut places = Vec::new();
        integers(data, 0, &mut places);
        assert!(!places.is_empty(), "kind {}", kind.0);
        // The signed bytes are the business of other tests.
        places.truncate(40);
        for (from, to) in places {
            for extreme in EXTREMES {
                let hostile = [&data[..from], extreme, &data[to..]].concat();
                for (name, content) in &files {
                    std::fs::write(dir.0.join(name), content).unwrap();
                }
                let doc_type = Lookup {
                    name: "doc_type",
                    value: MDL_DOC_TYPE.as_bytes(),
                };
                let lookups: &[Lookup<'_>] = if kind.0 == 1 { &[doc_type] } else { &[] };
                with_key(&dir.0, |vault| {
                    vault
                        .transaction(|tx| tx.replace(*kind, *id, &hostile, lookups))
                        .unwrap();
                });
                use_it(&dir.0, &world);
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "{tried}");
}
