//! A vault before it is open: made, found, looked at, unlocked.

use crate::attempts::{State, left_after};
use crate::door::{self, Door, Layer, new_pin_way, plain_context};
use crate::files::{self, Lock, beside};
use crate::header::{DataKey, Header, Ways};
use crate::manifest::{ROOT, Root};
use crate::outside::Outer;
use crate::seal::{Keys, Place, key_check, to_key};
use crate::{Error, Pin, RecoveryCode, Vault, schema};
use idwallet_crypto::area::{Counters, SecureArea};
use idwallet_crypto::{Argon2Params, Random, Secret, SecretBytes, constant_time_eq};
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A vault that is about to be created: its id and its data key exist, its file does not.
pub struct NewVault {
    vault_id: [u8; 16],
    data_key: SecretBytes,
}

impl NewVault {
    /// Draws the id and the data key.
    ///
    /// # Errors
    /// [`Error::Crypto`] when there is no randomness.
    pub fn generate(random: &dyn Random) -> Result<Self, Error> {
        let mut new = Self {
            vault_id: [0; 16],
            data_key: Secret::new(vec![0; 32]),
        };
        random.fill(&mut new.vault_id)?;
        random.fill(new.data_key.expose_mut())?;
        Ok(new)
    }

    /// The context under which the data key is to be wrapped.
    #[must_use]
    pub fn context(&self) -> Vec<u8> {
        plain_context(&self.vault_id)
    }

    /// The data key, to be wrapped.
    #[must_use]
    pub const fn data_key(&self) -> &SecretBytes {
        &self.data_key
    }

    /// Makes the file, whole or not at all, for its owner alone, and opens it.
    ///
    /// # Errors
    /// [`Error::FileExists`] (nothing is written over); [`Error::InUse`]; those of writing.
    pub fn create(&self, path: &Path, wrapped: &[u8], random: Arc<dyn Random>) -> Result<Vault, Error> {
        let mut header = self.header()?;
        header.wrapped = wrapped.to_vec();
        self.create_file(path, &header, None, random)
    }

    /// The header, without a way to the data key.
    fn header(&self) -> Result<Header, Error> {
        let key = to_key(&self.data_key)?;
        Ok(Header {
            vault_id: self.vault_id,
            wrapped: Vec::new(),
            key_check: key_check(&key, &self.vault_id)?,
            ways: Ways::default(),
        })
    }

    fn create_file(
        &self,
        path: &Path,
        header: &Header,
        outside: Option<(Outer, State)>,
        random: Arc<dyn Random>,
    ) -> Result<Vault, Error> {
        files::create_directory(files::parent(path))?;
        let lock = Lock::take(path)?;
        if path.symlink_metadata().is_ok() {
            return Err(Error::FileExists);
        }
        let data_key = to_key(&self.data_key)?;
        let keys = Keys::new(&data_key, self.vault_id)?;
        let temporary = beside(path, ".new");
        // A creation that was cut short left it; we hold the lock, so nobody is at it.
        for leftover in ["", "-wal", "-journal", "-shm"] {
            let _ = std::fs::remove_file(beside(&temporary, leftover));
        }
        let mut outer = None;
        schema::create(&temporary, |connection| {
            header.write(connection)?;
            if let Some((key, mut state)) = outside {
                key.write_state(connection, &*random, header, &mut state)?;
                outer = Some(Arc::new(key));
            }
            let sealed = keys.seal(&*random, Place::Manifest(ROOT, 0), &Root::new().encode())?;
            connection.execute(
                "INSERT INTO manifest (bucket, version, sealed) VALUES (?, 0, ?)",
                (ROOT, sealed),
            )?;
            Ok(())
        })?;
        files::publish(&temporary, path)?;
        let mut locked = LockedVault::open_under(path, lock)?;
        locked.outer = outer;
        locked.unlock(&data_key, random)
    }

    async fn create_at(
        &self,
        path: &Path,
        area: &dyn SecureArea,
        pin: Option<(&Pin, Argon2Params)>,
        random: Arc<dyn Random>,
    ) -> Result<Vault, Error> {
        if path.symlink_metadata().is_ok() {
            return Err(Error::FileExists);
        }
        let mut header = self.header()?;
        let outside = door::new_outer(area, &*random, &mut header).await?;
        match pin {
            None => header.wrapped = door::wrap(area, &self.context(), &self.data_key).await?,
            Some((pin, cost)) => {
                let way = new_pin_way(&*random, cost)?;
                let layer = Layer::of_pin(pin, &way, &self.vault_id)?;
                let key = to_key(&self.data_key)?;
                header.wrapped = layer.wrap(area, &*random, &key).await?;
                header.ways.pin = Some(way);
            }
        }
        let mut vault = self.create_file(path, &header, Some(outside), random)?;
        // The vault is there; what fails here is done at the next opening.
        let _ = vault.anchor(area).await;
        Ok(vault)
    }
}

/// Creates a vault whose data key `area` wraps.
///
/// # Errors
/// Those of [`NewVault::create`]; [`Error::Area`].
pub async fn create_with_area(path: &Path, area: &dyn SecureArea, random: Arc<dyn Random>) -> Result<Vault, Error> {
    NewVault::generate(&*random)?.create_at(path, area, None, random).await
}

/// Creates a vault that opens with `area` and the PIN: better than setting the PIN later, because no file ever opened without it.
///
/// # Errors
/// As [`create_with_area`].
pub async fn create_with_pin(
    path: &Path,
    area: &dyn SecureArea,
    pin: &Pin,
    random: Arc<dyn Random>,
) -> Result<Vault, Error> {
    NewVault::generate(&*random)?
        .create_at(path, area, Some((pin, Argon2Params::PIN)), random)
        .await
}

/// Opens a vault that has no PIN.
///
/// # Errors
/// Those of [`LockedVault::open`] and [`LockedVault::unlock_with`]; [`Error::PinNeeded`].
pub async fn open_with_area(path: &Path, area: &dyn SecureArea, random: Arc<dyn Random>) -> Result<Vault, Error> {
    let locked = LockedVault::open(path)?;
    if locked.needs_pin() {
        return Err(Error::PinNeeded);
    }
    // Without a PIN nothing waits, so no clock is asked.
    Ok(locked.unlock_with(area, None, Duration::ZERO, random).await?)
}

/// What can be said of a locked vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// Whether it has a PIN.
    pub needs_pin: bool,
    /// Whether it has a recovery code.
    pub has_recovery_code: bool,
    /// How many wrong PINs there were since the last right one.
    pub failures: u32,
    /// How many more there may be until one costs a wait.
    pub left: u32,
    /// How long to wait before the next try, in time that the device is on; zero: no time.
    pub retry_after: Duration,
    /// Whether an order holds it.
    pub held: bool,
    /// The number of the last order; 0: there was none.
    pub last_order: u64,
    /// An older file was put back since the last right PIN, or what counts the tries was removed: they were taken for as many as
    /// could have been.
    pub restored: bool,
    /// What the count of tries holds against.
    pub counters: Counters,
}

/// What an order from afar does to a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Nothing, save that no order with its number or a lower one counts after it: for orders that the caller carries out.
    Count,
    /// Holds it.
    Hold,
    /// Releases it.
    Release,
}

/// What happened at the door of a vault since it was last open. Nothing, for a vault without a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Opening {
    /// How many wrong PINs there were.
    pub failures: u32,
    /// As [`Access::restored`].
    pub restored: bool,
}

/// A vault that did not open, and why.
pub struct Refused {
    /// The vault, still locked.
    pub vault: LockedVault,
    /// Why.
    pub error: Error,
}

impl core::fmt::Debug for Refused {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Refused({:?})", self.error)
    }
}

impl From<Box<Refused>> for Error {
    fn from(refused: Box<Refused>) -> Self {
        refused.error
    }
}

/// A vault whose file is open and whose data key is not known yet.
pub struct LockedVault {
    pub(crate) connection: Connection,
    pub(crate) lock: Lock,
    pub(crate) header: Header,
    pub(crate) outer: Option<Arc<Outer>>,
}

impl core::fmt::Debug for LockedVault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("LockedVault")
    }
}

impl LockedVault {
    /// Opens the file, takes the lock, brings an older schema forward.
    ///
    /// # Errors
    /// [`Error::NoVault`], [`Error::NotAVault`], [`Error::NewerSchema`], [`Error::FileDamaged`], [`Error::Permissions`] (the
    /// file is left as it is in each case), [`Error::InUse`], [`Error::ReadOnly`], [`Error::Io`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        path.symlink_metadata()?;
        Self::open_under(path, Lock::take(path)?)
    }

    fn open_under(path: &Path, lock: Lock) -> Result<Self, Error> {
        let connection = schema::open(path)?;
        let header = Header::read(&connection)?;
        schema::allow_checkpoint(&connection)?;
        Ok(Self {
            connection,
            lock,
            header,
            outer: None,
        })
    }

    /// Whether the vault has a PIN.
    #[must_use]
    pub const fn needs_pin(&self) -> bool {
        self.header.ways.pin.is_some()
    }

    /// The wrapped data key of a vault without a PIN, for [`SecureArea::unwrap`].
    #[must_use]
    pub fn wrapped_key(&self) -> &[u8] {
        &self.header.wrapped
    }

    /// The context under which it was wrapped.
    #[must_use]
    pub fn context(&self) -> Vec<u8> {
        plain_context(&self.header.vault_id)
    }

    /// Unlocks with the data key. A damaged manifest does not stop it: see [`Vault::manifest_holds`].
    ///
    /// # Errors
    /// [`Error::WrongKey`]; [`Error::Io`].
    pub fn unlock(self, data_key: &DataKey, random: Arc<dyn Random>) -> Result<Vault, Error> {
        Ok(self.finish(data_key, random)?)
    }

    fn finish(self, data_key: &DataKey, random: Arc<dyn Random>) -> Result<Vault, Box<Refused>> {
        let keys = match self.keys(data_key) {
            Ok(keys) => keys,
            Err(error) => return Err(Box::new(Refused { vault: self, error })),
        };
        let vault = Vault::new(self, keys, random);
        match vault.root() {
            Ok(_) | Err(Error::ManifestDamaged) => Ok(vault),
            Err(error) => Err(Box::new(Refused {
                vault: vault.lock(),
                error,
            })),
        }
    }

    fn keys(&self, data_key: &DataKey) -> Result<Keys, Error> {
        let check = key_check(data_key, &self.header.vault_id)?;
        if !constant_time_eq(&check, &self.header.key_check) {
            return Err(Error::WrongKey);
        }
        Keys::new(data_key, self.header.vault_id)
    }

    fn door<'a>(&'a mut self, area: &'a dyn SecureArea, random: &'a dyn Random, uptime: Duration) -> Door<'a> {
        Door {
            connection: &mut self.connection,
            header: &mut self.header,
            outer: &mut self.outer,
            area,
            random,
            uptime,
        }
    }

    /// What can be said before the PIN. Looking takes from a wait what has passed for certain: with `uptime`, the time since the device
    /// was started, in this start or since it.
    ///
    /// # Errors
    /// [`Error::WrongKey`] when this is not the vault's area; [`Error::Area`]; those of writing.
    pub async fn access(
        &mut self,
        area: &dyn SecureArea,
        uptime: Duration,
        random: &dyn Random,
    ) -> Result<Access, Error> {
        let state = match self.door(area, random, uptime).look().await {
            Ok((_, state)) => state,
            Err(Error::NotPrepared) => State::new(crate::attempts::Count::None),
            Err(error) => return Err(error),
        };
        let counters = match self.header.ways.counter.as_slice() {
            [] => Counters::None,
            _ => area.capabilities().await?.counters,
        };
        let needs_pin = self.needs_pin();
        Ok(Access {
            needs_pin,
            has_recovery_code: !self.header.ways.recovery.is_empty(),
            failures: if needs_pin { state.failures } else { 0 },
            left: left_after(if needs_pin { state.failures } else { 0 }),
            retry_after: if needs_pin { state.remaining } else { Duration::ZERO },
            held: state.held,
            last_order: state.order,
            restored: needs_pin && state.restored,
            counters,
        })
    }

    /// Unlocks with the area, and the PIN if the vault has one. A try counts before it is made, durably, so that neither a kill nor
    /// dropping this future takes it back; only a try that the area did not make (nobody authenticated, the hardware is not there)
    /// is taken off again.
    ///
    /// # Errors
    /// [`Refused`] with the vault, and [`Error::PinNeeded`]; [`Error::WrongPin`]; [`Error::Locked`]; [`Error::Held`];
    /// [`Error::WrongKey`] when this is not the vault's area; [`Error::Area`]; those of writing.
    pub async fn unlock_with(
        mut self,
        area: &dyn SecureArea,
        pin: Option<&Pin>,
        uptime: Duration,
        random: Arc<dyn Random>,
    ) -> Result<Vault, Box<Refused>> {
        let opened = {
            let mut door = self.door(area, &*random, uptime);
            let opened = door.data_key(pin).await;
            if opened.is_ok() && pin.is_none() {
                // A vault of schema 1 gets its outer key; that this fails does not keep it shut.
                let _ = door.prepare().await;
            }
            opened
        };
        match opened {
            Ok((key, before)) => self.enter(area, &key, before, random).await,
            Err(error) => Err(Box::new(Refused { vault: self, error })),
        }
    }

    /// Unlocks with the recovery code in the place of a forgotten PIN, and sets a new PIN. No wait keeps the code out: it cannot be
    /// guessed. The code stays good.
    ///
    /// # Errors
    /// [`Refused`] with the vault, and [`Error::NoRecoveryCode`]; [`Error::WrongRecoveryCode`]; [`Error::Held`]; otherwise as
    /// [`unlock_with`](Self::unlock_with).
    pub async fn unlock_with_recovery_code(
        mut self,
        area: &dyn SecureArea,
        code: &RecoveryCode,
        new_pin: &Pin,
        uptime: Duration,
        random: Arc<dyn Random>,
    ) -> Result<Vault, Box<Refused>> {
        let mut door = self.door(area, &*random, uptime);
        let opened = match door.data_key_by_code(code).await {
            Ok((key, before)) => match door.set_pin(&key, new_pin, Argon2Params::PIN).await {
                Ok(()) => Ok((key, before)),
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        match opened {
            Ok((key, before)) => self.enter(area, &key, Some(before), random).await,
            Err(error) => Err(Box::new(Refused { vault: self, error })),
        }
    }

    async fn enter(
        self,
        area: &dyn SecureArea,
        key: &DataKey,
        before: Option<State>,
        random: Arc<dyn Random>,
    ) -> Result<Vault, Box<Refused>> {
        let mut vault = self.finish(key, random)?;
        if let Some(before) = before {
            vault.opening = Opening {
                failures: before.failures,
                restored: before.restored,
            };
        }
        match vault.look_at_anchor(area).await {
            Ok(()) => Ok(vault),
            Err(error) => Err(Box::new(Refused {
                vault: vault.lock(),
                error,
            })),
        }
    }

    /// The record that is readable without the PIN; see [`Transaction::set_outside`](crate::Transaction::set_outside).
    ///
    /// # Errors
    /// [`Error::OutsideDamaged`]; [`Error::WrongKey`] when this is not the vault's area; [`Error::Area`]; [`Error::Io`].
    pub async fn outside(&mut self, area: &dyn SecureArea, random: &dyn Random) -> Result<Option<SecretBytes>, Error> {
        match self.door(area, random, Duration::ZERO).outer().await {
            Ok(outer) => outer.record(&self.connection),
            Err(Error::NotPrepared) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes that record, without the PIN.
    ///
    /// # Errors
    /// [`Error::NotPrepared`] when a vault of schema 1 was not opened since its migration; [`Error::TooLarge`]; as
    /// [`outside`](Self::outside); those of writing.
    pub async fn set_outside(&mut self, area: &dyn SecureArea, random: &dyn Random, data: &[u8]) -> Result<(), Error> {
        let outer = self.door(area, random, Duration::ZERO).outer().await?;
        outer.write_record(&self.connection, random, data)
    }

    /// Obeys an order, whose number must be above that of the last one. A vault that an order holds does not open, not even with the
    /// right PIN, until another one releases it. The caller has checked who gave it.
    ///
    /// # Errors
    /// [`Error::StaleOrder`]; [`Error::WrongKey`] when this is not the vault's area; [`Error::Area`]; those of writing.
    pub async fn order(
        &mut self,
        area: &dyn SecureArea,
        number: u64,
        order: Order,
        uptime: Duration,
        random: &dyn Random,
    ) -> Result<(), Error> {
        self.door(area, random, uptime).order(number, order).await
    }
}
