//! Strangers in a session of their own: a thief who shows what somebody else presented, and a reader who cannot sign.

use std::fs;
use std::time::{Duration, Instant};

use idwallet_crypto::{Clock as _, Curve, SystemClock, SystemRandom};
use idwallet_proximity::camera::MessageKind;
use idwallet_proximity::{Action, HolderSession, RetrievalMethod};

use super::Result;
use super::process::Shell;
use super::story::{reasons, refused};
use super::table::Table;
use crate::input::Source;
use crate::stream::{ANYWHERE_HERE, Connection, Listener, Received};
use crate::{camera, qr};

/// How long a reader's process may take to connect, or to say something.
const PATIENCE: Duration = Duration::from_secs(20);

/// A thief opens an honest session of his own with a real reader, and answers with what another citizen presented before.
pub(super) fn replay(shell: &Shell<'_>, table: &mut Table<'_>) -> Result {
    let captured = fs::read(shell.path("reports/age.response.cbor"))?;
    let listener = Listener::bind(ANYWHERE_HERE)?;
    let method = RetrievalMethod::Stream {
        address: listener.address()?,
    };
    let mut session = HolderSession::new(Curve::P256, vec![method], &SystemRandom::new(), SystemClock.now())?;
    let code = qr::encode(&session.qr_text()?, qr::Level::Medium)?.to_png(6)?;
    fs::write(shell.path("attacks/thief.png"), code)?;
    let reader = shell.spawn(&[
        "read",
        "attacks/thief.png",
        "--ask",
        "age-over-18",
        "--anchor",
        "anchors.pem",
        "--crl",
        "issuer/iaca.crl",
        "--reader-key",
        "reader/reader.key",
        "--reader-chain",
        "reader/reader.pem",
    ])?;
    let connection = listener.accept(Instant::now() + PATIENCE)?;
    answer(&mut session, connection.ok_or("the reader did not connect")?, &captured)?;
    let read = reader.finish()?;
    shell.keep("replay", &read.report)?;
    let title = shell.cx.t("phát lại câu trả lời của người khác", "a replayed response");
    table.note(
        "replay",
        title,
        "refused: device_auth",
        &refused(&read),
        &reasons(&read.report, shell.cx).join("; "),
    )
}

/// Drives the session and gives the same answer to whatever is asked.
fn answer(session: &mut HolderSession, mut connection: Connection, response: &[u8]) -> Result {
    loop {
        match session.next_action(SystemClock.now()) {
            Action::Send(message) => {
                if !connection.send(&message)? {
                    session.connection_lost();
                }
            }
            Action::Decide { .. } => session.respond(response, true, SystemClock.now())?,
            Action::Receive { .. } => match connection.receive(Instant::now() + PATIENCE)? {
                Received::Message(message) => session.received(&message, SystemClock.now())?,
                Received::TimedOut => return Err("the reader says nothing".into()),
                Received::Lost => session.connection_lost(),
            },
            _ => return Ok(()),
        }
    }
}

/// A reader shows a request whose signature is not its certificate's; the wallet says so, and nothing leaves it.
pub(super) fn reader_with_a_bad_signature(shell: &Shell<'_>, table: &mut Table<'_>) -> Result {
    let request = Source::from(shell.path("camera/request").into_os_string());
    let mut message = camera::scan(&request, Some(MessageKind::Request), shell.cx)?;
    // The signature is the last byte string of 64 bytes.
    let at = message
        .windows(2)
        .rposition(|head| head == [0x58, 0x40])
        .ok_or("the request is not signed")?;
    *message.get_mut(at.saturating_add(2)).ok_or("out of range")? ^= 1;
    camera::show(
        &shell.path("attacks/bad-reader"),
        MessageKind::Request,
        &message,
        None,
        false,
        shell.cx,
    )?;
    let answer = shell.run(&[
        "wallet",
        "answer",
        "attacks/bad-reader",
        "--camera-out",
        "attacks/bad-reader-answer",
        "--dir",
        "wallet",
        "--yes",
    ])?;
    shell.keep("bad-reader", &answer.report)?;
    let gave = fs::read_dir(shell.path("attacks/bad-reader-answer")).is_ok_and(|mut entries| entries.next().is_some());
    let seen = match (answer.status, gave) {
        (1, false) => "refused".to_owned(),
        (status, true) => format!("answered, exit status {status}"),
        (status, false) => format!("exit status {status}"),
    };
    let title = shell
        .cx
        .t("bên kiểm tra có chữ ký sai", "a reader with a bad signature");
    table.note(
        "bad-reader",
        title,
        "refused",
        &seen,
        answer.said.lines().last().unwrap_or_default(),
    )
}
