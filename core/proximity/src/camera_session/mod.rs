//! Camera to camera: a session of one request and one answer, each a message for [`crate::camera`].
//!
//! Session encryption, ephemeral keys and transcript are those of ISO/IEC TS 18013-7 Annex A for a reader engagement; the two envelopes are
//! this project's own (`README.md` of this crate, ADR 0007).

mod envelope;
mod holder;
mod reader;
mod saved;

pub use holder::CameraHolder;
pub use reader::{CameraAnswer, CameraDraft, CameraReader};

use crate::Result;
use crate::engagement::ReaderEngagement;
use idwallet_mdoc::{Handover, SessionTranscript};

/// The transcript of the session; with no device engagement the one that the reader signs the request over, before there is any.
fn transcript(engagement: &ReaderEngagement, device_engagement: Option<&[u8]>) -> Result<SessionTranscript> {
    let handover = Handover::ReaderEngagement(engagement.handover_hash());
    Ok(SessionTranscript::new(
        device_engagement,
        engagement.e_reader_cose_key(),
        handover,
    )?)
}
