//! How much memory an export and a restore take: as much for many portraits as for few.
//!
//! Each step runs in a process of its own, since what an earlier one gave back may still count as this one's.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests, with processes of their own"
)]

mod common;

use common::{Dir, block_on, create, random};
use idwallet_crypto::{Argon2Params, Curve};
use idwallet_mdoc::names::MDL_DOC_TYPE;
use idwallet_mdoc::verify::{IssuerTrust, Policy};
use idwallet_test_support::{NOW, World, mdl_elements, with_elements};
use idwallet_wallet::{Backup, ExportOptions, ImportOptions, NewCopy, Wallet};
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

const PASSPHRASE: &str = "bốn con trâu gặm mây";
const MIB: usize = 1024 * 1024;

/// The most memory that this process ever had, in MiB.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() / 1024
}

fn fill(mib: usize, world: &World, dir: &Path) {
    let wallet = create(dir);
    let anchors = world.issuer.anchors();
    let (policy, trust) = (Policy::lenient().at(NOW), IssuerTrust::new(&anchors));
    for number in 0..mib {
        let key = idwallet_test_support::key(Curve::P256, 70_000 + number as u64);
        let mut elements = mdl_elements();
        elements.retain(|(name, _)| *name != "portrait");
        let mut portrait = idwallet_test_support::JPEG.to_vec();
        portrait.resize(MIB, number as u8);
        let issuer = with_elements(world.mdoc_issuer(MDL_DOC_TYPE), elements);
        let issuer = issuer.element(idwallet_mdoc::names::MDL_NAMESPACE, "portrait", portrait);
        let bytes = issuer.copy(*key.public_key()).issue(&world.random).unwrap().remove(0);
        let copies = vec![NewCopy::with_device_key(bytes.issuer_signed, key)];
        let options = ImportOptions::new().apart();
        let imported = wallet.import_with(copies, &policy, &trust, options);
        block_on(imported).unwrap();
    }
}

fn export(dir: &Path) {
    let wallet = block_on(Wallet::open_software(dir, random())).unwrap();
    let options = ExportOptions::new().cost(Argon2Params::new(16 * 1024, 2, 1).unwrap());
    let file = dir.join("all.idwallet");
    block_on(wallet.export_file(&file, false, PASSPHRASE, &options, NOW, &mut |_, _| {})).unwrap();
}

fn restore(mib: usize, world: &World, dir: &Path) {
    let wallet = create(&dir.join("new"));
    let file = File::open(dir.join("all.idwallet")).unwrap();
    let mut backup = Backup::open(file, PASSPHRASE, &mut |_, _| {}).unwrap();
    let anchors = world.issuer.anchors();
    let trust = IssuerTrust::new(&anchors);
    let policy = Policy::lenient().at(NOW);
    let plan = block_on(wallet.plan_restore(&mut backup, &policy, Some(&trust), &mut |_, _| {})).unwrap();
    let restored = block_on(wallet.restore(&mut backup, plan, &mut |_, _| {})).unwrap();
    assert_eq!(restored.added.len(), mib);
}

/// What a process does that [`run`] started.
#[test]
#[ignore = "a step of the other tests, in a process of its own"]
fn step() {
    let Ok(step) = std::env::var("BACKUP_MEMORY_STEP") else {
        return;
    };
    let [name, mib, dir] = step.splitn(3, ' ').collect::<Vec<_>>()[..] else {
        panic!("{step}")
    };
    let (mib, dir, world) = (mib.parse().unwrap(), Path::new(dir), World::new(70));
    match name {
        "fill" => fill(mib, &world, dir),
        "export" => export(dir),
        "restore" => restore(mib, &world, dir),
        _ => panic!("{step}"),
    }
    println!("peak={}=", peak());
}

/// Does a step with so many portraits of one MiB, and gives its peak.
fn run(name: &str, mib: usize, dir: &Dir) -> usize {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "step", "--nocapture"]);
    command.env("BACKUP_MEMORY_STEP", format!("{name} {mib} {}", dir.0.display()));
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let peak = said.split('=').nth(1).and_then(|peak| peak.parse().ok());
    peak.unwrap_or_else(|| panic!("{said}{}", String::from_utf8_lossy(&output.stderr)))
}

/// Export and restore of a wallet with so many portraits of one MiB.
fn measure(mib: usize) -> [usize; 2] {
    let dir = Dir::new();
    run("fill", mib, &dir);
    let peaks = [run("export", mib, &dir), run("restore", mib, &dir)];
    let file = fs::metadata(dir.0.join("all.idwallet")).unwrap().len() / (1024 * 1024);
    println!(
        "{mib} portraits, file {file} MiB: export {} MiB, restore {} MiB",
        peaks[0], peaks[1]
    );
    peaks
}

#[test]
fn memory_does_not_grow_with_the_portraits() {
    let (few, many) = (measure(2), measure(48));
    for (few, many) in few.into_iter().zip(many) {
        assert!(many <= few + 16, "{few} MiB for 2 portraits, {many} for 48");
    }
}

/// The figures of the ADR: `cargo test -p idwallet-wallet --test backup_memory -- --ignored --exact two_hundred_portraits --nocapture`.
#[test]
#[ignore = "writes more than a gigabyte"]
fn two_hundred_portraits() {
    measure(2);
    measure(200);
}
