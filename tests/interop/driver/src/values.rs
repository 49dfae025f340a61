//! VALUE of the interface to data elements and back.

use crate::Failure;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use idwallet_cose::cbor::{Encoder, Item, to_json};
use idwallet_mdoc::issue::ElementValue;
use serde_json::{Map, Value};

/// The element value for a VALUE.
pub fn element(value: &Value) -> Result<ElementValue, Failure> {
    let mut e = Encoder::new();
    write(&mut e, value)?;
    Ok(ElementValue::from_cbor(e.as_slice()))
}

fn write(e: &mut Encoder, value: &Value) -> Result<(), Failure> {
    match value {
        Value::Null => {
            e.null();
        }
        Value::Bool(value) => {
            e.bool(*value);
        }
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(int), _) => {
                e.int(int);
            }
            (None, Some(float)) => {
                e.float(float);
            }
            (None, None) => return Err(Failure::Unusable("a number without a value".to_owned())),
        },
        Value::String(text) => {
            e.text(text);
        }
        Value::Array(items) => {
            e.array(items.len());
            for item in items {
                write(e, item)?;
            }
        }
        Value::Object(fields) => match special(fields) {
            Some(("bytes", text)) => {
                e.bytes(&URL_SAFE_NO_PAD.decode(text).map_err(Failure::unusable)?);
            }
            Some(("date", text)) => {
                e.tag(1004).text(text);
            }
            Some((_, text)) => {
                e.tag(0).text(text);
            }
            None => {
                e.map(fields.len());
                for (key, value) in fields {
                    e.text(key);
                    write(e, value)?;
                }
            }
        },
    }
    Ok(())
}

fn special(fields: &Map<String, Value>) -> Option<(&str, &str)> {
    let (key, value) = fields.iter().next().filter(|_| fields.len() == 1)?;
    let known = ["bytes", "date", "tdate"].contains(&key.as_str());
    known.then(|| Some((key.as_str(), value.as_str()?))).flatten()
}

/// Elements with their values, by namespace.
pub fn elements<'a>(items: impl Iterator<Item = (&'a str, &'a str, Item<'a>)>) -> Result<Value, Failure> {
    let mut spaces = Map::new();
    for (space, element, value) in items {
        let entry = spaces.entry(space).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(elements) = entry {
            elements.insert(element.to_owned(), to_json(value).map_err(Failure::failed)?);
        }
    }
    Ok(Value::Object(spaces))
}
