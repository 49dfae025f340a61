//! Carriers: a message as QR codes that a screen shows one after the other, and messages on a stream of bytes.

use crate::WalletError;
use crate::guard::{lock, sync};
use crate::text::count;
use idwallet_wallet::camera::{self, Limits, TransferId};
use idwallet_wallet::{SystemRandom, stream};
use std::sync::{Arc, Mutex};

/// Which message of an exchange from screen to screen is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum MessageKind {
    /// From the reader: what it asks for.
    Request,
    /// From the holder: the encrypted answer.
    Response,
}

impl From<MessageKind> for camera::MessageKind {
    fn from(kind: MessageKind) -> Self {
        match kind {
            MessageKind::Request => Self::Request,
            MessageKind::Response => Self::Response,
        }
    }
}

/// Turns a message into an endless sequence of QR codes. A screen shows frame 0, 1, 2, … until the other side has seen enough of them; it may
/// miss as many as it likes.
#[derive(uniffi::Object)]
pub struct FrameEncoder(camera::FrameEncoder);

#[uniffi::export]
impl FrameEncoder {
    /// For a message of 1 byte to 256 KiB.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] for another length; [`WalletError::Internal`] without randomness.
    #[uniffi::constructor]
    pub fn new(kind: MessageKind, data: Vec<u8>) -> Result<Arc<Self>, WalletError> {
        sync(|| {
            let id = TransferId::generate(&SystemRandom::new()).map_err(idwallet_wallet::WalletError::from)?;
            let encoder = camera::FrameEncoder::new(kind.into(), id, &data);
            Ok(Arc::new(Self(
                encoder.map_err(|error| WalletError::argument(error.to_string()))?,
            )))
        })
    }

    /// The fewest frames that can carry the message.
    #[must_use]
    pub fn fragments(&self) -> u32 {
        count(self.0.fragments())
    }

    /// The text of one frame, for a QR code in alphanumeric mode. Any index may be asked for.
    #[must_use]
    pub fn frame(&self, index: u32) -> String {
        self.0.frame(index)
    }
}

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct FrameProgress {
    /// Frames that brought something new.
    pub received: u32,
    /// Frames that suffice.
    pub needed: u32,
    /// The message is there.
    pub complete: bool,
}

/// Takes scanned texts in any order until they give one message.
#[derive(uniffi::Object)]
pub struct FrameDecoder(Mutex<camera::FrameDecoder>);

#[uniffi::export]
impl FrameDecoder {
    /// For messages of one kind, or of any.
    #[uniffi::constructor]
    #[must_use]
    pub fn new(kind: Option<MessageKind>) -> Arc<Self> {
        let limits = Limits {
            kind: kind.map(Into::into),
            ..Limits::default()
        };
        Arc::new(Self(Mutex::new(camera::FrameDecoder::new(limits))))
    }

    /// Takes what was scanned.
    ///
    /// # Errors
    /// [`WalletError::Verifier`] for a text that is no frame of this transfer: nothing is lost, go on scanning.
    pub fn push(&self, text: String) -> Result<FrameProgress, WalletError> {
        sync(|| {
            let progress = lock(&self.0).push(&text).map_err(|error| WalletError::frame(&error))?;
            Ok(FrameProgress {
                received: count(progress.received),
                needed: count(progress.needed),
                complete: progress.complete,
            })
        })
    }

    /// The message, once it is complete.
    #[must_use]
    pub fn message(&self) -> Option<Vec<u8>> {
        lock(&self.0).message().map(<[u8]>::to_vec)
    }

    /// Forgets what was scanned.
    pub fn reset(&self) {
        lock(&self.0).reset();
    }
}

/// A message as it goes over the stream carrier: its length, then its bytes.
///
/// # Errors
/// [`WalletError::Verifier`] when it is too long.
#[uniffi::export]
pub fn encode_stream_message(data: Vec<u8>) -> Result<Vec<u8>, WalletError> {
    sync(|| Ok(stream::encode(&data)?))
}

/// Collects what a stream delivers and gives it out message by message. After an error the stream cannot be resumed.
#[derive(uniffi::Object)]
pub struct StreamDecoder(Mutex<stream::StreamDecoder>);

#[uniffi::export]
impl StreamDecoder {
    /// Nothing received yet.
    #[uniffi::constructor]
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(stream::StreamDecoder::new())))
    }

    /// Takes what was read from the stream, in pieces of any size up to 64 KiB.
    ///
    /// # Errors
    /// [`WalletError::Verifier`] when a message that is too long is announced, or more waits than it holds.
    pub fn push(&self, data: Vec<u8>) -> Result<(), WalletError> {
        sync(|| Ok(lock(&self.0).push(&data)?))
    }

    /// The next complete message, if there is one.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn pop(&self) -> Result<Option<Vec<u8>>, WalletError> {
        sync(|| Ok(lock(&self.0).pop()?))
    }
}
