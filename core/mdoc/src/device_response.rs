//! `DeviceResponse`: what a holder gives, as received (ISO 18013-5 §8.3.2.1.2.2).

use crate::limits::{self, MAX_DOCUMENTS, MAX_ELEMENTS, MAX_NAME_SPACES};
use crate::parse::{list, mac0, name, named, not_empty, sign1};
use crate::{IssuerSigned, MdocError, Version};
use core::fmt;
use idwallet_cose::cbor::{Decoder, ErrorKind, InField, Item, Key, Result, Tag24};
use idwallet_cose::{Mac0, Sign1};

const CLAUSE: &str = "ISO 18013-5 §8.3.2.1.2.2";
const DEVICE_AUTH: &str = "ISO 18013-5 §9.1.3.4";

/// `DeviceAuth`: exactly one of the two (A-H55).
#[derive(Clone, Debug)]
pub enum DeviceAuth<'a> {
    /// `deviceSignature`.
    Signature(Sign1<'a>),
    /// `deviceMac`.
    Mac(Mac0<'a>),
}

impl<'a> DeviceAuth<'a> {
    /// Parses the bytes of one `DeviceAuth`.
    ///
    /// # Errors
    /// [`MdocError::Malformed`] with offset, path and clause.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, MdocError> {
        Decoder::decode(bytes, limits::RESPONSE, Self::read).map_err(MdocError::malformed("DeviceAuth"))
    }

    fn read(d: &mut Decoder<'a>) -> Result<Self> {
        let (mut signature, mut mac) = (None, None);
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text("deviceSignature") => signature = Some(sign1(d).in_field("deviceSignature", DEVICE_AUTH)?),
                Key::Text("deviceMac") => mac = Some(mac0(d).in_field("deviceMac", DEVICE_AUTH)?),
                _ => d.skip()?,
            }
        }
        match (signature, mac) {
            (Some(signature), None) => Ok(Self::Signature(signature)),
            (None, Some(mac)) => Ok(Self::Mac(mac)),
            (None, None) => Err(d.error(ErrorKind::MissingField("deviceSignature or deviceMac"))),
            (Some(_), Some(_)) => Err(d.error(ErrorKind::InvalidValue("both deviceSignature and deviceMac"))),
        }
    }
}

/// The elements of one namespace that the device signs: identifier and value.
pub type DeviceSignedItems<'a> = Vec<(&'a str, Item<'a>)>;

/// `DeviceSigned`: what the device says by itself, and its proof of possession.
#[derive(Clone, Debug)]
pub struct DeviceSigned<'a> {
    name_spaces_bytes: Tag24<'a>,
    name_spaces: Vec<(&'a str, DeviceSignedItems<'a>)>,
    device_auth: DeviceAuth<'a>,
}

impl<'a> DeviceSigned<'a> {
    fn read(d: &mut Decoder<'a>) -> Result<Self> {
        let (mut name_spaces, mut device_auth) = (None, None);
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text("nameSpaces") => {
                    let tagged = d.tag24().in_field("nameSpaces", CLAUSE)?;
                    name_spaces = Some((
                        tagged,
                        tagged.decode(Self::read_name_spaces).in_field("nameSpaces", CLAUSE)?,
                    ));
                }
                Key::Text("deviceAuth") => device_auth = Some(DeviceAuth::read(d).in_field("deviceAuth", DEVICE_AUTH)?),
                _ => d.skip()?,
            }
        }
        let (name_spaces_bytes, name_spaces) = d.required(name_spaces, "nameSpaces")?;
        Ok(Self {
            name_spaces_bytes,
            name_spaces,
            device_auth: d.required(device_auth, "deviceAuth")?,
        })
    }

    fn read_name_spaces(d: &mut Decoder<'a>) -> Result<Vec<(&'a str, DeviceSignedItems<'a>)>> {
        named(d, MAX_NAME_SPACES, |d| named(d, MAX_ELEMENTS, Decoder::item))
    }

    /// `DeviceNameSpacesBytes` as received, tag 24 included: what is authenticated.
    #[must_use]
    pub fn name_spaces_bytes(&self) -> &'a [u8] {
        self.name_spaces_bytes.encoded()
    }

    /// The device-signed elements by namespace; often empty.
    #[must_use]
    pub fn name_spaces(&self) -> &[(&'a str, DeviceSignedItems<'a>)] {
        &self.name_spaces
    }

    /// Every device-signed element: namespace, identifier, value.
    pub fn elements(&self) -> impl Iterator<Item = (&'a str, &'a str, Item<'a>)> + '_ {
        self.name_spaces
            .iter()
            .flat_map(|(space, items)| items.iter().map(|(name, value)| (*space, *name, *value)))
    }

    /// The proof of possession, not verified.
    #[must_use]
    pub fn device_auth(&self) -> &DeviceAuth<'a> {
        &self.device_auth
    }
}

/// Error codes by element, of one namespace.
pub type ElementErrors<'a> = Vec<(&'a str, i64)>;

/// `Document`: one document of a response.
#[derive(Clone)]
pub struct Document<'a> {
    bytes: &'a [u8],
    doc_type: &'a str,
    issuer_signed: IssuerSigned<'a>,
    device_signed: Option<DeviceSigned<'a>>,
    errors: Vec<(&'a str, ElementErrors<'a>)>,
}

impl fmt::Debug for Document<'_> {
    /// The names without the values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("doc_type", &self.doc_type)
            .field("issuer_signed", &self.issuer_signed)
            .field("device_signed", &self.device_signed)
            .field("errors", &self.errors)
            .finish_non_exhaustive()
    }
}

impl<'a> Document<'a> {
    /// Parses the bytes of one `Document`; nothing may follow it.
    ///
    /// # Errors
    /// [`MdocError::Malformed`] with offset, path and clause.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, MdocError> {
        Decoder::decode(bytes, limits::RESPONSE, Self::read).map_err(MdocError::malformed("Document"))
    }

    fn read(d: &mut Decoder<'a>) -> Result<Self> {
        let encoded = d.encoded(Self::read_parts)?;
        let bytes = encoded.bytes();
        Ok(Self {
            bytes,
            ..encoded.into_view()
        })
    }

    fn read_parts(d: &mut Decoder<'a>) -> Result<Self> {
        let (mut doc_type, mut issuer_signed, mut device_signed, mut errors) = (None, None, None, Vec::new());
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text("docType") => doc_type = Some(name(d).in_field("docType", CLAUSE)?),
                Key::Text("issuerSigned") => {
                    issuer_signed = Some(IssuerSigned::read(d).in_field("issuerSigned", CLAUSE)?)
                }
                Key::Text("deviceSigned") => {
                    device_signed = Some(DeviceSigned::read(d).in_field("deviceSigned", CLAUSE)?)
                }
                Key::Text("errors") => {
                    let read = |d: &mut Decoder<'a>| named(d, MAX_ELEMENTS, Decoder::i64);
                    errors = named(d, MAX_NAME_SPACES, read).in_field("errors", CLAUSE)?;
                }
                _ => d.skip()?,
            }
        }
        Ok(Self {
            bytes: &[],
            doc_type: d.required(doc_type, "docType")?,
            issuer_signed: d.required(issuer_signed, "issuerSigned")?,
            device_signed,
            errors,
        })
    }

    /// The bytes as received.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// `docType`, which must be the one in the MSO (A-V18).
    #[must_use]
    pub fn doc_type(&self) -> &'a str {
        self.doc_type
    }

    /// What the issuer signed.
    #[must_use]
    pub fn issuer_signed(&self) -> &IssuerSigned<'a> {
        &self.issuer_signed
    }

    /// What the device signed. `None` where it is missing, which fails device authentication (A-V23).
    #[must_use]
    pub fn device_signed(&self) -> Option<&DeviceSigned<'a>> {
        self.device_signed.as_ref()
    }

    /// Error codes by namespace and element. Nobody signs them (A-V26).
    #[must_use]
    pub fn errors(&self) -> &[(&'a str, ElementErrors<'a>)] {
        &self.errors
    }
}

/// A view of `DeviceResponse`. Parsing says nothing about trust.
#[derive(Clone)]
pub struct DeviceResponse<'a> {
    bytes: &'a [u8],
    version: Version<'a>,
    documents: Vec<Document<'a>>,
    zk_documents: Option<Item<'a>>,
    encrypted_documents: Option<Item<'a>>,
    document_errors: Vec<(&'a str, i64)>,
    status: u64,
}

impl fmt::Debug for DeviceResponse<'_> {
    /// The names without the values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceResponse")
            .field("version", &self.version)
            .field("status", &self.status)
            .field("documents", &self.documents)
            .field("document_errors", &self.document_errors)
            .finish_non_exhaustive()
    }
}

impl<'a> DeviceResponse<'a> {
    /// Parses the bytes of one `DeviceResponse`; nothing may follow it.
    ///
    /// The major version is not judged here: the verifier does (A-V10).
    ///
    /// # Errors
    /// [`MdocError::Malformed`] with offset, path and clause.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, MdocError> {
        Decoder::decode(bytes, limits::RESPONSE, |d| Self::read(d, bytes))
            .map_err(MdocError::malformed("DeviceResponse"))
    }

    fn read(d: &mut Decoder<'a>, bytes: &'a [u8]) -> Result<Self> {
        let (mut version, mut documents, mut status, mut document_errors) = (None, None, None, Vec::new());
        let (mut zk_documents, mut encrypted_documents) = (None, None);
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key {
                Key::Text("version") => version = Some(d.text().in_field("version", CLAUSE)?),
                Key::Text("documents") => {
                    documents = Some(list(d, MAX_DOCUMENTS, Document::read).in_field("documents", CLAUSE)?)
                }
                Key::Text("zkDocuments") => zk_documents = Some(d.item()?),
                Key::Text("encryptedDocuments") => encrypted_documents = Some(d.item()?),
                Key::Text("documentErrors") => {
                    document_errors = Self::read_errors(d).in_field("documentErrors", CLAUSE)?;
                }
                Key::Text("status") => status = Some(d.u64().in_field("status", CLAUSE)?),
                _ => d.skip()?,
            }
        }
        let empty = documents.as_ref().is_some_and(Vec::is_empty);
        not_empty(d, empty, "documents is empty").in_field("", CLAUSE)?;
        Ok(Self {
            bytes,
            version: Version::new(d.required(version, "version")?),
            documents: documents.unwrap_or_default(),
            zk_documents,
            encrypted_documents,
            document_errors,
            status: d.required(status, "status")?,
        })
    }

    fn read_errors(d: &mut Decoder<'a>) -> Result<Vec<(&'a str, i64)>> {
        let maps = list(d, MAX_DOCUMENTS, |d| named(d, MAX_DOCUMENTS, Decoder::i64))?;
        Ok(maps.into_iter().flatten().collect())
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

    /// The documents. To be used only when [`Self::status`] is 0 (A-V10).
    #[must_use]
    pub fn documents(&self) -> &[Document<'a>] {
        &self.documents
    }

    /// `zkDocuments` of the 2nd edition, not interpreted.
    #[must_use]
    pub fn zk_documents(&self) -> Option<Item<'a>> {
        self.zk_documents
    }

    /// `encryptedDocuments` of the 2nd edition, not interpreted.
    #[must_use]
    pub fn encrypted_documents(&self) -> Option<Item<'a>> {
        self.encrypted_documents
    }

    /// Error codes of documents that are not returned. Nobody signs them (A-V26).
    #[must_use]
    pub fn document_errors(&self) -> &[(&'a str, i64)] {
        &self.document_errors
    }

    /// `status`: 0 OK, 10 general error, 11 CBOR decoding error, 12 CBOR validation error (ISO 18013-5 §8.3.2.1.2.3).
    #[must_use]
    pub fn status(&self) -> u64 {
        self.status
    }
}
