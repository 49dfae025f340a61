//! What the device may say, and that it is the device.

use super::edit::at;
use super::*;
use idwallet_mdoc::holder::{DeviceKey, DeviceResponseBuilder, ResponseDocument, select};
use idwallet_mdoc::verify::CheckResult;
use idwallet_mdoc::{DeviceRequest, IssuerSigned, MdocError};

const OWN: &str = "org.example.device.1";

/// keyAuthorizations of a credential, written as a test needs them.
fn authorized(world: &World, name_spaces: &[&str], elements: &[(&str, &[&str])]) -> Vec<u8> {
    let texts = |list: &[&str]| Value::Array(list.iter().map(|t| Value::Text((*t).into())).collect());
    resign(world, &world.issue_mdl(), |mso| {
        let info = member(mso, "deviceKeyInfo");
        let authorizations = member(info, "keyAuthorizations");
        *authorizations = Value::Map(vec![]);
        if !name_spaces.is_empty() {
            *member(authorizations, "nameSpaces") = texts(name_spaces);
        }
        if !elements.is_empty() {
            let map = elements
                .iter()
                .map(|(space, list)| (Value::Text((*space).into()), texts(list)));
            *member(authorizations, "dataElements") = Value::Map(map.collect());
        }
    })
}

/// A response in which the device signs `OWN/pin_used`, made with a credential that allows it.
fn device_signing(world: &World) -> Trial<'_> {
    let ask = [(MDL_NAMESPACE, "family_name"), (OWN, "pin_used")];
    let request = world.request(&ask);
    let issued = authorized(world, &[OWN], &[]);
    let view = IssuerSigned::parse(&issued).unwrap();
    let mso = view.mobile_security_object().unwrap();
    let parsed = DeviceRequest::parse(&request).unwrap();
    let release = select(&view, &mso, parsed.doc_requests()[0].items_request())
        .unwrap()
        .approve_all();
    let key = world.device_key_in_use();
    let document = ResponseDocument::new(&view, &mso, release, key.usage())
        .device_signed(OWN, "pin_used", true)
        .unwrap();
    let response = DeviceResponseBuilder::new()
        .document(document)
        .respond(&world.transcript, &[key])
        .unwrap();
    Trial::with(world, response, Some(request))
}

/// The same response with the MSO of another credential for the same device key.
fn with_mso_of(trial: Trial<'_>, issued: &[u8]) -> Trial<'static> {
    // The world outlives the test; leaking it keeps the fixture simple.
    let world: &'static World = Box::leak(Box::new(World::new(40)));
    let auth = member(&mut edit::parse(issued), "issuerAuth").clone();
    let response = edit(&trial.response, |r| {
        *at(r, "documents/0/issuerSigned/issuerAuth") = auth
    });
    Trial::with(world, response, trial.request)
}

/// A-V22: an element that the device may sign, by its namespace or by itself.
#[test]
fn authorised_device_signed_elements_are_accepted() {
    let world = World::new(40);
    let outcome = device_signing(&world).run();
    assert!(outcome.accepted, "{outcome:?}");
    assert_eq!(outcome.device_claims, ["pin_used"]);
    assert_eq!(outcome.claims, ["family_name"], "what the device says is kept apart");
}

/// A-V22: without authorisation, with one for another element, another namespace, or the same element of another namespace.
#[test]
fn unauthorised_device_signed_elements_are_refused() {
    let world = World::new(40);
    let none = with_mso_of(device_signing(&world), &world.issue_mdl());
    // issue_mdl makes other salts, so the digests are others as well: only the authorisation is looked at here.
    assert_eq!(none.run().word(Check::KeyAuthorizations), "failed");
    for (spaces, elements) in [
        (&["org.example.device"][..], &[][..]),
        (&[][..], &[(OWN, &["pin_use"][..])][..]),
        (&[][..], &[("org.example.other", &["pin_used"][..])][..]),
    ] {
        let outcome = with_mso_of(device_signing(&world), &authorized(&world, spaces, elements)).run();
        let failed: Vec<_> = outcome
            .failed
            .iter()
            .filter(|(check, _)| *check != Check::Digests)
            .collect();
        let expected = Fault::NotAuthorized {
            name_space: OWN.into(),
            element: "pin_used".into(),
        };
        assert_eq!(failed, [&(Check::KeyAuthorizations, expected)]);
        assert!(outcome.device_claims.is_empty());
    }
}

/// A-V22, A-I08: empty lists and a namespace in both are against the standard, and no profile relaxes key authorisations.
#[test]
fn malformed_key_authorizations_are_refused() {
    let world = World::new(40);
    for issued in [
        authorized(&world, &[], &[]),
        authorized(&world, &[OWN], &[(OWN, &["a"])]),
    ] {
        for policy in [Policy::iso(), Policy::generic(), Policy::lenient()] {
            let trial = Trial::issued(&world, &issued).policy(policy.at(NOW));
            assert!(matches!(
                trial.run().refused_by(Check::KeyAuthorizations),
                Fault::KeyAuthorizations(_)
            ));
        }
    }
}

/// X-C09, A-V22: two long lists, of what may be signed and of what is signed, do not take the product of their lengths.
#[test]
#[allow(clippy::disallowed_methods, reason = "a test that measures")]
fn long_lists_of_authorizations_do_not_take_quadratic_time() {
    let world = World::new(40);
    // Up to their last bytes the names are alike.
    let name = |n: usize| format!("{}{n:04}", "a".repeat(150));
    let names: Vec<String> = (0..4096).map(name).collect();
    let allowed: Vec<&str> = names.iter().map(String::as_str).collect();
    let issued = authorized(&world, &[], &[(OWN, &allowed)]);
    let with_elements = |issued: &[u8], last: &str| {
        let others = names.iter().rev().map(|name| (Value::Text(name.clone()), Value::Null));
        let mut elements: Vec<_> = others.take(4095).collect();
        elements.push((Value::Text(last.into()), Value::Null));
        let spaces = Value::Map(vec![(Value::Text(OWN.into()), Value::Map(elements))]);
        Trial::issued(&world, issued).edit(|r| {
            let Value::Tag(24, inner) = at(r, "documents/0/deviceSigned/nameSpaces") else {
                panic!()
            };
            **inner = Value::Bytes(edit::encode(&spaces));
        })
    };
    let fastest = |issued: &[u8], last: &str| {
        let trial = with_elements(issued, last);
        let time = |_| {
            let start = std::time::Instant::now();
            trial.run();
            start.elapsed()
        };
        (0..20).map(time).min().unwrap()
    };
    let passed = with_elements(&issued, &names[0]).run();
    assert_eq!(passed.word(Check::KeyAuthorizations), "passed");
    let refused = with_elements(&issued, "other").run();
    let faults = refused.result(Check::KeyAuthorizations).faults();
    assert!(matches!(faults, [Fault::NotAuthorized { element, .. }] if element == "other"));
    // The same lists, of which the second is not looked through.
    let unused = authorized(&world, &[OWN], &[("org.example.other", &allowed)]);
    let (long, whole) = (fastest(&issued, &names[0]), fastest(&unused, &names[0]));
    println!("4096 elements: {long:?} against as many authorisations, {whole:?} against that of their namespace");
    assert!(long < whole * 6, "{long:?} and {whole:?}");
}

/// A-V23: another session's transcript, which is what a replayed response meets.
#[test]
fn response_of_another_session_is_refused() {
    let world = World::new(41);
    for device_key in [
        DeviceKey::Signature(&world.device_key),
        DeviceKey::Mac(&world.device_key),
    ] {
        let request = world.request(&ASKED);
        let response = world.respond_as(&world.issue_mdl(), &request, device_key);
        let mut trial = Trial::with(&world, response, Some(request));
        assert!(trial.run().accepted);
        trial.transcript = Some(World::new(42).transcript);
        let outcome = trial.run();
        assert_eq!(outcome.refused_by(Check::DeviceAuth).kind(), FaultKind::NotBound);
    }
}

/// A-V23: another device's key.
#[test]
fn another_device_is_refused() {
    let (world, other) = (World::new(43), World::new(44));
    let issued = world.issue_mdl();
    // The other device's document, answered with its own key, around this issuer's MSO for this device.
    let request = world.request(&ASKED);
    let other_key = resign(&world, &issued, |mso| {
        let key = idwallet_cose::cose_key_to_vec(other.device_key.public_key());
        *at(mso, "deviceKeyInfo/deviceKey") = edit::parse(&key);
    });
    let thief = World {
        device_key: other.device_key,
        ..World::new(43)
    };
    let auth = member(&mut edit::parse(&issued), "issuerAuth").clone();
    let response = edit(&thief.respond(&other_key, &request), |r| {
        *at(r, "documents/0/issuerSigned/issuerAuth") = auth;
    });
    let outcome = Trial::with(&world, response, Some(request)).run();
    assert!(matches!(
        outcome.refused_by(Check::DeviceAuth),
        Fault::DeviceSignature(_)
    ));
}

/// A-V23: a MAC made with another reader's key, one whose tag is cut, and one without the reader's key at hand.
#[test]
fn mac_of_another_reader_is_refused() {
    let world = World::new(45);
    let request = world.request(&ASKED);
    let response = world.respond_as(&world.issue_mdl(), &request, DeviceKey::Mac(&world.device_key));
    let (other, curve) = (key(Curve::P256, 77), key(Curve::P384, 78));
    let mut trial = Trial::with(&world, response, Some(request));
    trial.reader_key = Some(&other);
    assert!(matches!(trial.run().refused_by(Check::DeviceAuth), Fault::DeviceMac(_)));
    trial.reader_key = Some(&curve);
    assert_eq!(
        *trial.run().refused_by(Check::DeviceAuth),
        Fault::DeviceKeyCurve(Curve::P256)
    );
    trial.reader_key = None;
    let outcome = trial.run();
    assert!(!outcome.accepted && outcome.needed == [(Check::DeviceAuth, SkipReason::NoReaderKey)]);
    trial.reader_key = Some(&world.e_reader_key);
    let cut = trial.edit(|r| {
        let tag = at(r, "documents/0/deviceSigned/deviceAuth/deviceMac/3");
        let Value::Bytes(bytes) = tag else { panic!() };
        bytes.truncate(16);
    });
    cut.run().refused_by(Check::DeviceAuth);
}

/// A-V23: no transcript, no verdict, no acceptance; unless only what the issuer signed is asked for.
#[test]
fn missing_transcript_is_refused() {
    let world = World::new(46);
    let mut trial = Trial::new(&world);
    trial.transcript = None;
    let outcome = trial.run();
    assert!(!outcome.accepted && outcome.needed == [(Check::DeviceAuth, SkipReason::NoTranscript)]);
    let issuer_only = trial.policy(Policy::iso().at(NOW).issuer_only()).run();
    assert!(issuer_only.accepted);
    assert_eq!(
        *issuer_only.result(Check::DeviceAuth),
        CheckResult::Skipped(SkipReason::IssuerOnly)
    );
}

/// A-V22, A-V23: device-signed elements are no claims where device authentication was not asked for.
#[test]
fn issuer_only_gives_no_device_claims() {
    let world = World::new(40);
    let outcome = device_signing(&world).policy(Policy::iso().at(NOW).issuer_only()).run();
    assert!(outcome.accepted && outcome.device_claims.is_empty());
}

/// A-V22: where nothing that the device signed is looked at, it does not refuse either; where it is, no profile lets it pass.
#[test]
fn unauthorised_elements_are_no_part_of_issuer_only() {
    let world = World::new(40);
    let issued = authorized(&world, &["org.example.other"], &[]);
    let run = |policy| with_mso_of(device_signing(&world), &issued).policy(policy).run();
    let issuer_only = run(Policy::iso().at(NOW).issuer_only());
    assert_eq!(issuer_only.word(Check::KeyAuthorizations), "skipped");
    assert_eq!(run(Policy::lenient().at(NOW)).word(Check::KeyAuthorizations), "failed");
}

/// A-V23: a document without deviceSigned fails, whatever the profile.
#[test]
fn missing_device_auth_is_refused() {
    let world = World::new(47);
    for policy in [Policy::iso(), Policy::lenient()] {
        let trial = Trial::new(&world).policy(policy.at(NOW)).edit(|r| {
            let Value::Map(document) = at(r, "documents/0") else {
                panic!()
            };
            document.retain(|(name, _)| name.as_text() != Some("deviceSigned"));
        });
        assert_eq!(*trial.run().refused_by(Check::DeviceAuth), Fault::DeviceAuthMissing);
    }
}

/// A-H55, A-V23: both members of deviceAuth, or none, is no DeviceAuth.
#[test]
fn two_members_of_device_auth_are_refused() {
    let world = World::new(48);
    let request = world.request(&ASKED);
    let issued = world.issue_mdl();
    let mac = world.respond_as(&issued, &request, DeviceKey::Mac(&world.device_key));
    let mac = at(&mut edit::parse(&mac), "documents/0/deviceSigned/deviceAuth/deviceMac").clone();
    let auth = "documents/0/deviceSigned/deviceAuth";
    let both = Trial::of(&world, &issued, &request).edit(|r| *member(at(r, auth), "deviceMac") = mac);
    let none = Trial::of(&world, &issued, &request).edit(|r| *at(r, auth) = Value::Map(vec![]));
    for trial in [both, none] {
        assert!(matches!(trial.try_run().unwrap_err(), MdocError::Malformed { .. }));
    }
}

/// A-V23: device-signed names that were changed on the way.
#[test]
fn altered_device_name_spaces_are_refused() {
    let world = World::new(40);
    let outcome = device_signing(&world)
        .edit(|r| {
            tag24(at(r, "documents/0/deviceSigned/nameSpaces"), |spaces| {
                *member(member(spaces, OWN), "pin_used") = Value::Bool(false);
            });
        })
        .run();
    outcome.refused_by(Check::DeviceAuth);
}

/// A-V23, A-C08, A-C10: signature on every curve that signs, MAC on every curve that agrees.
#[test]
fn devices_on_every_curve_are_accepted() {
    let (mut signatures, mut macs) = (0, 0);
    for curve in Curve::ALL {
        let world = World::on_curves(49, Curve::P256, curve, Curve::P256);
        let (issued, request) = (world.issue_mdl(), world.request(&ASKED));
        let check = |device_key: DeviceKey<'_>| {
            let response = world.respond_as(&issued, &request, device_key);
            let outcome = Trial::with(&world, response, Some(request.clone())).run();
            assert!(outcome.accepted, "{curve}: {outcome:?}");
        };
        if curve.can_sign() {
            check(DeviceKey::Signature(&world.device_key));
            signatures += 1;
        }
        if curve.can_agree() {
            check(DeviceKey::Mac(&world.device_key));
            macs += 1;
        }
    }
    assert_eq!((signatures, macs), (9, 9));
}

/// A-V26b: two rounds in one session have one transcript, and each answer is verified by itself.
#[test]
fn several_rounds_have_one_transcript() {
    let world = World::new(50);
    let issued = world.issue_mdl();
    for ask in [(MDL_NAMESPACE, "height"), (MDL_NAMESPACE, "eye_colour")] {
        let first = Trial::of(&world, &issued, &world.request(&[ask]));
        assert!(first.run().accepted);
    }
    // The first answer again does not answer the second question.
    let mut replayed = Trial::of(&world, &issued, &world.request(&[(MDL_NAMESPACE, "height")]));
    replayed.request = Some(world.request(&[(MDL_NAMESPACE, "eye_colour")]));
    replayed.run().refused_by(Check::RequestMatch);
}
