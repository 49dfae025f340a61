//! `wallet answer`: the holder's half of camera to camera.

use idwallet_crypto::SystemRandom;
use idwallet_proximity::camera::MessageKind;
use idwallet_wallet::{CameraPresentation, Review, WalletError};
use serde_json::{Value, json};

use super::{Place, Readers, consent, fault, open, show_qr};
use crate::camera;
use crate::context::Context;
use crate::error::{Result, Status, bad};
use crate::wallet::args::WalletAnswerArgs;

/// Why a reader's proof of who it is does not hold.
fn bad_reader(review: &Review, cx: &Context) -> Option<String> {
    review
        .requests
        .iter()
        .find(|request| request.reader.is_bad())
        .and_then(|request| request.reader.reason(cx.lang))
}

/// To a reader with a bad proof the screen shows nothing, not even a no.
fn no_answer(reason: &str, asked: Value, cx: &Context) -> Result {
    cx.document(&json!({ "outcome": "refused", "requests": asked, "shared": [], "reason": reason }))?;
    let text = cx.t(
        "Không trả lời bên yêu cầu không xác minh được",
        "No answer to a reader that cannot be verified",
    );
    cx.tell(format!("{text}: {reason}"))?;
    Ok(Status::Refused)
}

pub fn run(dir: &Place, args: &WalletAnswerArgs, cx: &Context) -> Result {
    let wallet = open(dir, cx)?;
    let readers = Readers::read(dir, &args.consent, cx)?;
    camera::check(&args.camera_out, args.force)?;
    let message = camera::scan(&args.frames, Some(MessageKind::Request), cx)?;
    let mut presentation =
        CameraPresentation::received(&message, &SystemRandom::new()).map_err(|error| match error {
            WalletError::InvalidMessage(error) => bad(&args.frames, error),
            other => fault(&other, cx),
        })?;
    let (message, mut report, shared) = match presentation.resolve(&wallet, &readers.trust(cx)) {
        Ok(review) => {
            let asked = show_qr::asked(review, cx);
            let (approval, handle) = (consent::decide(review, &args.consent, cx)?, review.handle);
            if let Some(reason) = bad_reader(review, cx).filter(|_| approval.is_nothing()) {
                presentation.cancel(&wallet, cx.now());
                return no_answer(&reason, asked, cx);
            }
            let (answer, message) = pollster::block_on(presentation.respond(&wallet, handle, &approval, cx.clock()))
                .map_err(|error| fault(&error, cx))?;
            let round = show_qr::Round::of(&answer, asked, cx)?;
            (message, round.json, round.shared)
        }
        Err(error) => {
            let failure = presentation
                .respond_failure(&error)
                .map_err(|error| fault(&error, cx))?;
            cx.progress(format!("{} {error}", error.text(cx.lang)));
            let message = failure.ok_or_else(|| fault(&error, cx))?;
            (
                message,
                json!({ "outcome": "faulty_request", "reason": error.to_string() }),
                0,
            )
        }
    };
    let frames = camera::show(
        &args.camera_out,
        MessageKind::Response,
        &message,
        args.frame_count,
        args.force,
        cx,
    )?;
    if let Value::Object(map) = &mut report {
        map.insert("frames".into(), frames.into());
    }
    cx.document(&report)?;
    Ok(if shared == 0 { Status::Refused } else { Status::Done })
}
