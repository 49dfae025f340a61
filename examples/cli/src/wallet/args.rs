//! The arguments of `wallet …`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use idwallet_crypto::{Curve, Timestamp};
use idwallet_wallet::{CopiesPolicy, CopyMethod, Relation};

use crate::args::{TrustArgs, parse_curve};
use crate::input::{Source, parse_time};

#[derive(Debug, Args)]
pub struct WalletArgs {
    /// The folder of the vault; `$IDWALLET_DIR`, else `~/.local/share/idwallet` when not given.
    #[arg(long, value_name = "DIR", global = true)]
    pub dir: Option<PathBuf>,
    /// A file whose first line is the wallet's PIN. (A PIN among the arguments would be seen by others.)
    #[arg(long, value_name = "FILE", global = true)]
    pub pin_file: Option<Source>,
    #[command(flatten)]
    pub area: AreaArgs,
    #[command(subcommand)]
    pub command: WalletCommand,
}

/// Who keeps the keys. `init` remembers it, and later commands need the PIN file of a token alone.
#[derive(Debug, Clone, Default, Args)]
pub struct AreaArgs {
    /// Who keeps the keys of a new wallet: a file beside the vault, or a PKCS#11 token.
    #[arg(long, value_name = "AREA", value_enum, global = true)]
    pub area: Option<AreaKind>,
    /// The PKCS#11 module of the token: a shared library.
    #[arg(long, value_name = "FILE", global = true)]
    pub pkcs11_module: Option<PathBuf>,
    /// The token's label.
    #[arg(long, value_name = "LABEL", global = true)]
    pub token: Option<String>,
    /// A file with the token's PIN.
    #[arg(long, value_name = "FILE", global = true)]
    pub token_pin_file: Option<Source>,
}

/// A make of secure area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AreaKind {
    /// A key file beside the vault.
    Software,
    /// A PKCS#11 token.
    Pkcs11,
}

#[derive(Debug, Subcommand)]
pub enum WalletCommand {
    /// Make a new vault.
    Init(WalletInitArgs),
    /// The documents in the vault.
    List,
    /// One document with its content.
    Show(WalletIdArgs),
    /// Take a document out of the vault, for good.
    Remove(WalletRemoveArgs),
    /// Who asked for what, what was shown and done; export and delete it.
    History(WalletHistoryArgs),
    /// Prepare a signed complaint about whoever asked, or a request to them to erase.
    Report(WalletReportArgs),
    /// A file for support with nothing personal in it.
    Support(WalletSupportArgs),
    /// Store a credential obtained elsewhere, once it is verified.
    Import(WalletImportArgs),
    /// Whether documents are correct, sufficient, clean and live. Ends with 1 when one cannot be used.
    Check(WalletCheckArgs),
    /// Take in status lists, and say which to fetch.
    Status(WalletStatusArgs),
    /// Ask an issuer to correct a document.
    #[command(subcommand)]
    Correct(CorrectCommand),
    /// Make a device key in the wallet, for an issuer to bind a document to.
    DeviceKey(WalletDeviceKeyArgs),
    /// In person: show a QR code and wait for a reader.
    ShowQr(WalletShowQrArgs),
    /// Camera to camera: look at a reader's frames, consent, write the frames of the answer.
    Answer(WalletAnswerArgs),
    /// Save everything that can move into one encrypted file.
    Export(WalletExportArgs),
    /// Take over what such a file has: shown first, then all of it or nothing.
    Restore(WalletRestoreArgs),
    /// What a restore could not bring along and has to be issued again.
    Reissue,
    /// Set, change or remove the PIN; make a recovery code.
    #[command(subcommand)]
    Pin(PinCommand),
    /// Lock the wallet: no command opens it until `unlock`.
    Lock,
    /// Take back `lock`; with a recovery code, set a new PIN in the place of a forgotten one.
    Unlock(UnlockArgs),
    /// What can be said of the wallet without opening it: wrong PINs, waits, locks.
    State,
    /// Name who may lock the wallet from afar, and print what their orders are to call it.
    Authority(AuthorityArgs),
    /// Obey an order to lock, hold or release, if it is one of the authority that was named.
    Order(OrderArgs),
    /// Go on with an older file of the wallet that was put back.
    AcceptOlder,
}

#[derive(Debug, Args)]
pub struct WalletExportArgs {
    /// The file to write, readable by its owner alone.
    pub file: PathBuf,
    /// A file whose first line is the passphrase: 12 characters or more. (Among the arguments it would be seen by others.)
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Source,
    /// This document alone (its id, or its beginning); may repeat.
    #[arg(long, value_name = "ID")]
    pub only: Vec<String>,
    /// Leave the history out.
    #[arg(long)]
    pub no_history: bool,
    /// Save what the documents are and who issued them, not the documents.
    #[arg(long)]
    pub no_values: bool,
    /// Replace the file if it is there.
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct WalletRestoreArgs {
    /// The file that `wallet export` wrote.
    pub file: PathBuf,
    /// A file whose first line is the passphrase.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Source,
    /// Show what would happen and change nothing.
    #[arg(long)]
    pub preview: bool,
    /// This document alone (its id in the preview, or its beginning); may repeat.
    #[arg(long, value_name = "ID")]
    pub only: Vec<String>,
    /// Leave the history out.
    #[arg(long)]
    pub no_history: bool,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub trust: TrustArgs,
}

#[derive(Debug, Subcommand)]
pub enum PinCommand {
    /// Set a PIN, or another one in its place (the old one by --pin-file).
    Set(PinSetArgs),
    /// Remove the PIN, and the recovery code with it.
    Remove,
    /// Make a recovery code, which sets a new PIN when this one was forgotten. An earlier code is worth nothing from then on.
    RecoveryCode(RecoveryCodeArgs),
}

#[derive(Debug, Args)]
pub struct PinSetArgs {
    /// A file whose first line is the new PIN: 6 to 32 digits.
    #[arg(long, value_name = "FILE")]
    pub new_pin_file: Source,
}

#[derive(Debug, Args)]
pub struct RecoveryCodeArgs {
    /// Where the code goes, readable by its owner alone.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct UnlockArgs {
    /// A file whose first line is the recovery code.
    #[arg(long, value_name = "FILE", requires = "new_pin_file")]
    pub recovery_code_file: Option<Source>,
    /// A file whose first line is the new PIN.
    #[arg(long, value_name = "FILE", requires = "recovery_code_file")]
    pub new_pin_file: Option<Source>,
}

#[derive(Debug, Args)]
pub struct AuthorityArgs {
    /// The authority's public key; without it nobody may give orders.
    #[arg(long, value_name = "PUB")]
    pub key: Option<Source>,
}

#[derive(Debug, Args)]
pub struct OrderArgs {
    /// The order.
    pub order: Source,
}

#[derive(Debug, Args)]
pub struct WalletInitArgs {
    /// Roots of issuers to trust from now on; may repeat.
    #[arg(long, value_name = "FILE")]
    pub anchor: Vec<Source>,
    /// Roots of readers to trust from now on; may repeat.
    #[arg(long, value_name = "FILE")]
    pub reader_anchor: Vec<Source>,
}

#[derive(Debug, Args)]
pub struct WalletIdArgs {
    /// The document's id, or its beginning.
    pub id: String,
}

#[derive(Debug, Args)]
pub struct WalletHistoryArgs {
    /// Write it to a file, for machines (.json), to read and print (.html), or encrypted for any JOSE software (.jwe).
    #[arg(long, value_name = "FILE", conflicts_with = "delete")]
    pub export: Option<PathBuf>,
    /// For .jwe: a file whose first line is the passphrase: 12 characters or more. (Among the arguments it would be seen by others.)
    #[arg(long, value_name = "FILE", requires = "export")]
    pub passphrase_file: Option<Source>,
    /// Replace the file if it is there.
    #[arg(long)]
    pub force: bool,
    /// Delete entries for good.
    #[arg(long)]
    pub delete: bool,
    /// Delete those before this time alone (RFC 3339).
    #[arg(long, value_name = "TIME", requires = "delete", value_parser = parse_time)]
    pub before: Option<Timestamp>,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct WalletReportArgs {
    /// The number of the entry in the history.
    pub entry: u64,
    /// What to say, in your own words.
    #[arg(long, value_name = "FILE")]
    pub text_file: Option<Source>,
    /// Ask them to erase what they got, instead of a complaint.
    #[arg(long)]
    pub erase: bool,
    /// Where the signed file goes; a page to print goes beside it.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the files if they are there.
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct WalletSupportArgs {
    /// Where the file goes.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct WalletRemoveArgs {
    /// The document's id, or its beginning.
    pub id: String,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct WalletImportArgs {
    /// The credential (IssuerSigned); several are copies of one document. Or one folder: each NAME.cbor in it is a document, with its
    /// device key in NAME.key.
    #[arg(required = true)]
    pub file: Vec<Source>,
    /// The private device key of the credential, unless the wallet made it; once for each copy.
    #[arg(long, value_name = "KEY")]
    pub device_key: Vec<Source>,
    /// The document is somebody else's, for whom you act: child, ward or represented.
    #[arg(long, value_name = "RELATION", value_parser = parse_relation)]
    pub on_behalf_of: Option<Relation>,
    /// What you call that person, to tell two of them apart.
    #[arg(long, value_name = "NAME", requires = "on_behalf_of")]
    pub called: Option<String>,
    /// How several copies are used: once, limited-time, rotating or per-reader; once each when not given. Another one after a comma is
    /// the way out when there is none left, and is asked about each time.
    #[arg(long, value_name = "METHODS", value_parser = parse_copies)]
    pub copies: Option<CopiesPolicy>,
    #[command(flatten)]
    pub trust: TrustArgs,
}

fn parse_relation(text: &str) -> Result<Relation, String> {
    Relation::of_word(text).ok_or_else(|| "child, ward or represented".to_owned())
}

fn parse_copies(text: &str) -> Result<CopiesPolicy, String> {
    let method = |word: &str| match word {
        "once" => Ok(CopyMethod::OnceOnly),
        "limited-time" => Ok(CopyMethod::LimitedTime),
        "rotating" => Ok(CopyMethod::RotatingBatch),
        "per-reader" => Ok(CopyMethod::PerReader),
        _ => Err("once, limited-time, rotating or per-reader".to_owned()),
    };
    let mut words = text.split(',');
    let first = CopiesPolicy::new(method(words.next().unwrap_or_default())?);
    words.try_fold(first, |policy, word| Ok(policy.then(method(word)?)))
}

#[derive(Debug, Args)]
pub struct WalletCheckArgs {
    /// The document's id, or its beginning; all of them when not given.
    pub id: Option<String>,
    #[command(flatten)]
    pub trust: TrustArgs,
}

#[derive(Debug, Args)]
pub struct WalletStatusArgs {
    #[command(flatten)]
    pub trust: TrustArgs,
}

#[derive(Debug, Subcommand)]
pub enum CorrectCommand {
    /// Draft a request and sign it with the wallet's own key.
    Draft(CorrectDraftArgs),
    /// The requests and where they are.
    List,
    /// Note that a request was sent.
    Sent(WalletIdArgs),
    /// Note the issuer's answer.
    Answered(CorrectAnsweredArgs),
}

#[derive(Debug, Args)]
pub struct CorrectDraftArgs {
    /// The document's id, or its beginning.
    pub id: String,
    /// A field in dispute: ELEMENT or NAMESPACE/ELEMENT; with =VALUE the request says what it should be. May repeat.
    #[arg(long, value_name = "FIELD", required = true)]
    pub field: Vec<String>,
    /// Why, in your own words; the issuer reads it.
    #[arg(long, default_value = "")]
    pub reason: String,
    /// Where the signed file goes.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct CorrectAnsweredArgs {
    /// The request's id, or its beginning.
    pub id: String,
    /// What the issuer said.
    #[arg(long, value_enum)]
    pub answer: AnswerName,
}

/// An issuer's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum AnswerName {
    /// It will correct the document.
    Accepted,
    /// It will not.
    Refused,
    /// It has issued a corrected one.
    Changed,
}

#[derive(Debug, Args)]
pub struct WalletDeviceKeyArgs {
    /// The curve.
    #[arg(long, default_value = "P-256", value_parser = parse_curve)]
    pub curve: Curve,
    /// Where the public key goes (PEM).
    #[arg(long, value_name = "FILE")]
    pub public: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    pub force: bool,
}

/// Who is asked before anything leaves.
#[derive(Debug, Args)]
pub struct ConsentArgs {
    /// Agree to all that is asked without a question. A reader with a bad proof of who it is gets nothing all the same.
    #[arg(long)]
    pub yes: bool,
    /// A field that is not given: ELEMENT or NAMESPACE/ELEMENT; may repeat.
    #[arg(long, value_name = "FIELD")]
    pub without: Vec<String>,
    /// Roots of readers to trust, beside those of the vault; may repeat.
    #[arg(long, value_name = "FILE")]
    pub reader_anchor: Vec<Source>,
    /// Revocation lists of reader authorities; may repeat.
    #[arg(long, value_name = "FILE")]
    pub reader_crl: Vec<Source>,
}

#[derive(Debug, Args)]
pub struct WalletShowQrArgs {
    /// Also write the code as a picture.
    #[arg(long, value_name = "FILE")]
    pub png: Option<PathBuf>,
    /// Address to wait at; 127.0.0.1 and a free port when not given.
    #[arg(long, value_name = "ADDR")]
    pub stream: Option<String>,
    /// Seconds to wait for a reader, and for each of its messages.
    #[arg(long, default_value_t = 120)]
    pub timeout: u64,
    /// Replace the picture if it is there.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub consent: ConsentArgs,
}

#[derive(Debug, Args)]
pub struct WalletAnswerArgs {
    /// A folder of the reader's frames, an animated GIF, or one picture.
    pub frames: Source,
    /// Where the frames of the answer go.
    #[arg(long, value_name = "DIR")]
    pub camera_out: PathBuf,
    /// Number of frames; three times what is needed when not given.
    #[arg(long)]
    pub frame_count: Option<u32>,
    /// Replace frames that are there.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub consent: ConsentArgs,
}
