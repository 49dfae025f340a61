//! A wallet that is locked: its files are open and reserved, nothing in it is decrypted (H-H50).

use crate::door::settle_door;
use crate::outside::{HeldPapers, Outside};
use crate::wallet::{builtin, place, protection};
use crate::{Code, Event, LockOrder, OrderAction, Protection, StateFault, VAULT_FILE, Wallet, WalletError, words};
use core::time::Duration;
use idwallet_crypto::area::SecureArea;
use idwallet_crypto::{Moment, Random};
use idwallet_documents::{Label, Registry};
use idwallet_storage::{Access, Error, LockedVault, Order, Pin, RecoveryCode, Refused, Vault};
use std::path::Path;
use std::sync::Arc;

/// A locked wallet. [`unlock`](Self::unlock) makes a [`Wallet`] of it, [`Wallet::lock`] the reverse.
pub struct LockedWallet {
    vault: LockedVault,
    area: Arc<dyn SecureArea>,
    random: Arc<dyn Random>,
    registry: Arc<Registry>,
}

impl core::fmt::Debug for LockedWallet {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Wallet(locked)")
    }
}

/// An unlocking that was refused: the wallet, still locked, and why.
pub struct UnlockRefused {
    wallet: LockedWallet,
    error: WalletError,
}

impl core::fmt::Debug for UnlockRefused {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "UnlockRefused({:?})", self.error)
    }
}

impl UnlockRefused {
    /// Why.
    #[must_use]
    pub const fn error(&self) -> &WalletError {
        &self.error
    }

    /// The wallet and why.
    #[must_use]
    pub fn into_parts(self) -> (LockedWallet, WalletError) {
        (self.wallet, self.error)
    }
}

impl From<Box<UnlockRefused>> for WalletError {
    fn from(refused: Box<UnlockRefused>) -> Self {
        refused.error
    }
}

/// What an unlocking takes along beside the vault.
struct With {
    area: Arc<dyn SecureArea>,
    random: Arc<dyn Random>,
    registry: Arc<Registry>,
    protection: Protection,
    /// The number of the last order that was obeyed.
    last_order: u64,
}

impl LockedWallet {
    /// Opens the files of the wallet in `dir` and reserves them.
    ///
    /// # Errors
    /// [`WalletError::Storage`]: in use, missing, damaged, of a newer version… The file is left as it is in each case.
    pub fn open(dir: &Path, area: Arc<dyn SecureArea>, random: Arc<dyn Random>) -> Result<Self, WalletError> {
        Ok(Self {
            registry: builtin()?,
            vault: LockedVault::open(&place(dir, VAULT_FILE)?)?,
            area,
            random,
        })
    }

    /// Uses these document types instead of the built-in ones.
    #[must_use]
    pub fn with_registry(mut self, registry: Arc<Registry>) -> Self {
        self.registry = registry;
        self
    }

    /// Whether it has a PIN.
    #[must_use]
    pub const fn needs_pin(&self) -> bool {
        self.vault.needs_pin()
    }

    /// What can be said before the PIN: tries, waits, holds. Looking takes from a wait what has passed for certain.
    ///
    /// # Errors
    /// [`WalletError::Storage`]; those of the area.
    pub async fn access(&mut self, now: Moment) -> Result<Access, WalletError> {
        Ok(self.vault.access(&*self.area, now.uptime, &*self.random).await?)
    }

    /// Opens it, with the PIN if it has one. A try counts before it is made, whatever happens to this future.
    ///
    /// # Errors
    /// [`UnlockRefused`] with the wallet and [`WalletError::Locked`] (with the tries that are left, or how long to wait);
    /// [`StateFault::Closed`] when its owner locked it: see [`unlock_closed`](Self::unlock_closed); those of the area;
    /// [`WalletError::Storage`].
    pub async fn unlock(self, pin: Option<&Pin>, now: Moment) -> Result<Wallet, Box<UnlockRefused>> {
        self.unlock_as(pin, now, false).await
    }

    /// [`unlock`](Self::unlock) of a wallet that its owner locked by [`close`](Self::close), which is over then.
    ///
    /// # Errors
    /// As [`unlock`](Self::unlock).
    pub async fn unlock_closed(self, pin: Option<&Pin>, now: Moment) -> Result<Wallet, Box<UnlockRefused>> {
        self.unlock_as(pin, now, true).await
    }

    async fn unlock_as(mut self, pin: Option<&Pin>, now: Moment, opens: bool) -> Result<Wallet, Box<UnlockRefused>> {
        let checked = async {
            let protection = protection(&*self.area).await?;
            let outside = self.readable_outside().await?;
            if outside.is_closed && !opens {
                return Err(StateFault::Closed.into());
            }
            Ok((protection, self.last_order(&outside, now).await?))
        }
        .await;
        let (protection, last_order) = match checked {
            Ok(checked) => checked,
            Err(error) => return Err(Box::new(UnlockRefused { wallet: self, error })),
        };
        let (vault, with) = self.with(protection, last_order);
        let opened = vault.unlock_with(&*with.area, pin, now.uptime, Arc::clone(&with.random));
        let opened = opened.await;
        Self::enter(opened, with, None, now).await
    }

    /// Writes down what happened at the door, and is open.
    async fn enter(
        opened: Result<Vault, Box<Refused>>,
        with: With,
        by: Option<Event>,
        now: Moment,
    ) -> Result<Wallet, Box<UnlockRefused>> {
        let With {
            area,
            random,
            registry,
            protection,
            last_order,
        } = with;
        let (vault, error) = match opened {
            Ok(mut vault) => match settle_door(&mut vault, by, last_order, now) {
                Ok(()) => return Ok(Wallet::anchored(vault, area, random, registry, protection).await),
                Err(error) => (vault.lock(), error),
            },
            Err(refused) => (refused.vault, refused.error.into()),
        };
        let wallet = Self {
            vault,
            area,
            random,
            registry,
        };
        Err(Box::new(UnlockRefused { wallet, error }))
    }

    fn with(self, protection: Protection, last_order: u64) -> (LockedVault, With) {
        let with = With {
            area: self.area,
            random: self.random,
            registry: self.registry,
            protection,
            last_order,
        };
        (self.vault, with)
    }

    /// The number of the last order that was obeyed; asked for only when there is one to tell of.
    async fn last_order(&mut self, outside: &Outside, now: Moment) -> Result<u64, WalletError> {
        if outside.obeyed.is_empty() {
            return Ok(0);
        }
        Ok(self.access(now).await?.last_order)
    }

    /// Opens it with the recovery code and puts a new PIN in the place of the forgotten one. The documents are kept; the owner's own
    /// lock is over then.
    ///
    /// # Errors
    /// As [`unlock`](Self::unlock); [`StateFault::NoRecoveryCode`].
    pub async fn recover(
        mut self,
        code: &RecoveryCode,
        new_pin: &Pin,
        now: Moment,
    ) -> Result<Wallet, Box<UnlockRefused>> {
        let checked = async {
            let protection = protection(&*self.area).await?;
            let outside = self.readable_outside().await?;
            Ok((protection, self.last_order(&outside, now).await?))
        }
        .await;
        let (protection, last_order) = match checked {
            Ok(checked) => checked,
            Err(error) => return Err(Box::new(UnlockRefused { wallet: self, error })),
        };
        let (vault, with) = self.with(protection, last_order);
        let random = Arc::clone(&with.random);
        let opened = vault.unlock_with_recovery_code(&*with.area, code, new_pin, now.uptime, random);
        let opened = opened.await;
        Self::enter(opened, with, Some(Event::RecoveryUnlock), now).await
    }

    /// Locks it at its owner's wish, so that from now on only [`unlock_closed`](Self::unlock_closed) opens it. Needs no PIN, and so is
    /// no stronger than the PIN: who can write the vault's file can take the mark away, and then needs the PIN as before. To take away an
    /// order to hold costs the longest wait as well, and is told.
    ///
    /// # Errors
    /// [`StateFault::NoPin`]: without a PIN it would keep nobody out; [`WalletError::Storage`]; those of the area.
    pub async fn close(&mut self) -> Result<(), WalletError> {
        if !self.needs_pin() {
            return Err(StateFault::NoPin.into());
        }
        let mut outside = self.readable_outside().await?;
        outside.is_closed = true;
        let data = outside.encode();
        Ok(self.vault.set_outside(&*self.area, &*self.random, &data).await?)
    }

    /// Whether its owner locked it by [`close`](Self::close). A damaged record of it closes nothing: the PIN still does.
    ///
    /// # Errors
    /// [`WalletError::Storage`]; those of the area.
    pub async fn is_closed(&mut self) -> Result<bool, WalletError> {
        Ok(self.readable_outside().await?.is_closed)
    }

    /// What it holds by type and issuer, readable without the PIN: what to have issued again when the PIN is forgotten and there is no
    /// recovery code (H-H80).
    ///
    /// # Errors
    /// [`WalletError::Storage`]; those of the area.
    pub async fn held_papers(&mut self) -> Result<Vec<HeldPapers>, WalletError> {
        Ok(self.outside().await?.papers)
    }

    /// What documents of that type are called.
    #[must_use]
    pub fn title(&self, doc_type: &str) -> Label {
        words::title(self.registry.find(doc_type), doc_type)
    }

    /// What orders call this wallet: to be given to the authority when it is named. `None` when none was named.
    ///
    /// # Errors
    /// [`WalletError::Storage`]; those of the area.
    pub async fn order_address(&mut self) -> Result<Option<[u8; 16]>, WalletError> {
        Ok(self.outside().await?.authority.map(|authority| authority.address))
    }

    /// Obeys an order of the authority that the owner named. What is not an order of that authority to this wallet, or is not newer
    /// than the last one, changes nothing.
    ///
    /// # Errors
    /// [`StateFault::OrderRefused`]; those of writing; those of the area.
    pub async fn obey(&mut self, order: &[u8], now: Moment) -> Result<LockOrder, WalletError> {
        let mut outside = self.outside().await?;
        let order = outside.check_order(order)?;
        let (uptime, random) = (now.uptime, &*self.random);
        let access = self.vault.access(&*self.area, uptime, random).await?;
        if order.number <= access.last_order {
            return Err(Error::StaleOrder.into());
        }
        // Before the deed: an order that was obeyed and of which nothing is known is worse than one that is not told because it was not.
        outside.note(&order, now.wall);
        self.vault.set_outside(&*self.area, random, &outside.encode()).await?;
        let deed = match order.action {
            OrderAction::Hold => Order::Hold,
            OrderAction::Release => Order::Release,
            OrderAction::Lock => Order::Count,
        };
        self.vault
            .order(&*self.area, order.number, deed, uptime, random)
            .await?;
        Ok(order)
    }

    /// The outside record; a damaged one says nothing: what is lost with it is made again when the wallet opens.
    async fn readable_outside(&mut self) -> Result<Outside, WalletError> {
        match self.outside().await {
            Err(error) if error.code() == Code::OutsideDamaged => Ok(Outside::default()),
            outside => outside,
        }
    }

    /// The outside record, read as the app's modules keep it.
    pub(crate) async fn outside(&mut self) -> Result<Outside, WalletError> {
        let read = self.vault.outside(&*self.area, &*self.random).await;
        match read? {
            Some(data) => Outside::decode(data.expose()).map_err(|_| Error::OutsideDamaged.into()),
            None => Ok(Outside::default()),
        }
    }
}

impl Wallet {
    /// Locks it, for everybody who shares it: every derived key and everything decrypted is dropped and wiped; the files stay open and
    /// reserved. From then on its methods give [`WalletError::Locked`], also those that wait now: they end, whether the area ever answers or
    /// not. What they had written by then stays, and what they had not was never there.
    ///
    /// # Errors
    /// [`WalletError::Locked`]: it was locked before; [`StateFault::Busy`]: its vault is in the hands of another call, as while the PIN is
    /// changed. It is locked for everybody in this case too, and its keys go when that call ends, which is as soon as its future is polled; the
    /// locked wallet can be had after that, by the same call.
    pub fn lock(&self) -> Result<LockedWallet, WalletError> {
        Ok(LockedWallet {
            vault: self.vault.collect()?,
            area: Arc::clone(&self.area),
            random: Arc::clone(&self.random),
            registry: Arc::clone(&self.registry),
        })
    }

    /// Locks it, and leaves what is locked for [`lock`](Self::lock) to collect.
    pub(crate) fn close(&self) {
        self.vault.close();
    }

    /// Gives nothing from here on; to be followed by locking it.
    pub(crate) fn refuse(&self) {
        self.vault.refuse();
    }

    /// Locks it, and closes its files.
    pub(crate) fn leave(&self) {
        self.vault.leave();
    }

    /// Whether it was [locked](Self::lock).
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.vault.is_locked()
    }
}

/// How long a wait is, in words for a person: rounded up to the next minute or hour.
#[must_use]
pub fn wait_in_words(wait: Duration, lang: idwallet_documents::Lang) -> String {
    use idwallet_documents::Lang;
    let minutes = wait.as_secs().div_ceil(60);
    let hours = minutes.div_ceil(60);
    match (wait.as_secs(), lang) {
        (seconds @ ..=60, Lang::Vi) => format!("{seconds} giây"),
        (1, Lang::En) => "1 second".into(),
        (seconds @ ..=60, Lang::En) => format!("{seconds} seconds"),
        (..=3600, Lang::Vi) => format!("{minutes} phút"),
        (..=3600, Lang::En) => format!("{minutes} minutes"),
        (_, Lang::Vi) => format!("{hours} giờ"),
        (_, Lang::En) => format!("{hours} hours"),
    }
}
