//! Camera to camera: a message as an endless sequence of QR codes.
//!
//! One side shows `frame(0)`, `frame(1)`, … on its screen, the other scans what it can. Frames may
//! be missed, repeated and seen in any order: any set of frames that suffices gives the message,
//! exactly, and all but a few hundredths of a percent of the sets with as many different frames as
//! the message has fragments do suffice. The first frames are the fragments themselves, every later
//! one is a random linear combination of all of them over GF(256) (ADR 0004 has the measurements).
//!
//! There is no clock, no randomness and no input or output in here. The carrier keeps nothing secret
//! and proves nothing about who shows the frames: what it carries is authenticated and encrypted by
//! the session. It does make sure that what comes out is what the shown check says, or nothing.
//!
//! ```
//! use idwallet_proximity::camera::{FrameDecoder, FrameEncoder, Limits, MessageKind, TransferId};
//!
//! let message = vec![7u8; 5000];
//! let encoder = FrameEncoder::new(MessageKind::Response, TransferId([1, 2, 3, 4]), &message)?;
//! let mut decoder = FrameDecoder::new(Limits::default());
//! for index in (0..).step_by(2) {
//!     // every other frame is lost
//!     if decoder.push(&encoder.frame(index))?.complete {
//!         break;
//!     }
//! }
//! assert_eq!(decoder.into_message(), Some(message));
//! # Ok::<(), idwallet_proximity::camera::FrameError>(())
//! ```

mod base45;
mod decoder;
mod encoder;
mod frame;
mod gf256;

pub use decoder::{FrameDecoder, Limits, Progress};
pub use encoder::FrameEncoder;

/// The longest message that can be carried, in bytes (256 KiB).
pub const MAX_MESSAGE_LENGTH: usize = 256 * 1024;

/// The most fragments a message may be cut into. With [`MAX_FRAGMENT_LENGTH`] this bounds a decoder:
/// it keeps at most 1 MiB of coefficients and 256 KiB (one message) of payload, plus 1 KiB.
pub const MAX_FRAGMENTS: usize = 1024;

/// The longest fragment in a frame, in bytes: what fits a QR code of version 25, level M.
pub const MAX_FRAGMENT_LENGTH: usize = 928;

/// The longest text of a frame that is looked at, in characters.
pub const MAX_FRAME_TEXT: usize = 1433;

/// The fragment length that [`FrameEncoder::new`] aims at, in bytes: the frame's text then fits a
/// QR code of version 13, level L (69 modules, 619 alphanumeric characters). ADR 0004 says why.
pub const DEFAULT_FRAGMENT_LENGTH: usize = 384;

/// Tells one transfer from another on the same screen; chosen at random for each message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TransferId(pub [u8; 4]);

impl TransferId {
    /// A random one.
    ///
    /// # Errors
    /// [`CryptoError::Random`](idwallet_crypto::CryptoError::Random).
    pub fn generate(random: &dyn idwallet_crypto::Random) -> Result<Self, idwallet_crypto::CryptoError> {
        let mut id = [0; 4];
        random.fill(&mut id)?;
        Ok(Self(id))
    }
}

/// Which message of the exchange the frames carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessageKind {
    /// From the reader: its engagement and what it asks for (code 1).
    Request,
    /// From the holder: device engagement and the encrypted answer (code 2).
    Response,
}

impl MessageKind {
    /// The byte that stands for the kind in a frame.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Request => 1,
            Self::Response => 2,
        }
    }

    /// The kind that a byte stands for, if any.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Request),
            2 => Some(Self::Response),
            _ => None,
        }
    }
}

/// Why a message cannot be framed, or a scanned text does not advance a transfer.
///
/// All but [`FrameError::CheckFailed`] leave the decoder as it was: an app goes on scanning, and
/// tells the user only if nothing else arrives.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The text is of something else: a payment code, an engagement, a later version of the format.
    #[error("the text is not a camera frame of version 1")]
    NotAFrame,
    /// The text is longer than any frame ([`MAX_FRAME_TEXT`]).
    #[error("the frame's text has {length} characters, more than a frame can have")]
    TooLong {
        /// Characters in the text.
        length: usize,
    },
    /// The frame ends within its header.
    #[error("the frame has {length} bytes, fewer than its header")]
    TooShort {
        /// Bytes in the frame.
        length: usize,
    },
    /// The text is not base45 (RFC 9285).
    #[error("the frame's text is not base45 at character {offset}")]
    Base45 {
        /// Position in the text of the frame.
        offset: usize,
    },
    /// The frame's CRC-32 does not match: it was read wrongly.
    #[error("the frame was read wrongly: its CRC does not match")]
    Damaged,
    /// The frame is of a kind that this version does not know.
    #[error("the frame carries a message of unknown kind {code}")]
    UnknownKind {
        /// The byte at offset 0.
        code: u8,
    },
    /// The frame carries the other kind of message, such as one's own frames seen in a mirror.
    #[error("the frame carries a message of another kind than is waited for")]
    OtherKind {
        /// The kind seen.
        kind: MessageKind,
    },
    /// The lengths in the frame do not go together or exceed the format's bounds.
    #[error("a message of {message_length} bytes cannot be cut into fragments of {fragment_length} bytes")]
    Shape {
        /// Message length in bytes.
        message_length: usize,
        /// Fragment length in bytes.
        fragment_length: usize,
    },
    /// The message is empty or longer than allowed.
    #[error("the message has {length} bytes, allowed are 1 to {limit}")]
    MessageLength {
        /// Message length in bytes.
        length: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The frame is of another transfer than the one begun.
    #[error("the frame belongs to another transfer")]
    OtherTransfer {
        /// The transfer seen.
        seen: TransferId,
    },
    /// The frame names the transfer begun, but other lengths, kind or check: one of them is forged.
    #[error("the frame contradicts the header of the transfer's first frame")]
    HeaderMismatch,
    /// The frame contradicts those already received: one of them is forged. It was left out.
    #[error("frame {index} contradicts frames received before")]
    Contradiction {
        /// The frame's index.
        index: u32,
    },
    /// Enough frames were received but their message does not have the promised check: at least one
    /// was forged. All were dropped; the decoder starts over and goes on taking frames.
    #[error("the frames received do not give the promised message; starting over (attempt {attempts})")]
    CheckFailed {
        /// How often this happened in this transfer.
        attempts: u32,
    },
}
