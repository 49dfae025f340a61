//! What of a wallet is readable before the PIN, on its own device: see [`Transaction::set_outside`](idwallet_storage::Transaction).

use crate::record::UnknownForm;
use idwallet_cose::cbor::{Decoder, Encoder, Limits};
use idwallet_crypto::PublicKey;

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
    /// What would have to be issued again, encoded by its own module.
    pub(crate) reissue: Option<Vec<u8>>,
}

impl Outside {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let optional = [self.address.is_some(), self.authority.is_some(), self.reissue.is_some()];
        let members = optional.iter().filter(|there| **there).count().saturating_add(2);
        let mut e = Encoder::new();
        e.map(members).int(0).uint(FORMAT);
        if let Some(address) = &self.address {
            e.int(1).bytes(address);
        }
        if let Some(authority) = &self.authority {
            e.int(2).bytes(&authority.to_spki_der());
        }
        e.int(3).bool(self.is_closed);
        if let Some(reissue) = &self.reissue {
            e.int(4).bytes(reissue);
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
                    Some(4) => out.reissue = Some(d.bytes()?.to_vec()),
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
    use super::*;

    #[test]
    fn what_is_written_is_read_and_another_form_is_none() {
        let all = Outside {
            address: Some([7; 16]),
            authority: None,
            is_closed: true,
            reissue: Some(vec![1, 2, 3]),
        };
        let read = Outside::decode(&all.encode()).unwrap();
        assert_eq!(read.address, all.address);
        assert!(read.is_closed);
        assert_eq!(read.reissue, all.reissue);
        assert!(Outside::decode(&[0xa1, 0x00, 0x02]).is_err());
        assert!(Outside::decode(&all.encode()[1..]).is_err());
    }
}
