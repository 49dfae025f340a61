//! What of a wallet is readable before the PIN, on its own device: see [`Transaction::set_outside`](idwallet_storage::Transaction).

use crate::record::UnknownForm;
use idwallet_cose::cbor::{Decoder, Encoder, Limits};
use idwallet_crypto::PublicKey;
use idwallet_storage::{Error, Transaction};

const FORMAT: u64 = 1;

/// One record; unknown members are skipped, as in every record of the wallet.
#[derive(Clone, Default)]
pub(crate) struct Outside {
    /// The name by which orders call this wallet.
    pub(crate) address: Option<[u8; 16]>,
    /// Who may give orders.
    pub(crate) authority: Option<PublicKey>,
    /// The owner locked it; only an unlocking that says so opens it.
    pub(crate) is_closed: bool,
    /// What the wallet holds, by type and issuer: all that is left to go by when the PIN is forgotten.
    pub(crate) papers: Vec<HeldPapers>,
}

/// Most kinds of papers that are remembered outside.
const MAX_PAPERS: usize = 1000;

/// Documents of one type from one issuer, by number alone: readable without the PIN on the wallet's own device, so that somebody who
/// forgot it knows what to have issued again (H-H80). No attribute of them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeldPapers {
    /// The docType.
    pub doc_type: String,
    /// Who signed them.
    pub issuer: String,
    /// How many there are.
    pub count: u64,
}

impl Outside {
    /// One document of that type and issuer more.
    pub(crate) fn add(&mut self, doc_type: &str, issuer: &str) {
        let known = self
            .papers
            .iter_mut()
            .find(|p| p.doc_type == doc_type && p.issuer == issuer);
        if let Some(papers) = known {
            papers.count = papers.count.saturating_add(1);
        } else if self.papers.len() < MAX_PAPERS {
            self.papers.push(HeldPapers {
                doc_type: doc_type.to_owned(),
                issuer: issuer.to_owned(),
                count: 1,
            });
        }
    }

    /// One less.
    pub(crate) fn take(&mut self, doc_type: &str, issuer: &str) {
        for papers in &mut self.papers {
            if papers.doc_type == doc_type && papers.issuer == issuer {
                papers.count = papers.count.saturating_sub(1);
            }
        }
        self.papers.retain(|papers| papers.count > 0);
    }

    /// Writes it with what else changes. A vault of an older schema that was not prepared yet goes without.
    pub(crate) fn put(&self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        match tx.set_outside(&self.encode()) {
            Err(Error::NotPrepared) => Ok(()),
            written => written,
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let optional = [self.address.is_some(), self.authority.is_some()];
        let members = optional.iter().filter(|there| **there).count().saturating_add(3);
        let mut e = Encoder::new();
        e.map(members).int(0).uint(FORMAT);
        if let Some(address) = &self.address {
            e.int(1).bytes(address);
        }
        if let Some(authority) = &self.authority {
            e.int(2).bytes(&authority.to_spki_der());
        }
        e.int(3).bool(self.is_closed);
        e.int(4).array(self.papers.len());
        for papers in &self.papers {
            e.array(3)
                .text(&papers.doc_type)
                .text(&papers.issuer)
                .uint(papers.count);
        }
        e.into_vec()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, UnknownForm> {
        let mut out = Self::default();
        let mut format = 0;
        Decoder::decode(bytes, Limits::DEFAULT, |d| {
            let mut map = d.map()?;
            while let Some(key) = map.next_key(d)? {
                match key.as_int() {
                    Some(0) => format = d.u64()?,
                    Some(1) => out.address = Some(*d.byte_array()?),
                    Some(2) => out.authority = PublicKey::from_spki_der(d.bytes()?).ok(),
                    Some(3) => out.is_closed = d.bool()?,
                    Some(4) => {
                        let mut papers = d.array()?;
                        while papers.next(d)? {
                            d.array_of(3)?;
                            out.papers.push(HeldPapers {
                                doc_type: d.text()?.to_owned(),
                                issuer: d.text()?.to_owned(),
                                count: d.u64()?,
                            });
                        }
                    }
                    _ => d.skip()?,
                }
            }
            Ok(())
        })
        .map_err(|_| UnknownForm)?;
        if format == FORMAT { Ok(out) } else { Err(UnknownForm) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_written_is_read_and_another_form_is_none() {
        let mut all = Outside {
            address: Some([7; 16]),
            is_closed: true,
            ..Outside::default()
        };
        all.add("a", "x");
        all.add("a", "x");
        all.add("b", "x");
        all.take("b", "x");
        let read = Outside::decode(&all.encode()).unwrap();
        assert_eq!((read.address, read.is_closed), (all.address, true));
        assert_eq!(read.papers, all.papers);
        assert_eq!((read.papers.len(), read.papers[0].count), (1, 2));
        assert!(Outside::decode(&[0xa1, 0x00, 0x02]).is_err());
        assert!(Outside::decode(&all.encode()[1..]).is_err());
    }
}
