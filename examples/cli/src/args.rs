//! The arguments of every command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use idwallet_crypto::{Curve, Timestamp};
use idwallet_documents::Lang;

use crate::input::{Source, parse_time};
use crate::wallet::args::WalletArgs;

/// The citizen's wallet, the reader, the issuer and the inspector on a desk.
#[derive(Debug, Parser)]
#[command(
    name = "idwallet",
    version,
    about = "The citizen's wallet, the reader, the issuer and the inspector on a desk",
    after_help = "Exit status: 0 done or accepted, 1 refused, 2 unusable input or arguments, 3 the environment failed.\n\
                  A FILE may be `-` for standard input; bytes, hex and base64url are told apart."
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// One JSON document on standard output instead of a report for people.
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of reports; the locale's when not given.
    #[arg(long, global = true, value_enum)]
    pub lang: Option<Language>,
    /// The time that counts as now, in RFC 3339.
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_time)]
    pub at: Option<Timestamp>,
    /// The form of binary inputs; told apart when not given.
    #[arg(long, global = true, value_enum)]
    pub encoding: Option<Encoding>,
}

/// A language of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

impl From<Language> for Lang {
    fn from(language: Language) -> Self {
        match language {
            Language::Vi => Self::Vi,
            Language::En => Self::En,
        }
    }
}

/// The form of a binary input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Encoding {
    /// The bytes themselves.
    Raw,
    /// Hexadecimal digits.
    Hex,
    /// Base64url, with or without padding; also plain base64.
    Base64url,
}

impl Encoding {
    /// Its name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw bytes",
            Self::Hex => "hexadecimal",
            Self::Base64url => "base64url",
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The whole story on this machine, step by step, attacks included.
    Demo(DemoArgs),
    /// Test certificates and trust lists that meet the profiles.
    #[command(subcommand)]
    Pki(PkiCommand),
    /// Issue a credential.
    #[command(subcommand)]
    Issue(IssueCommand),
    /// The holder's vault.
    Wallet(WalletArgs),
    /// The reader, in person: over a stream, or camera to camera.
    Read(Box<ReadArgs>),
    /// Verify what was received.
    #[command(subcommand)]
    Verify(VerifyCommand),
    /// What is this, and what is in it?
    Inspect(InspectArgs),
    /// QR codes.
    #[command(subcommand)]
    Qr(QrCommand),
}

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where everything is left for a look; a temporary folder when not given.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

// ---- pki ----

#[derive(Debug, Subcommand)]
pub enum PkiCommand {
    /// A key pair, such as a device key.
    Key(PkiKeyArgs),
    /// An issuing authority's root (IACA).
    Iaca(PkiRootArgs),
    /// A root of readers, of list providers or of the web.
    Authority(PkiRootArgs),
    /// A document signer.
    Ds(PkiLeafArgs),
    /// A reader.
    Reader(PkiLeafArgs),
    /// A signer of VICALs.
    VicalSigner(PkiLeafArgs),
    /// A signer of status lists.
    StatusSigner(PkiLeafArgs),
    /// A signer of snapshots.
    SnapshotSigner(PkiLeafArgs),
    /// A web server.
    Tls(PkiTlsArgs),
    /// A revocation list.
    Crl(PkiCrlArgs),
    /// A list of issuing authorities (VICAL).
    Vical(PkiVicalArgs),
    /// An order that locks, holds or releases a wallet from afar.
    LockOrder(PkiLockOrderArgs),
    /// A status list token (CWT).
    StatusList(PkiStatusListArgs),
    /// A dated snapshot of anchors, revocation lists, trust lists and status lists, for a reader without network.
    Snapshot(PkiSnapshotArgs),
}

#[derive(Debug, Args)]
pub struct PkiLockOrderArgs {
    /// What `wallet authority` printed.
    #[arg(long, value_name = "HEX")]
    pub address: String,
    /// What the wallet is to do.
    #[arg(long, value_enum)]
    pub action: OrderWord,
    /// The order's number: larger than that of every order before.
    #[arg(long, value_name = "N")]
    pub number: u64,
    /// Private key of the authority that the owner named.
    #[arg(long, value_name = "KEY")]
    pub key: Source,
    /// Where the order goes.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    pub force: bool,
}

/// What an order wants.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum OrderWord {
    /// Lock now; the PIN opens it again.
    Lock,
    /// Lock and stay locked until a release.
    Hold,
    /// Take back a hold.
    Release,
}

#[derive(Debug, Args)]
pub struct PkiKeyArgs {
    /// The curve.
    #[arg(long, default_value = "P-256", value_parser = parse_curve)]
    pub curve: Curve,
    /// Where the private key goes (PKCS#8 PEM, readable by its owner alone).
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Where the public key goes (PEM).
    #[arg(long, value_name = "FILE")]
    pub public: Option<PathBuf>,
    /// Replace files that are there.
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct PkiCertificate {
    /// The key to certify: a private or, for certificates of others, a public one. A new one is made when not given.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out_key", "curve"])]
    pub key: Option<Source>,
    /// Where the new private key goes (PKCS#8 PEM, readable by its owner alone).
    #[arg(long, value_name = "FILE", required_unless_present = "key")]
    pub out_key: Option<PathBuf>,
    /// Curve of the new key.
    #[arg(long, default_value = "P-256", value_parser = parse_curve)]
    pub curve: Curve,
    /// Where the certificate goes (PEM).
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Common name.
    #[arg(long)]
    pub name: Option<String>,
    /// Organisation.
    #[arg(long)]
    pub organization: Option<String>,
    /// Country, two letters; that of the issuer when there is one.
    #[arg(long)]
    pub country: Option<String>,
    /// State or province; that of the issuer when there is one.
    #[arg(long)]
    pub state: Option<String>,
    /// Start of validity; now when not given.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub valid_from: Option<Timestamp>,
    /// Days of validity; that of the profile when not given.
    #[arg(long)]
    pub days: Option<u16>,
    /// Replace files that are there.
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct PkiRootArgs {
    #[command(flatten)]
    pub certificate: PkiCertificate,
    /// Email address or URI of the authority.
    #[arg(long, default_value = "https://example.org")]
    pub contact: String,
}

#[derive(Debug, Args)]
pub struct PkiIssuer {
    /// Certificate of the issuing root.
    #[arg(long, value_name = "FILE")]
    pub issuer: Source,
    /// Private key of the issuing root.
    #[arg(long, value_name = "FILE")]
    pub issuer_key: Source,
}

#[derive(Debug, Args)]
pub struct PkiLeafArgs {
    #[command(flatten)]
    pub issuer: PkiIssuer,
    #[command(flatten)]
    pub certificate: PkiCertificate,
    /// Email address or URI of the issuing authority (document signers).
    #[arg(long, default_value = "https://example.org")]
    pub contact: String,
    /// Where the revocation list is published.
    #[arg(long, value_name = "URI", default_value = "https://example.org/crl")]
    pub crl_uri: String,
}

#[derive(Debug, Args)]
pub struct PkiTlsArgs {
    #[command(flatten)]
    pub issuer: PkiIssuer,
    #[command(flatten)]
    pub certificate: PkiCertificate,
    /// A name of the server; may repeat.
    #[arg(long, value_name = "NAME", default_value = "localhost")]
    pub dns: Vec<String>,
}

#[derive(Debug, Args)]
pub struct PkiCrlArgs {
    #[command(flatten)]
    pub issuer: PkiIssuer,
    /// A certificate to revoke; may repeat.
    #[arg(long, value_name = "CERT")]
    pub revoke: Vec<Source>,
    /// Number of the list.
    #[arg(long, default_value_t = 1)]
    pub number: u64,
    /// Start of the list; now when not given.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub valid_from: Option<Timestamp>,
    /// Days until the next list.
    #[arg(long, default_value_t = 30)]
    pub days: u16,
    /// Where the list goes (PEM).
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct PkiVicalArgs {
    /// Private key of the VICAL signer.
    #[arg(long, value_name = "FILE")]
    pub signer: Source,
    /// Certificates of the VICAL signer, its own first, without the root.
    #[arg(long, value_name = "FILE")]
    pub chain: Source,
    /// Certificates of issuing authorities to list; may repeat and hold several.
    #[arg(long, value_name = "FILE", required = true)]
    pub certificate: Vec<Source>,
    /// A document type the authorities issue; may repeat. The built-in ones when not given.
    #[arg(long, value_name = "TYPE")]
    pub doc_type: Vec<String>,
    /// Who provides the list.
    #[arg(long, default_value = "Test provider")]
    pub provider: String,
    /// Number of the issue.
    #[arg(long, default_value_t = 1)]
    pub issue: u64,
    /// Date of the list; now when not given.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub valid_from: Option<Timestamp>,
    /// Days until the next list.
    #[arg(long, default_value_t = 30)]
    pub days: u16,
    /// Where the list goes (CBOR).
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct PkiStatusListArgs {
    /// Private key of the status list signer.
    #[arg(long, value_name = "FILE")]
    pub signer: Source,
    /// Certificates of the status list signer, its own first, without the root.
    #[arg(long, value_name = "FILE")]
    pub chain: Source,
    /// Where the list is published: what credentials name.
    #[arg(long)]
    pub uri: String,
    /// Number of entries.
    #[arg(long, default_value_t = 1024)]
    pub size: u64,
    /// Bits of an entry: 1, 2, 4 or 8.
    #[arg(long, default_value_t = 2)]
    pub bits: u8,
    /// An entry that is not 0 (valid): INDEX=STATUS, 1 invalid, 2 suspended; may repeat.
    #[arg(long, value_name = "INDEX=STATUS", value_parser = parse_entry)]
    pub set: Vec<(u64, u8)>,
    /// Start of the list; now when not given.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub valid_from: Option<Timestamp>,
    /// Days until the list expires.
    #[arg(long, default_value_t = 30)]
    pub days: u16,
    /// Where the token goes (CWT).
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct PkiSnapshotArgs {
    /// Private key of the snapshot's signer.
    #[arg(long, value_name = "FILE")]
    pub signer: Source,
    /// Certificates of the snapshot's signer (`pki snapshot-signer`), its own first.
    #[arg(long, value_name = "FILE")]
    pub chain: Source,
    /// Roots of issuers; may repeat.
    #[arg(long, value_name = "FILE")]
    pub anchor: Vec<Source>,
    /// Roots of readers; may repeat.
    #[arg(long, value_name = "FILE")]
    pub reader_anchor: Vec<Source>,
    /// Lists of issuing authorities; may repeat.
    #[arg(long, value_name = "FILE")]
    pub vical: Vec<Source>,
    /// Roots of list providers; may repeat.
    #[arg(long, value_name = "FILE")]
    pub vical_anchor: Vec<Source>,
    /// Revocation lists; may repeat.
    #[arg(long, value_name = "FILE")]
    pub crl: Vec<Source>,
    /// Status list tokens; may repeat.
    #[arg(long, value_name = "FILE")]
    pub status_list: Vec<Source>,
    /// Number of the snapshot, higher than the one before.
    #[arg(long, default_value_t = 1)]
    pub sequence: u64,
    /// Where the snapshot goes (CBOR).
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    pub force: bool,
}

// ---- issue ----

#[derive(Debug, Subcommand)]
pub enum IssueCommand {
    /// An ISO mdoc.
    Mdoc(Box<IssueMdocArgs>),
}

#[derive(Debug, Args)]
pub struct IssueMdocArgs {
    /// The document type: its docType or its short name, such as `driving-licence`.
    #[arg(long = "type", value_name = "TYPE")]
    pub doc_type: String,
    /// The person's data (JSON).
    #[arg(long, value_name = "FILE")]
    pub data: Source,
    /// Private key of the document signer.
    #[arg(long, value_name = "KEY")]
    pub signer: Source,
    /// Certificates of the document signer, its own first, without the root.
    #[arg(long, value_name = "CERTS")]
    pub chain: Source,
    /// Public key of the holder's device; may repeat: each gets a copy of its own.
    #[arg(long, value_name = "PUB", required = true)]
    pub device_key: Vec<Source>,
    /// Start of validity; now when not given.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub valid_from: Option<Timestamp>,
    /// End of validity; that of the document type when not given, and never after the signer's.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub valid_until: Option<Timestamp>,
    /// Write every date as the start of its day, so that the times link no two copies.
    #[arg(long)]
    pub coarse: bool,
    /// A namespace, or NAMESPACE/ELEMENT, that the device may sign itself; may repeat.
    #[arg(long, value_name = "NAME")]
    pub authorize: Vec<String>,
    /// The status list that the copies have entries in.
    #[arg(long, value_name = "URI", requires = "status_index")]
    pub status_uri: Option<String>,
    /// The entry of a copy in the status list; once for each device key.
    #[arg(long, value_name = "N", requires = "status_uri")]
    pub status_index: Vec<u64>,
    /// Where the credential goes (CBOR); with several copies `-1`, `-2`… is put before the extension.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace files that are there.
    #[arg(long)]
    pub force: bool,
}

// ---- read and verify ----

/// What is known about issuers, and what the policy asks for.
#[derive(Debug, Clone, Default, Args)]
pub struct TrustArgs {
    /// Roots of issuers to trust; may repeat and hold several.
    #[arg(long, value_name = "FILE")]
    pub anchor: Vec<Source>,
    /// A list of issuing authorities to trust.
    #[arg(long, value_name = "FILE", requires = "vical_anchor")]
    pub vical: Option<Source>,
    /// Roots of the list's provider; may repeat.
    #[arg(long, value_name = "FILE", requires = "vical")]
    pub vical_anchor: Vec<Source>,
    /// Revocation lists; may repeat.
    #[arg(long, value_name = "FILE")]
    pub crl: Vec<Source>,
    /// Status list tokens; may repeat.
    #[arg(long, value_name = "FILE")]
    pub status_list: Vec<Source>,
    /// A dated snapshot of anchors, revocation lists, trust lists and status lists.
    #[arg(long, value_name = "FILE", requires = "snapshot_anchor")]
    pub snapshot: Option<Source>,
    /// Certificate or public key of the snapshot's signer.
    #[arg(long, value_name = "FILE", requires = "snapshot")]
    pub snapshot_anchor: Option<Source>,
    /// How many days old the snapshot may be.
    #[arg(long, value_name = "DAYS", requires = "snapshot")]
    pub snapshot_max_age: Option<u32>,
    /// How strictly the certificate profiles are held.
    #[arg(long, value_enum, default_value_t = ProfileName::Iso)]
    pub profile: ProfileName,
    /// What must have been checked or given: revocation, status, elements; separated by commas.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    pub require: Vec<Requirement>,
    /// Accept without a trusted issuer.
    #[arg(long)]
    pub allow_untrusted: bool,
}

/// How strictly the certificate profiles are held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ProfileName {
    /// ISO 18013-5 to the letter.
    #[default]
    Iso,
    /// The key purposes of ISO 23220 alone will do for types other than the driving licence.
    Generic,
    /// For what is in the field: departures are warnings.
    Lenient,
}

/// A check that must not be skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Requirement {
    /// Of the issuer's certificate.
    Revocation,
    /// Of the document.
    Status,
    /// That every element that was asked for is there.
    Elements,
}

#[derive(Debug, Args)]
pub struct ReadArgs {
    /// A photograph or screen capture of the holder's QR code, or its text (`mdoc:…`).
    #[arg(value_name = "IMAGE|mdoc:URI", required_unless_present_any = ["camera_out", "camera_in"],
          conflicts_with_all = ["camera_out", "camera_in"])]
    pub engagement: Option<String>,
    /// What to ask for: a template (age-over-18, identity, driving-licence, vehicle, health-insurance) or a JSON file;
    /// several divided by commas are asked at once. May repeat: over a stream each is a round of its own.
    #[arg(
        long,
        value_name = "TEMPLATE|FILE",
        required_unless_present = "camera_in",
        conflicts_with = "camera_in"
    )]
    pub ask: Vec<String>,
    /// Private key of the reader.
    #[arg(long, value_name = "KEY", requires = "reader_chain", conflicts_with = "camera_in")]
    pub reader_key: Option<Source>,
    /// Certificates of the reader, its own first, without the root.
    #[arg(long, value_name = "CERTS", requires = "reader_key")]
    pub reader_chain: Option<Source>,
    /// Camera to camera, first half: where the reader's frames go.
    #[arg(long, value_name = "DIR", requires = "session", conflicts_with = "camera_in")]
    pub camera_out: Option<PathBuf>,
    /// Camera to camera, second half: a folder of the holder's frames, an animated GIF, or one picture.
    #[arg(long, value_name = "DIR", requires = "session")]
    pub camera_in: Option<Source>,
    /// Where the session is kept between the halves, readable by its owner alone.
    #[arg(long, value_name = "FILE")]
    pub session: Option<PathBuf>,
    /// Number of frames; three times what is needed when not given.
    #[arg(long, requires = "camera_out")]
    pub frame_count: Option<u32>,
    /// Seconds to wait for the holder's consent.
    #[arg(long, default_value_t = 120)]
    pub timeout: u64,
    /// Accept an answer in which something that was asked for is missing, with a warning.
    #[arg(long)]
    pub accept_missing: bool,
    /// Over a stream: also write the last DeviceResponse as it was received.
    #[arg(long, value_name = "FILE", requires = "engagement")]
    pub response_out: Option<PathBuf>,
    /// Over a stream: also write the session transcript.
    #[arg(long, value_name = "FILE", requires = "engagement")]
    pub transcript_out: Option<PathBuf>,
    /// Replace files that are there.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub trust: TrustArgs,
}

#[derive(Debug, Subcommand)]
pub enum VerifyCommand {
    /// DeviceResponse, Document, IssuerSigned or IssuerAuth.
    Mdoc(Box<VerifyMdocArgs>),
    /// A list of issuing authorities.
    Vical(VerifyVicalArgs),
    /// A status list token.
    Status(VerifyStatusArgs),
}

#[derive(Debug, Args)]
pub struct VerifyMdocArgs {
    /// What was received.
    pub file: Source,
    /// The session transcript (CBOR).
    #[arg(long, value_name = "FILE")]
    pub transcript: Option<Source>,
    /// The reader's private key of the session, for a device MAC.
    #[arg(long, value_name = "KEY")]
    pub reader_key: Option<Source>,
    /// The request that it answers (DeviceRequest).
    #[arg(long, value_name = "FILE")]
    pub request: Option<Source>,
    /// The document type that is expected.
    #[arg(long, value_name = "TYPE")]
    pub doctype: Option<String>,
    /// Do not ask for device authentication.
    #[arg(long)]
    pub issuer_only: bool,
    #[command(flatten)]
    pub trust: TrustArgs,
}

#[derive(Debug, Args)]
pub struct VerifyVicalArgs {
    /// The list.
    pub file: Source,
    /// Roots of the list's provider; may repeat.
    #[arg(long, value_name = "FILE")]
    pub anchor: Vec<Source>,
    /// Revocation lists of the provider; may repeat.
    #[arg(long, value_name = "FILE")]
    pub crl: Vec<Source>,
    /// How strictly the signer's certificate and the list's form are held; departures are warnings when not given, for the
    /// lists that are public depart.
    #[arg(long, value_enum, default_value_t = ProfileName::Lenient)]
    pub profile: ProfileName,
    /// Refuse a list whose nextUpdate has passed, instead of saying so.
    #[arg(long)]
    pub refuse_outdated: bool,
}

#[derive(Debug, Args)]
pub struct VerifyStatusArgs {
    /// The status list token (CWT).
    pub file: Source,
    /// The entry to look at.
    #[arg(long, value_name = "N")]
    pub index: u64,
    /// Roots of issuers to trust; may repeat.
    #[arg(long, value_name = "FILE")]
    pub anchor: Vec<Source>,
    /// The address that the credential names; the token must be for it.
    #[arg(long)]
    pub uri: Option<String>,
    /// Revocation lists of the issuer; may repeat.
    #[arg(long, value_name = "FILE")]
    pub crl: Vec<Source>,
    /// How strictly the certificate profiles are held.
    #[arg(long, value_enum, default_value_t = ProfileName::Iso)]
    pub profile: ProfileName,
}

#[derive(Debug, Args)]
pub struct InspectArgs {
    /// Anything: bytes, text, a picture, or a folder of camera frames.
    pub file: Source,
}

// ---- qr ----

#[derive(Debug, Subcommand)]
pub enum QrCommand {
    /// The texts of the codes in a picture.
    Read(QrReadArgs),
    /// A code of a text.
    Write(QrWriteArgs),
}

#[derive(Debug, Args)]
pub struct QrReadArgs {
    /// PNG, JPEG or GIF.
    pub image: Source,
}

#[derive(Debug, Args)]
pub struct QrWriteArgs {
    /// The text.
    pub text: String,
    /// Where the picture goes; the code is drawn in the terminal when not given.
    #[arg(long, value_name = "FILE")]
    pub png: Option<PathBuf>,
    /// Pixels of a module.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub scale: u32,
    /// Replace the picture if it is there.
    #[arg(long)]
    pub force: bool,
}

pub fn parse_curve(name: &str) -> Result<Curve, String> {
    Curve::ALL
        .into_iter()
        .find(|curve| curve.name().eq_ignore_ascii_case(name))
        .ok_or_else(|| {
            let names: Vec<_> = Curve::ALL.iter().map(|curve| curve.name()).collect();
            format!("one of {}", names.join(", "))
        })
}

fn parse_entry(text: &str) -> Result<(u64, u8), String> {
    let parts = text
        .split_once('=')
        .and_then(|(index, status)| Some((index.parse().ok()?, status.parse().ok()?)));
    parts.ok_or_else(|| "not INDEX=STATUS".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_definitions_hold_together() {
        super::Cli::command().debug_assert();
    }
}
