//! Which QR version and level carries most through a cheap camera: the figures of ADR 0004.
//! `cargo run --release -p idwallet-cli --example frame_size [-- BLUR]`
#![allow(missing_docs)]

#[path = "../tests/photograph/mod.rs"]
mod photograph;

use idwallet_cli::qr::{self, Level};
use photograph::{Camera, Random, photograph};

/// Alphanumeric capacity at levels L and M (ISO/IEC 18004 table 7).
const VERSIONS: [(usize, [usize; 2]); 8] = [
    (8, [279, 221]),
    (10, [395, 311]),
    (12, [535, 419]),
    (13, [619, 483]),
    (15, [758, 600]),
    (17, [938, 734]),
    (20, [1249, 970]),
    (25, [1853, 1451]),
];
const RUNS: u64 = 40;

fn main() {
    println!("code 560 of 720 pixels high, hand-held; read in % (frame payload x rate, bytes)");
    let only: Option<usize> = std::env::args().nth(1).and_then(|blur| blur.parse().ok());
    for blur in (1..=3).filter(|blur| only.is_none_or(|only| only == *blur)) {
        for (version, capacities) in VERSIONS {
            let mut line = format!("blur {blur}  version {version:2} ({} modules)", 17 + 4 * version);
            for (level, capacity) in [Level::Low, Level::Medium].into_iter().zip(capacities) {
                let mut read = 0u64;
                for run in 0..RUNS {
                    let mut random = Random(run * 77 + version as u64);
                    let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
                    let text: String = (0..capacity)
                        .map(|_| alphabet[(random.next() % 45) as usize] as char)
                        .collect();
                    let modules = qr::encode(&text, level).expect("fits");
                    let mut wobble = |by: f64| (random.next() % 1000) as f64 / 500.0 * by - by;
                    let camera = Camera {
                        width: 1280,
                        height: 720,
                        module_pixels: 560.0 / modules.width() as f64,
                        turn: wobble(0.2),
                        tilt: (wobble(0.1), wobble(0.1)),
                        blur,
                        noise: 8,
                        shade: 0.3,
                        seed: run,
                    };
                    read += u64::from(qr::decode_luma(&photograph(&modules, &camera)) == [text]);
                }
                let payload = (capacity - 5) / 3 * 2 - 24;
                line += &format!(
                    "   {level:?} {payload:4} B: {:3} % ({:3})",
                    100 * read / RUNS,
                    payload as u64 * read / RUNS
                );
            }
            println!("{line}");
        }
    }
}
