//! QR codes: drawn, photographed (in simulation and in the vectors), read.
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

mod photograph;

use std::path::PathBuf;

use idwallet_cli::qr::{self, Level, Luma, MAX_SIDE, QUIET_ZONE, QrError, Theme};
use idwallet_proximity::camera::{FrameDecoder, FrameEncoder, FrameError, Limits, MessageKind, TransferId};
use photograph::{Camera, Random, photograph};
use proptest::prelude::*;

const TEXT: &str = "mdoc:owBjMS4wAYIB2BhYS6QBAiABIVggWojRgrzl9C76WZQ_Mz00jk6SV8PpN2bQzQ7UmQi4ALoiWCAWMT5nqgtO4ZvUmVlYUWnc-EvZHGrJYxb4V9ZaBG9DzQKBgwIBowD1AfQKUEXv74-QnU9r";

fn message(length: usize, seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    (0..length).map(|_| random.next() as u8).collect()
}

#[test]
fn a_code_drawn_as_png_is_read_back() {
    for level in [Level::Low, Level::Medium, Level::Quartile, Level::High] {
        for text in [TEXT, "A", "Giấy phép lái xe – hạng A1", "IDW1:W50KB0YM0G00I6FPM3VHR7FG"] {
            for scale in [2, 4, 9] {
                let png = qr::encode(text, level).unwrap().to_png(scale).unwrap();
                assert_eq!(qr::decode(&png).unwrap(), [text], "{level:?} {scale}");
            }
        }
    }
}

#[test]
fn too_much_text_and_too_large_a_picture_are_refused() {
    let long = "x".repeat(2954);
    assert!(matches!(
        qr::encode(&long, Level::Low),
        Err(QrError::TooMuchText { length: 2954, .. })
    ));
    let modules = qr::encode("A", Level::Low).unwrap();
    assert_eq!(modules.width(), 21);
    assert!(matches!(modules.to_png(MAX_SIDE), Err(QrError::PictureTooLarge { .. })));
    assert!(matches!(modules.to_png(u32::MAX), Err(QrError::PictureTooLarge { .. })));
}

/// A PNG that says it has a huge size is refused by its header, before pixels are allocated.
#[test]
fn a_picture_is_refused_for_its_size_before_it_is_decoded() {
    for (width, height) in [
        (MAX_SIDE + 1, 1),
        (1, MAX_SIDE + 1),
        (9000, 9000),
        (u32::MAX >> 1, u32::MAX >> 1),
    ] {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        png.extend(width.to_be_bytes());
        png.extend(height.to_be_bytes());
        png.extend([8, 0, 0, 0, 0]);
        let crc = photograph::crc32(&png[12..]);
        png.extend(crc.to_be_bytes());
        png.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
        let error = qr::decode(&png).unwrap_err();
        let by_us = matches!(error, QrError::TooLarge { width: w, height: h } if (w, h) == (width, height));
        let by_decoder = matches!(error, QrError::Image(image::ImageError::Limits(_)));
        assert!(by_us || by_decoder, "{width}x{height}: {error}");
    }
}

#[test]
fn what_is_no_picture_or_a_broken_one_is_an_error() {
    assert!(matches!(qr::decode(b""), Err(QrError::UnknownFormat)));
    assert!(matches!(
        qr::decode(b"BM not a format that is read"),
        Err(QrError::UnknownFormat)
    ));
    let png = qr::encode(TEXT, Level::Low).unwrap().to_png(3).unwrap();
    for length in [8, 20, 40, png.len() / 2] {
        assert!(qr::decode(&png[..length]).is_err(), "{length}");
    }
    assert!(qr::decode_luma(&Luma::new(0, 0, Vec::new()).unwrap()).is_empty());
    for (width, height) in [(1, 1), (1, 300), (300, 1), (2, 2), (40, 3)] {
        assert!(qr::decode_luma(&Luma::new(width, height, vec![128; width * height]).unwrap()).is_empty());
    }
}

#[test]
fn the_terminal_drawing_is_the_code_on_either_ground() {
    let modules = qr::encode(TEXT, Level::Low).unwrap();
    let side = modules.width() + 2 * QUIET_ZONE;
    for (theme, printed, ground) in [(Theme::Dark, 255u8, 0u8), (Theme::Light, 0, 255)] {
        let drawing = modules.to_terminal(theme);
        assert_eq!(drawing.lines().count(), side.div_ceil(2));
        // Print it as a terminal would, four pixels a module, and photograph that.
        let mut pixels = Vec::new();
        for line in drawing.lines() {
            for lower in [false, true] {
                let row: Vec<u8> = line
                    .chars()
                    .flat_map(|block| {
                        let lit = matches!((block, lower), ('█', _) | ('▀', false) | ('▄', true));
                        [if lit { printed } else { ground }; 4]
                    })
                    .collect();
                assert_eq!(row.len(), side * 4);
                (0..4).for_each(|_| pixels.extend_from_slice(&row));
            }
        }
        let luma = Luma::new(side * 4, pixels.len() / (side * 4), pixels).unwrap();
        assert_eq!(qr::decode_luma(&luma), [TEXT], "{theme:?}");
    }
    let coloured = modules.to_terminal(Theme::Colour);
    assert!(
        coloured
            .lines()
            .all(|line| line.starts_with("\u{1b}[38;5;16;48;5;231m") && line.ends_with("\u{1b}[0m"))
    );
}

#[test]
fn transparent_and_inverted_captures_are_read() {
    let modules = qr::encode(TEXT, Level::Medium).unwrap();
    let (side, luma) = modules.to_luma(4).unwrap();
    // Dark modules opaque, all else transparent black.
    let rgba: Vec<u8> = luma.iter().flat_map(|grey| [0, 0, 0, 255 - grey]).collect();
    let mut png = Vec::new();
    image::RgbaImage::from_raw(side, side, rgba)
        .unwrap()
        .write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png)
        .unwrap();
    assert_eq!(qr::decode(&png).unwrap(), [TEXT]);
    let inverted = luma.iter().map(|grey| 255 - grey).collect();
    assert_eq!(
        qr::decode_luma(&Luma::new(side as usize, side as usize, inverted).unwrap()),
        [TEXT]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Hand-held photographs: turned, tilted, out of focus, unevenly lit, noisy.
    #[test]
    fn photographs_are_read(
        turn in 0.0f64..std::f64::consts::TAU,
        tilt_x in -0.2f64..0.2,
        tilt_y in -0.2f64..0.2,
        blur in 0usize..2,
        noise in 0i32..16,
        shade in 0.0f64..0.5,
        seed in any::<u64>(),
    ) {
        let modules = qr::encode(TEXT, Level::Medium).unwrap();
        let camera = Camera {
            width: 1280, height: 720, module_pixels: 7.0, turn, tilt: (tilt_x, tilt_y), blur, noise, shade, seed,
        };
        prop_assert_eq!(qr::decode_luma(&photograph(&modules, &camera)), [TEXT]);
    }

    #[test]
    fn arbitrary_bytes_after_a_right_signature_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for signature in [b"\x89PNG\r\n\x1a\n".as_slice(), b"\xFF\xD8\xFF", b"GIF89a"] {
            let mut input = signature.to_vec();
            input.extend_from_slice(&bytes);
            let _ = qr::decode(&input);
        }
    }
}

fn vectors() -> Option<PathBuf> {
    let root = std::env::var_os("IDWALLET_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    Some(root.join("qr")).filter(|path| path.join("index.json").is_file())
}

#[test]
fn every_decodable_picture_of_the_vectors_is_read() {
    let Some(root) = vectors() else {
        println!("qr vectors absent: 35 pictures left out");
        return;
    };
    let index: serde_json::Value = serde_json::from_slice(&std::fs::read(root.join("index.json")).unwrap()).unwrap();
    let (mut read, mut texts, mut refused) = (0, 0, 0);
    for entry in index["third_party"].as_array().unwrap() {
        let file = entry["file"].as_str().unwrap();
        let expected: Vec<&str> = entry["zxing_cpp"]
            .as_array()
            .unwrap()
            .iter()
            .map(|text| text.as_str().unwrap())
            .collect();
        let found = qr::decode(&std::fs::read(root.join(file)).unwrap()).unwrap();
        if file.ends_with("rqrr_incomplete.gif") {
            // A corner is missing; what is left is enough for error correction, beyond what zxing-cpp does.
            assert_eq!(found, ["rqrr"]);
            read += 1;
            continue;
        }
        for text in &expected {
            assert!(
                found.iter().any(|found| found == text),
                "{file}: {text:?} not in {found:?}"
            );
        }
        assert_eq!(found.len(), expected.len(), "{file}: {found:?}");
        texts += expected.len();
        if expected.is_empty() {
            refused += 1;
        } else {
            read += 1;
        }
    }
    println!("qr vectors: {read} pictures read ({texts} texts agree with zxing-cpp), {refused} rightly without a text");
    assert!(read >= 32 && refused >= 3, "the set is as it was when this was written");
}

/// A message goes from screen to camera as pictures, half of which are lost.
#[test]
fn a_message_crosses_as_pictures_with_half_of_them_lost() {
    let sent = message(5000, 3);
    let encoder = FrameEncoder::new(MessageKind::Response, TransferId([9, 8, 7, 6]), &sent).unwrap();
    let mut decoder = FrameDecoder::new(Limits {
        kind: Some(MessageKind::Response),
        ..Limits::default()
    });
    let mut random = Random(5);
    let (mut shown, mut scanned) = (0, 0);
    for index in 0u32..100 {
        shown += 1;
        if random.next() & 1 == 0 {
            continue;
        }
        let png = qr::encode(&encoder.frame(index), Level::Low)
            .unwrap()
            .to_png(4)
            .unwrap();
        let texts = qr::decode(&png).unwrap();
        assert_eq!(texts.len(), 1, "frame {index}");
        scanned += 1;
        if decoder.push(&texts[0]).unwrap().complete {
            break;
        }
    }
    println!(
        "5000 bytes: {} fragments, {shown} frames shown, {scanned} scanned",
        encoder.fragments()
    );
    assert!(scanned <= encoder.fragments() + 2);
    assert_eq!(decoder.into_message(), Some(sent));
}

/// The same through simulated photographs, where some frames cannot be read.
#[test]
fn a_message_crosses_through_a_cheap_camera() {
    let sent = message(3000, 4);
    let encoder = FrameEncoder::new(MessageKind::Request, TransferId([1, 1, 1, 1]), &sent).unwrap();
    let mut decoder = FrameDecoder::new(Limits::default());
    let mut random = Random(6);
    let mut unread = 0;
    for index in 0u32..60 {
        let modules = qr::encode(&encoder.frame(index), Level::Low).unwrap();
        let mut wobble = |by: f64| (random.next() % 1000) as f64 / 500.0 * by - by;
        let camera = Camera {
            width: 1280,
            height: 720,
            module_pixels: 7.5,
            turn: wobble(0.15),
            tilt: (wobble(0.1), wobble(0.1)),
            blur: 1,
            noise: 8,
            shade: 0.3,
            seed: u64::from(index),
        };
        match qr::decode_luma(&photograph(&modules, &camera))
            .first()
            .map(|text| decoder.push(text))
        {
            Some(Ok(progress)) if progress.complete => break,
            Some(Ok(_)) => {}
            Some(Err(error)) => assert!(!matches!(error, FrameError::CheckFailed { .. }), "{error}"),
            None => unread += 1,
        }
    }
    println!("{} fragments, {unread} photographs unread", encoder.fragments());
    assert_eq!(decoder.into_message(), Some(sent));
}
