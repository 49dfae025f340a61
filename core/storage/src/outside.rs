//! What is read and written while the vault is locked, sealed under the outer key: the state of the lock, and one record.
//!
//! The secure area gives the outer key without the PIN. So it keeps these from who has the file, not from who has the device as well.

use crate::Error;
use crate::attempts::State;
use crate::header::Header;
use crate::seal::{self, derive, to_key};
use idwallet_crypto::{AeadKey, Random, SecretBytes, constant_time_eq, sha256};
use rusqlite::{Connection, OptionalExtension as _};

/// The record that is readable without the PIN may have so many bytes.
pub const MAX_OUTSIDE_LEN: usize = 1024 * 1024;

/// The two rows of the lock's state.
const STATE: [u8; 2] = [1, 2];
/// The row of the record.
const RECORD: u8 = 3;
/// A row by its number, whatever became of the column that is named after it. Each row is looked at: in a search, one number that is damaged
/// hides the others as well.
const ROW: &str = "SELECT sealed FROM outside WHERE +rowid = ?";

/// The state of the lock, as far as the file has it.
pub(crate) enum Found {
    /// The newer of the copies that open.
    State(State),
    /// There are copies, and none opens under this key and this counter.
    Lost,
    /// There is none.
    Nothing,
}

impl Found {
    pub(crate) fn state(self) -> Option<State> {
        match self {
            Self::State(state) => Some(state),
            Self::Lost | Self::Nothing => None,
        }
    }
}

/// The key that the area gives without the PIN.
pub(crate) struct Outer {
    key: AeadKey,
    vault_id: [u8; 16],
    /// What the header knows the key by.
    pub(crate) check: [u8; 32],
}

impl Outer {
    pub(crate) fn new(outer_key: &SecretBytes, vault_id: [u8; 16]) -> Result<Self, Error> {
        let outer_key = to_key(outer_key)?;
        let key = derive(outer_key.expose(), &vault_id, b"idwallet vault 2 outside")?;
        Ok(Self {
            key: AeadKey::aes_256_gcm(&key),
            vault_id,
            check: *derive(outer_key.expose(), &vault_id, b"idwallet vault 2 outer check")?.expose(),
        })
    }

    /// Whether this is the key that the vault was written with, as far as the file tells. It must be known before anything is
    /// written: a wrong key, which a faulty area may give once, opens no state, like a state that somebody damaged.
    pub(crate) fn is_right(&self, connection: &Connection, header: &Header) -> Result<bool, Error> {
        if let Some(check) = &header.ways.outer_check {
            return Ok(constant_time_eq(&self.check, check));
        }
        match self.state(connection, header) {
            Ok(Found::Lost) => Ok(!matches!(self.read(connection, RECORD, &[])?, Some(Err(())))),
            // It opens, even if it does not belong to this header.
            Ok(_) | Err(Error::FileDamaged(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Vault, item, counter. The counter: so that a state cannot be moved under another one.
    fn associated_data(&self, item: u8, counter: &[u8]) -> Vec<u8> {
        [
            b"idwallet vault 2 outside".as_slice(),
            &self.vault_id,
            &[item],
            &sha256(counter),
        ]
        .concat()
    }

    fn read(
        &self,
        connection: &Connection,
        item: u8,
        counter: &[u8],
    ) -> Result<Option<Result<SecretBytes, ()>>, Error> {
        let mut query = connection.prepare_cached(ROW)?;
        let sealed: Option<Vec<u8>> = match query.query_row([item], |row| row.get(0)).optional() {
            Ok(sealed) => sealed,
            Err(error) => match Error::from(error) {
                Error::FileDamaged(_) => return Ok(Some(Err(()))),
                error => return Err(error),
            },
        };
        let associated = self.associated_data(item, counter);
        Ok(sealed.map(|sealed| seal::open(&self.key, &associated, &sealed).map_err(|_| ())))
    }

    fn write(
        &self,
        connection: &Connection,
        random: &dyn Random,
        item: u8,
        counter: &[u8],
        data: &[u8],
    ) -> Result<(), Error> {
        let sealed = seal::seal(&self.key, random, &self.associated_data(item, counter), data)?;
        connection
            .prepare_cached("INSERT OR REPLACE INTO outside (item, sealed) VALUES (?, ?)")?
            .execute((item, sealed))?;
        Ok(())
    }

    /// Whether there is a state, whatever is in it.
    pub(crate) fn has_state(connection: &Connection) -> Result<bool, Error> {
        let mut query = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM outside WHERE item IN (?, ?))")?;
        Ok(query.query_row(STATE, |row| row.get(0))?)
    }

    /// What the file says of the state.
    pub(crate) fn state(&self, connection: &Connection, header: &Header) -> Result<Found, Error> {
        let (mut newest, mut is_there): (Option<State>, bool) = (None, false);
        for item in STATE {
            let Some(read) = self.read(connection, item, &header.ways.counter)? else {
                continue;
            };
            is_there = true;
            if let Ok(plain) = read
                && let Some(state) = State::decode(plain.expose())
                && newest.as_ref().is_none_or(|other| other.sequence < state.sequence)
            {
                newest = Some(state);
            }
        }
        match newest {
            Some(state) if state.header.is_some_and(|known| known != header.digest()) => Err(Error::FileDamaged(
                "the header is not the one that the state of the lock was written beside",
            )),
            Some(state) => Ok(Found::State(state)),
            None if is_there => Ok(Found::Lost),
            None => Ok(Found::Nothing),
        }
    }

    /// Writes both copies, bound to the header that they lie beside; the caller commits.
    pub(crate) fn write_state(
        &self,
        connection: &Connection,
        random: &dyn Random,
        header: &Header,
        state: &mut State,
    ) -> Result<(), Error> {
        state.sequence = state.sequence.saturating_add(1);
        state.header = Some(header.digest());
        let plain = state.encode();
        for item in STATE {
            self.write(connection, random, item, &header.ways.counter, &plain)?;
        }
        Ok(())
    }

    /// The record.
    pub(crate) fn record(&self, connection: &Connection) -> Result<Option<SecretBytes>, Error> {
        match self.read(connection, RECORD, &[])? {
            None => Ok(None),
            Some(Ok(plain)) => Ok(Some(plain)),
            Some(Err(())) => Err(Error::OutsideDamaged),
        }
    }

    pub(crate) fn write_record(&self, connection: &Connection, random: &dyn Random, data: &[u8]) -> Result<(), Error> {
        if data.len() > MAX_OUTSIDE_LEN {
            return Err(Error::TooLarge {
                what: "record outside",
                size: data.len(),
                limit: MAX_OUTSIDE_LEN,
            });
        }
        self.write(connection, random, RECORD, &[], data)
    }
}
