//! Who was at the other end.

use crate::words;
use idwallet_cose::cbor::{Decoder, Encoder, Result};
use idwallet_crypto::x509::Certificate;
use idwallet_mdoc::reader_auth::ReaderAuthState;

/// How far it is known who that was. The four states stay apart (A-H42b).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WhoState {
    /// They did not say.
    Absent,
    /// They did, and the proof was false.
    Invalid,
    /// The proof was good and nobody the wallet trusts vouched for it.
    Untrusted,
    /// Proof and certificate were good.
    Verified,
}

impl WhoState {
    /// The state in a word: `absent`, `invalid`, `untrusted`, `verified`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Invalid => "invalid",
            Self::Untrusted => "untrusted",
            Self::Verified => "verified",
        }
    }

    const fn number(self) -> u64 {
        match self {
            Self::Absent => 0,
            Self::Invalid => 1,
            Self::Untrusted => 2,
            Self::Verified => 3,
        }
    }

    const fn from_number(number: u64) -> Option<Self> {
        match number {
            0 => Some(Self::Absent),
            1 => Some(Self::Invalid),
            2 => Some(Self::Untrusted),
            3 => Some(Self::Verified),
            _ => None,
        }
    }
}

/// A reader that asked, or an issuer that issued.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Who {
    /// How far it is known who that was.
    pub state: WhoState,
    /// The name: common name, else organisation. Of a verified one alone.
    pub name: Option<String>,
    /// The organisation in the certificate. Of a verified one alone.
    pub organization: Option<String>,
    /// The country in the certificate. Of a verified one alone.
    pub country: Option<String>,
    /// The name in a certificate for which nobody vouched: evidence in a complaint, nothing to be shown as a name.
    pub claimed_name: Option<String>,
    /// SHA-256 of the certificate.
    pub fingerprint: Option<[u8; 32]>,
    /// The certificate's serial number, big-endian.
    pub serial: Option<Vec<u8>>,
    /// Web addresses in a verified certificate, where they can be reached.
    pub contacts: Vec<String>,
}

/// How many web addresses of a certificate are kept, and how long each may be.
const MAX_CONTACTS: usize = 4;
const MAX_CONTACT_BYTES: usize = 200;
/// Serial numbers have 20 bytes at most (RFC 5280 §4.1.2.2).
const MAX_SERIAL_BYTES: usize = 20;

impl Who {
    const fn unknown(state: WhoState) -> Self {
        Self {
            state,
            name: None,
            organization: None,
            country: None,
            claimed_name: None,
            fingerprint: None,
            serial: None,
            contacts: Vec::new(),
        }
    }

    pub(crate) fn reader(state: &ReaderAuthState) -> Self {
        match state {
            ReaderAuthState::Absent => Self::unknown(WhoState::Absent),
            ReaderAuthState::Invalid(_) => Self::unknown(WhoState::Invalid),
            ReaderAuthState::Untrusted {
                unverified_certificate, ..
            } => {
                let subject = unverified_certificate.subject();
                let claimed = subject.common_name().or_else(|| subject.organization());
                Self {
                    claimed_name: claimed.map(words::plain),
                    ..Self::of_certificate(WhoState::Untrusted, unverified_certificate)
                }
            }
            ReaderAuthState::Verified(reader) => Self::verified(reader.certificate()),
        }
    }

    /// Whoever holds a certificate that was verified.
    pub(crate) fn verified(certificate: &Certificate) -> Self {
        let subject = certificate.subject();
        let name = subject.common_name().or_else(|| subject.organization());
        let contacts = certificate
            .alternative_uris()
            .filter(|uri| uri.len() <= MAX_CONTACT_BYTES)
            .take(MAX_CONTACTS)
            .map(str::to_owned)
            .collect();
        Self {
            name: name.map(words::plain),
            organization: subject.organization().map(words::plain),
            country: subject.country().map(words::plain),
            contacts,
            ..Self::of_certificate(WhoState::Verified, certificate)
        }
    }

    /// The issuer of a document that was verified at import.
    pub(crate) fn issuer(name: &str, country: Option<&str>) -> Self {
        Self {
            name: Some(name.to_owned()).filter(|name| !name.is_empty()),
            country: country.map(str::to_owned),
            ..Self::unknown(WhoState::Verified)
        }
    }

    fn of_certificate(state: WhoState, certificate: &Certificate) -> Self {
        Self {
            fingerprint: Some(*certificate.sha256()),
            serial: Some(certificate.serial().iter().copied().take(MAX_SERIAL_BYTES).collect()),
            ..Self::unknown(state)
        }
    }

    pub(crate) fn write(&self, e: &mut Encoder) {
        let texts = [
            (2, &self.name),
            (3, &self.organization),
            (4, &self.country),
            (5, &self.claimed_name),
        ];
        let present = texts.iter().filter(|(_, text)| text.is_some()).count();
        let others = [
            self.fingerprint.is_some(),
            self.serial.is_some(),
            !self.contacts.is_empty(),
        ];
        let others = others.into_iter().filter(|present| *present).count();
        e.map(present.saturating_add(others).saturating_add(1));
        e.int(1).uint(self.state.number());
        for (label, text) in texts {
            if let Some(text) = text {
                e.int(label).text(text);
            }
        }
        if let Some(fingerprint) = &self.fingerprint {
            e.int(6).bytes(fingerprint);
        }
        if let Some(serial) = &self.serial {
            e.int(7).bytes(serial);
        }
        if !self.contacts.is_empty() {
            e.int(8).array(self.contacts.len());
            for contact in &self.contacts {
                e.text(contact);
            }
        }
    }

    pub(crate) fn read(d: &mut Decoder<'_>) -> Result<Self> {
        let mut who = Self::unknown(WhoState::Absent);
        let mut state = None;
        let mut map = d.map()?;
        while let Some(key) = map.next_key(d)? {
            match key.as_int() {
                Some(1) => state = WhoState::from_number(d.u64()?),
                Some(2) => who.name = Some(d.text()?.to_owned()),
                Some(3) => who.organization = Some(d.text()?.to_owned()),
                Some(4) => who.country = Some(d.text()?.to_owned()),
                Some(5) => who.claimed_name = Some(d.text()?.to_owned()),
                Some(6) => who.fingerprint = Some(*d.byte_array()?),
                Some(7) => who.serial = Some(d.bytes()?.to_vec()),
                Some(8) => {
                    let mut array = d.array()?;
                    while array.next(d)? {
                        who.contacts.push(d.text()?.to_owned());
                    }
                }
                _ => d.skip()?,
            }
        }
        who.state = d.required(state, "state")?;
        Ok(who)
    }
}
