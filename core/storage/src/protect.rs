//! What an open vault's owner may change about the way in.

use crate::door::Door;
use crate::{Error, Pin, RecoveryCode, Vault, schema};
use idwallet_crypto::area::SecureArea;
use idwallet_crypto::{Argon2Params, SecretBytes};
use std::time::Duration;

/// Each of these may be dropped at any await: either the old way in holds, or the new one; a try that was counted stays counted.
impl Vault {
    fn door<'a>(&'a mut self, area: &'a dyn SecureArea, uptime: Duration) -> Door<'a> {
        Door {
            connection: &mut self.connection,
            header: &mut self.header,
            outer: &mut self.outer,
            area,
            random: &*self.random,
            uptime,
        }
    }

    /// Whether the vault has a PIN.
    #[must_use]
    pub const fn has_pin(&self) -> bool {
        self.header.ways.pin.is_some()
    }

    /// Whether the vault has a recovery code.
    #[must_use]
    pub const fn has_recovery_code(&self) -> bool {
        !self.header.ways.recovery.is_empty()
    }

    /// Puts a PIN before the vault. The copies that migrations kept beside the file go, because they open without it.
    ///
    /// Whoever copied the file before, and has the device, can still open that copy.
    ///
    /// # Errors
    /// [`Error::PinExists`]; [`Error::Area`]; those of writing.
    pub async fn set_pin(&mut self, area: &dyn SecureArea, pin: &Pin, uptime: Duration) -> Result<(), Error> {
        self.set_pin_at(area, pin, uptime, Argon2Params::PIN).await
    }

    pub(crate) async fn set_pin_at(
        &mut self,
        area: &dyn SecureArea,
        pin: &Pin,
        uptime: Duration,
        cost: Argon2Params,
    ) -> Result<(), Error> {
        if self.has_pin() {
            return Err(Error::PinExists);
        }
        let mut door = self.door(area, uptime);
        let (key, _) = door.data_key(None).await?;
        door.set_pin(&key, pin, cost).await?;
        self.forget_old_ways()
    }

    /// Puts another PIN in the place of this one, which is checked, and counted, as in unlocking.
    ///
    /// # Errors
    /// [`Error::NoPin`]; [`Error::WrongPin`], [`Error::Locked`]; [`Error::Area`]; those of writing.
    pub async fn change_pin(
        &mut self,
        area: &dyn SecureArea,
        old: &Pin,
        new: &Pin,
        uptime: Duration,
    ) -> Result<(), Error> {
        if !self.has_pin() {
            return Err(Error::NoPin);
        }
        let mut door = self.door(area, uptime);
        let (key, _) = door.data_key(Some(old)).await?;
        door.set_pin(&key, new, Argon2Params::PIN).await?;
        self.forget_old_ways()
    }

    /// Takes the PIN away, and the recovery code with it.
    ///
    /// # Errors
    /// As [`change_pin`](Self::change_pin).
    pub async fn remove_pin(&mut self, area: &dyn SecureArea, pin: &Pin, uptime: Duration) -> Result<(), Error> {
        if !self.has_pin() {
            return Err(Error::NoPin);
        }
        let mut door = self.door(area, uptime);
        let (key, _) = door.data_key(Some(pin)).await?;
        door.remove_pin(&key).await?;
        self.forget_old_ways()
    }

    /// Draws a recovery code, which opens the vault on this device when the PIN was forgotten. An earlier code is worth nothing from
    /// then on. It is the owner's to write down: it is not kept, and cannot be shown again.
    ///
    /// # Errors
    /// As [`change_pin`](Self::change_pin).
    pub async fn set_recovery_code(
        &mut self,
        area: &dyn SecureArea,
        pin: &Pin,
        uptime: Duration,
    ) -> Result<RecoveryCode, Error> {
        if !self.has_pin() {
            return Err(Error::NoPin);
        }
        let mut door = self.door(area, uptime);
        let (key, _) = door.data_key(Some(pin)).await?;
        let code = door.set_recovery_code(&key).await?;
        self.forget_old_ways()?;
        Ok(code)
    }

    /// Makes the recovery code worth nothing.
    ///
    /// # Errors
    /// [`Error::NoRecoveryCode`]; [`Error::Area`]; those of writing.
    pub async fn remove_recovery_code(&mut self, area: &dyn SecureArea, uptime: Duration) -> Result<(), Error> {
        if !self.has_recovery_code() {
            return Err(Error::NoRecoveryCode);
        }
        self.door(area, uptime).remove_recovery_code().await?;
        self.forget_old_ways()
    }

    /// The number of the last order that was obeyed; 0: there was none.
    ///
    /// # Errors
    /// [`Error::Area`]; those of writing.
    pub async fn last_order(&mut self, area: &dyn SecureArea, uptime: Duration) -> Result<u64, Error> {
        match self.door(area, uptime).look().await {
            Ok((_, state)) => Ok(state.order),
            Err(Error::NotPrepared) => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// The record that is readable without the PIN; see [`Transaction::set_outside`](crate::Transaction::set_outside).
    ///
    /// # Errors
    /// [`Error::OutsideDamaged`]; [`Error::Io`].
    pub fn outside(&self) -> Result<Option<SecretBytes>, Error> {
        match &self.outer {
            Some(outer) => outer.record(&self.connection),
            None => Ok(None),
        }
    }

    /// An old header in the log, or in a copy from before a migration, would still be a way in.
    fn forget_old_ways(&mut self) -> Result<(), Error> {
        schema::checkpoint(&self.connection)?;
        if self.has_pin() {
            schema::remove_copies(self.lock.vault())?;
        }
        Ok(())
    }
}
