//! The layout of one frame; `README.md` of this crate has it with worked bytes.

use idwallet_crypto::{HashAlgorithm, Hasher};

use super::base45;
use super::{FrameError, MAX_FRAGMENT_LENGTH, MAX_FRAGMENTS, MAX_FRAME_TEXT, MessageKind, TransferId};

/// What every frame starts with; the digit is the version of the format.
pub(super) const PREFIX: &str = "IDW1:";
/// kind 1, transfer id 4, message length 3, message check 8, index 4.
pub(super) const HEADER_LENGTH: usize = 20;
/// CRC-32 over everything before it.
pub(super) const CRC_LENGTH: usize = 4;

/// What all frames of one transfer have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Transfer {
    pub(super) kind: MessageKind,
    pub(super) id: TransferId,
    pub(super) message_length: usize,
    pub(super) fragment_length: usize,
    pub(super) check: [u8; 8],
}

impl Transfer {
    /// The number of fragments the message is cut into; at least one.
    pub(super) const fn fragments(&self) -> usize {
        self.message_length.div_ceil(if self.fragment_length == 0 {
            1
        } else {
            self.fragment_length
        })
    }
}

/// One frame, taken apart.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) transfer: Transfer,
    pub(super) index: u32,
    pub(super) payload: Vec<u8>,
}

/// The first eight bytes of SHA-256 over kind, transfer id, message length and message.
pub(super) fn message_check(kind: MessageKind, id: TransferId, message: &[u8]) -> [u8; 8] {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut hasher = Hasher::new(HashAlgorithm::Sha256);
    hasher.update(&[kind.code()]);
    hasher.update(&id.0);
    hasher.update(length.get(1..).unwrap_or_default());
    hasher.update(message);
    let digest = hasher.finish();
    let mut check = [0u8; 8];
    for (to, from) in check.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    check
}

/// CRC-32 as in ISO-HDLC, Ethernet and PNG.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 0 {
                crc >> 1
            } else {
                (crc >> 1) ^ 0xEDB8_8320
            };
        }
    }
    !crc
}

/// Writes the frame `index` of `transfer`.
pub(super) fn write(transfer: &Transfer, index: u32, payload: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(HEADER_LENGTH.saturating_add(payload.len()).saturating_add(CRC_LENGTH));
    bytes.push(transfer.kind.code());
    bytes.extend_from_slice(&transfer.id.0);
    let length = u32::try_from(transfer.message_length).unwrap_or(u32::MAX).to_be_bytes();
    bytes.extend_from_slice(length.get(1..).unwrap_or_default());
    bytes.extend_from_slice(&transfer.check);
    bytes.extend_from_slice(&index.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes.extend_from_slice(&crc32(&bytes).to_be_bytes());
    let mut text = String::with_capacity(PREFIX.len().saturating_add(base45::encoded_length(bytes.len())));
    text.push_str(PREFIX);
    base45::encode_into(&bytes, &mut text);
    text
}

/// Takes a scanned text apart. Nothing is allocated before the text's length has been checked.
pub(super) fn parse(text: &str) -> Result<Frame, FrameError> {
    // Some scanners add a line end.
    let text = text.trim_end_matches(['\r', '\n', '\0']);
    if text.len() > MAX_FRAME_TEXT {
        return Err(FrameError::TooLong { length: text.len() });
    }
    let body = text.strip_prefix(PREFIX).ok_or(FrameError::NotAFrame)?;
    let bytes = base45::decode(body.as_bytes()).map_err(|at| FrameError::Base45 {
        offset: at.saturating_add(PREFIX.len()),
    })?;
    let (content, crc) = bytes
        .split_last_chunk::<CRC_LENGTH>()
        .ok_or(FrameError::TooShort { length: bytes.len() })?;
    if crc32(content) != u32::from_be_bytes(*crc) {
        return Err(FrameError::Damaged);
    }
    let (header, payload) = content
        .split_first_chunk::<HEADER_LENGTH>()
        .ok_or(FrameError::TooShort { length: bytes.len() })?;
    let [
        kind,
        t0,
        t1,
        t2,
        t3,
        l0,
        l1,
        l2,
        c0,
        c1,
        c2,
        c3,
        c4,
        c5,
        c6,
        c7,
        i0,
        i1,
        i2,
        i3,
    ] = *header;
    let message_length = usize::try_from(u32::from_be_bytes([0, l0, l1, l2])).unwrap_or(usize::MAX);
    let transfer = Transfer {
        kind: MessageKind::from_code(kind).ok_or(FrameError::UnknownKind { code: kind })?,
        id: TransferId([t0, t1, t2, t3]),
        message_length,
        fragment_length: payload.len(),
        check: [c0, c1, c2, c3, c4, c5, c6, c7],
    };
    if payload.is_empty() || payload.len() > MAX_FRAGMENT_LENGTH || message_length == 0 {
        return Err(FrameError::Shape {
            message_length,
            fragment_length: payload.len(),
        });
    }
    // A fragment longer than the message, or a message cut smaller than it may be, is what no
    // encoder makes and what would make a decoder work for nothing.
    if payload.len() > message_length || transfer.fragments() > MAX_FRAGMENTS {
        return Err(FrameError::Shape {
            message_length,
            fragment_length: payload.len(),
        });
    }
    Ok(Frame {
        transfer,
        index: u32::from_be_bytes([i0, i1, i2, i3]),
        payload: payload.to_vec(),
    })
}

/// The coefficients of the fragments in frame `index`, each from 1 to 255.
///
/// SplitMix64, started from the transfer id and the index. A generator that is linear over GF(2),
/// as xorshift is, would not do: rows made from 32-bit seeds would span 32 dimensions at most, and
/// a message of more than 32 fragments might never be complete.
pub(super) struct Coefficients {
    state: u64,
    word: [u8; 8],
    used: usize,
}

impl Coefficients {
    pub(super) fn new(id: TransferId, index: u32) -> Self {
        let [t0, t1, t2, t3] = id.0;
        let [i0, i1, i2, i3] = index.to_be_bytes();
        // Mixed once, so that neighbouring frames do not run through shifted copies of one sequence.
        Self {
            state: mix(u64::from_be_bytes([t0, t1, t2, t3, i0, i1, i2, i3])),
            word: [0; 8],
            used: 8,
        }
    }
}

const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

impl Iterator for Coefficients {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let byte = match self.word.get(self.used) {
            Some(byte) => *byte,
            None => {
                self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                self.word = mix(self.state).to_be_bytes();
                self.used = 0;
                self.word[0]
            }
        };
        self.used = self.used.wrapping_add(1);
        // Zero would leave a fragment out, and for a message of one fragment the whole of it.
        Some(byte.max(1))
    }
}
