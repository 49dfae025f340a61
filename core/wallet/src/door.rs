//! What an open wallet does about its own door: PIN, recovery code, who may lock it from afar, and the record outside (H-H50).

use crate::lock::outside_of;
use crate::outside::Outside;
use crate::record::{DOCUMENT, DocumentRecord};
use crate::wallet::{builtin, protection};
use crate::{LockOrder, VAULT_FILE, Wallet, WalletError};
use idwallet_crypto::area::SecureArea;
use idwallet_crypto::{Moment, PublicKey, Random};
use idwallet_storage::{Error, Opening, Pin, RecoveryCode, Rollback, create_with_pin};
use std::path::Path;
use std::sync::Arc;

impl Wallet {
    /// Makes a wallet that opens with a PIN. As [`create`](Self::create), and no file ever opened without it.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn create_with_pin(
        dir: &Path,
        area: Arc<dyn SecureArea>,
        pin: &Pin,
        random: Arc<dyn Random>,
    ) -> Result<Self, WalletError> {
        let registry = builtin()?;
        let protection = protection(&*area).await?;
        let vault = create_with_pin(&dir.join(VAULT_FILE), &*area, pin, Arc::clone(&random)).await?;
        let mut wallet = Self::of(vault, area, random, registry, protection);
        wallet.anchor().await;
        Ok(wallet)
    }

    /// Whether it has a PIN.
    #[must_use]
    pub const fn has_pin(&self) -> bool {
        self.vault.has_pin()
    }

    /// Whether it has a recovery code.
    #[must_use]
    pub const fn has_recovery_code(&self) -> bool {
        self.vault.has_recovery_code()
    }

    /// What happened at the door since it was last open: wrong PINs, files put back.
    #[must_use]
    pub const fn opening(&self) -> Opening {
        self.vault.opening()
    }

    /// Whether the vault's file is the one last written, or an older one that was put back.
    #[must_use]
    pub const fn rollback(&self) -> Rollback {
        self.vault.rollback()
    }

    /// Goes on with a file that was put back, after the owner was told of it.
    ///
    /// # Errors
    /// [`WalletError::Storage`]; those of the area.
    pub async fn accept_rollback(&mut self) -> Result<Rollback, WalletError> {
        Ok(self.vault.accept_rollback(&*self.area).await?)
    }

    /// Raises the area's counter past every file from before this opening. What fails now is made up for by the next one: the file may
    /// be one step ahead.
    pub(crate) async fn anchor(&mut self) {
        let _ = self.vault.anchor_session(&*self.area).await;
    }

    /// Puts a PIN before the wallet.
    ///
    /// # Errors
    /// [`StateFault::PinExists`](crate::StateFault::PinExists); those of the area; [`WalletError::Storage`].
    pub async fn set_pin(&mut self, pin: &Pin, now: Moment) -> Result<(), WalletError> {
        self.recount_papers()?;
        Ok(self.vault.set_pin(&*self.area, pin, now.uptime).await?)
    }

    /// Puts another PIN in its place. The old one is checked, and counted, as in unlocking.
    ///
    /// # Errors
    /// [`WalletError::Locked`]; [`StateFault::NoPin`](crate::StateFault::NoPin); those of the area; [`WalletError::Storage`].
    pub async fn change_pin(&mut self, old: &Pin, new: &Pin, now: Moment) -> Result<(), WalletError> {
        Ok(self.vault.change_pin(&*self.area, old, new, now.uptime).await?)
    }

    /// Takes the PIN away, and the recovery code with it.
    ///
    /// # Errors
    /// As [`change_pin`](Self::change_pin).
    pub async fn remove_pin(&mut self, pin: &Pin, now: Moment) -> Result<(), WalletError> {
        Ok(self.vault.remove_pin(&*self.area, pin, now.uptime).await?)
    }

    /// Draws a recovery code for the day the PIN is forgotten. It is shown once, for the owner to write down; an earlier one is worth
    /// nothing from then on. Without one, a forgotten PIN costs the documents: they are to be issued again.
    ///
    /// # Errors
    /// As [`change_pin`](Self::change_pin).
    pub async fn set_recovery_code(&mut self, pin: &Pin, now: Moment) -> Result<RecoveryCode, WalletError> {
        Ok(self.vault.set_recovery_code(&*self.area, pin, now.uptime).await?)
    }

    /// Makes the recovery code worth nothing.
    ///
    /// # Errors
    /// [`StateFault::NoRecoveryCode`](crate::StateFault::NoRecoveryCode); [`WalletError::Storage`].
    pub fn remove_recovery_code(&mut self) -> Result<(), WalletError> {
        Ok(self.vault.remove_recovery_code()?)
    }

    /// Names who may lock, hold and release this wallet from afar, and gives what their orders are to call it; `None` names nobody.
    /// An authority is named by its key alone: whoever asks for that key to be kept vouches for whose it is.
    ///
    /// # Errors
    /// [`WalletError::Storage`].
    pub fn name_authority(&mut self, authority: Option<PublicKey>) -> Result<Option<[u8; 16]>, WalletError> {
        let mut outside = self.outside()?;
        outside.address = match authority {
            Some(_) => {
                let mut address = [0; 16];
                self.random.fill(&mut address)?;
                Some(address)
            }
            None => None,
        };
        outside.authority = authority;
        self.write_outside(&outside)?;
        Ok(outside.address)
    }

    /// Whether this is an order to obey: [`WalletSession::obey`](crate::WalletSession::obey) does.
    pub(crate) fn check_order(&self, order: &[u8]) -> Result<LockOrder, WalletError> {
        self.outside()?.check_order(order)
    }

    pub(crate) fn outside(&self) -> Result<Outside, WalletError> {
        let data = self.vault.outside()?;
        outside_of(data.as_ref().map(|data| data.expose().as_slice()))
    }

    /// Counts anew what the outside record says of the documents: after many changed at once.
    pub(crate) fn recount_papers(&mut self) -> Result<(), WalletError> {
        let mut outside = self.outside()?;
        outside.papers.clear();
        for entry in self.vault.list(DOCUMENT)? {
            let record = entry.record.ok();
            if let Some(record) = record.and_then(|r| DocumentRecord::decode(r.data().expose()).ok()) {
                outside.add(&record.doc_type, &record.issuer);
            }
        }
        match self.write_outside(&outside) {
            // A vault of an older schema that was not prepared yet.
            Err(WalletError::Storage(fault)) if matches!(fault.cause(), Error::NotPrepared) => Ok(()),
            written => written,
        }
    }

    pub(crate) fn write_outside(&mut self, outside: &Outside) -> Result<(), WalletError> {
        let data = outside.encode();
        Ok(self.vault.transaction(|tx| tx.set_outside(&data))?)
    }
}
