//! A wallet as an app holds it: open or locked, and locked by itself when nobody uses it (H-H50).

use crate::{LockOrder, LockReason, LockedWallet, OrderAction, Pin, Wallet, WalletError};
use core::time::Duration;
use idwallet_crypto::area::SecureArea;
use idwallet_crypto::{Moment, Random};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Locked after so long without use, unless the app says otherwise.
pub const IDLE_LIMIT: Duration = Duration::from_secs(120);

enum State {
    Open {
        wallet: Box<Wallet>,
        last_use: Duration,
    },
    Locked(Box<LockedWallet>),
    /// An unlocking was dropped while it ran: the files are closed, nothing is lost, the next call opens them again.
    Closed,
}

/// One wallet over its locked and open times. Every use goes through [`wallet`](Self::wallet), which locks first when the idle limit has
/// passed; locking drops and wipes every derived key and every decrypted record.
///
/// ```no_run
/// # use idwallet_wallet::{Pin, StateFault, WalletError, WalletSession};
/// # use idwallet_crypto::{Moment, SystemRandom, area::SecureArea};
/// # use std::{path::Path, sync::Arc};
/// # async fn day(area: Arc<dyn SecureArea>, now: Moment) -> Result<(), WalletError> {
/// let mut session = WalletSession::open(Path::new("wallet"), area, Arc::new(SystemRandom::new()))?;
/// session.unlock(Some(&Pin::new("804117").map_err(StateFault::Pin)?), now).await?;
/// let documents = session.wallet(now)?.list(now.wall)?;
/// session.lock();
/// assert!(matches!(session.wallet(now), Err(WalletError::Locked { .. })));
/// # drop(documents); Ok(()) }
/// ```
pub struct WalletSession {
    dir: PathBuf,
    area: Arc<dyn SecureArea>,
    random: Arc<dyn Random>,
    idle_limit: Duration,
    state: State,
}

impl core::fmt::Debug for WalletSession {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self.state {
            State::Open { .. } => "WalletSession(open)",
            State::Locked(_) | State::Closed => "WalletSession(locked)",
        })
    }
}

impl WalletSession {
    /// Opens the wallet in `dir` and leaves it locked.
    ///
    /// # Errors
    /// As [`LockedWallet::open`].
    pub fn open(dir: &Path, area: Arc<dyn SecureArea>, random: Arc<dyn Random>) -> Result<Self, WalletError> {
        let locked = LockedWallet::open(dir, Arc::clone(&area), Arc::clone(&random))?;
        Ok(Self {
            dir: dir.to_path_buf(),
            area,
            random,
            idle_limit: IDLE_LIMIT,
            state: State::Locked(Box::new(locked)),
        })
    }

    /// Locks after so long without use. The limit holds from the next call on.
    pub const fn set_idle_limit(&mut self, limit: Duration) {
        self.idle_limit = limit;
    }

    /// The open wallet. Counts as a use.
    ///
    /// # Errors
    /// [`WalletError::Locked`] when it is locked, or was not used for longer than the limit: it is locked then.
    pub fn wallet(&mut self, now: Moment) -> Result<&Wallet, WalletError> {
        self.lock_if_idle(now);
        match &mut self.state {
            State::Open { wallet, last_use } => {
                *last_use = now.uptime;
                Ok(wallet)
            }
            State::Locked(_) | State::Closed => Err(WalletError::locked(LockReason::PinNeeded, None)),
        }
    }

    /// Locks when the idle limit has passed, and says when to ask again: the time that is left, or `None` when it is locked. An app
    /// calls it by a timer and when it comes back to the foreground.
    pub fn lock_if_idle(&mut self, now: Moment) -> Option<Duration> {
        let State::Open { last_use, .. } = &self.state else {
            return None;
        };
        // A clock that went back was restarted or is false: lock.
        let left = now
            .uptime
            .checked_sub(*last_use)
            .and_then(|idle| self.idle_limit.checked_sub(idle));
        match left {
            Some(left) if !left.is_zero() => Some(left),
            _ => {
                self.lock();
                None
            }
        }
    }

    /// Whether it is locked.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        !matches!(self.state, State::Open { .. })
    }

    /// Locks now.
    pub fn lock(&mut self) {
        self.state = match core::mem::replace(&mut self.state, State::Closed) {
            State::Open { wallet, .. } => match wallet.lock() {
                Ok(locked) => State::Locked(Box::new(locked)),
                Err(_) => State::Closed,
            },
            other => other,
        };
    }

    /// The locked wallet: how many attempts failed, how long to wait, the re-issue list.
    ///
    /// # Errors
    /// As [`LockedWallet::open`]; [`WalletError::InvalidState`] when it is open.
    pub fn locked(&mut self) -> Result<&mut LockedWallet, WalletError> {
        if matches!(self.state, State::Closed) {
            let locked = LockedWallet::open(&self.dir, Arc::clone(&self.area), Arc::clone(&self.random))?;
            self.state = State::Locked(Box::new(locked));
        }
        match &mut self.state {
            State::Locked(locked) => Ok(locked),
            _ => Err(crate::StateFault::NotLocked.into()),
        }
    }

    /// Opens it with the PIN, if it has one.
    ///
    /// # Errors
    /// As [`LockedWallet::unlock`]. It stays locked, also when the future is dropped; an attempt that had begun counts.
    pub async fn unlock(&mut self, pin: Option<&Pin>, now: Moment) -> Result<(), WalletError> {
        if !self.is_locked() {
            return Ok(());
        }
        self.locked()?;
        let State::Locked(locked) = core::mem::replace(&mut self.state, State::Closed) else {
            return Err(WalletError::locked(LockReason::PinNeeded, None));
        };
        match locked.unlock(pin, now).await {
            Ok(wallet) => {
                self.state = State::Open {
                    wallet: Box::new(wallet),
                    last_use: now.uptime,
                };
                Ok(())
            }
            Err(refused) => {
                let (locked, error) = refused.into_parts();
                self.state = State::Locked(Box::new(locked));
                Err(error)
            }
        }
    }

    /// Obeys an order of the authority that the owner named: locks, and keeps what is to be kept. What is not an order of that
    /// authority to this wallet, or is not newer than the last one, changes nothing.
    ///
    /// # Errors
    /// [`StateFault::OrderRefused`](crate::StateFault::OrderRefused); those of writing.
    pub async fn obey(&mut self, order: &[u8], now: Moment) -> Result<OrderAction, WalletError> {
        let was_open = !self.is_locked();
        if was_open {
            // Whether it counts is known only by what the wallet keeps, and an open one keeps it too.
            let State::Open { wallet, .. } = &mut self.state else {
                return Err(WalletError::locked(LockReason::PinNeeded, None));
            };
            wallet.check_order(order, now).await?;
            self.lock();
        }
        let obeyed: LockOrder = self.locked()?.obey(order, now).await?;
        Ok(obeyed.action)
    }
}
