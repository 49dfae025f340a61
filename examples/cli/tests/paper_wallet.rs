//! Every paper that a citizen owns: twelve types of documents, twenty of each, through the whole life of a wallet.
#![allow(clippy::unwrap_used, clippy::panic)]

mod command;

use command::Desk;
use std::collections::BTreeMap;
use std::fs;

/// Short names of the types, each with the sample person of that name in `examples/data`.
const TYPES: [&str; 12] = [
    "citizen-identity",
    "driving-licence",
    "vehicle-registration",
    "health-insurance",
    "social-insurance",
    "tax-registration",
    "residence-confirmation",
    "tax-dependant",
    "birth-certificate",
    "marriage-certificate",
    "degree",
    "passport-photo-id",
];
const EACH: usize = 20;

/// The sample with other persons in it: the running numbers at the end of the personal numbers are replaced.
fn other_person(sample: &str, number: usize) -> String {
    let tail = |of: usize| format!("{:06}", of + number * 100);
    let mut out = sample.to_owned();
    for (prefix, old) in [
        ("003090", 17),
        ("003318", 52),
        ("003192", 33),
        ("099304", 25),
        ("099212", 61),
        ("000000", 17),
    ] {
        out = out.replace(&format!("{prefix}{old:06}"), &format!("{prefix}{}", tail(old)));
    }
    out.replace("\"0000000017\"", &format!("\"{:010}\"", 17 + number * 100))
}

fn documents(desk: &Desk) {
    fs::create_dir_all(desk.path("papers")).unwrap();
    for kind in TYPES {
        let sample = fs::read_to_string(command::data(kind)).unwrap();
        for number in 0..EACH {
            let name = format!("{kind}-{number:02}");
            desk.write("data.json", other_person(&sample, number));
            desk.ok(&format!("pki key --out papers/{name}.key"));
            desk.ok(&format!(
                "issue mdoc --type {kind} --data data.json --signer ds.key --chain ds.pem --device-key papers/{name}.key \
                 --valid-from 2026-11-10 --out papers/{name}.cbor"
            ));
        }
    }
}

/// DOMAIN: the wallet holds all papers. Put in, listed, shown, checked, locked, taken along to a new device; the history tells it all.
#[test]
fn twelve_types_of_twenty_documents() {
    let desk = Desk::new();
    desk.authorities();
    desk.write("pin", "804117\n");
    desk.write("passphrase", "mua xuan nam nay ve muon hon moi nam\n");
    documents(&desk);
    desk.ok("wallet init --dir w --anchor iaca.pem --reader-anchor readers.pem --pin-file pin");

    let stored = desk.ok("wallet import papers --dir w --pin-file pin --json").json();
    assert_eq!(
        stored["stored"].as_array().unwrap().len(),
        TYPES.len() * EACH,
        "{stored}"
    );
    let again = desk.ok("wallet import papers --dir w --pin-file pin --json").json();
    assert_eq!(again["already_held"], TYPES.len() * EACH, "nothing is stored twice");

    let listed = desk.ok("wallet list --dir w --pin-file pin --json").json();
    let rows = listed["documents"].as_array().unwrap();
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        *count.entry(row["type"].as_str().unwrap()).or_default() += 1;
        assert_eq!(row["state"], "active", "{row}");
    }
    assert_eq!(count.len(), TYPES.len());
    assert!(count.values().all(|of| *of == EACH), "{count:?}");

    for row in rows.iter().step_by(EACH) {
        let id = row["id"].as_str().unwrap();
        let shown = desk
            .ok(&format!("wallet show {id} --dir w --pin-file pin --lang vi"))
            .out;
        assert!(shown.lines().count() > 4, "{shown}");
    }

    let history = desk.ok("wallet history --dir w --pin-file pin --json").json();
    assert_eq!(history["intact"], true);
    assert!(history["entries"].as_array().unwrap().len() >= TYPES.len() * EACH);
    assert!(!history.to_string().contains("003090"), "names of fields and no values");

    desk.ok("wallet export all.idwallet --passphrase-file passphrase --dir w --pin-file pin");
    desk.ok("wallet init --dir new --anchor iaca.pem --reader-anchor readers.pem --pin-file pin");
    desk.ok("wallet restore all.idwallet --passphrase-file passphrase --dir new --pin-file pin --yes");
    let restored = desk.ok("wallet list --dir new --pin-file pin --json").json();
    assert_eq!(restored["documents"].as_array().unwrap().len(), TYPES.len() * EACH);

    desk.ok("wallet lock --dir w");
    desk.run("wallet list --dir w --pin-file pin").ends(1);
    desk.ok("wallet unlock --dir w --pin-file pin");
    let listed_again = desk.ok("wallet list --dir w --pin-file pin --json").json();
    assert_eq!(listed_again, listed, "in the same order, with the same content");
}
