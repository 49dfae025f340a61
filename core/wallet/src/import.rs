//! Taking a credential in: verified whole before anything is stored, stored whole or not at all (A-H61).

use crate::history::{Event, NewEntry, Who};
use crate::record::{
    BY_DOCUMENT, BY_ISSUER_AUTH, BY_PUBLIC_KEY, COPY, CopyRecord, DOCUMENT, DocumentRecord, KEY, KeyRecord, REISSUE,
};
use crate::status::sources_of;
use crate::{
    CopiesPolicy, DocumentId, Finding, FindingCode, Refusal, RefusalReason, StateFault, Subject, Wallet, WalletError,
    Ward, words,
};
use idwallet_crypto::Order as _;
use idwallet_crypto::area::{CreatedKey, KeyPurpose};
use idwallet_crypto::x509::Strictness;
use idwallet_crypto::{Curve, PrivateKey, PublicKey, sha256};
use idwallet_mdoc::IssuerSigned;
use idwallet_mdoc::verify::{Check, Fault, IssuerTrust, Policy, verify_issuer_signed};
use idwallet_storage::{Error, Lookup, RecordId};

/// Most copies of one document.
pub const MAX_COPIES: usize = 256;

/// One copy of a credential that is to be imported.
pub struct NewCopy {
    issuer_signed: Vec<u8>,
    device_key: Option<PrivateKey>,
}

impl core::fmt::Debug for NewCopy {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "NewCopy({} bytes)", self.issuer_signed.len())
    }
}

impl NewCopy {
    /// `IssuerSigned` as the issuer gave it, bound to a key that [`Wallet::create_device_key`] made.
    #[must_use]
    pub fn new(issuer_signed: impl Into<Vec<u8>>) -> Self {
        Self {
            issuer_signed: issuer_signed.into(),
            device_key: None,
        }
    }

    /// `IssuerSigned` with a device key that was made elsewhere. Areas in hardware refuse to take it.
    #[must_use]
    pub fn with_device_key(issuer_signed: impl Into<Vec<u8>>, device_key: PrivateKey) -> Self {
        Self {
            issuer_signed: issuer_signed.into(),
            device_key: Some(device_key),
        }
    }

    /// What it says it is, for the history of what was refused.
    fn doc_type(&self) -> Option<String> {
        let parsed = IssuerSigned::parse(&self.issuer_signed).ok()?;
        Some(parsed.mobile_security_object().ok()?.doc_type().to_owned())
    }
}

/// What its owner and its issuer say of a document that is imported.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ImportOptions {
    /// Whose it is; the owner's own when nothing is said.
    pub subject: Subject,
    /// How its copies are used. When nothing is said, one copy is shown again and again, and several are shown once each.
    pub copies: Option<CopiesPolicy>,
    /// Not compared with the documents that are there.
    pub apart: bool,
}

impl ImportOptions {
    /// A document of the wallet's owner, used as usual.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The document of somebody for whom the owner acts.
    #[must_use]
    pub fn ward(mut self, ward: Ward) -> Self {
        self.subject = Subject::Ward(ward);
        self
    }

    /// Copies are used like this.
    #[must_use]
    pub fn copies(mut self, policy: CopiesPolicy) -> Self {
        self.copies = Some(policy);
        self
    }

    /// It is not compared with the documents that are there, for the import of many: the comparison of each with all would take
    /// long. [`Wallet::compare_all`] makes up for it once.
    #[must_use]
    pub fn apart(mut self) -> Self {
        self.apart = true;
        self
    }
}

/// A document that is now in the wallet.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Imported {
    /// Its id.
    pub id: DocumentId,
    /// How many copies it has.
    pub copies: usize,
    /// What the policy let pass, each with its check and clause.
    pub warnings: Vec<(Check, Fault)>,
    /// What its owner should know: about its values, and beside the other documents of its people.
    pub findings: Vec<Finding>,
    /// How many of the vault's 256 parts are damaged. What lies there stays as it is: it was not compared with this document, and
    /// may be this very one. Restore a backup, or have the documents that are set aside issued again.
    pub damaged_parts: usize,
}

impl Imported {
    /// The older documents that are no longer shown now that this one is there.
    pub fn replaces(&self) -> impl Iterator<Item = DocumentId> {
        let it = self
            .findings
            .iter()
            .filter(|finding| finding.code == FindingCode::Supersedes);
        it.filter_map(|finding| finding.other)
    }
}

type Warnings = Vec<(Check, Fault)>;

/// What is to be written once everything holds.
struct Checked {
    document: DocumentRecord,
    verified: Vec<Verified>,
    warnings: Warnings,
}

/// A copy that holds: what will be written, and where its key comes from.
struct Verified {
    bytes: Vec<u8>,
    issuer_auth: [u8; 32],
    record: CopyRecord,
    public_key: PublicKey,
    key: KeySource,
}

enum KeySource {
    /// The wallet made it.
    Held(KeyRecord),
    /// To be handed to the area.
    Given(Box<PrivateKey>, KeyPurpose),
    /// On its way into the area.
    Nothing,
    /// The area has taken it.
    Taken(CreatedKey, KeyPurpose),
}

impl Wallet {
    /// Takes a credential in, as one document of one or several copies.
    ///
    /// Each copy is verified by everything in A-V10 to A-V20 but device authentication, at the policy's time; its issuer must be
    /// trusted whatever the policy says; its device key must be held by the wallet or come with it. Then the device keys that came
    /// are given to the secure area, and document, copies and keys are written in one transaction.
    ///
    /// # Errors
    /// [`WalletError::Issuer`], [`WalletError::Untrusted`] and [`WalletError::Expired`] with the [`Refusal`];
    /// [`StateFault::AlreadyHeld`], [`StateFault::DeviceKeyInUse`], [`StateFault::Argument`] without a copy; those of the area;
    /// [`WalletError::Storage`]. In each case nothing was stored, also when the future is dropped.
    pub async fn import(
        &self,
        copies: Vec<NewCopy>,
        policy: &Policy,
        trust: &IssuerTrust<'_>,
    ) -> Result<Imported, WalletError> {
        self.import_with(copies, policy, trust, ImportOptions::default()).await
    }

    /// [`import`](Self::import), with whose document it is and how its copies are to be used.
    ///
    /// # Errors
    /// The same.
    pub async fn import_with(
        &self,
        copies: Vec<NewCopy>,
        policy: &Policy,
        trust: &IssuerTrust<'_>,
        options: ImportOptions,
    ) -> Result<Imported, WalletError> {
        // Nobody's credential: nothing was refused, and the history has nothing to tell.
        let Some(first) = copies.first() else {
            return Err(StateFault::Argument("there is no copy to import").into());
        };
        let doc_type = first.doc_type();
        let result = self.import_unlogged(copies, policy, trust, options).await;
        if let Err(error) = &result {
            self.log_refused_import(doc_type.as_deref(), error, policy.time());
        }
        result
    }

    async fn import_unlogged(
        &self,
        copies: Vec<NewCopy>,
        policy: &Policy,
        trust: &IssuerTrust<'_>,
        options: ImportOptions,
    ) -> Result<Imported, WalletError> {
        if copies.len() > MAX_COPIES {
            return Err(Refusal {
                copy: 0,
                reason: RefusalReason::CopyCount,
            }
            .into());
        }
        let Checked {
            mut document,
            mut verified,
            warnings,
        } = self.verify(copies, policy, trust)?;
        let id = match verified.first() {
            Some(first) => DocumentId::new(first.record.id),
            None => return Err(StateFault::NotFound.into()),
        };
        self.take_keys(&mut verified).await?;
        document.copies = verified.iter().map(|copy| copy.record.clone()).collect();
        document.policy = options.copies.unwrap_or_else(|| CopiesPolicy::usual(&document.copies));
        document.subject = options.subject;
        let damaged_parts = match self.store(id, &mut document, &verified, !options.apart) {
            Ok(damaged_parts) => damaged_parts,
            Err(error) => {
                self.discard_taken(verified).await;
                return Err(error);
            }
        };
        Ok(Imported {
            id,
            copies: document.copies.len(),
            warnings,
            findings: self.named_findings(&document),
            damaged_parts,
        })
    }

    /// All checks, before anything is changed anywhere.
    fn verify(&self, copies: Vec<NewCopy>, policy: &Policy, trust: &IssuerTrust<'_>) -> Result<Checked, WalletError> {
        let is_lenient = policy.strictness() == Strictness::Lenient;
        let policy = policy.issuer_only();
        let mut document: Option<(DocumentRecord, [u8; 32])> = None;
        let mut out: Vec<Verified> = Vec::with_capacity(copies.len());
        let mut warnings = Vec::new();
        for (index, copy) in copies.into_iter().enumerate() {
            let refuse = |reason| WalletError::from(Refusal { copy: index, reason });
            let parsed =
                IssuerSigned::parse(&copy.issuer_signed).map_err(|error| refuse(RefusalReason::Malformed(error)))?;
            let report = verify_issuer_signed(&parsed, None, trust, &policy);
            let (Some(accepted), Some(_)) = (report.verified(), report.trust().anchor()) else {
                return Err(refuse(RefusalReason::NotVerified {
                    refusals: report.refusals().to_vec(),
                    checks: Box::new(report.checks().clone()),
                }));
            };
            let mso = accepted.mso();
            let content = content(&parsed, mso.doc_type(), accepted.signer().sha256());
            match &document {
                None => {
                    warnings = report
                        .checks()
                        .warnings()
                        .map(|(check, fault)| (check, fault.clone()))
                        .collect();
                    let subject = accepted.signer().subject();
                    let issuer = subject
                        .common_name()
                        .or_else(|| subject.organization())
                        .unwrap_or_default();
                    let kind = self.registry.find(mso.doc_type());
                    // H-H32: what is not sufficient or not clean is refused whole, unless the policy takes what is in the field.
                    let mut findings = self.content_findings(&parsed, mso.doc_type(), policy.time());
                    if is_lenient {
                        findings = findings.into_iter().map(|found| found.refusing(false)).collect();
                    }
                    if findings.iter().any(Finding::is_refusal) {
                        return Err(refuse(RefusalReason::Quality(findings)));
                    }
                    if !warnings.is_empty() {
                        findings.push(Finding::new(FindingCode::LetPass));
                    }
                    let record = DocumentRecord {
                        doc_type: mso.doc_type().to_owned(),
                        issuer: words::plain(issuer),
                        country: subject.country().map(words::plain),
                        summary: words::summary(kind, &parsed),
                        imported_at: policy.time(),
                        copies: Vec::new(),
                        policy: CopiesPolicy::usual(&[]),
                        subject: Subject::Owner,
                        sources: Some(Vec::new()),
                        findings,
                        persons: Vec::new(),
                    };
                    document = Some((record, content));
                }
                Some((_, first)) if *first == content => {}
                Some(_) => return Err(refuse(RefusalReason::CopiesDiffer)),
            }
            let public_key = *mso.device_key();
            if out.iter().any(|earlier| earlier.public_key == public_key) {
                return Err(refuse(RefusalReason::RepeatedDeviceKey));
            }
            let issuer_auth = sha256(parsed.issuer_auth().bytes());
            self.refuse_duplicate(&issuer_auth)?;
            let beside = out.first().map(|first| first.record.id);
            let (id, key) = self
                .key_source(copy.device_key, &public_key, beside)?
                .ok_or_else(|| refuse(RefusalReason::DeviceKey))?;
            let (from, until) = (
                mso.validity().valid_from.timestamp(),
                mso.validity().valid_until.timestamp(),
            );
            let record = CopyRecord {
                id,
                valid_from: from,
                valid_until: until,
                uses: 0,
                reader: None,
                statuses: Vec::new(),
            };
            if let Some((document, _)) = &mut document {
                sources_of(mso, document.sources.get_or_insert_default());
            }
            out.push(Verified {
                issuer_auth,
                record,
                public_key,
                key,
                bytes: parsed.bytes().to_vec(),
            });
        }
        let (document, _) = document.ok_or(StateFault::NotFound)?;
        Ok(Checked {
            document,
            verified: out,
            warnings,
        })
    }

    /// Gives the number of the vault's parts in which it may be all the same.
    fn refuse_duplicate(&self, issuer_auth: &[u8; 32]) -> Result<usize, WalletError> {
        let lookup = Lookup {
            name: BY_ISSUER_AUTH,
            value: issuer_auth,
        };
        let (found, damaged_parts) = self.vault.find_intact(COPY, lookup)?;
        let Some(copy) = found.into_iter().next() else {
            return Ok(damaged_parts);
        };
        let document = self.document_of(copy)?;
        Err(match self.vault.read(COPY, copy) {
            Err(Error::Damaged { .. }) => StateFault::HeldDamaged(document).into(),
            _ => StateFault::AlreadyHeld(document).into(),
        })
    }

    /// The document that has this copy.
    pub(crate) fn document_of(&self, copy: RecordId) -> Result<DocumentId, WalletError> {
        for entry in self.vault.list(DOCUMENT)? {
            let record = entry
                .record
                .ok()
                .and_then(|r| DocumentRecord::decode(r.data().expose()).ok());
            if record.is_some_and(|record| record.copies.iter().any(|c| c.id == copy)) {
                return Ok(DocumentId::new(entry.id));
            }
        }
        Ok(DocumentId::new(copy))
    }

    /// Where the device key comes from and under which id it is or will be kept; `None` when it is not held.
    fn key_source(
        &self,
        given: Option<PrivateKey>,
        wanted: &PublicKey,
        beside: Option<RecordId>,
    ) -> Result<Option<(RecordId, KeySource)>, WalletError> {
        if given.as_ref().is_some_and(|given| given.public_key() != wanted) {
            return Ok(None);
        }
        if let Some(id) = self.find_key(wanted)? {
            match self.vault.read(COPY, id) {
                Ok(_) => return Err(StateFault::DeviceKeyInUse.into()),
                // Nothing is ever written over what is damaged: its owner takes it away first.
                Err(Error::Damaged { .. }) => return Err(StateFault::HeldDamaged(self.document_of(id)?).into()),
                Err(_) => {}
            }
            return Ok(Some((id, KeySource::Held(self.key(id)?))));
        }
        let Some(given) = given else { return Ok(None) };
        let id = self.new_id(beside)?;
        Ok(Some((
            id,
            KeySource::Given(Box::new(given), purpose_of(wanted.curve())),
        )))
    }

    /// A random id, in the part of the manifest where the document is.
    pub(crate) fn new_id(&self, beside: Option<RecordId>) -> Result<RecordId, WalletError> {
        let new = self.vault.new_id()?;
        Ok(beside.map_or(new, |beside| new.beside(beside)))
    }

    /// Sees that the area has every key: those it made, and those that come.
    async fn take_keys(&self, verified: &mut [Verified]) -> Result<(), WalletError> {
        let mut taken = Vec::new();
        let mut failure = None;
        for copy in verified.iter_mut() {
            let result = match &mut copy.key {
                KeySource::Held(key) => self
                    .ask(self.area.public_key(&key.id))
                    .await
                    .map(|found| found == copy.public_key),
                source @ KeySource::Given(..) => {
                    let KeySource::Given(key, purpose) = core::mem::replace(source, KeySource::Nothing) else {
                        continue;
                    };
                    self.ask(self.area.import_key(*key, purpose)).await.map(|created| {
                        let fits = created.public_key == copy.public_key;
                        taken.push(created.clone());
                        *source = KeySource::Taken(created, purpose);
                        fits
                    })
                }
                KeySource::Taken(..) | KeySource::Nothing => continue,
            };
            match result {
                Ok(true) => {}
                Ok(false) => failure = Some(crate::InternalFault::KeyStoreOutput("public key").into()),
                Err(error) => failure = Some(error),
            }
            if failure.is_some() {
                break;
            }
        }
        match failure {
            None => Ok(()),
            Some(error) => {
                self.discard(&taken).await;
                Err(error)
            }
        }
    }

    async fn discard_taken(&self, verified: Vec<Verified>) {
        let taken: Vec<CreatedKey> = verified
            .into_iter()
            .filter_map(|copy| match copy.key {
                KeySource::Taken(created, _) => Some(created),
                _ => None,
            })
            .collect();
        self.discard(&taken).await;
    }

    /// Whether the wallet still has neither these copies nor other documents of their keys: another import may have come first while the
    /// area took its keys. Gives [`Imported::damaged_parts`].
    fn still_new(&self, verified: &[Verified]) -> Result<usize, WalletError> {
        let mut damaged_parts = 0;
        for (index, copy) in verified.iter().enumerate() {
            damaged_parts = self.refuse_duplicate(&copy.issuer_auth)?;
            match (&copy.key, self.key_source(None, &copy.public_key, None)?) {
                (KeySource::Held(key), Some((id, KeySource::Held(held))))
                    if id == copy.record.id && held.id == key.id => {}
                (KeySource::Taken(..), None) => {}
                (_, Some(_)) => return Err(StateFault::DeviceKeyInUse.into()),
                (_, None) => {
                    let reason = RefusalReason::DeviceKey;
                    return Err(Refusal { copy: index, reason }.into());
                }
            }
        }
        Ok(damaged_parts)
    }

    /// Writes it, with what is to be said of it and of the others now. Gives [`Imported::damaged_parts`].
    fn store(
        &self,
        id: DocumentId,
        document: &mut DocumentRecord,
        verified: &[Verified],
        compare: bool,
    ) -> Result<usize, WalletError> {
        let turn = self.turn();
        let damaged_parts = self.still_new(verified)?;
        let changed = match verified.first() {
            Some(first) => {
                let malformed = |error| Refusal::new(0, RefusalReason::Malformed(error));
                let parsed = IssuerSigned::parse(&first.bytes).map_err(malformed)?;
                let mso = parsed.mobile_security_object().map_err(malformed)?;
                self.beside(id, document, &parsed, &mso, compare)?
            }
            None => Vec::new(),
        };
        let settled = self.settled_reissue(document);
        let event = if settled.is_some() {
            Event::Reissue
        } else {
            Event::Import
        };
        let entry = NewEntry::done(event, document.imported_at)
            .document(Some(id), &document.doc_type)
            .who(Who::issuer(&document.issuer, document.country.as_deref()));
        let mut ledger = self.ledger()?;
        let mut outside = self.outside()?;
        outside.add(&document.doc_type, &document.issuer);
        self.vault
            .transaction(&turn, |tx| -> Result<(), idwallet_storage::Error> {
                ledger.log(tx, &entry)?;
                outside.put(tx)?;
                document.put(tx, id)?;
                if let Some(settled) = settled {
                    tx.delete(REISSUE, settled.record())?;
                }
                for (other, record) in &changed {
                    record.put(tx, *other)?;
                }
                for copy in verified {
                    let by_issuer_auth = Lookup {
                        name: BY_ISSUER_AUTH,
                        value: &copy.issuer_auth,
                    };
                    let by_document = Lookup {
                        name: BY_DOCUMENT,
                        value: id.as_bytes(),
                    };
                    tx.insert(COPY, copy.record.id, &copy.bytes, &[by_issuer_auth, by_document])?;
                    if let KeySource::Taken(created, purpose) = &copy.key {
                        let record = KeyRecord::new(created.id.clone(), created.public_key, *purpose);
                        let der = created.public_key.to_spki_der();
                        let lookup = Lookup {
                            name: BY_PUBLIC_KEY,
                            value: &der,
                        };
                        tx.insert(KEY, copy.record.id, &record.encode(), &[lookup])?;
                    }
                }
                Ok(())
            })?;
        Ok(damaged_parts)
    }
}

/// What all copies of a document have in common: type, signer, and every element with its value, in any order.
pub(crate) fn content(issuer_signed: &IssuerSigned<'_>, doc_type: &str, signer: &[u8; 32]) -> [u8; 32] {
    let mut e = idwallet_cose::cbor::Encoder::new();
    let mut elements: Vec<_> = issuer_signed
        .items()
        .map(|(name_space, item)| (name_space, item.element_identifier(), item.element_value().bytes()))
        .collect();
    elements.order();
    e.array(elements.len().saturating_add(2)).text(doc_type).bytes(signer);
    for (name_space, element, value) in elements {
        e.array(3).text(name_space).text(element).bytes(value);
    }
    sha256(e.as_slice())
}

/// Everything that a key of the curve can do; the first presentation decides (A-H55).
const fn purpose_of(curve: Curve) -> KeyPurpose {
    match (curve.can_sign(), curve.can_agree()) {
        (true, true) => KeyPurpose::SignOrAgree,
        (true, false) => KeyPurpose::Sign,
        _ => KeyPurpose::Agree,
    }
}
