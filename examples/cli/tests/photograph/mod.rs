//! A simulated camera in front of a screen.
#![allow(dead_code)]

use idwallet_cli::qr::{Luma, Modules};

/// xorshift64*: repeatable pictures.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        value ^ (value >> 31)
    }
}

/// How the code is held and seen.
#[derive(Debug, Clone)]
pub struct Camera {
    pub width: usize,
    pub height: usize,
    /// Pixels a module takes at the centre of the code.
    pub module_pixels: f64,
    /// Radians.
    pub turn: f64,
    /// How much nearer one edge is than the other, of the code's size; 0.2 is about 25 degrees.
    pub tilt: (f64, f64),
    /// Radius of the blur in pixels; applied twice.
    pub blur: usize,
    /// Amplitude of the noise in grey levels.
    pub noise: i32,
    /// How much darker the far corner is lit.
    pub shade: f64,
    pub seed: u64,
}

/// Takes a picture of a code on a grey desk.
pub fn photograph(modules: &Modules, camera: &Camera) -> Luma {
    let mut random = Random(camera.seed);
    let (sin, cos) = camera.turn.sin_cos();
    let size = modules.width() as f64;
    let border = size / 2.0 + 4.0;
    let grey_at = |x: f64, y: f64| -> f64 {
        let (x, y) = (x - camera.width as f64 / 2.0, y - camera.height as f64 / 2.0);
        let (u, v) = (
            (x * cos + y * sin) / camera.module_pixels,
            (y * cos - x * sin) / camera.module_pixels,
        );
        let depth = 1.0 + camera.tilt.0 * u / size + camera.tilt.1 * v / size;
        let (u, v) = (u / depth, v / depth);
        if u.abs() > border || v.abs() > border {
            return 110.0;
        }
        let (column, row) = ((u + size / 2.0).floor(), (v + size / 2.0).floor());
        let dark = column >= 0.0 && row >= 0.0 && modules.is_dark(column as usize, row as usize);
        if dark { 35.0 } else { 225.0 }
    };
    let mut pixels = Vec::with_capacity(camera.width * camera.height);
    for y in 0..camera.height {
        for x in 0..camera.width {
            // Four samples a pixel: the edges of modules are grey, as a sensor sees them.
            let mut grey = 0.0;
            for (dx, dy) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                grey += grey_at(x as f64 + dx, y as f64 + dy) / 4.0;
            }
            let lit = 1.0 - camera.shade * (x as f64 / camera.width as f64 + y as f64 / camera.height as f64) / 2.0;
            pixels.push((grey * lit) as i32);
        }
    }
    for _ in 0..2 {
        pixels = blur(&pixels, camera.width, camera.height, camera.blur);
    }
    let span = (2 * camera.noise + 1) as u64;
    let pixels = pixels
        .iter()
        .map(|grey| (grey + (random.next() % span) as i32 - camera.noise).clamp(0, 255) as u8)
        .collect();
    Luma::new(camera.width, camera.height, pixels).unwrap()
}

fn blur(pixels: &[i32], width: usize, height: usize, radius: usize) -> Vec<i32> {
    let pass = |pixels: &[i32], step: usize, lines: usize, next: usize, length: usize| {
        let mut out = vec![0; pixels.len()];
        for line in 0..lines {
            for i in 0..length {
                let (from, to) = (i.saturating_sub(radius), (i + radius).min(length - 1));
                let sum: i32 = (from..=to).map(|j| pixels[line * next + j * step]).sum();
                out[line * next + i * step] = sum / (to - from + 1) as i32;
            }
        }
        out
    };
    let rows = pass(pixels, 1, height, width, width);
    pass(&rows, width, width, 1, height)
}

/// CRC-32 as PNG has it.
pub fn crc32(bytes: &[u8]) -> u32 {
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
