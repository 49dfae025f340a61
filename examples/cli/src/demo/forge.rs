//! What an attacker makes: responses that a strict reader has to refuse, each wrong in one thing.

use idwallet_cose::cbor::{Encoder, Item, Limits, Value};
use idwallet_cose::{Sign1Builder, cose_key_to_vec};
use idwallet_crypto::x509::{Certificate, CertificateBuilder, NameBuilder};
use idwallet_crypto::{Curve, PrivateKey, Random, Timestamp};
use idwallet_documents::{DocumentData, DocumentType};
use idwallet_mdoc::holder::{DeviceAuthUsage, DeviceKey, DeviceResponseBuilder, ResponseDocument, select};
use idwallet_mdoc::issue::MdocIssuer;
use idwallet_mdoc::{
    DeviceResponse, Handover, IssuerSigned, ItemsRequest, SessionTranscript, device_authentication_bytes,
};

use super::Result;

const DAY: i64 = 86_400;
const CONTACT: &str = "https://issuer.example";
const CRL_URI: &str = "https://issuer.example/iaca.crl";

/// An authority and a signer, made here and now.
pub(super) struct Authority {
    key: PrivateKey,
    certificate: Certificate,
}

/// Who signs a document: a key and the certificate that is shown for it.
pub(super) struct DocumentSigner {
    pub(super) key: PrivateKey,
    pub(super) certificate: Certificate,
}

/// Makes keys, certificates, documents and responses for one point in time.
pub(super) struct Forge<'a> {
    pub(super) random: &'a dyn Random,
    pub(super) now: Timestamp,
    pub(super) document_type: &'a DocumentType,
    pub(super) data: &'a DocumentData,
}

/// A response and the session it was made in.
pub(super) struct Forged {
    pub(super) response: Vec<u8>,
    pub(super) transcript: Vec<u8>,
}

impl Authority {
    /// Takes an authority's key and certificate.
    pub(super) const fn new(key: PrivateKey, certificate: Certificate) -> Self {
        Self { key, certificate }
    }
}

impl Forge<'_> {
    fn days(&self, days: i64) -> Timestamp {
        self.now.saturating_add_seconds(days.saturating_mul(DAY))
    }

    /// A key nobody else has.
    pub(super) fn key(&self) -> Result<PrivateKey> {
        Ok(PrivateKey::generate(Curve::P256, self.random)?)
    }

    /// An authority that nobody has heard of.
    pub(super) fn authority(&self, name: &str) -> Result<Authority> {
        let key = self.key()?;
        let name = NameBuilder::of("VN", None, name);
        let certificate =
            CertificateBuilder::iaca(&name, key.public_key(), self.days(-60), CONTACT).sign(&key, self.random)?;
        Ok(Authority { key, certificate })
    }

    /// A document signer of that authority.
    pub(super) fn signer(&self, authority: &Authority) -> Result<DocumentSigner> {
        let key = self.key()?;
        let name = NameBuilder::of("VN", None, "Document signer of the demo");
        let certificate = CertificateBuilder::document_signer(
            &authority.certificate,
            &name,
            key.public_key(),
            self.days(-30),
            CONTACT,
            CRL_URI,
        )
        .sign(&authority.key, self.random)?;
        Ok(DocumentSigner { key, certificate })
    }

    /// A reader's certificate of the very authority that also certifies document signers.
    pub(super) fn reader_of(&self, authority: &Authority) -> Result<DocumentSigner> {
        let key = self.key()?;
        let name = NameBuilder::of("VN", None, "Reader of the demo");
        let certificate =
            CertificateBuilder::reader_auth(&authority.certificate, &name, key.public_key(), self.days(-30), CRL_URI)
                .sign(&authority.key, self.random)?;
        Ok(DocumentSigner { key, certificate })
    }

    /// A document bound to `device`, valid for these days from now.
    pub(super) fn issue(
        &self,
        signer: &DocumentSigner,
        device: &PrivateKey,
        days: core::ops::Range<i64>,
    ) -> Result<Vec<u8>> {
        let mut issuer = MdocIssuer::new(&signer.key, vec![signer.certificate.clone()])
            .doc_type(self.document_type.doc_type())
            .signed_at(self.days(days.start))
            .validity(self.days(days.start)..self.days(days.end));
        for element in &self.data.elements {
            issuer = issuer.element(&element.namespace, &element.element, element.value.to_cbor());
        }
        let mut issued = issuer.copy(*device.public_key()).issue(self.random)?;
        Ok(issued.pop().ok_or("nothing was issued")?.issuer_signed)
    }

    /// A session by QR code, seen from outside.
    pub(super) fn transcript(&self) -> Result<SessionTranscript> {
        let (holder, reader) = (self.key()?, self.key()?);
        let mut engagement = Encoder::new();
        engagement
            .map(2)
            .int(0)
            .text("1.0")
            .int(1)
            .array(2)
            .int(1)
            .tag24(&cose_key_to_vec(holder.public_key()));
        let reader_key = cose_key_to_vec(reader.public_key());
        Ok(SessionTranscript::new(
            Some(engagement.as_slice()),
            Some(&reader_key),
            Handover::Qr,
        )?)
    }

    /// The answer to a request for these elements, as an honest wallet gives it.
    pub(super) fn respond(
        &self,
        issuer_signed: &[u8],
        device: &PrivateKey,
        elements: &[(&str, &str)],
    ) -> Result<Forged> {
        let transcript = self.transcript()?;
        let issuer_signed = IssuerSigned::parse(issuer_signed)?;
        let mso = issuer_signed.mobile_security_object()?;
        let request = items_request(mso.doc_type(), elements);
        let request = ItemsRequest::parse(&request)?;
        let selection = select(&issuer_signed, &mso, &request).map_err(|_| "the document does not answer")?;
        let release = selection.approve_all();
        let document = ResponseDocument::new(&issuer_signed, &mso, release, DeviceAuthUsage::Signature);
        let response = DeviceResponseBuilder::new()
            .document(document)
            .respond(&transcript, &[DeviceKey::Signature(device)])?;
        Ok(Forged {
            response,
            transcript: transcript.as_bytes().to_vec(),
        })
    }

    /// An answer with an element that only the device vouches for, though the issuer gave it no right to. The library refuses to
    /// make one, so it is written here by hand, and signed properly.
    pub(super) fn respond_with_own_element(
        &self,
        issuer_signed: &[u8],
        device: &PrivateKey,
        (name_space, element, value): (&str, &str, &str),
    ) -> Result<Forged> {
        let transcript = self.transcript()?;
        let parsed = IssuerSigned::parse(issuer_signed)?;
        let doc_type = self.document_type.doc_type();
        let mut spaces = Encoder::new();
        spaces.map(1).text(name_space).map(1).text(element).text(value);
        let mut tagged = Encoder::new();
        tagged.tag24(spaces.as_slice());
        let content = device_authentication_bytes(&transcript, doc_type, tagged.as_slice());
        let signature = Sign1Builder::new().detached_payload(&content).sign(device)?;
        let mut e = Encoder::new();
        e.map(3).text("version").text("1.0").text("documents").array(1).map(3);
        e.text("docType").text(doc_type);
        e.text("issuerSigned")
            .map(1)
            .text("issuerAuth")
            .raw(parsed.issuer_auth().bytes());
        e.text("deviceSigned").map(2).text("nameSpaces").raw(tagged.as_slice());
        e.text("deviceAuth").map(1).text("deviceSignature").raw(&signature);
        e.text("status").int(0);
        Ok(Forged {
            response: e.into_vec(),
            transcript: transcript.as_bytes().to_vec(),
        })
    }
}

/// `ItemsRequest` for these elements; nothing is kept.
fn items_request(doc_type: &str, elements: &[(&str, &str)]) -> Vec<u8> {
    let mut spaces: Vec<(&str, Vec<&str>)> = Vec::new();
    for (space, element) in elements {
        match spaces.iter_mut().find(|(name, _)| name == space) {
            Some((_, list)) => list.push(element),
            None => spaces.push((space, vec![element])),
        }
    }
    let mut e = Encoder::new();
    e.map(2)
        .text("docType")
        .text(doc_type)
        .text("nameSpaces")
        .map(spaces.len());
    for (space, list) in spaces {
        e.text(space).map(list.len());
        for element in list {
            e.text(element).bool(false);
        }
    }
    e.into_vec()
}

/// The response with one bit of that text changed.
pub(super) fn alter_text(response: &[u8], text: &str) -> Result<Vec<u8>> {
    let at = response
        .windows(text.len())
        .position(|window| window == text.as_bytes())
        .ok_or("the text is not in the response")?;
    let mut altered = response.to_vec();
    let byte = altered.get_mut(at).ok_or("out of range")?;
    *byte ^= 1;
    Ok(altered)
}

/// Whether two items of the first document have the same digest id, each in a namespace of its own.
pub(super) fn digest_ids_meet(response: &[u8]) -> Result<bool> {
    let response = DeviceResponse::parse(response)?;
    let document = response.documents().first().ok_or("no document")?;
    let mut ids: Vec<u64> = document
        .issuer_signed()
        .items()
        .map(|(_, item)| item.digest_id())
        .collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids.len() < count)
}

/// The response with the first item of one namespace put into another: the item and its digest are genuine, the place is not.
pub(super) fn move_item(response: &[u8], from: &str, to: &str) -> Result<Vec<u8>> {
    let mut value = Item::parse(response, Limits::DEFAULT)?.to_value()?;
    let document = member(&mut value, "documents").and_then(|d| d.as_array_mut()?.first_mut());
    let spaces = document
        .and_then(|d| member(d, "issuerSigned"))
        .and_then(|s| member(s, "nameSpaces"))
        .ok_or("no nameSpaces")?;
    let item = member(spaces, from)
        .and_then(Value::as_array_mut)
        .filter(|items| !items.is_empty())
        .map(|items| items.remove(0))
        .ok_or("nothing to move")?;
    match member(spaces, to).and_then(Value::as_array_mut) {
        Some(items) => items.push(item),
        None => spaces
            .as_map_mut()
            .ok_or("nameSpaces is no map")?
            .push((Value::from(to), Value::Array(vec![item]))),
    }
    let mut out = Encoder::new();
    out.value(&value)?;
    Ok(out.into_vec())
}

fn member<'v>(map: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    let entries = map.as_map_mut()?;
    entries
        .iter_mut()
        .find(|(key, _)| key.as_text() == Some(name))
        .map(|(_, value)| value)
}
