//! From an entry of the history to a signed file: a complaint about whoever asked (H-H66, RPT_DPA), or a request to them to erase what they
//! got (DATA_DLT).
//!
//! The file holds what the history holds, names and no values. Each is signed by a key that the secure area makes for it and destroys
//! afterwards: the signature shows that the file was not changed, and links it to no document, no reader and no other file.

use crate::history::page::{document, escape};
use crate::history::{Event, NewEntry, json, local_time};
use crate::{HistoryEntry, InternalFault, StateFault, Wallet, WalletError};
use core::fmt;
use idwallet_cose::cbor::{Decoder, Encoder, Limits};
use idwallet_cose::{CoseError, CoseKey, Policy, Sign1, Sign1Builder};
use idwallet_crypto::area::{Authentication, KeyPurpose, KeySpec};
use idwallet_crypto::{Curve, PublicKey, SignatureAlgorithm, Timestamp, ecdsa_der_to_raw};
use idwallet_documents::Lang;

/// The content type of the signed file.
const TYP: &str = "application/idwallet-complaint+cose";
/// Longest text of the owner, in bytes.
const MAX_TEXT: usize = 16 * 1024;
/// Longest file that is verified, in bytes.
const MAX_FILE: usize = 1024 * 1024;

/// What a file asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ComplaintKind {
    /// That a data protection authority look into it.
    Complaint,
    /// That whoever got the data erase it.
    Erasure,
}

/// What is signed.
#[derive(Clone)]
#[non_exhaustive]
pub struct ComplaintContent {
    /// What is asked for.
    pub kind: ComplaintKind,
    /// When the file was made.
    pub at: Timestamp,
    /// What the owner has to say.
    pub text: String,
    /// The entry of the history, as in its JSON export but for the documents' ids.
    pub evidence: String,
    /// Where whoever asked can be reached, as their certificate says.
    pub contacts: Vec<String>,
}

impl fmt::Debug for ComplaintContent {
    /// Neither what the owner wrote nor whom it is about.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ComplaintContent({:?})", self.kind)
    }
}

/// A complaint that is ready to be handed over.
#[derive(Clone)]
#[non_exhaustive]
pub struct ComplaintFile {
    /// The signed file: COSE_Sign1 over CBOR, the public key inside.
    pub signed: Vec<u8>,
    /// What is in it.
    pub content: ComplaintContent,
    entry: HistoryEntry,
}

impl fmt::Debug for ComplaintFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ComplaintFile({:?})", self.content.kind)
    }
}

/// Why a file is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComplaintError {
    /// It is no such file.
    #[error("the file is no signed complaint")]
    Malformed,
    /// It was changed after it was signed.
    #[error("the signature does not verify")]
    Signature,
}

/// Reads a signed file and verifies that it is as it was signed, by the key that it names. That key says nothing about who made it.
///
/// # Errors
/// [`ComplaintError`].
pub fn verify_complaint(signed: &[u8]) -> Result<(ComplaintContent, PublicKey), ComplaintError> {
    let malformed = |_| ComplaintError::Malformed;
    if signed.len() > MAX_FILE {
        return Err(ComplaintError::Malformed);
    }
    let sign1 = Sign1::parse(signed, &Policy::TAG_REQUIRED).map_err(malformed)?;
    let payload = sign1.unverified_payload().ok_or(ComplaintError::Malformed)?;
    let (content, key) = read(payload).ok_or(ComplaintError::Malformed)?;
    match sign1.verify(&key, &[SignatureAlgorithm::Es256], &[], None) {
        Ok(_) => Ok((content, key)),
        Err(CoseError::SignatureInvalid) => Err(ComplaintError::Signature),
        Err(_) => Err(ComplaintError::Malformed),
    }
}

impl ComplaintKind {
    const fn number(self) -> u64 {
        match self {
            Self::Complaint => 1,
            Self::Erasure => 2,
        }
    }
}

impl ComplaintContent {
    fn encode(&self, key: &PublicKey) -> Vec<u8> {
        let mut e = Encoder::new();
        e.map(6);
        e.int(0).uint(self.kind.number());
        e.int(1).int(self.at.unix());
        e.int(2).text(&self.text);
        e.int(3).text(&self.evidence);
        e.int(4).array(self.contacts.len());
        for contact in &self.contacts {
            e.text(contact);
        }
        e.int(5).cose_key(key);
        e.into_vec()
    }
}

fn read(payload: &[u8]) -> Option<(ComplaintContent, PublicKey)> {
    let (mut kind, mut at, mut text, mut evidence, mut contacts, mut key) = (None, None, None, None, Vec::new(), None);
    Decoder::decode(payload, Limits::DEFAULT, |d| {
        let mut map = d.map()?;
        while let Some(name) = map.next_key(d)? {
            match name.as_int() {
                Some(0) => kind = Some(d.u64()?),
                Some(1) => at = Some(Timestamp::from_unix(d.i64()?)),
                Some(2) => text = Some(d.text()?.to_owned()),
                Some(3) => evidence = Some(d.text()?.to_owned()),
                Some(4) => {
                    let mut array = d.array()?;
                    while array.next(d)? {
                        contacts.push(d.text()?.to_owned());
                    }
                }
                Some(5) => key = Some(d.item()?.bytes()),
                _ => d.skip()?,
            }
        }
        Ok(())
    })
    .ok()?;
    let kind = match kind? {
        1 => ComplaintKind::Complaint,
        2 => ComplaintKind::Erasure,
        _ => return None,
    };
    let key = *CoseKey::parse(key?, Limits::DEFAULT).ok()?.public_key();
    let content = ComplaintContent {
        kind,
        at: at?,
        text: text?,
        evidence: evidence?,
        contacts,
    };
    Some((content, key))
}

impl ComplaintFile {
    /// The same for people: a page to read and print, times `offset_minutes` east of Greenwich. What is signed is
    /// [`signed`](Self::signed).
    #[must_use]
    pub fn to_html(&self, lang: Lang, offset_minutes: i16) -> String {
        let title = match (self.content.kind, lang) {
            (ComplaintKind::Complaint, Lang::Vi) => "Phản ánh về bên đã yêu cầu xem giấy tờ",
            (ComplaintKind::Complaint, Lang::En) => "Complaint about whoever asked to see documents",
            (ComplaintKind::Erasure, Lang::Vi) => "Yêu cầu xóa dữ liệu đã chia sẻ",
            (ComplaintKind::Erasure, Lang::En) => "Request to erase what was shared",
        };
        let mut body = format!(
            "<h1>{title}</h1><section><p>{}</p></section>",
            escape(&self.content.text)
        );
        let at = escape(&local_time(self.entry.at, offset_minutes, lang));
        let headline = escape(&self.entry.headline(lang));
        body.push_str(&format!("<section><h2>{at}</h2><p>{headline}</p><dl>"));
        for (caption, text) in self.entry.details(lang) {
            body.push_str(&format!("<dt>{caption}</dt><dd>{}</dd>", escape(&text)));
        }
        let certificate = match lang {
            Lang::Vi => "Dấu vân tay chứng thư (SHA-256)",
            Lang::En => "Fingerprint of the certificate (SHA-256)",
        };
        for who in &self.entry.who {
            if let Some(fingerprint) = &who.fingerprint {
                body.push_str(&format!("<dt>{certificate}</dt><dd>{}</dd>", json::hex(fingerprint)));
            }
        }
        for contact in &self.content.contacts {
            let caption = match lang {
                Lang::Vi => "Liên hệ",
                Lang::En => "Contact",
            };
            body.push_str(&format!("<dt>{caption}</dt><dd>{}</dd>", escape(contact)));
        }
        body.push_str("</dl></section>");
        document(lang, title, &body)
    }
}

impl Wallet {
    /// Prepares a complaint about whoever is behind an entry of the history, for a data protection authority. Nothing is sent; that it was
    /// prepared is an entry of its own (H-H66).
    ///
    /// # Errors
    /// [`StateFault::NoEntry`], [`StateFault::TextTooLong`]; those of the secure area; [`WalletError::Storage`].
    pub async fn prepare_complaint(
        &self,
        entry: u64,
        text: &str,
        now: Timestamp,
    ) -> Result<ComplaintFile, WalletError> {
        self.prepare(ComplaintKind::Complaint, entry, text, now).await
    }

    /// Prepares a request to whoever is behind an entry of the history to erase what they got.
    ///
    /// # Errors
    /// As [`prepare_complaint`](Self::prepare_complaint).
    pub async fn prepare_erasure_request(
        &self,
        entry: u64,
        text: &str,
        now: Timestamp,
    ) -> Result<ComplaintFile, WalletError> {
        self.prepare(ComplaintKind::Erasure, entry, text, now).await
    }

    async fn prepare(
        &self,
        kind: ComplaintKind,
        sequence: u64,
        text: &str,
        now: Timestamp,
    ) -> Result<ComplaintFile, WalletError> {
        if text.len() > MAX_TEXT {
            return Err(StateFault::TextTooLong.into());
        }
        let entry = self.presented(sequence)?;
        let contacts = entry.who.iter().flat_map(|who| who.contacts.iter().cloned());
        let content = ComplaintContent {
            kind,
            at: now,
            text: text.to_owned(),
            evidence: json::evidence(&entry),
            contacts: contacts.collect(),
        };
        let signed = self.sign_once(&content).await?;
        let event = match kind {
            ComplaintKind::Complaint => Event::Complaint,
            ComplaintKind::Erasure => Event::ErasureRequest,
        };
        let _turn = self.turn();
        // Its owner may have deleted it while the key store was asked.
        self.presented(sequence)?;
        self.log(&NewEntry::done(event, now).about(sequence));
        Ok(ComplaintFile { signed, content, entry })
    }

    fn presented(&self, sequence: u64) -> Result<HistoryEntry, WalletError> {
        let history = self.history()?;
        let entry = history
            .entry(sequence)
            .filter(|entry| entry.event == Event::Presentation);
        Ok(entry.ok_or(StateFault::NoEntry)?.clone())
    }

    /// Signs with a key that exists for this one file.
    async fn sign_once(&self, content: &ComplaintContent) -> Result<Vec<u8>, WalletError> {
        let spec = KeySpec {
            curve: Curve::P256,
            purpose: KeyPurpose::Sign,
            authentication: Authentication::None,
            attestation_challenge: None,
        };
        let key = self.ask(self.area.create_key(&spec)).await?;
        let payload = content.encode(&key.public_key);
        let builder = Sign1Builder::new().payload(&payload).typ(TYP).tagged();
        let result = match builder.to_be_signed(Curve::P256) {
            Ok(unsigned) => match self.ask(self.area.sign(&key.id, unsigned.bytes())).await {
                Ok(der) => ecdsa_der_to_raw(Curve::P256, &der)
                    .ok()
                    .and_then(|raw| unsigned.finish(&raw).ok())
                    .filter(|signed| verify_complaint(signed).is_ok())
                    .ok_or_else(|| InternalFault::KeyStoreOutput("signature").into()),
                Err(error) => Err(error),
            },
            Err(_) => Err(InternalFault::Response.into()),
        };
        self.discard(core::slice::from_ref(&key)).await;
        result
    }
}
