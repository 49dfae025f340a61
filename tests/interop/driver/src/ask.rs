//! `request`: what a reader asks for.

use crate::options::{Options, Outcome};
use crate::{Failure, files, keys};
use idwallet_mdoc::request::{DeviceRequestBuilder, ItemsRequestBuilder, ReaderCertificates};
use serde_json::{Value, json};

/// Writes a DeviceRequest: plain, with `readerAuth` on each document, or with `readerAuthAll`.
pub fn request(options: &Options) -> Outcome {
    let ask = files::json(options.need("ask")?)?;
    let mut builder = DeviceRequestBuilder::new();
    for (doc_type, spaces) in ask.as_object().into_iter().flatten() {
        let mut items = ItemsRequestBuilder::new(doc_type);
        for (space, elements) in spaces.as_object().into_iter().flatten() {
            for (element, retain) in elements.as_object().into_iter().flatten() {
                items = items.element(space, element, retain == &Value::Bool(true));
            }
        }
        builder = builder.document(items);
    }
    let bytes = if options.has("signer") {
        let certificates =
            ReaderCertificates::new(&files::certificates(options.need("chain")?)?).map_err(Failure::unusable)?;
        let builder = if options.has("all") {
            builder.second_edition().reader_auth_all(certificates)
        } else {
            builder.reader_auth(certificates)
        };
        builder
            .sign(&files::transcript(options)?, &keys::private(options.need("signer")?)?)
            .map_err(Failure::failed)?
    } else {
        builder.unsigned().map_err(Failure::failed)?
    };
    files::write(options.need("out")?, &bytes)?;
    Ok(json!({}))
}
