//! `wallet show-qr`: in person over a stream.
#![allow(clippy::disallowed_methods, reason = "waits for people and sockets")]

use std::time::{Duration, Instant};

use idwallet_crypto::{Curve, SystemRandom};
use idwallet_proximity::{EndReason, HolderSession, RetrievalMethod};
use idwallet_wallet::{Answer, NextStep, Presentation, Review, Shared, Wallet, WalletError};
use serde_json::{Value, json};

use super::{Place, Readers, consent, fault, open};
use crate::context::Context;
use crate::error::{CliError, FileFault, Result, Status, bad_file};
use crate::input::{self, Readable};
use crate::qr::{self, Level, Theme};
use crate::stream::{ANYWHERE_HERE, Connection, Listener, Received};
use crate::wallet::args::{ConsentArgs, WalletShowQrArgs};

/// Pixels of a module in the picture.
const SCALE: u32 = 8;

pub fn run(dir: &Place, args: &WalletShowQrArgs, cx: &Context) -> Result {
    let wallet = open(dir, cx)?;
    let readers = Readers::read(dir, &args.consent, cx)?;
    if let Some(png) = &args.png
        && !args.force
        && png.exists()
    {
        return Err(bad_file(png.display(), FileFault::There));
    }
    let listener = Listener::bind(args.stream.as_deref().unwrap_or(ANYWHERE_HERE))?;
    let methods = vec![RetrievalMethod::Stream {
        address: listener.address()?,
    }];
    let holder = HolderSession::new(Curve::P256, methods, &SystemRandom::new(), cx.clock()).map_err(environment)?;
    let text = holder.qr_text().map_err(environment)?;
    let modules = qr::encode(&text, Level::Low).map_err(environment)?;
    cx.raw(&modules.to_terminal(Theme::Colour))?;
    cx.tell(&text)?;
    if let Some(png) = &args.png {
        let picture = modules.to_png(SCALE).map_err(environment)?;
        input::write(png, &picture, Readable::ByAll, args.force)?;
        cx.progress(format!(
            "{} {}",
            cx.t("Ảnh mã QR:", "The code as a picture:"),
            png.display()
        ));
    }
    cx.progress(cx.t("Đang đợi thiết bị đọc…", "Waiting for a reader…"));
    let patience = Duration::from_secs(args.timeout);
    let until = Instant::now() + patience;
    let mut presentation = Presentation::new(holder);
    let mut meeting = Meeting {
        wallet: &wallet,
        readers: &readers,
        consent: &args.consent,
        cx,
        rounds: Vec::new(),
    };
    let end = loop {
        let Some(connection) = listener.accept(until)? else {
            let text = cx.t(
                "không có thiết bị đọc nào kết nối trong thời gian chờ",
                "no reader connected in time",
            );
            return Err(environment(format!("{text} ({} s)", args.timeout)));
        };
        if let Some(end) = meeting.run(&mut presentation, connection, patience)? {
            break end;
        }
        cx.progress(cx.t(
            "Mất kết nối trước khi có yêu cầu; vẫn đang đợi…",
            "The connection was lost before a request; still waiting…",
        ));
    };
    finish(&meeting.rounds, &end, cx)
}

/// One session with a reader.
struct Meeting<'m> {
    wallet: &'m Wallet,
    readers: &'m Readers,
    consent: &'m ConsentArgs,
    cx: &'m Context,
    rounds: Vec<Round>,
}

/// One request and its answer.
pub struct Round {
    /// For programs.
    pub json: Value,
    /// How many elements left.
    pub shared: usize,
}

impl Round {
    /// What left the wallet, and for whom; says so on the terminal.
    pub fn of(answer: &Answer, asked: Value, cx: &Context) -> Result<Self> {
        let names = |shared: &Shared| -> Vec<String> {
            shared
                .elements
                .iter()
                .map(|(space, element)| format!("{space}/{element}"))
                .collect()
        };
        let shared: Vec<String> = answer.shared.iter().flat_map(names).collect();
        if !answer.withheld.is_empty() {
            cx.progress(cx.t(
                "Ảnh được hỏi mà không được chia sẻ: không mục nào của giấy tờ đó được gửi.",
                "The portrait was asked for and not shared: nothing of that document was sent.",
            ));
        }
        cx.tell(if answer.is_decline() {
            cx.t("Không chia sẻ gì.", "Nothing was shared.").to_owned()
        } else {
            consent::shared_text(shared.len(), cx.lang)
        })?;
        let outcome = if answer.is_decline() { "declined" } else { "shared" };
        Ok(Self {
            shared: shared.len(),
            json: json!({ "outcome": outcome, "requests": asked, "shared": shared }),
        })
    }
}

/// Who asks for what, for programs.
pub fn asked(review: &Review, cx: &Context) -> Value {
    let requests = review.requests.iter().map(|request| {
        let elements: Vec<_> = request
            .asked
            .iter()
            .map(|a| format!("{}/{}", a.name_space, a.element))
            .collect();
        json!({
            "type": request.doc_type, "who": request.reader.name(), "who_state": request.reader.state(),
            "who_reason": request.reader.reason(cx.lang), "asked": elements, "why_none": request.why_none(cx.lang),
        })
    });
    requests.collect()
}

impl Meeting<'_> {
    /// `None`: the connection was lost before there was a request, and the code is still good (A-H26).
    fn run(
        &mut self,
        presentation: &mut Presentation,
        mut connection: Connection,
        patience: Duration,
    ) -> Result<Option<EndReason>> {
        let cx = self.cx;
        loop {
            match presentation.next_step(cx.clock()) {
                NextStep::Send(message) => {
                    if !connection.send(&message)? {
                        presentation.connection_lost();
                    }
                }
                NextStep::Receive { .. } => match connection.receive(Instant::now() + patience)? {
                    Received::Message(message) => {
                        presentation
                            .received(&message, cx.clock())
                            .map_err(|error| fault(&error, cx))?;
                    }
                    Received::TimedOut => {
                        presentation.cancel();
                        while let NextStep::Send(message) = presentation.next_step(cx.clock()) {
                            let _ = connection.send(&message)?;
                        }
                        return Ok(Some(EndReason::TimedOut));
                    }
                    Received::Lost => {
                        presentation.connection_lost();
                        if let NextStep::Receive { .. } = presentation.next_step(cx.clock()) {
                            return Ok(None);
                        }
                    }
                },
                NextStep::Resolve => self.answer(presentation)?,
                NextStep::Decide { .. } => presentation.cancel(),
                NextStep::Terminated(reason) => {
                    presentation.finish(self.wallet, cx.clock());
                    return Ok(Some(reason));
                }
                _ => return Err(environment("an unknown step of the session")),
            }
        }
    }

    fn answer(&mut self, presentation: &mut Presentation) -> Result<()> {
        let cx = self.cx;
        let trust = self.readers.trust(cx);
        let review = match presentation.resolve(self.wallet, &trust, cx.clock()) {
            Ok(review) => review,
            Err(WalletError::InvalidRequest { error, .. }) => {
                cx.progress(format!("{}: {error}", cx.t("Yêu cầu bị lỗi", "A faulty request")));
                let json = json!({ "outcome": "faulty_request", "reason": error.to_string() });
                self.rounds.push(Round { json, shared: 0 });
                return Ok(());
            }
            Err(error) => return Err(fault(&error, cx)),
        };
        let asked = asked(review, cx);
        let (approval, handle) = (consent::decide(review, self.consent, cx)?, review.handle);
        let answer = presentation.respond(self.wallet, handle, &approval, false, cx.clock());
        let answer = pollster::block_on(answer).map_err(|error| fault(&error, cx))?;
        self.rounds.push(Round::of(&answer, asked, cx)?);
        Ok(())
    }
}

fn environment(error: impl std::fmt::Display) -> CliError {
    CliError::Environment(error.to_string())
}

fn end_text(end: &EndReason, cx: &Context) -> String {
    match end {
        EndReason::Finished => cx.t("xong", "finished").to_owned(),
        EndReason::FinishedByPeer => cx.t("thiết bị đọc báo xong", "the reader is done").to_owned(),
        EndReason::ConnectionLost => cx.t("mất kết nối", "the connection was lost").to_owned(),
        EndReason::Cancelled => cx.t("đã hủy", "cancelled").to_owned(),
        other => other.to_string(),
    }
}

/// Something was shared and the session came to its end: done. Otherwise refused, or lost.
fn finish(rounds: &[Round], end: &EndReason, cx: &Context) -> Result {
    let shared = rounds.iter().any(|round| round.shared > 0);
    let all: Vec<&Value> = rounds.iter().map(|round| &round.json).collect();
    let lost = match end {
        EndReason::TimedOut => Some(cx.t(
            "thiết bị đọc không trả lời trong thời gian chờ",
            "the reader did not answer in time",
        )),
        EndReason::ConnectionLost if !shared => {
            Some(cx.t("mất kết nối với thiết bị đọc", "the connection to the reader was lost"))
        }
        _ => None,
    };
    if let Some(text) = lost {
        return Err(environment(text));
    }
    cx.document(&json!({ "rounds": all, "end": end.to_string() }))?;
    cx.line(format!(
        "{} {}",
        cx.t("Phiên kết thúc:", "The session ended:"),
        end_text(end, cx)
    ))?;
    let ended_well = matches!(
        end,
        EndReason::Finished | EndReason::FinishedByPeer | EndReason::ConnectionLost
    );
    Ok(if shared && ended_well {
        Status::Done
    } else {
        Status::Refused
    })
}
