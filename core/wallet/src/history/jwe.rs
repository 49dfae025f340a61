//! The history for its owner alone: the JSON under a passphrase (H-H65), for any software that knows JWE.

use super::History;
use crate::{Wallet, WalletError};
use idwallet_crypto::{CryptoError, Secret};
use idwallet_jose::{Iterations, JoseError, encrypt};

impl Wallet {
    /// [`History::to_json`] as a JWE in compact serialisation: `PBES2-HS256+A128KW` with 600,000 iterations, `A128GCM`.
    ///
    /// The passphrase has to be as good as that of a backup, and other software is given it in the same form: Unicode NFKC, no white space
    /// at its ends, one space between words.
    ///
    /// # Errors
    /// [`WalletError::Backup`] for a weak passphrase; [`WalletError::Unsupported`] for a history of more than 64 MiB; those of the vault.
    pub fn history_to_jwe(&self, history: &History, passphrase: &str) -> Result<String, WalletError> {
        let passphrase = self.check_passphrase(passphrase)?;
        let json = Secret::new(history.to_json());
        let sealed = encrypt(
            json.expose().as_bytes(),
            passphrase.expose(),
            Some("application/json"),
            Iterations::DEFAULT,
            &*self.random,
        );
        sealed.map_err(|error| match error {
            JoseError::TooLarge => WalletError::Unsupported("a history of this size in one encrypted file"),
            JoseError::Crypto(error) => error.into(),
            _ => CryptoError::Length("history").into(),
        })
    }
}
