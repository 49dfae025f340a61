//! The header: what is known of a vault before it is unlocked.

use crate::Error;
use crate::manifest::take;
use idwallet_crypto::{Argon2Params, Secret, sha256};
use rusqlite::Connection;

/// The key from which all others of a vault are derived.
pub type DataKey = Secret<[u8; 32]>;

/// What [`Ways`] begin with. Format 1 had no [`Ways::outer_check`].
const FORMAT: u8 = 2;
const MALFORMED: Error = Error::FileDamaged("the header's ways to the key");

/// How a PIN enters the way to the data key.
#[derive(Clone)]
pub(crate) struct PinWay {
    pub(crate) salt: [u8; 16],
    pub(crate) params: Argon2Params,
}

/// The ways to the data key beside the secure area alone, and what goes with them.
#[derive(Clone, Default)]
pub(crate) struct Ways {
    /// Present: [`Header::wrapped`] is wrapped under a PIN.
    pub(crate) pin: Option<PinWay>,
    /// The data key wrapped under the recovery code; empty: there is none.
    pub(crate) recovery: Vec<u8>,
    /// The outer key, wrapped by the secure area alone; empty: there is none.
    pub(crate) outer: Vec<u8>,
    /// What tells the right outer key from another one. `None`: written by software that did not note it, or there is no outer key.
    pub(crate) outer_check: Option<[u8; 32]>,
    /// The area's name of the counter of tries; empty: the area has no counters.
    pub(crate) counter: Vec<u8>,
}

impl Ways {
    /// `2 ‖ PIN? (salt ‖ memory ‖ passes ‖ lanes) ‖ recovery ‖ outer ‖ counter ‖ outer check`, the three before the last behind their
    /// lengths; nothing for a vault that has none of it.
    fn encode(&self) -> Vec<u8> {
        if self.outer.is_empty() {
            return Vec::new();
        }
        let format = if self.outer_check.is_some() { FORMAT } else { 1 };
        let mut out = vec![format, u8::from(self.pin.is_some())];
        if let Some(pin) = &self.pin {
            out.extend_from_slice(&pin.salt);
            for number in [pin.params.memory_kib(), pin.params.passes(), pin.params.lanes()] {
                out.extend_from_slice(&number.to_be_bytes());
            }
        }
        for bytes in [&self.recovery, &self.outer, &self.counter] {
            out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
            out.extend_from_slice(bytes);
        }
        out.extend(self.outer_check.iter().flatten());
        out
    }

    fn decode(mut bytes: &[u8]) -> Result<Self, Error> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let read = |bytes: &mut &[u8]| -> Result<Vec<u8>, Error> {
            let len = u32::from_be_bytes(take(bytes).map_err(|_| MALFORMED)?);
            let len = usize::try_from(len).map_err(|_| MALFORMED)?;
            let (value, rest) = bytes.split_at_checked(len).ok_or(MALFORMED)?;
            *bytes = rest;
            Ok(value.to_vec())
        };
        let [format, has_pin] = take(&mut bytes).map_err(|_| MALFORMED)?;
        let pin = match (format, has_pin) {
            (1..=FORMAT, 0) => None,
            (1..=FORMAT, 1) => {
                let salt = take(&mut bytes).map_err(|_| MALFORMED)?;
                let mut number = || take(&mut bytes).map(u32::from_be_bytes).map_err(|_| MALFORMED);
                let params = Argon2Params::new(number()?, number()?, number()?).map_err(|_| MALFORMED)?;
                Some(PinWay { salt, params })
            }
            _ => return Err(MALFORMED),
        };
        let mut out = Self {
            pin,
            recovery: read(&mut bytes)?,
            outer: read(&mut bytes)?,
            counter: read(&mut bytes)?,
            outer_check: None,
        };
        if format == FORMAT {
            out.outer_check = Some(take(&mut bytes).map_err(|_| MALFORMED)?);
        }
        if bytes.is_empty() && !out.outer.is_empty() {
            Ok(out)
        } else {
            Err(MALFORMED)
        }
    }
}

#[derive(Clone)]
pub(crate) struct Header {
    pub(crate) vault_id: [u8; 16],
    pub(crate) wrapped: Vec<u8>,
    pub(crate) key_check: [u8; 32],
    pub(crate) ways: Ways,
}

impl Header {
    /// What the state of the lock knows this header by.
    pub(crate) fn digest(&self) -> [u8; 32] {
        self.checksum(&self.ways.encode())
    }

    fn checksum(&self, ways: &[u8]) -> [u8; 32] {
        // Without ways it is the header of schema 1, whose copies a migration leaves as they are.
        let mut all = match ways {
            [] => b"idwallet vault header 1".to_vec(),
            _ => b"idwallet vault header 2".to_vec(),
        };
        all.extend_from_slice(&self.vault_id);
        all.extend_from_slice(&self.key_check);
        if !ways.is_empty() {
            all.extend_from_slice(&u32::try_from(ways.len()).unwrap_or(u32::MAX).to_be_bytes());
            all.extend_from_slice(ways);
        }
        all.extend_from_slice(&self.wrapped);
        sha256(&all)
    }

    pub(crate) fn write(&self, connection: &Connection) -> Result<(), Error> {
        let sql = "INSERT OR REPLACE INTO header (copy, vault_id, wrapped, key_check, ways, checksum) VALUES (?, ?, ?, ?, ?, ?)";
        let ways = self.ways.encode();
        let checksum = self.checksum(&ways);
        for copy in [1, 2] {
            let row = (copy, &self.vault_id, &self.wrapped, &self.key_check, &ways, &checksum);
            connection.execute(sql, row)?;
        }
        Ok(())
    }

    /// The first copy whose checksum holds.
    pub(crate) fn read(connection: &Connection) -> Result<Self, Error> {
        let mut query =
            connection.prepare("SELECT vault_id, wrapped, key_check, ways, checksum FROM header ORDER BY copy")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let read = || -> rusqlite::Result<(Self, Vec<u8>, [u8; 32])> {
                let header = Self {
                    vault_id: row.get(0)?,
                    wrapped: row.get(1)?,
                    key_check: row.get(2)?,
                    ways: Ways::default(),
                };
                Ok((header, row.get(3)?, row.get(4)?))
            };
            if let Ok((mut header, ways, checksum)) = read()
                && header.checksum(&ways) == checksum
                && let Ok(ways) = Ways::decode(&ways)
            {
                header.ways = ways;
                return Ok(header);
            }
        }
        Err(Error::FileDamaged("both copies of the header are damaged"))
    }
}
