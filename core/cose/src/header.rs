//! COSE headers: the protected bytes as received and one view over both buckets.

use crate::cbor::{self, Decoder, ErrorKind, InField, Item, Key, Limits, Type};
use crate::error::{CoseError, Result};

/// Labels of header parameters (IANA COSE Header Parameters).
pub mod label {
    /// Algorithm.
    pub const ALG: i64 = 1;
    /// Critical header parameters.
    pub const CRIT: i64 = 2;
    /// Content type.
    pub const CONTENT_TYPE: i64 = 3;
    /// Key identifier.
    pub const KID: i64 = 4;
    /// Type of the complete object (RFC 9596).
    pub const TYP: i64 = 16;
    /// Ordered chain of X.509 certificates (RFC 9360).
    pub const X5CHAIN: i64 = 33;
    /// Hash of an X.509 certificate (RFC 9360).
    pub const X5T: i64 = 34;
}

/// The labels this implementation processes, so that `crit` may name them.
const UNDERSTOOD: [i64; 6] = [
    label::ALG,
    label::CONTENT_TYPE,
    label::KID,
    label::TYP,
    label::X5CHAIN,
    label::X5T,
];

/// Most header parameters in one bucket.
pub const MAX_PARAMETERS: usize = 32;
/// Most certificates in one `x5chain`.
pub const MAX_CHAIN: usize = 16;

const CLAUSE: &str = "RFC 9052 §3";

/// In which bucket a header parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Covered by the signature or MAC.
    Protected,
    /// Not covered.
    Unprotected,
}

/// Whether a structure may or must start with its tag (18, 17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagPolicy {
    /// Untagged, as everywhere in mdocs (A-C07).
    Forbidden,
    /// With or without.
    Allowed,
    /// Always.
    Required,
}

/// How strictly a COSE structure is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The leading tag.
    pub tag: TagPolicy,
    /// Whether `alg` may be in the unprotected header.
    pub unprotected_algorithm: bool,
    /// Bounds for [`crate::Sign1::parse`] and [`crate::Mac0::parse`]; within a larger structure those of its decoder hold.
    pub limits: Limits,
}

impl Policy {
    /// ISO 18013-5: untagged, `alg` protected (A-C07).
    pub const MDOC: Self = Self {
        tag: TagPolicy::Forbidden,
        unprotected_algorithm: false,
        limits: Limits::DEFAULT,
    };
    /// Tag as the sender likes, `alg` protected: CWTs, trust lists.
    pub const TAG_ALLOWED: Self = Self {
        tag: TagPolicy::Allowed,
        ..Self::MDOC
    };
    /// The tag is mandatory, `alg` protected.
    pub const TAG_REQUIRED: Self = Self {
        tag: TagPolicy::Required,
        ..Self::MDOC
    };

    /// Reads the tag as the policy wants it.
    pub(crate) fn read_tag(&self, d: &mut Decoder<'_>, number: u64) -> Result<()> {
        let is_tagged = d.peek()? == Type::Tag;
        match self.tag {
            TagPolicy::Forbidden if is_tagged => Err(CoseError::UnexpectedTag),
            TagPolicy::Required if !is_tagged => Err(CoseError::MissingTag { expected: number }),
            _ if is_tagged => Ok(d.expect_tag(number)?),
            _ => Ok(()),
        }
    }
}

/// A header parameter as received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter<'a> {
    /// An integer or text.
    pub label: Key<'a>,
    /// The bucket.
    pub place: Place,
    /// The value.
    pub value: Item<'a>,
}

/// Both header buckets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers<'a> {
    protected: &'a [u8],
    parameters: Vec<Parameter<'a>>,
    has_unprotected_algorithm_policy: bool,
}

/// An `alg` value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlgorithmId<'a> {
    /// A registered number.
    Number(i64),
    /// A name; none is registered.
    Name(&'a str),
}

impl<'a> Headers<'a> {
    /// Reads the protected byte string and the unprotected map.
    pub(crate) fn read(d: &mut Decoder<'a>, policy: &Policy) -> Result<Self> {
        let protected = d.bytes().in_field("protected", CLAUSE)?;
        let mut headers = Self {
            protected,
            parameters: Vec::new(),
            has_unprotected_algorithm_policy: policy.unprotected_algorithm,
        };
        // RFC 9052 §3: an empty map may be an empty byte string or h'a0'.
        if !protected.is_empty() {
            let mut inner = Decoder::with_limits(protected, d.limits());
            headers.read_bucket(&mut inner, Place::Protected)?;
            inner.finish().in_field("protected", CLAUSE)?;
        }
        headers.read_bucket(d, Place::Unprotected)?;
        headers.check_types()?;
        Ok(headers)
    }

    fn read_bucket(&mut self, d: &mut Decoder<'a>, place: Place) -> Result<()> {
        let field = match place {
            Place::Protected => "protected",
            Place::Unprotected => "unprotected",
        };
        let others = self.parameters.len();
        let mut map = d.map().in_field(field, CLAUSE)?;
        loop {
            let before = d.clone();
            let Some(label) = map.next_key(d).in_field(field, CLAUSE)? else {
                return Ok(());
            };
            let is_label = matches!(label, Key::Int(_) | Key::Text(_));
            if !is_label {
                let kind = ErrorKind::WrongType {
                    expected: Type::Unsigned,
                    found: before.peek()?,
                };
                return Err(before.error(kind).in_field(field, CLAUSE).into());
            }
            if self.parameters.len().saturating_sub(others) >= MAX_PARAMETERS {
                return Err(before.error(ErrorKind::TooManyItems).in_field(field, CLAUSE).into());
            }
            if self.parameters.iter().take(others).any(|other| other.label == label) {
                return Err(label
                    .as_int()
                    .map_or(CoseError::DuplicateTextLabel, CoseError::DuplicateLabel));
            }
            let value = d.item().in_field(field, CLAUSE)?;
            self.parameters.push(Parameter { label, place, value });
        }
    }

    /// The types of the parameters we know, so that the accessors need no result.
    fn check_types(&self) -> Result<()> {
        for parameter in &self.parameters {
            let value = parameter.value;
            match parameter.label {
                Key::Int(label::ALG) => check(
                    value,
                    |d| {
                        if d.peek()? == Type::Text {
                            d.text().map(drop)
                        } else {
                            d.i64().map(drop)
                        }
                    },
                    "alg",
                    CLAUSE,
                )?,
                Key::Int(label::KID) => check(value, |d| d.bytes().map(drop), "kid", CLAUSE)?,
                Key::Int(label::X5CHAIN) => check(value, check_chain, "x5chain", "RFC 9360 §2")?,
                Key::Int(label::X5T) => check(value, |d| read_x5t(d).map(drop), "x5t", "RFC 9360 §2")?,
                Key::Int(label::TYP) => check(value, check_media_type, "typ", "RFC 9596 §2")?,
                Key::Int(label::CONTENT_TYPE) => check(value, check_media_type, "content type", "RFC 9052 §3.1")?,
                _ => {}
            }
        }
        Ok(())
    }

    /// The protected header as received: the content of the byte string.
    #[must_use]
    pub fn protected_bytes(&self) -> &'a [u8] {
        self.protected
    }

    /// What goes into Sig_structure and MAC_structure: an empty map is the empty byte string there, `h'a0'` too (RFC 9052 §4.4).
    #[must_use]
    pub fn protected_for_structure(&self) -> &'a [u8] {
        let has_protected = self
            .parameters
            .iter()
            .any(|parameter| parameter.place == Place::Protected);
        if has_protected { self.protected } else { &[] }
    }

    /// All parameters, protected ones first, in the order received.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter<'a>] {
        &self.parameters
    }

    /// The parameter with this integer label.
    #[must_use]
    pub fn get(&self, label: i64) -> Option<&Parameter<'a>> {
        self.parameters
            .iter()
            .find(|parameter| parameter.label == Key::Int(label))
    }

    /// `alg` and its bucket.
    #[must_use]
    pub fn algorithm(&self) -> Option<(AlgorithmId<'a>, Place)> {
        let parameter = self.get(label::ALG)?;
        let mut d = parameter.value.decoder();
        let id = match parameter.value.kind() {
            Type::Text => AlgorithmId::Name(d.text().ok()?),
            _ => AlgorithmId::Number(d.i64().ok()?),
        };
        Some((id, parameter.place))
    }

    /// The number of the algorithm to verify with, from the bucket the policy allows (A-C07).
    ///
    /// # Errors
    /// [`CoseError::AlgorithmMissing`], [`CoseError::AlgorithmNotProtected`], [`CoseError::AlgorithmText`].
    pub fn required_algorithm(&self) -> Result<i64> {
        let (id, place) = self.algorithm().ok_or(CoseError::AlgorithmMissing)?;
        if place == Place::Unprotected && !self.has_unprotected_algorithm_policy {
            return Err(CoseError::AlgorithmNotProtected);
        }
        match id {
            AlgorithmId::Number(number) => Ok(number),
            AlgorithmId::Name(_) => Err(CoseError::AlgorithmText),
        }
    }

    /// `kid` and its bucket.
    #[must_use]
    pub fn key_id(&self) -> Option<(&'a [u8], Place)> {
        let parameter = self.get(label::KID)?;
        Some((parameter.value.decoder().bytes().ok()?, parameter.place))
    }

    /// `typ` where it is text (RFC 9596).
    #[must_use]
    pub fn typ(&self) -> Option<(&'a str, Place)> {
        let parameter = self.get(label::TYP)?;
        Some((parameter.value.decoder().text().ok()?, parameter.place))
    }

    /// Content type where it is text.
    #[must_use]
    pub fn content_type(&self) -> Option<(&'a str, Place)> {
        let parameter = self.get(label::CONTENT_TYPE)?;
        Some((parameter.value.decoder().text().ok()?, parameter.place))
    }

    /// `x5chain`, leaf first.
    #[must_use]
    pub fn x5chain(&self) -> Option<X5Chain<'a>> {
        self.get(label::X5CHAIN).map(|parameter| X5Chain {
            value: parameter.value,
            place: parameter.place,
        })
    }

    /// `x5t`: hash algorithm number, hash value, bucket. A hash algorithm given by name comes as `None`.
    #[must_use]
    pub fn x5t(&self) -> Option<(Option<i64>, &'a [u8], Place)> {
        let parameter = self.get(label::X5T)?;
        let (algorithm, hash) = parameter.value.decode(read_x5t).ok()?;
        Some((algorithm, hash, parameter.place))
    }

    /// Checks `crit`: protected, not empty, each named parameter protected and understood (X-C04, RFC 9052 §3.1). Verification calls it.
    ///
    /// # Errors
    /// [`CoseError::InvalidCritical`], [`CoseError::UnknownCritical`].
    pub fn check_critical(&self) -> Result<()> {
        let Some(parameter) = self.get(label::CRIT) else {
            return Ok(());
        };
        if parameter.place != Place::Protected {
            return Err(CoseError::InvalidCritical);
        }
        let mut d = parameter.value.decoder();
        let mut array = d.array().map_err(|_| CoseError::InvalidCritical)?;
        if array.is_empty() {
            return Err(CoseError::InvalidCritical);
        }
        while array.next(&mut d)? {
            if d.peek()? == Type::Text {
                return Err(CoseError::UnknownCritical);
            }
            let label = d.i64().map_err(|_| CoseError::InvalidCritical)?;
            if !UNDERSTOOD.contains(&label) {
                return Err(CoseError::UnknownCritical);
            }
            if self.get(label).is_none_or(|named| named.place != Place::Protected) {
                return Err(CoseError::InvalidCritical);
            }
        }
        Ok(())
    }
}

fn check<'a>(
    value: Item<'a>,
    read: impl FnOnce(&mut Decoder<'a>) -> cbor::Result<()>,
    field: &'static str,
    clause: &'static str,
) -> Result<()> {
    Ok(value.decode(read).in_field(field, clause)?)
}

fn check_media_type(d: &mut Decoder<'_>) -> cbor::Result<()> {
    if d.peek()? == Type::Text {
        d.text().map(drop)
    } else {
        d.u64().map(drop)
    }
}

fn check_chain(d: &mut Decoder<'_>) -> cbor::Result<()> {
    if d.peek()? == Type::Bytes {
        return d.bytes().map(drop);
    }
    let mut array = d.array()?;
    match array.len() {
        Some(0) => return Err(d.error(ErrorKind::InvalidValue("certificate chain is empty"))),
        Some(length) if length > MAX_CHAIN => {
            return Err(d.error(ErrorKind::InvalidValue("certificate chain is too long")));
        }
        _ => {}
    }
    while array.next(d)? {
        d.bytes()?;
    }
    Ok(())
}

fn read_x5t<'a>(d: &mut Decoder<'a>) -> cbor::Result<(Option<i64>, &'a [u8])> {
    d.array_of(2)?;
    let algorithm = if d.peek()? == Type::Text {
        d.text().map(|_| None)?
    } else {
        Some(d.i64()?)
    };
    Ok((algorithm, d.bytes()?))
}

/// The certificates of an `x5chain` header, DER as received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct X5Chain<'a> {
    value: Item<'a>,
    place: Place,
}

impl<'a> X5Chain<'a> {
    /// The bucket it was in.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// The certificates, leaf first; at least one.
    pub fn certificates(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut d = self.value.decoder();
        // A single certificate is a bare byte string; reading an array head fails for it and moves nothing.
        let mut array = if self.value.kind() == Type::Array {
            d.array().ok()
        } else {
            None
        };
        let mut is_single = array.is_none();
        core::iter::from_fn(move || match &mut array {
            Some(array) => array.next(&mut d).ok()?.then(|| d.bytes().ok()).flatten(),
            None => core::mem::take(&mut is_single).then(|| d.bytes().ok()).flatten(),
        })
    }

    /// The certificates, leaf first, collected.
    #[must_use]
    pub fn to_vec(&self) -> Vec<&'a [u8]> {
        self.certificates().collect()
    }
}
