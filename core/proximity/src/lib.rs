//! In-person presentation, holder and reader, without input or output of its own.
//!
//! This crate knows what is said between two devices that stand next to each other. It never opens a socket, a radio or a camera, has no
//! clock and no randomness of its own: bytes, strings and times go in, bytes and strings come out.
//!
//! - [`engagement`]: device and reader engagement, QR text.
//! - [`nfc`]: the messages of NFC handover.
//! - [`session`]: session keys, encryption, messages.
//! - [`HolderSession`] and [`ReaderSession`]: the two roles over any carrier of messages. Both are driven by [`Action`].
//! - [`stream`]: messages on a byte stream.
//! - [`camera`]: carries a message over nothing but a screen and a camera, as animated QR codes.
//! - [`CameraReader`] and [`CameraHolder`]: the two roles of the session that uses it.
//!
//! The formats that are this project's own are written down in `README.md` of this crate, with worked examples.

#![forbid(unsafe_code)]

mod action;
pub mod camera;
mod camera_session;
pub mod engagement;
mod error;
mod holder;
pub mod limits;
pub mod nfc;
mod reader;
pub mod session;
pub mod stream;

pub use action::{Action, EndReason};
pub use camera_session::{CameraAnswer, CameraDraft, CameraHolder, CameraReader};
pub use engagement::{DeviceEngagement, DeviceEngagementBuilder, MethodKind, ReaderEngagement, RetrievalMethod};
pub use error::{ProximityError, Result};
pub use holder::HolderSession;
pub use reader::{ReaderSession, ReceivedResponse};
pub use session::{Role, SessionData, SessionEncryption, SessionEstablishment, SessionStatus};
