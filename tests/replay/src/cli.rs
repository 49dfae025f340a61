//! What the command reads from files.

use crate::tell;

/// A picture. Its size is bounded here so that an execution stays short; the bound of the reader itself has its own test.
pub fn qr_image(data: &[u8]) {
    if data.len() > 64 * 1024 || pixels(data) > 1 << 18 {
        return;
    }
    match idwallet_cli::qr::decode(data) {
        Ok(texts) => assert!(texts.len() < 1000),
        Err(error) => tell(&error),
    }
}

/// Width times height as the header of a PNG or GIF has it; what has another header passes.
fn pixels(data: &[u8]) -> u64 {
    let number = |at: usize, length: usize, little: bool| {
        let bytes = data.get(at..at + length).unwrap_or_default();
        let fold = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        if little {
            bytes.iter().rev().fold(0, fold)
        } else {
            bytes.iter().fold(0, fold)
        }
    };
    match data {
        [0x89, b'P', ..] => number(16, 4, false).saturating_mul(number(20, 4, false)),
        [b'G', b'I', b'F', ..] => number(6, 2, true) * number(8, 2, true),
        [0xff, 0xd8, ..] => data
            .windows(9)
            .filter(|window| window[0] == 0xff && matches!(window[1], 0xc0..=0xcf))
            .map(|window| {
                let side = |at: usize| u64::from(window[at]) << 8 | u64::from(window[at + 1]);
                side(5) * side(7)
            })
            .max()
            .unwrap_or(0),
        _ => 0,
    }
}

/// What `inspect` tells of anything that is no picture.
pub fn inspect(data: &[u8]) {
    match idwallet_cli::inspect_bytes(data) {
        Ok(told) => {
            assert!(told["kind"].is_string());
        }
        Err(what) => assert!(!what.is_empty()),
    }
}
