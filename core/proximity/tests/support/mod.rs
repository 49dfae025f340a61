//! What the tests of this crate share.
#![allow(dead_code, unused_imports)]

use idwallet_crypto::{Curve, PrivateKey, Timestamp};
use idwallet_proximity::{Action, EndReason, HolderSession, ReaderSession, RetrievalMethod};
pub use idwallet_test_support::{NOW, SeededRandom, key};
use serde_json::Value;

/// The curves that can agree.
pub fn agreeing_curves() -> impl Iterator<Item = Curve> {
    Curve::ALL.into_iter().filter(|curve| curve.can_agree())
}

pub fn later(seconds: i64) -> Timestamp {
    NOW.saturating_add_seconds(seconds)
}

pub fn stream() -> RetrievalMethod {
    RetrievalMethod::Stream {
        address: "127.0.0.1:7000".to_owned(),
    }
}

/// An empty map: CBOR, and nobody's request.
pub const REQUEST: &[u8] = &[0xa0];
/// CBOR, and nobody's response.
pub const RESPONSE: &[u8] = &[0xa1, 0x01, 0x02];

pub fn pair_on(curve: Curve) -> (HolderSession, ReaderSession) {
    let holder = HolderSession::new(curve, vec![stream()], &SeededRandom::new(1), NOW).unwrap();
    let reader = ReaderSession::scan(&holder.qr_text().unwrap(), &SeededRandom::new(2), NOW).unwrap();
    (holder, reader)
}

pub fn pair() -> (HolderSession, ReaderSession) {
    pair_on(Curve::P256)
}

/// A pair whose reader has sent [`REQUEST`], which waits at the holder.
pub fn asked() -> (HolderSession, ReaderSession) {
    let (mut holder, mut reader) = pair();
    reader.send_request(REQUEST, NOW).unwrap();
    holder.received(&sent(reader.next_action(NOW)), NOW).unwrap();
    assert_eq!(holder.request(), Some(REQUEST));
    (holder, reader)
}

pub fn sent(action: Action) -> Vec<u8> {
    match action {
        Action::Send(message) => message,
        other => panic!("{other:?}"),
    }
}

pub fn ended(action: Action) -> EndReason {
    match action {
        Action::Terminated(reason) => reason,
        other => panic!("{other:?}"),
    }
}

pub struct AnnexD {
    standard: Value,
    derived: Value,
}

impl AnnexD {
    /// `None`, and a line that says so, when the vectors are not there.
    pub fn load() -> Option<Self> {
        let read = |name: &str| {
            let bytes = idwallet_test_support::vector(&format!("iso18013-5-annex-d/{name}"))?;
            serde_json::from_slice::<Value>(&bytes).ok()
        };
        let both = read("annex_d.json").zip(read("annex_d_derived.json"));
        if both.is_none() {
            println!("iso18013-5-annex-d: not there, 1 case is left out");
        }
        both.map(|(standard, derived)| Self { standard, derived })
    }

    pub fn get(&self, name: &str) -> Vec<u8> {
        let text = self.standard["vectors"][name].as_str();
        hex::decode(text.unwrap_or_else(|| panic!("{name}"))).unwrap()
    }

    pub fn derived(&self, name: &str) -> Vec<u8> {
        let text = self.derived["derived"][name].as_str();
        hex::decode(text.unwrap_or_else(|| panic!("{name}"))).unwrap()
    }

    pub fn key(&self, name: &str) -> PrivateKey {
        PrivateKey::from_scalar(Curve::P256, &self.get(&format!("{name}_d"))).unwrap()
    }

    pub fn handover(&self) -> (Vec<u8>, Vec<u8>) {
        (
            self.derived("nfc_handover_select_message"),
            self.derived("nfc_handover_request_message"),
        )
    }
}
