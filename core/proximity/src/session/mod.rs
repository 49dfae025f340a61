//! Session encryption and its messages (ISO 18013-5 §9.1.1), the same for both roles.

mod cipher;
mod keys;
mod message;

pub use cipher::{Role, SessionEncryption};
pub use keys::{SessionKeys, derive_session_keys};
pub use message::{SessionData, SessionEstablishment, SessionStatus};
