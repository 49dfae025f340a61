//! A wallet that imports, shows and removes is killed at any moment. After each step the process says what a person would see.

use crate::kill::{acknowledge, child, kill_after};
use crate::scene::{Dice, Folder};
use crate::table::Row;
use idwallet_crypto::{Curve, SystemRandom, sha256};
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::verify::{IssuerTrust, Policy};
use idwallet_test_flows::again;
use idwallet_test_support::{NOW, World, key, mdl_elements, with_elements};
use idwallet_wallet::{Approval, NewCopy, Wallet, WalletError};
use pollster::block_on;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Document to its unused copies, all copies, and a digest of every claim.
type Seen = BTreeMap<String, (usize, usize, String)>;

fn open(folder: &Path) -> Result<Wallet, WalletError> {
    block_on(Wallet::open_software(folder, Arc::new(SystemRandom::new())))
}

/// What a person sees, or what is damaged.
fn observe(wallet: &Wallet) -> Result<Seen, String> {
    let listing = wallet.list(NOW).map_err(|error| error.to_string())?;
    if !listing.damaged.is_empty() {
        return Err(format!("{} documents are damaged", listing.damaged.len()));
    }
    let mut seen = Seen::new();
    for document in listing.documents {
        let view = wallet.show(document.id, NOW).map_err(|error| error.to_string())?;
        let claims: Vec<u8> = view
            .claims
            .iter()
            .flat_map(|claim| claim.cbor().iter().copied())
            .collect();
        let digest = hex::encode(sha256(&claims));
        seen.insert(
            document.id.to_string(),
            (document.copies.unused, document.copies.total, digest),
        );
    }
    Ok(seen)
}

fn line(seen: &Seen) -> String {
    let parts: Vec<String> = seen
        .iter()
        .map(|(id, (unused, total, digest))| format!("{id}:{unused}:{total}:{digest}"))
        .collect();
    format!("seen {}", parts.join(" "))
}

fn parse(line: &str) -> Option<Seen> {
    line.strip_prefix("seen ")?
        .split_whitespace()
        .map(|part| {
            let mut fields = part.split(':');
            let id = fields.next()?.to_owned();
            Some((
                id,
                (
                    fields.next()?.parse().ok()?,
                    fields.next()?.parse().ok()?,
                    fields.next()?.to_owned(),
                ),
            ))
        })
        .collect()
}

fn import(wallet: &Wallet, world: &World, dice: &mut Dice) {
    let copies = 1 + dice.below(3);
    let keys: Vec<_> = (0..copies).map(|_| key(Curve::P256, dice.next())).collect();
    let issuer = keys.iter().fold(
        with_elements(world.mdoc_issuer(MDL_DOC_TYPE), mdl_elements()),
        |issuer, key| issuer.copy(*key.public_key()),
    );
    let issued = issuer.issue(&SystemRandom::new()).unwrap();
    let copies = issued
        .into_iter()
        .map(|issued| {
            let of_it = keys.iter().find(|key| *key.public_key() == issued.device_key).unwrap();
            NewCopy::with_device_key(issued.issuer_signed, again(of_it))
        })
        .collect();
    let anchors = world.issuer.anchors();
    block_on(wallet.import(copies, &Policy::iso().at(NOW), &IssuerTrust::new(&anchors))).unwrap();
}

fn present(wallet: &Wallet, world: &World) {
    let request = world.request(&[(MDL_NAMESPACE, "family_name")]);
    let anchors = world.reader.anchors();
    let trust = world.reader_trust(&anchors, &[]);
    let mut resolved = wallet.resolve(&request, &world.transcript, &trust).unwrap();
    let (approval, handle) = (Approval::everything(resolved.review()), resolved.review().handle);
    block_on(wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap();
}

/// The process that is killed.
pub fn worker(folder: &Path, seed: u64) {
    let wallet = open(folder).unwrap();
    let world = World::new(1);
    let mut dice = Dice::new(seed);
    acknowledge(&line(&observe(&wallet).unwrap()));
    loop {
        let listing = wallet.list(NOW).unwrap();
        match dice.below(3) {
            0 if listing.documents.len() > 3 => {
                let chosen = dice.below(listing.documents.len() as u64) as usize;
                block_on(wallet.remove(listing.documents[chosen].id, NOW)).unwrap();
            }
            1 if !listing.documents.is_empty() => present(&wallet, &world),
            _ if listing.documents.len() < 8 => import(&wallet, &world, &mut dice),
            _ => continue,
        }
        acknowledge(&line(&observe(&wallet).unwrap()));
    }
}

/// Whether one step at most lies between the two.
fn one_step(before: &Seen, after: &Seen) -> Result<(), String> {
    let mut steps = 0;
    for (id, (unused, total, digest)) in before {
        match after.get(id) {
            None => steps += 1,
            Some((now, all, same)) if all == total && same == digest => match unused.checked_sub(*now) {
                Some(0) => {}
                Some(1) => steps += 1,
                _ => return Err(format!("{unused} unused copies became {now}")),
            },
            Some(_) => return Err("a document reads otherwise".to_owned()),
        }
    }
    steps += after.keys().filter(|id| !before.contains_key(*id)).count();
    if steps > 1 {
        return Err(format!(
            "{steps} steps lie between what was acknowledged and what is there"
        ));
    }
    Ok(())
}

/// Every run goes on where the last one was killed; what is looked at is a copy.
pub fn killed(runs: u64) -> Row {
    let mut row = Row::new("wallet: kill -9 while importing, presenting, removing");
    let folder = Folder::new();
    drop(block_on(Wallet::create_software(&folder.0, Arc::new(SystemRandom::new()))).unwrap());
    let mut dice = Dice::new(std::process::id().into());
    for _ in 0..runs {
        let seed = dice.next().to_string();
        let child = child(&["child-wallet", folder.0.to_str().unwrap(), &seed]);
        let said = kill_after(child, 2 + dice.below(12), dice.below(12_000));
        row.cases += 1;
        row.noticed += said.len().saturating_sub(1) as u64;
        let copy = folder.copy();
        let found = open(&copy.0)
            .map_err(|error| error.to_string())
            .and_then(|wallet| observe(&wallet));
        let last = said.last().and_then(|line| parse(line));
        let outcome = match (found, last) {
            (Ok(found), Some(last)) => one_step(&last, &found),
            (Err(what), _) => Err(what),
            (_, None) => Err("the process did not begin".to_owned()),
        };
        if let Err(what) = outcome {
            row.lost += 1;
            row.tell(|| what);
        }
    }
    row.tell(|| "noticed: acknowledged steps, all there".to_owned());
    row
}
