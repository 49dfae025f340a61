//! A wallet as its owner sees it, without what is drawn anew each time: what must be as before a fault, or as after what was done.

use crate::scene::Files;
use idwallet_crypto::{Argon2Params, Curve, Moment, SystemRandom, sha256};
use idwallet_mdoc::issue::ElementValue;
use idwallet_mdoc::names::MDL_DOC_TYPE;
use idwallet_mdoc::verify::{IssuerTrust, Policy};
use idwallet_test_flows::again;
use idwallet_test_support::{NOW, World, key, mdl_elements, with_elements};
use idwallet_wallet::{
    Backup, DocumentSummary, DocumentView, Event, ExportOptions, LockedWallet, NewCopy, Outcome, Pin, Rollback, Wallet,
    WalletError,
};
use pollster::block_on;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The PINs that a wallet here may have.
pub const PINS: [&str; 2] = ["830152", "495027"];
pub const PASSPHRASE: &str = "bốn con cá chép vàng 93";
/// The export that is restored, and the one that is written.
pub const BACKUP: &str = "backup.idwallet";
pub const EXPORT: &str = "export.idwallet";

/// The cheapest that an export may be.
pub fn cheap() -> ExportOptions {
    ExportOptions::new().cost(Argon2Params::new(32 * 1024, 1, 1).unwrap())
}

pub const fn moment() -> Moment {
    Moment {
        wall: NOW,
        uptime: Duration::from_secs(3600),
    }
}

pub fn pin(number: usize) -> Pin {
    Pin::new(PINS[number]).unwrap()
}

/// The files of the wallet, still locked.
pub fn locked(folder: &Path) -> Result<LockedWallet, WalletError> {
    let area = Wallet::open_software_area(folder, Arc::new(SystemRandom::new()))?;
    LockedWallet::open(folder, area, Arc::new(SystemRandom::new()))
}

/// A new wallet without a PIN.
pub fn new(folder: &Path) -> Wallet {
    block_on(Wallet::create_software(folder, Arc::new(SystemRandom::new()))).unwrap()
}

/// The wallet, opened with the first PIN if it has one.
pub fn open(folder: &Path) -> Result<Wallet, WalletError> {
    let locked = locked(folder)?;
    let with = locked.needs_pin().then(|| pin(0));
    Ok(block_on(locked.unlock_closed(with.as_ref(), moment()))?)
}

pub fn import_policy() -> Policy {
    Policy::iso().at(NOW)
}

/// The licence of that number, in so many copies; each call the same names and values, other signatures.
pub fn import(wallet: &Wallet, world: &World, number: u64, copies: u64) -> Result<(), WalletError> {
    let keys: Vec<_> = (0..copies).map(|copy| key(Curve::P256, number << 8 | copy)).collect();
    let elements = mdl_elements().into_iter().map(|(name, value)| match name {
        "document_number" => (name, ElementValue::from(format!("VN{number:06}").as_str())),
        _ => (name, value),
    });
    let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), elements.collect());
    let issuer = keys.iter().fold(issuer, |issuer, key| issuer.copy(*key.public_key()));
    let issued = issuer.issue(&SystemRandom::new()).unwrap().into_iter();
    let copies = issued.map(|issued| {
        let of_it = keys.iter().find(|key| *key.public_key() == issued.device_key).unwrap();
        NewCopy::with_device_key(issued.issuer_signed, again(of_it))
    });
    let anchors = world.issuer.anchors();
    block_on(wallet.import(copies.collect(), &import_policy(), &IssuerTrust::new(&anchors)))?;
    Ok(())
}

/// What is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Which PIN opens it, whether there is a recovery code, whether its owner locked it.
    pub door: String,
    /// Documents and the list of what is to be issued again.
    pub papers: Vec<String>,
    pub history: Vec<String>,
    /// The export that is written.
    pub file: String,
}

/// Opens the folder and looks at everything. What is damaged, torn or contradicts itself is an error.
pub fn observe(folder: &Path) -> Result<Seen, String> {
    let text = |error: WalletError| format!("{}: {error}", error.code().as_str());
    let mut locked = locked(folder).map_err(text)?;
    let held = block_on(locked.held_papers()).map_err(text)?;
    let closed = block_on(locked.is_closed()).map_err(text)?;
    let mut seen = Seen::default();
    let (wallet, opens) = if locked.needs_pin() {
        let mut tried = Err(locked);
        let mut opens = 0;
        for number in 0..PINS.len() {
            let Err(locked) = tried else { break };
            opens = number;
            tried =
                block_on(locked.unlock_closed(Some(&pin(number)), moment())).map_err(|refused| refused.into_parts().0);
        }
        let wallet = tried.map_err(|_| "no PIN opens it".to_owned())?;
        (wallet, format!("PIN {opens}"))
    } else {
        (
            block_on(locked.unlock_closed(None, moment())).map_err(|r| text(r.into()))?,
            "no PIN".to_owned(),
        )
    };
    seen.door = format!("{opens}, code {}, closed {closed}", wallet.has_recovery_code());
    if matches!(wallet.rollback(), Rollback::Detected { .. }) {
        return Err("it says that an older file was put back".to_owned());
    }
    if !wallet.is_intact().map_err(text)? {
        return Err("the table of contents is damaged".to_owned());
    }
    seen.papers = papers(&wallet)?;
    let mut counts = BTreeMap::new();
    for document in wallet.list(NOW).map_err(text)?.documents {
        *counts.entry((document.doc_type, document.issuer)).or_insert(0) += 1;
    }
    let outside: BTreeMap<_, _> = held
        .into_iter()
        .map(|held| ((held.doc_type, held.issuer), held.count))
        .collect();
    if counts != outside {
        return Err("what is readable before the PIN says another number of papers".to_owned());
    }
    seen.history = history(&wallet)?;
    seen.file = match std::fs::File::open(folder.join(EXPORT)) {
        Err(_) => "none".to_owned(),
        Ok(file) => match Backup::open(file, PASSPHRASE, &mut |_, _| {}) {
            Ok(backup) => format!("{} documents", backup.contents().documents),
            Err(error) => return Err(format!("the export is there and does not open: {error}")),
        },
    };
    Ok(seen)
}

/// Every document with its copies and a digest of all it says; what is to be issued again.
pub fn papers(wallet: &Wallet) -> Result<Vec<String>, String> {
    let text = |error: WalletError| error.to_string();
    let listing = wallet.list(NOW).map_err(text)?;
    if !listing.damaged.is_empty() {
        return Err(format!("{} documents are damaged", listing.damaged.len()));
    }
    let mut out = Vec::new();
    for document in listing.documents {
        let view = wallet.show(document.id, NOW).map_err(text)?;
        out.push(paper(&document, &view));
    }
    let again = wallet.to_be_reissued().map_err(text)?;
    out.extend(
        again
            .iter()
            .map(|item| format!("again: {} of {}", item.doc_type, item.issuer)),
    );
    out.sort();
    Ok(out)
}

/// A document in a line.
pub fn paper(document: &DocumentSummary, view: &DocumentView) -> String {
    let claims: Vec<u8> = view.claims.iter().flat_map(|claim| claim.cbor().to_vec()).collect();
    let (copies, digest) = (&document.copies, hex::encode(&sha256(&claims)[..8]));
    format!("{} {digest} {}/{}", document.doc_type, copies.unused, copies.total)
}

/// What the history tells, but that something failed, which a fault may add.
fn history(wallet: &Wallet) -> Result<Vec<String>, String> {
    let history = wallet.history().map_err(|error| error.to_string())?;
    if !history.problems.is_empty() {
        return Err(format!("history: {:?}", history.problems));
    }
    let entries = history.entries.iter().filter(|entry| {
        let is_failure = matches!(entry.outcome, Outcome::Failed | Outcome::Refused);
        // Looking tries every PIN, and a try that was broken off counts.
        entry.event == Event::Presentation || !is_failure && entry.event != Event::WrongPins
    });
    let lines = entries.map(|entry| {
        let outcome = match entry.outcome {
            Outcome::Failed => Outcome::NotAnswered,
            other => other,
        };
        let shared: usize = entry.shared.iter().map(|shared| shared.names.len()).sum();
        format!(
            "{} {} {shared} {:?}",
            entry.event.as_str(),
            outcome.as_str(),
            entry.count
        )
    });
    let deleted = history.deleted.map(|gone| format!("{} deleted", gone.count));
    Ok(deleted.into_iter().chain(lines).collect())
}

/// Looks at a copy, so that looking changes nothing, in memory, and whether the wallet there takes a document more.
pub fn observe_copy(folder: &Path, world: &World) -> Result<Seen, String> {
    let copy = crate::scene::Folder::in_memory();
    Files::read(folder).write(&copy.0);
    let seen = observe(&copy.0)?;
    let wallet = match open(&copy.0) {
        Ok(wallet) => wallet,
        // The second PIN, then.
        Err(_) => {
            let locked = locked(&copy.0).map_err(|error| error.to_string())?;
            block_on(locked.unlock_closed(Some(&pin(1)), moment())).map_err(|refused| refused.error().to_string())?
        }
    };
    import(&wallet, world, 99, 1).map_err(|error| format!("it takes nothing afterwards: {error}"))?;
    Ok(seen)
}
