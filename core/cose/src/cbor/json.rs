//! Received items as JSON, for reports and command line output.

use super::date::{TAG_FULL_DATE, TAG_TDATE};
use super::diag;
use super::error::Type;
use super::item::Item;
use super::{Decoder, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value as Json, json};

/// Tag of an integer or float with seconds since 1970.
const TAG_EPOCH: u64 = 1;

/// An item as JSON.
///
/// Text, bool, null and numbers within 64 bits are themselves; byte strings are `{"bytes": base64url}`; `tdate`, `full-date` and epoch
/// times are text; other tags are `{"tag": number, "value": …}`; larger integers are `{"integer": text}`, floats that JSON has not are text,
/// simple values are `{"simple": number}`. Map keys that are not text are written in diagnostic notation; where that would make two
/// keys one, the map is `{"map": [[key, value], …]}`.
///
/// # Errors
/// None for an [`Item`], which was checked when it was made; the result is there because reading is fallible.
pub fn to_json(item: Item<'_>) -> Result<Json> {
    item.decode(read)
}

/// Recursion is bounded: the item was walked under the same limits before.
fn read(d: &mut Decoder<'_>) -> Result<Json> {
    Ok(match d.peek()? {
        Type::Unsigned => json!(d.u64()?),
        Type::Negative => {
            let int = d.int()?;
            i64::try_from(int).map_or_else(|_| json!({ "integer": int.to_string() }), |int| json!(int))
        }
        Type::Bytes => json!({ "bytes": URL_SAFE_NO_PAD.encode(d.bytes_cow()?) }),
        Type::Text => Json::String(d.text_cow()?.into_owned()),
        Type::Array => {
            let mut array = d.array()?;
            let mut elements = Vec::new();
            while array.next(d)? {
                elements.push(read(d)?);
            }
            Json::Array(elements)
        }
        Type::Map => read_map(d)?,
        Type::Tag => {
            let number = d.tag()?;
            let kind = d.peek()?;
            match (number, kind) {
                (TAG_TDATE | TAG_FULL_DATE, Type::Text) => read(d)?,
                (TAG_EPOCH, Type::Unsigned | Type::Negative) => {
                    let seconds = d.int()?;
                    match i64::try_from(seconds) {
                        // The years that RFC 3339 can write.
                        Ok(s @ -62_135_596_800..=253_402_300_799) => {
                            Json::String(idwallet_crypto::Timestamp::from_unix(s).to_rfc3339())
                        }
                        _ => json!({ "tag": number, "value": { "integer": seconds.to_string() } }),
                    }
                }
                _ => json!({ "tag": number, "value": read(d)? }),
            }
        }
        Type::Bool => Json::Bool(d.bool()?),
        Type::Float => {
            let float = d.float()?;
            serde_json::Number::from_f64(float).map_or_else(|| Json::String(diag::float_text(float)), Json::Number)
        }
        Type::Null | Type::Undefined => {
            d.skip()?;
            Json::Null
        }
        Type::Simple | Type::Break => json!({ "simple": d.simple()? }),
    })
}

fn read_map(d: &mut Decoder<'_>) -> Result<Json> {
    let mut left = d.map()?.into_unchecked();
    let mut entries = Vec::new();
    while left.next(d)? {
        let key = d.item()?;
        let name = match key.kind() {
            Type::Text => key.decode(|d| Ok(d.text_cow()?.into_owned()))?,
            _ => diag::to_diagnostic(key)?,
        };
        entries.push((name, key, read(d)?));
    }
    let count = entries.len();
    let object: Map<String, Json> = entries
        .iter()
        .map(|(name, _, value)| (name.clone(), value.clone()))
        .collect();
    if object.len() == count {
        return Ok(Json::Object(object));
    }
    let mut pairs = Vec::with_capacity(count);
    for (_, key, value) in entries {
        pairs.push(Json::Array(vec![to_json(key)?, value]));
    }
    Ok(json!({ "map": pairs }))
}
