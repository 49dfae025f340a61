//! Steps with a reader: requests, and how they are answered.

use crate::bench::{Bench, poll};
use crate::common::{block_on, names, verified};
use crate::model::{Paper, Use};
use crate::papers::office;
use crate::steps::{Answering, Trouble};
use idwallet_crypto::area::SecureAreaError;
use idwallet_crypto::{sha256, x509::TrustAnchors};
use idwallet_mdoc::DeviceResponse;
use idwallet_mdoc::names::MDL_NAMESPACE;
use idwallet_mdoc::reader_auth::ReaderTrust;
use idwallet_wallet::{
    Answer, Approval, Code, CopyUse, DocumentId, Event, FindingCode, Outcome, ResolvedRequest, ReviewHandle,
    UnsuitableReason, WalletError,
};
use std::sync::OnceLock;

/// The one request of all: bytes, and whom the wallet trusts.
fn request() -> &'static (Vec<u8>, TrustAnchors) {
    static REQUEST: OnceLock<(Vec<u8>, TrustAnchors)> = OnceLock::new();
    REQUEST.get_or_init(|| {
        let world = &office().world;
        (world.request(&[(MDL_NAMESPACE, "family_name")]), world.reader.anchors())
    })
}

fn of(said: CopyUse) -> Use {
    match said {
        CopyUse::Only => Use::Only,
        CopyUse::LimitedTime { .. } => Use::Limited,
        CopyUse::Fresh { left_after } => Use::Fresh(left_after),
        CopyUse::Rotated { left_after } => Use::Rotated(left_after),
        CopyUse::SameReader => Use::SameReader,
        CopyUse::Again => Use::Again,
        other => panic!("{other:?}"),
    }
}

/// A request that waits, what the model would give, and its number in the history.
struct Asked {
    resolved: ResolvedRequest,
    candidates: Vec<(DocumentId, Use)>,
    number: Option<u64>,
}

impl Asked {
    fn handle(&self) -> ReviewHandle {
        self.resolved.review().handle
    }

    fn approval(&self, chosen: Option<(DocumentId, Use)>) -> Approval {
        match chosen {
            Some((id, _)) => Approval::nothing().select(0, id, MDL_NAMESPACE, "family_name"),
            None => Approval::nothing(),
        }
    }
}

impl Bench {
    fn trust(&self) -> ReaderTrust<'static> {
        let mut trust = office().world.reader_trust(&request().1, &[]);
        trust.at = self.model.wall;
        trust
    }

    pub fn misread(&mut self) {
        let trust = self.trust();
        let transcript = &office().world.transcript;
        let error = self
            .wallet()
            .resolve(&[0xa1, 0x01, 0x02], transcript, &trust)
            .unwrap_err();
        let record = self.model.record(Event::Presentation, Some(Outcome::Failed));
        record.code = Some(error.code());
    }

    fn ask(&mut self) -> Result<Asked, WalletError> {
        let trust = self.trust();
        let resolved = self
            .wallet()
            .resolve(&request().0, &office().world.transcript, &trust)?;
        // What was refused for want of room is not there; what is there has its number.
        let number = resolved.logged();
        if number.is_some() {
            assert_eq!(number, Some(self.model.record(Event::Presentation, None).sequence));
        }
        let file = &self.model.file;
        let is_current = |paper: &&Paper| file.newer(paper).is_none();
        let usable = file.papers.iter().filter(is_current);
        let candidates = usable.filter_map(|paper| Some((paper.id, paper.next_use()?)));
        let mut candidates: Vec<_> = candidates.collect();
        candidates.sort_by_key(|(id, _)| *id);
        let asked = &resolved.review().requests[0];
        let mut said: Vec<_> = asked.candidates.iter().map(|c| (c.document, of(c.copy))).collect();
        said.sort_by_key(|(id, _)| *id);
        assert_eq!(said, candidates, "what can be given");
        let mut why: Vec<_> = asked.unsuitable.iter().map(|u| (u.document, u.reason)).collect();
        why.sort_by_key(|(id, _)| *id);
        let mut expected: Vec<_> = Vec::new();
        for paper in &file.papers {
            if file.newer(paper).is_some() {
                expected.push((paper.id, UnsuitableReason::Quality(FindingCode::Superseded)));
            } else if paper.next_use().is_none() {
                expected.push((paper.id, UnsuitableReason::NoCopies));
            }
        }
        expected.sort_by_key(|(id, _)| *id);
        assert_eq!(why, expected, "what cannot be given, and why");
        Ok(Asked {
            resolved,
            candidates,
            number,
        })
    }

    pub fn present(&mut self, which: usize, how: Answering) {
        let mut asked = self.ask().unwrap();
        let chosen = match asked.candidates.len() {
            0 => None,
            several => Some(asked.candidates[which % several]),
        };
        match how {
            Answering::Leave => {}
            Answering::Decline => self.decline(&mut asked),
            Answering::ApproveNothing => {
                let now = self.model.wall;
                let (handle, nothing) = (asked.handle(), Approval::nothing());
                let answer = block_on(self.wallet().respond(&mut asked.resolved, handle, &nothing, now));
                self.declined(&asked, answer.unwrap());
            }
            Answering::Give(trouble) => self.give(&mut asked, chosen, false, trouble),
            Answering::GiveAgain(trouble) => self.give(&mut asked, chosen, true, trouble),
            Answering::WrongHandle => {
                let now = self.model.wall;
                let (handle, approval) = (ReviewHandle::from_bytes([7; 32]), asked.approval(chosen));
                let error = block_on(self.wallet().respond(&mut asked.resolved, handle, &approval, now)).unwrap_err();
                assert_eq!(error.code(), Code::ReviewWrong);
                self.give(&mut asked, chosen, true, Trouble::None);
            }
            Answering::Late => {
                self.wait(301);
                self.refused(&mut asked, chosen, Code::ReviewStale);
            }
            Answering::Gone => {
                let Some((gone, _)) = chosen else { return };
                self.remove_document(gone);
                self.refused(&mut asked, chosen, Code::ReviewStale);
            }
            Answering::CancelThenDecline => {
                if chosen.is_some_and(|(_, how)| how != Use::Again) {
                    let now = self.model.wall;
                    let (handle, approval) = (asked.handle(), asked.approval(chosen));
                    let error = self.failing("sign", SecureAreaError::UserCancelled, |bench| {
                        let respond = bench.wallet().respond(&mut asked.resolved, handle, &approval, now);
                        block_on(respond).unwrap_err()
                    });
                    assert_eq!(error.code(), Code::UserCancelled);
                }
                self.decline(&mut asked);
            }
            Answering::Twice => {
                self.give(&mut asked, chosen, true, Trouble::None);
                let now = self.model.wall;
                let (handle, approval) = (asked.handle(), asked.approval(chosen));
                let error = block_on(self.wallet().respond(&mut asked.resolved, handle, &approval, now)).unwrap_err();
                assert_eq!(error.code(), Code::ReviewAnswered);
                let error = self.wallet().decline(&mut asked.resolved).unwrap_err();
                assert_eq!(error.code(), Code::ReviewAnswered);
            }
        }
    }

    fn decline(&mut self, asked: &mut Asked) {
        let answer = self.wallet().decline(&mut asked.resolved).unwrap();
        self.declined(asked, answer);
    }

    fn declined(&mut self, asked: &Asked, answer: Answer) {
        assert!(answer.is_decline() && answer.logged);
        let has_some = !asked.candidates.is_empty();
        let outcome = if has_some {
            Outcome::Declined
        } else {
            Outcome::NothingToGive
        };
        self.model.end(asked.number, outcome, None);
    }

    /// Nothing is given, for this reason.
    fn refused(&mut self, asked: &mut Asked, chosen: Option<(DocumentId, Use)>, code: Code) {
        let now = self.model.wall;
        let (handle, approval) = (asked.handle(), asked.approval(chosen));
        let error = block_on(self.wallet().respond(&mut asked.resolved, handle, &approval, now)).unwrap_err();
        assert_eq!(error.code(), code);
        self.model.end(asked.number, Outcome::Failed, Some(code));
    }

    fn give(&mut self, asked: &mut Asked, chosen: Option<(DocumentId, Use)>, again: bool, trouble: Trouble) {
        let now = self.model.wall;
        let (handle, mut approval) = (asked.handle(), asked.approval(chosen));
        let Some((id, how)) = chosen else {
            let answer = block_on(self.wallet().respond(&mut asked.resolved, handle, &approval, now));
            return self.declined(asked, answer.unwrap());
        };
        if again {
            approval = approval.allow_again(id);
        } else if how == Use::Again {
            return self.refused(asked, chosen, Code::CopyAgain);
        }
        match trouble {
            Trouble::None => {}
            Trouble::Area => {
                let error = self.failing("sign", SecureAreaError::Failed(9), |bench| {
                    let respond = bench.wallet().respond(&mut asked.resolved, handle, &approval, now);
                    block_on(respond).unwrap_err()
                });
                self.model.end(asked.number, Outcome::Failed, Some(error.code()));
                self.check();
            }
            Trouble::Drop(polls) => {
                self.slow_area(true);
                let answer = poll(
                    polls,
                    self.wallet().respond(&mut asked.resolved, handle, &approval, now),
                );
                self.slow_area(false);
                if let Some(answer) = answer {
                    return self.given(asked, (id, how), answer.unwrap());
                }
                assert!(!asked.resolved.is_answered());
                self.check();
            }
            Trouble::Disk(room) => {
                let answer = self.with_room(room, |bench| {
                    block_on(bench.wallet().respond(&mut asked.resolved, handle, &approval, now))
                });
                match answer {
                    Ok(answer) => return self.given(asked, (id, how), answer),
                    // It could not be written either.
                    Err(_) => self.check(),
                }
            }
        }
        let answer = block_on(self.wallet().respond(&mut asked.resolved, handle, &approval, now));
        self.given(asked, (id, how), answer.unwrap());
    }

    fn given(&mut self, asked: &Asked, (id, how): (DocumentId, Use), answer: Answer) {
        assert!(asked.resolved.is_answered());
        let world = &office().world;
        let claims = verified(world, &request().0, &answer.device_response);
        assert_eq!(names(&claims), ["family_name"]);
        let response = DeviceResponse::parse(&answer.device_response).unwrap();
        let copy = sha256(response.documents()[0].issuer_signed().issuer_auth().bytes());
        let paper = self.model.file.papers.iter_mut().find(|paper| paper.id == id).unwrap();
        paper.show(how, copy);
        let left = paper.left();
        assert_eq!(answer.shared.len(), 1);
        assert_eq!((answer.shared[0].document, answer.shared[0].copies_left), (id, left));
        if answer.logged {
            let end = self.model.end(asked.number, Outcome::Shown, None);
            end.unwrap().shared = Some(id);
        }
    }
}
