//! Received items to owned values.

use super::error::{Error, ErrorKind, Type};
use super::float::float_of;
use super::item::Item;
use super::{Decoder, Integer, Result, Value};

impl Item<'_> {
    /// An owned value, for claims and for building. Map order stays; chunked strings are joined; `undefined` becomes null.
    ///
    /// # Errors
    /// [`ErrorKind::UnsupportedSimple`] for simple values other than `false`, `true`, `null`, `undefined`.
    pub fn to_value(self) -> Result<Value> {
        self.decode(Decoder::value)
    }
}

impl Decoder<'_> {
    /// The next item as an owned value, checked as by [`Decoder::skip`].
    ///
    /// # Errors
    /// As [`Decoder::skip`] and [`Item::to_value`].
    pub fn value(&mut self) -> Result<Value> {
        // Bounds depth and refuses duplicate keys before anything is allocated.
        let at = self.offset();
        let item = self.item()?;
        let mut d = item.decoder();
        read(&mut d).map_err(|error| Error::new(at.saturating_add(error.offset()), error.kind().clone()))
    }
}

/// Recursion is bounded: the item was walked under the same limits before.
fn read(d: &mut Decoder<'_>) -> Result<Value> {
    Ok(match d.peek()? {
        Type::Unsigned => Value::Integer(d.u64()?.into()),
        Type::Negative => {
            let at = d.offset();
            Value::Integer(Integer::try_from(d.int()?).map_err(|_| Error::new(at, ErrorKind::OutOfRange))?)
        }
        Type::Bytes => Value::Bytes(d.bytes_cow()?.into_owned()),
        Type::Text => Value::Text(d.text_cow()?.into_owned()),
        Type::Array => {
            let mut array = d.array()?;
            let mut elements = Vec::new();
            while array.next(d)? {
                elements.push(read(d)?);
            }
            Value::Array(elements)
        }
        Type::Map => {
            let mut left = d.map()?.into_unchecked();
            let mut entries = Vec::new();
            while left.next(d)? {
                let key = read(d)?;
                entries.push((key, read(d)?));
            }
            Value::Map(entries)
        }
        Type::Tag => {
            let number = d.tag()?;
            Value::Tag(number, Box::new(read(d)?))
        }
        Type::Bool => Value::Bool(d.bool()?),
        Type::Float => Value::Float(float_of(d.head()?)),
        Type::Null | Type::Undefined => {
            d.head()?;
            Value::Null
        }
        Type::Simple | Type::Break => return Err(d.error(ErrorKind::UnsupportedSimple)),
    })
}
