//! `read`: the reader in person, over a stream or camera to camera.
#![allow(clippy::disallowed_methods, reason = "waits for sockets")]

use std::path::Path;
use std::time::{Duration, Instant};

use idwallet_crypto::x509::Certificate;
use idwallet_crypto::{Curve, PrivateKey, Secret, SecretBytes, SystemRandom};
use idwallet_documents::{Ask, Registry};
use idwallet_proximity::camera::MessageKind;
use idwallet_proximity::{EndReason, MethodKind, ProximityError, RetrievalMethod};
use idwallet_verifier::{
    CameraOutcome, CameraSession, Finished, Reader, ReaderAction, ReaderIdentity, ReaderSession, Report, Request,
    Verifier, VerifierError,
};
use serde_json::{Value, json};

use crate::args::ReadArgs;
use crate::context::Context;
use crate::error::{CliError, FileFault, Result, Status, bad, bad_file, failed};
use crate::input::{self, Readable, Source};
use crate::stream::{Connection, Received};
use crate::trust::Trust;
use crate::{camera, certs, keys, qr, report};

pub fn run(args: &ReadArgs, cx: &Context) -> Result {
    let mut trust = Trust::read(&args.trust, Vec::new(), cx)?;
    if !args.accept_missing {
        // Who was asked for more than was given has no answer to the question.
        trust.policy = trust.policy.require_all_elements();
    }
    let mut reader = Reader::new(Verifier::new(), trust.store, trust.policy);
    if let Some((key, chain)) = own_key(args, cx)? {
        let place = args.reader_chain.as_ref().map(ToString::to_string).unwrap_or_default();
        reader = reader.identity(ReaderIdentity::new(key, &chain).map_err(|error| bad(place, error))?);
    }
    match (&args.camera_out, &args.camera_in, &args.engagement) {
        (Some(folder), _, _) => camera_out(folder, args, &reader, cx),
        (_, Some(frames), _) => camera_in(frames, args, &reader, cx),
        (_, _, Some(engagement)) => stream(engagement, args, &reader, cx),
        _ => Err(bad("IMAGE", "a picture or an mdoc: URI is needed")),
    }
}

fn own_key(args: &ReadArgs, cx: &Context) -> Result<Option<(PrivateKey, Vec<Certificate>)>> {
    match (&args.reader_key, &args.reader_chain) {
        (Some(key), Some(chain)) => Ok(Some((keys::read_private(key, cx)?, certs::read_all(chain, cx)?))),
        _ => Ok(None),
    }
}

/// What is asked for in one round: templates and files divided by commas.
fn ask(words: &str) -> Result<Request> {
    let registry = Registry::builtin().map_err(|error| CliError::Environment(error.to_string()))?;
    let (mut all, mut account_level) = (Ask::default(), None);
    for word in words.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let one = match registry.template(word) {
            Ok(template) => {
                account_level = account_level.max(template.requirements().account_level);
                template.ask().clone()
            }
            Err(_) if Path::new(word).is_file() || word == "-" => {
                let source = Source::from(word);
                Ask::parse(&source.read()?).map_err(|error| bad(&source, error))?
            }
            Err(_) => {
                let names: Vec<&str> = registry.templates().iter().map(|template| template.name()).collect();
                return Err(bad(
                    "--ask",
                    format!("`{word}` is neither a file nor a template ({})", names.join(", ")),
                ));
            }
        };
        for (doc_type, space, element, retain) in one.elements() {
            all.add(doc_type, space, element, retain);
        }
    }
    if all.documents().is_empty() {
        return Err(bad("--ask", "asks for nothing"));
    }
    let request = Request::new(&all);
    Ok(match account_level {
        Some(level) => request.require_account_level(level),
        None => request,
    })
}

/// An error of the session: what cannot be read is unusable input, what does not hold is refused.
fn fault(place: &str, error: &VerifierError) -> CliError {
    match error {
        VerifierError::Proximity(
            ProximityError::Expired
            | ProximityError::Undecryptable
            | ProximityError::NotByCamera
            | ProximityError::CurveMismatch { .. },
        ) => CliError::Refused(format!("{place}: {error}")),
        VerifierError::Proximity(ProximityError::NoCommonCarrier) => CliError::Input(format!(
            "{place}: {error}; this command connects over a stream, or camera to camera"
        )),
        _ => bad(place, error),
    }
}

// ---- over a stream ----

/// The text of the holder's QR code.
fn engagement_text(engagement: &str, cx: &Context) -> Result<String> {
    if engagement
        .get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("mdoc:"))
    {
        return Ok(engagement.to_owned());
    }
    let source = Source::from(engagement);
    let bytes = source.read()?;
    if bytes.starts_with(b"mdoc:") {
        return Ok(String::from_utf8_lossy(&bytes).trim().to_owned());
    }
    let texts = qr::decode(&bytes).map_err(|error| bad(&source, error))?;
    let found = texts.iter().find(|text| text.starts_with("mdoc:")).cloned();
    found.ok_or_else(|| {
        bad(
            &source,
            if texts.is_empty() {
                cx.t(
                    "không đọc được mã QR nào trong ảnh",
                    "no QR code could be read in the picture",
                )
            } else {
                cx.t(
                    "mã QR trong ảnh không phải của ví (mdoc:)",
                    "the QR code in the picture is not a wallet's (mdoc:)",
                )
            },
        )
    })
}

fn stream(engagement: &str, args: &ReadArgs, reader: &Reader, cx: &Context) -> Result {
    let mut rounds = args
        .ask
        .iter()
        .map(|words| ask(words))
        .collect::<Result<Vec<Request>>>()?
        .into_iter();
    let first = rounds.next().ok_or_else(|| bad("--ask", "needed"))?;
    let text = engagement_text(engagement, cx)?;
    let place = if text == engagement { "mdoc:" } else { engagement };
    for path in [&args.response_out, &args.transcript_out].into_iter().flatten() {
        if !args.force && path.exists() {
            return Err(bad_file(path.display(), FileFault::There));
        }
    }
    let session = reader.scan(&text, &first, &SystemRandom::new(), cx.clock());
    let mut session = session.map_err(|error| fault(place, &error))?.keep_open();
    let address = match session.choose_carrier(&[MethodKind::Stream]) {
        Ok((_, RetrievalMethod::Stream { address })) => address.clone(),
        Ok(_) => return Err(fault(place, &ProximityError::NoCommonCarrier.into())),
        Err(error) => return Err(fault(place, &error)),
    };
    cx.progress(format!(
        "{} {address}",
        cx.t("Kết nối tới ví ở", "Connecting to the wallet at")
    ));
    let connection = Connection::open(&address)?;
    cx.progress(cx.t("Đang đợi chủ giấy tờ đồng ý…", "Waiting for the holder's consent…"));
    let finished = meet(&mut session, connection, rounds, Duration::from_secs(args.timeout), cx)?;
    if let (Some(path), Some(response)) = (&args.response_out, session.last_response()) {
        input::write(path, response, Readable::ByOwner, args.force)?;
    }
    if let Some(path) = &args.transcript_out {
        input::write(path, session.transcript().as_bytes(), Readable::ByOwner, args.force)?;
    }
    finish(&finished, cx)
}

/// Carries messages between session and connection until the session is over.
fn meet(
    session: &mut ReaderSession,
    mut connection: Connection,
    mut rounds: impl Iterator<Item = Request>,
    patience: Duration,
    cx: &Context,
) -> Result<Finished> {
    loop {
        match session.next_action(cx.clock()) {
            ReaderAction::Send(message) => {
                if !connection.send(&message)? {
                    session.connection_lost();
                }
            }
            ReaderAction::Receive { .. } => match connection.receive(Instant::now() + patience)? {
                Received::Message(message) => {
                    let taken = session.received(&message, cx.clock());
                    taken.map_err(|error| fault("session", &error))?;
                }
                Received::TimedOut => {
                    session.finish();
                    while let ReaderAction::Send(message) = session.next_action(cx.clock()) {
                        let _ = connection.send(&message)?;
                    }
                    let text = cx.t(
                        "chủ giấy tờ không trả lời trong thời gian chờ",
                        "the holder did not answer in time",
                    );
                    return Err(CliError::Environment(format!("{text} ({} s)", patience.as_secs())));
                }
                Received::Lost => session.connection_lost(),
            },
            ReaderAction::Decide { .. } => match rounds.next() {
                Some(request) => session
                    .ask(&request, cx.clock())
                    .map_err(|error| fault("--ask", &error))?,
                None => session.finish(),
            },
            ReaderAction::Finished(finished) => return Ok(finished),
        }
    }
}

/// The report of all rounds. A holder who declined is a refusal; a connection that was lost before any answer is not.
fn finish(finished: &Finished, cx: &Context) -> Result {
    let is_lost = matches!(finished.reason, EndReason::ConnectionLost | EndReason::TimedOut);
    if finished.reports.is_empty() && is_lost {
        let text = cx.t(
            "mất kết nối trước khi có câu trả lời",
            "the connection was lost before there was an answer",
        );
        return Err(CliError::Environment(text.to_owned()));
    }
    if finished.reports.is_empty() {
        return no_answer(&finished.reason.to_string(), cx);
    }
    cx.document(&merged(finished))?;
    for report in &finished.reports {
        report::print(report, cx)?;
    }
    Ok(report::status(finished.is_accepted()))
}

/// One document in the shape of a single report; with several rounds they are there one by one as well.
fn merged(finished: &Finished) -> Value {
    let all: Vec<Value> = finished.reports.iter().map(Report::to_json).collect();
    if let [only] = all.as_slice() {
        return only.clone();
    }
    let gather = |name: &str| -> Vec<Value> {
        all.iter()
            .filter_map(|report| report.get(name)?.as_array())
            .flatten()
            .cloned()
            .collect()
    };
    json!({
        "outcome": if finished.is_accepted() { "accepted" } else { "refused" },
        "checked_at": all.last().and_then(|report| report.get("checked_at")),
        "documents": gather("documents"), "problems": gather("problems"), "rounds": all,
    })
}

/// The report of an answer without any document.
fn refusal(problem: &str, cx: &Context) -> Value {
    json!({ "outcome": "refused", "checked_at": cx.now().to_rfc3339(), "documents": [], "problems": [problem] })
}

fn no_answer(reason: &str, cx: &Context) -> Result {
    let text = format!(
        "{}: {reason}",
        cx.t("chủ giấy tờ không trả lời yêu cầu", "the holder gave no answer")
    );
    cx.document(&refusal(&text, cx))?;
    cx.line(&text)?;
    cx.line(report::outcome_text(false, cx))?;
    Ok(Status::Refused)
}

// ---- camera to camera ----

fn session_file(args: &ReadArgs) -> Result<&Path> {
    args.session.as_deref().ok_or_else(|| bad("--session", "needed"))
}

fn camera_out(folder: &Path, args: &ReadArgs, reader: &Reader, cx: &Context) -> Result {
    let file = session_file(args)?;
    let [words] = args.ask.as_slice() else {
        return Err(bad(
            "--ask",
            "camera to camera has one round; divide what is asked at once by commas",
        ));
    };
    camera::check(folder, args.force)?;
    if !args.force && file.exists() {
        return Err(bad_file(file.display(), FileFault::There));
    }
    let session = reader
        .camera(&ask(words)?, Curve::P256, &SystemRandom::new(), cx.clock())
        .map_err(|error| fault("--ask", &error))?;
    let message = session.message().map_err(|error| fault("--ask", &error))?;
    let secret = session
        .to_secret_bytes()
        .map_err(|error| CliError::Environment(error.to_string()))?;
    input::write(file, secret.expose(), Readable::ByOwner, args.force)?;
    let frames = camera::show(folder, MessageKind::Request, &message, args.frame_count, args.force, cx)?;
    cx.document(&json!({
        "frames": frames, "dir": folder.display().to_string(), "session": file.display().to_string(),
        "until": session.until().to_rfc3339(),
    }))?;
    cx.line(format!(
        "{} {}",
        cx.t("Chờ câu trả lời đến", "The answer is waited for until"),
        session.until().to_rfc3339()
    ))?;
    Ok(Status::Done)
}

fn camera_in(frames: &Source, args: &ReadArgs, reader: &Reader, cx: &Context) -> Result {
    let file = session_file(args)?;
    let source = Source::from(file.as_os_str().to_owned());
    let secret: SecretBytes = Secret::new(source.read()?);
    let session = CameraSession::from_secret_bytes(secret.expose()).map_err(|error| bad(&source, error))?;
    let message = camera::scan(frames, Some(MessageKind::Response), cx)?;
    // There is one answer: the key is of no use after this, whatever comes.
    std::fs::remove_file(file).map_err(|error| failed(file.display(), error))?;
    let place = frames.to_string();
    match session
        .received(&message, reader, cx.clock())
        .map_err(|error| fault(&place, &error))?
    {
        CameraOutcome::Report(report) => {
            cx.document(&report.to_json())?;
            report::print(&report, cx)?;
            Ok(report::status(report.is_accepted()))
        }
        CameraOutcome::NoAnswer(status) => no_answer(&format!("status {}", status.code()), cx),
    }
}
