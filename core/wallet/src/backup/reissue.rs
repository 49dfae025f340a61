//! What would have to be issued again: what it is and who issued it, never what it says (H-H80).

use crate::record::{BY_DOCUMENT, COPY, DocumentRecord, REISSUE, UnknownForm};
use crate::{DocumentId, Wallet, WalletError, words};
use idwallet_cose::cbor::{Decoder, Encoder, Limits};
use idwallet_crypto::Order as _;
use idwallet_crypto::Timestamp;
use idwallet_crypto::x509::Certificate;
use idwallet_documents::Label;
use idwallet_mdoc::IssuerSigned;
use idwallet_storage::{Error, Lookup, Transaction};

const FORMAT: u64 = 1;

/// A document that could not be moved, or not with all of its copies, because keys are bound to other hardware: to be asked for again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReissueItem {
    /// The id that the document had.
    pub id: DocumentId,
    /// The ISO docType.
    pub doc_type: String,
    /// What the document is called; the docType where that is not known.
    pub title: Label,
    /// Who issued it: the name in the certificate.
    pub issuer: String,
    /// The country in that certificate.
    pub issuing_country: Option<String>,
    /// SHA-256 of the certificate that signed it, where a copy of it could be read.
    pub signer: Option<[u8; 32]>,
    /// When it was last known to be held.
    pub noted_at: Timestamp,
    /// Some of its copies did move, and can be shown until it is issued again.
    pub has_copies: bool,
}

impl ReissueItem {
    pub(super) fn of(
        wallet: &Wallet,
        id: DocumentId,
        record: &DocumentRecord,
        signer: Option<[u8; 32]>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            doc_type: record.doc_type.clone(),
            title: words::title(wallet.registry.find(&record.doc_type), &record.doc_type),
            issuer: record.issuer.clone(),
            issuing_country: record.country.clone(),
            signer,
            noted_at: now,
            has_copies: false,
        }
    }

    /// Beside so many copies that move.
    pub(super) const fn beside(mut self, copies: usize) -> Self {
        self.has_copies = copies > 0;
        self
    }

    /// For a document whose own record is damaged: as its copies tell.
    pub(super) fn of_copies(wallet: &Wallet, id: DocumentId, now: Timestamp) -> Option<Self> {
        let by_document = Lookup {
            name: BY_DOCUMENT,
            value: id.as_bytes(),
        };
        let copies = wallet.vault.find(COPY, by_document).ok()?;
        let copy = copies.into_iter().find_map(|copy| wallet.vault.read(COPY, copy).ok())?;
        let parsed = IssuerSigned::parse(copy.data().expose()).ok()?;
        let chain = parsed.issuer_auth().headers().x5chain()?;
        let signer = Certificate::from_der(chain.certificates().next()?).ok()?;
        let subject = signer.subject();
        let issuer = subject.common_name().or_else(|| subject.organization());
        let doc_type = parsed.mobile_security_object().ok()?.doc_type().to_owned();
        Some(Self {
            id,
            title: words::title(wallet.registry.find(&doc_type), &doc_type),
            doc_type,
            issuer: words::plain(issuer.unwrap_or_default()),
            issuing_country: subject.country().map(words::plain),
            signer: Some(*signer.sha256()),
            noted_at: now,
            has_copies: false,
        })
    }

    pub(super) fn is_like(&self, record: &DocumentRecord) -> bool {
        self.doc_type == record.doc_type
            && self.issuer == record.issuer
            && self.issuing_country.as_ref() == record.country.as_ref()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let optional = usize::from(self.issuing_country.is_some()).saturating_add(usize::from(self.signer.is_some()));
        let mut e = Encoder::new();
        let optional = optional.saturating_add(usize::from(self.has_copies));
        e.map(optional.saturating_add(7));
        e.int(0).uint(FORMAT);
        e.int(1).bytes(self.id.as_bytes());
        e.int(2).text(&self.doc_type);
        e.int(3).text(&self.title.vi);
        e.int(4).text(&self.title.en);
        e.int(5).text(&self.issuer);
        if let Some(country) = &self.issuing_country {
            e.int(6).text(country);
        }
        if let Some(signer) = &self.signer {
            e.int(7).bytes(signer);
        }
        e.int(8).int(self.noted_at.unix());
        if self.has_copies {
            e.int(9).bool(true);
        }
        e.into_vec()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, UnknownForm> {
        let (mut format, mut id, mut doc_type, mut vi, mut en) = (0, None, None, None, None);
        let (mut issuer, mut issuing_country, mut signer, mut noted_at) = (None, None, None, None);
        let mut has_copies = false;
        Decoder::decode(bytes, Limits::DEFAULT, |d| {
            let mut map = d.map()?;
            while let Some(key) = map.next_key(d)? {
                match key.as_int() {
                    Some(0) => format = d.u64()?,
                    Some(1) => id = Some(DocumentId::from_bytes(*d.byte_array()?)),
                    Some(2) => doc_type = Some(d.text()?.to_owned()),
                    // These are shown, and need not have been written by this software.
                    Some(3) => vi = Some(words::plain(d.text()?)),
                    Some(4) => en = Some(words::plain(d.text()?)),
                    Some(5) => issuer = Some(words::plain(d.text()?)),
                    Some(6) => issuing_country = Some(words::plain(d.text()?)),
                    Some(7) => signer = Some(*d.byte_array()?),
                    Some(8) => noted_at = Some(Timestamp::from_unix(d.i64()?)),
                    Some(9) => has_copies = d.bool()?,
                    _ => d.skip()?,
                }
            }
            Ok(())
        })
        .map_err(|_| UnknownForm)?;
        match (format, id, doc_type, vi, en, issuer, noted_at) {
            (FORMAT, Some(id), Some(doc_type), Some(vi), Some(en), Some(issuer), Some(noted_at)) => Ok(Self {
                id,
                doc_type,
                title: Label::new(vi, en),
                issuer,
                issuing_country,
                signer,
                noted_at,
                has_copies,
            }),
            _ => Err(UnknownForm),
        }
    }

    pub(super) fn put(&self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        tx.put(REISSUE, self.id.record(), &self.encode(), &[])
    }
}

impl Wallet {
    /// What a restore could not bring along and has to be issued again, oldest first. An entry goes away when a document of that type
    /// and issuer is imported, or by [`dismiss_reissue`](Self::dismiss_reissue). Entries that cannot be read are left out.
    ///
    /// # Errors
    /// [`WalletError::Storage`] when the vault as a whole cannot be read.
    pub fn to_be_reissued(&self) -> Result<Vec<ReissueItem>, WalletError> {
        let entries = self.vault.list(REISSUE)?.into_iter();
        let mut items: Vec<ReissueItem> = entries
            .filter_map(|entry| ReissueItem::decode(entry.record.ok()?.data().expose()).ok())
            .collect();
        items.order_by_key(|item| (item.noted_at, item.id));
        Ok(items)
    }

    /// Takes an entry off the list of what has to be issued again: its owner does not want it.
    ///
    /// # Errors
    /// [`StateFault::NotFound`](crate::StateFault::NotFound); [`WalletError::Storage`].
    pub fn dismiss_reissue(&self, id: DocumentId) -> Result<(), WalletError> {
        Ok(self
            .vault
            .transaction(&self.turn(), |tx| tx.delete(REISSUE, id.record()))?)
    }

    /// The entry that this document, about to be imported, settles. One document settles one entry: two children may have the same
    /// paper of one issuer.
    pub(crate) fn settled_reissue(&self, record: &DocumentRecord) -> Option<DocumentId> {
        if self
            .vault
            .count(REISSUE)
            .is_ok_and(|count| count.records == 0 && count.damaged_buckets == 0)
        {
            return None;
        }
        let items = self.to_be_reissued().ok()?;
        items.iter().find(|item| item.is_like(record)).map(|item| item.id)
    }
}
