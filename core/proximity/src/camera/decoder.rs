//! Puts the message together again.

use super::frame::{self, Coefficients, Frame, Transfer};
use super::{FrameError, MAX_MESSAGE_LENGTH, MessageKind, TransferId, gf256};

/// What a decoder takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest message taken, in bytes; never more than [`MAX_MESSAGE_LENGTH`].
    pub max_message_length: usize,
    /// The kind of message waited for; any when `None`.
    pub kind: Option<MessageKind>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_message_length: MAX_MESSAGE_LENGTH,
            kind: None,
        }
    }
}

/// How far a transfer is; to be drawn for the user after every frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Frames that brought something new, of those `needed`.
    pub received: usize,
    /// Frames that suffice.
    pub needed: usize,
    /// Whether this very frame brought something new.
    pub advanced: bool,
    /// The message is there.
    pub complete: bool,
    /// What kind of message it is.
    pub kind: MessageKind,
    /// Which transfer.
    pub transfer_id: TransferId,
    /// The length of the message in bytes.
    pub message_length: usize,
    /// How often the frames received gave something else than the promised message.
    pub failed_attempts: u32,
}

/// A received combination, reduced so that its first coefficient is 1 and belongs to the fragment
/// at whose place the row is kept.
#[derive(Debug, Clone)]
struct Row {
    /// The coefficients of the fragments from the row's own place on.
    coefficients: Vec<u8>,
    payload: Vec<u8>,
}

#[derive(Debug)]
struct Assembly {
    transfer: Transfer,
    rows: Vec<Option<Row>>,
    received: usize,
    failed_attempts: u32,
    message: Option<Vec<u8>>,
}

/// Takes scanned texts in any order until they give one message.
///
/// The first good frame settles which transfer is received; [`FrameDecoder::reset`] forgets it.
/// Memory is taken as frames arrive and is bounded (see [`super::MAX_FRAGMENTS`]); a frame costs at
/// most about 1.3 million multiplications.
#[derive(Debug)]
pub struct FrameDecoder {
    limits: Limits,
    assembly: Option<Assembly>,
}

impl FrameDecoder {
    /// A decoder that has seen nothing.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self { limits, assembly: None }
    }

    /// Forgets the transfer begun, so that the next good frame settles another.
    pub fn reset(&mut self) {
        self.assembly = None;
    }

    /// How far the transfer is; `None` before the first good frame.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        self.assembly.as_ref().map(|assembly| assembly.progress(false))
    }

    /// The message, when it is complete.
    #[must_use]
    pub fn message(&self) -> Option<&[u8]> {
        self.assembly.as_ref()?.message.as_deref()
    }

    /// The message, when it is complete.
    #[must_use]
    pub fn into_message(self) -> Option<Vec<u8>> {
        self.assembly?.message
    }

    /// Takes the text of one scanned code.
    ///
    /// # Errors
    /// Any [`FrameError`]; the decoder can be used on after each of them.
    pub fn push(&mut self, text: &str) -> Result<Progress, FrameError> {
        let frame = frame::parse(text)?;
        let seen = frame.transfer;
        if let Some(kind) = self.limits.kind
            && kind != seen.kind
        {
            return Err(FrameError::OtherKind { kind: seen.kind });
        }
        let limit = self.limits.max_message_length.min(MAX_MESSAGE_LENGTH);
        if seen.message_length > limit {
            return Err(FrameError::MessageLength {
                length: seen.message_length,
                limit,
            });
        }
        let assembly = self.assembly.get_or_insert_with(|| Assembly::new(seen));
        if assembly.transfer.id != seen.id {
            return Err(FrameError::OtherTransfer { seen: seen.id });
        }
        if assembly.transfer != seen {
            return Err(FrameError::HeaderMismatch);
        }
        assembly.take(frame)
    }
}

impl Assembly {
    fn new(transfer: Transfer) -> Self {
        Self {
            transfer,
            rows: Vec::new(),
            received: 0,
            failed_attempts: 0,
            message: None,
        }
    }

    fn progress(&self, advanced: bool) -> Progress {
        Progress {
            received: self.received,
            needed: self.transfer.fragments(),
            advanced,
            complete: self.message.is_some(),
            kind: self.transfer.kind,
            transfer_id: self.transfer.id,
            message_length: self.transfer.message_length,
            failed_attempts: self.failed_attempts,
        }
    }

    fn take(&mut self, frame: Frame) -> Result<Progress, FrameError> {
        // After completion the message is settled: it had the promised check.
        if self.message.is_some() {
            return Ok(self.progress(false));
        }
        let needed = self.transfer.fragments();
        self.rows.resize(needed, None);
        let Frame { index, mut payload, .. } = frame;
        let place = usize::try_from(index).unwrap_or(usize::MAX);
        let mut coefficients: Vec<u8> = if place < needed {
            (0..needed).map(|fragment| u8::from(fragment == place)).collect()
        } else {
            Coefficients::new(self.transfer.id, index).take(needed).collect()
        };
        for (start, slot) in self.rows.iter_mut().enumerate() {
            let Some(rest) = coefficients.get_mut(start..) else {
                break;
            };
            let leading = rest.first().copied().unwrap_or(0);
            if leading == 0 {
                continue;
            }
            match slot {
                Some(row) => {
                    gf256::add_scaled(rest, &row.coefficients, leading);
                    gf256::add_scaled(&mut payload, &row.payload, leading);
                }
                None => {
                    let inverse = gf256::invert(leading);
                    gf256::scale(rest, inverse);
                    gf256::scale(&mut payload, inverse);
                    *slot = Some(Row {
                        coefficients: rest.to_vec(),
                        payload,
                    });
                    self.received = self.received.saturating_add(1);
                    if self.received == needed {
                        self.finish()?;
                    }
                    return Ok(self.progress(true));
                }
            }
        }
        // Nothing new. What is left must be zero, or two frames say different things.
        if payload.iter().any(|byte| *byte != 0) {
            return Err(FrameError::Contradiction { index });
        }
        Ok(self.progress(false))
    }

    /// Solves the complete system and holds the result against the promised check.
    fn finish(&mut self) -> Result<(), FrameError> {
        let length = self.transfer.fragment_length;
        let rows = std::mem::take(&mut self.rows);
        self.received = 0;
        let mut padded = vec![0u8; rows.len().saturating_mul(length)];
        // From the last fragment to the first: each row is its own fragment plus later ones.
        for (place, row) in rows.into_iter().enumerate().rev() {
            let Some(row) = row else { continue };
            let start = place.saturating_mul(length);
            let end = start.saturating_add(length);
            let mut fragment = row.payload;
            let later = padded.get(end..).unwrap_or_default();
            for (solved, coefficient) in later.chunks(length).zip(row.coefficients.iter().skip(1)) {
                gf256::add_scaled(&mut fragment, solved, *coefficient);
            }
            if let Some(target) = padded.get_mut(start..end) {
                target.copy_from_slice(&fragment);
            }
        }
        let padding_is_zero = padded
            .get(self.transfer.message_length..)
            .is_some_and(|padding| padding.iter().all(|byte| *byte == 0));
        padded.truncate(self.transfer.message_length);
        let check = frame::message_check(self.transfer.kind, self.transfer.id, &padded);
        if !padding_is_zero || check != self.transfer.check {
            self.failed_attempts = self.failed_attempts.saturating_add(1);
            return Err(FrameError::CheckFailed {
                attempts: self.failed_attempts,
            });
        }
        self.received = self.transfer.fragments();
        self.message = Some(padded);
        Ok(())
    }
}
