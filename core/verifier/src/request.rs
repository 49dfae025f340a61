//! From what is wanted to a signed `DeviceRequest`.

use crate::{VerifierError, level};
use idwallet_crypto::Signer;
use idwallet_crypto::x509::Certificate;
use idwallet_documents::{Ask, REQUIRED_ACCOUNT_LEVEL, RequestTemplate};
use idwallet_mdoc::SessionTranscript;
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder, ReaderCertificates};
use std::sync::Arc;

/// Who asks: a key and its certificates.
#[derive(Clone)]
pub struct ReaderIdentity {
    signer: Arc<dyn Signer>,
    certificates: ReaderCertificates,
}

impl ReaderIdentity {
    /// The key that signs and its chain, reader's certificate first, without the root.
    ///
    /// # Errors
    /// [`VerifierError::Mdoc`] when the chain is empty or its key is not the signer's.
    pub fn new(signer: impl Signer + 'static, chain: &[Certificate]) -> Result<Self, VerifierError> {
        let certificates = ReaderCertificates::new(chain)?;
        if chain.first().map(Certificate::public_key) != Some(signer.public_key()) {
            return Err(idwallet_mdoc::MdocError::ReaderChain.into());
        }
        Ok(Self {
            signer: Arc::new(signer),
            certificates,
        })
    }
}

impl core::fmt::Debug for ReaderIdentity {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ReaderIdentity")
            .field("curve", &self.signer.public_key().curve())
            .finish_non_exhaustive()
    }
}

/// What is wanted, independent of any session.
#[derive(Clone, Debug)]
pub struct Request {
    documents: Vec<ItemsRequestBuilder>,
    second_edition: bool,
}

impl Request {
    /// Asks for what a template or a request file says, one document request for each document type.
    #[must_use]
    pub fn new(ask: &Ask) -> Self {
        let documents = ask.documents().iter().map(|(doc_type, spaces)| {
            let mut items = ItemsRequestBuilder::new(doc_type.as_str());
            for (name_space, elements) in spaces {
                for (element, retain) in elements {
                    items = items.element(name_space, element, *retain);
                }
            }
            items
        });
        Self {
            documents: documents.collect(),
            second_edition: false,
        }
    }

    /// Asks for what a template says, with its requirements: for its first choice of documents. Whoever has none of these may have what
    /// [`alternatives_of`](Self::alternatives_of) asks for.
    #[must_use]
    pub fn of_template(template: &RequestTemplate) -> Self {
        Self::as_required(template.ask(), template)
    }

    /// What else serves the purpose of a template, such as the age from a driving licence. Each is to be asked in its place and never as well: a
    /// holder takes everything in a request for wanted.
    #[must_use]
    pub fn alternatives_of(template: &RequestTemplate) -> Vec<Self> {
        let alternatives = template.alternatives().iter();
        alternatives.map(|ask| Self::as_required(ask, template)).collect()
    }

    fn as_required(ask: &Ask, template: &RequestTemplate) -> Self {
        let request = Self::new(ask);
        match template.requirements().account_level {
            Some(level) => request.require_account_level(level),
            None => request,
        }
    }

    /// Needs an identity account of at least this level (1 or 2) where a document states one, and asks for the level. The wallet tells
    /// its owner beforehand, and an answer of a lower level is refused.
    #[must_use]
    pub fn require_account_level(mut self, level: u8) -> Self {
        let documents = self
            .documents
            .into_iter()
            .map(|items| match level::field_of(items.doc_type()) {
                Some(field) => items
                    .element_if_new(&field.namespace, &field.element, false)
                    .extension(REQUIRED_ACCOUNT_LEVEL, level.into()),
                None => items,
            });
        self.documents = documents.collect();
        self
    }

    /// Asks for documents in the caller's own words.
    #[must_use]
    pub fn of(documents: Vec<ItemsRequestBuilder>) -> Self {
        Self {
            documents,
            second_edition: false,
        }
    }

    /// Uses what the 2nd edition adds: `requestInfo`, and `readerAuthAll` where the holder takes it (A-V04).
    #[must_use]
    pub fn second_edition(mut self) -> Self {
        self.second_edition = true;
        self
    }

    /// The `DeviceRequest` for one session: `readerAuth` on every document request where there is an identity, and `readerAuthAll`
    /// beside it for a holder of the 2nd edition.
    ///
    /// # Errors
    /// [`VerifierError::Mdoc`]: nothing or too much is asked for, or the key does not sign.
    pub fn build(
        &self,
        transcript: &SessionTranscript,
        identity: Option<&ReaderIdentity>,
        holder_takes_reader_auth_all: bool,
    ) -> Result<Vec<u8>, VerifierError> {
        let documents = self.documents.iter().cloned();
        let mut builder = documents.fold(DeviceRequestBuilder::new(), DeviceRequestBuilder::document);
        if self.second_edition {
            builder = builder.second_edition();
        }
        let Some(identity) = identity else {
            return Ok(builder.unsigned()?);
        };
        builder = builder.reader_auth(identity.certificates.clone());
        if self.second_edition && holder_takes_reader_auth_all {
            builder = builder.reader_auth_all(identity.certificates.clone());
        }
        Ok(builder.sign(transcript, &*identity.signer)?)
    }
}
