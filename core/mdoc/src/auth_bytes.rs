//! The structures that device and reader authenticate, byte for byte (ISO 18013-5 §9.1.3.4, §9.1.4.4).

use crate::SessionTranscript;
use crate::encode::bytes_head;
use idwallet_cose::cbor::{Encoder, size};
use idwallet_crypto::{CryptoError, Secret, SecretBytes, hkdf_sha256};

/// `#6.24(bstr .cbor [context, SessionTranscript, parts…])`, written once and without a copy of the transcript.
fn tagged_array(
    context: &str,
    transcript: &SessionTranscript,
    elements: usize,
    rest: usize,
    write: impl FnOnce(&mut Encoder),
) -> Vec<u8> {
    let inner = size::head(elements as u64)
        .saturating_add(size::string(context.len()))
        .saturating_add(transcript.as_bytes().len())
        .saturating_add(rest);
    let mut e = Encoder::with_capacity(size::tag24(inner));
    bytes_head(e.tag(24), inner)
        .array(elements)
        .text(context)
        .raw(transcript.as_bytes());
    write(&mut e);
    e.into_vec()
}

/// `DeviceAuthenticationBytes`: the detached content of `deviceSignature` and `deviceMac` (A-H54).
///
/// `device_name_spaces_bytes` is `DeviceNameSpacesBytes` with its tag 24, as received.
#[must_use]
pub fn device_authentication_bytes(
    transcript: &SessionTranscript,
    doc_type: &str,
    device_name_spaces_bytes: &[u8],
) -> Vec<u8> {
    let rest = size::string(doc_type.len()).saturating_add(device_name_spaces_bytes.len());
    tagged_array("DeviceAuthentication", transcript, 4, rest, |e| {
        e.text(doc_type).raw(device_name_spaces_bytes);
    })
}

/// `ReaderAuthenticationBytes`: the detached content of `readerAuth` (A-H42).
///
/// `items_request_bytes` is `ItemsRequestBytes` with its tag 24, as received.
#[must_use]
pub fn reader_authentication_bytes(transcript: &SessionTranscript, items_request_bytes: &[u8]) -> Vec<u8> {
    tagged_array("ReaderAuthentication", transcript, 3, items_request_bytes.len(), |e| {
        e.raw(items_request_bytes);
    })
}

/// `ReaderAuthenticationAllBytes`: the detached content of each `readerAuthAll` (2nd edition §12.5.4, A-H43).
///
/// `items_requests` are the `ItemsRequestBytes` of every document request in order, `info` is `DeviceRequestInfoBytes`, each with
/// its tag 24 as received.
#[must_use]
pub fn reader_authentication_all_bytes(
    transcript: &SessionTranscript,
    items_requests: &[&[u8]],
    info: Option<&[u8]>,
) -> Vec<u8> {
    let requests = items_requests
        .iter()
        .fold(size::head(items_requests.len() as u64), |sum, r| {
            sum.saturating_add(r.len())
        });
    let rest = requests.saturating_add(info.map_or(1, <[u8]>::len));
    tagged_array("ReaderAuthenticationAll", transcript, 4, rest, |e| {
        e.array(items_requests.len());
        for request in items_requests {
            e.raw(request);
        }
        match info {
            Some(info) => e.raw(info),
            None => e.null(),
        };
    })
}

/// EMacKey: the key of `deviceMac`, from the secret shared by device key and reader key (ISO 18013-5 §9.1.3.5, A-H56).
///
/// # Errors
/// [`CryptoError`] when the derivation fails, which it does not for an output of this length.
pub fn derive_emac_key(
    shared_secret: &SecretBytes,
    transcript: &SessionTranscript,
) -> Result<Secret<[u8; 32]>, CryptoError> {
    let mut key = Secret::new([0; 32]);
    hkdf_sha256(shared_secret.expose(), &transcript.salt(), b"EMacKey", key.expose_mut())?;
    Ok(key)
}
