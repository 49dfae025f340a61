//! Whatever is in a file: exit status 2 and one line, never a panic, never a wait.
#![allow(clippy::unwrap_used)]

mod command;
mod photograph;

use command::Desk;
use photograph::Random;

/// Every command that reads a file, with FILE in the place of it. The rest of its arguments is good.
const COMMANDS: &[&str] = &[
    "inspect FILE",
    "qr read FILE",
    "verify mdoc FILE --issuer-only --anchor iaca.pem",
    "verify mdoc driving-licence.cbor --issuer-only --anchor FILE",
    "verify mdoc driving-licence.cbor --anchor iaca.pem --transcript FILE",
    "verify mdoc driving-licence.cbor --anchor iaca.pem --request FILE",
    "verify mdoc driving-licence.cbor --anchor iaca.pem --reader-key FILE",
    "verify mdoc driving-licence.cbor --anchor iaca.pem --crl FILE",
    "verify mdoc driving-licence.cbor --anchor iaca.pem --status-list FILE",
    "verify mdoc driving-licence.cbor --anchor iaca.pem --vical FILE --vical-anchor iaca.pem",
    "verify mdoc driving-licence.cbor --anchor iaca.pem --snapshot FILE --snapshot-anchor iaca.pem",
    "verify mdoc driving-licence.cbor --anchor iaca.pem --snapshot driving-licence.cbor --snapshot-anchor FILE",
    "verify vical FILE --anchor iaca.pem",
    "verify status FILE --index 0 --anchor iaca.pem",
    "wallet import FILE --dir w --anchor iaca.pem",
    "wallet import driving-licence.cbor --device-key FILE --dir w --anchor iaca.pem",
    "wallet answer FILE --camera-out out --dir w --yes",
    "wallet init --dir v --anchor FILE",
    "read FILE --ask identity --anchor iaca.pem",
    "read mdoc:owBjMS4w --ask FILE --anchor iaca.pem",
    "read mdoc:owBjMS4w --ask identity --reader-key FILE --reader-chain reader.pem",
    "read mdoc:owBjMS4w --ask identity --reader-key reader.key --reader-chain FILE",
    "read --camera-in FILE --session session --anchor iaca.pem",
    "read --camera-in frames --session FILE --anchor iaca.pem",
    "issue mdoc --type driving-licence --data FILE --signer ds.key --chain ds.pem --device-key device.key --out out.cbor",
    "issue mdoc --type driving-licence --data DATA --signer FILE --chain ds.pem --device-key device.key --out out.cbor",
    "issue mdoc --type driving-licence --data DATA --signer ds.key --chain FILE --device-key device.key --out out.cbor",
    "issue mdoc --type driving-licence --data DATA --signer ds.key --chain ds.pem --device-key FILE --out out.cbor",
    "pki ds --issuer FILE --issuer-key iaca.key --out out.pem --out-key out.key",
    "pki ds --issuer iaca.pem --issuer-key FILE --out out.pem --out-key out.key",
    "pki iaca --key FILE --out out.pem",
    "pki crl --issuer iaca.pem --issuer-key iaca.key --revoke FILE --out out.crl",
    "pki vical --signer reader.key --chain reader.pem --certificate FILE --out out.cbor",
    "pki status-list --signer FILE --chain reader.pem --uri https://example.org --out out.cwt",
];

fn desk() -> Desk {
    let desk = Desk::new();
    desk.authorities();
    desk.issue("driving-licence");
    desk.ok("wallet init --dir w");
    std::fs::create_dir(desk.path("frames")).unwrap();
    desk.ok("read --camera-out frames --session session --ask identity --anchor iaca.pem --force");
    desk
}

fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    let mut bytes: Vec<u8> = (0..length / 8 + 1).flat_map(|_| random.next().to_le_bytes()).collect();
    bytes.truncate(length);
    bytes
}

#[test]
fn hostile_files_are_refused_on_one_line() {
    let desk = desk();
    let licence = desk.read("driving-licence.cbor");
    let mut deep = vec![0x81; 200_000];
    deep.push(0);
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("noise", noise(4096, 1)),
        ("truncated", licence.get(..licence.len() / 2).unwrap().to_vec()),
        ("deep", deep),
        ("length", b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff".to_vec()),
        ("der", b"\x30\x84\xff\xff\xff\xff\x30\x00".to_vec()),
        (
            "png",
            [
                b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\0\0\0\0".as_slice(),
                &noise(64, 2),
            ]
            .concat(),
        ),
        (
            "pem",
            b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n".to_vec(),
        ),
        ("json", b"[[[[[[[[".to_vec()),
        ("escape", b"\x1b[2J\x1b]0;title\x07".to_vec()),
    ];
    for (name, bytes) in &files {
        desk.write(name, bytes);
        for command in COMMANDS {
            let line = command
                .replace("FILE", name)
                .replace("DATA", &command::data("driving-licence").display().to_string());
            let ended = desk.run(&line);
            // Bytes that are CBOR of some kind are no fault for `inspect`.
            if line.starts_with("inspect") && ended.status == 0 {
                continue;
            }
            assert!(
                ended.status == 2,
                "{line}: {}\n{}\n{}",
                ended.status,
                ended.out,
                ended.err
            );
            let ended = ended.refuses_input();
            assert!(!ended.err.contains('\u{1b}'), "{line}: {}", ended.err);
        }
    }
    for made in ["out", "out.pem", "out.key", "out.cbor", "out.crl", "out.cwt", "v"] {
        assert!(!desk.path(made).exists(), "{made} was written");
    }
}

#[test]
fn twenty_megabytes_are_refused_without_a_wait() {
    let desk = desk();
    desk.write("noise", noise(20 * 1024 * 1024, 3));
    desk.write("zeros", vec![0u8; 20 * 1024 * 1024]);
    desk.write("text", vec![b'a'; 20 * 1024 * 1024]);
    let start = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    let mut count = 0u32;
    for name in ["noise", "zeros", "text"] {
        for command in COMMANDS {
            let line = command
                .replace("FILE", name)
                .replace("DATA", &command::data("driving-licence").display().to_string());
            let ended = desk.run(&line);
            if line.starts_with("inspect") && ended.status == 0 {
                continue;
            }
            assert!(
                ended.status == 2,
                "{line}: {}\n{}\n{}",
                ended.status,
                ended.out,
                ended.err
            );
            ended.refuses_input();
            count += 1;
        }
    }
    let each = (std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap() - start) / count;
    assert!(each < std::time::Duration::from_secs(5), "{each:?} each");
}
