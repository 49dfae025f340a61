//! `pki`: keys, certificates, revocation lists for tests, each as its profile has it.

use idwallet_crypto::x509::{Certificate, CertificateBuilder, CrlBuilder, KeyUsage, NameBuilder, X509Error, oid, pem};
use idwallet_crypto::{PrivateKey, PublicKey, SystemRandom, Timestamp};
use idwallet_documents::{DocumentType, Registry};
use idwallet_status_list::{Bits, Status, StatusListBuilder};
use idwallet_trust::{DocTypes, SnapshotBuilder, TrustError, VicalBuilder};
use serde_json::{Value, json};

use crate::args::{
    PkiCertificate, PkiCommand, PkiCrlArgs, PkiIssuer, PkiKeyArgs, PkiLeafArgs, PkiRootArgs, PkiSnapshotArgs,
    PkiStatusListArgs, PkiTlsArgs, PkiVicalArgs,
};
use crate::context::Context;
use crate::error::{self, CliError, FileFault, Result, bad, bad_file};
use crate::input::{self, Readable, Source};
use crate::{certs, keys};

const DAY: i64 = 86_400;
/// Country of a root that names none: the fixtures are Vietnamese.
const COUNTRY: &str = "VN";

pub fn run(command: &PkiCommand, cx: &Context) -> Result {
    match command {
        PkiCommand::Key(args) => key(args, cx),
        PkiCommand::Iaca(args) => root(args, "Test IACA", true, cx),
        PkiCommand::Authority(args) => root(args, "Test authority", false, cx),
        PkiCommand::Ds(args) => leaf(args, Kind::DocumentSigner, cx),
        PkiCommand::Reader(args) => leaf(args, Kind::Reader, cx),
        PkiCommand::VicalSigner(args) => leaf(args, Kind::VicalSigner, cx),
        PkiCommand::StatusSigner(args) => leaf(args, Kind::StatusSigner, cx),
        PkiCommand::SnapshotSigner(args) => leaf(args, Kind::SnapshotSigner, cx),
        PkiCommand::Tls(args) => tls(args, cx),
        PkiCommand::Crl(args) => crl(args, cx),
        PkiCommand::Vical(args) => vical(args, cx),
        PkiCommand::LockOrder(args) => crate::wallet::door::make_order(args, cx),
        PkiCommand::StatusList(args) => status_list(args, cx),
        PkiCommand::Snapshot(args) => snapshot(args, cx),
    }
}

fn key(args: &PkiKeyArgs, cx: &Context) -> Result {
    let key = PrivateKey::generate(args.curve, &SystemRandom::new()).map_err(environment)?;
    write_key(&key, &args.out, args.force)?;
    if let Some(public) = &args.public {
        input::write(
            public,
            keys::public_to_pem(key.public_key()).as_bytes(),
            Readable::ByAll,
            args.force,
        )?;
    }
    cx.document(
        &json!({ "curve": args.curve.name(), "key": args.out.display().to_string(),
        "public": args.public.as_ref().map(|path| path.display().to_string()) }),
    )?;
    cx.line(format!("{} {}", args.curve.name(), args.out.display()))?;
    Ok(error::Status::Done)
}

fn environment(error: impl std::fmt::Display) -> CliError {
    CliError::Environment(error.to_string())
}

fn write_key(key: &PrivateKey, path: &std::path::Path, force: bool) -> Result<()> {
    let pem = keys::to_pem(key).map_err(CliError::Environment)?;
    input::write(path, pem.expose().as_bytes(), Readable::ByOwner, force)
}

/// The subject's key: one that is there, or a new one that is still to be written.
enum Subject {
    Known(PublicKey),
    Private(PrivateKey),
    New(PrivateKey),
}

impl Subject {
    fn of(args: &PkiCertificate, needs_private: bool, cx: &Context) -> Result<Self> {
        match &args.key {
            Some(source) if needs_private => keys::read_private(source, cx).map(Self::Private),
            Some(source) => keys::read_public(source, cx).map(Self::Known),
            None => PrivateKey::generate(args.curve, &SystemRandom::new())
                .map(Self::New)
                .map_err(environment),
        }
    }

    fn public(&self) -> &PublicKey {
        match self {
            Self::Known(key) => key,
            Self::Private(key) | Self::New(key) => key.public_key(),
        }
    }
}

fn name(args: &PkiCertificate, issuer: Option<&Certificate>, default: &str) -> Result<NameBuilder> {
    let inherited = issuer.map(Certificate::subject);
    let country = args
        .country
        .as_deref()
        .or(inherited.as_ref().and_then(|n| n.country()))
        .unwrap_or(COUNTRY);
    if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(bad("--country", "not two capital letters (ISO 3166-1)"));
    }
    let state = args
        .state
        .as_deref()
        .or(inherited.as_ref().and_then(|n| n.state_or_province()));
    let mut name = NameBuilder::new().country(country);
    if let Some(state) = state {
        name = name.text(oid::STATE, state);
    }
    if let Some(organization) = &args.organization {
        name = name.text(oid::ORGANIZATION, organization);
    }
    Ok(name.text(oid::COMMON_NAME, args.name.as_deref().unwrap_or(default)))
}

fn period(args: &PkiCertificate, builder: CertificateBuilder, from: Timestamp) -> CertificateBuilder {
    match args.days {
        Some(days) => builder.validity(from, from.saturating_add_seconds(i64::from(days) * DAY)),
        None => builder,
    }
}

/// Signs and writes key and certificate, and says so.
fn finish(
    args: &PkiCertificate,
    subject: &Subject,
    builder: &CertificateBuilder,
    issuer: &PrivateKey,
    cx: &Context,
) -> Result {
    let certificate = builder.sign(issuer, &SystemRandom::new()).map_err(build)?;
    if !args.force {
        let taken = [args.out_key.as_ref(), Some(&args.out)]
            .into_iter()
            .flatten()
            .find(|path| path.exists());
        if let Some(path) = taken {
            return Err(bad_file(path.display(), FileFault::There));
        }
    }
    if let (Subject::New(key), Some(path)) = (subject, &args.out_key) {
        write_key(key, path, args.force)?;
    }
    let text = pem::write_certificates([&certificate]);
    input::write(&args.out, text.as_bytes(), Readable::ByAll, args.force)?;
    cx.document(&json!({
        "subject": certificate.subject().to_string(), "issuer": certificate.issuer().to_string(),
        "not_before": certificate.not_before().to_rfc3339(), "not_after": certificate.not_after().to_rfc3339(),
        "certificate": args.out.display().to_string(),
        "key": args.out_key.as_ref().map_or(Value::Null, |path| path.display().to_string().into()),
    }))?;
    cx.line(format!(
        "{}, {} {}",
        certificate.subject(),
        cx.t("có giá trị đến", "valid until"),
        certificate.not_after().to_rfc3339()
    ))?;
    cx.line(format!("  {}", args.out.display()))?;
    if let Some(path) = &args.out_key {
        cx.line(format!("  {}", path.display()))?;
    }
    Ok(error::Status::Done)
}

fn build(error: X509Error) -> CliError {
    CliError::Input(format!("certificate: {error}"))
}

fn root(args: &PkiRootArgs, default: &str, is_iaca: bool, cx: &Context) -> Result {
    let of = &args.certificate;
    let subject = Subject::of(of, true, cx)?;
    let (Subject::Private(key) | Subject::New(key)) = &subject else {
        return Err(bad("--key", "a root needs its private key"));
    };
    let from = of.valid_from.unwrap_or_else(|| cx.now());
    let name = name(of, None, default)?;
    let builder = if is_iaca {
        CertificateBuilder::iaca(&name, key.public_key(), from, &args.contact)
    } else {
        CertificateBuilder::authority(&name, key.public_key(), from)
    };
    finish(of, &subject, &period(of, builder, from), key, cx)
}

#[derive(Clone, Copy)]
enum Kind {
    DocumentSigner,
    Reader,
    VicalSigner,
    StatusSigner,
    SnapshotSigner,
}

fn issuer(args: &PkiIssuer, cx: &Context) -> Result<(Certificate, PrivateKey)> {
    let certificate = certs::read_one(&args.issuer, cx)?;
    let key = keys::read_private(&args.issuer_key, cx)?;
    if certificate.public_key() != key.public_key() {
        return Err(bad(&args.issuer_key, format!("is not the key of {}", args.issuer)));
    }
    Ok((certificate, key))
}

fn leaf(args: &PkiLeafArgs, kind: Kind, cx: &Context) -> Result {
    let of = &args.certificate;
    let (authority, authority_key) = issuer(&args.issuer, cx)?;
    let subject = Subject::of(of, false, cx)?;
    let from = of.valid_from.unwrap_or_else(|| cx.now());
    let key = subject.public();
    let builder = match kind {
        Kind::DocumentSigner => {
            let name = name(of, Some(&authority), "Test document signer")?;
            CertificateBuilder::document_signer(&authority, &name, key, from, &args.contact, &args.crl_uri)
        }
        Kind::Reader => {
            let name = name(of, Some(&authority), "Test reader")?;
            CertificateBuilder::reader_auth(&authority, &name, key, from, &args.crl_uri)
        }
        Kind::VicalSigner => {
            let name = name(of, Some(&authority), "Test VICAL signer")?;
            CertificateBuilder::vical_signer(&authority, &name, key, from).crl_uri(&args.crl_uri)
        }
        Kind::StatusSigner => {
            let name = name(of, Some(&authority), "Test status list signer")?;
            CertificateBuilder::status_signer(&authority, &name, key, from).crl_uri(&args.crl_uri)
        }
        // No profile is published for it: it signs, and has none of the purposes that others have.
        Kind::SnapshotSigner => {
            let name = name(of, Some(&authority), "Test snapshot signer")?;
            CertificateBuilder::new(&name, key, from)
                .issued_by(&authority)
                .key_usage(KeyUsage::DIGITAL_SIGNATURE)
                .crl_uri(&args.crl_uri)
        }
    };
    finish(of, &subject, &period(of, builder, from), &authority_key, cx)
}

fn tls(args: &PkiTlsArgs, cx: &Context) -> Result {
    let of = &args.certificate;
    let (authority, authority_key) = issuer(&args.issuer, cx)?;
    let subject = Subject::of(of, false, cx)?;
    let from = of.valid_from.unwrap_or_else(|| cx.now());
    let names: Vec<&str> = args.dns.iter().map(String::as_str).collect();
    let name = name(of, Some(&authority), names.first().unwrap_or(&"localhost"))?;
    let builder = CertificateBuilder::tls(&authority, &name, subject.public(), from, &names);
    finish(of, &subject, &period(of, builder, from), &authority_key, cx)
}

fn crl(args: &PkiCrlArgs, cx: &Context) -> Result {
    let (authority, key) = issuer(&args.issuer, cx)?;
    let from = args.valid_from.unwrap_or_else(|| cx.now());
    let until = from.saturating_add_seconds(i64::from(args.days) * DAY);
    let mut builder = CrlBuilder::new(&authority, args.number, from, until);
    let mut revoked = Vec::new();
    for source in &args.revoke {
        let certificate = certs::read_one(source, cx)?;
        if certificate.issuer() != authority.subject() {
            return Err(bad(source, format!("is not issued by {}", authority.subject())));
        }
        builder = builder.revoke(&certificate, from);
        revoked.push(certificate.subject().to_string());
    }
    let list = builder
        .sign(&key)
        .map_err(|error| CliError::Input(format!("revocation list: {error}")))?;
    input::write(&args.out, pem::write_crl(&list).as_bytes(), Readable::ByAll, args.force)?;
    cx.document(
        &json!({ "issuer": authority.subject().to_string(), "number": args.number, "revoked": revoked,
        "this_update": from.to_rfc3339(), "next_update": until.to_rfc3339(), "crl": args.out.display().to_string() }),
    )?;
    cx.line(format!(
        "{}: {} {}",
        authority.subject(),
        revoked.len(),
        cx.t("chứng thư bị thu hồi", "revoked")
    ))?;
    cx.line(format!("  {}", args.out.display()))?;
    Ok(error::Status::Done)
}

fn vical(args: &PkiVicalArgs, cx: &Context) -> Result {
    let signer = keys::read_private(&args.signer, cx)?;
    let chain = certs::read_all(&args.chain, cx)?;
    let date = args.valid_from.unwrap_or_else(|| cx.now());
    let next = date.saturating_add_seconds(i64::from(args.days) * DAY);
    let mut doc_types: Vec<&str> = args.doc_type.iter().map(String::as_str).collect();
    if doc_types.is_empty() {
        let registry = Registry::builtin().map_err(environment)?;
        doc_types = registry.types().iter().map(DocumentType::doc_type).collect();
    }
    let mut builder = VicalBuilder::new(&args.provider, date)
        .issue_id(args.issue)
        .next_update(next);
    let mut listed = 0usize;
    for source in &args.certificate {
        for certificate in certs::read_all(source, cx)? {
            builder = builder.entry(&certificate, &doc_types);
            listed += 1;
        }
    }
    let list = builder
        .sign(&signer, &chain)
        .map_err(|error| CliError::Input(format!("VICAL: {error}")))?;
    input::write(&args.out, &list, Readable::ByAll, args.force)?;
    cx.document(
        &json!({ "provider": args.provider, "issue": args.issue, "certificates": listed, "doc_types": doc_types,
        "date": date.to_rfc3339(), "next_update": next.to_rfc3339(), "vical": args.out.display().to_string() }),
    )?;
    cx.line(format!(
        "{}: {listed} {}",
        args.provider,
        cx.t("cơ quan cấp", "issuing authorities")
    ))?;
    cx.line(format!("  {}", args.out.display()))?;
    Ok(error::Status::Done)
}

fn snapshot(args: &PkiSnapshotArgs, cx: &Context) -> Result {
    let signer = keys::read_private(&args.signer, cx)?;
    let chain = certs::read_all(&args.chain, cx)?;
    let at = cx.now();
    let fault = |source: &Source| {
        let place = source.to_string();
        move |error: TrustError| bad(&place, error)
    };
    let mut builder = SnapshotBuilder::new(at, args.sequence);
    for source in &args.anchor {
        for root in certs::read_all(source, cx)? {
            builder = builder.issuer(&root, &DocTypes::Any, "configured", at);
        }
    }
    for source in &args.reader_anchor {
        for root in certs::read_all(source, cx)? {
            builder = builder.reader(&root, at);
        }
    }
    for source in &args.vical_anchor {
        for root in certs::read_all(source, cx)? {
            builder = builder.vical_provider(&root, at);
        }
    }
    for source in &args.vical {
        builder = builder.vical(&source.read_decoded(cx)?, at);
    }
    for source in &args.crl {
        for list in certs::read_crls(std::slice::from_ref(source), cx)? {
            builder = builder.crl(list, at).map_err(fault(source))?;
        }
    }
    for source in &args.status_list {
        let token = source.read_decoded(cx)?;
        let uri = certs::status_list_uri(&token).map_err(|error| bad(source, error))?;
        builder = builder.list(&uri, &token, at).map_err(fault(source))?;
    }
    let bytes = builder
        .sign(&signer, &chain)
        .map_err(|error| CliError::Input(format!("snapshot: {error}")))?;
    input::write(&args.out, &bytes, Readable::ByAll, args.force)?;
    cx.document(&json!({ "created_at": at.to_rfc3339(), "sequence": args.sequence, "snapshot": args.out.display().to_string() }))?;
    cx.line(format!("{} {}", cx.t("Bản chụp lúc", "Snapshot of"), at.to_rfc3339()))?;
    cx.line(format!("  {}", args.out.display()))?;
    Ok(error::Status::Done)
}

fn status_list(args: &PkiStatusListArgs, cx: &Context) -> Result {
    let signer = keys::read_private(&args.signer, cx)?;
    let chain = certs::read_all(&args.chain, cx)?;
    let from = args.valid_from.unwrap_or_else(|| cx.now());
    let until = from.saturating_add_seconds(i64::from(args.days) * DAY);
    let bits = Bits::from_number(u64::from(args.bits)).map_err(|error| bad("--bits", error))?;
    let mut list = StatusListBuilder::new(bits, args.size).map_err(|error| bad("--size", error))?;
    for (index, status) in &args.set {
        list.set(*index, Status::from_value(*status))
            .map_err(|error| bad("--set", error))?;
    }
    let token = list
        .uri(&args.uri)
        .validity(from, until)
        .sign(&signer, &chain)
        .map_err(|error| CliError::Input(format!("status list: {error}")))?;
    input::write(&args.out, &token, Readable::ByAll, args.force)?;
    cx.document(&json!({ "uri": args.uri, "entries": args.size, "bits": args.bits, "set": args.set.len(),
        "issued_at": from.to_rfc3339(), "expires_at": until.to_rfc3339(), "status_list": args.out.display().to_string() }))?;
    cx.line(format!("{}: {} {}", args.uri, args.size, cx.t("mục", "entries")))?;
    cx.line(format!("  {}", args.out.display()))?;
    Ok(error::Status::Done)
}
