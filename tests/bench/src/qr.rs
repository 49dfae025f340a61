//! QR codes: drawing, reading a photograph, reading the public pictures.

use crate::harness::{Effort, run};
use crate::table::{Row, time};
use idwallet_cli::qr::{self, Level};
use idwallet_test_support::vectors_dir;
use std::hint::black_box;

#[path = "../../../examples/cli/tests/photograph/mod.rs"]
mod photograph;

use photograph::{Camera, photograph};

/// The rows. Reading is held against the first of the two readers alone.
pub fn rows(effort: Effort) -> Vec<Row> {
    let text = format!("mdoc:{}", &"owBjMS4wAYIB2BhYS6QBAiABIVggWojRg".repeat(8)[..245]);
    let modules = qr::encode(&text, Level::Medium).unwrap();
    let mut rows = Vec::new();
    let encoding = run(
        &mut [(
            "",
            Box::new(|| drop(black_box(qr::encode(&text, Level::Medium).unwrap()))),
        )],
        effort,
    );
    rows.push(Row {
        job: "QR: draw 250 bytes, µs (qrcode)".to_owned(),
        ratio: encoding[0].min / 1e3,
        bar: None,
        detail: format!("median {}", time(encoding[0].median)),
    });
    for (name, noise, turn, shade) in [("clean", 0, 0.0, 0.0), ("turned, shaded, noisy", 20, 0.122, 0.3)] {
        let camera = Camera {
            width: 1920,
            height: 1080,
            module_pixels: 12.0,
            turn,
            tilt: (0.0, 0.0),
            blur: 0,
            noise,
            shade,
            seed: 1,
        };
        let luma = photograph(&modules, &camera);
        let times = run(
            &mut [
                (
                    "quircs",
                    Box::new(|| {
                        let mut reader = quircs::Quirc::new();
                        let read: Vec<_> = reader
                            .identify(luma.width(), luma.height(), luma.pixels())
                            .filter_map(|code| code.ok()?.decode().ok())
                            .collect();
                        assert_eq!(read.len(), 1);
                    }),
                ),
                ("ours", Box::new(|| assert_eq!(qr::decode_luma(&luma), [text.as_str()]))),
            ],
            Effort {
                rounds: effort.rounds.div_ceil(2),
                turn: effort.turn,
            },
        );
        rows.push(Row {
            job: format!("QR: read a 1080p photograph, {name}, against quircs"),
            ratio: times[1].min / times[0].min,
            bar: Some(1.2),
            detail: format!(
                "{} of {}; medians {:.3}",
                time(times[1].min),
                time(times[0].min),
                times[1].median / times[0].median
            ),
        });
    }
    rows.extend(pictures());
    rows
}

/// Of the public pictures, those that another reader reads and we do not.
fn pictures() -> Option<Row> {
    let root = vectors_dir()?.join("qr");
    let index: serde_json::Value = serde_json::from_slice(&std::fs::read(root.join("index.json")).ok()?).ok()?;
    let (mut decodable, mut missed) = (0, Vec::new());
    for entry in index["third_party"].as_array()? {
        let file = entry["file"].as_str()?;
        let expected: Vec<&str> = entry["zxing_cpp"]
            .as_array()?
            .iter()
            .filter_map(serde_json::Value::as_str)
            .collect();
        if expected.is_empty() {
            continue;
        }
        decodable += 1;
        let found = std::fs::read(root.join(file))
            .ok()
            .and_then(|bytes| qr::decode(&bytes).ok())
            .unwrap_or_default();
        if !expected.iter().all(|text| found.iter().any(|found| found == text)) {
            missed.push(file);
        }
    }
    Some(Row {
        job: "QR: decodable public pictures not read".to_owned(),
        ratio: missed.len() as f64,
        bar: Some(0.0),
        detail: format!("of {decodable} {}", missed.join(" ")),
    })
}
