//! The memory of a process that holds a wallet, as whoever gets at it sees it: open, presenting, exporting, locked.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a process of its own is looked at from outside, by tests alone"
)]

use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::Markers;
use idwallet_crypto::{
    Argon2Params, CryptoError, Curve, Moment, PrivateKey, Random, Secret, SystemRandom, hkdf_sha256,
};
use idwallet_mdoc::issue::ElementValue;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::verify::{IssuerTrust, Policy};
use idwallet_test_flows::block_on;
use idwallet_test_support::{NOW, World, mdl_elements, with_elements};
use idwallet_wallet::{Approval, ExportOptions, LockedWallet, NewCopy, Pin, RecoveryCode, Wallet};

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

/// What must not be found. Nothing of it is in the program's text: it is drawn at run time.
struct Secrets {
    pin: String,
    code: String,
    passphrase: String,
    /// The vault's.
    keys: Markers,
    /// The private key of the document.
    device_key: Markers,
    values: Markers,
    given: Markers,
}

/// Lengths of what the process is told: PIN, recovery code, passphrase.
const TOLD: [usize; 3] = [12, 35, 26];

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
    let wallet = block_on(Wallet::create_with_pin(
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
    let mut device_key_markers = Markers::default();
    let mut scalar = der.expose()[at..at + 32].to_vec();
    device_key_markers.bytes("the device key", &scalar);
    // As the arithmetic holds it, in words whose lowest byte comes first.
    scalar.reverse();
    device_key_markers.bytes("the device key as a number", &scalar);
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
    let code = block_on(wallet.set_recovery_code(&Pin::new(&pin).unwrap(), moment())).unwrap();
    Secrets {
        code: code.text().expose().clone(),
        passphrase: format!("Qx{}{}", drawn(), drawn()),
        pin,
        keys,
        device_key: device_key_markers,
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

/// The code as it is written down, without its hyphens, and as its symbols, which is how it is held.
fn of_code(code: &str) -> Markers {
    let mut markers = Markers::default();
    let plain = code.replace('-', "");
    markers.bytes("recovery code", code.as_bytes());
    markers.bytes("recovery code", plain.as_bytes());
    let alphabet = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let symbols = plain.bytes().take(26).map(|letter| {
        let place = alphabet.iter().position(|known| *known == letter).unwrap();
        u8::try_from(place).unwrap()
    });
    markers.bytes("recovery code's symbols", &symbols.collect::<Vec<_>>());
    markers
}

/// What the search came to.
#[derive(Debug, Default)]
pub struct Found {
    /// What had to be found to show that the search finds it, and was.
    pub controls: Vec<&'static str>,
    /// What had to be found and was not.
    pub missed: Vec<&'static str>,
    /// What must not be there and was: when, and what.
    pub left: Vec<String>,
    /// How often something was looked for that must not be there.
    pub looked: usize,
    /// How many bytes of memory the images had.
    pub bytes: usize,
}

/// Makes a wallet in the folder, has `command` run [`child`] with it, and searches that process.
///
/// # Panics
/// When the process cannot be run or looked at.
pub fn search(folder: &Path, mut command: Command) -> Found {
    let secrets = prepare(folder);
    let (mut pin, mut passphrase) = (Markers::default(), Markers::default());
    pin.bytes("PIN", secrets.pin.as_bytes());
    passphrase.bytes("passphrase", secrets.passphrase.as_bytes());
    let code = of_code(&secrets.code);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut to = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    to.write_all(format!("{:>12}{}{}", secrets.pin, secrets.code, secrets.passphrase).as_bytes())
        .unwrap();
    let mut found = Found::default();
    let Secrets {
        keys,
        device_key,
        values,
        given,
        ..
    } = &secrets;
    // What is there while it is in use, and what is not when that is over.
    type Kinds<'m> = Vec<(&'static str, &'m Markers)>;
    let stages: [(&str, Kinds<'_>, Kinds<'_>); 7] = [
        (
            "open",
            vec![
                ("PIN", &pin),
                ("recovery code", &code),
                ("vault keys", keys),
                ("values", values),
                ("given", given),
            ],
            vec![("device key", device_key)],
        ),
        (
            "presented",
            vec![],
            vec![
                ("PIN", &pin),
                ("recovery code", &code),
                ("device key", device_key),
                ("values", values),
                ("given", given),
            ],
        ),
        (
            "exporting",
            vec![("device key", device_key), ("passphrase", &passphrase)],
            vec![],
        ),
        (
            "exported",
            vec![],
            vec![
                ("passphrase", &passphrase),
                ("device key", device_key),
                ("values", values),
                ("given", given),
            ],
        ),
        (
            "presented again",
            vec![],
            vec![("device key", device_key), ("values", values), ("given", given)],
        ),
        (
            "locked",
            vec![],
            vec![
                ("PIN", &pin),
                ("recovery code", &code),
                ("passphrase", &passphrase),
                ("vault keys", keys),
                ("device key", device_key),
                ("values", values),
                ("given", given),
            ],
        ),
        (
            "recovered and locked",
            vec![],
            vec![
                ("PIN", &pin),
                ("recovery code", &code),
                ("vault keys", keys),
                ("device key", device_key),
            ],
        ),
    ];
    for (stage, there, gone) in &stages {
        let came = lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.ends_with(&format!("stage: {stage}")));
        assert!(came, "the process did not come to: {stage}");
        let image = image(&child);
        found.bytes += image.len();
        for (what, markers) in there {
            match markers.find(&image) {
                Some(_) => found.controls.push(what),
                None => found.missed.push(what),
            }
        }
        for (_, markers) in gone {
            found.looked += 1;
            found
                .left
                .extend(markers.find(&image).map(|marker| format!("{stage}: {marker}")));
        }
        if *stage == "locked" {
            to.write_all(format!("+{}", secrets.code).as_bytes()).unwrap();
        } else {
            to.write_all(b"+").unwrap();
        }
    }
    child.wait().unwrap();
    for markers in [&pin, &code, &passphrase, keys, device_key, values, given] {
        markers.assert_files("after all", folder);
    }
    found
}

/// A text of that length, read without a buffer in between: that one would be our own leak. In a box: what is moved leaves a copy.
fn told<const N: usize>(input: &mut std::fs::File) -> Box<Secret<[u8; N]>> {
    let mut text = Box::new(Secret::new([0; N]));
    input.read_exact(text.expose_mut()).unwrap();
    text
}

fn text<const N: usize>(told: &Secret<[u8; N]>) -> &str {
    core::str::from_utf8(told.expose()).unwrap().trim_start()
}

fn present(wallet: &Wallet) -> Secret<Vec<u8>> {
    let world = World::new(WORLD);
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
    sent
}

/// The process that is looked at.
///
/// # Panics
/// When the wallet in the folder does not do as it should.
pub fn child(folder: &Path) {
    let mut input = std::fs::File::open("/dev/stdin").unwrap();
    let (pin, code, passphrase) = (
        told::<{ TOLD[0] }>(&mut input),
        told::<{ TOLD[1] }>(&mut input),
        told::<{ TOLD[2] }>(&mut input),
    );
    let input = Mutex::new(input);
    let stage = |name: &str| {
        println!("\nstage: {name}");
        input.lock().unwrap().read_exact(&mut [0]).unwrap();
    };
    let random = Arc::new(SystemRandom::new());
    let area = Wallet::open_software_area(folder, random.clone()).unwrap();
    let locked = LockedWallet::open(folder, area, random).unwrap();
    let wallet = {
        let (pin, code) = (Pin::new(text(&pin)).unwrap(), RecoveryCode::parse(text(&code)).unwrap());
        let wallet = block_on(locked.unlock(Some(&pin), moment())).unwrap();
        let listing = wallet.list(NOW).unwrap();
        let view = wallet.show(listing.documents[0].id, NOW).unwrap();
        let sent = present(&wallet);
        stage("open");
        drop((view, sent, pin, code));
        wallet
    };
    drop((pin, code));
    stage("presented");
    {
        // The key of a document leaves the area for this alone, and lies in what is about to be sealed.
        let options = ExportOptions::new().cost(Argon2Params::new(32 * 1024, 1, 1).unwrap());
        let mut during = |_, _| stage("exporting");
        let export = wallet.export(std::io::sink(), text(&passphrase), &options, NOW, &mut during);
        block_on(export).unwrap();
    }
    drop(passphrase);
    stage("exported");
    drop(present(&wallet));
    stage("presented again");
    let locked = wallet.lock().unwrap();
    stage("locked");
    let locked = {
        let code = told::<{ TOLD[1] }>(&mut input.lock().unwrap());
        let code = RecoveryCode::parse(text(&code)).unwrap();
        // Not searched for: it is in the program's text.
        let pin = Pin::new("7240918365").unwrap();
        block_on(locked.recover(&code, &pin, moment())).unwrap().lock().unwrap()
    };
    stage("recovered and locked");
    drop(locked);
}
