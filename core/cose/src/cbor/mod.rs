//! CBOR (RFC 8949) with the received bytes kept.
//!
//! [`Decoder`] pulls borrowed values out of a slice and never copies or re-encodes; [`Item`], [`Encoded`] and [`Tag24`] keep the
//! bytes that get hashed beside the view decoded from them (X-C01, A-C04). [`Encoder`] writes the shortest definite form (A-C02).
//! Every doubtful input has a defined answer, see the table in the crate's README.
//!
//! ```
//! use idwallet_cose::cbor::{Decoder, Encoder, Key};
//! let mut e = Encoder::new();
//! e.map(2).text("docType").text("a").text("n").uint(7);
//! let bytes = e.into_vec();
//!
//! let mut d = Decoder::new(&bytes);
//! let (mut doc_type, mut n) = (None, None);
//! let mut map = d.map()?;
//! while let Some(key) = map.next_key(&mut d)? {
//!     match key {
//!         Key::Text("docType") => doc_type = Some(d.text()?),
//!         Key::Text("n") => n = Some(d.u64()?),
//!         _ => d.skip()?, // unknown keys are ignored, duplicates of them are not
//!     }
//! }
//! let n = d.required(n, "n")?;
//! d.finish()?;
//! assert_eq!((doc_type, n), (Some("a"), 7));
//! # Ok::<(), idwallet_cose::cbor::Error>(())
//! ```

mod array;
mod canonical;
mod date;
mod decoder;
mod diag;
mod encoder;
mod error;
mod float;
mod item;
mod json;
mod limits;
mod map;
mod value;
mod walk;

pub use array::ArrayReader;
pub use ciborium::value::{Integer, Value};
pub use decoder::Decoder;
pub use diag::{MAX_DIAGNOSTIC, to_diagnostic};
pub use encoder::{Encoder, size};
pub use error::{Error, ErrorKind, InField, Type};
pub use item::{Encoded, Item, ItemBuf, Tag24, Tag24Buf};
pub use json::to_json;
pub use limits::{Indefinite, Limits, NonShortest};
pub use map::{Key, MapReader};

/// Result of CBOR operations.
pub type Result<T, E = Error> = core::result::Result<T, E>;
