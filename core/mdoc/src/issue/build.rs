//! Checks a draft, then writes its copies.

use super::encode::{self, SALT_BYTES, key_authorizations};
use super::shuffle::{Pool, order};
use super::{Draft, IssueError, MdocCopy, Mso, StatusId, Validity, rules};
use crate::signing::{Chain, PendingSign1};
use core::fmt;
use idwallet_cose::cbor::{Encoder, size};
use idwallet_crypto::{Curve, Digest, HashAlgorithm, PublicKey, Random, SignatureAlgorithm, digest};
use std::collections::BTreeSet;

/// One issued copy.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedMdoc {
    /// `IssuerSigned`, to be given to the holder as it is.
    pub issuer_signed: Vec<u8>,
    /// The device key it is bound to.
    pub device_key: PublicKey,
}

impl fmt::Debug for IssuedMdoc {
    /// Lengths only: the bytes hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedMdoc")
            .field("issuer_signed_bytes", &self.issuer_signed.len())
            .field("device_key", &self.device_key)
            .finish()
    }
}

/// One copy that lacks its signature.
#[derive(Clone, Debug)]
pub struct UnsignedMdoc {
    /// `IssuerSigned` up to and with the key `issuerAuth`.
    head: Encoder,
    issuer_auth: PendingSign1,
    device_key: PublicKey,
}

impl UnsignedMdoc {
    /// The message to sign: `Sig_structure` (RFC 9052 §4.4).
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        self.issuer_auth.to_be_signed()
    }

    /// The algorithm to sign with.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.issuer_auth.algorithm()
    }

    /// Completes the copy with its signature: `r ‖ s`, or as RFC 8032 says.
    ///
    /// # Errors
    /// [`IssueError::Crypto`] when the signature has not the length of the signer's curve.
    pub fn sign(mut self, signature: &[u8]) -> Result<IssuedMdoc, IssueError> {
        self.issuer_auth.write(&mut self.head, signature)?;
        Ok(IssuedMdoc {
            issuer_signed: self.head.into_vec(),
            device_key: self.device_key,
        })
    }
}

/// What is the same in all copies.
struct Common {
    validity: Validity,
    hash: HashAlgorithm,
    authorizations: Option<Vec<u8>>,
    curve: Curve,
    chain: Vec<Vec<u8>>,
}

pub(super) fn prepare(draft: &Draft, random: &dyn Random) -> Result<Vec<UnsignedMdoc>, IssueError> {
    let common = check(draft)?;
    draft
        .copies
        .iter()
        .map(|copy| write(draft, &common, copy, random))
        .collect()
}

fn check(draft: &Draft) -> Result<Common, IssueError> {
    if let Some(fault) = &draft.fault {
        return Err(fault.clone());
    }
    if draft.doc_type.is_empty() {
        return Err(IssueError::NoDocType);
    }
    let leaf = draft.chain.first().ok_or(IssueError::BadChain)?;
    if draft.chain.iter().any(|certificate| certificate.is_self_issued()) {
        return Err(IssueError::RootInChain);
    }
    let curve = leaf.public_key().curve();
    if !curve.can_sign() {
        return Err(IssueError::SignerCurve);
    }
    let validity = draft.validity()?;
    if validity.from < validity.signed {
        return Err(IssueError::ValidBeforeSigned);
    }
    if validity.until <= validity.from {
        return Err(IssueError::EmptyValidity);
    }
    if !leaf.is_valid_at(validity.signed) {
        return Err(IssueError::SignedOutsideCertificate);
    }
    if validity.until > leaf.not_after() {
        return Err(IssueError::OutlivesSigner);
    }
    let authorizations = check_authorizations(draft)?;
    check_copies(&draft.copies)?;
    rules::check(draft)?;
    Ok(Common {
        validity,
        hash: draft.hash.unwrap_or(HashAlgorithm::Sha256),
        authorizations,
        curve,
        chain: draft
            .chain
            .iter()
            .map(|certificate| certificate.der().to_vec())
            .collect(),
    })
}

fn check_authorizations(draft: &Draft) -> Result<Option<Vec<u8>>, IssueError> {
    let (spaces, elements) = (&draft.authorized_spaces, &draft.authorized_elements);
    if spaces.is_empty() && elements.is_empty() {
        return Ok(None);
    }
    if elements.iter().any(|(space, _)| spaces.contains(space)) {
        return Err(IssueError::KeyAuthorizations(
            "keyAuthorizations has a namespace in both lists",
        ));
    }
    let names = spaces.iter().chain(
        elements
            .iter()
            .flat_map(|(space, list)| core::iter::once(space).chain(list)),
    );
    if names.into_iter().any(String::is_empty) {
        return Err(IssueError::BadName);
    }
    Ok(Some(key_authorizations(spaces, elements)))
}

fn check_copies(copies: &[MdocCopy]) -> Result<(), IssueError> {
    if copies.is_empty() {
        return Err(IssueError::NoDeviceKey);
    }
    let mut keys = BTreeSet::new();
    let mut entries = BTreeSet::new();
    for copy in copies {
        if !keys.insert((copy.device_key.curve(), copy.device_key.x(), copy.device_key.y())) {
            return Err(IssueError::DuplicateDeviceKey);
        }
        if let Some(status) = &copy.status {
            let no_id = matches!(&status.id, StatusId::Identifier(id) if id.is_empty());
            if no_id || status.uri.is_empty() {
                return Err(IssueError::BadStatus);
            }
            if !entries.insert((&status.id, status.uri.as_str())) {
                return Err(IssueError::DuplicateStatus);
            }
        }
    }
    Ok(())
}

fn write(draft: &Draft, common: &Common, copy: &MdocCopy, random: &dyn Random) -> Result<UnsignedMdoc, IssueError> {
    let count = draft
        .name_spaces
        .iter()
        .fold(0_usize, |sum, space| sum.saturating_add(space.elements.len()));
    // A salt and four bytes of shuffling an item, drawn at once.
    let mut pool = Pool::draw(random, count.saturating_mul(SALT_BYTES.saturating_add(4)))?;
    let mut head = Encoder::with_capacity(capacity(draft, common));
    // digests[namespace][digest id]
    let mut digests: Vec<Vec<Option<Digest>>> = Vec::with_capacity(draft.name_spaces.len());
    if draft.name_spaces.is_empty() {
        head.map(1);
    } else {
        head.map(2).text("nameSpaces").map(draft.name_spaces.len());
    }
    for space in &draft.name_spaces {
        let ids = order(space.elements.len(), &mut pool)?;
        let mut of_space = vec![None; ids.len()];
        head.text(&space.name).array(space.elements.len());
        for (element, id) in space.elements.iter().zip(ids) {
            let salt: [u8; SALT_BYTES] = pool.take()?;
            let start = head.len();
            encode::item(&mut head, id as u64, &salt, &element.tail);
            let bytes = head.as_slice().get(start..).unwrap_or_default();
            if let Some(slot) = of_space.get_mut(id) {
                *slot = Some(digest(common.hash, bytes));
            }
        }
        digests.push(of_space);
    }
    let decoy = if digests.is_empty() {
        Some(random_digest(common.hash, random)?)
    } else {
        None
    };
    let status = copy.encoded_status();
    let mso = Mso {
        digest_algorithm: common.hash.name(),
        device_key: &copy.device_key,
        key_authorizations: common.authorizations.as_deref(),
        doc_type: &draft.doc_type,
        validity: common.validity,
        status: status.as_deref(),
    };
    let payload = encode::mso(
        &mso,
        count.saturating_mul(common.hash.len().saturating_add(6)),
        |e| match &decoy {
            // valueDigests is there even without elements, with one digest of nothing (A-I07).
            Some(decoy) => {
                e.map(1).text(&draft.doc_type).map(1).uint(0).bytes(decoy.as_ref());
            }
            None => {
                e.map(digests.len());
                for (space, digests) in draft.name_spaces.iter().zip(&digests) {
                    e.text(&space.name).map(digests.len());
                    for (id, digest) in digests.iter().enumerate() {
                        e.uint(id as u64)
                            .bytes(digest.as_ref().map(AsRef::as_ref).unwrap_or_default());
                    }
                }
            }
        },
    );
    head.text("issuerAuth");
    let chain = Chain {
        certificates: &common.chain,
        is_protected: false,
        with_x5t: draft.with_x5t,
    };
    let issuer_auth = PendingSign1::new(common.curve, chain, &payload, false)?;
    Ok(UnsignedMdoc {
        head,
        issuer_auth,
        device_key: copy.device_key,
    })
}

fn random_digest(hash: HashAlgorithm, random: &dyn Random) -> Result<Digest, IssueError> {
    let mut bytes = [0; 64];
    random.fill(&mut bytes)?;
    Ok(digest(hash, &bytes))
}

fn capacity(draft: &Draft, common: &Common) -> usize {
    let mut bytes = 64_usize;
    for certificate in &common.chain {
        bytes = bytes.saturating_add(certificate.len()).saturating_add(8);
    }
    for space in &draft.name_spaces {
        bytes = bytes
            .saturating_add(size::string(space.name.len()).saturating_mul(2))
            .saturating_add(6);
        for element in &space.elements {
            let item = element.tail.len().saturating_add(SALT_BYTES + 32);
            bytes = bytes
                .saturating_add(item)
                .saturating_add(common.hash.len().saturating_add(6));
        }
    }
    // The MSO's other members and the signature.
    bytes.saturating_add(1024)
}
