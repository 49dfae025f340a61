//! The issuer: from data elements and device keys to signed credentials (ISO 18013-5 §9.1.2, A-I01 to A-I14).
//!
//! ```no_run
//! use idwallet_crypto::{PrivateKey, PublicKey, SystemRandom, Timestamp, x509::Certificate};
//! use idwallet_mdoc::issue::MdocIssuer;
//! # fn run(signer: PrivateKey, chain: Vec<Certificate>, device_keys: Vec<PublicKey>, from: Timestamp, until: Timestamp)
//! # -> Result<(), idwallet_mdoc::issue::IssueError> {
//! let credentials = MdocIssuer::new(&signer, chain)
//!     .doc_type("vn.gov.example.card.1")
//!     .validity(from..until)
//!     .element("vn.gov.example.card.1", "family_name", "Nguyễn")
//!     .copies(device_keys) // fresh salts and digest ids for each
//!     .issue(&SystemRandom::new())?;
//! # Ok(()) }
//! ```

mod build;
mod element;
mod encode;
mod error;
mod rules;
mod shuffle;

pub use build::{IssuedMdoc, UnsignedMdoc};
use core::fmt;
pub use element::ElementValue;
pub use encode::SALT_BYTES;
use encode::{Mso, Validity};
pub use error::IssueError;
pub use rules::MAX_LATIN1_CHARS;

use crate::limits::{MAX_ELEMENTS, MAX_NAME_BYTES, MAX_NAME_SPACES};
use core::ops::Range;
use idwallet_cose::cbor::Encoder;
use idwallet_crypto::x509::Certificate;
use idwallet_crypto::{HashAlgorithm, PublicKey, Random, Signer, Timestamp};

/// One copy of the credential: the device key it is bound to and its entry in a status mechanism.
#[derive(Clone, Debug)]
pub struct MdocCopy {
    device_key: PublicKey,
    status: Option<Status>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum StatusId {
    Index(u64),
    Identifier(Vec<u8>),
}

#[derive(Clone, Debug)]
struct Status {
    id: StatusId,
    uri: String,
    certificate: Option<Vec<u8>>,
}

impl MdocCopy {
    /// A copy for that device key, without status.
    #[must_use]
    pub fn new(device_key: PublicKey) -> Self {
        Self {
            device_key,
            status: None,
        }
    }

    /// With an index in a token status list (A-I20); random and used once (A-I23).
    #[must_use]
    pub fn status_list(self, idx: u64, uri: impl Into<String>) -> Self {
        let status = Status {
            id: StatusId::Index(idx),
            uri: uri.into(),
            certificate: None,
        };
        Self {
            status: Some(status),
            ..self
        }
    }

    /// With an identifier in an identifier list (A-I20); used once (A-I23).
    #[must_use]
    pub fn identifier_list(self, id: impl Into<Vec<u8>>, uri: impl Into<String>) -> Self {
        let status = Status {
            id: StatusId::Identifier(id.into()),
            uri: uri.into(),
            certificate: None,
        };
        Self {
            status: Some(status),
            ..self
        }
    }

    /// Names the trust point of the list, DER; else it is the issuer's own authority (A-V30). Nothing without a status.
    #[must_use]
    pub fn status_certificate(mut self, certificate: &Certificate) -> Self {
        if let Some(status) = &mut self.status {
            status.certificate = Some(certificate.der().to_vec());
        }
        self
    }

    /// The encoded `status` (A-I20).
    fn encoded_status(&self) -> Option<Vec<u8>> {
        let status = self.status.as_ref()?;
        let mut e = Encoder::new();
        let entries = if status.certificate.is_some() { 3 } else { 2 };
        match &status.id {
            StatusId::Index(idx) => e.map(1).text("status_list").map(entries).text("idx").uint(*idx),
            StatusId::Identifier(id) => e.map(1).text("identifier_list").map(entries).text("id").bytes(id),
        };
        e.text("uri").text(&status.uri);
        if let Some(certificate) = &status.certificate {
            e.text("certificate").bytes(certificate);
        }
        Some(e.into_vec())
    }
}

impl From<PublicKey> for MdocCopy {
    fn from(device_key: PublicKey) -> Self {
        Self::new(device_key)
    }
}

/// An element: its encoded tail `elementIdentifier … elementValue …`, and where in it the value starts.
#[derive(Clone)]
struct Element {
    identifier: String,
    tail: Vec<u8>,
    value_at: usize,
}

impl fmt::Debug for Element {
    /// The name without the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({})", self.identifier)
    }
}

impl Element {
    fn value(&self) -> &[u8] {
        self.tail.get(self.value_at..).unwrap_or_default()
    }
}

#[derive(Clone, Debug)]
struct NameSpace {
    name: String,
    elements: Vec<Element>,
}

/// Everything but the key that signs.
#[derive(Clone, Debug, Default)]
struct Draft {
    chain: Vec<Certificate>,
    doc_type: String,
    validity: Option<Range<Timestamp>>,
    signed: Option<Timestamp>,
    expected_update: Option<Timestamp>,
    coarse: bool,
    hash: Option<HashAlgorithm>,
    name_spaces: Vec<NameSpace>,
    authorized_spaces: Vec<String>,
    authorized_elements: Vec<(String, Vec<String>)>,
    copies: Vec<MdocCopy>,
    with_x5t: bool,
    /// The first thing that was wrong while the draft was written.
    fault: Option<IssueError>,
}

impl Draft {
    fn signer_country(&self) -> Option<&str> {
        self.chain.first()?.subject().country()
    }

    /// The dates as they are written.
    fn validity(&self) -> Result<Validity, IssueError> {
        let range = self.validity.as_ref().ok_or(IssueError::NoValidity)?;
        let coarse = |time: Timestamp| if self.coarse { start_of_day(time) } else { time };
        Ok(Validity {
            signed: coarse(self.signed.unwrap_or(range.start)),
            from: coarse(range.start),
            until: coarse(range.end),
            expected_update: self.expected_update.map(coarse),
        })
    }

    fn add(&mut self, name_space: &str, element: &str, value: ElementValue) -> Result<(), IssueError> {
        let fits = |name: &str| !name.is_empty() && name.len() <= MAX_NAME_BYTES;
        if !fits(name_space) || !fits(element) {
            return Err(IssueError::BadName);
        }
        let value = value.into_bytes(element)?;
        let at = match self.name_spaces.iter().position(|s| s.name == name_space) {
            Some(at) => at,
            None => {
                self.name_spaces.push(NameSpace {
                    name: name_space.to_owned(),
                    elements: Vec::new(),
                });
                self.name_spaces.len().saturating_sub(1)
            }
        };
        let spaces = self.name_spaces.len();
        let Some(space) = self.name_spaces.get_mut(at) else {
            return Ok(());
        };
        if space.elements.len() >= MAX_ELEMENTS || spaces > MAX_NAME_SPACES {
            return Err(IssueError::TooMany);
        }
        if space.elements.iter().any(|e| e.identifier == element) {
            return Err(IssueError::DuplicateElement {
                element: element.to_owned(),
            });
        }
        let tail = encode::item_tail(element, &value);
        let value_at = tail.len().saturating_sub(value.len());
        space.elements.push(Element {
            identifier: element.to_owned(),
            tail,
            value_at,
        });
        Ok(())
    }
}

fn start_of_day(time: Timestamp) -> Timestamp {
    Timestamp::from_utc(time.date(), 0, 0, 0).unwrap_or(time)
}

/// Issues one credential in one or many copies.
///
/// `S` is the key that signs, or `()` when the signature is made elsewhere and only [`Self::prepare`] is used.
/// Nothing is checked until `prepare` or `issue`, which report the first fault.
#[derive(Clone, Debug)]
pub struct MdocIssuer<S> {
    signer: S,
    draft: Draft,
}

impl MdocIssuer<()> {
    /// For a document signer whose key is elsewhere: [`Self::prepare`] gives what it has to sign.
    #[must_use]
    pub fn without_key(chain: Vec<Certificate>) -> Self {
        Self {
            signer: (),
            draft: Draft {
                chain,
                ..Draft::default()
            },
        }
    }
}

impl<S: Signer> MdocIssuer<S> {
    /// For a document signer with its key and its chain, signer's certificate first, without the root (A-I09).
    #[must_use]
    pub fn new(signer: S, chain: Vec<Certificate>) -> Self {
        Self {
            signer,
            draft: Draft {
                chain,
                ..Draft::default()
            },
        }
    }

    /// Issues every copy.
    ///
    /// # Errors
    /// [`IssueError`]: the first rule that is broken, or a failure of the key or of the randomness.
    pub fn issue(&self, random: &dyn Random) -> Result<Vec<IssuedMdoc>, IssueError> {
        if self
            .draft
            .chain
            .first()
            .is_some_and(|leaf| leaf.public_key() != self.signer.public_key())
        {
            return Err(IssueError::SignerMismatch);
        }
        let unsigned = self.prepare(random)?;
        unsigned
            .into_iter()
            .map(|mdoc| {
                let signature = self.signer.sign(mdoc.to_be_signed())?;
                mdoc.sign(&signature)
            })
            .collect()
    }
}

impl<S> MdocIssuer<S> {
    /// The document type (A-C01).
    #[must_use]
    pub fn doc_type(mut self, doc_type: impl Into<String>) -> Self {
        self.draft.doc_type = doc_type.into();
        self
    }

    /// `validFrom` and `validUntil` (A-I01, A-I02).
    #[must_use]
    pub fn validity(mut self, period: Range<Timestamp>) -> Self {
        self.draft.validity = Some(period);
        self
    }

    /// `signed`; `validFrom` when not given.
    #[must_use]
    pub fn signed_at(mut self, time: Timestamp) -> Self {
        self.draft.signed = Some(time);
        self
    }

    /// `expectedUpdate`.
    #[must_use]
    pub fn expected_update(mut self, time: Timestamp) -> Self {
        self.draft.expected_update = Some(time);
        self
    }

    /// Writes every date as the start of its day (UTC), so that the times link no two credentials (A-I03).
    #[must_use]
    pub fn coarse_timestamps(mut self) -> Self {
        self.draft.coarse = true;
        self
    }

    /// The digest algorithm of all elements (A-I06); SHA-256 when not given.
    #[must_use]
    pub fn digest_algorithm(mut self, algorithm: HashAlgorithm) -> Self {
        self.draft.hash = Some(algorithm);
        self
    }

    /// Adds a data element.
    #[must_use]
    pub fn element(mut self, name_space: &str, identifier: &str, value: impl Into<ElementValue>) -> Self {
        if let Err(fault) = self.draft.add(name_space, identifier, value.into()) {
            self.draft.fault.get_or_insert(fault);
        }
        self
    }

    /// Lets the device key sign every element of a namespace (A-I08).
    #[must_use]
    pub fn authorize_name_space(mut self, name_space: impl Into<String>) -> Self {
        self.draft.authorized_spaces.push(name_space.into());
        self
    }

    /// Lets the device key sign one element (A-I08).
    #[must_use]
    pub fn authorize_element(mut self, name_space: &str, identifier: impl Into<String>) -> Self {
        let lists = &mut self.draft.authorized_elements;
        match lists.iter_mut().find(|(space, _)| space == name_space) {
            Some((_, list)) => list.push(identifier.into()),
            None => lists.push((name_space.to_owned(), vec![identifier.into()])),
        }
        self
    }

    /// Puts the SHA-256 of the signer's certificate into the protected header (`x5t`, A-I09).
    #[must_use]
    pub fn with_x5t(mut self) -> Self {
        self.draft.with_x5t = true;
        self
    }

    /// Adds one copy.
    #[must_use]
    pub fn copy(mut self, copy: impl Into<MdocCopy>) -> Self {
        self.draft.copies.push(copy.into());
        self
    }

    /// Adds a copy for each device key (A-I14).
    #[must_use]
    pub fn copies(mut self, copies: impl IntoIterator<Item = impl Into<MdocCopy>>) -> Self {
        self.draft.copies.extend(copies.into_iter().map(Into::into));
        self
    }

    /// Everything but the signatures: one [`UnsignedMdoc`] a copy, in the order the copies were given.
    ///
    /// # Errors
    /// [`IssueError`]: the first rule that is broken, or a failure of the randomness.
    pub fn prepare(&self, random: &dyn Random) -> Result<Vec<UnsignedMdoc>, IssueError> {
        build::prepare(&self.draft, random)
    }
}
