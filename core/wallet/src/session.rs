//! A wallet as an app holds it: open or locked, shared by whoever uses it, and locked by itself when nobody does (H-H50).

use crate::guardian::GuardianPolicy;
use crate::outside::HeldPapers;
use crate::signal::Signal;
use crate::status::StatusPolicy;
use crate::wallet::{Policies, builtin};
use crate::{
    Access, LockReason, LockedWallet, OrderAction, Pin, Reading, RecoveryCode, StateFault, UnlockRefused, Wallet,
    WalletError, words,
};
use core::future::Future;
use core::time::Duration;
use idwallet_crypto::area::SecureArea;
use idwallet_crypto::{Moment, Random};
use idwallet_documents::{Label, Registry};
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Locked after so long without use, unless the app says otherwise.
pub const IDLE_LIMIT: Duration = Duration::from_secs(120);

enum State {
    Open {
        wallet: Arc<Wallet>,
        last_use: Duration,
    },
    /// Locked; what is locked lies in the wallet still.
    Closing(Arc<Wallet>),
    Locked(Box<LockedWallet>),
    /// A call has the locked wallet while it waits. `lock`: it is not to open, and one that was to open it ends.
    Taken {
        lock: Arc<Signal>,
    },
    /// An unlocking was dropped while it ran: the files are closed, nothing is lost, the next call opens them again.
    Closed,
    /// For good.
    Over,
}

struct Inner {
    state: State,
    /// Whether the wallet has a PIN, as of the last time that somebody could tell.
    has_pin: bool,
    /// The latest uptime that it was told.
    latest: Duration,
    idle_limit: Duration,
    registry: Option<Arc<Registry>>,
    policies: Policies,
}

/// One wallet over its locked and open times. Every use goes through [`wallet`](Self::wallet), which locks first when the idle limit has
/// passed; locking drops and wipes every derived key and every decrypted record.
///
/// It is to be shared: its methods take `&self`, from any thread, and from within the secure area. [`lock`](Self::lock) works at any time.
///
/// ```no_run
/// # use idwallet_wallet::{Pin, StateFault, WalletError, WalletSession};
/// # use idwallet_crypto::{Moment, SystemRandom, area::SecureArea};
/// # use std::{path::Path, sync::Arc};
/// # async fn day(area: Arc<dyn SecureArea>, now: Moment) -> Result<(), WalletError> {
/// let session = WalletSession::open(Path::new("wallet"), area, Arc::new(SystemRandom::new()))?;
/// session.unlock(Some(&Pin::new("804117").map_err(StateFault::Pin)?), now).await?;
/// let wallet = session.wallet(now)?;
/// let documents = wallet.list(now.wall)?;
/// session.lock();
/// assert!(matches!(session.wallet(now), Err(WalletError::Locked { .. })));
/// assert!(matches!(wallet.list(now.wall), Err(WalletError::Locked { .. })));
/// # drop(documents); Ok(()) }
/// ```
pub struct WalletSession {
    dir: PathBuf,
    area: Arc<dyn SecureArea>,
    random: Arc<dyn Random>,
    /// Given by [`shutdown`](Self::shutdown): whatever waits ends.
    over: Signal,
    /// Held for a moment only: never while the wallet is called, which may be in use by another thread.
    inner: Mutex<Inner>,
}

impl core::fmt::Debug for WalletSession {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(if self.is_locked() {
            "WalletSession(locked)"
        } else {
            "WalletSession(open)"
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
        let has_pin = locked.needs_pin();
        Ok(Self::of(dir, area, random, has_pin, State::Locked(Box::new(locked))))
    }

    /// Over a wallet that is open, such as one that was just made in `dir`. The time counts as a use.
    #[must_use]
    pub fn over(dir: &Path, wallet: Wallet, now: Moment) -> Self {
        let (area, random) = (Arc::clone(&wallet.area), Arc::clone(&wallet.random));
        let (registry, policies, has_pin) = (Arc::clone(&wallet.registry), wallet.policies(), wallet.has_pin());
        let state = State::Open {
            wallet: Arc::new(wallet),
            last_use: now.uptime,
        };
        let session = Self::of(dir, area, random, has_pin, state);
        {
            let mut inner = session.inner.lock();
            (inner.registry, inner.policies) = (Some(registry), policies);
            inner.latest = now.uptime;
        }
        session
    }

    fn of(dir: &Path, area: Arc<dyn SecureArea>, random: Arc<dyn Random>, has_pin: bool, state: State) -> Self {
        Self {
            dir: dir.to_path_buf(),
            area,
            random,
            over: Signal::default(),
            inner: Mutex::new(Inner {
                state,
                has_pin,
                latest: Duration::ZERO,
                idle_limit: IDLE_LIMIT,
                registry: None,
                policies: Policies::default(),
            }),
        }
    }

    /// Uses these document types instead of the built-in ones, from the next unlocking on.
    pub fn set_registry(&self, registry: Arc<Registry>) {
        self.inner.lock().registry = Some(registry);
    }

    /// As [`Wallet::set_status_policy`], over every locking.
    pub fn set_status_policy(&self, policy: StatusPolicy) {
        self.change_policies(|policies| policies.status = policy);
    }

    /// As [`Wallet::set_guardian_policy`], over every locking.
    pub fn set_guardian_policy(&self, policy: GuardianPolicy) {
        self.change_policies(|policies| policies.guardian = policy);
    }

    fn change_policies(&self, change: impl Fn(&mut Policies)) {
        let mut inner = self.inner.lock();
        change(&mut inner.policies);
        if let State::Open { wallet, .. } = &inner.state {
            wallet.change_policies(change);
        }
    }

    /// Locks after so long without use. The limit holds from the next call on.
    pub fn set_idle_limit(&self, limit: Duration) {
        self.inner.lock().idle_limit = limit;
    }

    /// Asks the clock for a call of this session. Where several threads use it, every time that it is told is read by this: see [`Reading`].
    /// The clock may call the wallet.
    pub fn read(&self, clock: impl FnOnce() -> Moment) -> Reading {
        let since = self.inner.lock().latest;
        Reading::new(clock(), since)
    }

    /// [`read`](Self::read) of a clock that may fail.
    ///
    /// # Errors
    /// The clock's.
    pub fn try_read<E>(&self, clock: impl FnOnce() -> Result<Moment, E>) -> Result<Reading, E> {
        let since = self.inner.lock().latest;
        Ok(Reading::new(clock()?, since))
    }

    /// The open wallet. Counts as a use. It may be kept and shared; once the session is locked, all it gives is [`WalletError::Locked`].
    ///
    /// # Errors
    /// [`WalletError::Locked`] when it is locked, or was not used for longer than the limit: it is locked then.
    pub fn wallet(&self, now: impl Into<Reading>) -> Result<Arc<Wallet>, WalletError> {
        match self.at(now.into(), true) {
            Some((wallet, _)) if !wallet.is_locked() => Ok(wallet),
            _ if self.over.is_given() => Err(StateFault::HandleClosed.into()),
            _ => Err(self.locked()),
        }
    }

    /// What is said of it when it is locked.
    fn locked(&self) -> WalletError {
        let inner = self.inner.lock();
        let has_pin = match &inner.state {
            // A change of the PIN may have ended since.
            State::Open { wallet, .. } | State::Closing(wallet) => wallet.has_pin(),
            State::Locked(locked) => locked.needs_pin(),
            State::Taken { .. } | State::Closed | State::Over => inner.has_pin,
        };
        let reason = match has_pin {
            true => LockReason::PinNeeded,
            false => LockReason::UnlockNeeded,
        };
        WalletError::locked(reason, None)
    }

    /// Locks when the idle limit has passed, and says when to ask again: the time that is left, or `None` when it is locked. An app
    /// calls it by a timer and when it comes back to the foreground. What waits for the person counts as a use when it begins, not while
    /// it waits.
    pub fn lock_if_idle(&self, now: impl Into<Reading>) -> Option<Duration> {
        self.at(now.into(), false).map(|(_, left)| left)
    }

    /// The open wallet and how long it stays so without use, which this is or is not. Locks it when it stayed so for too long.
    fn at(&self, now: Reading, is_use: bool) -> Option<(Arc<Wallet>, Duration)> {
        {
            let mut inner = self.inner.lock();
            let (now, limit) = (now.told(&mut inner.latest), inner.idle_limit);
            let State::Open { wallet, last_use } = &mut inner.state else {
                return None;
            };
            // A clock that went back was restarted or is false: lock.
            let idle = now.uptime.checked_sub(*last_use);
            let left = idle.and_then(|idle| limit.checked_sub(idle));
            if let Some(left) = left.filter(|left| !left.is_zero()) {
                if is_use {
                    *last_use = now.uptime;
                }
                return Some((Arc::clone(wallet), left));
            }
        }
        self.lock();
        None
    }

    /// Whether it is locked.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.open_wallet().is_none()
    }

    /// Locks now, whatever goes on: calls of the open wallet that wait end with [`WalletError::Locked`], whether the area ever answers them or
    /// not, and nothing leaves; an unlocking ends locked. What is asked of the locked wallet goes on. Keys are wiped when this returns, or as
    /// soon as a call that is at work in another thread, or changes the PIN, leaves the vault: such a call ends when its future is polled, for
    /// which it is woken. A call that made keys for nothing has the area destroy them first.
    pub fn lock(&self) {
        loop {
            let taken = {
                let mut inner = self.inner.lock();
                match &mut inner.state {
                    State::Open { wallet, .. } => {
                        let wallet = Arc::clone(wallet);
                        inner.state = State::Closing(Arc::clone(&wallet));
                        drop(inner);
                        return wallet.close();
                    }
                    // Whoever is closing it may not have come to it yet.
                    State::Closing(wallet) => {
                        let wallet = Arc::clone(wallet);
                        drop(inner);
                        return wallet.close();
                    }
                    State::Taken { lock } if !lock.is_given() => Arc::clone(lock),
                    _ => return,
                }
            };
            taken.give();
            // It may have opened just before: once more.
        }
    }

    /// Locks it and closes its files, for good: every call that waits ends, also of the locked wallet, with [`WalletError::Locked`] or
    /// [`StateFault::HandleClosed`], and every later one with the latter. The files are closed when this returns, or as soon as a call that has the
    /// vault leaves it, as in [`lock`](Self::lock). May be called again.
    pub fn shutdown(&self) {
        let before = core::mem::replace(&mut self.inner.lock().state, State::Over);
        self.over.give();
        match before {
            State::Open { wallet, .. } | State::Closing(wallet) => wallet.leave(),
            // Its call puts it down when it ends.
            State::Taken { .. } | State::Locked(_) | State::Closed | State::Over => {}
        }
    }

    /// What the call comes to, unless all is over meanwhile: it is dropped then.
    async fn until_over<T>(&self, call: impl Future<Output = Result<T, WalletError>>) -> Result<T, WalletError> {
        let done = self.over.unless_given(call).await;
        done.unwrap_or_else(|| Err(StateFault::HandleClosed.into()))
    }

    /// Opens it with the PIN, if it has one. One that is open stays so.
    ///
    /// # Errors
    /// As [`LockedWallet::unlock`]; [`StateFault::Busy`] while another call has the locked wallet. It stays locked, also when the future is
    /// dropped; an attempt that had begun counts. [`WalletError::Locked`] when it was locked again meanwhile.
    pub async fn unlock(&self, pin: Option<&Pin>, now: impl Into<Reading>) -> Result<(), WalletError> {
        let now = now.into();
        // Counts as a use, and one that was idle for too long is locked first.
        if self.wallet(now).is_ok() {
            return Ok(());
        }
        let mut taken = self.take(false)?;
        let now = self.told(now);
        let opened = self.opened(&taken.lock(), taken.out()?.unlock(pin, now)).await?;
        taken.end(opened, now)
    }

    /// [`unlock`](Self::unlock) of a wallet that its owner locked by [`close`](Self::close), which is over then.
    ///
    /// # Errors
    /// As [`unlock`](Self::unlock).
    pub async fn unlock_closed(&self, pin: Option<&Pin>, now: impl Into<Reading>) -> Result<(), WalletError> {
        let now = now.into();
        // Counts as a use, and one that was idle for too long is locked first.
        if self.wallet(now).is_ok() {
            return Ok(());
        }
        let mut taken = self.take(false)?;
        let now = self.told(now);
        let opened = self.opened(&taken.lock(), taken.out()?.unlock_closed(pin, now)).await?;
        taken.end(opened, now)
    }

    /// Opens it with the recovery code, as [`LockedWallet::recover`].
    ///
    /// # Errors
    /// As [`LockedWallet::recover`]; [`StateFault::NotLocked`]; [`StateFault::Busy`].
    pub async fn recover(
        &self,
        code: &RecoveryCode,
        new_pin: &Pin,
        now: impl Into<Reading>,
    ) -> Result<(), WalletError> {
        let now = now.into();
        let mut taken = self.take(false)?;
        let now = self.told(now);
        let opened = self
            .opened(&taken.lock(), taken.out()?.recover(code, new_pin, now))
            .await?;
        taken.end(opened, now)
    }

    /// What an unlocking comes to, unless it is locked meanwhile, or all is over: the locked wallet goes with it then, and its files are closed.
    async fn opened(
        &self,
        lock: &Signal,
        opening: impl Future<Output = Result<Wallet, Box<UnlockRefused>>>,
    ) -> Result<Result<Wallet, (LockedWallet, WalletError)>, WalletError> {
        let opened = self.until_over(async { Ok(lock.unless_given(opening).await) }).await?;
        let opened = opened.ok_or_else(|| self.locked())?;
        Ok(opened.map_err(|refused| refused.into_parts()))
    }

    /// Whether it has a PIN.
    ///
    /// # Errors
    /// As [`access`](Self::access), but for an open one.
    pub fn needs_pin(&self) -> Result<bool, WalletError> {
        match self.open_wallet() {
            Some(wallet) => Ok(wallet.has_pin()),
            None => Ok(self.take(false)?.locked()?.needs_pin()),
        }
    }

    /// What documents of that type are called.
    ///
    /// # Errors
    /// [`WalletError::Internal`].
    pub fn title(&self, doc_type: &str) -> Result<Label, WalletError> {
        let registry = self.inner.lock().registry.clone();
        let registry = registry.map_or_else(builtin, Ok)?;
        Ok(words::title(registry.find(doc_type), doc_type))
    }

    fn open_wallet(&self) -> Option<Arc<Wallet>> {
        match &self.inner.lock().state {
            State::Open { wallet, .. } if !wallet.is_locked() => Some(Arc::clone(wallet)),
            _ => None,
        }
    }

    /// What can be said before the PIN, as [`LockedWallet::access`].
    ///
    /// # Errors
    /// As [`LockedWallet::access`]; [`StateFault::NotLocked`]; [`StateFault::Busy`] while another call has the locked wallet.
    pub async fn access(&self, now: impl Into<Reading>) -> Result<Access, WalletError> {
        let now = now.into();
        let mut taken = self.take(false)?;
        let now = self.told(now);
        self.until_over(taken.locked()?.access(now)).await
    }

    /// Locks it at its owner's wish, as [`LockedWallet::close`]; an open one is locked first.
    ///
    /// # Errors
    /// As [`LockedWallet::close`]; [`StateFault::Busy`].
    pub async fn close(&self) -> Result<(), WalletError> {
        if self.open_wallet().is_some_and(|wallet| !wallet.has_pin()) {
            return Err(StateFault::NoPin.into());
        }
        self.until_over(self.take(true)?.locked()?.close()).await
    }

    /// Whether its owner locked it, as [`LockedWallet::is_closed`]. An open one is not.
    ///
    /// # Errors
    /// As [`LockedWallet::is_closed`]; [`StateFault::Busy`].
    pub async fn is_closed(&self) -> Result<bool, WalletError> {
        if !self.is_locked() {
            return Ok(false);
        }
        self.until_over(self.take(false)?.locked()?.is_closed()).await
    }

    /// What it holds by type and issuer, as [`LockedWallet::held_papers`].
    ///
    /// # Errors
    /// As [`LockedWallet::held_papers`]; [`StateFault::NotLocked`]; [`StateFault::Busy`].
    pub async fn held_papers(&self) -> Result<Vec<HeldPapers>, WalletError> {
        self.until_over(self.take(false)?.locked()?.held_papers()).await
    }

    /// What orders call this wallet, as [`LockedWallet::order_address`].
    ///
    /// # Errors
    /// As [`LockedWallet::order_address`]; [`StateFault::NotLocked`]; [`StateFault::Busy`].
    pub async fn order_address(&self) -> Result<Option<[u8; 16]>, WalletError> {
        self.until_over(self.take(false)?.locked()?.order_address()).await
    }

    /// Obeys an order of the authority that the owner named: locks, and keeps what is to be kept. What is not an order of that
    /// authority to this wallet, or is not newer than the last one, changes nothing.
    ///
    /// # Errors
    /// [`StateFault::OrderRefused`]; [`StateFault::Busy`] while another call has the locked wallet, or the vault of the open one: to be tried
    /// again; those of writing.
    pub async fn obey(&self, order: &[u8], now: impl Into<Reading>) -> Result<OrderAction, WalletError> {
        let now = now.into();
        // Whether it counts is known only by what the wallet keeps, and an open one keeps it too.
        if let Some(wallet) = self.open_wallet() {
            match wallet.check_order(order, self.told(now)).await {
                // Somebody locked it meanwhile.
                Ok(()) | Err(WalletError::Locked { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let mut taken = self.take(true)?;
        let now = self.told(now);
        Ok(self.until_over(taken.locked()?.obey(order, now)).await?.action)
    }

    /// The time as it counts, for a call that has the locked wallet to itself: waits are reckoned by it, and a time that seems to have gone back
    /// looks like a restart to them.
    fn told(&self, now: Reading) -> Moment {
        now.told(&mut self.inner.lock().latest)
    }

    /// Takes the locked wallet for a call that waits. An open one is locked first if it is to be, else it is none.
    fn take(&self, lock: bool) -> Result<Taken<'_>, WalletError> {
        let mut inner = self.inner.lock();
        let given = Arc::new(Signal::default());
        let taken = State::Taken {
            lock: Arc::clone(&given),
        };
        let before = core::mem::replace(&mut inner.state, taken);
        let wallet = match before {
            State::Open { wallet, .. } if lock || wallet.is_locked() => wallet,
            State::Closing(wallet) => wallet,
            State::Locked(locked) => return Ok(Taken::new(self, given, Some(locked))),
            State::Closed => {
                drop(inner);
                return self.reopen(given);
            }
            before @ (State::Open { .. } | State::Taken { .. } | State::Over) => {
                let fault = match &before {
                    State::Open { .. } => StateFault::NotLocked,
                    State::Over => StateFault::HandleClosed,
                    _ => StateFault::Busy,
                };
                inner.state = before;
                return Err(fault.into());
            }
        };
        inner.has_pin = wallet.has_pin();
        // While nobody can lock it here: nothing of it leaves from now on.
        wallet.refuse();
        drop(inner);
        match wallet.lock() {
            Ok(locked) => Ok(Taken::new(self, given, Some(Box::new(locked)))),
            Err(error @ WalletError::InvalidState(StateFault::Busy)) => {
                let mut inner = self.inner.lock();
                if matches!(inner.state, State::Over) {
                    drop(inner);
                    wallet.leave();
                } else {
                    inner.state = State::Closing(wallet);
                }
                Err(error)
            }
            // The app itself has it, or had.
            Err(_) => self.reopen(given),
        }
    }

    fn reopen(&self, lock: Arc<Signal>) -> Result<Taken<'_>, WalletError> {
        // Where this fails, it is as it was: closed.
        let mut taken = Taken::new(self, lock, None);
        let mut locked = LockedWallet::open(&self.dir, Arc::clone(&self.area), Arc::clone(&self.random))?;
        if let Some(registry) = self.inner.lock().registry.clone() {
            locked = locked.with_registry(registry);
        }
        taken.locked = Some(Box::new(locked));
        Ok(taken)
    }
}

/// The locked wallet in the hands of a call. It goes back when that ends or is dropped.
struct Taken<'s> {
    session: &'s WalletSession,
    /// That of [`State::Taken`].
    lock: Arc<Signal>,
    /// Not there while it is being unlocked.
    locked: Option<Box<LockedWallet>>,
    is_open: bool,
}

impl<'s> Taken<'s> {
    const fn new(session: &'s WalletSession, lock: Arc<Signal>, locked: Option<Box<LockedWallet>>) -> Self {
        Self {
            session,
            lock,
            locked,
            is_open: false,
        }
    }

    fn lock(&self) -> Arc<Signal> {
        Arc::clone(&self.lock)
    }

    fn locked(&mut self) -> Result<&mut LockedWallet, WalletError> {
        self.locked.as_deref_mut().ok_or(StateFault::Busy.into())
    }

    /// For an unlocking, which uses it up.
    fn out(&mut self) -> Result<LockedWallet, WalletError> {
        let locked = *self.locked.take().ok_or(StateFault::Busy)?;
        let registry = self.session.inner.lock().registry.clone();
        Ok(match registry {
            Some(registry) => locked.with_registry(registry),
            None => locked,
        })
    }

    /// Ends an unlocking.
    fn end(mut self, opened: Result<Wallet, (LockedWallet, WalletError)>, now: Moment) -> Result<(), WalletError> {
        let wallet = match opened {
            Ok(wallet) => wallet,
            Err((locked, error)) => {
                self.locked = Some(Box::new(locked));
                return Err(error);
            }
        };
        let mut inner = self.session.inner.lock();
        if self.lock.is_given() || matches!(inner.state, State::Over) {
            drop(inner);
            self.locked = wallet.lock().ok().map(Box::new);
            return Err(self.session.locked());
        }
        let policies = inner.policies;
        wallet.change_policies(|of_wallet| *of_wallet = policies);
        self.is_open = true;
        inner.has_pin = wallet.has_pin();
        inner.state = State::Open {
            wallet: Arc::new(wallet),
            last_use: now.uptime,
        };
        Ok(())
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if self.is_open {
            return;
        }
        let locked = self.locked.take();
        let mut inner = self.session.inner.lock();
        if !matches!(inner.state, State::Over) {
            inner.state = locked.map_or(State::Closed, State::Locked);
        }
    }
}
