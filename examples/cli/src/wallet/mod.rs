//! `wallet`: the holder's side on a desk.

mod answer;
mod area;
pub mod args;
mod backup;
mod check;
mod consent;
mod correct;
pub mod door;
mod history;
mod import;
mod import_folder;
mod show_qr;
mod status;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use idwallet_crypto::SystemRandom;
use idwallet_crypto::x509::{Crl, RevocationRequirement, Strictness, TrustAnchors};
use idwallet_documents::Lang;
use idwallet_mdoc::reader_auth::ReaderTrust;
use idwallet_storage::SealedFileError;
use idwallet_wallet::{
    BackupFault, Claim, Code, DamagedDocument, DocumentId, DocumentSummary, StateFault, Wallet, WalletError, local_time,
};
use serde_json::{Map, Value, json};

use self::args::{AreaArgs, ConsentArgs, WalletArgs, WalletCommand, WalletIdArgs, WalletInitArgs, WalletRemoveArgs};
use crate::certs;
use crate::context::Context;
use crate::error::{CliError, Result, Status, bad};
use crate::input::{self, Readable, Source};

/// Minutes east of Greenwich: Vietnam, which has one time all year.
const VIETNAM: i16 = 7 * 60;

/// Beside the vault: roots of issuers that its owner trusts.
const ISSUER_ANCHORS: &str = "issuer-anchors.pem";
/// Beside the vault: roots of readers that its owner trusts.
const READER_ANCHORS: &str = "reader-anchors.pem";

/// Where the wallet lies, and what opens it.
pub struct Place {
    dir: PathBuf,
    pin_file: Option<Source>,
    area: AreaArgs,
}

impl std::ops::Deref for Place {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.dir
    }
}

pub fn run(args: &WalletArgs, cx: &Context) -> Result {
    let dir = Place {
        dir: folder(args.dir.as_deref())?,
        pin_file: args.pin_file.clone(),
        area: args.area.clone(),
    };
    match &args.command {
        WalletCommand::Init(args) => init(&dir, args, cx),
        WalletCommand::List => list(&dir, cx),
        WalletCommand::Show(args) => show(&dir, args, cx),
        WalletCommand::Remove(args) => remove(&dir, args, cx),
        WalletCommand::History(args) => history::run(&dir, args, cx),
        WalletCommand::Report(args) => history::report(&dir, args, cx),
        WalletCommand::Support(args) => history::support(&dir, args, cx),
        WalletCommand::Import(args) => import::run(&dir, args, cx),
        WalletCommand::Check(args) => check::run(&dir, args, cx),
        WalletCommand::Status(args) => status::run(&dir, args, cx),
        WalletCommand::Correct(command) => correct::run(&dir, command, cx),
        WalletCommand::DeviceKey(args) => import::device_key(&dir, args, cx),
        WalletCommand::ShowQr(args) => show_qr::run(&dir, args, cx),
        WalletCommand::Answer(args) => answer::run(&dir, args, cx),
        WalletCommand::Export(args) => backup::export(&dir, args, cx),
        WalletCommand::Restore(args) => backup::restore(&dir, args, cx),
        WalletCommand::Reissue => backup::reissue(&dir, cx),
        WalletCommand::Pin(command) => door::pin_command(&dir, command, cx),
        WalletCommand::Lock => door::lock(&dir, cx),
        WalletCommand::Unlock(args) => door::unlock_command(&dir, args, cx),
        WalletCommand::State => door::state(&dir, cx),
        WalletCommand::Authority(args) => door::authority(&dir, args, cx),
        WalletCommand::Order(args) => door::order(&dir, args, cx),
        WalletCommand::AcceptOlder => door::accept_older(&dir, cx),
    }
}

fn folder(given: Option<&Path>) -> Result<PathBuf> {
    if let Some(dir) = given {
        return Ok(dir.to_path_buf());
    }
    let of = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    of("IDWALLET_DIR")
        .or_else(|| of("XDG_DATA_HOME").map(|data| data.join("idwallet")))
        .or_else(|| of("HOME").map(|home| home.join(".local/share/idwallet")))
        .ok_or_else(|| bad("--dir", "needed, for there is no home folder"))
}

/// What an expert wants to know beside the sentence for the person. It is there in English alone, so it does not follow a sentence in
/// Vietnamese, whose code says where to look; and what does not fit the state of things is said whole by the sentence.
pub fn detail(error: impl std::fmt::Display, code: Code, cx: &Context) -> String {
    let says_all = matches!(code.as_str().get(..2), Some("W1" | "W6"));
    match cx.lang {
        Lang::En if !says_all => format!(" {error}"),
        _ => String::new(),
    }
}

/// An error of the wallet: what to tell the person and what went wrong, with the exit status that fits.
pub fn fault(error: &WalletError, cx: &Context) -> CliError {
    let next = door::what_next(error, cx).map_or_else(String::new, |next| format!(" {next}."));
    let mut text = format!("{}{next} [{}]", error.text(cx.lang), error.code().as_str());
    text.push_str(&detail(error, error.code(), cx));
    match error {
        WalletError::Locked { .. }
        | WalletError::InvalidState(StateFault::Closed | StateFault::OrderRefused | StateFault::StaleOrder) => {
            CliError::Refused(text)
        }
        WalletError::Backup(
            BackupFault::Passphrase(_) | BackupFault::Cheap | BackupFault::File(SealedFileError::WrongPassphrase),
        ) => CliError::Refused(text),
        WalletError::Backup(BackupFault::File(SealedFileError::Io(_) | SealedFileError::Crypto(_))) => {
            CliError::Environment(text)
        }
        WalletError::Backup(_) => CliError::Input(text),
        WalletError::Issuer(_)
        | WalletError::Untrusted(_)
        | WalletError::Expired(_)
        | WalletError::StatusList(_)
        | WalletError::UserCancelled => CliError::Refused(text),
        WalletError::InvalidRequest { .. } | WalletError::InvalidState(_) | WalletError::Unsupported(_) => {
            CliError::Input(text)
        }
        _ => CliError::Environment(text),
    }
}

pub use door::open;

fn init(dir: &Place, args: &WalletInitArgs, cx: &Context) -> Result {
    let issuers = pem(&args.anchor, cx)?;
    let readers = pem(&args.reader_anchor, cx)?;
    if dir.join(idwallet_wallet::VAULT_FILE).exists() {
        return Err(bad(
            dir.display(),
            cx.t("đã có ví ở đây", "there is a wallet here already"),
        ));
    }
    let pin = dir.pin_file.as_ref().map(|file| door::read_pin(file, cx)).transpose()?;
    let area = area::create(dir, cx)?;
    let random = Arc::new(SystemRandom::new());
    let wallet = pollster::block_on(async {
        match &pin {
            Some(pin) => Wallet::create_with_pin(dir, area, pin, random).await,
            None => Wallet::create(dir, area, random).await,
        }
    })
    .map_err(|error| fault(&error, cx))?;
    for (name, text) in [(ISSUER_ANCHORS, issuers), (READER_ANCHORS, readers)] {
        if let Some(text) = text {
            input::write(&dir.join(name), text.as_bytes(), Readable::ByAll, true)?;
        }
    }
    let (protection, notice) = area::notice(dir, wallet.protection(), cx);
    cx.document(&json!({
        "dir": dir.display().to_string(),
        "protection": protection,
        "has_pin": wallet.has_pin(),
        "notice": notice,
    }))?;
    cx.line(format!("{} {}", cx.t("Đã tạo ví ở", "Made a wallet in"), dir.display()))?;
    cx.line(notice)?;
    if !wallet.has_pin() {
        cx.line(cx.t(
            "Ví chưa có mã PIN; `wallet pin set --new-pin-file TỆP` đặt mã PIN.",
            "The wallet has no PIN yet; `wallet pin set --new-pin-file FILE` sets one.",
        ))?;
    }
    Ok(Status::Done)
}

fn pem(sources: &[Source], cx: &Context) -> Result<Option<String>> {
    let mut all = Vec::new();
    for source in sources {
        all.extend(certs::read_all(source, cx)?);
    }
    Ok((!all.is_empty()).then(|| idwallet_crypto::x509::pem::write_certificates(&all)))
}

/// Anchors kept beside the vault.
fn kept(dir: &Place, name: &str, cx: &Context) -> Result<Vec<idwallet_crypto::x509::Certificate>> {
    let path = dir.join(name);
    if path.exists() {
        certs::read_all(&Source::from(path.into_os_string()), cx)
    } else {
        Ok(Vec::new())
    }
}

/// What the holder knows about readers.
pub struct Readers {
    anchors: TrustAnchors,
    crls: Vec<Crl>,
}

impl Readers {
    /// From the arguments and what is kept beside the vault.
    pub fn read(dir: &Place, args: &ConsentArgs, cx: &Context) -> Result<Self> {
        let mut anchors = certs::read_anchors(&args.reader_anchor, cx)?;
        for certificate in kept(dir, READER_ANCHORS, cx)? {
            anchors.add(certificate);
        }
        Ok(Self {
            anchors,
            crls: certs::read_crls(&args.reader_crl, cx)?,
        })
    }

    /// For a look at a request now.
    pub fn trust(&self, cx: &Context) -> ReaderTrust<'_> {
        ReaderTrust {
            anchors: &self.anchors,
            crls: &self.crls,
            revocation: RevocationRequirement::IfAvailable,
            strictness: Strictness::Iso,
            at: cx.clock(),
        }
    }
}

fn row(document: &DocumentSummary, lang: Lang) -> Value {
    json!({
        "id": document.id.to_string(),
        "type": document.doc_type,
        "format": document.format,
        "title": document.title.text(lang),
        "summary": document.summary.text(lang),
        "issuer": document.issuer,
        "valid_from": document.valid_from.to_rfc3339(),
        "valid_until": document.valid_until.to_rfc3339(),
        "state": document.state.as_str(),
        "copies_left": document.copies.left,
        "on_behalf_of": document.subject.ward().map(|ward| ward.relation().as_str()),
        "called": document.subject.ward().and_then(|ward| ward.label()),
        "reissue_due": document.reissue_due.map(|reason| reason.text(lang)),
    })
}

fn print_row(document: &DocumentSummary, cx: &Context) -> Result<()> {
    let short: String = document.id.to_string().chars().take(8).collect();
    let state = document.state.text(cx.lang);
    cx.line(format!(
        "{short}  {}  {}",
        document.title.text(cx.lang),
        document.summary.text(cx.lang)
    ))?;
    let copies = document.copies.left.map_or_else(String::new, |left| {
        format!(", {left} {}", cx.t("bản chưa dùng", "copies not yet shown"))
    });
    cx.line(format!(
        "          {}; {} {state} {} {}{copies}",
        document.issuer,
        cx.t("bản điện tử", "electronic copy"),
        cx.t("đến", "until"),
        local_time(document.valid_until, VIETNAM, cx.lang)
    ))?;
    if let Some(ward) = document.subject.ward() {
        cx.line(format!("          {}", ward.text(cx.lang)))?;
    }
    if let Some(reason) = document.reissue_due {
        cx.line(format!("          {}", reason.text(cx.lang)))?;
    }
    Ok(())
}

/// A document that the vault cannot vouch for, and what to do about it.
fn print_damaged(damaged: &DamagedDocument, cx: &Context) -> Result<()> {
    let code = Code::RecordDamaged;
    let short: String = damaged.id.to_string().chars().take(8).collect();
    cx.line(format!(
        "{short}  {} [{code}]{}",
        code.text(cx.lang),
        detail(damaged.damage, code, cx)
    ))
}

fn list(dir: &Place, cx: &Context) -> Result {
    let wallet = open(dir, cx)?;
    let listing = wallet.list(cx.now()).map_err(|error| fault(&error, cx))?;
    let damaged: Vec<Value> = listing
        .damaged
        .iter()
        .map(|d| json!({ "id": d.id.to_string(), "reason": d.damage.to_string() }))
        .collect();
    let documents: Vec<Value> = listing
        .documents
        .iter()
        .map(|document| row(document, cx.lang))
        .collect();
    cx.document(&json!({ "documents": documents, "damaged": damaged }))?;
    if listing.documents.is_empty() && listing.damaged.is_empty() {
        cx.line(cx.t("Ví chưa có giấy tờ nào.", "The wallet is empty."))?;
    }
    for document in &listing.documents {
        print_row(document, cx)?;
    }
    for damaged in &listing.damaged {
        print_damaged(damaged, cx)?;
    }
    Ok(Status::Done)
}

/// The document whose id begins so.
fn find(wallet: &Wallet, id: &str, cx: &Context) -> Result<DocumentId> {
    let listing = wallet.list(cx.now()).map_err(|error| fault(&error, cx))?;
    let ids = listing
        .documents
        .iter()
        .map(|d| d.id)
        .chain(listing.damaged.iter().map(|d| d.id));
    let id = id.to_lowercase();
    let found: Vec<DocumentId> = ids
        .filter(|known| !id.is_empty() && known.to_string().starts_with(&id))
        .collect();
    match found.as_slice() {
        [only] => Ok(*only),
        [] => Err(bad(
            id,
            cx.t("ví không có giấy tờ này", "there is no such document in the wallet"),
        )),
        _ => Err(bad(
            id,
            cx.t("là phần đầu của nhiều giấy tờ", "is the beginning of several ids"),
        )),
    }
}

fn show(dir: &Place, args: &WalletIdArgs, cx: &Context) -> Result {
    let wallet = open(dir, cx)?;
    let id = find(&wallet, &args.id, cx)?;
    let view = wallet.show(id, cx.now()).map_err(|error| fault(&error, cx))?;
    let (mut claims, mut meanings) = (Map::new(), Map::new());
    let add = |to: &mut Map<String, Value>, claim: &Claim, value| {
        let of = to.entry(claim.name_space.clone()).or_insert_with(|| json!({}));
        if let Value::Object(of) = of {
            of.insert(claim.element.clone(), value);
        }
    };
    for claim in &view.claims {
        add(&mut claims, claim, crate::report::cbor_to_json(claim.cbor()));
        if !claim.meanings.is_empty() {
            let of: Vec<&str> = claim.meanings.iter().map(|meaning| meaning.text(cx.lang)).collect();
            add(&mut meanings, claim, json!(of));
        }
    }
    let mut document = row(&view.summary, cx.lang);
    if let Value::Object(map) = &mut document {
        map.insert("claims".into(), claims.into());
        map.insert("meanings".into(), meanings.into());
        map.insert("device_key".into(), view.device_key_curve.name().into());
    }
    cx.document(&document)?;
    print_row(&view.summary, cx)?;
    for claim in &view.claims {
        cx.line(format!(
            "  {}: {}",
            claim.label.text(cx.lang),
            claim.shown.text(cx.lang)
        ))?;
        for meaning in &claim.meanings {
            cx.line(format!("      {}", meaning.text(cx.lang)))?;
        }
        if !claim.gives_away.is_empty() {
            let facts: Vec<&str> = claim.gives_away.iter().map(|fact| fact.text(cx.lang)).collect();
            cx.line(format!(
                "      ({}: {})",
                cx.t("còn để lộ", "also gives away"),
                facts.join(", ")
            ))?;
        }
    }
    Ok(Status::Done)
}

fn remove(dir: &Place, args: &WalletRemoveArgs, cx: &Context) -> Result {
    let wallet = open(dir, cx)?;
    let id = find(&wallet, &args.id, cx)?;
    if !args.yes {
        let question = format!(
            "{} {id}? {} ",
            cx.t("Xóa hẳn giấy tờ", "Remove for good"),
            cx.t("Gõ `xóa` để đồng ý:", "Type `remove` to agree:")
        );
        let said = consent::ask(&question)?;
        if !matches!(said.trim(), "remove" | "xóa" | "xoá" | "xoa") {
            return Err(CliError::Refused(
                cx.t("không xóa gì", "nothing was removed").to_owned(),
            ));
        }
    }
    pollster::block_on(wallet.remove(id, cx.now())).map_err(|error| fault(&error, cx))?;
    cx.document(&json!({ "removed": id.to_string() }))?;
    cx.line(format!("{} {id}", cx.t("Đã xóa", "Removed")))?;
    Ok(Status::Done)
}
