//! Strangers in a session of their own: a thief who shows what somebody else presented, and a reader who cannot sign.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use idwallet_crypto::{Clock as _, Curve, Random as _, SystemClock, SystemRandom};
use idwallet_proximity::camera::{FrameDecoder, FrameEncoder, Limits, MessageKind, TransferId};
use idwallet_proximity::stream::{StreamDecoder, encode};
use idwallet_proximity::{Action, HolderSession, RetrievalMethod};

use super::Result;
use super::process::Shell;
use super::story::{reasons, refused};
use super::table::Table;
use crate::qr;

/// How long a reader's process may take to connect, or to say something.
const PATIENCE: Duration = Duration::from_secs(20);

/// A thief opens an honest session of his own with a real reader, and answers with what another citizen presented before.
pub(super) fn replay(shell: &Shell<'_>, table: &mut Table<'_>) -> Result {
    let captured = fs::read(shell.path("reports/age.response.cbor"))?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let method = RetrievalMethod::Stream {
        address: listener.local_addr()?.to_string(),
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
    answer(&mut session, accept(&listener)?, &captured)?;
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

fn accept(listener: &TcpListener) -> Result<TcpStream> {
    listener.set_nonblocking(true)?;
    let start = Instant::now();
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                return Ok(stream);
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock && start.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Drives the session and gives the same answer to whatever is asked.
fn answer(session: &mut HolderSession, mut stream: TcpStream, response: &[u8]) -> Result {
    let mut messages = StreamDecoder::new();
    let mut buffer = [0; 4096];
    loop {
        match session.next_action(SystemClock.now()) {
            Action::Send(message) => stream.write_all(&encode(&message)?)?,
            Action::Decide { .. } => session.respond(response, true, SystemClock.now())?,
            Action::Receive { .. } => match messages.pop()? {
                Some(message) => session.received(&message, SystemClock.now())?,
                None => {
                    let read = stream.read(&mut buffer)?;
                    if read == 0 {
                        session.connection_lost();
                    }
                    messages.push(buffer.get(..read).unwrap_or_default())?;
                }
            },
            _ => return Ok(()),
        }
    }
}

/// A reader shows a request whose signature is not its certificate's; the wallet says so, and nothing leaves it.
pub(super) fn reader_with_a_bad_signature(shell: &Shell<'_>, table: &mut Table<'_>) -> Result {
    let mut message = scan(shell, "camera/request")?;
    // The signature is the last byte string of 64 bytes.
    let at = message
        .windows(2)
        .rposition(|head| head == [0x58, 0x40])
        .ok_or("the request is not signed")?;
    *message.get_mut(at.saturating_add(2)).ok_or("out of range")? ^= 1;
    let mut id = [0; 4];
    SystemRandom::new().fill(&mut id)?;
    let frames = FrameEncoder::new(MessageKind::Request, TransferId(id), &message)?;
    fs::create_dir_all(shell.path("attacks/bad-reader"))?;
    for index in 0..u32::try_from(frames.fragments())? {
        let picture = qr::encode(&frames.frame(index), qr::Level::Low)?.to_png(4)?;
        fs::write(
            shell.path(&format!("attacks/bad-reader/{:04}.png", index.saturating_add(1))),
            picture,
        )?;
    }
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

/// The message that the pictures of a folder carry.
fn scan(shell: &Shell<'_>, folder: &str) -> Result<Vec<u8>> {
    let mut decoder = FrameDecoder::new(Limits::default());
    for entry in fs::read_dir(shell.path(folder))? {
        for text in qr::decode(&fs::read(entry?.path())?)? {
            decoder.push(&text)?;
        }
    }
    decoder.into_message().ok_or_else(|| "the frames do not suffice".into())
}
