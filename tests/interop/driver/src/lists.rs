//! Trust lists (VICAL) and status lists: made, and read.

use crate::options::{Options, Outcome};
use crate::{Failure, files, keys};
use idwallet_crypto::x509::TrustAnchors;
use idwallet_crypto::{Clock as _, SystemClock, sha256};
use idwallet_mdoc::names::MDL_DOC_TYPE;
use idwallet_status_list::{Bits, ListPolicy, ListTrust, Status, StatusListBuilder, UnverifiedStatusList};
use idwallet_trust::{DocTypes, UnverifiedVical, VicalBuilder, VicalPolicy, VicalProviders};
use serde_json::{Value, json};

const DAY: i64 = 24 * 3600;

/// Lists the certificates of `--entry` for the driving licence.
pub fn trust_list(options: &Options) -> Outcome {
    let now = SystemClock.now();
    let mut builder = VicalBuilder::new("Interop provider", now)
        .issue_id(1)
        .next_update(now.saturating_add_seconds(30 * DAY));
    for certificate in files::certificates(options.need("entry")?)? {
        builder = builder.entry(&certificate, &[MDL_DOC_TYPE]);
    }
    let signer = keys::private(options.need("signer")?)?;
    let chain = files::certificates(options.need("chain")?)?;
    let list = builder.sign(&signer, &chain).map_err(Failure::failed)?;
    files::write(options.need("out")?, &list)?;
    Ok(json!({}))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Which certificates a list names, and for what.
pub fn check_trust_list(options: &Options) -> Outcome {
    let bytes = files::bytes(options.need("list")?)?;
    let list = UnverifiedVical::parse(&bytes).map_err(Failure::refused)?;
    let providers: VicalProviders = files::certificates(options.need("anchor")?)?.into_iter().collect();
    let policy = VicalPolicy::iso(SystemClock.now());
    let verified = list.verify(&providers, &policy).map_err(Failure::refused)?;
    for dropped in verified.dropped() {
        eprintln!("dropped: {dropped:?}");
    }
    let entries = verified.entries().iter().map(|entry| {
        let doc_types: Vec<&str> = match entry.doc_types() {
            DocTypes::Any => vec!["any"],
            DocTypes::Only(types) => types.iter().map(String::as_str).collect(),
        };
        json!({ "certificate": hex(&sha256(entry.certificate().der())), "doc_types": doc_types })
    });
    let entries: Vec<Value> = entries.collect();
    Ok(json!({ "accepted": true, "provider": verified.provider(), "entries": entries }))
}

fn bits(options: &Options) -> Result<Bits, Failure> {
    let number: u64 = options.need("bits")?.parse().map_err(Failure::unusable)?;
    Bits::from_number(number).map_err(Failure::unusable)
}

/// The statuses of `--statuses`, a JSON array of numbers, as a token.
pub fn status_list(options: &Options) -> Outcome {
    let statuses = files::json(options.need("statuses")?)?;
    let statuses: Vec<u8> = serde_json::from_value(statuses).map_err(Failure::unusable)?;
    let now = SystemClock.now();
    let entries = u64::try_from(statuses.len()).map_err(Failure::unusable)?;
    let mut builder = StatusListBuilder::new(bits(options)?, entries)
        .map_err(Failure::failed)?
        .uri(options.need("uri")?)
        .validity(now, now.saturating_add_seconds(7 * DAY))
        .time_to_live(43_200);
    for (idx, status) in (0..).zip(statuses) {
        builder.set(idx, Status::from_value(status)).map_err(Failure::failed)?;
    }
    let signer = keys::private(options.need("signer")?)?;
    let chain = files::certificates(options.need("chain")?)?;
    let token = builder.sign(&signer, &chain).map_err(Failure::failed)?;
    files::write(options.need("out")?, &token)?;
    Ok(json!({}))
}

/// The first `--count` statuses of a token.
pub fn check_status_list(options: &Options) -> Outcome {
    let bytes = files::bytes(options.need("list")?)?;
    let token = UnverifiedStatusList::parse(&bytes).map_err(Failure::refused)?;
    let anchors: TrustAnchors = files::anchors(options)?;
    let policy = ListPolicy::new(SystemClock.now());
    let list = token
        .verify(options.need("uri")?, &ListTrust::Anchors(&anchors), &policy)
        .map_err(Failure::refused)?;
    let count: u64 = options.need("count")?.parse().map_err(Failure::unusable)?;
    let indices: Vec<u64> = (0..count).collect();
    let statuses = list.statuses(&indices).map_err(Failure::refused)?;
    let statuses: Vec<u8> = statuses.into_iter().map(Status::value).collect();
    Ok(json!({ "accepted": true, "statuses": statuses }))
}
