//! Documents signed by an issuer that looks at nothing: rightly signed, whatever they say.

use crate::World;
use idwallet_cose::cbor::{Encoder, Value};
use idwallet_cose::{Place, Sign1Builder};
use idwallet_crypto::{PublicKey, Signer, Timestamp, sha256};

/// What an issuer signs without looking: the issuing side of `idwallet-mdoc` would refuse most of what tests want to be wrong.
#[derive(Clone)]
pub struct Unchecked {
    /// The docType.
    pub doc_type: String,
    /// Namespace, element, value.
    pub elements: Vec<(String, String, Value)>,
    /// The key it is bound to.
    pub device_key: PublicKey,
    /// `signed`.
    pub signed: Timestamp,
    /// `validFrom`.
    pub valid_from: Timestamp,
    /// `validUntil`.
    pub valid_until: Timestamp,
}

impl Unchecked {
    /// `IssuerSigned`, signed by the world's issuer.
    #[must_use]
    pub fn sign(&self, world: &World) -> Vec<u8> {
        let mut spaces: Vec<&str> = Vec::new();
        for (space, ..) in &self.elements {
            if !spaces.contains(&space.as_str()) {
                spaces.push(space);
            }
        }
        let mut out = Encoder::new();
        out.map(2).text("nameSpaces").map(spaces.len());
        let mut digests = Encoder::new();
        digests.map(spaces.len());
        for space in spaces {
            let of_space: Vec<_> = self.elements.iter().filter(|(of, ..)| of == space).collect();
            out.text(space).array(of_space.len());
            digests.text(space).map(of_space.len());
            for (id, (_, element, value)) in of_space.into_iter().enumerate() {
                let item = item(id as u64, element, value);
                digests.uint(id as u64).bytes(&sha256(&item));
                out.raw(&item);
            }
        }
        let mso = self.mso(digests.as_slice());
        let signed = Sign1Builder::new()
            .x5chain(Place::Unprotected, &[world.issuer.signer.der()])
            .payload(&mso)
            .sign(&world.issuer.signer_key as &dyn Signer)
            .unwrap();
        out.text("issuerAuth").raw(&signed);
        out.into_vec()
    }

    fn mso(&self, digests: &[u8]) -> Vec<u8> {
        let mut e = Encoder::new();
        e.map(6).text("version").text("1.0");
        e.text("digestAlgorithm").text("SHA-256");
        e.text("valueDigests").raw(digests);
        e.text("deviceKeyInfo").map(1).text("deviceKey");
        e.raw(&idwallet_cose::cose_key_to_vec(&self.device_key));
        e.text("docType").text(&self.doc_type);
        e.text("validityInfo").map(3);
        let dates = [
            ("signed", self.signed),
            ("validFrom", self.valid_from),
            ("validUntil", self.valid_until),
        ];
        for (name, date) in dates {
            e.text(name).tag(0).text(&date.to_rfc3339());
        }
        tag24(e.as_slice())
    }
}

fn item(id: u64, element: &str, value: &Value) -> Vec<u8> {
    let mut e = Encoder::new();
    e.map(4).text("digestID").uint(id);
    e.text("random").bytes(&sha256(element.as_bytes()));
    e.text("elementIdentifier").text(element).text("elementValue");
    e.value(value).unwrap();
    tag24(e.as_slice())
}

fn tag24(inner: &[u8]) -> Vec<u8> {
    let mut e = Encoder::new();
    e.tag24(inner);
    e.into_vec()
}
