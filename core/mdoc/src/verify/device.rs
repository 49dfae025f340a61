//! What the device may say, and that it is the device (A-V22, A-V23).

use super::issuer::ALLOWED;
use super::report::{Findings, Subject};
use super::{CheckResult, Fault, Policy, Session, SkipReason};
use crate::{DeviceAuth, DeviceSigned, MobileSecurityObject, derive_emac_key, device_authentication_bytes};
use idwallet_cose::CoseError;

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
        findings.depart(policy, Fault::KeyAuthorizations(fault));
    }
    if policy.issuer_only {
        return match findings.into_result() {
            CheckResult::Passed => CheckResult::Skipped(SkipReason::IssuerOnly),
            result => result,
        };
    }
    for (name_space, element, _) in subject.device_signed.into_iter().flat_map(DeviceSigned::elements) {
        if !authorizations.is_some_and(|a| a.allows(name_space, element)) {
            findings.fail(Fault::NotAuthorized {
                name_space: name_space.to_owned(),
                element: element.to_owned(),
            });
        }
    }
    findings.into_result()
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
