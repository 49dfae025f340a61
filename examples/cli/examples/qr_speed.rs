//! Reading a 1080p photograph, against the first reader alone; drawing 250 bytes.
//! `cargo run --release -p idwallet-cli --example qr_speed`
#![allow(missing_docs, clippy::disallowed_methods)]

#[path = "../tests/photograph/mod.rs"]
mod photograph;

use std::time::{Duration, Instant};

use idwallet_cli::qr::{self, Level};
use photograph::{Camera, photograph};

fn main() {
    let text = format!(
        "mdoc:{}",
        "owBjMS4wAYIB2BhYS6QBAiABIVggWojRg"
            .repeat(8)
            .get(..245)
            .expect("long enough")
    );
    let modules = qr::encode(&text, Level::Medium).expect("fits");
    for (name, blur, noise, turn, shade) in [
        ("clean", 0, 0, 0.0, 0.0),
        ("turned 7 degrees, shaded, noise 20", 0, 20, 0.122, 0.3),
    ] {
        let camera = Camera {
            width: 1920,
            height: 1080,
            module_pixels: 12.0,
            turn,
            tilt: (0.0, 0.0),
            blur,
            noise,
            shade,
            seed: 1,
        };
        let luma = photograph(&modules, &camera);
        let (mut ours, mut alone) = (Vec::new(), Vec::new());
        for _ in 0..41 {
            let start = Instant::now();
            assert_eq!(qr::decode_luma(&luma), [text.as_str()]);
            ours.push(start.elapsed());
            let start = Instant::now();
            let mut reader = quircs::Quirc::new();
            let read: Vec<_> = reader
                .identify(luma.width(), luma.height(), luma.pixels())
                .filter_map(|code| code.ok()?.decode().ok())
                .collect();
            alone.push(start.elapsed());
            assert_eq!(read.len(), 1);
        }
        let (ours, alone) = (median(ours), median(alone));
        println!(
            "decode 1080p {name}: {ours:?}, quircs {alone:?}, ratio {:.2} (bar 1.20)",
            ours.as_secs_f64() / alone.as_secs_f64()
        );
    }
    let draw = (0..41).map(|_| {
        let start = Instant::now();
        let modules = qr::encode(&text, Level::Medium).expect("fits");
        assert!(modules.width() > 21);
        start.elapsed()
    });
    println!("encode {} bytes, level M: {:?}", text.len(), median(draw.collect()));
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
