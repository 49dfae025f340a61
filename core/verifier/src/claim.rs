//! Values that were verified, owned.

use idwallet_cose::cbor::{Item, ItemBuf, to_json};
use idwallet_crypto::Date;
use idwallet_documents::{DocumentType, Label};
use serde_json::Value as Json;

/// One verified value. Its `Debug` shows its type and length only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim(ItemBuf);

impl Claim {
    pub(crate) fn new(item: Item<'_>) -> Self {
        Self(item.to_buf())
    }

    /// The value as received.
    #[must_use]
    pub fn item(&self) -> Item<'_> {
        self.0.as_item()
    }

    /// The value if it is text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.item().decode(|d| d.text()).ok()
    }

    /// The value if it is a byte string.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        self.item().decode(|d| d.bytes()).ok()
    }

    /// The value if it is true or false.
    #[must_use]
    pub fn bool(&self) -> Option<bool> {
        self.item().decode(|d| d.bool()).ok()
    }

    /// The value if it is an integer of 64 bits.
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        self.item().decode(|d| d.i64()).ok()
    }

    /// The value if it is a `full-date`.
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        self.item().decode(|d| d.full_date()).ok()
    }

    /// The value as a person reads it, by what the document type says of the element: codes as words, pictures by their size.
    #[must_use]
    pub fn shown(&self, kind: Option<&DocumentType>, name_space: &str, element: &str) -> Label {
        idwallet_documents::shown(kind, name_space, element, self.item())
    }

    /// As JSON: byte strings are `{"bytes": base64url}`, dates are text, unknown tags keep their number.
    #[must_use]
    pub fn to_json(&self) -> Json {
        // An item was checked when it was made, so this does not fail.
        to_json(self.item()).unwrap_or(Json::Null)
    }
}

/// Verified values by namespace and name, in the order received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims(Vec<(String, Vec<(String, Claim)>)>);

impl Claims {
    pub(crate) fn push(&mut self, name_space: &str, name: &str, item: Item<'_>) {
        let entry = (name.to_owned(), Claim::new(item));
        match self.0.iter_mut().find(|(space, _)| space == name_space) {
            Some((_, claims)) => claims.push(entry),
            None => self.0.push((name_space.to_owned(), vec![entry])),
        }
    }

    /// One value.
    #[must_use]
    pub fn get(&self, name_space: &str, name: &str) -> Option<&Claim> {
        let (_, claims) = self.0.iter().find(|(space, _)| space == name_space)?;
        claims.iter().find(|(other, _)| other == name).map(|(_, claim)| claim)
    }

    /// Every value: namespace, name, value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Claim)> {
        self.0.iter().flat_map(|(space, claims)| {
            claims
                .iter()
                .map(move |(name, claim)| (space.as_str(), name.as_str(), claim))
        })
    }

    /// The namespaces, each with its values.
    pub fn name_spaces(&self) -> impl Iterator<Item = (&str, &[(String, Claim)])> {
        self.0.iter().map(|(space, claims)| (space.as_str(), claims.as_slice()))
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0
            .iter()
            .fold(0, |sum, (_, claims)| sum.saturating_add(claims.len()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
