//! Animated frames: texts as scanned, and frames forged by someone who knows the format.

use crate::tell;
use idwallet_crypto::sha256;
use idwallet_proximity::camera::{FrameDecoder, FrameEncoder, Limits, MessageKind, TransferId};

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// The frame's bytes before its CRC, written from the README, so that a wrong reading of it would show.
fn frame(header: &[u8; 20], payload: &[u8]) -> String {
    let mut bytes = [header.as_slice(), payload].concat();
    let mut crc = u32::MAX;
    for byte in &bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    bytes.extend((!crc).to_be_bytes());
    let mut text = String::from("IDW1:");
    for pair in bytes.chunks(2) {
        let (mut value, digits) = match pair {
            [high, low] => (u32::from(*high) * 256 + u32::from(*low), 3),
            one => (u32::from(one[0]), 2),
        };
        for _ in 0..digits {
            text.push(char::from(ALPHABET[(value % 45) as usize]));
            value /= 45;
        }
    }
    text
}

/// What a receiver takes for the message has the check that its frames announce, whoever made them up.
fn holds(decoder: &FrameDecoder, header: Option<&[u8; 20]>) {
    let (Some(message), Some(header)) = (decoder.message(), header) else {
        return;
    };
    let content = [&header[..8], message].concat();
    assert_eq!(sha256(&content)[..8], header[8..16], "the message is the one announced");
}

/// The input is a list of actions, each an opcode, a length and so many bytes: a text as scanned; a frame with this header and
/// payload; a genuine frame of a message; a genuine frame with bytes altered under a right CRC; start over.
pub fn camera_frames(data: &[u8]) {
    let mut decoder = FrameDecoder::new(Limits::default());
    // The header that settled the transfer.
    let mut first: Option<[u8; 20]> = None;
    let message: Vec<u8> = (0..97_u8).collect();
    let id = TransferId([1, 2, 3, 4]);
    let mut header = [0; 20];
    let mut content = vec![1, 1, 2, 3, 4, 0, 0, 97];
    content.extend(&message);
    header[..8].copy_from_slice(&content[..8]);
    header[8..16].copy_from_slice(&sha256(&content)[..8]);

    let mut rest = data;
    let mut steps = 0;
    while let [operation, length, tail @ ..] = rest {
        let (argument, tail) = tail.split_at(usize::from(*length).min(tail.len()));
        rest = tail;
        steps += 1;
        if steps > 256 {
            break;
        }
        let index = argument.first().map_or(0, |byte| u32::from(*byte));
        let (own, text) = match operation % 5 {
            0 => (None, String::from_utf8_lossy(argument).into_owned()),
            1 if argument.len() > 20 => {
                let mut own = [0; 20];
                own.copy_from_slice(&argument[..20]);
                // Length fields too large for a small input: kept within reach by their top byte.
                own[5] = 0;
                (Some(own), frame(&own, &argument[20..]))
            }
            2 => {
                let encoder = FrameEncoder::with_fragment_length(MessageKind::Request, id, &message, 12).unwrap();
                (Some(header), encoder.frame(index))
            }
            3 => {
                let mut own = header;
                own[16..20].copy_from_slice(&index.to_be_bytes());
                let mut payload = [0; 11];
                for (to, from) in payload.iter_mut().zip(argument.iter().skip(1)) {
                    *to = *from;
                }
                (Some(own), frame(&own, &payload))
            }
            4 => {
                decoder.reset();
                first = None;
                continue;
            }
            _ => continue,
        };
        let had = decoder.progress().is_some();
        match decoder.push(&text) {
            Ok(progress) => {
                std::hint::black_box(format!("{progress:?}"));
                if !had {
                    first = own;
                }
            }
            Err(error) => {
                tell(&error);
                if !had && decoder.progress().is_some() {
                    first = own;
                }
            }
        }
        holds(&decoder, first.as_ref());
    }
    holds(&decoder, first.as_ref());
    std::hint::black_box(decoder.into_message());
}
