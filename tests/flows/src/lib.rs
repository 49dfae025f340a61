//! A desk on which a wallet and a reader meet: everything through the façades, nothing but messages between the two.
//!
//! ```
//! use idwallet_test_flows::{Desk, ask};
//! use idwallet_wallet::Approval;
//!
//! let mut desk = Desk::new(1);
//! let met = desk.meet(&ask(&["family_name"]), Approval::everything);
//! assert!(met.finished.is_accepted());
//! ```
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "fixtures of tests: a failure here is a failure of the test"
)]

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

use idwallet_crypto::x509::Crl;
use idwallet_crypto::{Curve, PrivateKey, SystemRandom};
use idwallet_documents::Ask;
use idwallet_mdoc::names::{MDL_DOC_TYPE, MDL_NAMESPACE};
use idwallet_mdoc::verify::{IssuerTrust, Policy as ImportPolicy};
use idwallet_proximity::camera::{FrameDecoder, FrameEncoder, Limits, MessageKind, TransferId};
use idwallet_proximity::{HolderSession, RetrievalMethod};
pub use idwallet_test_support::again;
use idwallet_test_support::{NOW, World};
use idwallet_trust::TrustStore;
use idwallet_verifier::{CameraOutcome, Finished, Policy, Reader, ReaderAction, ReaderIdentity, Request, Verifier};
use idwallet_wallet::{
    Approval, CameraPresentation, ImportOptions, Imported, NewCopy, NextStep, Presentation, Review, Wallet, WalletError,
};

/// A directory that goes when the value goes.
#[derive(Debug)]
pub struct Dir(PathBuf);

impl Dir {
    /// A new one, whose name begins so.
    #[must_use]
    pub fn new(name: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("idwallet-{name}-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Drives a future that waits for nothing but itself.
///
/// # Panics
/// When it does not end.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..10_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("the future does not end");
}

/// Asks for elements of the driving licence, none to be kept.
#[must_use]
pub fn ask(elements: &[&str]) -> Ask {
    let mut ask = Ask::default();
    for element in elements {
        ask.add(MDL_DOC_TYPE, MDL_NAMESPACE, element, false);
    }
    ask
}

/// What came of a meeting.
#[derive(Debug)]
pub struct Meeting {
    /// As the reader sees it.
    pub finished: Finished,
    /// Every message that went over the carrier, in order.
    pub wire: Vec<Vec<u8>>,
}

/// A wallet, its issuer, a reader, and what each believes.
#[derive(Debug)]
pub struct Desk {
    /// The authorities and keys.
    pub world: World,
    /// The citizen's wallet.
    pub wallet: Wallet,
    /// Where it lies.
    pub dir: Dir,
    /// What the reader believes.
    pub trust: TrustStore,
    /// The curve of the session keys.
    pub session_curve: Curve,
}

impl Desk {
    /// With the licence of the test world in the wallet.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut desk = Self::empty(World::new(seed));
        let licence = desk.world.issue_mdl();
        desk.import(licence).unwrap();
        desk
    }

    /// With nothing in the wallet.
    #[must_use]
    pub fn empty(world: World) -> Self {
        let dir = Dir::new("desk");
        let wallet = block_on(Wallet::create_software(dir.path(), Arc::new(SystemRandom::new()))).unwrap();
        let mut trust = TrustStore::new();
        trust.add_issuer_anchors(world.issuer.authority.der()).unwrap();
        Self {
            world,
            wallet,
            dir,
            trust,
            session_curve: Curve::P256,
        }
    }

    /// Imports with the world's device key, strictly.
    ///
    /// # Errors
    /// As the wallet says.
    pub fn import(&mut self, issuer_signed: Vec<u8>) -> Result<Imported, WalletError> {
        let key = again(&self.world.device_key);
        self.import_with(issuer_signed, key)
    }

    /// Imports with another device key.
    ///
    /// # Errors
    /// As the wallet says.
    pub fn import_with(&mut self, issuer_signed: Vec<u8>, key: PrivateKey) -> Result<Imported, WalletError> {
        self.import_as(issuer_signed, key, ImportOptions::new())
    }

    /// Imports with another device key, for whom and with which copies the options say.
    ///
    /// # Errors
    /// As the wallet says.
    pub fn import_as(
        &mut self,
        issuer_signed: Vec<u8>,
        key: PrivateKey,
        options: ImportOptions,
    ) -> Result<Imported, WalletError> {
        let anchors = self.world.issuer.anchors();
        let copies = vec![NewCopy::with_device_key(issuer_signed, key)];
        let (policy, trust) = (ImportPolicy::iso().at(NOW), IssuerTrust::new(&anchors));
        block_on(self.wallet.import_with(copies, &policy, &trust, options))
    }

    /// Closes the wallet and opens it again.
    #[must_use]
    pub fn reopened(self) -> Self {
        let Self { wallet, dir, .. } = self;
        drop(wallet);
        let wallet = block_on(Wallet::open_software(dir.path(), Arc::new(SystemRandom::new()))).unwrap();
        Self { wallet, dir, ..self }
    }

    /// A reader that says who it is.
    #[must_use]
    pub fn reader(&self) -> Reader {
        let chain = core::slice::from_ref(&self.world.reader.signer);
        let identity = ReaderIdentity::new(self.world.reader.key(), chain).unwrap();
        Reader::new(Verifier::new(), self.trust.clone(), Policy::iso().at(NOW)).identity(identity)
    }

    /// By QR code and a carrier of messages; one request, one answer.
    pub fn meet(&mut self, ask: &Ask, approve: impl FnMut(&Review) -> Approval) -> Meeting {
        self.meet_for(core::slice::from_ref(ask), approve)
    }

    /// By QR code and a carrier of messages; several requests in one session.
    ///
    /// # Panics
    /// When one side fails; what it refuses is no failure.
    pub fn meet_for(&mut self, asks: &[Ask], approve: impl FnMut(&Review) -> Approval) -> Meeting {
        let requests: Vec<Request> = asks.iter().map(Request::new).collect();
        self.meet_with(&requests, approve)
    }

    /// The same with requests in the reader's own words.
    ///
    /// # Panics
    /// When one side fails; what it refuses is no failure.
    pub fn meet_with(&mut self, requests: &[Request], mut approve: impl FnMut(&Review) -> Approval) -> Meeting {
        let random = SystemRandom::new();
        let methods = vec![RetrievalMethod::Stream {
            address: "127.0.0.1:7000".into(),
        }];
        let holder = HolderSession::new(self.session_curve, methods, &random, NOW).unwrap();
        let qr_text = holder.qr_text().unwrap();
        let mut phone = Presentation::new(holder);
        let mut session = self
            .reader()
            .scan(&qr_text, &requests[0], &random, NOW)
            .unwrap()
            .keep_open();
        let anchors = self.world.reader.anchors();
        let crls: [Crl; 0] = [];
        let reader_trust = self.world.reader_trust(&anchors, &crls);
        let (mut wire, mut left) = (Vec::new(), requests[1..].iter());
        loop {
            match session.next_action(NOW) {
                ReaderAction::Send(message) => {
                    phone.received(&message, NOW).unwrap();
                    wire.push(message);
                }
                ReaderAction::Receive { .. } => match phone.next_step(NOW) {
                    NextStep::Send(message) => {
                        session.received(&message, NOW).unwrap();
                        wire.push(message);
                    }
                    NextStep::Resolve => {
                        let review = phone.resolve(&self.wallet, &reader_trust, NOW).unwrap();
                        let (approval, handle) = (approve(review), review.handle);
                        block_on(phone.respond(&self.wallet, handle, &approval, false, NOW)).unwrap();
                    }
                    NextStep::Terminated(_) => session.connection_lost(),
                    step => panic!("the phone waits: {step:?}"),
                },
                ReaderAction::Decide { .. } => match left.next() {
                    Some(request) => session.ask(request, NOW).unwrap(),
                    None => session.finish(),
                },
                ReaderAction::Finished(finished) => return Meeting { finished, wire },
            }
        }
    }

    /// From screen to screen; `seen` says which frames a camera catches.
    ///
    /// # Panics
    /// When one side fails; what it refuses is no failure.
    pub fn meet_by_camera(
        &mut self,
        ask: &Ask,
        approve: impl FnOnce(&Review) -> Approval,
        seen: impl Fn(u32) -> bool,
    ) -> CameraOutcome {
        let random = SystemRandom::new();
        let session = self
            .reader()
            .camera(&Request::new(ask), Curve::P256, &random, NOW)
            .unwrap();
        let shown = filmed(MessageKind::Request, &session.message().unwrap(), &seen);
        let mut phone = CameraPresentation::received(&shown, &random).unwrap();
        let anchors = self.world.reader.anchors();
        let reader_trust = self.world.reader_trust(&anchors, &[]);
        let review = phone.resolve(&self.wallet, &reader_trust).unwrap();
        let (approval, handle) = (approve(review), review.handle);
        let (_, message) = block_on(phone.respond(&self.wallet, handle, &approval, NOW)).unwrap();
        let answer = filmed(MessageKind::Response, &message, &seen);
        session.received(&answer, &self.reader(), NOW).unwrap()
    }
}

/// A message through frames of which a camera catches some.
///
/// # Panics
/// When they do not suffice.
#[must_use]
pub fn filmed(kind: MessageKind, message: &[u8], seen: &impl Fn(u32) -> bool) -> Vec<u8> {
    let encoder = FrameEncoder::new(kind, TransferId([1, 2, 3, 4]), message).unwrap();
    let mut decoder = FrameDecoder::new(Limits::default());
    for index in (0..100_000).filter(|index| seen(*index)) {
        if decoder.push(&encoder.frame(index)).unwrap().complete {
            return decoder.into_message().unwrap();
        }
    }
    panic!("the message did not arrive");
}
