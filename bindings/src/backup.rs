//! Encrypted export and restore.

use crate::guard::Slot;
use crate::text::count;
use crate::trust::issuers;
use crate::wallet::Inner;
use crate::{LocalizedText, TrustStore, Wallet, WalletError};
use idwallet_wallet as core;
use idwallet_wallet::{Backup, ExportOptions, PlannedAction, Policy};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// What is in an export.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Exported {
    /// Documents that can be restored anywhere where keys can be brought in.
    pub documents: u32,
    /// What has to be issued again after a restore, because its keys are bound to this device.
    pub to_be_reissued: Vec<LocalizedText>,
    /// Entries of the history.
    pub history: u32,
}

/// A document of a backup, or one that is missing in it, and what a restore would do.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PlannedDocument {
    /// What it is called.
    pub title: LocalizedText,
    /// A few words that tell it from others of its type; of one whose keys stayed where they were, who issued it.
    pub summary: LocalizedText,
    /// Whether it would be added.
    pub is_added: bool,
    /// What would happen, in words.
    pub action_text: LocalizedText,
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Restored {
    /// Documents that were added.
    pub added: Vec<String>,
    /// How many of the file the wallet had already.
    pub skipped: u32,
    /// How many stayed in the file.
    pub left_out: u32,
    /// How many have to be issued again.
    pub to_be_reissued: u32,
    /// Entries of the history that were added.
    pub history: u32,
}

/// A backup that was opened and verified, and what restoring it would do. Does nothing until [`apply`](Self::apply).
#[derive(uniffi::Object)]
pub struct RestorePlan {
    wallet: Arc<Inner>,
    documents: Vec<PlannedDocument>,
    plan: Slot<(Backup<File>, core::RestorePlan)>,
}

const fn action(action: &PlannedAction) -> (&'static str, &'static str) {
    match action {
        PlannedAction::Add { .. } => ("Sẽ được thêm vào ví.", "Will be added."),
        PlannedAction::Skip(_) => ("Ví đã có giấy tờ này.", "The wallet has it already."),
        PlannedAction::Reissue => (
            "Khóa không chuyển sang máy này được; cần xin cấp lại.",
            "Its key cannot move to this device; ask for it to be issued again.",
        ),
        PlannedAction::Refuse(_) => (
            "Không phải là bản do cơ quan cấp ký, hoặc không ai đáng tin bảo đảm. Giữ lại trong tệp.",
            "Not what its issuer signed, or nobody who is trusted vouches for it. Stays in the file.",
        ),
        PlannedAction::KeyInUse => (
            "Khóa của nó đang gắn với giấy tờ khác trong ví. Giữ lại trong tệp.",
            "Its key belongs to another document of the wallet. Stays in the file.",
        ),
        _ => ("Không khôi phục.", "Left out."),
    }
}

fn planned(document: &core::PlannedDocument) -> PlannedDocument {
    let (vi, en) = action(&document.action);
    PlannedDocument {
        title: (&document.title).into(),
        summary: (&document.summary).into(),
        is_added: matches!(document.action, PlannedAction::Add { .. }),
        action_text: LocalizedText {
            vi: vi.into(),
            en: en.into(),
        },
    }
}

/// What is not in the file, because its keys never left the device that made it: its owner is told before the restore and not after it.
fn absent(plan: &core::RestorePlan) -> impl Iterator<Item = PlannedDocument> {
    let is_listed = |item: &&core::ReissueItem| {
        let mut documents = plan.documents.iter();
        let told = |action: &PlannedAction| !matches!(action, PlannedAction::Add { .. } | PlannedAction::Skip(_));
        item.has_copies || documents.any(|document| document.id == item.id && told(&document.action))
    };
    let items = plan.to_be_reissued.iter().filter(move |item| !is_listed(item));
    items.map(|item| {
        let (vi, en) = action(&PlannedAction::Reissue);
        PlannedDocument {
            title: (&item.title).into(),
            summary: LocalizedText {
                vi: item.issuer.clone(),
                en: item.issuer.clone(),
            },
            is_added: false,
            action_text: LocalizedText {
                vi: vi.into(),
                en: en.into(),
            },
        }
    })
}

#[uniffi::export]
impl Wallet {
    /// Writes everything that can move into one sealed file, which must not exist yet. It is opened by the passphrase alone: 12
    /// characters or more, four or five words that have nothing to do with each other are good. Takes seconds, on purpose.
    ///
    /// # Errors
    /// [`WalletError::Backup`] for a weak passphrase or a file that cannot be written, and no file is left then;
    /// [`WalletError::Locked`], [`WalletError::Storage`]; those of the area.
    pub async fn export_file(
        &self,
        path: String,
        passphrase: String,
        include_history: bool,
    ) -> Result<Exported, WalletError> {
        let inner = self.inner();
        inner
            .wait("export_file", async {
                let (wallet, now) = inner.open()?;
                let options = match include_history {
                    true => ExportOptions::new(),
                    false => ExportOptions::new().without_history(),
                };
                let done = wallet
                    .export_file(Path::new(&path), false, &passphrase, &options, now.wall, &mut |_, _| {})
                    .await?;
                Ok(Exported {
                    documents: count(done.documents),
                    to_be_reissued: done.to_be_reissued.iter().map(|item| (&item.title).into()).collect(),
                    history: count(done.history),
                })
            })
            .await
    }

    /// Opens a backup, verifies every byte and every document of it, and says what restoring it would do.
    ///
    /// # Errors
    /// [`WalletError::Backup`]: foreign, newer, damaged, incomplete, or another passphrase; [`WalletError::Locked`],
    /// [`WalletError::Storage`]; those of the area.
    pub async fn plan_restore(
        &self,
        path: String,
        passphrase: String,
        trust: Arc<TrustStore>,
    ) -> Result<Arc<RestorePlan>, WalletError> {
        let inner = self.inner();
        inner
            .wait("plan_restore", async {
                let (wallet, now) = inner.open()?;
                let mut backup = Backup::open_file(Path::new(&path), &passphrase, &mut |_, _| {})?;
                let (policy, store) = (Policy::iso().at(now.wall), trust.snapshot());
                let trust = issuers(&store);
                let plan = wallet
                    .plan_restore(&mut backup, &policy, Some(&trust), &mut |_, _| {})
                    .await?;
                Ok(Arc::new(RestorePlan {
                    wallet: Arc::clone(inner),
                    documents: plan.documents.iter().map(planned).chain(absent(&plan)).collect(),
                    plan: Slot::new((backup, plan)),
                }))
            })
            .await
    }
}

#[uniffi::export]
impl RestorePlan {
    /// The documents of the file and what would become of each, then those that have to be issued again because their keys are not in it.
    #[must_use]
    pub fn documents(&self) -> Vec<PlannedDocument> {
        self.documents.clone()
    }

    /// Does it: all of it or nothing. Can be done once.
    ///
    /// # Errors
    /// [`WalletError::Backup`] when the wallet or the file changed since, and when it was done already; [`WalletError::Locked`],
    /// [`WalletError::Storage`]; those of the area. Nothing was restored then.
    pub async fn apply(&self) -> Result<Restored, WalletError> {
        self.wallet
            .wait("restore", async {
                let (wallet, _) = self.wallet.open()?;
                let (mut backup, plan) = self.plan.take()?;
                let done = wallet.restore(&mut backup, plan, &mut |_, _| {}).await?;
                Ok(Restored {
                    added: done.added.iter().map(ToString::to_string).collect(),
                    skipped: count(done.skipped),
                    left_out: count(done.left_out),
                    to_be_reissued: count(done.to_be_reissued),
                    history: count(done.history),
                })
            })
            .await
    }
}
