//! The reader's side: building a `DeviceRequest`, signed or not (ISO 18013-5 §8.3.2.1.2.1, §9.1.4).

use crate::limits::{MAX_AGE_OVER, MAX_DOCUMENTS, MAX_NAME_BYTES};
use crate::names::age_over;
use crate::signing::{Chain, PendingSign1};
use crate::{MdocError, SessionTranscript, reader_authentication_all_bytes, reader_authentication_bytes};
use idwallet_cose::cbor::{Encoder, size};
use idwallet_crypto::x509::Certificate;
use idwallet_crypto::{Curve, SignatureAlgorithm, Signer};

type Names = (String, String);

/// Builds one `ItemsRequest`.
#[derive(Clone, Debug, Default)]
pub struct ItemsRequestBuilder {
    doc_type: String,
    name_spaces: Vec<(String, Vec<(String, bool)>)>,
    alternatives: Vec<(Names, Vec<Vec<Names>>)>,
    issuer_identifiers: Vec<Vec<u8>>,
    unique_doc_set_required: Option<bool>,
    maximum_response_size: Option<u64>,
    extensions: Vec<(String, u64)>,
    has_duplicate: bool,
}

impl ItemsRequestBuilder {
    /// Asks for a document of that type.
    #[must_use]
    pub fn new(doc_type: impl Into<String>) -> Self {
        Self {
            doc_type: doc_type.into(),
            ..Self::default()
        }
    }

    /// Asks for an element and says whether its value will be kept (A-V05).
    #[must_use]
    pub fn element(mut self, name_space: &str, element: &str, intent_to_retain: bool) -> Self {
        let entry = (element.to_owned(), intent_to_retain);
        match self.name_spaces.iter_mut().find(|(space, _)| space == name_space) {
            Some((_, elements)) => {
                self.has_duplicate |= elements.iter().any(|(other, _)| other == element);
                elements.push(entry);
            }
            None => self.name_spaces.push((name_space.to_owned(), vec![entry])),
        }
        self
    }

    /// [`element`](Self::element), unless it is asked for already.
    #[must_use]
    pub fn element_if_new(self, name_space: &str, element: &str, intent_to_retain: bool) -> Self {
        let of = self.name_spaces.iter().find(|(space, _)| space == name_space);
        if of.is_some_and(|(_, elements)| elements.iter().any(|(other, _)| other == element)) {
            return self;
        }
        self.element(name_space, element, intent_to_retain)
    }

    /// The document type.
    #[must_use]
    pub fn doc_type(&self) -> &str {
        &self.doc_type
    }

    /// 2nd edition: takes one of these sets where the document does not have the requested element; best set first (A-H47).
    #[must_use]
    pub fn alternatives(mut self, name_space: &str, element: &str, sets: &[&[(&str, &str)]]) -> Self {
        let own = |names: &(&str, &str)| (names.0.to_owned(), names.1.to_owned());
        let sets = sets.iter().map(|set| set.iter().map(own).collect()).collect();
        self.alternatives
            .push(((name_space.to_owned(), element.to_owned()), sets));
        self
    }

    /// 2nd edition: takes documents only of issuers with this key identifier; may be called for several (A-H47).
    #[must_use]
    pub fn issuer_identifier(mut self, key_identifier: &[u8]) -> Self {
        self.issuer_identifiers.push(key_identifier.to_vec());
        self
    }

    /// 2nd edition: `uniqueDocSetRequired`.
    #[must_use]
    pub fn unique_doc_set_required(mut self, required: bool) -> Self {
        self.unique_doc_set_required = Some(required);
        self
    }

    /// 2nd edition: `maximumResponseSize`, in bytes.
    #[must_use]
    pub fn maximum_response_size(mut self, bytes: u64) -> Self {
        self.maximum_response_size = Some(bytes);
        self
    }

    /// A member of `requestInfo` that no edition names, with a number. A holder that does not know it ignores it (A-H48).
    #[must_use]
    pub fn extension(mut self, name: &str, number: u64) -> Self {
        self.extensions.retain(|(known, _)| known != name);
        self.extensions.push((name.to_owned(), number));
        self
    }

    /// The first edition has `requestInfo` too, with nothing in it that it names.
    fn has_request_info(&self) -> bool {
        self.has_second_edition_info() || !self.extensions.is_empty()
    }

    fn has_second_edition_info(&self) -> bool {
        !self.alternatives.is_empty()
            || !self.issuer_identifiers.is_empty()
            || self.unique_doc_set_required.is_some()
            || self.maximum_response_size.is_some()
    }

    /// `ItemsRequestBytes`, tag 24 included.
    ///
    /// # Errors
    /// [`MdocError::EmptyRequest`], [`MdocError::DuplicateElement`], [`MdocError::TooManyAgeOver`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, MdocError> {
        let names = self
            .name_spaces
            .iter()
            .flat_map(|(space, list)| list.iter().map(|(e, _)| e).chain([space]));
        let fits = |name: &String| !name.is_empty() && name.len() <= MAX_NAME_BYTES;
        if self.name_spaces.is_empty() || !names.chain([&self.doc_type]).all(fits) {
            return Err(MdocError::EmptyRequest);
        }
        if self.has_duplicate {
            return Err(MdocError::DuplicateElement);
        }
        let mut e = Encoder::new();
        e.map(if self.has_request_info() { 3 } else { 2 })
            .text("docType")
            .text(&self.doc_type);
        e.text("nameSpaces").map(self.name_spaces.len());
        for (space, elements) in &self.name_spaces {
            e.text(space).map(elements.len());
            for (element, intent_to_retain) in elements {
                e.text(element).bool(*intent_to_retain);
            }
        }
        if self.has_request_info() {
            self.write_request_info(e.text("requestInfo"));
        }
        let mut tagged = Encoder::with_capacity(size::tag24(e.len()));
        tagged.tag24(e.as_slice());
        Ok(tagged.into_vec())
    }

    fn write_request_info(&self, e: &mut Encoder) {
        let present = [
            !self.alternatives.is_empty(),
            !self.issuer_identifiers.is_empty(),
            self.unique_doc_set_required.is_some(),
            self.maximum_response_size.is_some(),
        ];
        let known = present.into_iter().filter(|there| *there).count();
        e.map(known.saturating_add(self.extensions.len()));
        if !self.alternatives.is_empty() {
            e.text("alternativeDataElements").array(self.alternatives.len());
            for ((space, element), sets) in &self.alternatives {
                e.map(2).text("requestedElement").array(2).text(space).text(element);
                e.text("alternativeElementSets").array(sets.len());
                for set in sets {
                    e.array(set.len());
                    for (space, element) in set {
                        e.array(2).text(space).text(element);
                    }
                }
            }
        }
        if !self.issuer_identifiers.is_empty() {
            e.text("issuerIdentifiers").array(self.issuer_identifiers.len());
            for id in &self.issuer_identifiers {
                e.bytes(id);
            }
        }
        if let Some(required) = self.unique_doc_set_required {
            e.text("uniqueDocSetRequired").bool(required);
        }
        if let Some(bytes) = self.maximum_response_size {
            e.text("maximumResponseSize").uint(bytes);
        }
        for (name, number) in &self.extensions {
            e.text(name).uint(*number);
        }
    }

    fn age_over_count(&self) -> usize {
        self.name_spaces
            .iter()
            .flat_map(|(_, elements)| elements)
            .filter(|(e, _)| age_over(e).is_some())
            .count()
    }
}

/// A reader's certificate chain: what it shows with a signature.
#[derive(Clone, Debug)]
pub struct ReaderCertificates {
    chain: Vec<Vec<u8>>,
    curve: Curve,
    is_protected: bool,
}

impl ReaderCertificates {
    /// The chain, reader's certificate first, without the root.
    ///
    /// # Errors
    /// [`MdocError::ReaderChain`] when it is empty or its key cannot sign.
    pub fn new(chain: &[Certificate]) -> Result<Self, MdocError> {
        let curve = chain.first().ok_or(MdocError::ReaderChain)?.public_key().curve();
        if !curve.can_sign() {
            return Err(MdocError::ReaderChain);
        }
        Ok(Self {
            chain: chain.iter().map(|c| c.der().to_vec()).collect(),
            curve,
            is_protected: false,
        })
    }

    /// Puts `x5chain` into the protected header (2nd edition; the 1st has it unprotected, A-H42). Needs
    /// [`DeviceRequestBuilder::second_edition`].
    #[must_use]
    pub fn protected(self) -> Self {
        Self {
            is_protected: true,
            ..self
        }
    }

    fn pending(&self, content: &[u8]) -> Result<PendingSign1, MdocError> {
        let chain = Chain {
            certificates: &self.chain,
            is_protected: self.is_protected,
            with_x5t: false,
        };
        PendingSign1::new(self.curve, chain, content, true).map_err(|_| MdocError::ReaderChain)
    }
}

#[derive(Clone, Debug)]
struct UseCase {
    mandatory: bool,
    document_sets: Vec<Vec<u64>>,
}

/// Builds a `DeviceRequest`: version 1.0, or 1.1 when it has something that 1.0 does not have (A-V04).
#[derive(Clone, Debug, Default)]
pub struct DeviceRequestBuilder {
    documents: Vec<ItemsRequestBuilder>,
    use_cases: Vec<UseCase>,
    second_edition: bool,
    reader_auth: Option<ReaderCertificates>,
    reader_auth_all: Vec<ReaderCertificates>,
}

impl DeviceRequestBuilder {
    /// Nothing asked for yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for one more document.
    #[must_use]
    pub fn document(mut self, items_request: ItemsRequestBuilder) -> Self {
        self.documents.push(items_request);
        self
    }

    /// Switches the features of the 2nd edition on. Without it they are errors: many holders do not know them.
    #[must_use]
    pub fn second_edition(mut self) -> Self {
        self.second_edition = true;
        self
    }

    /// 2nd edition: a use case, with sets of indices of document requests, best set first.
    #[must_use]
    pub fn use_case(mut self, mandatory: bool, document_sets: &[&[u64]]) -> Self {
        let document_sets = document_sets.iter().map(|set| set.to_vec()).collect();
        self.use_cases.push(UseCase {
            mandatory,
            document_sets,
        });
        self
    }

    /// Signs every document request (`readerAuth`).
    #[must_use]
    pub fn reader_auth(mut self, certificates: ReaderCertificates) -> Self {
        self.reader_auth = Some(certificates);
        self
    }

    /// 2nd edition: signs the request as a whole (`readerAuthAll`); may be called for several readers.
    #[must_use]
    pub fn reader_auth_all(mut self, certificates: ReaderCertificates) -> Self {
        self.reader_auth_all.push(certificates);
        self
    }

    fn check(&self) -> Result<(), MdocError> {
        if self.documents.is_empty() || self.documents.len() > MAX_DOCUMENTS {
            return Err(MdocError::EmptyRequest);
        }
        if self
            .documents
            .iter()
            .fold(0_usize, |sum, d| sum.saturating_add(d.age_over_count()))
            > MAX_AGE_OVER
        {
            return Err(MdocError::TooManyAgeOver);
        }
        let exists = |id: &u64| usize::try_from(*id).is_ok_and(|id| id < self.documents.len());
        let is_fine = |set: &Vec<u64>| !set.is_empty() && set.iter().all(exists);
        if self
            .use_cases
            .iter()
            .any(|case| case.document_sets.is_empty() || !case.document_sets.iter().all(is_fine))
        {
            return Err(MdocError::UseCase);
        }
        let features = [
            (
                "requestInfo",
                self.documents.iter().any(ItemsRequestBuilder::has_second_edition_info),
            ),
            ("deviceRequestInfo", !self.use_cases.is_empty()),
            ("readerAuthAll", !self.reader_auth_all.is_empty()),
            (
                "a protected x5chain",
                self.reader_auth.as_ref().is_some_and(|reader| reader.is_protected),
            ),
        ];
        match features.into_iter().find(|(_, used)| *used && !self.second_edition) {
            Some((feature, _)) => Err(MdocError::SecondEdition(feature)),
            None => Ok(()),
        }
    }

    fn device_request_info(&self) -> Option<Vec<u8>> {
        if self.use_cases.is_empty() {
            return None;
        }
        let mut e = Encoder::new();
        e.tag24_with(|e| {
            e.map(1).text("useCases").array(self.use_cases.len());
            for case in &self.use_cases {
                e.map(2).text("mandatory").bool(case.mandatory);
                e.text("documentSets").array(case.document_sets.len());
                for set in &case.document_sets {
                    e.array(set.len());
                    for id in set {
                        e.uint(*id);
                    }
                }
            }
        });
        Some(e.into_vec())
    }

    /// The request with no signature in it.
    ///
    /// # Errors
    /// What is wrong with the request; [`MdocError::SignatureCount`] when signatures were asked for.
    pub fn unsigned(&self) -> Result<Vec<u8>, MdocError> {
        if self.reader_auth.is_some() || !self.reader_auth_all.is_empty() {
            return Err(MdocError::SignatureCount);
        }
        let items = self.items()?;
        PendingRequest {
            items,
            info: self.device_request_info(),
            reader_auth: Vec::new(),
            reader_auth_all: Vec::new(),
        }
        .complete(&[])
    }

    fn items(&self) -> Result<Vec<Vec<u8>>, MdocError> {
        self.check()?;
        self.documents.iter().map(ItemsRequestBuilder::to_bytes).collect()
    }

    /// Everything but the signatures, for this session.
    ///
    /// # Errors
    /// What is wrong with the request, or [`MdocError::ReaderChain`].
    pub fn prepare(&self, transcript: &SessionTranscript) -> Result<PendingRequest, MdocError> {
        let items = self.items()?;
        let info = self.device_request_info();
        let reader_auth = match &self.reader_auth {
            Some(reader) => {
                let sign = |item: &Vec<u8>| reader.pending(&reader_authentication_bytes(transcript, item));
                items.iter().map(sign).collect::<Result<Vec<_>, _>>()?
            }
            None => Vec::new(),
        };
        let all = || {
            let items: Vec<&[u8]> = items.iter().map(Vec::as_slice).collect();
            reader_authentication_all_bytes(transcript, &items, info.as_deref())
        };
        let reader_auth_all = self
            .reader_auth_all
            .iter()
            .map(|reader| reader.pending(&all()))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(PendingRequest {
            items,
            info,
            reader_auth,
            reader_auth_all,
        })
    }

    /// All at once, with the one key that makes all signatures.
    ///
    /// # Errors
    /// As [`Self::prepare`]; [`MdocError::ReaderChain`] when the key is not on the curve of a certificate; what the key returns.
    pub fn sign(&self, transcript: &SessionTranscript, signer: &dyn Signer) -> Result<Vec<u8>, MdocError> {
        let curve = signer.public_key().curve();
        if self
            .reader_auth
            .iter()
            .chain(&self.reader_auth_all)
            .any(|reader| reader.curve != curve)
        {
            return Err(MdocError::ReaderChain);
        }
        let pending = self.prepare(transcript)?;
        let signatures = pending
            .to_be_signed()
            .map(|(_, message)| signer.sign(message))
            .collect::<Result<Vec<_>, _>>()?;
        pending.complete(&signatures)
    }
}

/// A request that waits for its signatures.
#[derive(Clone, Debug)]
pub struct PendingRequest {
    items: Vec<Vec<u8>>,
    info: Option<Vec<u8>>,
    /// One a document, or none.
    reader_auth: Vec<PendingSign1>,
    reader_auth_all: Vec<PendingSign1>,
}

impl PendingRequest {
    /// The messages to sign: one for each document's `readerAuth`, if asked for, then one for each `readerAuthAll`.
    pub fn to_be_signed(&self) -> impl Iterator<Item = (SignatureAlgorithm, &[u8])> {
        self.reader_auth
            .iter()
            .chain(&self.reader_auth_all)
            .map(|pending| (pending.algorithm(), pending.to_be_signed()))
    }

    /// Writes the `DeviceRequest` with the raw signatures in the order of [`Self::to_be_signed`].
    ///
    /// # Errors
    /// [`MdocError::SignatureCount`]; [`MdocError::Crypto`] for a signature of the wrong length.
    pub fn complete(&self, signatures: &[Vec<u8>]) -> Result<Vec<u8>, MdocError> {
        if signatures.len() != self.reader_auth.len().saturating_add(self.reader_auth_all.len()) {
            return Err(MdocError::SignatureCount);
        }
        let mut signatures = signatures.iter();
        let mut next = || signatures.next().ok_or(MdocError::SignatureCount);
        let is_1_1 = self.info.is_some() || !self.reader_auth_all.is_empty();
        let entries = 2_usize
            .saturating_add(usize::from(self.info.is_some()))
            .saturating_add(usize::from(!self.reader_auth_all.is_empty()));
        let mut e = Encoder::new();
        e.map(entries).text("version").text(if is_1_1 { "1.1" } else { "1.0" });
        e.text("docRequests").array(self.items.len());
        for (n, item) in self.items.iter().enumerate() {
            match self.reader_auth.get(n) {
                Some(pending) => {
                    e.map(2).text("itemsRequest").raw(item).text("readerAuth");
                    pending.write(&mut e, next()?)?;
                }
                None => {
                    e.map(1).text("itemsRequest").raw(item);
                }
            }
        }
        if let Some(info) = &self.info {
            e.text("deviceRequestInfo").raw(info);
        }
        if !self.reader_auth_all.is_empty() {
            e.text("readerAuthAll").array(self.reader_auth_all.len());
            for pending in &self.reader_auth_all {
                pending.write(&mut e, next()?)?;
            }
        }
        Ok(e.into_vec())
    }
}
