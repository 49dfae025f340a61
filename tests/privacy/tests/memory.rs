//! The memory of a process that holds a wallet, as whoever gets at it sees it: open, after a presentation, and locked.
#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    reason = "a process of its own is looked at from outside"
)]

use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use idwallet_crypto::{CryptoError, Curve, Moment, PrivateKey, Random, Secret, SystemRandom, hkdf_sha256};
use idwallet_mdoc::issue::ElementValue;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::verify::{IssuerTrust, Policy};
use idwallet_test_flows::{Dir, block_on};
use idwallet_test_privacy::Markers;
use idwallet_test_support::{NOW, World, mdl_elements, with_elements};
use idwallet_wallet::{Approval, LockedWallet, NewCopy, Pin, Wallet};

const WORLD: u64 = 11;
const ASKED: [&str; 3] = ["family_name", "given_name", "document_number"];

fn moment() -> Moment {
    Moment {
        wall: NOW,
        uptime: Duration::from_secs(3600),
    }
}

/// Remembers what was drawn: the data key is among it.
struct Recorder(Mutex<Vec<Vec<u8>>>);

impl Random for Recorder {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        SystemRandom::new().fill(out)?;
        self.0.lock().unwrap().push(out.to_vec());
        Ok(())
    }
}

fn drawn() -> String {
    let mut bytes = [0; 6];
    SystemRandom::new().fill(&mut bytes).unwrap();
    hex::encode(bytes)
}

/// What must not be found, under three headings. Nothing of it is in the program's text: it is drawn at run time.
struct Secrets {
    pin: String,
    keys: Markers,
    values: Markers,
    given: Markers,
}

/// A wallet with a PIN and a marked licence.
fn prepare(folder: &Path) -> Secrets {
    let random = Arc::new(Recorder(Mutex::new(Vec::new())));
    let pin = loop {
        let mut bytes = [0; 8];
        SystemRandom::new().fill(&mut bytes).unwrap();
        let digits = (u64::from_be_bytes(bytes) % 1_000_000_000_000).to_string();
        if Pin::new(&digits).is_ok() {
            break digits;
        }
    };
    let area = Wallet::create_software_area(folder, Arc::new(SystemRandom::new())).unwrap();
    let mut wallet = block_on(Wallet::create_with_pin(
        folder,
        area,
        &Pin::new(&pin).unwrap(),
        random.clone(),
    ))
    .unwrap();
    let mut keys = Markers::default();
    let drawn_bytes = random.0.lock().unwrap().clone();
    let open: Vec<u8> = std::fs::read(folder.join("vault.db")).unwrap();
    let is_open = |bytes: &[u8]| open.windows(bytes.len()).any(|window| window == bytes);
    let (mut secret, mut derived) = (0, 0);
    for key in drawn_bytes.iter().filter(|bytes| bytes.len() == 32 && !is_open(bytes)) {
        keys.bytes("a drawn key", key);
        secret += 1;
        for id in drawn_bytes.iter().filter(|bytes| bytes.len() == 16) {
            for name in ["records", "manifest", "look-ups"] {
                let mut out = [0; 32];
                let info = format!("idwallet vault 1 {name}");
                hkdf_sha256(key, id, info.as_bytes(), &mut out).unwrap();
                keys.bytes(&format!("the key for {name}"), &out);
                derived += 1;
            }
        }
    }
    assert!(secret >= 1 && derived >= 3, "the data key was drawn");

    let world = World::new(WORLD);
    let device_key = PrivateKey::generate(Curve::P256, &SystemRandom::new()).unwrap();
    let der = device_key.to_pkcs8_der().unwrap();
    let at = der.expose().windows(2).position(|w| w == [0x04, 0x20]).unwrap() + 2;
    keys.bytes("the device key", &der.expose()[at..at + 32]);
    let (mut values, mut given) = (Markers::default(), Markers::default());
    let elements = mdl_elements()
        .into_iter()
        .map(|(name, value)| match name {
            "family_name" | "given_name" | "document_number" | "resident_address" | "birth_place" => {
                let text = format!("Qx{}", drawn());
                if ASKED.contains(&name) {
                    given.bytes(name, text.as_bytes());
                } else {
                    values.bytes(name, text.as_bytes());
                }
                (name, ElementValue::from(text.as_str()))
            }
            _ => (name, value),
        })
        .collect();
    let issued = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), elements)
        .copy(*device_key.public_key())
        .issue(&SystemRandom::new())
        .unwrap()
        .remove(0)
        .issuer_signed;
    let anchors = world.issuer.anchors();
    let copies = vec![NewCopy::with_device_key(issued, device_key)];
    block_on(wallet.import(copies, &Policy::iso().at(NOW), &IssuerTrust::new(&anchors))).unwrap();
    Secrets {
        pin,
        keys,
        values,
        given,
    }
}

/// All that the process can read of itself.
fn image(child: &Child) -> Vec<u8> {
    let id = child.id();
    let maps = std::fs::read_to_string(format!("/proc/{id}/maps")).unwrap();
    let mut memory = std::fs::File::open(format!("/proc/{id}/mem")).unwrap();
    let mut out = Vec::new();
    for line in maps
        .lines()
        .filter(|line| !line.contains("[vvar") && !line.contains("[vsyscall"))
    {
        let mut fields = line.split_whitespace();
        let (Some(range), Some(rights)) = (fields.next(), fields.next()) else {
            continue;
        };
        // What cannot be written was not written: it is the program's file.
        if !rights.starts_with("rw") {
            continue;
        }
        let (start, end) = range.split_once('-').unwrap();
        let (start, end) = (
            u64::from_str_radix(start, 16).unwrap(),
            u64::from_str_radix(end, 16).unwrap(),
        );
        let mut part = vec![0; usize::try_from(end - start).unwrap()];
        if memory.seek(SeekFrom::Start(start)).is_ok() && memory.read_exact(&mut part).is_ok() {
            out.extend_from_slice(&part);
        }
    }
    out
}

/// X-C12, X-C12: after locking there is no PIN, no key and no value in memory; after a presentation none of what was given. That
/// the scan finds them while the wallet is open shows that it would.
#[test]
fn a_locked_wallet_leaves_nothing_in_memory() {
    let dir = Dir::new("memory");
    let secrets = prepare(dir.path());
    let mut pin = Markers::default();
    pin.bytes("PIN", secrets.pin.as_bytes());
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "child_with_a_wallet",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env("IDWALLET_TEST_WALLET", dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut to = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut until = |word: &str| {
        let found = lines.by_ref().map_while(Result::ok).any(|line| line.ends_with(word));
        assert!(found, "the process did not come to: {word}");
    };
    to.write_all(format!("{:>12}", secrets.pin).as_bytes()).unwrap();

    until("open");
    let open = image(&child);
    for (what, markers) in [
        ("PIN", &pin),
        ("keys", &secrets.keys),
        ("values", &secrets.values),
        ("given", &secrets.given),
    ] {
        assert!(
            markers.find(&open).is_some(),
            "the scan does not find {what} in an open wallet"
        );
    }
    to.write_all(b"+").unwrap();
    until("presented");
    let presented = image(&child);
    let mut left = Vec::new();
    left.extend(pin.find(&presented).map(|found| format!("presented: {found}")));
    left.extend(
        secrets
            .given
            .find(&presented)
            .map(|found| format!("presented: {found}")),
    );
    to.write_all(b"+").unwrap();
    until("locked");
    let locked = image(&child);
    for markers in [&pin, &secrets.keys, &secrets.values, &secrets.given] {
        left.extend(markers.find(&locked).map(|found| format!("locked: {found}")));
    }
    to.write_all(b"+").unwrap();
    child.wait().unwrap();
    println!("searched {} bytes of memory three times", open.len());
    assert!(left.is_empty(), "in memory: {left:?}");
    for markers in [&pin, &secrets.keys, &secrets.values, &secrets.given] {
        assert!(markers.assert_files("after all", dir.path()) > 10_000);
    }
}

/// Not a test by itself: the process that is looked at.
#[test]
#[ignore = "run by a_locked_wallet_leaves_nothing_in_memory"]
fn child_with_a_wallet() {
    let Some(folder) = std::env::var_os("IDWALLET_TEST_WALLET") else {
        return;
    };
    let folder = Path::new(&folder);
    // Read without a buffer in between: that one would be the test's own leak.
    let mut input = std::fs::File::open("/dev/stdin").unwrap();
    // In a box and in a scope: what is moved leaves a copy on the stack.
    let pin = {
        let mut digits = Box::new(Secret::new([0; 12]));
        input.read_exact(digits.expose_mut()).unwrap();
        Pin::new(core::str::from_utf8(digits.expose()).unwrap().trim_start()).unwrap()
    };
    let mut wait = || input.read_exact(&mut [0]).unwrap();
    let random = Arc::new(SystemRandom::new());
    let area = Wallet::open_software_area(folder, random.clone()).unwrap();
    let locked = LockedWallet::open(folder, area, random).unwrap();
    let mut wallet = block_on(locked.unlock(Some(&pin), moment())).unwrap();
    {
        let world = World::new(WORLD);
        let listing = wallet.list(NOW).unwrap();
        let view = wallet.show(listing.documents[0].id, NOW).unwrap();
        let elements: Vec<_> = ASKED.iter().map(|element| (MDL_NAMESPACE, *element)).collect();
        let request = world.request(&elements);
        let anchors = world.reader.anchors();
        let trust = world.reader_trust(&anchors, &[]);
        let mut resolved = wallet.resolve(&request, &world.transcript, &trust).unwrap();
        let (approval, handle) = (Approval::everything(resolved.review()), resolved.review().handle);
        let answer = block_on(wallet.respond(&mut resolved, handle, &approval, NOW)).unwrap();
        // What is to be sent is the app's, and the app's to wipe.
        let sent = Secret::new(answer.device_response);
        assert!(sent.expose().len() > 100);
        println!("\nopen");
        wait();
        drop((view, sent, pin));
    }
    println!("\npresented");
    wait();
    let locked = wallet.lock();
    println!("\nlocked");
    wait();
    drop(locked);
}
