//! The wallet: opening, documents, status, presentations begun.

use crate::guard::{lock, sync, until_done};
use crate::port::{ForeignArea, moment};
use crate::presentation::{CameraPresentation, PresentOptions, Presentation};
use crate::review::document_id;
use crate::text::count;
use crate::trust::issuers;
use crate::{
    Clock, DocumentList, DocumentView, Finding, LocalizedText, LogLevel, LogRecord, LogSink, SecureArea, StatusChange,
    StatusSource, TrustStore, WalletError,
};
use idwallet_wallet as core;
use idwallet_wallet::{Moment, Random, Reading, SystemRandom, WalletSession};
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A citizen's wallet: an encrypted vault in a directory, whose key a secure area keeps. May be called from any thread, also by a callback
/// that it waits for.
///
/// Calls that may have to wait for a person or for hardware are asynchronous; they may be abandoned at any time without losing anything.
/// The others read and write the vault at once and take milliseconds: call them where the screen does not wait for it.
#[derive(uniffi::Object)]
pub struct Wallet(Arc<Inner>);

/// What a wallet shares with its presentations.
pub(crate) struct Inner {
    session: Mutex<Option<Arc<WalletSession>>>,
    pub(crate) random: Arc<dyn Random>,
    clock: Arc<dyn Clock>,
    log: Option<Arc<dyn LogSink>>,
}

impl Inner {
    /// What time it is, for a call that uses the session now or later.
    pub(crate) fn now(&self) -> Result<Reading, WalletError> {
        let clock = || moment(&*self.clock);
        match self.session() {
            Ok(session) => session.try_read(clock),
            Err(_) => Ok(clock()?.into()),
        }
    }

    pub(crate) fn session(&self) -> Result<Arc<WalletSession>, WalletError> {
        lock(&self.session).clone().ok_or_else(WalletError::closed)
    }

    /// The open wallet; locks first when it was not used for too long.
    pub(crate) fn open(&self) -> Result<(Arc<core::Wallet>, Moment), WalletError> {
        let now = self.now()?;
        Ok((self.open_at(now)?, now.moment()))
    }

    /// The same at a time that was read before: where the clock must not be asked, because a lock is held that a callback could want.
    pub(crate) fn open_at(&self, now: Reading) -> Result<Arc<core::Wallet>, WalletError> {
        Ok(self.session()?.wallet(now)?)
    }

    /// Runs a call and tells the log what became of it.
    pub(crate) fn run<T>(&self, call: &str, work: impl FnOnce() -> Result<T, WalletError>) -> Result<T, WalletError> {
        let result = sync(work);
        self.tell(call, result.as_ref().err());
        result
    }

    /// The same for a call that waits.
    pub(crate) async fn wait<T>(
        &self,
        call: &str,
        work: impl Future<Output = Result<T, WalletError>>,
    ) -> Result<T, WalletError> {
        let result = until_done(work).await;
        self.tell(call, result.as_ref().err());
        result
    }

    fn tell(&self, call: &str, error: Option<&WalletError>) {
        let Some(log) = &self.log else { return };
        let level = match error {
            None => LogLevel::Info,
            Some(WalletError::Internal { .. }) => LogLevel::Error,
            Some(_) => LogLevel::Warning,
        };
        let record = LogRecord {
            level,
            call: call.to_owned(),
            code: error.map(|error| error.info().code.clone()),
            detail: error.map_or_else(|| "done".to_owned(), |error| error.info().detail.clone()),
        };
        // A log that fails keeps nobody from anything, whatever it does.
        let _ = sync(|| log.log(record).map_err(|_| WalletError::port("log")));
    }
}

pub(crate) fn pin(digits: &str) -> Result<core::Pin, WalletError> {
    Ok(core::Pin::new(digits).map_err(core::StateFault::Pin)?)
}

/// An area, or the software one whose key file lies beside the vault.
fn area(
    app: Option<Arc<dyn SecureArea>>,
    software: impl FnOnce() -> Result<Arc<dyn core::area::SecureArea>, core::WalletError>,
) -> Result<Arc<dyn core::area::SecureArea>, WalletError> {
    match app {
        Some(area) => Ok(Arc::new(ForeignArea(area))),
        None => Ok(software()?),
    }
}

impl Wallet {
    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.0
    }

    fn of(
        session: WalletSession,
        random: Arc<dyn Random>,
        clock: Arc<dyn Clock>,
        log: Option<Arc<dyn LogSink>>,
    ) -> Arc<Self> {
        Arc::new(Self(Arc::new(Inner {
            session: Mutex::new(Some(Arc::new(session))),
            random,
            clock,
            log,
        })))
    }
}

#[uniffi::export]
impl Wallet {
    /// Makes a wallet in `directory`, which is made too if need be, for its owner alone. With a `pin` of 6 to 32 digits the vault opens
    /// with the PIN alone. Without an `area` the key lies in a file beside the vault: `protection` says what that is worth.
    ///
    /// # Errors
    /// [`WalletError::Storage`] (there is a wallet already, no room, read-only…: nothing is written over);
    /// [`WalletError::InvalidState`] for a PIN that is malformed or too easy to guess, and for an empty path; those of the area.
    #[uniffi::constructor]
    pub async fn create(
        directory: String,
        pin: Option<String>,
        area: Option<Arc<dyn SecureArea>>,
        clock: Arc<dyn Clock>,
        log: Option<Arc<dyn LogSink>>,
    ) -> Result<Arc<Self>, WalletError> {
        until_done(async {
            let (dir, random) = (Path::new(&directory), Arc::new(SystemRandom::new()) as Arc<dyn Random>);
            let pin = pin.as_deref().map(self::pin).transpose()?;
            let now = moment(&*clock)?;
            let area = self::area(area, || core::Wallet::create_software_area(dir, Arc::clone(&random)))?;
            let made = match &pin {
                Some(pin) => core::Wallet::create_with_pin(dir, area, pin, Arc::clone(&random)).await?,
                None => core::Wallet::create(dir, area, Arc::clone(&random)).await?,
            };
            Ok(Self::of(WalletSession::over(dir, made, now), random, clock, log))
        })
        .await
    }

    /// Opens the wallet in `directory`. One without a PIN is open at once; one with a PIN is locked until `unlock`, and so is one that its
    /// owner locked.
    ///
    /// # Errors
    /// [`WalletError::Storage`]: in use, missing, damaged, of a newer version, of another key… The file is left as it is in each case.
    /// [`WalletError::InvalidState`] for an empty path. Those of the area.
    #[uniffi::constructor]
    pub async fn open(
        directory: String,
        area: Option<Arc<dyn SecureArea>>,
        clock: Arc<dyn Clock>,
        log: Option<Arc<dyn LogSink>>,
    ) -> Result<Arc<Self>, WalletError> {
        until_done(async {
            let (dir, random) = (Path::new(&directory), Arc::new(SystemRandom::new()) as Arc<dyn Random>);
            let now = moment(&*clock)?;
            let area = self::area(area, || core::Wallet::open_software_area(dir, Arc::clone(&random)))?;
            let session = WalletSession::open(dir, area, Arc::clone(&random))?;
            if !session.needs_pin()? {
                session.unlock(None, now).await?;
            }
            Ok(Self::of(session, random, clock, log))
        })
        .await
    }

    /// Whether it is locked.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] after [`shutdown`](Self::shutdown).
    pub fn is_locked(&self) -> Result<bool, WalletError> {
        sync(|| Ok(self.0.session()?.is_locked()))
    }

    /// Locks it now: every derived key and everything decrypted is wiped. Calls that wait for the secure area end with
    /// [`WalletError::Locked`], whether it ever answers them or not, and lose nothing.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] after [`shutdown`](Self::shutdown).
    pub fn lock(&self) -> Result<(), WalletError> {
        self.0.run("lock", || {
            self.0.session()?.lock();
            Ok(())
        })
    }

    /// Locks it when it was not used for longer than the limit, and says in how many milliseconds to ask again; nothing when it is locked.
    /// To be called by a timer, and when the app comes back to the foreground.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] after [`shutdown`](Self::shutdown).
    pub fn lock_if_idle(&self) -> Result<Option<u64>, WalletError> {
        sync(|| {
            let now = self.0.now()?;
            let left = self.0.session()?.lock_if_idle(now);
            Ok(left.map(|left| u64::try_from(left.as_millis()).unwrap_or(u64::MAX)))
        })
    }

    /// Locks it after so many seconds without use; 120 unless the app says otherwise.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] after [`shutdown`](Self::shutdown).
    pub fn set_idle_limit(&self, seconds: u64) -> Result<(), WalletError> {
        sync(|| {
            self.0.session()?.set_idle_limit(Duration::from_secs(seconds));
            Ok(())
        })
    }

    /// Locks it and closes its files. Calls that wait for the secure area end, whether it ever answers them or not, with
    /// [`WalletError::Locked`] or [`WalletError::InvalidState`]; whatever is called afterwards is the latter. Where such a call changes the PIN or
    /// unlocks, the files are free when it has ended. May be called again.
    pub fn shutdown(&self) {
        let _ = self.0.run("shutdown", || {
            let session = lock(&self.0.session).take();
            if let Some(session) = session {
                session.shutdown();
            }
            Ok(())
        });
    }

    /// What protects the wallet's key, to be told to its owner.
    ///
    /// # Errors
    /// [`WalletError::Locked`]; [`WalletError::InvalidState`] after [`shutdown`](Self::shutdown).
    pub fn protection(&self) -> Result<LocalizedText, WalletError> {
        sync(|| {
            let (wallet, _) = self.0.open()?;
            let protection = wallet.protection();
            Ok(LocalizedText::of(|lang| protection.text(lang)))
        })
    }

    /// Every document. Damaged ones are set aside and do not concern the others.
    ///
    /// # Errors
    /// [`WalletError::Locked`]; [`WalletError::Storage`] when the vault as a whole cannot be read.
    pub fn documents(&self) -> Result<DocumentList, WalletError> {
        self.0.run("documents", || {
            let (wallet, now) = self.0.open()?;
            Ok((&wallet.list(now.wall)?).into())
        })
    }

    /// A document with its claims.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] when there is none; [`WalletError::Storage`] when it is damaged; [`WalletError::Locked`].
    pub fn document(&self, id: String) -> Result<DocumentView, WalletError> {
        self.0.run("document", || {
            let (wallet, now) = self.0.open()?;
            Ok((&wallet.show(document_id(&id)?, now.wall)?).into())
        })
    }

    /// Takes a document out, damaged or not, with its copies and device keys. Its issuer is not told; the history is. Gives how many
    /// keys the area did not destroy yet: they serve nothing and are tried again at the next removal.
    ///
    /// # Errors
    /// [`WalletError::InvalidState`] when there is none; [`WalletError::Storage`], [`WalletError::Locked`]. Nothing is changed then.
    pub async fn remove(&self, id: String) -> Result<u32, WalletError> {
        self.0
            .wait("remove", async {
                let (wallet, now) = self.0.open()?;
                Ok(count(wallet.remove(document_id(&id)?, now.wall).await?.keys_left))
            })
            .await
    }

    /// What its owner should know about the documents. With `trust`, signatures and issuers are checked anew.
    ///
    /// # Errors
    /// [`WalletError::Locked`], [`WalletError::Storage`].
    pub fn check(&self, trust: Option<Arc<TrustStore>>) -> Result<Vec<Finding>, WalletError> {
        self.0.run("check", || {
            let (wallet, now) = self.0.open()?;
            let store = trust.map(|trust| trust.snapshot());
            let trust = store.as_deref().map(issuers);
            let checked = wallet.check_all(now.wall, trust.as_ref())?;
            Ok(checked.documents.iter().flat_map(Finding::of).collect())
        })
    }

    /// The status lists of what is held. Fetch them at times of their own and not when a document is shown, so that their providers do not
    /// learn when that is.
    ///
    /// # Errors
    /// [`WalletError::Locked`], [`WalletError::Storage`].
    pub fn status_sources(&self) -> Result<Vec<StatusSource>, WalletError> {
        self.0.run("status_sources", || {
            let (wallet, _) = self.0.open()?;
            Ok(wallet.status_sources()?.iter().map(Into::into).collect())
        })
    }

    /// Takes a status list that was fetched, and gives the documents whose state is another one now.
    ///
    /// # Errors
    /// [`WalletError::Issuer`] for a list that cannot be believed: what is known stays as it was. [`WalletError::Locked`],
    /// [`WalletError::Storage`].
    pub fn update_status(&self, list: Vec<u8>, trust: Arc<TrustStore>) -> Result<Vec<StatusChange>, WalletError> {
        self.0.run("update_status", || {
            let (wallet, now) = self.0.open()?;
            let store = trust.snapshot();
            let report = wallet.update_status(&list, &issuers(&store), now.wall)?;
            Ok(report.changed.iter().map(Into::into).collect())
        })
    }

    /// What support needs to help, as JSON; no personal data.
    ///
    /// # Errors
    /// [`WalletError::Locked`], [`WalletError::Storage`].
    pub fn support_bundle(&self) -> Result<String, WalletError> {
        self.0.run("support_bundle", || {
            let (wallet, now) = self.0.open()?;
            Ok(wallet.support_bundle(now.wall)?.to_json())
        })
    }

    /// Begins to present documents in person: the QR code of the presentation is to be scanned by a reader. Readers are believed as `trust`
    /// says.
    ///
    /// # Errors
    /// [`WalletError::Locked`]; [`WalletError::InvalidState`] when the address is none; [`WalletError::Verifier`] when the options make no
    /// engagement.
    pub fn present(&self, options: PresentOptions, trust: Arc<TrustStore>) -> Result<Arc<Presentation>, WalletError> {
        self.0.run("present", || Presentation::begin(&self.0, options, trust))
    }

    /// Begins to answer a request that a reader's screen showed: camera to camera, with no connection.
    ///
    /// # Errors
    /// [`WalletError::Locked`]; [`WalletError::Verifier`] for a message that is not a reader's.
    pub fn answer_camera(
        &self,
        message: Vec<u8>,
        trust: Arc<TrustStore>,
    ) -> Result<Arc<CameraPresentation>, WalletError> {
        self.0
            .run("answer_camera", || CameraPresentation::begin(&self.0, &message, trust))
    }
}
