//! *Correct*: what is in the vault is what its issuer signed (A-H61), asked of the stored bytes themselves.

use super::{Finding, FindingCode};
use crate::record::{CopyRecord, DocumentRecord, KeyRecord};
use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::TrustAnchors;
use idwallet_documents::DocumentType;
use idwallet_mdoc::verify::{Check, CheckResult, Fault, FaultKind, IssuerTrust, Policy, verify_issuer_signed};
use idwallet_mdoc::{IssuerSigned, MobileSecurityObject};

/// The signature by the certificate that was verified at import and every digest; the chain too where `trust` is given. An error of
/// this software that altered a record, or put one in the place of another, is found here before it leaves.
pub(super) fn findings(
    issuer_signed: &IssuerSigned<'_>,
    kind: Option<&DocumentType>,
    trust: Option<&IssuerTrust<'_>>,
    at: Timestamp,
) -> Vec<Finding> {
    let nobody = TrustAnchors::new();
    let unknown = IssuerTrust::new(&nobody);
    // Departures that import let pass are not held against a document again.
    let policy = Policy::lenient().at(at).issuer_only().allow_untrusted();
    let report = verify_issuer_signed(issuer_signed, None, trust.unwrap_or(&unknown), &policy);
    let failed = report.checks().iter().filter_map(|(check, result)| match result {
        CheckResult::Failed(faults) => Some((check, faults)),
        _ => None,
    });
    let mut out: Vec<Finding> = Vec::new();
    for (check, fault) in failed.flat_map(|(check, faults)| faults.iter().map(move |fault| (check, fault))) {
        let Some(code) = code(check, fault) else { continue };
        let mut finding = Finding::new(code);
        if let Fault::DigestMismatch { name_space, element }
        | Fault::DigestMissing {
            name_space, element, ..
        } = fault
        {
            finding.label = Some(super::label(kind, name_space, element));
            finding.element = Some((name_space.clone(), element.clone()));
        }
        if !out.contains(&finding) {
            out.push(finding);
        }
    }
    out
}

fn code(check: Check, fault: &Fault) -> Option<FindingCode> {
    Some(match (check, fault.kind()) {
        // Validity and status are the matter of *live*.
        (Check::Status, _) | (Check::Validity, FaultKind::Expired | FaultKind::NotYetValid) => return None,
        (Check::Structure, _) => FindingCode::Unreadable,
        (Check::IssuerSignature, _) => FindingCode::SignatureWrong,
        (Check::Digests, _) => FindingCode::ElementAltered,
        (Check::IssuerChain | Check::TrustList, _) => FindingCode::SignerUntrusted,
        (Check::IssuerRevocation, _) => FindingCode::SignerRevoked,
        (Check::DocType, _) => FindingCode::OtherThanRecorded,
        _ => FindingCode::AgainstTheRules,
    })
}

/// Whether the signed bytes are those that the records beside them speak of.
pub(super) fn fits_record(
    mso: &MobileSecurityObject<'_>,
    document: &DocumentRecord,
    copy: &CopyRecord,
    key: &KeyRecord,
) -> bool {
    let validity = mso.validity();
    mso.doc_type() == document.doc_type
        && *mso.device_key() == key.public_key
        && validity.valid_from.timestamp() == copy.valid_from
        && validity.valid_until.timestamp() == copy.valid_until
}
