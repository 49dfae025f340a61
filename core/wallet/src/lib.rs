//! The holder's façade: a wallet over an encrypted vault and a secure area.
//!
//! [`Wallet`] imports, lists, shows and removes. A presentation is three calls: [`Wallet::resolve`] finds out who asks and what
//! could answer, [`ResolvedRequest::review`] is plain data for the consent screen, [`Wallet::respond`] gives what was approved on that
//! very review. [`Presentation`] and [`CameraPresentation`] make them inside a session.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod approval;
mod backup;
mod cell;
mod codes;
mod complaint;
mod copies;
mod corrections;
mod document;
mod door;
mod error;
mod guardian;
mod history;
mod id;
mod identity;
mod import;
mod keys;
mod lock;
mod order;
mod outside;
mod presentation;
mod protection;
mod quality;
mod reading;
mod record;
mod refusal;
mod resolve;
mod respond;
mod review;
mod session;
mod shown;
mod signal;
mod status;
mod support;
mod wallet;
mod words;

pub use approval::Approval;
pub use backup::{
    Backup, BackupContents, BackupFault, EXPORT_COST, ExportOptions, Exported, PassphraseFault, PlannedAction,
    PlannedDocument, ReissueItem, RestorePlan, Restored,
};
pub use codes::{Code, Reaction};
pub use complaint::{ComplaintContent, ComplaintError, ComplaintFile, ComplaintKind, verify_complaint};
pub use copies::{CopiesDue, CopiesPolicy, CopyMethod, CopyUse, ReissueReason};
pub use corrections::{
    Correction, CorrectionAnswer, CorrectionFile, CorrectionId, CorrectionState, DisputedField, verify_correction,
};
pub use document::{
    Claim, Copies, DamagedDocument, DocumentDamage, DocumentState, DocumentSummary, DocumentView, Listing, Removed,
};
pub use error::{InternalFault, LockReason, StateFault, StorageFault, WalletError};
pub use guardian::{Authority, GUARDIANSHIP, GuardianPolicy, Relation, Subject, Ward};
pub use history::{
    AskedDocument, AskedName, ConcernedDocument, Event, History, HistoryDeleted, HistoryEntry, HistoryProblem,
    HistorySize, Outcome, PastHistory, SharedDocument, SharedName, Tombstone, Who, WhoState, local_time,
};
pub use id::{DocumentId, NotADocumentId};
pub use import::{ImportOptions, Imported, MAX_COPIES, NewCopy};
pub use keys::DeviceKeyHandle;
pub use lock::{LockedWallet, UnlockRefused, wait_in_words};
pub use order::{LockOrder, ORDER_TYPE, OrderAction};
pub use outside::HeldPapers;
pub use presentation::{CameraPresentation, NextStep, Presentation};
pub use protection::Protection;
pub use quality::{Aspect, AspectState, CheckReport, Checked, ElementName, Finding, FindingCode, Severity};
pub use reading::Reading;
pub use refusal::{Refusal, RefusalReason};
pub use resolve::ResolvedRequest;
pub use respond::{Answer, Shared};
pub use review::{
    AskedElement, Candidate, GivenElement, MAX_REVIEW_AGE, MissingElement, MissingReason, OfferedElement, ReaderView,
    RequestedDocument, Review, ReviewHandle, Unsuitable, UnsuitableReason, UseCaseView,
};
pub use session::{IDLE_LIMIT, WalletSession};
pub use shown::Shown;
pub use status::{ListKind, StatusChange, StatusPolicy, StatusReport, StatusSource};
pub use support::{DamagedRecord, SupportBundle, SupportCount};
pub use wallet::{AREA_FILE, FORMAT, VAULT_FILE, Wallet};

pub use idwallet_storage::{Access, Opening, Pin, PinFault, RecoveryCode, RecoveryCodeFault, Rollback};

// What the calls above take and give, so that an app needs no other crate.
pub use idwallet_crypto::{
    Clock, CryptoError, Curve, Date, Digest, Moment, PrivateKey, PublicKey, Random, Secret, SecretBytes,
    SignatureAlgorithm, SystemClock, SystemRandom, Timestamp, area, ecdsa_der_to_raw, ecdsa_raw_to_der, x509,
};
pub use idwallet_documents::{
    DocumentType, DocumentsError, ElementValue, Family, Field, Label, Lang, Registry, Sensitivity,
};
pub use idwallet_mdoc::holder::{DeviceAuthUsage, MatchKind};
pub use idwallet_mdoc::reader_auth::{InvalidReaderAuth, ReaderTrust};
pub use idwallet_mdoc::verify::{Check, Fault, FaultKind, IssuerTrust, Policy, UndatedPolicy};
pub use idwallet_mdoc::{Handover, MdocError, SessionTranscript};
pub use idwallet_proximity::{
    CameraHolder, DeviceEngagement, DeviceEngagementBuilder, EndReason, HolderSession, MethodKind, ProximityError,
    ReaderEngagement, RetrievalMethod, SessionStatus, camera, nfc, stream,
};
pub use idwallet_storage::{AreaFileError, Damage, MAX_PIN_LEN, MIN_PIN_LEN, SoftwareSecureArea};
