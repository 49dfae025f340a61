//! The way in: from the secure area, and the PIN or the recovery code, to the data key; and the count of who tried.
//!
//! ```text
//! PIN ── Argon2id ──┬─ HKDF ─ inner key:   AEAD around the data key
//!                   └─ HKDF ─ context tag: what the area compares before it unwraps the rest
//! ```
//!
//! Order of a try, so that a kill at any moment leaves it counted: the area's counter, the state in the file, then the PIN.

use crate::attempts::{Count, State, UNKNOWN, left_after};
use crate::header::{DataKey, Header, PinWay};
use crate::outside::{Found, Outer};
use crate::seal::{self, Boxed, derive, key_check, to_key};
use crate::{Error, Order, Pin, RecoveryCode};
use idwallet_crypto::area::{CounterId, Counters, SecureArea, SecureAreaError};
use idwallet_crypto::{AeadKey, Argon2Params, Random, Secret, SecretBytes, argon2id, constant_time_eq};
use rusqlite::Connection;
use std::sync::Arc;
use std::time::Duration;

const PLAIN: &[u8] = b"idwallet vault 1 data key";
const OUTER: &[u8] = b"idwallet vault 2 outer key";

/// What [`SecureArea::wrap`] is given as context for the data key without a PIN: it ties the wrapped key to this vault.
pub(crate) fn plain_context(vault_id: &[u8; 16]) -> Vec<u8> {
    [PLAIN, vault_id].concat()
}

/// Wraps a secret, and sees that it opens again before the caller lets go of what held it until now.
pub(crate) async fn wrap(area: &dyn SecureArea, context: &[u8], secret: &SecretBytes) -> Result<Vec<u8>, Error> {
    let wrapped = area.wrap(context, secret).await?;
    let opened = area.unwrap(context, &wrapped).await?;
    if constant_time_eq(opened.expose(), secret.expose()) {
        Ok(wrapped)
    } else {
        Err(SecureAreaError::Integrity.into())
    }
}

/// What a secret of the owner contributes: a layer around the data key, and a part of the context that the area compares.
pub(crate) struct Layer {
    inner: AeadKey,
    context: Vec<u8>,
}

impl Layer {
    /// Of the stretched PIN.
    pub(crate) fn of_pin(pin: &Pin, way: &PinWay, vault_id: &[u8; 16]) -> Result<Self, Error> {
        let stretched = argon2id(pin.digits(), &way.salt, way.params)?;
        Self::new(
            stretched.expose(),
            vault_id,
            [b"idwallet vault 2 PIN inner key", b"idwallet vault 2 PIN context  "],
        )
    }

    /// Of the recovery code, which is long enough not to need stretching.
    fn of_code(code: &RecoveryCode, vault_id: &[u8; 16]) -> Result<Self, Error> {
        Self::new(
            code.symbols(),
            vault_id,
            [b"idwallet vault 2 code inner key", b"idwallet vault 2 code context  "],
        )
    }

    fn new<const N: usize>(secret: &[u8], vault_id: &[u8; 16], [inner, tag]: [&[u8; N]; 2]) -> Result<Self, Error> {
        let key = derive(secret, vault_id, inner)?;
        let tag_value = derive(secret, vault_id, tag)?;
        Ok(Self {
            inner: AeadKey::aes_256_gcm(&key),
            context: [tag.as_slice(), vault_id, tag_value.expose()].concat(),
        })
    }

    pub(crate) async fn wrap(
        &self,
        area: &dyn SecureArea,
        random: &dyn Random,
        data_key: &DataKey,
    ) -> Result<Vec<u8>, Error> {
        let inner = Secret::new(seal::seal(&self.inner, random, &self.context, data_key.expose())?);
        wrap(area, &self.context, &inner).await
    }

    async fn unwrap(&self, area: &dyn SecureArea, wrapped: &[u8]) -> Result<Boxed, Error> {
        let inner = area.unwrap(&self.context, wrapped).await?;
        // The area vouched for the context, so a layer that does not open is another vault's doing, no wrong PIN.
        let key = seal::open(&self.inner, &self.context, inner.expose()).map_err(|_| Error::WrongKey)?;
        to_key(&key)
    }
}

impl Drop for Layer {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.context);
    }
}

/// A PIN's way with a fresh salt.
pub(crate) fn new_pin_way(random: &dyn Random, params: Argon2Params) -> Result<PinWay, Error> {
    let mut salt = [0; 16];
    random.fill(&mut salt)?;
    Ok(PinWay { salt, params })
}

/// An outer key and, where the area has counters, one for the tries.
pub(crate) async fn new_outer(
    area: &dyn SecureArea,
    random: &dyn Random,
    header: &mut Header,
) -> Result<(Outer, State), Error> {
    let mut key = Secret::new(vec![0; 32]);
    random.fill(key.expose_mut())?;
    let wrapped = wrap(area, &[OUTER, &header.vault_id].concat(), &key).await?;
    let (counter, count) = new_counter(area).await?;
    let outer = Outer::new(&key, header.vault_id)?;
    header.ways.outer = wrapped;
    header.ways.outer_check = Some(outer.check);
    header.ways.counter = counter;
    Ok((outer, State::new(count)))
}

/// A counter's name (empty: the area has none) and its value.
pub(crate) async fn new_counter(area: &dyn SecureArea) -> Result<(Vec<u8>, Count), Error> {
    if area.capabilities().await?.counters == Counters::None {
        return Ok((Vec::new(), Count::None));
    }
    let id = area.create_counter().await?;
    let value = area.read_counter(&id).await?;
    Ok((id.as_bytes().to_vec(), Count::Value(value)))
}

/// A vault at whose lock somebody stands; its parts are those of a locked or of an open one.
pub(crate) struct Door<'a> {
    pub(crate) connection: &'a mut Connection,
    pub(crate) header: &'a mut Header,
    pub(crate) outer: &'a mut Option<Arc<Outer>>,
    pub(crate) area: &'a dyn SecureArea,
    pub(crate) random: &'a dyn Random,
    pub(crate) uptime: Duration,
}

impl Door<'_> {
    /// The outer key, from the area.
    pub(crate) async fn outer(&mut self) -> Result<Arc<Outer>, Error> {
        if let Some(outer) = self.outer.as_ref() {
            return Ok(Arc::clone(outer));
        }
        if self.header.ways.outer.is_empty() {
            return Err(Error::NotPrepared);
        }
        let context = [OUTER, &self.header.vault_id].concat();
        let key = match self.area.unwrap(&context, &self.header.ways.outer).await {
            Err(SecureAreaError::Integrity) => return Err(Error::WrongKey),
            key => key?,
        };
        let outer = Arc::new(Outer::new(&key, self.header.vault_id)?);
        if !outer.is_right(self.connection, self.header)? {
            return Err(Error::WrongKey);
        }
        *self.outer = Some(Arc::clone(&outer));
        Ok(outer)
    }

    /// The outer key, made where it is missing, as in a vault of schema 1; with the counter of tries if the area has any.
    pub(crate) async fn prepare(&mut self) -> Result<Arc<Outer>, Error> {
        if self.header.ways.outer.is_empty() {
            let mut header = self.header.clone();
            let (outer, mut state) = new_outer(self.area, self.random, &mut header).await?;
            self.write(&outer, Some(header), &mut state)?;
            let outer = Arc::new(outer);
            *self.outer = Some(Arc::clone(&outer));
            return Ok(outer);
        }
        self.outer().await
    }

    /// Writes the state, and the header if it is another one, together.
    pub(crate) fn write(&mut self, outer: &Outer, header: Option<Header>, state: &mut State) -> Result<(), Error> {
        let sql = self.connection.transaction()?;
        if let Some(header) = &header {
            header.write(&sql)?;
        }
        let beside = header.as_ref().unwrap_or(self.header);
        outer.write_state(&sql, self.random, beside, state)?;
        sql.commit()?;
        if let Some(header) = header {
            *self.header = header;
        }
        Ok(())
    }

    /// The state of the lock by now, written if it is another one than before.
    pub(crate) async fn look(&mut self) -> Result<(Arc<Outer>, State), Error> {
        let outer = self.outer().await?;
        let mut found = outer.state(self.connection, self.header)?.state();
        let (count, new) = match self.header.ways.counter.as_slice() {
            [] => match new_counter(self.area).await {
                Ok((counter, count)) => {
                    // The area has learnt to count. If the state does not open, the name of the counter was taken out of the
                    // header, so that the state alone would count, which can be put back.
                    if let (Some(state), Count::Value(value)) = (&mut found, count) {
                        state.seen = value;
                    }
                    (count, Some(counter).filter(|counter| !counter.is_empty()))
                }
                Err(_) if found.is_some() => (Count::None, None),
                Err(error) => return Err(error),
            },
            id => match self.area.read_counter(&CounterId::new(id)).await {
                Ok(value) => (Count::Value(value), None),
                Err(SecureAreaError::NotFound) => {
                    let (counter, count) = new_counter(self.area).await?;
                    (Count::Lost(count.value()), Some(counter))
                }
                Err(error) => return Err(error.into()),
            },
        };
        let mut header = new.map(|counter| {
            let mut header = self.header.clone();
            header.ways.counter = counter;
            header
        });
        if self.header.ways.outer_check.is_none() && found.is_some() {
            let header = header.get_or_insert_with(|| self.header.clone());
            header.ways.outer_check = Some(outer.check);
        }
        let (mut state, changed) = State::reckon(found, count, self.uptime);
        if changed || header.is_some() {
            self.write(&outer, header, &mut state)?;
        }
        Ok((outer, state))
    }

    /// Raises the counter of tries, if there is one.
    async fn count(&mut self) -> Result<Option<u64>, Error> {
        match self.header.ways.counter.as_slice() {
            [] => Ok(None),
            id => Ok(Some(self.area.increment_counter(&CounterId::new(id)).await?)),
        }
    }

    fn check(&self, key: Boxed) -> Result<Boxed, Error> {
        if constant_time_eq(&key_check(&key, &self.header.vault_id)?, &self.header.key_check) {
            Ok(key)
        } else {
            Err(Error::WrongKey)
        }
    }

    /// The data key, by the area and the PIN if there is one; and the state before this try, for a vault with a PIN.
    pub(crate) async fn data_key(&mut self, pin: Option<&Pin>) -> Result<(Boxed, Option<State>), Error> {
        let Some(way) = self.header.ways.pin.clone() else {
            return Ok((self.data_key_without_pin().await?, None));
        };
        let (outer, mut state) = self.look().await?;
        if state.held {
            return Err(Error::Held);
        }
        let pin = pin.ok_or(Error::PinNeeded)?;
        if !state.remaining.is_zero() {
            return Err(Error::Locked {
                retry_after: state.remaining,
            });
        }
        let before = state.clone();
        let counted = self.count().await?;
        if let Some(counted) = counted
            && state.seen.checked_add(1) != Some(counted)
        {
            // Another copy of this file was tried since the look: this try would be one that neither of the two knows of.
            (state, _) = State::reckon(Some(state), Count::Value(counted), self.uptime);
            self.write(&outer, None, &mut state)?;
            return Err(Error::Locked {
                retry_after: state.remaining,
            });
        }
        state.begin(counted, self.uptime);
        self.write(&outer, None, &mut state)?;
        let layer = Layer::of_pin(pin, &way, &self.header.vault_id)?;
        let key = match layer.unwrap(self.area, &self.header.wrapped).await {
            Err(Error::Area(SecureAreaError::Integrity)) => {
                return Err(Error::WrongPin {
                    left: left_after(state.failures),
                    retry_after: state.remaining,
                });
            }
            Err(Error::Area(error)) if nothing_was_tried(&error) => {
                state.failures = before.failures;
                state.remaining = before.remaining;
                self.write(&outer, None, &mut state)?;
                return Err(error.into());
            }
            key => self.check(key?)?,
        };
        state.succeed();
        // If it cannot be written, the try stays counted as a failed one; the owner is in all the same.
        let _ = self.write(&outer, None, &mut state);
        Ok((key, Some(before)))
    }

    async fn data_key_without_pin(&mut self) -> Result<Boxed, Error> {
        if self.header.ways.outer.is_empty() {
            if Outer::has_state(self.connection)? {
                return Err(Error::FileDamaged("the header is older than the state of the lock"));
            }
        } else {
            let outer = self.outer().await?;
            let state = match outer.state(self.connection, self.header)? {
                Found::State(state) => state,
                // Where there is an outer key there was a state. Somebody may have made it so, beside a header from before there was a PIN.
                Found::Nothing | Found::Lost => self.look().await?.1,
            };
            if state.held {
                return Err(Error::Held);
            }
            if state.restored && !state.remaining.is_zero() {
                return Err(Error::Locked {
                    retry_after: state.remaining,
                });
            }
        }
        let context = plain_context(&self.header.vault_id);
        let key = match self.area.unwrap(&context, &self.header.wrapped).await {
            Err(SecureAreaError::Integrity) => return Err(Error::WrongKey),
            key => key?,
        };
        self.check(to_key(&key)?)
    }

    /// The data key, by the area and the recovery code; and the state of the lock. The code has 130 bits, so that tries are not
    /// counted and the wait after wrong PINs does not keep it out. An order does, and so does the wait after a file was put back, which
    /// may have a code that was taken back since.
    pub(crate) async fn data_key_by_code(&mut self, code: &RecoveryCode) -> Result<(Boxed, State), Error> {
        if self.header.ways.recovery.is_empty() {
            return Err(Error::NoRecoveryCode);
        }
        let (_, state) = self.look().await?;
        if state.held {
            return Err(Error::Held);
        }
        if state.restored && !state.remaining.is_zero() {
            return Err(Error::Locked {
                retry_after: state.remaining,
            });
        }
        let layer = Layer::of_code(code, &self.header.vault_id)?;
        match layer.unwrap(self.area, &self.header.ways.recovery).await {
            Err(Error::Area(SecureAreaError::Integrity)) => Err(Error::WrongRecoveryCode),
            key => Ok((self.check(key?)?, state)),
        }
    }

    /// Wraps the data key under a PIN and makes that the only way but the recovery code. What was counted is over.
    pub(crate) async fn set_pin(&mut self, key: &DataKey, pin: &Pin, params: Argon2Params) -> Result<(), Error> {
        let outer = self.prepare().await?;
        let (_, mut state) = self.look().await?;
        let way = new_pin_way(self.random, params)?;
        let layer = Layer::of_pin(pin, &way, &self.header.vault_id)?;
        let mut header = self.header.clone();
        header.wrapped = layer.wrap(self.area, self.random, key).await?;
        header.ways.pin = Some(way);
        state.succeed();
        self.write(&outer, Some(header), &mut state)
    }

    /// Wraps the data key by the area alone.
    pub(crate) async fn remove_pin(&mut self, key: &DataKey) -> Result<(), Error> {
        let (outer, mut state) = self.look().await?;
        let mut header = self.header.clone();
        let plain = Secret::new(key.expose().to_vec());
        header.wrapped = wrap(self.area, &plain_context(&header.vault_id), &plain).await?;
        header.ways.pin = None;
        header.ways.recovery = Vec::new();
        self.write(&outer, Some(header), &mut state)
    }

    /// Wraps the data key under a new recovery code as well; an earlier code is worth nothing from then on.
    pub(crate) async fn set_recovery_code(&mut self, key: &DataKey) -> Result<RecoveryCode, Error> {
        let (outer, mut state) = self.look().await?;
        let code = RecoveryCode::generate(self.random)?;
        let mut header = self.header.clone();
        let layer = Layer::of_code(&code, &header.vault_id)?;
        header.ways.recovery = layer.wrap(self.area, self.random, key).await?;
        self.write(&outer, Some(header), &mut state)?;
        Ok(code)
    }

    /// Takes the recovery code's way out.
    pub(crate) async fn remove_recovery_code(&mut self) -> Result<(), Error> {
        let (outer, mut state) = self.look().await?;
        let mut header = self.header.clone();
        header.ways.recovery = Vec::new();
        self.write(&outer, Some(header), &mut state)
    }

    /// Obeys an order, whose number must be above that of the last one. The order is counted like a try, a hold like as many as cost the
    /// longest wait, so that putting back a file from before it is noticed.
    pub(crate) async fn order(&mut self, number: u64, order: Order) -> Result<(), Error> {
        let outer = self.prepare().await?;
        let (_, mut state) = self.look().await?;
        if number <= state.order {
            return Err(Error::StaleOrder);
        }
        // A file from before it lacks so many tries. From before a hold: as many as cost the longest wait.
        let raises = if order == Order::Hold { UNKNOWN } else { 1 };
        for _ in 0..raises {
            if let Some(counted) = self.count().await? {
                state.seen = counted;
            }
        }
        match order {
            Order::Count => {}
            Order::Hold => state.held = true,
            Order::Release => state.held = false,
        }
        state.order = number;
        self.write(&outer, None, &mut state)
    }
}

/// The area stopped before it compared anything, so the try taught nobody anything.
const fn nothing_was_tried(error: &SecureAreaError) -> bool {
    matches!(
        error,
        SecureAreaError::UserCancelled
            | SecureAreaError::AuthenticationRequired
            | SecureAreaError::Unavailable
            | SecureAreaError::HardwareAbsent
    )
}

#[cfg(test)]
mod tests;
