//! JWE under a passphrase.

use crate::Failure;
use crate::files;
use crate::options::{Options, Outcome};
use idwallet_crypto::SystemRandom;
use idwallet_jose::{Iterations, Jwe};
use serde_json::json;

/// `encrypt`: the content of a file as the wallet encrypts its history.
pub fn encrypt(options: &Options) -> Outcome {
    let (content, passphrase) = (
        files::bytes(options.need_path("data")?)?,
        files::bytes(options.need_path("passphrase")?)?,
    );
    let kind = Some("application/json");
    let message = idwallet_jose::encrypt(&content, &passphrase, kind, Iterations::DEFAULT, &SystemRandom::new());
    files::write(options.need_path("out")?, message.map_err(Failure::failed)?.as_bytes())?;
    Ok(json!({}))
}

/// `decrypt`: the content of such a message of theirs.
pub fn decrypt(options: &Options) -> Outcome {
    let (message, passphrase) = (
        files::bytes(options.need_path("message")?)?,
        files::bytes(options.need_path("passphrase")?)?,
    );
    let text = String::from_utf8(message).map_err(Failure::refused)?;
    let message = Jwe::parse(&text).map_err(Failure::refused)?;
    let content = message.decrypt(&passphrase).map_err(Failure::refused)?;
    files::write(options.need_path("out")?, content.expose())?;
    Ok(json!({ "content_type": message.content_type() }))
}
