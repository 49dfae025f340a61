//! The document types and request templates at hand.

use std::io::Read as _;
use std::sync::OnceLock;

use flate2::read::DeflateDecoder;
use serde::Deserialize;

use crate::error::DocumentsError;
use crate::load;
use crate::model::{DocumentType, Fact};
use crate::request::RequestTemplate;

/// Most types of one registry.
pub const MAX_TYPES: usize = 256;

/// Files one after the other, deflated.
struct Packed {
    lengths: &'static [usize],
    bytes: &'static [u8],
}

impl Packed {
    /// The files in their order; `None` for bytes that build.rs did not write.
    fn files(&self) -> Option<Vec<Vec<u8>>> {
        let mut all = DeflateDecoder::new(self.bytes);
        let read = |&length: &usize| {
            let mut file = vec![0; length];
            all.read_exact(&mut file).ok().map(|()| file)
        };
        self.lengths.iter().map(read).collect()
    }
}

// TYPES and TEMPLATES: every file of types/ and of templates/, as build.rs finds them.
include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Facts {
    facts: Vec<Fact>,
}

/// Document types and request templates. The built-in ones are parsed once; an app adds its own from bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    facts: Vec<Fact>,
    types: Vec<DocumentType>,
    templates: Vec<RequestTemplate>,
}

impl Registry {
    /// The built-in types and templates.
    ///
    /// # Errors
    /// Any fault of the embedded files (a test holds that there is none).
    pub fn builtin() -> Result<&'static Self, DocumentsError> {
        static BUILTIN: OnceLock<Result<Registry, DocumentsError>> = OnceLock::new();
        BUILTIN.get_or_init(Self::load).as_ref().map_err(Clone::clone)
    }

    fn load() -> Result<Self, DocumentsError> {
        let mut registry = Self::empty()?;
        for file in TYPES.files().ok_or_else(unpacking)? {
            registry.add_type(&file)?;
        }
        for file in TEMPLATES.files().ok_or_else(unpacking)? {
            registry.add_template(&file)?;
        }
        Ok(registry)
    }

    /// A registry without types, for an app that brings all of its own.
    ///
    /// # Errors
    /// A fault of the embedded list of facts (a test holds that there is none).
    pub fn empty() -> Result<Self, DocumentsError> {
        let facts: Facts = load::parse_json(
            "list of facts",
            include_bytes!("../data/facts.json"),
            load::MAX_TYPE_BYTES,
        )?;
        Ok(Self {
            facts: facts.facts,
            types: Vec::new(),
            templates: Vec::new(),
        })
    }

    /// Adds a type from the bytes of its file (format: README of this crate). At most [`MAX_TYPES`].
    ///
    /// # Errors
    /// [`DocumentsError::DataFile`], [`DocumentsError::Json`], [`DocumentsError::TooLarge`];
    /// [`DocumentsError::Duplicate`] when its key or docType is taken. Nothing is added on error.
    pub fn add_type(&mut self, bytes: &[u8]) -> Result<(), DocumentsError> {
        let new = load::document_type(bytes, &self.facts)?;
        if self.types.len() >= MAX_TYPES {
            return Err(DocumentsError::TooLarge {
                what: "list of document types",
                limit: MAX_TYPES,
            });
        }
        if let Some(old) = self
            .types
            .iter()
            .find(|t| t.key() == new.key() || t.doc_type() == new.doc_type())
        {
            return Err(DocumentsError::Duplicate(old.key().into()));
        }
        self.types.push(new);
        Ok(())
    }

    /// Adds a request template from the bytes of its file. Its elements must exist in their types.
    ///
    /// # Errors
    /// As for [`Self::add_type`], and [`DocumentsError::DataFile`] for an element that no type knows.
    pub fn add_template(&mut self, bytes: &[u8]) -> Result<(), DocumentsError> {
        let new = RequestTemplate::parse(bytes, self)?;
        if self.templates.len() >= MAX_TYPES {
            return Err(DocumentsError::TooLarge {
                what: "list of request templates",
                limit: MAX_TYPES,
            });
        }
        if self.templates.iter().any(|t| t.name() == new.name()) {
            return Err(DocumentsError::Duplicate(new.name().into()));
        }
        self.templates.push(new);
        Ok(())
    }

    /// Every type.
    #[must_use]
    pub fn types(&self) -> &[DocumentType] {
        &self.types
    }

    /// The type with this docType or key.
    #[must_use]
    pub fn find(&self, doc_type_or_key: &str) -> Option<&DocumentType> {
        self.types
            .iter()
            .find(|t| t.doc_type() == doc_type_or_key || t.key() == doc_type_or_key)
    }

    /// As [`Self::find`], with an error that names what was looked for.
    ///
    /// # Errors
    /// [`DocumentsError::UnknownType`].
    pub fn document_type(&self, doc_type_or_key: &str) -> Result<&DocumentType, DocumentsError> {
        self.find(doc_type_or_key)
            .ok_or_else(|| DocumentsError::UnknownType(doc_type_or_key.into()))
    }

    /// Every template.
    #[must_use]
    pub fn templates(&self) -> &[RequestTemplate] {
        &self.templates
    }

    /// The template of this name.
    ///
    /// # Errors
    /// [`DocumentsError::UnknownTemplate`].
    pub fn template(&self, name: &str) -> Result<&RequestTemplate, DocumentsError> {
        self.templates
            .iter()
            .find(|t| t.name() == name)
            .ok_or_else(|| DocumentsError::UnknownTemplate(name.into()))
    }
}

fn unpacking() -> DocumentsError {
    DocumentsError::DataFile {
        file: "built-in".to_owned(),
        path: String::new(),
        reason: "cannot be unpacked".to_owned(),
    }
}
