//! What an open wallet does about its own door: PIN, recovery code, who may lock it from afar, and the record outside (H-H50).

use crate::history::{Ledger, NewEntry};
use crate::outside::{Authority, HeldPapers, Obeyed, Outside};
use crate::record::{AUTHORITY, DOCUMENT, DocumentRecord};
use crate::wallet::{builtin, place, protection};
use crate::{Event, OrderAction, VAULT_FILE, Wallet, WalletError};
use idwallet_crypto::area::SecureArea;
use idwallet_crypto::{Moment, PublicKey, Random, Timestamp};
use idwallet_storage::{Error, Opening, Pin, RecordId, RecoveryCode, Rollback, Vault, create_with_pin};
use std::path::Path;
use std::sync::Arc;

/// The one record of who may lock the wallet.
const AUTHORITY_ID: RecordId = RecordId::from_bytes(*b"remote authority");

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
        let file = place(dir, VAULT_FILE)?;
        let protection = protection(&*area).await?;
        let vault = create_with_pin(&file, &*area, pin, Arc::clone(&random)).await?;
        Ok(Self::anchored(vault, area, random, registry, protection).await)
    }

    /// Whether it has a PIN.
    #[must_use]
    pub fn has_pin(&self) -> bool {
        self.vault.has_pin()
    }

    /// Whether it has a recovery code.
    #[must_use]
    pub fn has_recovery_code(&self) -> bool {
        self.vault.has_recovery_code()
    }

    /// What happened at the door since it was last open: wrong PINs, files put back.
    #[must_use]
    pub fn opening(&self) -> Opening {
        self.vault.opening()
    }

    /// Whether the vault's file is the one last written, or an older one that was put back.
    #[must_use]
    pub fn rollback(&self) -> Rollback {
        self.vault.rollback()
    }

    /// Goes on with a file that was put back, after the owner was told of it.
    ///
    /// # Errors
    /// [`WalletError::Storage`]; those of the area.
    pub async fn accept_rollback(&self, now: Timestamp) -> Result<Rollback, WalletError> {
        let was_put_back = matches!(self.rollback(), Rollback::Detected { .. });
        let accept = async |vault: &mut Vault| vault.accept_rollback(&*self.area).await;
        let rollback = self.vault.take_out(accept).await?;
        if was_put_back {
            self.log(&NewEntry::done(Event::OlderFileAccepted, now));
        }
        Ok(rollback)
    }

    /// Puts a PIN before the wallet.
    ///
    /// # Errors
    /// [`StateFault::PinExists`](crate::StateFault::PinExists); those of the area; [`WalletError::Storage`].
    pub async fn set_pin(&self, pin: &Pin, now: Moment) -> Result<(), WalletError> {
        self.recount_papers()?;
        let set = async |vault: &mut Vault| vault.set_pin(&*self.area, pin, now.uptime).await;
        self.vault.take_out(set).await?;
        self.log(&NewEntry::done(Event::PinSet, now.wall));
        Ok(())
    }

    /// Puts another PIN in its place. The old one is checked, and counted, as in unlocking.
    ///
    /// # Errors
    /// [`WalletError::Locked`]; [`StateFault::NoPin`](crate::StateFault::NoPin); those of the area; [`WalletError::Storage`].
    pub async fn change_pin(&self, old: &Pin, new: &Pin, now: Moment) -> Result<(), WalletError> {
        let change = async |vault: &mut Vault| vault.change_pin(&*self.area, old, new, now.uptime).await;
        self.vault.take_out(change).await?;
        self.log(&NewEntry::done(Event::PinChanged, now.wall));
        Ok(())
    }

    /// Takes the PIN away, and the recovery code with it.
    ///
    /// # Errors
    /// As [`change_pin`](Self::change_pin).
    pub async fn remove_pin(&self, pin: &Pin, now: Moment) -> Result<(), WalletError> {
        let remove = async |vault: &mut Vault| vault.remove_pin(&*self.area, pin, now.uptime).await;
        self.vault.take_out(remove).await?;
        self.log(&NewEntry::done(Event::PinRemoved, now.wall));
        Ok(())
    }

    /// Draws a recovery code for the day the PIN is forgotten. It is shown once, for the owner to write down; an earlier one is worth
    /// nothing from then on. Without one, a forgotten PIN costs the documents: they are to be issued again.
    ///
    /// # Errors
    /// As [`change_pin`](Self::change_pin).
    pub async fn set_recovery_code(&self, pin: &Pin, now: Moment) -> Result<RecoveryCode, WalletError> {
        let set = async |vault: &mut Vault| vault.set_recovery_code(&*self.area, pin, now.uptime).await;
        let code = self.vault.take_out(set).await?;
        self.log(&NewEntry::done(Event::RecoveryCodeSet, now.wall));
        Ok(code)
    }

    /// Makes the recovery code worth nothing.
    ///
    /// # Errors
    /// [`StateFault::NoRecoveryCode`](crate::StateFault::NoRecoveryCode); [`WalletError::Storage`].
    pub async fn remove_recovery_code(&self, now: Moment) -> Result<(), WalletError> {
        let remove = async |vault: &mut Vault| vault.remove_recovery_code(&*self.area, now.uptime).await;
        self.vault.take_out(remove).await?;
        self.log(&NewEntry::done(Event::RecoveryCodeRemoved, now.wall));
        Ok(())
    }

    /// Names who may lock, hold and release this wallet from afar, and gives what their orders are to call it; `None` names nobody.
    /// An authority is named by its key alone: whoever asks for that key to be kept vouches for whose it is.
    ///
    /// # Errors
    /// [`WalletError::Storage`].
    pub fn name_authority(
        &self,
        authority: Option<PublicKey>,
        now: Timestamp,
    ) -> Result<Option<[u8; 16]>, WalletError> {
        let turn = self.turn();
        let mut outside = self.outside()?;
        let event = match authority {
            Some(_) => Event::AuthorityNamed,
            None => Event::AuthorityRemoved,
        };
        outside.authority = match authority {
            Some(key) => {
                let mut address = [0; 16];
                self.random.fill(&mut address)?;
                Some(Authority { key, address })
            }
            None => None,
        };
        let named = Authority::encode(outside.authority.as_ref());
        let mut ledger = self.ledger()?;
        self.vault.transaction(&turn, |tx| -> Result<(), Error> {
            tx.put(AUTHORITY, AUTHORITY_ID, &named, &[])?;
            tx.set_outside(&outside.encode())?;
            ledger.log(tx, &NewEntry::done(event, now))?;
            Ok(())
        })?;
        Ok(outside.authority.map(|authority| authority.address))
    }

    /// Whether this is an order to obey: [`WalletSession::obey`](crate::WalletSession::obey) does.
    pub(crate) async fn check_order(&self, order: &[u8], now: Moment) -> Result<(), WalletError> {
        let order = self.outside()?.check_order(order)?;
        let last = async |vault: &mut Vault| vault.last_order(&*self.area, now.uptime).await;
        if order.number <= self.vault.take_out(last).await? {
            return Err(Error::StaleOrder.into());
        }
        Ok(())
    }

    /// The outside record. Where it was damaged, taken away or changed, what the vault knows is in its place.
    pub(crate) fn outside(&self) -> Result<Outside, WalletError> {
        Ok(self.vault.with(read_outside)?.0)
    }

    /// Counts anew what the outside record says of the documents.
    fn recount_papers(&self) -> Result<(), WalletError> {
        let turn = self.turn();
        let mut outside = self.outside()?;
        outside.papers = self.vault.with(papers)?;
        self.vault.transaction(&turn, |tx| outside.put(tx))?;
        Ok(())
    }
}

/// Writes down what happened at the door since the wallet was last open, and lifts its owner's own lock. `by`: another way in than
/// the PIN. Without anything to tell, nothing is written.
///
/// A history that cannot be written keeps nobody out; a lock that cannot be lifted does.
pub(crate) fn settle_door(
    vault: &mut Vault,
    by: Option<Event>,
    last_order: u64,
    now: Moment,
) -> Result<(), WalletError> {
    let (mut outside, is_mended) = read_outside(vault)?;
    let mut entries = Vec::new();
    if is_mended {
        entries.push(NewEntry::done(Event::OutsideMended, now.wall));
    }
    let obeyed = core::mem::take(&mut outside.obeyed);
    // What was noted and then not done is not told.
    entries.extend(obeyed.iter().filter(|order| order.number <= last_order).map(told));
    let failures = vault.opening().failures;
    if failures > 0 {
        entries.push(NewEntry::done(Event::WrongPins, now.wall).count(u64::from(failures)));
    }
    entries.extend(by.map(|by| NewEntry::done(by, now.wall)));
    let is_lifted = core::mem::take(&mut outside.is_closed);
    if is_lifted && outside.papers.is_empty() {
        // It was damaged when its owner locked the wallet.
        outside.papers = papers(vault).unwrap_or_default();
    }
    if entries.is_empty() && obeyed.is_empty() && !is_lifted {
        return Ok(());
    }
    let mut ledger = Ledger::of(vault);
    let written = vault.transaction(|tx| -> Result<(), Error> {
        outside.put(tx)?;
        for entry in &entries {
            ledger.log(tx, entry)?;
        }
        Ok(())
    });
    if is_lifted { Ok(written?) } else { Ok(()) }
}

/// The outside record as [`Wallet::outside`] gives it, and whether it is not as this wallet wrote it.
fn read_outside(vault: &Vault) -> Result<(Outside, bool), Error> {
    let (read, mut is_mended) = match vault.outside() {
        Ok(None) => (None, false),
        Ok(Some(data)) => Outside::decode(data.expose()).map_or((None, true), |outside| (Some(outside), false)),
        Err(Error::OutsideDamaged) => (None, true),
        Err(error) => return Err(error),
    };
    let mut outside = match read {
        Some(outside) => outside,
        None => Outside {
            papers: papers(vault)?,
            ..Outside::default()
        },
    };
    let named = vault.read(AUTHORITY, AUTHORITY_ID).ok();
    if let Some(Ok(named)) = named.map(|record| Authority::decode(record.data().expose()))
        && named != outside.authority
    {
        outside.authority = named;
        is_mended = true;
    }
    Ok((outside, is_mended))
}

/// What it holds by type and issuer.
fn papers(vault: &Vault) -> Result<Vec<HeldPapers>, Error> {
    let listed = match vault.list(DOCUMENT) {
        Err(Error::ManifestDamaged) => vault.salvage(DOCUMENT)?,
        listed => listed?,
    };
    let mut outside = Outside::default();
    for entry in listed {
        let record = entry.record.ok();
        if let Some(record) = record.and_then(|r| DocumentRecord::decode(r.data().expose()).ok()) {
            outside.add(&record.doc_type, &record.issuer);
        }
    }
    Ok(outside.papers)
}

fn told(order: &Obeyed) -> NewEntry {
    let event = match order.action {
        OrderAction::Lock => Event::RemoteLock,
        OrderAction::Hold => Event::Hold,
        OrderAction::Release => Event::Release,
    };
    NewEntry::done(event, order.at)
}
