//! One device key, one use: signature or MAC.

use super::*;

/// A-H55, A-C08: deviceSignature on every curve that signs.
#[test]
fn device_signature_on_every_curve() {
    for curve in Curve::ALL.into_iter().filter(|c| c.can_sign()) {
        let world = World::on_curves(8, Curve::P256, curve, Curve::P256);
        let response = world.respond(&world.issue_mdl(), &world.request(&[(MDL_NAMESPACE, "height")]));
        let view = DeviceResponse::parse(&response).unwrap();
        let signed = view.documents()[0].device_signed().unwrap();
        let DeviceAuth::Signature(signature) = signed.device_auth() else {
            panic!("no signature")
        };
        let content = device_authentication_bytes(&world.transcript, MDL_DOC_TYPE, signed.name_spaces_bytes());
        let allowed = [SignatureAlgorithm::for_curve(curve).unwrap()];
        signature
            .verify(world.device_key.public_key(), &allowed, &[], Some(&content))
            .unwrap_or_else(|e| panic!("{curve}: {e}"));
    }
}

/// A-H56, A-C10: deviceMac on every curve that agrees, X25519 and X448 among them; the reader recomputes it from its own key.
#[test]
fn device_mac_on_every_curve() {
    for curve in Curve::ALL.into_iter().filter(|c| c.can_agree()) {
        let world = World::on_curves(9, Curve::P256, curve, Curve::P256);
        let request = world.request(&[(MDL_NAMESPACE, "height")]);
        let response = world.respond_as(&world.issue_mdl(), &request, DeviceKey::Mac(&world.device_key));
        let view = DeviceResponse::parse(&response).unwrap();
        let signed = view.documents()[0].device_signed().unwrap();
        let DeviceAuth::Mac(mac) = signed.device_auth() else {
            panic!("no MAC")
        };
        let content = device_authentication_bytes(&world.transcript, MDL_DOC_TYPE, signed.name_spaces_bytes());
        let secret = KeyAgreement::agree(&world.e_reader_key, world.device_key.public_key()).unwrap();
        let emac = derive_emac_key(&secret, &world.transcript).unwrap();
        mac.verify(emac.expose(), &[], Some(&content))
            .unwrap_or_else(|e| panic!("{curve}: {e}"));
        let wrong = derive_emac_key(&secret, &World::new(10).transcript).unwrap();
        assert!(mac.verify(wrong.expose(), &[], Some(&content)).is_err(), "{curve}");
    }
}

/// A-H55: what is recorded for a key stays. A-H56: no MAC without a reader key on the same curve.
#[test]
fn a_device_key_has_one_use() {
    let p256 = World::new(11);
    let p384 = World::on_curves(11, Curve::P256, Curve::P384, Curve::P256);
    let ed = World::on_curves(11, Curve::P256, Curve::Ed25519, Curve::P256);
    let x = World::on_curves(11, Curve::P256, Curve::X25519, Curve::P256);
    let choose = |recorded, key: &World, session: &World| {
        DeviceAuthUsage::choose(recorded, key.device_key.public_key(), &session.transcript).ok()
    };
    use DeviceAuthUsage::{Mac, Signature};
    assert_eq!(choose(None, &p256, &p256), Some(Signature));
    assert_eq!(choose(Some(Mac), &p256, &p256), Some(Mac));
    assert_eq!(choose(Some(Signature), &p256, &p384), Some(Signature));
    assert_eq!(
        choose(Some(Mac), &p256, &p384),
        None,
        "another curve, and never a signature instead"
    );
    assert_eq!(choose(None, &x, &x), Some(Mac));
    assert_eq!(choose(None, &x, &p256), None);
    assert_eq!(choose(Some(Signature), &x, &x), None);
    assert_eq!(choose(Some(Mac), &ed, &p256), None);

    // A document prepared for one use refuses the other.
    let licence = p256.issue_mdl();
    let view = IssuerSigned::parse(&licence).unwrap();
    let mso = view.mobile_security_object().unwrap();
    let document = ResponseDocument::new(&view, &mso, Release::nothing(), Mac);
    let builder = DeviceResponseBuilder::new().document(document);
    let refused = builder
        .clone()
        .respond(&p256.transcript, &[DeviceKey::Signature(&p256.device_key)])
        .unwrap_err();
    assert_eq!(refused, MdocError::DeviceKeyUsage);
    let signature = DeviceAuthOutput::Signature(vec![0; 64]);
    assert_eq!(
        builder
            .clone()
            .prepare(&p256.transcript)
            .unwrap()
            .complete(vec![signature])
            .unwrap_err(),
        MdocError::DeviceKeyUsage
    );
    assert_eq!(
        builder.prepare(&p384.transcript).unwrap_err(),
        MdocError::DeviceKeyUsage
    );
}

/// Another key than the one in the MSO, or another number of keys, gives no response.
#[test]
fn a_foreign_device_key_is_refused() {
    let world = World::new(12);
    let licence = world.issue_mdl();
    let view = IssuerSigned::parse(&licence).unwrap();
    let mso = view.mobile_security_object().unwrap();
    let document = || {
        DeviceResponseBuilder::new().document(ResponseDocument::new(
            &view,
            &mso,
            Release::nothing(),
            DeviceAuthUsage::Signature,
        ))
    };
    let other = key(Curve::P256, 555);
    for keys in [
        &[DeviceKey::Signature(&other)][..],
        &[],
        &[DeviceKey::Signature(&world.device_key); 2],
    ] {
        assert_eq!(
            document().respond(&world.transcript, keys).unwrap_err(),
            MdocError::DeviceKeyMismatch
        );
    }
}
