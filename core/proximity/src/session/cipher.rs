//! Encryption of the session's messages: AES-256-GCM with a counter for each direction (A-C25).

use super::derive_session_keys;
use crate::{ProximityError, Result};
use core::fmt;
use idwallet_crypto::{AeadKey, KeyAgreement, PublicKey, Secret};
use idwallet_mdoc::SessionTranscript;

/// Whose side of the session this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The mdoc.
    Holder,
    /// The mdoc reader.
    Reader,
}

/// Both directions of one session. Dropping it wipes the keys.
pub struct SessionEncryption {
    sending: Direction,
    receiving: Direction,
}

/// One key with its counter. The AES key schedule is made anew for every message, so that nothing but the wiped secret stays in memory.
struct Direction {
    key: Secret<[u8; 32]>,
    /// First eight bytes of every nonce: zeros for the reader's messages, ending in 1 for the mdoc's.
    identifier: [u8; 8],
    /// Counter of the next message; `None` when all 2³² − 1 are used.
    next: Option<u32>,
}

impl Direction {
    fn new(key: Secret<[u8; 32]>, sender: Role) -> Self {
        let identifier = match sender {
            Role::Reader => [0; 8],
            Role::Holder => [0, 0, 0, 0, 0, 0, 0, 1],
        };
        Self {
            key,
            identifier,
            next: Some(1),
        }
    }

    fn nonce(&self) -> Result<[u8; 12]> {
        let counter = self.next.ok_or(ProximityError::CounterExhausted)?;
        let mut nonce = [0; 12];
        for (place, byte) in nonce
            .iter_mut()
            .zip(self.identifier.iter().chain(&counter.to_be_bytes()))
        {
            *place = *byte;
        }
        Ok(nonce)
    }

    fn advance(&mut self) {
        self.next = self.next.and_then(|counter| counter.checked_add(1));
    }
}

impl SessionEncryption {
    /// Agrees on the keys: the own ephemeral key, the peer's, and the transcript of the session.
    ///
    /// # Errors
    /// [`ProximityError::CurveMismatch`] for keys on different curves; [`ProximityError::Crypto`] for a peer key of low order.
    pub fn new(role: Role, own: &dyn KeyAgreement, peer: &PublicKey, transcript: &SessionTranscript) -> Result<Self> {
        let (expected, found) = (own.public_key().curve(), peer.curve());
        if expected != found {
            return Err(ProximityError::CurveMismatch { expected, found });
        }
        let keys = derive_session_keys(&own.agree(peer)?, transcript)?;
        let reader = Direction::new(keys.reader, Role::Reader);
        let device = Direction::new(keys.device, Role::Holder);
        Ok(match role {
            Role::Holder => Self {
                sending: device,
                receiving: reader,
            },
            Role::Reader => Self {
                sending: reader,
                receiving: device,
            },
        })
    }

    /// Encrypts the next message of the own direction: ciphertext with the tag at its end.
    ///
    /// # Errors
    /// [`ProximityError::CounterExhausted`].
    pub fn encrypt(&mut self, plaintext: &[u8]) -> Result<Vec<u8>> {
        let nonce = self.sending.nonce()?;
        let sealed = AeadKey::aes_256_gcm(&self.sending.key).seal(nonce, &[], plaintext)?;
        self.sending.advance();
        Ok(sealed)
    }

    /// Decrypts the next message of the peer. A message that fails does not advance the counter; the session is over all the same.
    ///
    /// # Errors
    /// [`ProximityError::Undecryptable`], [`ProximityError::CounterExhausted`].
    pub fn decrypt(&mut self, ciphertext: &[u8]) -> Result<Vec<u8>> {
        let nonce = self.receiving.nonce()?;
        let plaintext = AeadKey::aes_256_gcm(&self.receiving.key)
            .open(nonce, &[], ciphertext)
            .map_err(|_| ProximityError::Undecryptable)?;
        self.receiving.advance();
        Ok(plaintext)
    }
}

impl fmt::Debug for SessionEncryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionEncryption")
            .field("next_sent", &self.sending.next)
            .field("next_received", &self.receiving.next)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A-C25: after 2³² − 1 messages there are no more, in either direction.
    #[test]
    fn the_counter_never_wraps() {
        let mut direction = Direction::new(Secret::new([7; 32]), Role::Reader);
        direction.next = Some(u32::MAX);
        assert_eq!(direction.nonce().unwrap(), [0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255]);
        direction.advance();
        assert_eq!(direction.nonce(), Err(ProximityError::CounterExhausted));
        direction.advance();
        let other = Direction::new(Secret::new([7; 32]), Role::Holder);
        let mut session = SessionEncryption {
            sending: direction,
            receiving: other,
        };
        assert_eq!(session.encrypt(b"x"), Err(ProximityError::CounterExhausted));
    }
}
