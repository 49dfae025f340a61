//! Makes the frames.

use super::frame::{self, Coefficients, Transfer};
use super::{
    DEFAULT_FRAGMENT_LENGTH, FrameError, MAX_FRAGMENT_LENGTH, MAX_FRAGMENTS, MAX_MESSAGE_LENGTH, MessageKind,
    TransferId, gf256,
};

/// Turns a message into an endless sequence of frames. The same arguments give the same frames.
#[derive(Debug, Clone)]
pub struct FrameEncoder {
    transfer: Transfer,
    /// The message, padded with zeros to whole fragments.
    padded: Vec<u8>,
}

impl FrameEncoder {
    /// Prepares a message of 1 to [`MAX_MESSAGE_LENGTH`] bytes with [`DEFAULT_FRAGMENT_LENGTH`].
    ///
    /// `transfer_id` is to be random for every message.
    ///
    /// # Errors
    /// [`FrameError::MessageLength`].
    pub fn new(kind: MessageKind, transfer_id: TransferId, message: &[u8]) -> Result<Self, FrameError> {
        Self::with_fragment_length(kind, transfer_id, message, DEFAULT_FRAGMENT_LENGTH)
    }

    /// As [`FrameEncoder::new`] with another upper bound for the fragment length (1 to
    /// [`MAX_FRAGMENT_LENGTH`] bytes): smaller for a poor camera, larger for a good one. The message
    /// is cut into as few fragments as that allows, all of the same length.
    ///
    /// # Errors
    /// [`FrameError::MessageLength`]; [`FrameError::Shape`] when the fragment length is out of
    /// bounds or would make more than [`MAX_FRAGMENTS`] fragments.
    pub fn with_fragment_length(
        kind: MessageKind,
        transfer_id: TransferId,
        message: &[u8],
        at_most: usize,
    ) -> Result<Self, FrameError> {
        let length = message.len();
        if length == 0 || length > MAX_MESSAGE_LENGTH {
            return Err(FrameError::MessageLength {
                length,
                limit: MAX_MESSAGE_LENGTH,
            });
        }
        let shape = FrameError::Shape {
            message_length: length,
            fragment_length: at_most,
        };
        if at_most == 0 || at_most > MAX_FRAGMENT_LENGTH {
            return Err(shape);
        }
        let fragment_length = length.div_ceil(length.div_ceil(at_most));
        let transfer = Transfer {
            kind,
            id: transfer_id,
            message_length: length,
            fragment_length,
            check: frame::message_check(kind, transfer_id, message),
        };
        let fragments = transfer.fragments();
        if fragments > MAX_FRAGMENTS {
            return Err(shape);
        }
        let mut padded = message.to_vec();
        padded.resize(fragments.saturating_mul(fragment_length), 0);
        Ok(Self { transfer, padded })
    }

    /// How many fragments the message has: the fewest frames that can carry it.
    #[must_use]
    pub const fn fragments(&self) -> usize {
        self.transfer.fragments()
    }

    /// The text of frame `index`, in the alphabet of a QR code's alphanumeric mode.
    ///
    /// Any index may be asked for; a screen shows 0, 1, 2, … and never needs to go back. After
    /// `u32::MAX` it begins anew.
    #[must_use]
    pub fn frame(&self, index: u32) -> String {
        let length = self.transfer.fragment_length;
        let position = usize::try_from(index).unwrap_or(usize::MAX);
        let start = position.saturating_mul(length);
        match self.padded.get(start..start.saturating_add(length)) {
            Some(fragment) => frame::write(&self.transfer, index, fragment),
            None => {
                let mut payload = vec![0u8; length];
                let coefficients = Coefficients::new(self.transfer.id, index);
                for (fragment, coefficient) in self.padded.chunks(length).zip(coefficients) {
                    gf256::add_scaled(&mut payload, fragment, coefficient);
                }
                frame::write(&self.transfer, index, &payload)
            }
        }
    }
}
