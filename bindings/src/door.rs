//! The wallet's door: PIN, recovery code, locks.

use crate::guard::sync;
use crate::wallet::pin;
use crate::{Wallet, WalletError};
use idwallet_wallet::RecoveryCode;

/// What can be said of a wallet before its PIN.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Access {
    /// Whether it has a PIN.
    pub needs_pin: bool,
    /// Whether it has a recovery code.
    pub has_recovery_code: bool,
    /// Whether its owner locked it: `unlock_closed` opens it.
    pub is_closed: bool,
    /// Whether an order holds it, because the device was reported lost or stolen.
    pub is_held: bool,
    /// How many wrong PINs there may be until one costs a wait.
    pub tries_left: u32,
    /// How many seconds to wait before the next try, in time that the device is on.
    pub retry_after_seconds: u64,
}

/// A document that is known of without the PIN.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HeldPapers {
    /// The ISO docType.
    pub doc_type: String,
    /// Who signed it.
    pub issuer: String,
    /// How many there are.
    pub count: u64,
}

#[uniffi::export]
impl Wallet {
    /// What can be said before the PIN: tries, waits, holds.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] when it is open; [`WalletError::Storage`]; those of the area.
    pub async fn access(&self) -> Result<Access, WalletError> {
        let inner = self.inner();
        inner
            .wait("access", async {
                let (session, now) = (inner.session()?, inner.now()?);
                let access = session.access(now).await?;
                Ok(Access {
                    needs_pin: access.needs_pin,
                    has_recovery_code: access.has_recovery_code,
                    is_closed: session.is_closed().await?,
                    is_held: access.held,
                    tries_left: access.left,
                    retry_after_seconds: access.retry_after.as_secs(),
                })
            })
            .await
    }

    /// Opens it, with the PIN if it has one. A try counts before it is made, whatever happens to this call.
    ///
    /// # Errors
    /// [`WalletError::Locked`] with the tries that are left or how long to wait; [`WalletError::InvalidState`] for what cannot be a PIN,
    /// or when its owner locked it; those of the area; [`WalletError::Storage`].
    pub async fn unlock(&self, pin: Option<String>) -> Result<(), WalletError> {
        let inner = self.inner();
        inner
            .wait("unlock", async {
                let pin = pin.as_deref().map(self::pin).transpose()?;
                let now = inner.now()?;
                Ok(inner.session()?.unlock(pin.as_ref(), now).await?)
            })
            .await
    }

    /// `unlock` of a wallet that its owner locked by `close_by_owner`, which is over then.
    ///
    /// # Errors
    /// As `unlock`.
    pub async fn unlock_closed(&self, pin: Option<String>) -> Result<(), WalletError> {
        let inner = self.inner();
        inner
            .wait("unlock_closed", async {
                let pin = pin.as_deref().map(self::pin).transpose()?;
                let now = inner.now()?;
                Ok(inner.session()?.unlock_closed(pin.as_ref(), now).await?)
            })
            .await
    }

    /// Opens it with the recovery code and puts a new PIN in the place of the forgotten one. The documents are kept.
    ///
    /// # Errors
    /// As `unlock`.
    pub async fn recover(&self, code: String, new_pin: String) -> Result<(), WalletError> {
        let inner = self.inner();
        inner
            .wait("recover", async {
                let code = RecoveryCode::parse(&code).map_err(|_| WalletError::recovery_code())?;
                let pin = pin(&new_pin)?;
                let now = inner.now()?;
                Ok(inner.session()?.recover(&code, &pin, now).await?)
            })
            .await
    }

    /// Locks it at its owner's wish, so that from now on only `unlock_closed` opens it.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] without a PIN: it would keep nobody out; [`WalletError::Storage`]; those of the area.
    pub async fn close_by_owner(&self) -> Result<(), WalletError> {
        let inner = self.inner();
        inner
            .wait("close_by_owner", async {
                let session = inner.session()?;
                session.lock();
                Ok(session.close().await?)
            })
            .await
    }

    /// What it holds by type and issuer, readable without the PIN: what to have issued again when the PIN is forgotten and there is no
    /// recovery code.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] when it is open; [`WalletError::Storage`]; those of the area.
    pub async fn held_papers(&self) -> Result<Vec<HeldPapers>, WalletError> {
        let inner = self.inner();
        inner
            .wait("held_papers", async {
                let papers = inner.session()?.held_papers().await?;
                let papers = papers.into_iter().map(|paper| HeldPapers {
                    doc_type: paper.doc_type,
                    issuer: paper.issuer,
                    count: paper.count,
                });
                Ok(papers.collect())
            })
            .await
    }

    /// Whether it has a PIN; `access` says so while it is locked.
    ///
    /// # Errors
    /// [`WalletError::Locked`]; [`WalletError::InvalidState`] after `shutdown`.
    pub fn has_pin(&self) -> Result<bool, WalletError> {
        sync(|| Ok(self.inner().open()?.0.has_pin()))
    }

    /// Whether it has a recovery code; `access` says so while it is locked.
    ///
    /// # Errors
    /// As `has_pin`.
    pub fn has_recovery_code(&self) -> Result<bool, WalletError> {
        sync(|| Ok(self.inner().open()?.0.has_recovery_code()))
    }

    /// Gives it a PIN of 6 to 32 digits.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`]: it has one, or this one is malformed or too easy to guess; [`WalletError::Locked`];
    /// [`WalletError::Storage`]; those of the area. The wallet is as it was then.
    pub async fn set_pin(&self, pin: String) -> Result<(), WalletError> {
        let inner = self.inner();
        inner
            .wait("set_pin", async {
                let pin = self::pin(&pin)?;
                let (wallet, now) = inner.open()?;
                Ok(wallet.set_pin(&pin, now).await?)
            })
            .await
    }

    /// Changes the PIN. A wrong old one counts as a try.
    ///
    /// # Errors
    /// As `set_pin`.
    pub async fn change_pin(&self, old: String, new: String) -> Result<(), WalletError> {
        let inner = self.inner();
        inner
            .wait("change_pin", async {
                let (old, new) = (pin(&old)?, pin(&new)?);
                let (wallet, now) = inner.open()?;
                Ok(wallet.change_pin(&old, &new, now).await?)
            })
            .await
    }

    /// Removes the PIN. A wrong one counts as a try.
    ///
    /// # Errors
    /// As `set_pin`.
    pub async fn remove_pin(&self, pin: String) -> Result<(), WalletError> {
        let inner = self.inner();
        inner
            .wait("remove_pin", async {
                let pin = self::pin(&pin)?;
                let (wallet, now) = inner.open()?;
                Ok(wallet.remove_pin(&pin, now).await?)
            })
            .await
    }

    /// Makes a new recovery code, to be shown once and written down. An older one is worthless then.
    ///
    /// # Errors
    /// As `set_pin`; [`WalletError::InvalidState`] without a PIN.
    pub async fn set_recovery_code(&self, pin: String) -> Result<String, WalletError> {
        let inner = self.inner();
        inner
            .wait("set_recovery_code", async {
                let pin = self::pin(&pin)?;
                let (wallet, now) = inner.open()?;
                let code = wallet.set_recovery_code(&pin, now).await?;
                Ok(code.text().expose().clone())
            })
            .await
    }

    /// Takes the recovery code back.
    ///
    /// # Errors
    /// As `set_pin`; [`WalletError::InvalidState`] when there is none.
    pub async fn remove_recovery_code(&self) -> Result<(), WalletError> {
        let inner = self.inner();
        inner
            .wait("remove_recovery_code", async {
                let (wallet, now) = inner.open()?;
                Ok(wallet.remove_recovery_code(now).await?)
            })
            .await
    }
}

impl WalletError {
    /// What was typed cannot be a recovery code.
    pub(crate) fn recovery_code() -> Self {
        idwallet_wallet::WalletError::Locked {
            reason: idwallet_wallet::LockReason::WrongRecoveryCode,
            retry_after: None,
        }
        .into()
    }
}
