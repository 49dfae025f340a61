//! The two public trust lists of AAMVA.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "tests"
)]

use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::{FindingId, PathError, Severity};
use idwallet_test_support::vector;
use idwallet_trust::vical::EntryFinding;
use idwallet_trust::{
    IssuerAnchors, PastNextUpdate, TrustError, TrustListVerdict, UnverifiedVical, VerifiedVical, VicalFreshness,
    VicalPolicy, VicalProviders,
};

const MDL: &str = "org.iso.18013.5.1.mDL";

struct Case {
    file: &'static str,
    /// A time of its own day.
    at: &'static str,
    next_update: &'static str,
    issue: u64,
    entries: usize,
}

const CASES: [Case; 2] = [
    Case {
        file: "aamva-vical-2025-11-18.cbor",
        at: "2025-11-18T20:00:00Z",
        next_update: "2025-11-19T18:38:12Z",
        issue: 227_602,
        entries: 14,
    },
    Case {
        file: "walt_aamva.cbor",
        at: "2025-08-06T00:00:00Z",
        next_update: "2025-08-06T20:47:21Z",
        issue: 89_782,
        entries: 13,
    },
];

fn time(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn read(name: &str) -> Option<Vec<u8>> {
    vector(&format!("trust-lists/{name}"))
}

fn root() -> Option<VicalProviders> {
    let Some(root) = read("aamva_ca_root.crt") else {
        println!("left out: {} trust lists, the public vectors are not here", CASES.len());
        return None;
    };
    Some(VicalProviders::from_pem_or_der(&root).unwrap())
}

fn read_root() -> Vec<u8> {
    let anchors = root().unwrap();
    let root = anchors.as_trust_anchors().iter().next().unwrap();
    root.certificate().der().to_vec()
}

fn verify(case: &Case, providers: &VicalProviders, policy: &VicalPolicy<'_>) -> Result<VerifiedVical, TrustError> {
    UnverifiedVical::parse(&read(case.file).unwrap())
        .unwrap()
        .verify(providers, policy)
}

/// A-V40, A-V41, A-V42: both lists lead to the AAMVA root at a time of their own day.
#[test]
fn both_lists_verify_to_the_root_on_their_day() {
    let Some(root) = root() else { return };
    for case in &CASES {
        let vical = verify(case, &root, &VicalPolicy::new(time(case.at))).unwrap();
        assert_eq!((vical.provider(), vical.issue_id()), ("AAMVA", Some(case.issue)));
        assert_eq!(vical.freshness(), VicalFreshness::Current(Some(time(case.next_update))));
        let signer: Vec<_> = vical.signer().findings().iter().map(|f| f.id).collect();
        println!(
            "{}: {} entries, signer departs by {signer:?}",
            case.file,
            vical.entries().len()
        );
        assert!(signer.contains(&FindingId::KeyUsageBits) && signer.contains(&FindingId::AnchorInChain));
        for entry in vical.entries() {
            println!(
                "  {}: {:?} {:?}",
                entry.certificate().subject(),
                entry.findings(),
                entry.profile_findings().iter().map(|f| f.id).collect::<Vec<_>>()
            );
            // The provider put the DER of the extension where the key identifier belongs.
            assert!(entry.findings().contains(&EntryFinding::SkiEncoding));
        }
        assert_eq!(vical.entries().len(), case.entries, "{:?}", vical.dropped());
        assert!(vical.dropped().is_empty() && vical.findings().is_empty());
        let mut issuers = IssuerAnchors::new();
        issuers.add_vical(&vical);
        let anchor = vical.entries()[0].certificate();
        assert!(matches!(
            issuers.verdict(anchor, MDL, time(case.at)),
            TrustListVerdict::Permitted(_)
        ));
        assert_eq!(
            issuers.verdict(anchor, "eu.europa.ec.eudi.pid.1", time(case.at)),
            TrustListVerdict::NotPermitted
        );
    }
    println!("{} trust lists verified", CASES.len());
}

/// A-V41: past nextUpdate the list says so, or is refused by policy.
#[test]
fn past_next_update_is_a_state_of_its_own() {
    let Some(root) = root() else { return };
    for case in &CASES {
        let late = time("2026-01-01T00:00:00Z");
        let due = time(case.next_update);
        let vical = verify(case, &root, &VicalPolicy::new(late)).unwrap();
        assert_eq!(vical.freshness(), VicalFreshness::PastNextUpdate(due));
        let refused = verify(
            case,
            &root,
            &VicalPolicy::new(late).past_next_update(PastNextUpdate::Refuse),
        );
        assert_eq!(refused.unwrap_err(), TrustError::VicalOutdated(due));
    }
}

/// The signer's certificate ends on 2026-04-18, and with it what it signed.
#[test]
fn signer_expires() {
    let Some(root) = root() else { return };
    for case in &CASES {
        let refused = verify(case, &root, &VicalPolicy::new(time("2026-05-01T00:00:00Z")));
        assert_eq!(refused.unwrap_err(), TrustError::Path(PathError::Expired { index: 0 }));
    }
}

/// To the letter of ISO 18013-5 both are refused: key usage, and the root in the chain.
#[test]
fn strict_policy_refuses_the_signer() {
    let Some(root) = root() else { return };
    for case in &CASES {
        match verify(case, &root, &VicalPolicy::iso(time(case.at))) {
            Err(TrustError::Path(PathError::Profile { findings })) => {
                assert!(
                    findings
                        .iter()
                        .any(|f| f.id == FindingId::KeyUsageBits && f.severity == Severity::Error)
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

/// A-V41: the earlier list after the later one.
#[test]
fn earlier_list_after_the_later_is_refused() {
    let Some(root) = root() else { return };
    let later = verify(&CASES[0], &root, &VicalPolicy::new(time(CASES[0].at))).unwrap();
    let policy = VicalPolicy::new(time(CASES[0].at)).previous(later.issue());
    assert_eq!(
        verify(&CASES[1], &root, &policy).unwrap_err(),
        TrustError::VicalRolledBack
    );
    assert!(verify(&CASES[0], &root, &policy).is_ok());
}

/// X-C05: the root in the message is no anchor.
#[test]
fn without_the_root_nothing_is_trusted() {
    if root().is_none() {
        return;
    }
    for case in &CASES {
        let refused = verify(case, &VicalProviders::new(), &VicalPolicy::new(time(case.at))).unwrap_err();
        assert!(refused.is_untrusted(), "{refused}");
    }
}

/// Every bit of one byte in 37: none of the altered lists verifies.
#[test]
fn no_flipped_bit_verifies() {
    let Some(root) = root() else { return };
    for case in &CASES {
        let bytes = read(case.file).unwrap();
        let policy = VicalPolicy::new(time(case.at));
        let (mut refused, mut accepted) = (0, Vec::new());
        for at in (0..bytes.len()).step_by(37) {
            for bit in 0..8 {
                let mut altered = bytes.clone();
                altered[at] ^= 1 << bit;
                let outcome = UnverifiedVical::parse(&altered).and_then(|vical| vical.verify(&root, &policy));
                match outcome {
                    Err(_) => refused += 1,
                    Ok(_) => accepted.push(at),
                }
            }
        }
        // The chain holds the root too, which is neither signed nor used: the one place where a bit may change.
        let root = read_root();
        let start = bytes.windows(root.len()).position(|window| window == root).unwrap();
        println!(
            "{}: {refused} altered lists refused, {} in the unused root",
            case.file,
            accepted.len()
        );
        assert!(
            accepted.iter().all(|at| (start..start + root.len()).contains(at)),
            "{accepted:?}"
        );
        assert!(refused > 3000);
    }
}
