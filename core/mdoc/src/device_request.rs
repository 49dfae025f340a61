//! `DeviceRequest`: what a reader asks for, as received (ISO 18013-5 §8.3.2.1.2.1).

use crate::limits::{self, MAX_DOCUMENTS, MAX_ELEMENTS, MAX_NAME_SPACES, MAX_READER_AUTH_ALL};
use crate::parse::{list, name, named, not_empty, sign1};
use crate::{DeviceRequestInfo, DocRequestInfo, MdocError, Version};
use idwallet_cose::Sign1;
use idwallet_cose::cbor::{Decoder, InField, Key, Result, Tag24};

const CLAUSE: &str = "ISO 18013-5 §8.3.2.1.2.1";
const READER_AUTH: &str = "ISO 18013-5 §9.1.4";

/// One requested data element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestedElement<'a> {
    /// Its identifier.
    pub element: &'a str,
    /// Whether the reader means to keep the value (A-H45, A-V05).
    pub intent_to_retain: bool,
}

/// `ItemsRequest`: the elements asked from one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemsRequest<'a> {
    doc_type: &'a str,
    name_spaces: Vec<(&'a str, Vec<RequestedElement<'a>>)>,
    request_info: Option<DocRequestInfo<'a>>,
}

impl<'a> ItemsRequest<'a> {
    /// Parses the CBOR inside `ItemsRequestBytes`.
    ///
    /// # Errors
    /// [`MdocError::Malformed`] with offset, path and clause.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, MdocError> {
        Decoder::decode(bytes, limits::REQUEST, Self::read).map_err(MdocError::malformed("ItemsRequest"))
    }

    fn read(d: &mut Decoder<'a>) -> Result<Self> {
        let (mut doc_type, mut name_spaces, mut request_info) = (None, None, None);
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text("docType") => doc_type = Some(name(d).in_field("docType", CLAUSE)?),
                Key::Text("nameSpaces") => {
                    name_spaces = Some(named(d, MAX_NAME_SPACES, Self::read_elements).in_field("nameSpaces", CLAUSE)?);
                }
                Key::Text("requestInfo") => {
                    request_info = Some(DocRequestInfo::read(d).in_field("requestInfo", CLAUSE)?);
                }
                _ => d.skip()?,
            }
        }
        let name_spaces = d.required(name_spaces, "nameSpaces")?;
        not_empty(d, name_spaces.is_empty(), "nameSpaces is empty").in_field("", CLAUSE)?;
        Ok(Self {
            doc_type: d.required(doc_type, "docType")?,
            name_spaces,
            request_info,
        })
    }

    fn read_elements(d: &mut Decoder<'a>) -> Result<Vec<RequestedElement<'a>>> {
        let elements = named(d, MAX_ELEMENTS, Decoder::bool)?;
        not_empty(d, elements.is_empty(), "namespace without elements").in_field("", CLAUSE)?;
        Ok(elements
            .into_iter()
            .map(|(element, intent_to_retain)| RequestedElement {
                element,
                intent_to_retain,
            })
            .collect())
    }

    /// The document type asked for.
    #[must_use]
    pub fn doc_type(&self) -> &'a str {
        self.doc_type
    }

    /// The elements asked for by namespace, in the reader's order.
    #[must_use]
    pub fn name_spaces(&self) -> &[(&'a str, Vec<RequestedElement<'a>>)] {
        &self.name_spaces
    }

    /// Every element asked for with its namespace.
    pub fn elements(&self) -> impl Iterator<Item = (&'a str, RequestedElement<'a>)> + '_ {
        self.name_spaces
            .iter()
            .flat_map(|(space, elements)| elements.iter().map(|e| (*space, *e)))
    }

    /// Whether that element of that namespace is asked for by its own name.
    #[must_use]
    pub fn asks_for(&self, name_space: &str, element: &str) -> bool {
        self.elements()
            .any(|(space, e)| space == name_space && e.element == element)
    }

    /// Additional wishes.
    #[must_use]
    pub fn request_info(&self) -> Option<&DocRequestInfo<'a>> {
        self.request_info.as_ref()
    }
}

/// `DocRequest`: one document asked for, and who asks.
#[derive(Clone, Debug)]
pub struct DocRequest<'a> {
    items_request_bytes: Tag24<'a>,
    items_request: ItemsRequest<'a>,
    reader_auth: Option<Sign1<'a>>,
}

impl<'a> DocRequest<'a> {
    fn read(d: &mut Decoder<'a>) -> Result<Self> {
        let (mut items, mut reader_auth) = (None, None);
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text("itemsRequest") => {
                    let tagged = d.tag24().in_field("itemsRequest", CLAUSE)?;
                    items = Some((
                        tagged,
                        tagged.decode(ItemsRequest::read).in_field("itemsRequest", CLAUSE)?,
                    ));
                }
                Key::Text("readerAuth") => reader_auth = Some(sign1(d).in_field("readerAuth", READER_AUTH)?),
                _ => d.skip()?,
            }
        }
        let (items_request_bytes, items_request) = d.required(items, "itemsRequest")?;
        Ok(Self {
            items_request_bytes,
            items_request,
            reader_auth,
        })
    }

    /// `ItemsRequestBytes` as received, tag 24 included: what the reader signs.
    #[must_use]
    pub fn items_request_bytes(&self) -> &'a [u8] {
        self.items_request_bytes.encoded()
    }

    /// What is asked for.
    #[must_use]
    pub fn items_request(&self) -> &ItemsRequest<'a> {
        &self.items_request
    }

    /// The reader's signature, not verified: see [`crate::reader_auth`].
    #[must_use]
    pub fn reader_auth(&self) -> Option<&Sign1<'a>> {
        self.reader_auth.as_ref()
    }
}

/// A view of `DeviceRequest`. Parsing says nothing about who asks.
#[derive(Clone, Debug)]
pub struct DeviceRequest<'a> {
    bytes: &'a [u8],
    version: Version<'a>,
    doc_requests: Vec<DocRequest<'a>>,
    device_request_info: Option<(Tag24<'a>, DeviceRequestInfo<'a>)>,
    reader_auth_all: Vec<Sign1<'a>>,
}

impl<'a> DeviceRequest<'a> {
    /// Parses the bytes of one `DeviceRequest`; nothing may follow it (A-H40).
    ///
    /// # Errors
    /// [`MdocError::Malformed`] with offset, path and clause; [`MdocError::UnknownVersion`] for another major version than 1 (A-C05).
    pub fn parse(bytes: &'a [u8]) -> Result<Self, MdocError> {
        let view = Decoder::decode(bytes, limits::REQUEST, |d| Self::read(d, bytes))
            .map_err(MdocError::malformed("DeviceRequest"))?;
        if view.version.is_known() {
            Ok(view)
        } else {
            Err(MdocError::UnknownVersion("DeviceRequest"))
        }
    }

    fn read(d: &mut Decoder<'a>, bytes: &'a [u8]) -> Result<Self> {
        let (mut version, mut doc_requests, mut info, mut all) = (None, None, None, Vec::new());
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text("version") => version = Some(d.text().in_field("version", CLAUSE)?),
                Key::Text("docRequests") => {
                    doc_requests = Some(list(d, MAX_DOCUMENTS, DocRequest::read).in_field("docRequests", CLAUSE)?);
                }
                Key::Text("deviceRequestInfo") => {
                    let clause = "ISO 18013-5 2nd edition §10.2.8";
                    let tagged = d.tag24().in_field("deviceRequestInfo", clause)?;
                    info = Some((
                        tagged,
                        tagged
                            .decode(DeviceRequestInfo::read)
                            .in_field("deviceRequestInfo", clause)?,
                    ));
                }
                Key::Text("readerAuthAll") => {
                    all = list(d, MAX_READER_AUTH_ALL, sign1)
                        .in_field("readerAuthAll", "ISO 18013-5 2nd edition §12.5.4")?;
                }
                _ => d.skip()?,
            }
        }
        let doc_requests = d.required(doc_requests, "docRequests")?;
        not_empty(d, doc_requests.is_empty(), "docRequests is empty").in_field("", CLAUSE)?;
        Ok(Self {
            bytes,
            version: Version::new(d.required(version, "version")?),
            doc_requests,
            device_request_info: info,
            reader_auth_all: all,
        })
    }

    /// The bytes as received.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// `version`.
    #[must_use]
    pub fn version(&self) -> Version<'a> {
        self.version
    }

    /// The documents asked for; at least one.
    #[must_use]
    pub fn doc_requests(&self) -> &[DocRequest<'a>] {
        &self.doc_requests
    }

    /// What the 2nd edition adds for the request as a whole.
    #[must_use]
    pub fn device_request_info(&self) -> Option<&DeviceRequestInfo<'a>> {
        self.device_request_info.as_ref().map(|(_, info)| info)
    }

    /// `DeviceRequestInfoBytes` as received, tag 24 included.
    #[must_use]
    pub fn device_request_info_bytes(&self) -> Option<&'a [u8]> {
        self.device_request_info.as_ref().map(|(tagged, _)| tagged.encoded())
    }

    /// Signatures over the whole request, not verified: see [`crate::reader_auth`].
    #[must_use]
    pub fn reader_auth_all(&self) -> &[Sign1<'a>] {
        &self.reader_auth_all
    }
}
