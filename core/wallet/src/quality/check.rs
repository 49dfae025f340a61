//! The four asked of documents in the wallet: before showing, on demand, and beside each other.

use super::{CheckReport, Finding, FindingCode, across, content, correct, live};
use crate::document::{DamagedDocument, DocumentDamage};
use crate::record::{BY_PERSON, COPY, CopyRecord, DOCUMENT, DocumentRecord, KeyRecord};
use crate::status::sources_of;
use crate::{DocumentId, Wallet, WalletError};
use idwallet_crypto::Order as _;
use idwallet_crypto::Timestamp;
use idwallet_mdoc::verify::IssuerTrust;
use idwallet_mdoc::{IssuerSigned, MobileSecurityObject};
use idwallet_storage::{Error, Lookup};
use std::collections::BTreeMap;

type Held = (DocumentId, DocumentRecord);

/// All that is to be said about what is in the wallet.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Checked {
    /// The documents in the order of their import.
    pub documents: Vec<CheckReport>,
    /// Those that the vault cannot vouch for: set aside, to be issued again.
    pub damaged: Vec<DamagedDocument>,
}

impl Wallet {
    /// Checks one document: its stored bytes, its type's rules, its status, and the other documents of its people.
    ///
    /// With `trust` the issuer's chain and its revocation are checked too, as they stand today.
    ///
    /// # Errors
    /// [`StateFault::NotFound`](crate::StateFault::NotFound); [`WalletError::Storage`] when it is damaged.
    pub fn check(
        &self,
        id: DocumentId,
        now: Timestamp,
        trust: Option<&IssuerTrust<'_>>,
    ) -> Result<CheckReport, WalletError> {
        let _turn = self.turn();
        let record = self.document(id)?;
        let mut beside = match self.subject(id, &record) {
            Ok(subject) => across::findings(&self.near(subject.names())?),
            // Of bytes that cannot be read nothing is known beside others.
            Err(_) => BTreeMap::new(),
        };
        self.report(id, &record, beside.remove(&id).unwrap_or_default(), now, trust)
    }

    /// [`check`](Self::check) of every document.
    ///
    /// # Errors
    /// [`WalletError::Storage`] when the vault as a whole cannot be read.
    pub fn check_all(&self, now: Timestamp, trust: Option<&IssuerTrust<'_>>) -> Result<Checked, WalletError> {
        let _turn = self.turn();
        let (all, damaged) = self.all_documents()?;
        let mut checked = Checked {
            documents: Vec::with_capacity(all.len()),
            damaged,
        };
        let subjects: Vec<_> = all
            .iter()
            .filter_map(|(id, record)| self.subject(*id, record).ok())
            .collect();
        let mut beside = across::findings(&subjects);
        for (id, record) in &all {
            match self.report(*id, record, beside.remove(id).unwrap_or_default(), now, trust) {
                Ok(report) => checked.documents.push(report),
                Err(error) => checked.damaged.push(DamagedDocument {
                    id: *id,
                    damage: damage_of(error)?,
                }),
            }
        }
        checked
            .documents
            .order_by_key(|report| (report.document.imported_at, report.document.id));
        Ok(checked)
    }

    /// Compares all documents anew and notes what is to be said of each beside the others, and what records of earlier versions do
    /// not have: after an import [without comparison](crate::ImportOptions::apart), after an update of the software.
    /// Gives the number of documents whose notes changed.
    ///
    /// # Errors
    /// [`WalletError::Storage`].
    pub fn compare_all(&self) -> Result<usize, WalletError> {
        let turn = self.turn();
        let (all, _) = self.all_documents()?;
        let mut subjects = Vec::with_capacity(all.len());
        let mut found: Vec<(DocumentId, DocumentRecord, bool)> = Vec::with_capacity(all.len());
        for (id, mut record) in all {
            let Ok(subject) = self.subject(id, &record) else {
                continue;
            };
            let names = subject.names();
            let mut is_new = names != record.persons;
            record.persons = names;
            if record.sources.is_none() {
                self.find_sources(&mut record)?;
                is_new = true;
            }
            subjects.push(subject);
            found.push((id, record, is_new));
        }
        let mut beside = across::findings(&subjects);
        let mut changed = Vec::new();
        for (id, mut record, is_new) in found {
            if replace_beside(&mut record, beside.remove(&id).unwrap_or_default()) || is_new {
                changed.push((id, record));
            }
        }
        if !changed.is_empty() {
            self.vault.transaction(&turn, |tx| -> Result<(), Error> {
                changed.iter().try_for_each(|(id, record)| record.put(tx, *id))
            })?;
        }
        Ok(changed.len())
    }

    fn find_sources(&self, record: &mut DocumentRecord) -> Result<(), WalletError> {
        let mut sources = Vec::new();
        for copy in &record.copies {
            let bytes = self.vault.read(COPY, copy.id).map_err(WalletError::from);
            let Ok(bytes) = bytes else { continue };
            if let Ok(parsed) = IssuerSigned::parse(bytes.data().expose())
                && let Ok(mso) = parsed.mobile_security_object()
            {
                sources_of(&mso, &mut sources);
            }
        }
        record.sources = Some(sources);
        Ok(())
    }

    fn all_documents(&self) -> Result<(Vec<Held>, Vec<DamagedDocument>), WalletError> {
        let (mut all, mut damaged) = (Vec::new(), Vec::new());
        for entry in self.vault.list(DOCUMENT)? {
            let id = DocumentId::new(entry.id);
            let record = entry
                .record
                .map_err(DocumentDamage::Record)
                .and_then(|record| DocumentRecord::decode(record.data().expose()).map_err(|_| DocumentDamage::Form));
            match record {
                Ok(record) => all.push((id, record)),
                Err(damage) => damaged.push(DamagedDocument { id, damage }),
            }
        }
        Ok((all, damaged))
    }

    fn report(
        &self,
        id: DocumentId,
        record: &DocumentRecord,
        beside: Vec<Finding>,
        now: Timestamp,
        trust: Option<&IssuerTrust<'_>>,
    ) -> Result<CheckReport, WalletError> {
        let kind = self.registry.find(&record.doc_type);
        let mut findings: Vec<Finding> = Vec::new();
        let mut is_readable = false;
        for (at, copy) in record.copies.iter().enumerate() {
            // A copy that is damaged or missing is the vault's to tell; the others still say what the document is.
            let Ok((key, bytes)) = self.key_and_copy(copy.id) else {
                continue;
            };
            is_readable = true;
            let mut of_copy = match IssuerSigned::parse(bytes.expose()) {
                Ok(parsed) => {
                    let mut of_copy = self.correct(&parsed, record, copy, &key, now, trust);
                    // All copies say the same (checked at import).
                    if at == 0 {
                        of_copy.extend(content::findings(&parsed, kind));
                        of_copy.extend(live::of_content(&parsed, kind, now));
                    }
                    of_copy
                }
                Err(_) => vec![Finding::new(FindingCode::Unreadable)],
            };
            of_copy.retain(|finding| !findings.contains(finding));
            findings.append(&mut of_copy);
        }
        if !is_readable {
            return Err(crate::wallet::damaged(id));
        }
        findings.extend(
            record
                .findings
                .iter()
                .filter(|f| f.code == FindingCode::LetPass)
                .cloned(),
        );
        findings.extend(beside.into_iter().map(|finding| named(kind, finding)));
        findings.extend(live::findings(record, self.policies().status, now));
        findings.order_by_key(|finding| finding.code.as_str());
        Ok(CheckReport {
            document: self.summary(id, record.clone(), now),
            findings,
        })
    }

    fn correct(
        &self,
        issuer_signed: &IssuerSigned<'_>,
        document: &DocumentRecord,
        copy: &CopyRecord,
        key: &KeyRecord,
        at: Timestamp,
        trust: Option<&IssuerTrust<'_>>,
    ) -> Vec<Finding> {
        let kind = self.registry.find(&document.doc_type);
        let mut findings = correct::findings(issuer_signed, kind, trust, at);
        let fits = issuer_signed
            .mobile_security_object()
            .is_ok_and(|mso| correct::fits_record(&mso, document, copy, key));
        if !fits && findings.is_empty() {
            findings.push(Finding::new(FindingCode::OtherThanRecorded));
        }
        findings
    }

    /// What keeps a copy from being shown now, else what its owner should know before it is.
    ///
    /// *Correct* and *live* are asked anew. *Sufficient* and *clean* were asked at import and are told again: they keep nothing from
    /// being shown, since the issuer has signed it and a reader can judge it.
    pub(crate) fn before_showing(
        &self,
        issuer_signed: &IssuerSigned<'_>,
        document: &DocumentRecord,
        copy: &CopyRecord,
        key: &KeyRecord,
        at: Timestamp,
    ) -> Result<Vec<Finding>, FindingCode> {
        let mut findings = self.correct(issuer_signed, document, copy, key, at, None);
        findings.extend(live::freshness(document, copy, self.policies().status, at));
        if let Some(refusal) = findings.iter().find(|finding| finding.is_refusal()) {
            return Err(refusal.code);
        }
        let mut warnings = self.stored_findings(document);
        warnings.append(&mut findings);
        Ok(warnings)
    }

    /// What was noted about a document at import and since, with the words for it.
    pub(crate) fn stored_findings(&self, record: &DocumentRecord) -> Vec<Finding> {
        let kind = self.registry.find(&record.doc_type);
        // What was said beside a document that is gone is over.
        let is_there = |finding: &&Finding| finding.other.is_none_or(|other| self.document(other).is_ok());
        let found = record.findings.iter().filter(is_there);
        found.map(|finding| named(kind, finding.clone())).collect()
    }

    /// What a new document's record says, with the words for it.
    pub(crate) fn named_findings(&self, record: &DocumentRecord) -> Vec<Finding> {
        let kind = self.registry.find(&record.doc_type);
        record
            .findings
            .iter()
            .map(|finding| named(kind, finding.clone()))
            .collect()
    }

    /// The document as it is compared with others.
    pub(super) fn subject(&self, id: DocumentId, record: &DocumentRecord) -> Result<across::Subject, WalletError> {
        let mut last = crate::wallet::damaged(id);
        for copy in &record.copies {
            match self.vault.read(COPY, copy.id) {
                Ok(bytes) => {
                    let bytes = bytes.data().expose();
                    if let Ok(parsed) = IssuerSigned::parse(bytes)
                        && let Ok(mso) = parsed.mobile_security_object()
                    {
                        return Ok(self.subject_of(id, record.country.as_deref(), &parsed, &mso));
                    }
                }
                Err(error) => last = error.into(),
            }
        }
        Err(last)
    }

    fn subject_of(
        &self,
        id: DocumentId,
        country: Option<&str>,
        issuer_signed: &IssuerSigned<'_>,
        mso: &MobileSecurityObject<'_>,
    ) -> across::Subject {
        across::Subject::new(id, self.registry.find(mso.doc_type()), country, issuer_signed, mso)
    }

    /// The documents that speak of these people, and of whomever those speak of.
    fn near(&self, names: Vec<[u8; 16]>) -> Result<Vec<across::Subject>, WalletError> {
        let mut out: BTreeMap<DocumentId, across::Subject> = BTreeMap::new();
        let (mut todo, mut seen) = (names, std::collections::BTreeSet::new());
        while let Some(name) = todo.pop() {
            if !seen.insert(name) {
                continue;
            }
            for id in self.documents_of_person(&name)? {
                if out.contains_key(&id) {
                    continue;
                }
                // A damaged one contradicts nobody.
                let Ok(record) = self.document(id) else { continue };
                let Ok(subject) = self.subject(id, &record) else {
                    continue;
                };
                todo.extend(subject.names());
                out.insert(id, subject);
            }
        }
        Ok(out.into_values().collect())
    }

    fn documents_of_person(&self, name: &[u8; 16]) -> Result<Vec<DocumentId>, WalletError> {
        let lookup = Lookup {
            name: BY_PERSON,
            value: name,
        };
        // Where a part of the table of contents is damaged, those that the other parts vouch for are compared.
        let (found, _) = self.vault.find_intact(DOCUMENT, lookup)?;
        Ok(found.into_iter().map(DocumentId::new).collect())
    }

    /// What a new document does to those that are there: its own findings beside them, and the records that change with it.
    pub(crate) fn beside(
        &self,
        id: DocumentId,
        document: &mut DocumentRecord,
        issuer_signed: &IssuerSigned<'_>,
        mso: &MobileSecurityObject<'_>,
        compare: bool,
    ) -> Result<Vec<(DocumentId, DocumentRecord)>, WalletError> {
        let subject = self.subject_of(id, document.country.as_deref(), issuer_signed, mso);
        document.persons = subject.names();
        if !compare {
            return Ok(Vec::new());
        }
        let mut near = self.near(document.persons.clone())?;
        near.push(subject);
        let mut beside = across::findings(&near);
        replace_beside(document, beside.remove(&id).unwrap_or_default());
        self.noting(beside)
    }

    /// What is to be said of the others once this one is gone: the records that change with it.
    pub(crate) fn once_gone(
        &self,
        id: DocumentId,
        document: &DocumentRecord,
    ) -> Result<Vec<(DocumentId, DocumentRecord)>, WalletError> {
        let mut near = self.near(document.persons.clone())?;
        near.retain(|subject| subject.id != id);
        self.noting(across::findings(&near))
    }

    fn noting(
        &self,
        beside: BTreeMap<DocumentId, Vec<Finding>>,
    ) -> Result<Vec<(DocumentId, DocumentRecord)>, WalletError> {
        let mut changed = Vec::new();
        for (other, findings) in beside {
            let mut record = self.document(other)?;
            if replace_beside(&mut record, findings) {
                changed.push((other, record));
            }
        }
        Ok(changed)
    }

    /// Hashes of what the people of a document are known by.
    pub(crate) fn persons_of(
        &self,
        country: Option<&str>,
        issuer_signed: &IssuerSigned<'_>,
        mso: &MobileSecurityObject<'_>,
    ) -> Vec<[u8; 16]> {
        let id = DocumentId::from_bytes([0; 16]);
        self.subject_of(id, country, issuer_signed, mso).names()
    }

    /// What is to be said of a new document's values: [`content::findings`], and what they say of its end.
    pub(crate) fn content_findings(
        &self,
        issuer_signed: &IssuerSigned<'_>,
        doc_type: &str,
        now: Timestamp,
    ) -> Vec<Finding> {
        let kind = self.registry.find(doc_type);
        let mut findings = content::findings(issuer_signed, kind);
        findings.extend(live::of_content(issuer_signed, kind, now));
        findings
    }
}

fn named(kind: Option<&idwallet_documents::DocumentType>, finding: Finding) -> Finding {
    let label = finding
        .element
        .as_ref()
        .map(|(name_space, element)| super::label(kind, name_space, element));
    Finding { label, ..finding }
}

/// Puts these in the place of what was said beside other documents. Whether that changed anything.
fn replace_beside(record: &mut DocumentRecord, beside: Vec<Finding>) -> bool {
    let before = record.findings.clone();
    record.findings.retain(|finding| finding.other.is_none());
    record.findings.extend(beside);
    record.findings != before
}

/// Damage stays with its document; what is wrong with the vault as a whole does not.
fn damage_of(error: WalletError) -> Result<DocumentDamage, WalletError> {
    match error {
        WalletError::Storage(fault) => match fault.cause() {
            Error::Damaged { damage, .. } => Ok(DocumentDamage::Record(*damage)),
            _ => Err(WalletError::Storage(fault)),
        },
        error => Err(error),
    }
}
