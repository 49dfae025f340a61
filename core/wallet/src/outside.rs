//! What of a wallet is readable before the PIN, on its own device: see [`Transaction::set_outside`](idwallet_storage::Transaction).

use crate::record::UnknownForm;
use crate::{LockOrder, OrderAction, StateFault, WalletError};
use idwallet_cose::cbor::{Decoder, Encoder, Limits, Result};
use idwallet_crypto::{PublicKey, Timestamp};
use idwallet_storage::{Error, Transaction};

const FORMAT: u64 = 1;

/// One record; unknown members are skipped, as in every record of the wallet.
#[derive(Clone, Default)]
pub(crate) struct Outside {
    /// Who may give orders. The vault has it too, under [`AUTHORITY`](crate::record::AUTHORITY), and is right where the two differ.
    pub(crate) authority: Option<Authority>,
    /// The owner locked it; only an unlocking that says so opens it.
    pub(crate) is_closed: bool,
    /// What the wallet holds, by type and issuer: all that is left to go by when the PIN is forgotten.
    pub(crate) papers: Vec<HeldPapers>,
    /// The orders that were obeyed since the history was last written, oldest first.
    pub(crate) obeyed: Vec<Obeyed>,
}

/// Who may lock this wallet from afar, and by what address. Who has the one has the other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Authority {
    pub(crate) key: PublicKey,
    pub(crate) address: [u8; 16],
}

/// An order that was obeyed while the history could not be written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Obeyed {
    pub(crate) action: OrderAction,
    pub(crate) number: u64,
    pub(crate) at: Timestamp,
}

/// Most orders that are remembered; the oldest go first.
const MAX_OBEYED: usize = 256;

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

    /// Remembers an order until the history can be written. An order that is tried again is one order.
    pub(crate) fn note(&mut self, order: &LockOrder, at: Timestamp) {
        self.obeyed.retain(|obeyed| obeyed.number != order.number);
        if self.obeyed.len() >= MAX_OBEYED {
            self.obeyed.remove(0);
        }
        self.obeyed.push(Obeyed {
            action: order.action,
            number: order.number,
            at,
        });
    }

    /// An order of the authority named here, to the wallet named here.
    pub(crate) fn check_order(&self, order: &[u8]) -> Result<LockOrder, WalletError> {
        match &self.authority {
            Some(authority) => LockOrder::verify(order, &authority.key, &authority.address),
            None => Err(StateFault::OrderRefused.into()),
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut e = Encoder::new();
        e.map(if self.authority.is_some() { 6 } else { 4 });
        e.int(0).uint(FORMAT);
        write_authority(&mut e, self.authority.as_ref());
        e.int(3).bool(self.is_closed);
        e.int(4).array(self.papers.len());
        for papers in &self.papers {
            e.array(3)
                .text(&papers.doc_type)
                .text(&papers.issuer)
                .uint(papers.count);
        }
        e.int(5).array(self.obeyed.len());
        for obeyed in &self.obeyed {
            e.array(3)
                .uint(obeyed.action.number())
                .uint(obeyed.number)
                .int(obeyed.at.unix());
        }
        e.into_vec()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, UnknownForm> {
        let mut out = Self::default();
        out.authority = read(bytes, |key, d| {
            match key {
                3 => out.is_closed = d.bool()?,
                4 => {
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
                5 => {
                    let mut obeyed = d.array()?;
                    while obeyed.next(d)? {
                        d.array_of(3)?;
                        let (action, number, at) = (OrderAction::of(d.u64()?), d.u64()?, d.i64()?);
                        let at = Timestamp::from_unix(at);
                        out.obeyed.extend(action.map(|action| Obeyed { action, number, at }));
                    }
                }
                _ => d.skip()?,
            }
            Ok(())
        })?;
        Ok(out)
    }
}

impl Authority {
    /// The record in the vault: who was named last, or that nobody is.
    pub(crate) fn encode(named: Option<&Self>) -> Vec<u8> {
        let mut e = Encoder::new();
        e.map(if named.is_some() { 3 } else { 1 });
        e.int(0).uint(FORMAT);
        write_authority(&mut e, named);
        e.into_vec()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Option<Self>, UnknownForm> {
        read(bytes, |_, d| d.skip())
    }
}

fn write_authority(e: &mut Encoder, authority: Option<&Authority>) {
    if let Some(authority) = authority {
        e.int(1).bytes(&authority.address);
        e.int(2).bytes(&authority.key.to_spki_der());
    }
}

/// Reads the members that both records have, and hands the others on.
fn read<'b>(
    bytes: &'b [u8],
    mut other: impl FnMut(i64, &mut Decoder<'b>) -> Result<()>,
) -> Result<Option<Authority>, UnknownForm> {
    let (mut format, mut address, mut key) = (0, None, None);
    Decoder::decode(bytes, Limits::DEFAULT, |d| {
        let mut map = d.map()?;
        while let Some(member) = map.next_key(d)? {
            match member.as_int() {
                Some(0) => format = d.u64()?,
                Some(1) => address = Some(*d.byte_array()?),
                Some(2) => key = PublicKey::from_spki_der(d.bytes()?).ok(),
                Some(member) => other(member, d)?,
                None => d.skip()?,
            }
        }
        Ok(())
    })
    .map_err(|_| UnknownForm)?;
    if format == FORMAT {
        Ok(key.zip(address).map(|(key, address)| Authority { key, address }))
    } else {
        Err(UnknownForm)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_written_is_read_and_another_form_is_none() {
        let key = idwallet_test_support::key(idwallet_crypto::Curve::P256, 1);
        let authority = Authority {
            key: *key.public_key(),
            address: [7; 16],
        };
        let mut all = Outside {
            authority: Some(authority),
            is_closed: true,
            ..Outside::default()
        };
        let order = |number| LockOrder {
            address: [7; 16],
            action: OrderAction::Hold,
            number,
            issued_at: Timestamp::UNIX_EPOCH,
        };
        for number in [0, 1, 2, 2] {
            all.note(&order(number), Timestamp::from_unix(5));
        }
        all.add("a", "x");
        all.add("a", "x");
        all.add("b", "x");
        all.take("b", "x");
        let read = Outside::decode(&all.encode()).unwrap();
        assert!(read.is_closed && read.authority == all.authority);
        assert!(read.obeyed == all.obeyed);
        assert_eq!(read.obeyed.len(), 3, "an order tried again is one");
        assert_eq!(read.papers, all.papers);
        assert_eq!((read.papers.len(), read.papers[0].count), (1, 2));
        for named in [None, Some(authority)] {
            assert!(Authority::decode(&Authority::encode(named.as_ref())).unwrap() == named);
        }
        for number in 10..400 {
            all.note(&order(number), Timestamp::from_unix(6));
        }
        assert_eq!(all.obeyed.len(), MAX_OBEYED);
        assert_eq!(all.obeyed.last().unwrap().number, 399);
        assert!(Outside::decode(&[0xa1, 0x00, 0x02]).is_err());
        assert!(Outside::decode(&all.encode()[1..]).is_err());
    }
}
