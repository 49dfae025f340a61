//! What is read and written while the vault is locked, sealed under the outer key: the state of the lock, and one record.
//!
//! The secure area gives the outer key without the PIN. So it keeps these from who has the file, not from who has the device as well.

use crate::Error;
use crate::attempts::State;
use crate::seal::{self, derive};
use idwallet_crypto::{AeadKey, Random, SecretBytes, sha256};
use rusqlite::{Connection, OptionalExtension as _};

/// The record that is readable without the PIN may have so many bytes.
pub const MAX_OUTSIDE_LEN: usize = 1024 * 1024;

/// The two rows of the lock's state.
const STATE: [u8; 2] = [1, 2];
/// The row of the record.
const RECORD: u8 = 3;

/// The key that the area gives without the PIN.
pub(crate) struct Outer {
    key: AeadKey,
    vault_id: [u8; 16],
}

impl Outer {
    pub(crate) fn new(outer_key: &SecretBytes, vault_id: [u8; 16]) -> Result<Self, Error> {
        let key = derive(outer_key.expose(), &vault_id, b"idwallet vault 2 outside")?;
        Ok(Self {
            key: AeadKey::aes_256_gcm(&key),
            vault_id,
        })
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
        let mut query = connection.prepare_cached("SELECT sealed FROM outside WHERE item = ?")?;
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

    /// The newer of the two copies that opens.
    pub(crate) fn state(&self, connection: &Connection, counter: &[u8]) -> Result<Option<State>, Error> {
        let mut newest: Option<State> = None;
        for item in STATE {
            let Some(Ok(plain)) = self.read(connection, item, counter)? else {
                continue;
            };
            if let Some(state) = State::decode(plain.expose())
                && newest.as_ref().is_none_or(|other| other.sequence < state.sequence)
            {
                newest = Some(state);
            }
        }
        Ok(newest)
    }

    /// Writes both copies; the caller commits.
    pub(crate) fn write_state(
        &self,
        connection: &Connection,
        random: &dyn Random,
        counter: &[u8],
        state: &mut State,
    ) -> Result<(), Error> {
        state.sequence = state.sequence.saturating_add(1);
        let plain = state.encode();
        for item in STATE {
            self.write(connection, random, item, counter, &plain)?;
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
