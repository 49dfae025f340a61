//! `read`: the reader in person, over a stream or camera to camera.
#![allow(clippy::disallowed_methods, reason = "waits for sockets")]

use std::path::Path;
use std::time::{Duration, Instant};

use idwallet_crypto::x509::Certificate;
use idwallet_crypto::{Curve, PrivateKey, Secret, SecretBytes, SystemRandom};
use idwallet_documents::{Ask, Registry};
use idwallet_proximity::camera::MessageKind;
use idwallet_proximity::{
    Action, EndReason, MethodKind, ProximityError, ReaderSession, ReceivedResponse, RetrievalMethod,
};
use idwallet_verifier::{
    CameraOutcome, CameraSession, Presentation, Reader, ReaderIdentity, Report, Request, Verifier, VerifierError,
};
use serde_json::{Value, json};

use crate::args::ReadArgs;
use crate::context::Context;
use crate::error::{CliError, Result, Status, bad, failed};
use crate::input::{self, Readable, Source};
use crate::stream::{Connection, Received};
use crate::trust::Trust;
use crate::{camera, certs, keys, qr, report};

pub fn run(args: &ReadArgs, cx: &Context) -> Result {
    let trust = Trust::read(&args.trust, Vec::new(), cx)?;
    let verifier = Verifier::new();
    let own = own_key(args, cx)?;
    let identity = match &own {
        Some((key, chain)) => {
            let place = args.reader_chain.as_ref().map(ToString::to_string).unwrap_or_default();
            Some(ReaderIdentity::new(key, chain).map_err(|error| bad(place, error))?)
        }
        None => None,
    };
    let reader = identity.iter().fold(
        Reader::new(&verifier, &trust.store, trust.policy),
        |reader, identity| reader.identity(identity.clone()),
    );
    match (&args.camera_out, &args.camera_in, &args.engagement) {
        (Some(folder), _, _) => camera_out(folder, args, &reader, cx),
        (_, Some(frames), _) => camera_in(frames, args, &reader, cx),
        (_, _, Some(engagement)) => {
            let desk = Desk {
                verifier: &verifier,
                trust: &trust,
                identity: identity.as_ref(),
            };
            stream(engagement, args, &desk, cx)
        }
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
    let mut all = Ask::default();
    for word in words.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let one = match registry.template(word) {
            Ok(template) => template.ask().clone(),
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
    Ok(Request::new(&all))
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

/// What a session over a stream needs besides the session. The façade's loop keeps no response; this command can write it down.
struct Desk<'d> {
    verifier: &'d Verifier,
    trust: &'d Trust,
    identity: Option<&'d ReaderIdentity<'d>>,
}

impl Desk<'_> {
    fn ask(&self, session: &mut ReaderSession, request: &Request, cx: &Context) -> Result<()> {
        let takes_all = session.engagement().capabilities().is_some_and(|c| c.reader_auth_all);
        let bytes = request
            .build(session.transcript(), self.identity, takes_all)
            .map_err(|error| fault("--ask", &error))?;
        session
            .send_request(&bytes, cx.clock())
            .map_err(|error| fault("session", &error.into()))
    }

    /// What cannot be read at all is refused like anything else.
    fn verify(&self, response: &ReceivedResponse, cx: &Context) -> Answer {
        let presentation = Presentation::new(response.transcript())
            .e_reader_key(response.e_reader_key())
            .request(response.request());
        let policy = self.trust.policy.at(cx.clock());
        let report = self
            .verifier
            .verify_device_response(response.bytes(), &presentation, &policy, &self.trust.store);
        report.map_err(|error| error.to_string())
    }
}

type Answer = std::result::Result<Report, String>;

fn stream(engagement: &str, args: &ReadArgs, desk: &Desk<'_>, cx: &Context) -> Result {
    let rounds: Vec<Request> = args.ask.iter().map(|words| ask(words)).collect::<Result<_>>()?;
    let text = engagement_text(engagement, cx)?;
    let place = if text == engagement { "mdoc:" } else { engagement };
    for path in [&args.response_out, &args.transcript_out].into_iter().flatten() {
        if !args.force && path.exists() {
            return Err(bad(path.display(), "is there already; --force replaces it"));
        }
    }
    let mut session =
        ReaderSession::scan(&text, &SystemRandom::new(), cx.clock()).map_err(|error| fault(place, &error.into()))?;
    let address = match session.choose_carrier(&[MethodKind::Stream]) {
        Ok((_, RetrievalMethod::Stream { address })) => address.clone(),
        Ok(_) => return Err(fault(place, &ProximityError::NoCommonCarrier.into())),
        Err(error) => return Err(fault(place, &error.into())),
    };
    cx.progress(format!(
        "{} {address}",
        cx.t("Kết nối tới ví ở", "Connecting to the wallet at")
    ));
    let connection = Connection::open(&address)?;
    cx.progress(cx.t("Đang đợi chủ giấy tờ đồng ý…", "Waiting for the holder's consent…"));
    let mut meeting = Meeting {
        desk,
        session: &mut session,
        answers: Vec::new(),
        last: None,
        cx,
    };
    let reason = meeting.run(connection, &rounds, Duration::from_secs(args.timeout))?;
    let (answers, last) = (meeting.answers, meeting.last);
    if let (Some(path), Some(response)) = (&args.response_out, &last) {
        input::write(path, response.bytes(), Readable::ByOwner, args.force)?;
    }
    if let Some(path) = &args.transcript_out {
        input::write(path, session.transcript().as_bytes(), Readable::ByOwner, args.force)?;
    }
    finish(&answers, &reason, cx)
}

/// One session with a holder.
struct Meeting<'m> {
    desk: &'m Desk<'m>,
    session: &'m mut ReaderSession,
    answers: Vec<Answer>,
    last: Option<ReceivedResponse>,
    cx: &'m Context,
}

impl Meeting<'_> {
    fn run(&mut self, mut connection: Connection, rounds: &[Request], patience: Duration) -> Result<EndReason> {
        let cx = self.cx;
        let mut rounds = rounds.iter();
        loop {
            match self.session.next_action(cx.clock()) {
                Action::Send(message) => {
                    if !connection.send(&message)? {
                        self.session.connection_lost();
                    }
                }
                Action::Receive { .. } => match connection.receive(Instant::now() + patience)? {
                    Received::Message(message) => {
                        let taken = self.session.received(&message, cx.clock());
                        taken.map_err(|error| fault("session", &error.into()))?;
                        if let Some(response) = self.session.take_response() {
                            self.answers.push(self.desk.verify(&response, cx));
                            self.last = Some(response);
                        }
                    }
                    Received::TimedOut => {
                        self.session.terminate();
                        while let Action::Send(message) = self.session.next_action(cx.clock()) {
                            let _ = connection.send(&message)?;
                        }
                        let text = cx.t(
                            "chủ giấy tờ không trả lời trong thời gian chờ",
                            "the holder did not answer in time",
                        );
                        return Err(CliError::Environment(format!("{text} ({} s)", patience.as_secs())));
                    }
                    Received::Lost => self.session.connection_lost(),
                },
                Action::Decide { .. } => match rounds.next() {
                    Some(request) => self.desk.ask(self.session, request, cx)?,
                    None => self.session.terminate(),
                },
                Action::Terminated(reason) => return Ok(reason),
                _ => return Err(CliError::Environment("an unknown step of the session".to_owned())),
            }
        }
    }
}

/// The report of all rounds. A holder who declined is a refusal; a connection that was lost before any answer is not.
fn finish(answers: &[Answer], reason: &EndReason, cx: &Context) -> Result {
    if answers.is_empty() && matches!(reason, EndReason::ConnectionLost | EndReason::TimedOut) {
        let text = cx.t(
            "mất kết nối trước khi có câu trả lời",
            "the connection was lost before there was an answer",
        );
        return Err(CliError::Environment(text.to_owned()));
    }
    if answers.is_empty() {
        return no_answer(&reason.to_string(), cx);
    }
    let accepted = answers
        .iter()
        .all(|answer| answer.as_ref().is_ok_and(Report::is_accepted));
    cx.document(&merged(answers, accepted, cx))?;
    for answer in answers {
        match answer {
            Ok(report) => report::print(report, cx)?,
            Err(problem) => cx.line(format!("{} {problem}", report::Mark::Failed.symbol()))?,
        }
    }
    Ok(report::status(accepted))
}

/// One document in the shape of a single report; with several rounds they are there one by one as well.
fn merged(answers: &[Answer], accepted: bool, cx: &Context) -> Value {
    let all: Vec<Value> = answers
        .iter()
        .map(|answer| match answer {
            Ok(report) => report.to_json(),
            Err(problem) => refusal(problem, cx),
        })
        .collect();
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
        "outcome": if accepted { "accepted" } else { "refused" },
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

fn camera_out(folder: &Path, args: &ReadArgs, reader: &Reader<'_>, cx: &Context) -> Result {
    let file = session_file(args)?;
    let [words] = args.ask.as_slice() else {
        return Err(bad(
            "--ask",
            "camera to camera has one round; divide what is asked at once by commas",
        ));
    };
    camera::check(folder, args.force)?;
    if !args.force && file.exists() {
        return Err(bad(file.display(), "is there already; --force replaces it"));
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

fn camera_in(frames: &Source, args: &ReadArgs, reader: &Reader<'_>, cx: &Context) -> Result {
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
