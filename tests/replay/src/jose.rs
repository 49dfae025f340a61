//! Encrypted messages of somebody else's.

use crate::tell;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use idwallet_jose::{Jwe, MAX_ITERATIONS};

/// A message is read within its bounds, and has one text: what its parts say, written again, is what was read.
/// It is tried where that is cheap; nobody knows a passphrase for what was made up.
pub fn jwe(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let message = match Jwe::parse(text) {
        Ok(message) => message,
        Err(error) => return tell(&error),
    };
    assert!((1000..=MAX_ITERATIONS).contains(&message.iterations()));
    std::hint::black_box(message.content_type());
    let parts: Vec<Vec<u8>> = text
        .trim_ascii()
        .split('.')
        .map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap())
        .collect();
    let again: Vec<String> = parts.iter().map(|part| BASE64_URL_SAFE_NO_PAD.encode(part)).collect();
    assert_eq!(again.join("."), text.trim_ascii());
    if message.iterations() <= 2000 {
        tell(&message.decrypt(b"guess").unwrap_err());
    }
}
