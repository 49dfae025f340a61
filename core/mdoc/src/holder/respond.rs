//! The response: documents with their proofs of possession, made with the device keys wherever these are.

use super::{Release, write};
use crate::issue::ElementValue;
use crate::signing::{Chain, PendingSign1};
use crate::{
    IssuerSigned, MdocError, MobileSecurityObject, SessionTranscript, derive_emac_key, device_authentication_bytes,
};
use core::fmt;
use idwallet_cose::cbor::{Encoder, Limits};
use idwallet_cose::{CoseKey, Mac0Builder};
use idwallet_crypto::{KeyAgreement, PublicKey, SecretBytes, SignatureAlgorithm, Signer};

/// What a device key is used for, its whole life long (A-H55). To be stored with the key at first use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeviceAuthUsage {
    /// `deviceSignature`.
    Signature,
    /// `deviceMac`.
    Mac,
}

impl DeviceAuthUsage {
    /// What to use a device key for in a session: what is recorded for it, else a signature, else a MAC.
    ///
    /// # Errors
    /// [`MdocError::DeviceKeyUsage`] when the key cannot do what is recorded, or neither: a MAC needs a reader key on the same curve (A-H56).
    pub fn choose(
        recorded: Option<Self>,
        device_key: &PublicKey,
        transcript: &SessionTranscript,
    ) -> Result<Self, MdocError> {
        let can_mac = || reader_key(device_key, transcript).is_ok();
        let usage = match recorded {
            Some(Self::Mac) if can_mac() => Self::Mac,
            None | Some(Self::Signature) if device_key.curve().can_sign() => Self::Signature,
            None if can_mac() => Self::Mac,
            _ => return Err(MdocError::DeviceKeyUsage),
        };
        Ok(usage)
    }
}

/// A device key in one of its two uses; there is no third and no both (A-H55).
#[derive(Clone, Copy)]
pub enum DeviceKey<'k> {
    /// Makes `deviceSignature`.
    Signature(&'k dyn Signer),
    /// Makes `deviceMac`.
    Mac(&'k dyn KeyAgreement),
}

impl DeviceKey<'_> {
    /// Its use.
    #[must_use]
    pub fn usage(&self) -> DeviceAuthUsage {
        match self {
            Self::Signature(_) => DeviceAuthUsage::Signature,
            Self::Mac(_) => DeviceAuthUsage::Mac,
        }
    }

    fn public_key(&self) -> &PublicKey {
        match self {
            Self::Signature(key) => key.public_key(),
            Self::Mac(key) => key.public_key(),
        }
    }
}

/// What a device key has to do for one document.
#[derive(Clone, Copy)]
pub enum DeviceAuthInput<'p> {
    /// Sign this message.
    Sign {
        /// With this algorithm.
        algorithm: SignatureAlgorithm,
        /// `Sig_structure`, to be hashed by the signer.
        message: &'p [u8],
    },
    /// Agree on a secret with this key of the reader.
    Agree {
        /// `EReaderKey`.
        peer: &'p PublicKey,
    },
}

impl fmt::Debug for DeviceAuthInput<'_> {
    /// The length only: what a device signs may be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sign { algorithm, message } => write!(f, "Sign({algorithm:?}, {} bytes)", message.len()),
            Self::Agree { peer } => f.debug_struct("Agree").field("peer", peer).finish(),
        }
    }
}

/// What a device key gave.
#[derive(Debug)]
pub enum DeviceAuthOutput {
    /// Raw signature: `r ‖ s`, or as RFC 8032 says.
    Signature(Vec<u8>),
    /// The x-coordinate, or the output of X25519 or X448.
    SharedSecret(SecretBytes),
}

/// Something for each element: namespace, identifier, value.
pub(super) type ByName<T> = Vec<(String, Vec<(String, T)>)>;

/// One document to be returned.
#[derive(Clone)]
pub struct ResponseDocument<'s> {
    pub(super) issuer_signed: &'s IssuerSigned<'s>,
    pub(super) mso: &'s MobileSecurityObject<'s>,
    pub(super) release: Release<'s>,
    pub(super) usage: DeviceAuthUsage,
    /// Namespace, identifier, encoded value.
    pub(super) device_signed: ByName<Vec<u8>>,
    pub(super) errors: ByName<i64>,
}

impl fmt::Debug for ResponseDocument<'_> {
    /// The names without the values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseDocument")
            .field("release", &self.release)
            .field("usage", &self.usage)
            .field("errors", &self.errors)
            .finish_non_exhaustive()
    }
}

impl<'s> ResponseDocument<'s> {
    /// What is released of a stored credential. `usage` is what its key record says.
    #[must_use]
    pub fn new(
        issuer_signed: &'s IssuerSigned<'s>,
        mso: &'s MobileSecurityObject<'s>,
        release: Release<'s>,
        usage: DeviceAuthUsage,
    ) -> Self {
        Self {
            issuer_signed,
            mso,
            release,
            usage,
            device_signed: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// Adds an element that the device signs.
    ///
    /// # Errors
    /// [`MdocError::NotAuthorized`] when keyAuthorizations does not allow it (A-H57); [`MdocError::DuplicateElement`] when the
    /// document has it already, from either signer (A-H53); [`MdocError::BadValue`] when the value is not one CBOR item.
    pub fn device_signed(
        mut self,
        name_space: &str,
        element: &str,
        value: impl Into<ElementValue>,
    ) -> Result<Self, MdocError> {
        if !self
            .mso
            .key_authorizations()
            .is_some_and(|a| a.allows(name_space, element))
        {
            return Err(MdocError::NotAuthorized);
        }
        let is_released = self
            .release
            .elements()
            .any(|e| e.name_space == name_space && e.element == element);
        let value = value.into().into_bytes(element).map_err(|_| MdocError::BadValue)?;
        if is_released || !insert(&mut self.device_signed, name_space, element, value) {
            return Err(MdocError::DuplicateElement);
        }
        Ok(self)
    }

    /// Says that an element is not returned. Code 0 says no more than that, which is best for the holder (A-H58).
    ///
    /// # Errors
    /// [`MdocError::ErrorCode`] for a positive code, which is reserved; [`MdocError::DuplicateElement`] for a second code.
    pub fn error(mut self, name_space: &str, element: &str, code: i64) -> Result<Self, MdocError> {
        check_code(code)?;
        if !insert(&mut self.errors, name_space, element, code) {
            return Err(MdocError::DuplicateElement);
        }
        Ok(self)
    }
}

fn check_code(code: i64) -> Result<(), MdocError> {
    if code > 0 { Err(MdocError::ErrorCode) } else { Ok(()) }
}

/// `false` when it was there.
fn insert<T>(into: &mut ByName<T>, name_space: &str, element: &str, value: T) -> bool {
    match into.iter_mut().find(|(space, _)| space == name_space) {
        Some((_, list)) if list.iter().any(|(name, _)| name == element) => return false,
        Some((_, list)) => list.push((element.to_owned(), value)),
        None => into.push((name_space.to_owned(), vec![(element.to_owned(), value)])),
    }
    true
}

/// `status` of a response without documents (ISO 18013-5 §8.3.2.1.2.3, A-H50).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseFailure {
    /// 10: general error.
    General,
    /// 11: the request is not CBOR.
    CborDecoding,
    /// 12: the request is CBOR and not a `DeviceRequest`.
    CborValidation,
}

impl ResponseFailure {
    /// The status code.
    #[must_use]
    pub const fn code(self) -> u64 {
        match self {
            Self::General => 10,
            Self::CborDecoding => 11,
            Self::CborValidation => 12,
        }
    }

    /// What to answer to a request that could not be parsed (A-H40).
    #[must_use]
    pub fn for_error(error: &MdocError, request: &[u8]) -> Self {
        use idwallet_cose::cbor::Item;
        match error {
            MdocError::Malformed { .. } if Item::parse(request, Limits::DEFAULT).is_err() => Self::CborDecoding,
            MdocError::Malformed { .. } | MdocError::UnknownVersion(_) => Self::CborValidation,
            _ => Self::General,
        }
    }

    /// The whole `DeviceResponse`: version and status, nothing else.
    #[must_use]
    pub fn to_response(self) -> Vec<u8> {
        let mut e = Encoder::new();
        e.map(2).text("version").text("1.0").text("status").uint(self.code());
        e.into_vec()
    }
}

/// Collects the documents of a response with status 0.
#[derive(Clone, Debug, Default)]
pub struct DeviceResponseBuilder<'s> {
    documents: Vec<ResponseDocument<'s>>,
    document_errors: Vec<(String, i64)>,
}

impl<'s> DeviceResponseBuilder<'s> {
    /// No documents yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a document.
    #[must_use]
    pub fn document(mut self, document: ResponseDocument<'s>) -> Self {
        self.documents.push(document);
        self
    }

    /// Says that a document is not returned. Code 0 says no more than that (A-H58).
    ///
    /// # Errors
    /// [`MdocError::ErrorCode`] for a positive code, which is reserved.
    pub fn document_error(mut self, doc_type: &str, code: i64) -> Result<Self, MdocError> {
        check_code(code)?;
        self.document_errors.push((doc_type.to_owned(), code));
        Ok(self)
    }

    /// Writes all that device keys have to authenticate in this session.
    ///
    /// # Errors
    /// [`MdocError::DeviceKeyUsage`] when a device key cannot do what its document says (A-H56).
    pub fn prepare(self, transcript: &SessionTranscript) -> Result<PendingResponse<'s>, MdocError> {
        let prepare = |document: ResponseDocument<'s>| {
            let device_key = document.mso.device_key();
            let name_spaces = write::device_name_spaces(&document.device_signed);
            let content = device_authentication_bytes(transcript, document.mso.doc_type(), &name_spaces);
            let auth = match document.usage {
                DeviceAuthUsage::Signature => {
                    let pending = PendingSign1::new(device_key.curve(), Chain::default(), &content, true);
                    PendingAuth::Signature(pending.map_err(|_| MdocError::DeviceKeyUsage)?)
                }
                DeviceAuthUsage::Mac => PendingAuth::Mac {
                    content,
                    peer: reader_key(device_key, transcript)?,
                },
            };
            Ok(PendingDocument {
                document,
                name_spaces,
                auth,
            })
        };
        let documents: Result<Vec<_>, MdocError> = self.documents.into_iter().map(prepare).collect();
        Ok(PendingResponse {
            documents: documents?,
            document_errors: self.document_errors,
            transcript: transcript.clone(),
        })
    }

    /// All at once, with keys at hand: one for each document, in the same order.
    ///
    /// # Errors
    /// As [`Self::prepare`]; [`MdocError::DeviceKeyMismatch`] for a key that is not the document's or another number of keys;
    /// what the keys return.
    pub fn respond(self, transcript: &SessionTranscript, keys: &[DeviceKey<'_>]) -> Result<Vec<u8>, MdocError> {
        let pending = self.prepare(transcript)?;
        if keys.len() != pending.documents.len() {
            return Err(MdocError::DeviceKeyMismatch);
        }
        let outputs: Result<Vec<_>, MdocError> = pending
            .documents
            .iter()
            .zip(keys)
            .map(|(document, key)| document.run(key))
            .collect();
        pending.complete(outputs?)
    }
}

/// `EReaderKey` of the session, when it is on the curve of the device key (A-H56).
fn reader_key(device_key: &PublicKey, transcript: &SessionTranscript) -> Result<PublicKey, MdocError> {
    let bytes = transcript.e_reader_key().ok_or(MdocError::DeviceKeyUsage)?;
    let key = CoseKey::parse(bytes, Limits::DEFAULT).map_err(|_| MdocError::DeviceKeyUsage)?;
    let fits = key.public_key().curve() == device_key.curve() && device_key.curve().can_agree();
    if fits {
        Ok(*key.public_key())
    } else {
        Err(MdocError::DeviceKeyUsage)
    }
}

#[derive(Clone)]
pub(super) enum PendingAuth {
    Signature(PendingSign1),
    Mac { content: Vec<u8>, peer: PublicKey },
}

#[derive(Clone)]
pub(super) struct PendingDocument<'s> {
    pub(super) document: ResponseDocument<'s>,
    /// `DeviceNameSpacesBytes`.
    pub(super) name_spaces: Vec<u8>,
    pub(super) auth: PendingAuth,
}

impl fmt::Debug for PendingDocument<'_> {
    /// The names without the values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingDocument")
            .field("document", &self.document)
            .finish_non_exhaustive()
    }
}

impl PendingDocument<'_> {
    fn input(&self) -> DeviceAuthInput<'_> {
        match &self.auth {
            PendingAuth::Signature(pending) => DeviceAuthInput::Sign {
                algorithm: pending.algorithm(),
                message: pending.to_be_signed(),
            },
            PendingAuth::Mac { peer, .. } => DeviceAuthInput::Agree { peer },
        }
    }

    fn run(&self, key: &DeviceKey<'_>) -> Result<DeviceAuthOutput, MdocError> {
        if key.public_key() != self.document.mso.device_key() {
            return Err(MdocError::DeviceKeyMismatch);
        }
        match (self.input(), key) {
            (DeviceAuthInput::Sign { message, .. }, DeviceKey::Signature(key)) => {
                Ok(DeviceAuthOutput::Signature(key.sign(message)?))
            }
            (DeviceAuthInput::Agree { peer }, DeviceKey::Mac(key)) => {
                Ok(DeviceAuthOutput::SharedSecret(key.agree(peer)?))
            }
            _ => Err(MdocError::DeviceKeyUsage),
        }
    }
}

/// A response that waits for its device keys.
#[derive(Clone, Debug)]
pub struct PendingResponse<'s> {
    documents: Vec<PendingDocument<'s>>,
    document_errors: Vec<(String, i64)>,
    transcript: SessionTranscript,
}

impl PendingResponse<'_> {
    /// What each device key has to do, in the order of the documents.
    pub fn device_auth_inputs(&self) -> impl ExactSizeIterator<Item = DeviceAuthInput<'_>> {
        self.documents.iter().map(PendingDocument::input)
    }

    /// Writes the `DeviceResponse` with what the device keys gave, in the order of the documents.
    ///
    /// # Errors
    /// [`MdocError::DeviceKeyUsage`] for an output of the wrong kind, [`MdocError::DeviceKeyMismatch`] for another number of them,
    /// [`MdocError::Crypto`] for a signature of the wrong length.
    pub fn complete(self, outputs: Vec<DeviceAuthOutput>) -> Result<Vec<u8>, MdocError> {
        if outputs.len() != self.documents.len() {
            return Err(MdocError::DeviceKeyMismatch);
        }
        let mut e = Encoder::with_capacity(write::capacity(&self.documents));
        write::begin(&mut e, self.documents.len(), &self.document_errors);
        for (document, output) in self.documents.iter().zip(outputs) {
            write::document(&mut e, document, |e| match (&document.auth, output) {
                (PendingAuth::Signature(pending), DeviceAuthOutput::Signature(signature)) => {
                    e.map(1).text("deviceSignature");
                    Ok(pending.write(e, &signature)?)
                }
                (PendingAuth::Mac { content, .. }, DeviceAuthOutput::SharedSecret(secret)) => {
                    let key = derive_emac_key(&secret, &self.transcript)?;
                    let mac = Mac0Builder::new().detached_payload(content).mac(key.expose());
                    e.map(1).text("deviceMac").raw(&mac);
                    Ok(())
                }
                _ => Err(MdocError::DeviceKeyUsage),
            })?;
        }
        write::end(&mut e, &self.document_errors);
        Ok(e.into_vec())
    }
}
