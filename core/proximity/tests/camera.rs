//! The camera carrier delivers exactly the message, or says why not.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::print_stderr
)]

use idwallet_proximity::camera::{
    DEFAULT_FRAGMENT_LENGTH, FrameDecoder, FrameEncoder, FrameError, Limits, MAX_FRAGMENT_LENGTH, MAX_FRAGMENTS,
    MAX_FRAME_TEXT, MAX_MESSAGE_LENGTH, MessageKind, TransferId,
};
use proptest::prelude::*;

const ID: TransferId = TransferId([0xDE, 0xAD, 0xBE, 0xEF]);
const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

fn bytes(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        })
        .collect()
}

fn decoder() -> FrameDecoder {
    FrameDecoder::new(Limits::default())
}

/// The bytes of a frame's text, and a text of bytes with a matching CRC: what a forger can make.
fn unpack(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text[5..]
        .bytes()
        .map(|c| ALPHABET.iter().position(|a| *a == c).unwrap() as u32)
        .collect();
    let mut bytes = Vec::new();
    for group in digits.chunks(3) {
        let value = group.iter().rev().fold(0, |value, digit| value * 45 + digit);
        if group.len() == 3 {
            bytes.push((value >> 8) as u8);
        }
        bytes.push(value as u8);
    }
    bytes.truncate(bytes.len() - 4);
    bytes
}

fn pack(content: &[u8]) -> String {
    let mut bytes = content.to_vec();
    let mut crc = u32::MAX;
    for byte in content {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 0 {
                crc >> 1
            } else {
                (crc >> 1) ^ 0xEDB8_8320
            };
        }
    }
    bytes.extend((!crc).to_be_bytes());
    let mut text = String::from("IDW1:");
    for pair in bytes.chunks(2) {
        let mut value = pair.iter().fold(0u32, |value, byte| value << 8 | u32::from(*byte));
        for _ in 0..=pair.len() {
            text.push(ALPHABET[(value % 45) as usize] as char);
            value /= 45;
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever is lost, repeated or out of order: the exact message, with hardly a frame too many.
    #[test]
    fn any_loss_order_and_repetition_delivers_exactly_the_message(
        length in 1usize..6000,
        fragment in 8usize..500,
        start in any::<u32>(),
        stride in prop::sample::select(vec![1u32, 3, 5, 7, 0x9E37_79B1]),
        loss in 0u32..90,
        seed in any::<u64>(),
    ) {
        let message = bytes(length, seed);
        let at_most = fragment.max(length.div_ceil(MAX_FRAGMENTS));
        let encoder = FrameEncoder::with_fragment_length(MessageKind::Response, ID, &message, at_most).unwrap();
        let mut decoder = decoder();
        let noise = bytes(40_000, seed.rotate_left(17));
        let (mut received, mut index, mut last) = (0usize, start, 0);
        for draw in noise.chunks_exact(2) {
            index = index.wrapping_add(stride);
            if u32::from(draw[0]) * 100 < loss * 256 {
                continue;
            }
            let text = encoder.frame(index);
            received += 1;
            let progress = decoder.push(&text).unwrap();
            prop_assert!(progress.received >= last && progress.received <= progress.needed);
            last = progress.received;
            if draw[1] & 3 == 0 {
                prop_assert!(!decoder.push(&text).unwrap().advanced);
            }
            if progress.complete {
                break;
            }
        }
        prop_assert!(received <= encoder.fragments() + 4, "{received} frames for {}", encoder.fragments());
        prop_assert_eq!(decoder.message(), Some(message.as_slice()));
        prop_assert_eq!(decoder.into_message(), Some(message));
    }

    /// Arbitrary text never panics and never starts a transfer unless it is a frame.
    /// X-C09.
    #[test]
    fn arbitrary_text_is_refused(text in "\\PC{0,200}", body in "[0-9A-Z $%*+./:-]{0,300}") {
        let mut decoder = decoder();
        prop_assert!(decoder.push(&text).is_err());
        let framed = format!("IDW1:{body}");
        prop_assert!(decoder.push(&framed).is_err());
        prop_assert!(decoder.progress().is_none());
    }

    /// Arbitrary headers with a right CRC: never a panic, and bounded work.
    /// X-C09.
    #[test]
    fn arbitrary_frames_with_a_right_crc_never_panic(content in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut decoder = decoder();
        let mut content = content;
        if let Some(kind) = content.first_mut() {
            *kind %= 3;
        }
        let _ = decoder.push(&pack(&content));
    }

    /// A frame changed in one character is refused (and with it, nothing is taken in).
    #[test]
    fn one_wrong_character_is_noticed(place in 0usize..5000, replacement in 0usize..45) {
        let encoder = FrameEncoder::new(MessageKind::Request, ID, &bytes(900, 5)).unwrap();
        let mut text = encoder.frame(0).into_bytes();
        let place = place % text.len();
        prop_assume!(text[place] != ALPHABET[replacement]);
        text[place] = ALPHABET[replacement];
        let mut decoder = decoder();
        prop_assert!(decoder.push(&String::from_utf8(text).unwrap()).is_err());
        prop_assert!(decoder.progress().is_none());
    }
}

#[test]
fn messages_of_one_byte_and_of_the_greatest_length_arrive() {
    for length in [
        1,
        2,
        DEFAULT_FRAGMENT_LENGTH,
        DEFAULT_FRAGMENT_LENGTH + 1,
        MAX_MESSAGE_LENGTH,
    ] {
        let message = bytes(length, 99);
        let encoder = FrameEncoder::new(MessageKind::Response, ID, &message).unwrap();
        let mut decoder = decoder();
        // Every other frame lost, so that half of what arrives are combinations.
        for index in (0u32..).step_by(2).take(encoder.fragments() + 4) {
            if decoder.push(&encoder.frame(index)).unwrap().complete {
                break;
            }
        }
        assert_eq!(decoder.into_message().as_deref(), Some(message.as_slice()), "{length}");
    }
}

#[test]
fn a_single_fragment_arrives_with_whatever_frame_comes_first() {
    let encoder = FrameEncoder::new(MessageKind::Request, ID, b"x").unwrap();
    for index in (0..2000).chain([u32::MAX]) {
        let mut decoder = decoder();
        assert!(decoder.push(&encoder.frame(index)).unwrap().complete, "{index}");
        assert_eq!(decoder.message(), Some(b"x".as_slice()));
    }
}

#[test]
fn messages_out_of_bounds_are_refused_by_both_sides() {
    let empty = FrameEncoder::new(MessageKind::Request, ID, &[]).unwrap_err();
    assert_eq!(
        empty,
        FrameError::MessageLength {
            length: 0,
            limit: MAX_MESSAGE_LENGTH
        }
    );
    let long = vec![0; MAX_MESSAGE_LENGTH + 1];
    assert!(matches!(
        FrameEncoder::new(MessageKind::Request, ID, &long),
        Err(FrameError::MessageLength { .. })
    ));
    assert!(matches!(
        FrameEncoder::with_fragment_length(MessageKind::Request, ID, &long[1..], 200),
        Err(FrameError::Shape { .. })
    ));
    for fragment in [0, MAX_FRAGMENT_LENGTH + 1] {
        assert!(matches!(
            FrameEncoder::with_fragment_length(MessageKind::Request, ID, b"abc", fragment),
            Err(FrameError::Shape { .. })
        ));
    }
    let encoder = FrameEncoder::new(MessageKind::Request, ID, &bytes(5001, 1)).unwrap();
    let mut small = FrameDecoder::new(Limits {
        max_message_length: 5000,
        ..Limits::default()
    });
    assert_eq!(
        small.push(&encoder.frame(0)).unwrap_err(),
        FrameError::MessageLength {
            length: 5001,
            limit: 5000
        }
    );
    assert!(small.progress().is_none());
}

#[test]
fn a_header_that_would_make_the_decoder_work_for_nothing_is_refused() {
    let encoder = FrameEncoder::new(MessageKind::Request, ID, &bytes(3000, 1)).unwrap();
    let content = unpack(&encoder.frame(0));
    assert_eq!(pack(&content), encoder.frame(0), "the forger's tools are right");

    let mut many = content[..20 + 8].to_vec();
    many[5..8].copy_from_slice(&[3, 0, 0]);
    assert!(matches!(
        decoder().push(&pack(&many)),
        Err(FrameError::Shape { fragment_length: 8, .. })
    ));
    let mut huge = content.clone();
    huge[5..8].copy_from_slice(&[0xFF, 0xFF, 0xFF]);
    assert!(matches!(decoder().push(&pack(&huge)), Err(FrameError::Shape { .. })));
    let mut none = content.clone();
    none[5..8].copy_from_slice(&[0, 0, 0]);
    assert!(matches!(decoder().push(&pack(&none)), Err(FrameError::Shape { .. })));
    let mut beyond = content.clone();
    beyond[5..8].copy_from_slice(&[0, 0, 5]);
    assert!(matches!(decoder().push(&pack(&beyond)), Err(FrameError::Shape { .. })));
    assert!(matches!(
        decoder().push(&pack(&content[..20])),
        Err(FrameError::Shape { fragment_length: 0, .. })
    ));
    assert!(matches!(
        decoder().push(&pack(&content[..19])),
        Err(FrameError::TooShort { .. })
    ));
    let mut kind = content;
    kind[0] = 9;
    assert_eq!(
        decoder().push(&pack(&kind)).unwrap_err(),
        FrameError::UnknownKind { code: 9 }
    );
    let long = format!("IDW1:{}", "0".repeat(MAX_FRAME_TEXT));
    assert!(matches!(decoder().push(&long), Err(FrameError::TooLong { .. })));
    for other in ["", "mdoc:abc", "IDW2:00", "idw1:00", "https://example.org"] {
        assert_eq!(decoder().push(other).unwrap_err(), FrameError::NotAFrame);
    }
    assert_eq!(
        decoder().push("IDW1:00a").unwrap_err(),
        FrameError::Base45 { offset: 7 }
    );
}

#[test]
fn the_longest_frame_fits_the_limits_of_both_format_and_code() {
    let message = bytes(MAX_MESSAGE_LENGTH, 4);
    let encoder = FrameEncoder::with_fragment_length(MessageKind::Request, ID, &message, MAX_FRAGMENT_LENGTH).unwrap();
    assert!(encoder.frame(0).len() <= MAX_FRAME_TEXT);
    let default = FrameEncoder::new(MessageKind::Request, ID, &message).unwrap();
    // ISO/IEC 18004 table 7: version 13, level L holds 619 alphanumeric characters.
    assert!(default.frame(7).len() <= 619, "{}", default.frame(7).len());
    assert!(
        default
            .frame(70_000)
            .bytes()
            .all(|character| ALPHABET.contains(&character))
    );
    assert!(!default.frame(3).ends_with(' '), "a scanner may trim");
}

#[test]
fn frames_of_another_transfer_are_told_apart() {
    let message = bytes(3000, 1);
    let ours = FrameEncoder::new(MessageKind::Response, ID, &message).unwrap();
    let theirs = FrameEncoder::new(MessageKind::Response, TransferId([1, 2, 3, 4]), &message).unwrap();
    let mut decoder = decoder();
    for index in 0u32.. {
        assert_eq!(
            decoder.push(&theirs.frame(index)).err(),
            (index > 0).then_some(FrameError::OtherTransfer {
                seen: TransferId([1, 2, 3, 4])
            }),
        );
        if index == 0 {
            decoder.reset();
        }
        if decoder.push(&ours.frame(index)).unwrap().complete {
            break;
        }
    }
    assert_eq!(decoder.into_message(), Some(message));
}

#[test]
fn the_other_kind_of_message_is_refused_when_one_is_waited_for() {
    let message = bytes(100, 1);
    let own = FrameEncoder::new(MessageKind::Request, ID, &message).unwrap();
    let mut decoder = FrameDecoder::new(Limits {
        kind: Some(MessageKind::Response),
        ..Limits::default()
    });
    assert_eq!(
        decoder.push(&own.frame(0)).unwrap_err(),
        FrameError::OtherKind {
            kind: MessageKind::Request
        }
    );
    assert!(decoder.progress().is_none());
}

#[test]
fn the_kind_is_part_of_what_the_check_covers() {
    let encoder = FrameEncoder::new(MessageKind::Request, ID, &bytes(100, 1)).unwrap();
    let mut content = unpack(&encoder.frame(0));
    content[0] = MessageKind::Response.code();
    assert_eq!(
        decoder().push(&pack(&content)).unwrap_err(),
        FrameError::CheckFailed { attempts: 1 }
    );
}

#[test]
fn a_header_that_differs_within_a_transfer_is_refused() {
    let message = bytes(2000, 1);
    let encoder = FrameEncoder::new(MessageKind::Response, ID, &message).unwrap();
    for place in [0usize, 5, 7, 8, 15] {
        let mut decoder = decoder();
        decoder.push(&encoder.frame(0)).unwrap();
        let mut content = unpack(&encoder.frame(1));
        content[place] ^= if place == 0 { 3 } else { 1 };
        assert_eq!(
            decoder.push(&pack(&content)).unwrap_err(),
            FrameError::HeaderMismatch,
            "byte {place}"
        );
    }
    let mut decoder = decoder();
    decoder.push(&encoder.frame(0)).unwrap();
    let mut content = unpack(&encoder.frame(1));
    content.pop();
    assert_eq!(decoder.push(&pack(&content)).unwrap_err(), FrameError::HeaderMismatch);
}

#[test]
fn a_forged_frame_never_becomes_part_of_a_message_and_the_transfer_recovers() {
    let message = bytes(4000, 1);
    let encoder = FrameEncoder::new(MessageKind::Response, ID, &message).unwrap();
    let needed = encoder.fragments() as u32;
    for place in [20usize, 200, 300] {
        for first in [0, 2, needed - 1, needed + 3] {
            let mut forged = unpack(&encoder.frame(first));
            forged[place] ^= 0x40;
            let mut decoder = decoder();
            decoder.push(&pack(&forged)).unwrap();
            // The genuine frame of that index contradicts the forged one.
            assert_eq!(
                decoder.push(&encoder.frame(first)).unwrap_err(),
                FrameError::Contradiction { index: first }
            );
            let mut failed = 0;
            for index in 0..4 * needed {
                match decoder.push(&encoder.frame(index)) {
                    Ok(progress) if progress.complete => break,
                    Ok(_) | Err(FrameError::Contradiction { .. }) => {}
                    Err(FrameError::CheckFailed { attempts }) => {
                        failed += 1;
                        assert_eq!(attempts, failed);
                        assert_eq!(decoder.message(), None);
                        assert_eq!(decoder.progress().unwrap().received, 0);
                    }
                    Err(other) => panic!("{other}"),
                }
            }
            assert_eq!(failed, 1);
            assert_eq!(decoder.progress().unwrap().failed_attempts, 1);
            assert_eq!(decoder.message(), Some(message.as_slice()));
        }
    }
}

#[test]
fn a_finished_message_stays_whatever_comes_after() {
    let message = bytes(1000, 1);
    let encoder = FrameEncoder::new(MessageKind::Response, ID, &message).unwrap();
    let mut decoder = decoder();
    for index in 0..encoder.fragments() as u32 {
        decoder.push(&encoder.frame(index)).unwrap();
    }
    let mut forged = unpack(&encoder.frame(0));
    forged[30] ^= 1;
    let progress = decoder.push(&pack(&forged)).unwrap();
    assert!(progress.complete && !progress.advanced);
    assert_eq!(decoder.into_message(), Some(message));
}

#[test]
fn a_line_end_that_a_scanner_adds_does_no_harm() {
    let encoder = FrameEncoder::new(MessageKind::Request, ID, b"hello").unwrap();
    let mut decoder = decoder();
    assert!(decoder.push(&format!("{}\r\n", encoder.frame(0))).unwrap().complete);
}

/// The worked example of the README: if this changes, the format has changed.
#[test]
fn the_worked_example_of_the_format() {
    let message = b"camera to camera";
    let encoder =
        FrameEncoder::with_fragment_length(MessageKind::Request, TransferId([1, 2, 3, 4]), message, 6).unwrap();
    assert_eq!(encoder.fragments(), 3);
    let header = "010102030400001077c71bb2d8af813a";
    for (index, content, text) in [
        (
            0,
            "0000000063616d657261",
            "IDW1:W50KB0YM0G00I6FPM3VHR7FG000000GPCF$DVKE UDCLI",
        ),
        (
            2,
            "000000026d6572610000",
            "IDW1:W50KB0YM0G00I6FPM3VHR7FG000200F$DVKE000HT3-KS",
        ),
        (
            3,
            "00000003950b7b59741b",
            "IDW1:W50KB0YM0G00I6FPM3VHR7FG000300+$IWQFNUE-WU+*6",
        ),
    ] {
        let frame = encoder.frame(index);
        assert_eq!(frame, text);
        let hex: String = unpack(&frame).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, format!("{header}{content}"));
    }
}
