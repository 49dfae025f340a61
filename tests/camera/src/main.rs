//! How long a message takes from screen to camera under four codings: the table of ADR 0004.
//!
//! Frames are shown at 10 a second from the first on, each is lost with the same probability, and
//! the time ends with the frame that completes the message. Fragments are cut as for the default
//! frame, but carry few bytes: what a coding needs depends on their number alone.
#![allow(missing_docs)]

use idwallet_proximity::camera::{
    DEFAULT_FRAGMENT_LENGTH, FrameDecoder, FrameEncoder, Limits, MessageKind, TransferId,
};
use raptorq::{ObjectTransmissionInformation, SourceBlockDecoder, SourceBlockEncoder};

const RUNS: u64 = 1000;
const SMALL: usize = 16;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        value ^ (value >> 31)
    }

    fn lost(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
}

fn plain(fragments: usize, loss: u64, random: &mut Random) -> u32 {
    let mut missing = vec![true; fragments];
    let mut left = fragments;
    for frame in 0u32.. {
        let place = frame as usize % fragments;
        if !random.lost(loss) && std::mem::take(&mut missing[place]) {
            left -= 1;
            if left == 0 {
                return frame + 1;
            }
        }
    }
    unreachable!()
}

fn linear(message: &[u8], fragments: usize, loss: u64, random: &mut Random) -> u32 {
    let id = TransferId((random.next() as u32).to_be_bytes());
    let encoder = FrameEncoder::with_fragment_length(MessageKind::Response, id, message, SMALL).unwrap();
    assert_eq!(encoder.fragments(), fragments);
    let mut decoder = FrameDecoder::new(Limits::default());
    for frame in 0u32.. {
        if !random.lost(loss) && decoder.push(&encoder.frame(frame)).unwrap().complete {
            assert_eq!(decoder.message(), Some(message));
            return frame + 1;
        }
    }
    unreachable!()
}

fn luby(message: &[u8], loss: u64, random: &mut Random) -> u32 {
    let mut encoder = ur::fountain::Encoder::new(message, SMALL).unwrap();
    let mut decoder = ur::fountain::Decoder::default();
    for frame in 0u32.. {
        let part = encoder.next_part();
        if !random.lost(loss) {
            decoder.receive(part).unwrap();
            if decoder.complete() {
                return frame + 1;
            }
        }
    }
    unreachable!()
}

fn raptor(message: &[u8], fragments: usize, loss: u64, random: &mut Random) -> u32 {
    let config = ObjectTransmissionInformation::new(message.len() as u64, SMALL as u16, 1, 1, 8);
    let encoder = SourceBlockEncoder::new(0, &config, message);
    let mut packets = encoder.source_packets();
    packets.extend(encoder.repair_packets(0, 4 * fragments as u32 + 60));
    let mut decoder = SourceBlockDecoder::new(0, &config, message.len() as u64);
    for (frame, packet) in packets.into_iter().enumerate() {
        if !random.lost(loss) && decoder.decode(Some(packet)).is_some() {
            return frame as u32 + 1;
        }
    }
    unreachable!()
}

fn main() {
    println!("| message | lost | coding | mean s | p95 s | worst s |\n|---|---|---|---|---|---|");
    for size in [5_000usize, 60_000] {
        let fragments = size.div_ceil(DEFAULT_FRAGMENT_LENGTH);
        let message: Vec<u8> = (0..fragments * SMALL).map(|i| (i * 31 % 251) as u8).collect();
        for loss in [0, 20, 50] {
            for coding in ["plain, repeated", "LT (ur)", "RaptorQ", "systematic + GF(256)"] {
                let mut frames: Vec<u32> = (0..RUNS)
                    .map(|run| {
                        let mut random = Random(run * 1_000_003 + loss);
                        match coding {
                            "plain, repeated" => plain(fragments, loss, &mut random),
                            "LT (ur)" => luby(&message, loss, &mut random),
                            "RaptorQ" => raptor(&message, fragments, loss, &mut random),
                            _ => linear(&message, fragments, loss, &mut random),
                        }
                    })
                    .collect();
                frames.sort_unstable();
                let mean = frames.iter().map(|n| f64::from(*n)).sum::<f64>() / RUNS as f64 / 10.0;
                let p95 = f64::from(frames[RUNS as usize * 95 / 100]) / 10.0;
                let worst = f64::from(frames[RUNS as usize - 1]) / 10.0;
                println!(
                    "| {size} B, {fragments} fragments | {loss} % | {coding} | {mean:.2} | {p95:.1} | {worst:.1} |"
                );
            }
        }
    }
}
