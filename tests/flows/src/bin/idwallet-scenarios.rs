//! Runs the scenarios of `tests/flows/scenarios` through the Rust façades, as the runners of the other languages run them through theirs.
//!
//! `idwallet-scenarios FIXTURES RESULTS`: FIXTURES is what `tests/flows/fixtures` made; RESULTS gets {scenario: "passed" | "failed: why"}.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test program: a failure here is a failure of the scenario"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use idwallet_test_flows::{Dir, block_on, filmed};
use idwallet_verifier::{
    CameraOutcome, Claims, Outcome, Policy as ReaderPolicy, Reader, ReaderAction, ReaderIdentity, Registry, Report,
    Request, TrustStore, Verifier,
};
use idwallet_wallet::area::{
    Capabilities, Counters, CreatedKey, KeyId, KeyPurpose, KeySpec, PortFuture, SecureArea, SecureAreaError,
    SecurityLevel,
};
use idwallet_wallet::camera::MessageKind;
use idwallet_wallet::x509::{RevocationRequirement, Strictness, pem};
use idwallet_wallet::{
    Approval, Backup, CameraPresentation, Clock as _, Curve, ExportOptions, HolderSession, IssuerTrust, Moment,
    NewCopy, NextStep, Pin, Policy, Presentation, PrivateKey, PublicKey, ReaderTrust, RetrievalMethod, Review,
    SecretBytes, SessionTranscript, StateFault, SystemClock, SystemRandom, Wallet, WalletError, WalletSession,
};
use serde_json::{Map, Value};

type Failure = String;
type Done = Result<(), Failure>;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(fixtures), Some(results)) = (args.next(), args.next()) else {
        println!("idwallet-scenarios FIXTURES RESULTS");
        return ExitCode::from(2);
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let (mut out, mut failed) = (Map::new(), 0);
    for file in &files {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let scenario: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        let mut stage = Stage::new(fixtures.clone());
        let steps = scenario["steps"].as_array().unwrap();
        let result = steps.iter().enumerate().try_for_each(|(number, step)| {
            let done = stage.step(step);
            done.map_err(|why| format!("step {}, {}: {why}", number + 1, step["do"].as_str().unwrap_or("?")))
        });
        let result = match result {
            Ok(()) => "passed".to_owned(),
            Err(why) => {
                failed += 1;
                println!("{name}: {why}");
                format!("failed: {why}")
            }
        };
        out.insert(name, Value::String(result));
    }
    fs::write(results, serde_json::to_vec_pretty(&Value::Object(out)).unwrap()).unwrap();
    println!("rust: {} passed, {failed} failed, 0 skipped", files.len() - failed);
    ExitCode::from(u8::from(failed > 0 || files.is_empty()))
}

/// The name of the variant, as the other languages have it.
fn kind(error: &WalletError) -> &'static str {
    match error {
        WalletError::UserCancelled => "UserCancelled",
        WalletError::UserAuthRequired => "UserAuthRequired",
        WalletError::Locked { .. } => "Locked",
        WalletError::KeyInvalidated { .. } => "KeyInvalidated",
        WalletError::Issuer(_) | WalletError::StatusList(_) => "Issuer",
        WalletError::Untrusted(_) => "Untrusted",
        WalletError::Expired(_) => "Expired",
        WalletError::InvalidRequest { .. } => "InvalidRequest",
        WalletError::InvalidMessage(_) => "Verifier",
        WalletError::InvalidState(_) => "InvalidState",
        WalletError::Unsupported(_) => "Unsupported",
        WalletError::Backup(_) => "Backup",
        WalletError::Storage(_) => "Storage",
        _ => "Internal",
    }
}

/// What a step says it should come to, against what it came to.
fn expect(step: &Value, result: Result<(), WalletError>) -> Done {
    match (step.get("error"), result) {
        (None, Ok(())) => Ok(()),
        (None, Err(error)) => Err(format!("{} {error}", error.code())),
        (Some(wanted), Ok(())) => Err(format!("no error, and not {wanted}")),
        (Some(wanted), Err(error)) => {
            let code = error.code().to_string();
            let is_it = wanted["kind"] == kind(&error) && wanted.get("code").is_none_or(|wanted| *wanted == code);
            if is_it {
                Ok(())
            } else {
                Err(format!("{} {code} ({error}), and not {wanted}", kind(&error)))
            }
        }
    }
}

fn same(what: &str, wanted: impl PartialEq + std::fmt::Debug, got: impl std::fmt::Debug) -> Done {
    if format!("{wanted:?}") == format!("{got:?}") {
        Ok(())
    } else {
        Err(format!("{what}: {got:?}, and not {wanted:?}"))
    }
}

/// What became of a meeting with a reader.
enum Met {
    Report(Box<Report>),
    NoAnswer,
}

struct Stage {
    fixtures: PathBuf,
    folder: Dir,
    folders: u32,
    began: Instant,
    passed: Duration,
    area: Option<Arc<OwnArea>>,
    session: Option<WalletSession>,
    export: PathBuf,
}

impl Stage {
    fn new(fixtures: PathBuf) -> Self {
        let folder = Dir::new("scenario");
        fs::create_dir_all(folder.path()).unwrap();
        Self {
            fixtures,
            export: folder.path().join("export.idwallet"),
            folder,
            folders: 0,
            began: Instant::now(),
            passed: Duration::from_secs(1000),
            area: None,
            session: None,
        }
    }

    fn now(&self) -> Moment {
        let passed = i64::try_from(self.passed.as_secs()).unwrap() - 1000;
        Moment {
            wall: SystemClock.now().saturating_add_seconds(passed),
            uptime: self.began.elapsed() + self.passed,
        }
    }

    fn file(&self, name: &str) -> Vec<u8> {
        fs::read(self.fixtures.join(name)).unwrap()
    }

    fn dir(&self) -> PathBuf {
        self.folder.path().join(format!("wallet-{}", self.folders))
    }

    fn trust(&self) -> TrustStore {
        let mut trust = TrustStore::new();
        trust.add_issuer_anchors(&self.file("anchors.pem")).unwrap();
        trust.add_reader_anchors(&self.file("reader-anchors.pem")).unwrap();
        trust
    }

    fn wallet(&self) -> Result<Arc<Wallet>, WalletError> {
        self.session.as_ref().unwrap().wallet(self.now())
    }

    fn step(&mut self, step: &Value) -> Done {
        let text = |name: &str| step[name].as_str().unwrap_or_default().to_owned();
        match text("do").as_str() {
            "create" => {
                let made = self.create(&text("area"), step["pin"].as_str());
                expect(step, made)
            }
            "reopen" => {
                let opened = self.reopen();
                expect(step, opened)
            }
            "forget" => {
                self.session = None;
                self.folders += 1;
                Ok(())
            }
            "device-key" => expect(step, self.device_key()),
            "area" => {
                let error = match text("sign").as_str() {
                    "KeyInvalidated" => SecureAreaError::KeyInvalidated,
                    "UserCancelled" => SecureAreaError::UserCancelled,
                    other => return Err(format!("unknown error {other}")),
                };
                *self.area.as_ref().unwrap().sign.lock().unwrap() = error;
                Ok(())
            }
            "import" => expect(step, self.import(&text("document"))),
            "list" => match self.wallet().and_then(|wallet| wallet.list(self.now().wall)) {
                Ok(list) if step.get("error").is_none() => {
                    same("documents", step["count"].as_u64().unwrap(), list.documents.len())
                }
                result => expect(step, result.map(|_| ())),
            },
            "show" => {
                let view = self.wallet().and_then(|wallet| {
                    let list = wallet.list(self.now().wall)?;
                    wallet.show(
                        list.documents[step["index"].as_u64().unwrap() as usize].id,
                        self.now().wall,
                    )
                });
                let view = view.map_err(|error| error.to_string())?;
                let claim = view.claims.iter().find(|claim| claim.element == text("claim"));
                let claim = claim.ok_or("the document has no such claim")?;
                let shown = claim.shown.text(idwallet_wallet::Lang::En);
                if shown.is_empty() {
                    Err("the claim shows nothing".into())
                } else {
                    Ok(())
                }
            }
            "remove" => {
                let removed = self.wallet().and_then(|wallet| {
                    let list = wallet.list(self.now().wall)?;
                    let id = list.documents[step["index"].as_u64().unwrap() as usize].id;
                    block_on(wallet.remove(id, self.now().wall)).map(|_| ())
                });
                expect(step, removed)
            }
            "lock" => {
                self.session.as_ref().unwrap().lock();
                Ok(())
            }
            "unlock" => {
                let pin = step["pin"].as_str().map(Pin::new).transpose();
                let pin = pin.map_err(|fault| StateFault::Pin(fault).into());
                let session = self.session.as_ref().unwrap();
                let unlocked = pin.and_then(|pin| block_on(session.unlock(pin.as_ref(), self.now())));
                expect(step, unlocked)
            }
            "wait" => {
                self.passed += Duration::from_secs(step["seconds"].as_u64().unwrap());
                Ok(())
            }
            "history" => {
                let history = self
                    .wallet()
                    .and_then(|wallet| wallet.history())
                    .map_err(|error| error.to_string())?;
                let ended: Vec<_> = history.entries.iter().map(|entry| entry.outcome.as_str()).collect();
                let wanted: Vec<_> = step["outcomes"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|w| w.as_str().unwrap())
                    .collect();
                same("outcomes", &wanted, &ended)?;
                if history.intact {
                    Ok(())
                } else {
                    Err("the history is not intact".into())
                }
            }
            "damage" => {
                self.session = None;
                let (file, offset) = (self.dir().join("vault.db"), step["offset"].as_u64().unwrap() as usize);
                let mut bytes = fs::read(&file).unwrap();
                let end = offset + step["bytes"].as_u64().unwrap() as usize;
                bytes[offset..end].iter_mut().for_each(|byte| *byte ^= 0xff);
                fs::write(file, bytes).unwrap();
                Ok(())
            }
            "export" => {
                let exported = self.wallet().and_then(|wallet| {
                    let (options, at) = (ExportOptions::new(), self.now().wall);
                    let phrase = step["passphrase"].as_str().unwrap();
                    block_on(wallet.export_file(&self.export, false, phrase, &options, at, &mut |_, _| {})).map(|_| ())
                });
                expect(step, exported)
            }
            "restore" => match self.restore(&text("passphrase")) {
                Ok(added) if step.get("error").is_none() => same("restored", step["count"].as_u64().unwrap(), added),
                result => expect(step, result.map(|_| ())),
            },
            "present" => match self.present(step) {
                Ok((met, state)) if step.get("error").is_none() => {
                    if let Some(wanted) = step["reader"].as_str() {
                        same("reader", wanted.to_lowercase(), state)?;
                    }
                    judge(&step["expect"], &met)
                }
                result => expect(step, result.map(|_| ())),
            },
            "cancel" => self.leave(step, Presentation::cancel),
            "lose" => self.leave(step, Presentation::connection_lost),
            "verify" => {
                let report = self.verify(step)?;
                judge(&step["expect"], &Met::Report(Box::new(report)))
            }
            other => Err(format!("unknown step {other}")),
        }
    }

    fn create(&mut self, area: &str, pin: Option<&str>) -> Result<(), WalletError> {
        let (dir, random) = (self.dir(), Arc::new(SystemRandom::new()));
        let area: Arc<dyn SecureArea> = if area == "own" {
            let own = Arc::new(OwnArea::new(self.fixtures.clone()));
            self.area = Some(Arc::clone(&own));
            own
        } else {
            Wallet::create_software_area(&dir, random.clone())?
        };
        let pin = pin.map(|pin| Pin::new(pin).unwrap());
        let wallet = block_on(async {
            match &pin {
                Some(pin) => Wallet::create_with_pin(&dir, area, pin, random).await,
                None => Wallet::create(&dir, area, random).await,
            }
        })?;
        self.session = Some(WalletSession::over(&dir, wallet, self.now()));
        Ok(())
    }

    fn reopen(&mut self) -> Result<(), WalletError> {
        self.session = None;
        let (dir, random) = (self.dir(), Arc::new(SystemRandom::new()));
        let area: Arc<dyn SecureArea> = match &self.area {
            Some(own) => Arc::clone(own) as _,
            None => Wallet::open_software_area(&dir, random.clone())?,
        };
        let session = WalletSession::open(&dir, area, random)?;
        if !session.needs_pin()? {
            block_on(session.unlock(None, self.now()))?;
        }
        self.session = Some(session);
        Ok(())
    }

    fn device_key(&self) -> Result<(), WalletError> {
        let wallet = self.wallet()?;
        block_on(wallet.create_device_key(Curve::P256, KeyPurpose::Sign)).map(|_| ())
    }

    fn import(&self, document: &str) -> Result<(), WalletError> {
        let bytes = self.file(&format!("{document}.cbor"));
        // What is wrong with a document is not its key.
        let own = self.fixtures.join(format!("{document}.key"));
        let key = if own.exists() {
            own
        } else {
            self.fixtures.join("driving-licence.key")
        };
        let copy = match &self.area {
            Some(_) => NewCopy::new(bytes),
            None => {
                let key = PrivateKey::from_pkcs8_pem(&fs::read_to_string(key).unwrap()).unwrap();
                NewCopy::with_device_key(bytes, key)
            }
        };
        let (wallet, trust) = (self.wallet()?, self.trust());
        let issuers = IssuerTrust::new(trust.issuer_anchors()).crls(trust.crls());
        block_on(wallet.import(vec![copy], &Policy::iso().at(self.now().wall), &issuers)).map(|_| ())
    }

    fn restore(&self, passphrase: &str) -> Result<usize, WalletError> {
        let (wallet, trust) = (self.wallet()?, self.trust());
        let file = fs::File::open(&self.export).unwrap();
        let mut backup = Backup::open(file, passphrase, &mut |_, _| {})?;
        let issuers = IssuerTrust::new(trust.issuer_anchors());
        let policy = Policy::iso().at(self.now().wall);
        block_on(async {
            let plan = wallet
                .plan_restore(&mut backup, &policy, Some(&issuers), &mut |_, _| {})
                .await?;
            Ok(wallet.restore(&mut backup, plan, &mut |_, _| {}).await?.added.len())
        })
    }

    fn reader(&self, step: &Value) -> Reader {
        let mut policy = ReaderPolicy::iso().at(self.now().wall);
        if step["strict"] == true {
            policy = policy.require_all_elements();
        }
        let reader = Reader::new(Verifier::new(), self.trust(), policy);
        let name = match step["identity"].as_str() {
            Some("none") => return reader,
            Some(name) => name,
            None => "reader",
        };
        let key = String::from_utf8(self.file(&format!("{name}.key"))).unwrap();
        let chain = pem::read_certificates_or_der(&self.file(&format!("{name}.pem"))).unwrap();
        let key = PrivateKey::from_pkcs8_pem(&key).unwrap();
        reader.identity(ReaderIdentity::new(key, &chain).unwrap())
    }

    fn request(step: &Value) -> Request {
        let registry = Registry::builtin().unwrap();
        Request::of_template(registry.template(step["ask"].as_str().unwrap()).unwrap())
    }

    /// Runs a presentation to its end, or to where `leave` ends it instead of an answer.
    fn session(
        &self,
        step: &Value,
        mut decide: impl FnMut(&mut Presentation, &Wallet) -> Result<(), WalletError>,
    ) -> Result<Met, WalletError> {
        let wallet = self.wallet()?;
        let (random, trust) = (SystemRandom::new(), self.trust());
        let at = || self.now().wall;
        let mut phone = Presentation::new(HolderSession::new(Curve::P256, carrier(), &random, at()).unwrap());
        let qr = phone.session().qr_text().unwrap();
        let mut reader = self
            .reader(step)
            .scan(&qr, &Self::request(step), &random, at())
            .unwrap();
        loop {
            match reader.next_action(at()) {
                ReaderAction::Send(message) => phone.received(&message, at())?,
                ReaderAction::Receive { .. } => match phone.next_step(at()) {
                    NextStep::Send(message) => reader.received(&message, at()).unwrap(),
                    NextStep::Resolve => {
                        phone.resolve(&wallet, &readers(&trust, at()), at())?;
                    }
                    NextStep::Decide { .. } => decide(&mut phone, &wallet)?,
                    NextStep::Terminated(_) => {
                        phone.finish(&wallet, at());
                        reader.connection_lost();
                    }
                    step => panic!("the phone waits: {step:?}"),
                },
                ReaderAction::Decide { .. } => reader.finish(),
                ReaderAction::Finished(finished) => {
                    let report = finished.reports.into_iter().next();
                    return Ok(report.map_or(Met::NoAnswer, |report| Met::Report(Box::new(report))));
                }
            }
        }
    }

    fn leave(&self, step: &Value, how: impl Fn(&mut Presentation)) -> Done {
        let met = self.session(step, |phone, wallet| {
            how(phone);
            phone.finish(wallet, self.now().wall);
            Ok(())
        });
        match met {
            Ok(Met::NoAnswer) => Ok(()),
            Ok(Met::Report(_)) => Err("there was an answer".into()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn present(&self, step: &Value) -> Result<(Met, &'static str), WalletError> {
        let mut state = "";
        let met = if step["by"] == "camera" {
            let (wallet, random, trust) = (self.wallet()?, SystemRandom::new(), self.trust());
            let at = self.now().wall;
            let reader = self.reader(step);
            let session = reader.camera(&Self::request(step), Curve::P256, &random, at).unwrap();
            let every_second = |index: u32| index.is_multiple_of(2);
            let shown = filmed(MessageKind::Request, &session.message().unwrap(), &every_second);
            let mut phone = CameraPresentation::received(&shown, &random)?;
            let review = phone.resolve(&wallet, &readers(&trust, at))?.clone();
            let approval = approve(step, &review);
            let (_, message) = match approval.is_nothing() {
                true => phone.decline(&wallet)?,
                false => block_on(phone.respond(&wallet, review.handle, &approval, at))?,
            };
            let answer = filmed(MessageKind::Response, &message, &every_second);
            match session.received(&answer, &reader, at).unwrap() {
                CameraOutcome::Report(report) => Met::Report(report),
                CameraOutcome::NoAnswer(_) => Met::NoAnswer,
            }
        } else {
            self.session(step, |phone, wallet| {
                let review = phone.review().unwrap().clone();
                state = review.requests[0].reader.state();
                let (approval, at) = (approve(step, &review), self.now().wall);
                match approval.is_nothing() {
                    true => phone.decline(wallet, false, at).map(|_| ()),
                    false => block_on(phone.respond(wallet, review.handle, &approval, false, at)).map(|_| ()),
                }
            })?
        };
        Ok((met, state))
    }

    fn verify(&self, step: &Value) -> Result<Report, Failure> {
        let response = step["response"].as_str().unwrap();
        let transcript = step["transcript"].as_str().unwrap_or(response);
        let transcript = self.file(&format!("demo/{transcript}.transcript.cbor"));
        let transcript = SessionTranscript::from_bytes(&transcript).map_err(|error| error.to_string())?;
        let mut trust = self.trust();
        trust
            .add_crls(
                &self.file(&format!("demo/{}", step["crl"].as_str().unwrap())),
                self.now().wall,
            )
            .unwrap();
        let policy = ReaderPolicy::iso().at(self.now().wall);
        let presentation = idwallet_verifier::Presentation::new(&transcript);
        let response = self.file(&format!("demo/{response}.response.cbor"));
        let report = Verifier::new().verify_device_response(&response, &presentation, &policy, &trust);
        report.map_err(|error| error.to_string())
    }
}

/// What the QR code says; nobody connects: the messages go from hand to hand.
fn carrier() -> Vec<RetrievalMethod> {
    vec![RetrievalMethod::Stream {
        address: "127.0.0.1:7000".into(),
    }]
}

fn readers(trust: &TrustStore, at: idwallet_wallet::Timestamp) -> ReaderTrust<'_> {
    ReaderTrust {
        anchors: trust.reader_anchors(),
        crls: trust.crls(),
        revocation: RevocationRequirement::IfAvailable,
        strictness: Strictness::Iso,
        at,
    }
}

fn approve(step: &Value, review: &Review) -> Approval {
    match &step["approve"] {
        Value::String(word) if word == "everything" => Approval::everything(review),
        Value::String(word) if word == "preselected" => Approval::preselected(review),
        Value::Array(names) => {
            let mut out = Approval::nothing();
            for (index, request) in review.requests.iter().enumerate() {
                let Some(candidate) = request.candidates.first() else {
                    continue;
                };
                let is_named = |element: &str| names.iter().any(|name| name == element);
                for row in candidate.elements.iter().filter(|row| is_named(&row.asked.element)) {
                    out = out.select(index, candidate.document, &row.asked.name_space, &row.asked.element);
                }
            }
            out
        }
        _ => Approval::nothing(),
    }
}

/// What the reader should have come to.
fn judge(wanted: &Value, met: &Met) -> Done {
    let (accepted, kinds, checks, claims) = match met {
        Met::NoAnswer => (false, vec!["Response".to_owned()], Vec::new(), Vec::new()),
        Met::Report(report) => {
            let (kinds, checks) = match report.outcome() {
                Outcome::Accepted(_) => (Vec::new(), Vec::new()),
                Outcome::Refused(reasons) => (
                    reasons.iter().map(|reason| format!("{:?}", reason.kind)).collect(),
                    reasons
                        .iter()
                        .filter_map(|reason| reason.check)
                        .map(str::to_owned)
                        .collect(),
                ),
            };
            let documents = report.documents().iter().filter_map(|document| document.verified());
            let names = |claims: &Claims| claims.iter().map(|(_, name, _)| name.to_owned()).collect::<Vec<_>>();
            (
                report.is_accepted(),
                kinds,
                checks,
                documents.flat_map(|document| names(document.claims())).collect(),
            )
        }
    };
    same("accepted", wanted["accepted"].as_bool().unwrap(), accepted)?;
    if let Some(wanted) = wanted["claims"].as_array() {
        let mut wanted: Vec<_> = wanted.iter().map(|name| name.as_str().unwrap().to_owned()).collect();
        let mut claims: Vec<String> = claims;
        wanted.sort();
        claims.sort();
        same("claims", wanted, claims)?;
    }
    let named = |list: &[String], name: &Value| list.iter().any(|other| name == other);
    for kind in wanted["kinds"].as_array().into_iter().flatten() {
        if !named(&kinds, kind) {
            return Err(format!("reasons {kinds:?} without {kind}"));
        }
    }
    match wanted.get("check") {
        Some(check) if !named(&checks, check) => Err(format!("refused by {checks:?} and not {check}")),
        _ => Ok(()),
    }
}

/// An area of the scenario's own: its first key is the one of `area-1`, and it does not sign.
struct OwnArea {
    fixtures: PathBuf,
    made: Mutex<u32>,
    sign: Mutex<SecureAreaError>,
}

impl OwnArea {
    fn new(fixtures: PathBuf) -> Self {
        Self {
            fixtures,
            made: Mutex::new(0),
            sign: Mutex::new(SecureAreaError::Unavailable),
        }
    }

    fn key(&self, number: u32) -> PublicKey {
        PublicKey::from_spki_der(&fs::read(self.fixtures.join(format!("area-{number}.spki"))).unwrap()).unwrap()
    }
}

fn ready<'a, T: Send + 'a>(result: Result<T, SecureAreaError>) -> PortFuture<'a, T> {
    Box::pin(std::future::ready(result))
}

impl SecureArea for OwnArea {
    fn capabilities(&self) -> PortFuture<'_, Capabilities> {
        ready(Ok(Capabilities {
            security_level: SecurityLevel::Software,
            sign_curves: vec![Curve::P256],
            agree_curves: Vec::new(),
            sign_or_agree: false,
            attestation: false,
            authentication: false,
            import: false,
            counters: Counters::None,
        }))
    }

    fn create_key<'a>(&'a self, _: &'a KeySpec) -> PortFuture<'a, CreatedKey> {
        let mut made = self.made.lock().unwrap();
        *made += 1;
        ready(Ok(CreatedKey {
            id: KeyId::new(vec![*made as u8]),
            public_key: self.key(*made),
            attestation: None,
        }))
    }

    fn public_key<'a>(&'a self, id: &'a KeyId) -> PortFuture<'a, PublicKey> {
        ready(Ok(self.key(u32::from(id.as_bytes()[0]))))
    }

    fn sign<'a>(&'a self, _: &'a KeyId, _: &'a [u8]) -> PortFuture<'a, Vec<u8>> {
        ready(Err(self.sign.lock().unwrap().clone()))
    }

    fn agree<'a>(&'a self, _: &'a KeyId, _: &'a PublicKey) -> PortFuture<'a, SecretBytes> {
        ready(Err(SecureAreaError::Unsupported("agree")))
    }

    fn wrap<'a>(&'a self, context: &'a [u8], secret: &'a SecretBytes) -> PortFuture<'a, Vec<u8>> {
        ready(Ok([context, secret.expose()].concat()))
    }

    fn unwrap<'a>(&'a self, context: &'a [u8], wrapped: &'a [u8]) -> PortFuture<'a, SecretBytes> {
        let secret = wrapped
            .strip_prefix(context)
            .map(|secret| SecretBytes::new(secret.to_vec()));
        ready(secret.ok_or(SecureAreaError::Integrity))
    }

    fn delete<'a>(&'a self, _: &'a KeyId) -> PortFuture<'a, ()> {
        ready(Ok(()))
    }
}
