//! In-person presentation, holder and reader, without input or output of its own.
//!
//! This crate knows what is said between two devices that stand next to each other. It never opens
//! a socket, a radio or a camera: bytes and strings go in, bytes and strings come out.
//!
//! - [`camera`]: carries a message over nothing but a screen and a camera, as animated QR codes.
//!
//! The carrier formats that are this project's own are written down in `README.md` of this crate,
//! with worked examples.

#![forbid(unsafe_code)]

pub mod camera;
