//! What the device may say, and that it is the device (A-V22, A-V23).

use super::issuer::ALLOWED;
use super::report::{Findings, Subject};
use super::{CheckResult, Fault, Policy, Session, SkipReason};
use crate::{
    DeviceAuth, DeviceSigned, KeyAuthorizations, MobileSecurityObject, derive_emac_key, device_authentication_bytes,
};
use idwallet_cose::CoseError;
use idwallet_crypto::Gather as _;
use std::collections::BTreeSet;

/// Every element that the device signed is authorised by the issuer, by itself or with its namespace (A-V22). Where only what the
/// issuer signed is asked for, nothing that the device signed is looked at or given out.
pub(super) fn key_authorizations(
    subject: &Subject<'_>,
    mso: &MobileSecurityObject<'_>,
    policy: &Policy,
) -> CheckResult {
    let mut findings = Findings::default();
    let authorizations = mso.key_authorizations();
    if let Some(fault) = authorizations.and_then(|a| a.fault()) {
        findings.fail(Fault::KeyAuthorizations(fault));
    }
    if policy.issuer_only {
        return match findings.into_result() {
            CheckResult::Passed => CheckResult::Skipped(SkipReason::IssuerOnly),
            result => result,
        };
    }
    for (name_space, elements) in subject.device_signed.into_iter().flat_map(DeviceSigned::name_spaces) {
        let Some(allowed) = allowed_elements(authorizations, name_space) else {
            continue;
        };
        for (element, _) in elements.iter().filter(|(element, _)| !allowed.contains(element)) {
            findings.fail(Fault::NotAuthorized {
                name_space: (*name_space).to_owned(),
                element: (*element).to_owned(),
            });
        }
    }
    findings.into_result()
}

/// The elements of a namespace that the device key may sign; `None` for all of them. A set: whoever presents a document makes both
/// lists as long as the parser lets them be.
fn allowed_elements<'m>(authorizations: Option<&KeyAuthorizations<'m>>, name_space: &str) -> Option<BTreeSet<&'m str>> {
    let Some(authorizations) = authorizations else {
        return Some(BTreeSet::new());
    };
    if authorizations.name_spaces().contains(&name_space) {
        return None;
    }
    let lists = authorizations.data_elements().iter();
    let of_space = lists.filter(|(space, _)| *space == name_space);
    Some(of_space.flat_map(|(_, elements)| elements.iter().copied()).gather())
}

/// The device holds the key of the MSO, in the session that the reader itself knows (A-V23).
pub(super) fn device_auth(
    subject: &Subject<'_>,
    mso: &MobileSecurityObject<'_>,
    session: &Session<'_>,
    policy: &Policy,
) -> CheckResult {
    if policy.issuer_only {
        return CheckResult::Skipped(SkipReason::IssuerOnly);
    }
    let Some(doc_type) = subject.doc_type.filter(|_| subject.is_presentation) else {
        return CheckResult::Skipped(SkipReason::NotPresented);
    };
    let Some(device_signed) = subject.device_signed else {
        return CheckResult::Failed(vec![Fault::DeviceAuthMissing]);
    };
    let Some(transcript) = session.transcript else {
        return CheckResult::Skipped(SkipReason::NoTranscript);
    };
    let device_key = mso.device_key();
    let content = || device_authentication_bytes(transcript, doc_type, device_signed.name_spaces_bytes());
    let result = match device_signed.device_auth() {
        DeviceAuth::Signature(sign1) => sign1
            .verify(device_key, &ALLOWED, &[], Some(&content()))
            .map(drop)
            .map_err(Fault::DeviceSignature),
        DeviceAuth::Mac(mac0) => {
            let Some(reader_key) = session.e_reader_key else {
                return CheckResult::Skipped(SkipReason::NoReaderKey);
            };
            reader_key
                .agree(device_key)
                .map_err(|_| Fault::DeviceKeyCurve(device_key.curve()))
                .and_then(|secret| {
                    derive_emac_key(&secret, transcript).map_err(|error| Fault::DeviceMac(CoseError::Crypto(error)))
                })
                .and_then(|key| {
                    mac0.verify(key.expose(), &[], Some(&content()))
                        .map(drop)
                        .map_err(Fault::DeviceMac)
                })
        }
    };
    match result {
        Ok(()) => CheckResult::Passed,
        Err(fault) => CheckResult::Failed(vec![fault]),
    }
}
