//! What the 2nd edition adds to a request: `requestInfo` and `deviceRequestInfo` (2nd edition §10.2.4–10.2.8, A-H47).

use crate::limits::{MAX_DOCUMENTS, MAX_EXTENSIONS, MAX_LIST};
use crate::parse::{list, name, not_empty};
use idwallet_cose::cbor::{Decoder, InField, Item, Key, Result};

const INFO: &str = "ISO 18013-5 2nd edition §10.2.4";
const DEVICE_INFO: &str = "ISO 18013-5 2nd edition §10.2.8";

/// One data element: namespace and identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ElementReference<'a> {
    /// Namespace.
    pub name_space: &'a str,
    /// Identifier.
    pub element: &'a str,
}

impl<'a> ElementReference<'a> {
    fn read(d: &mut Decoder<'a>) -> Result<Self> {
        d.array_of(2)?;
        Ok(Self {
            name_space: name(d)?,
            element: name(d)?,
        })
    }
}

/// What may be given instead of a requested element that the document does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlternativeDataElements<'a> {
    /// The element asked for.
    pub requested: ElementReference<'a>,
    /// Sets of elements; all of one set stand for the requested one, the first set that can be given wins.
    pub alternatives: Vec<Vec<ElementReference<'a>>>,
}

impl<'a> AlternativeDataElements<'a> {
    fn read(d: &mut Decoder<'a>) -> Result<Self> {
        let (mut requested, mut alternatives) = (None, None);
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text("requestedElement") => {
                    requested = Some(ElementReference::read(d).in_field("requestedElement", INFO)?);
                }
                Key::Text("alternativeElementSets") => {
                    let read = |d: &mut Decoder<'a>| list(d, MAX_LIST, ElementReference::read);
                    alternatives = Some(list(d, MAX_LIST, read).in_field("alternativeElementSets", INFO)?);
                }
                _ => d.skip()?,
            }
        }
        Ok(Self {
            requested: d.required(requested, "requestedElement")?,
            alternatives: d.required(alternatives, "alternativeElementSets")?,
        })
    }
}

/// `requestInfo` of an `ItemsRequest`. Unknown keys are ignored (A-H48).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocRequestInfo<'a> {
    /// Alternatives for elements the document does not have.
    pub alternative_data_elements: Vec<AlternativeDataElements<'a>>,
    /// Key identifiers (AKI) of the issuers whose documents are wanted; `None`: any.
    pub issuer_identifiers: Option<Vec<&'a [u8]>>,
    /// Whether only documents of one set may be given.
    pub unique_doc_set_required: Option<bool>,
    /// Largest response that the reader takes, in bytes.
    pub maximum_response_size: Option<u64>,
    /// Request for zero-knowledge proofs, not interpreted.
    pub zk_request: Option<Item<'a>>,
    /// Parameters for encrypting the document, not interpreted.
    pub doc_response_encryption: Option<Item<'a>>,
    /// Members that no edition names, not interpreted; those after the first [`MAX_EXTENSIONS`] are ignored.
    pub extensions: Vec<(&'a str, Item<'a>)>,
}

impl<'a> DocRequestInfo<'a> {
    pub(crate) fn read(d: &mut Decoder<'a>) -> Result<Self> {
        let mut out = Self::default();
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text("alternativeDataElements") => {
                    out.alternative_data_elements =
                        list(d, MAX_LIST, AlternativeDataElements::read).in_field("alternativeDataElements", INFO)?;
                }
                Key::Text("issuerIdentifiers") => {
                    out.issuer_identifiers =
                        Some(list(d, MAX_LIST, Decoder::bytes).in_field("issuerIdentifiers", INFO)?);
                }
                Key::Text("uniqueDocSetRequired") => {
                    out.unique_doc_set_required = Some(d.bool().in_field("uniqueDocSetRequired", INFO)?);
                }
                Key::Text("maximumResponseSize") => {
                    out.maximum_response_size = Some(d.u64().in_field("maximumResponseSize", INFO)?);
                }
                Key::Text("zkRequest") => out.zk_request = Some(d.item()?),
                Key::Text("docResponseEncryption") => out.doc_response_encryption = Some(d.item()?),
                Key::Text(name) if out.extensions.len() < MAX_EXTENSIONS => out.extensions.push((name, d.item()?)),
                _ => d.skip()?,
            }
        }
        Ok(out)
    }

    /// A member that no edition names.
    #[must_use]
    pub fn extension(&self, name: &str) -> Option<Item<'a>> {
        self.extensions
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, item)| *item)
    }

    /// Whether the reader takes nothing but a zero-knowledge proof (`zkRequired`).
    #[must_use]
    pub fn zk_required(&self) -> bool {
        let read = |d: &mut Decoder<'a>| {
            let mut required = false;
            let mut map = d.map()?;
            while let Some(key) = map.next_key(d)? {
                match key {
                    Key::Text("zkRequired") => required = d.bool()?,
                    _ => d.skip()?,
                }
            }
            Ok(required)
        };
        // A zkRequest that cannot be read is one that cannot be met.
        self.zk_request.is_some_and(|item| item.decode(read).unwrap_or(true))
    }
}

/// One use case: sets of document requests of which one set is to be answered (2nd edition §10.2.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseCase<'a> {
    /// Whether the reader cannot go on without it.
    pub mandatory: bool,
    /// Alternatives, best first; each is a list of indices into `docRequests`.
    pub document_sets: Vec<Vec<u64>>,
    /// Purpose codes by the controller that defines them.
    pub purpose_hints: Vec<(&'a str, i64)>,
}

impl<'a> UseCase<'a> {
    fn read(d: &mut Decoder<'a>) -> Result<Self> {
        let (mut mandatory, mut sets, mut hints) = (None, None, Vec::new());
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text("mandatory") => mandatory = Some(d.bool().in_field("mandatory", DEVICE_INFO)?),
                Key::Text("documentSets") => {
                    let read = |d: &mut Decoder<'a>| list(d, MAX_DOCUMENTS, Decoder::u64);
                    sets = Some(list(d, MAX_LIST, read).in_field("documentSets", DEVICE_INFO)?);
                }
                Key::Text("purposeHints") => {
                    hints = crate::parse::named(d, MAX_LIST, Decoder::i64).in_field("purposeHints", DEVICE_INFO)?;
                }
                _ => d.skip()?,
            }
        }
        let document_sets = d.required(sets, "documentSets")?;
        not_empty(d, document_sets.is_empty(), "documentSets is empty")?;
        Ok(Self {
            mandatory: d.required(mandatory, "mandatory")?,
            document_sets,
            purpose_hints: hints,
        })
    }
}

/// `deviceRequestInfo` of a `DeviceRequest` 1.1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceRequestInfo<'a> {
    /// The use cases; empty when the reader names none.
    pub use_cases: Vec<UseCase<'a>>,
}

impl<'a> DeviceRequestInfo<'a> {
    pub(crate) fn read(d: &mut Decoder<'a>) -> Result<Self> {
        let mut out = Self::default();
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text("useCases") => {
                    out.use_cases = list(d, MAX_LIST, UseCase::read).in_field("useCases", DEVICE_INFO)?
                }
                _ => d.skip()?,
            }
        }
        Ok(out)
    }
}
