//! The wallet: opening, listing, showing, removing.

use crate::cell::{Turn, VaultCell};
use crate::document::{
    Claim, Copies, DamagedDocument, DocumentDamage, DocumentSummary, DocumentView, Listing, Removed,
};
use crate::history::{Event, NewEntry, Who};
use crate::record::{BY_DOC_TYPE, BY_DOCUMENT, BY_STATE, CONDEMNED, COPY, DOCUMENT, DocumentRecord, KEY, KeyRecord};
use crate::{DocumentId, GuardianPolicy, InternalFault, Protection, StateFault, StatusPolicy, WalletError, words};
use idwallet_crypto::Order as _;
use idwallet_crypto::area::SecureArea;
use idwallet_crypto::{Random, Secret, SecretBytes, Timestamp};
use idwallet_documents::{Label, Registry};
use idwallet_mdoc::IssuerSigned;
use idwallet_storage::{
    AreaFileError, Damage, Error, Lookup, RecordId, SoftwareSecureArea, Vault, create_with_area, open_with_area,
};
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The vault's file in the wallet's directory.
pub const VAULT_FILE: &str = "vault.db";
/// The file of the software secure area, beside it.
pub const AREA_FILE: &str = "area.key";
/// The credential format of what this wallet holds.
pub const FORMAT: &str = "mso_mdoc";

/// A citizen's wallet: a vault, and the secure area that keeps its keys.
///
/// Its methods that may have to ask a person or wait for hardware are `async`. They await the secure area and nothing else, need no
/// runtime, and may be dropped at any await: what was durable stays, what was not never was.
///
/// It may be shared: between threads, and with a secure area that calls back into it. The vault is borrowed while a method works and never
/// while it waits, and what was read before a wait is looked at again after it. While the PIN is changed, other calls give
/// [`StateFault::Busy`]; once the wallet is [locked](Self::lock), all of them give [`WalletError::Locked`], also those that wait.
pub struct Wallet {
    pub(crate) vault: VaultCell,
    pub(crate) area: Arc<dyn SecureArea>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) registry: Arc<Registry>,
    policies: Mutex<Policies>,
    protection: Protection,
}

/// What the app asks of documents and knowledge; kept over a locking.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Policies {
    pub(crate) status: StatusPolicy,
    pub(crate) guardian: GuardianPolicy,
}

impl core::fmt::Debug for Wallet {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Wallet(open)")
    }
}

impl Wallet {
    /// Makes a wallet in `dir`, which is made too if need be, for its owner alone. Its data key is wrapped by `area`.
    ///
    /// # Errors
    /// [`WalletError::Storage`] (there is a wallet already, no room, read-only…: nothing is written over) and those of the area;
    /// [`StateFault::Argument`] for an empty path, as wherever a directory is named.
    pub async fn create(dir: &Path, area: Arc<dyn SecureArea>, random: Arc<dyn Random>) -> Result<Self, WalletError> {
        let registry = builtin()?;
        let file = place(dir, VAULT_FILE)?;
        let protection = protection(&*area).await?;
        let vault = create_with_area(&file, &*area, Arc::clone(&random)).await?;
        Ok(Self::anchored(vault, area, random, registry, protection).await)
    }

    /// Opens the wallet in `dir`, which has no PIN; one with a PIN is opened by [`LockedWallet`](crate::LockedWallet).
    ///
    /// # Errors
    /// [`WalletError::Storage`]: in use, missing, damaged, of a newer version, of another key… The file is left as it is in each
    /// case. Those of the area.
    pub async fn open(dir: &Path, area: Arc<dyn SecureArea>, random: Arc<dyn Random>) -> Result<Self, WalletError> {
        let registry = builtin()?;
        let file = place(dir, VAULT_FILE)?;
        let protection = protection(&*area).await?;
        let vault = open_with_area(&file, &*area, Arc::clone(&random)).await?;
        Ok(Self::anchored(vault, area, random, registry, protection).await)
    }

    /// Raises the area's counter past every file from before this opening. What fails now is made up for by the next one: the file may
    /// be one step ahead.
    pub(crate) async fn anchored(
        mut vault: Vault,
        area: Arc<dyn SecureArea>,
        random: Arc<dyn Random>,
        registry: Arc<Registry>,
        protection: Protection,
    ) -> Self {
        let _ = vault.anchor_session(&*area).await;
        Self {
            vault: VaultCell::new(vault),
            area,
            random,
            registry,
            policies: Mutex::new(Policies::default()),
            protection,
        }
    }

    /// [`create`](Self::create) with the area of [`create_software_area`](Self::create_software_area).
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn create_software(dir: &Path, random: Arc<dyn Random>) -> Result<Self, WalletError> {
        let area = Self::create_software_area(dir, Arc::clone(&random))?;
        Self::create(dir, area, random).await
    }

    /// [`open`](Self::open) with the area of [`open_software_area`](Self::open_software_area).
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_software(dir: &Path, random: Arc<dyn Random>) -> Result<Self, WalletError> {
        let area = Self::open_software_area(dir, Arc::clone(&random))?;
        Self::open(dir, area, random).await
    }

    /// The software secure area for a wallet that is to be made in `dir`, with its key file there. A key file that an earlier
    /// creation left without a vault is used.
    ///
    /// # Errors
    /// [`WalletError::Storage`]: there is a wallet already, others may write the directory…
    pub fn create_software_area(dir: &Path, random: Arc<dyn Random>) -> Result<Arc<dyn SecureArea>, WalletError> {
        if place(dir, VAULT_FILE)?.symlink_metadata().is_ok() {
            return Err(Error::FileExists.into());
        }
        let file = place(dir, AREA_FILE)?;
        let area = match SoftwareSecureArea::create(&file, Arc::clone(&random)) {
            Err(AreaFileError::Exists) => SoftwareSecureArea::open(&file, random),
            area => area,
        };
        Ok(Arc::new(area.map_err(area_file)?))
    }

    /// The software secure area whose key file lies beside the vault.
    ///
    /// # Errors
    /// [`WalletError::Storage`]: missing, damaged, others may read it…
    pub fn open_software_area(dir: &Path, random: Arc<dyn Random>) -> Result<Arc<dyn SecureArea>, WalletError> {
        let area = SoftwareSecureArea::open(&place(dir, AREA_FILE)?, random).map_err(area_file)?;
        Ok(Arc::new(area))
    }

    /// Uses these document types instead of the built-in ones.
    #[must_use]
    pub fn with_registry(mut self, registry: Arc<Registry>) -> Self {
        self.registry = registry;
        self
    }

    /// Asks this of the knowledge about the status of documents, from now on, instead of [`StatusPolicy::DEFAULT`].
    pub fn set_status_policy(&self, policy: StatusPolicy) {
        self.change_policies(|policies| policies.status = policy);
    }

    pub(crate) fn policies(&self) -> Policies {
        *self.policies.lock()
    }

    /// What it asks of the knowledge about the status of documents.
    #[must_use]
    pub fn status_policy(&self) -> StatusPolicy {
        self.policies().status
    }

    pub(crate) fn change_policies(&self, change: impl FnOnce(&mut Policies)) {
        change(&mut self.policies.lock());
    }

    /// See [`Turn`].
    pub(crate) fn turn(&self) -> Turn<'_> {
        self.vault.turn()
    }

    /// The document types the wallet knows by name.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What protects the data key, to be told to the owner.
    #[must_use]
    pub const fn protection(&self) -> Protection {
        self.protection
    }

    /// Whether the vault's table of contents is whole. Reads all of it.
    ///
    /// # Errors
    /// [`WalletError::Storage`].
    pub fn is_intact(&self) -> Result<bool, WalletError> {
        Ok(self.vault.manifest_holds()?)
    }

    /// How many documents the vault vouches for, damaged ones included; not those in a damaged part of its table of contents
    /// ([`is_intact`](Self::is_intact)).
    ///
    /// # Errors
    /// [`WalletError::Storage`].
    pub fn count(&self) -> Result<usize, WalletError> {
        Ok(self.vault.count(DOCUMENT)?.records)
    }

    /// Every document, with its state at `now`. Damaged ones are set aside and do not concern the others.
    ///
    /// # Errors
    /// [`WalletError::Storage`] when the vault as a whole cannot be read.
    pub fn list(&self, now: Timestamp) -> Result<Listing, WalletError> {
        let mut listing = Listing::default();
        let mut take = |id, data: Result<&[u8], Damage>| {
            let id = DocumentId::new(id);
            let record = data
                .map_err(DocumentDamage::Record)
                .and_then(|data| DocumentRecord::decode(data).map_err(|_| DocumentDamage::Form));
            match record {
                Ok(record) => listing.documents.push(self.summary(id, record, now)),
                Err(damage) => listing.damaged.push(DamagedDocument { id, damage }),
            }
            Ok::<_, Error>(())
        };
        self.vault.with(|vault| vault.for_each(DOCUMENT, &mut take))?;
        // What came in one go is told apart by its type.
        listing.documents.sort_by(|a, b| {
            let by_type = (a.imported_at, &a.doc_type).cmp(&(b.imported_at, &b.doc_type));
            by_type.then_with(|| a.id.cmp(&b.id))
        });
        Ok(listing)
    }

    /// A document with its claims. Shows the document of a copy that is valid at `now` if there is one.
    ///
    /// # Errors
    /// [`StateFault::NotFound`]; [`WalletError::Storage`] when it is damaged.
    pub fn show(&self, id: DocumentId, now: Timestamp) -> Result<DocumentView, WalletError> {
        let _turn = self.turn();
        let record = self.document(id)?;
        // A damaged copy does not hide the good ones.
        let mut last = WalletError::from(StateFault::NotFound);
        let mut found = None;
        for copy in record.copies_to_show(now).into_iter().chain(&record.copies) {
            match self.key_and_copy(copy.id) {
                Ok(both) => {
                    found = Some(both);
                    break;
                }
                Err(error) => last = error,
            }
        }
        let Some((key, bytes)) = found else { return Err(last) };
        let issuer_signed = IssuerSigned::parse(bytes.expose()).map_err(|_| damaged(id))?;
        let kind = self.registry.find(&record.doc_type);
        let mut claims: Vec<(u32, Claim)> = issuer_signed
            .items()
            .map(|(name_space, item)| {
                let element = item.element_identifier();
                let value = item.element_value();
                let order = kind
                    .and_then(|k| k.field(name_space, element))
                    .map_or(u32::MAX, |f| f.order);
                let claim = Claim {
                    name_space: name_space.to_owned(),
                    element: element.to_owned(),
                    label: words::label(kind, name_space, element),
                    sensitivity: words::sensitivity(kind, name_space, element),
                    gives_away: words::gives_away(kind, name_space, element),
                    shown: words::shown(kind, name_space, element, value),
                    meanings: words::meanings(kind, &issuer_signed, name_space, element),
                    is_image: words::is_image(kind, name_space, element),
                    value: Arc::new(Secret::new(value.bytes().to_vec())),
                };
                (order, claim)
            })
            .collect();
        claims.order_by_key(|(order, _)| *order);
        Ok(DocumentView {
            summary: self.summary(id, record, now),
            claims: claims.into_iter().map(|(_, claim)| claim).collect(),
            device_key_curve: key.public_key.curve(),
        })
    }

    /// Takes a document out, damaged or not, with its copies and device keys (H-H51). Its issuer is not told; the history is.
    ///
    /// Document and copies go in one transaction, which condemns the keys; then the area is asked to destroy these. Keys that it does
    /// not destroy now stay condemned, serve nothing, and are tried again at the next removal or by [`sweep`](Self::sweep).
    ///
    /// # Errors
    /// [`StateFault::NotFound`]; [`WalletError::Storage`]. Nothing is changed in these cases.
    pub async fn remove(&self, id: DocumentId, now: Timestamp) -> Result<Removed, WalletError> {
        let keys = self.condemn(id, now)?;
        let removed = match self.sweep().await {
            Err(WalletError::Storage(fault)) if matches!(fault.cause(), Error::ManifestDamaged) => {
                Removed { keys_left: keys }
            }
            // It was locked meanwhile, or is in other hands; the document is gone.
            Err(WalletError::Locked { .. } | WalletError::InvalidState(StateFault::Busy)) => {
                Removed { keys_left: keys }
            }
            swept => swept?,
        };
        // The log still has what was deleted, sealed software keys among it. It is gone already; where emptying the log fails, the
        // next opening does it.
        let _ = self.vault.checkpoint();
        Ok(removed)
    }

    /// The part of a removal that is done in the vault. How many keys it condemned.
    fn condemn(&self, id: DocumentId, now: Timestamp) -> Result<usize, WalletError> {
        let turn = self.turn();
        let by_document = Lookup {
            name: BY_DOCUMENT,
            value: id.as_bytes(),
        };
        let copies = match self.vault.find(COPY, by_document) {
            // Another part of the table of contents is damaged: the document itself knows its copies.
            Err(Error::ManifestDamaged) => self.document(id)?.copies.iter().map(|copy| copy.id).collect(),
            copies => copies?,
        };
        let keys: Vec<_> = copies
            .iter()
            .filter_map(|copy| Some((*copy, self.key(*copy).ok()?)))
            .collect();
        let mut entry = NewEntry::done(Event::Removal, now);
        let mut outside = self.outside()?;
        let mut changed = Vec::new();
        if let Ok(record) = self.document(id) {
            // An older edition of it is used again. Where that cannot be found out, the document goes all the same.
            changed = self.once_gone(id, &record).unwrap_or_default();
            outside.take(&record.doc_type, &record.issuer);
            let issuer = Who::issuer(&record.issuer, record.country.as_deref());
            entry = entry.document(Some(id), &record.doc_type).who(issuer);
        }
        let mut ledger = self.ledger()?;
        self.vault.transaction(&turn, |tx| -> Result<(), Error> {
            ledger.log(tx, &entry)?;
            outside.put(tx)?;
            tx.delete(DOCUMENT, id.record())?;
            for (other, record) in &changed {
                record.put(tx, *other)?;
            }
            for copy in &copies {
                tx.delete(COPY, *copy)?;
                // A damaged key names nothing that could be destroyed.
                if !keys.iter().any(|(id, _)| id == copy) {
                    match tx.delete(KEY, *copy) {
                        Ok(()) | Err(Error::NotFound) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            let condemned = Lookup {
                name: BY_STATE,
                value: CONDEMNED,
            };
            for (copy, key) in &keys {
                tx.replace(KEY, *copy, &key.encode(), &[condemned])?;
            }
            Ok(())
        })?;
        Ok(keys.len())
    }

    /// Destroys device keys whose documents are gone.
    ///
    /// # Errors
    /// [`WalletError::Storage`].
    pub async fn sweep(&self) -> Result<Removed, WalletError> {
        self.vault.until_locked(self.sweep_now()).await
    }

    async fn sweep_now(&self) -> Result<Removed, WalletError> {
        let condemned = Lookup {
            name: BY_STATE,
            value: CONDEMNED,
        };
        let mut removed = Removed::default();
        for id in self.vault.find(KEY, condemned)? {
            if let Ok(key) = self.key(id)
                && self.area.delete(&key.id).await.is_err()
            {
                removed.keys_left = removed.keys_left.saturating_add(1);
                continue;
            }
            match self.vault.transaction(&self.turn(), |tx| tx.delete(KEY, id)) {
                // Another sweep was here.
                Ok(()) | Err(Error::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(removed)
    }

    pub(crate) fn document(&self, id: DocumentId) -> Result<DocumentRecord, WalletError> {
        let record = self.vault.read(DOCUMENT, id.record())?;
        DocumentRecord::decode(record.data().expose()).map_err(|_| damaged(id))
    }

    pub(crate) fn key_and_copy(&self, copy: RecordId) -> Result<(KeyRecord, SecretBytes), WalletError> {
        Ok((self.key(copy)?, self.vault.read(COPY, copy)?.into_data()))
    }

    pub(crate) fn key(&self, copy: RecordId) -> Result<KeyRecord, WalletError> {
        let record = self.vault.read(KEY, copy)?;
        KeyRecord::decode(record.data().expose()).map_err(|_| damaged(DocumentId::new(copy)))
    }

    pub(crate) fn documents_of_type(&self, doc_type: &str) -> Result<Vec<DocumentId>, WalletError> {
        let lookup = Lookup {
            name: BY_DOC_TYPE,
            value: doc_type.as_bytes(),
        };
        // Where a part of the table of contents is damaged, what the other parts vouch for still answers.
        let (found, _) = self.vault.find_intact(DOCUMENT, lookup)?;
        Ok(found.into_iter().map(DocumentId::new).collect())
    }

    pub(crate) fn summary(&self, id: DocumentId, record: DocumentRecord, now: Timestamp) -> DocumentSummary {
        let from = record.copies.iter().map(|copy| copy.valid_from).min();
        let until = record.copies.iter().map(|copy| copy.valid_until).max();
        let unused = record.unused(now);
        DocumentSummary {
            id,
            format: FORMAT,
            title: self.title(&record.doc_type),
            valid_from: from.unwrap_or(now),
            valid_until: until.unwrap_or(now),
            state: record.state(now),
            copies: Copies {
                total: record.copies.len(),
                unused,
                left: record.left(now),
                method: record.policy.method(),
            },
            reissue_due: record.reissue(now, unused),
            doc_type: record.doc_type,
            summary: record.summary,
            issuer: record.issuer,
            issuing_country: record.country,
            subject: record.subject,
            imported_at: record.imported_at,
        }
    }

    pub(crate) fn title(&self, doc_type: &str) -> Label {
        words::title(self.registry.find(doc_type), doc_type)
    }
}

/// A file of the wallet in `dir`. No path is not the folder that the program happens to be in.
pub(crate) fn place(dir: &Path, name: &str) -> Result<PathBuf, WalletError> {
    if dir.as_os_str().is_empty() {
        return Err(StateFault::Argument("the path of the directory is empty").into());
    }
    Ok(dir.join(name))
}

pub(crate) fn builtin() -> Result<Arc<Registry>, WalletError> {
    let registry = Registry::builtin().map_err(|_| InternalFault::DocumentTypes)?;
    Ok(Arc::new(registry.clone()))
}

pub(crate) async fn protection(area: &dyn SecureArea) -> Result<Protection, WalletError> {
    let capabilities = area
        .capabilities()
        .await
        .map_err(|error| WalletError::area(error, &[]))?;
    Ok(Protection::of(&capabilities))
}

/// A record that the vault vouches for and that does not say what it should.
pub(crate) fn damaged(id: DocumentId) -> WalletError {
    Error::Damaged {
        kind: DOCUMENT,
        id: id.record(),
        damage: idwallet_storage::Damage::Seal,
    }
    .into()
}

fn area_file(error: AreaFileError) -> WalletError {
    match error {
        AreaFileError::NotFound => Error::NoVault.into(),
        AreaFileError::Exists => Error::FileExists.into(),
        AreaFileError::Permissions(what) => Error::Permissions(what).into(),
        AreaFileError::Damaged => Error::WrongKey.into(),
        AreaFileError::Io(kind) => Error::from(std::io::Error::from(kind)).into(),
        AreaFileError::Crypto(error) => error.into(),
        _ => InternalFault::KeyStoreUnavailable.into(),
    }
}
