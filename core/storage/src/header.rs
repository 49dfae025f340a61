//! The header: what is known of a vault before it is unlocked.

use crate::Error;
use idwallet_crypto::{Secret, sha256};
use rusqlite::Connection;

/// The key from which all others of a vault are derived.
pub type DataKey = Secret<[u8; 32]>;

pub(crate) struct Header {
    pub(crate) vault_id: [u8; 16],
    pub(crate) wrapped: Vec<u8>,
    pub(crate) key_check: [u8; 32],
}

impl Header {
    fn checksum(&self) -> Vec<u8> {
        let mut all = b"idwallet vault header 1".to_vec();
        all.extend_from_slice(&self.vault_id);
        all.extend_from_slice(&self.key_check);
        all.extend_from_slice(&self.wrapped);
        sha256(&all).to_vec()
    }

    pub(crate) fn write(&self, connection: &Connection) -> Result<(), Error> {
        let sql = "INSERT OR REPLACE INTO header (copy, vault_id, wrapped, key_check, checksum) VALUES (?, ?, ?, ?, ?)";
        for copy in [1, 2] {
            let row = (copy, &self.vault_id, &self.wrapped, &self.key_check, self.checksum());
            connection.execute(sql, row)?;
        }
        Ok(())
    }

    /// The first copy whose checksum holds.
    pub(crate) fn read(connection: &Connection) -> Result<Self, Error> {
        let mut query =
            connection.prepare("SELECT vault_id, wrapped, key_check, checksum FROM header ORDER BY copy")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let read = || -> rusqlite::Result<(Self, Vec<u8>)> {
                let header = Self {
                    vault_id: row.get(0)?,
                    wrapped: row.get(1)?,
                    key_check: row.get(2)?,
                };
                Ok((header, row.get(3)?))
            };
            if let Ok((header, checksum)) = read()
                && header.checksum() == checksum
            {
                return Ok(header);
            }
        }
        Err(Error::FileDamaged("both copies of the header are damaged"))
    }
}
