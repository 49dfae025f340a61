//! Orders from afar: the authority that the owner named at the beginning locks a wallet whose phone is lost, holds it, or gives it
//! back (Law 26/2023/QH15 art. 34: an electronic identity is locked at the holder's wish, by a competent body, and unlocked again).

use crate::{StateFault, WalletError};
use core::fmt;
use idwallet_cose::cbor::{Decoder, Encoder, Limits};
use idwallet_cose::{Place, Policy, Sign1, Sign1Builder};
use idwallet_crypto::{PublicKey, SignatureAlgorithm, Signer, Timestamp};

/// `typ` of an order, so that no other signature of the authority passes for one.
pub const ORDER_TYPE: &str = "application/idwallet-lock-order+cose";
/// Orders are small: more is refused unread.
const MAX_ORDER: usize = 4096;

/// What an authority wants of a wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OrderAction {
    /// Lock now. The PIN opens it again.
    Lock,
    /// Lock now and stay locked, whatever PIN is given, until a release.
    Hold,
    /// Take back a hold. The wallet stays locked until its owner opens it.
    Release,
}

impl OrderAction {
    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::Lock => 1,
            Self::Hold => 2,
            Self::Release => 3,
        }
    }

    pub(crate) const fn of(number: u64) -> Option<Self> {
        match number {
            1 => Some(Self::Lock),
            2 => Some(Self::Hold),
            3 => Some(Self::Release),
            _ => None,
        }
    }
}

/// An order to one wallet. Its number grows with every order, so that none counts twice or after a later one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LockOrder {
    /// Which wallet: see [`LockedWallet::order_address`](crate::LockedWallet::order_address).
    pub address: [u8; 16],
    /// What to do.
    pub action: OrderAction,
    /// Its number: larger than that of every order before.
    pub number: u64,
    /// When it was given; for the owner to read.
    pub issued_at: Timestamp,
}

impl fmt::Debug for LockOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LockOrder({:?}, number {})", self.action, self.number)
    }
}

impl LockOrder {
    /// The order as its authority sends it: a COSE_Sign1.
    ///
    /// # Errors
    /// Whatever keeps the key from signing.
    pub fn sign(&self, authority: &dyn Signer) -> Result<Vec<u8>, WalletError> {
        let mut e = Encoder::new();
        e.map(4).int(1).bytes(&self.address).int(2).uint(self.action.number());
        e.int(3).uint(self.number).int(4).int(self.issued_at.unix());
        let payload = e.into_vec();
        let signed = Sign1Builder::new().typ(ORDER_TYPE).payload(&payload).sign(authority);
        signed.map_err(|_| WalletError::Unsupported("sign an order with this key"))
    }

    /// Reads an order and verifies that `authority` gave it, to the wallet of that address.
    ///
    /// # Errors
    /// [`StateFault::OrderRefused`] whatever is wrong: whoever sends it learns nothing.
    pub(crate) fn verify(bytes: &[u8], authority: &PublicKey, address: &[u8; 16]) -> Result<Self, WalletError> {
        let order = Self::read(bytes, authority).ok_or(StateFault::OrderRefused)?;
        if order.address != *address {
            return Err(StateFault::OrderRefused.into());
        }
        Ok(order)
    }

    fn read(bytes: &[u8], authority: &PublicKey) -> Option<Self> {
        if bytes.len() > MAX_ORDER {
            return None;
        }
        let signed = Sign1::parse(bytes, &Policy::MDOC).ok()?;
        if signed.headers().typ() != Some((ORDER_TYPE, Place::Protected)) {
            return None;
        }
        let allowed = [SignatureAlgorithm::for_curve(authority.curve())?];
        let verified = signed.verify(authority, &allowed, &[], None).ok()?;
        let (mut address, mut action, mut number, mut issued_at) = (None, None, None, None);
        Decoder::decode(verified.payload(), Limits::DEFAULT, |d| {
            let mut map = d.map()?;
            while let Some(key) = map.next_key(d)? {
                match key.as_int() {
                    Some(1) => address = Some(*d.byte_array()?),
                    Some(2) => action = OrderAction::of(d.u64()?),
                    Some(3) => number = Some(d.u64()?),
                    Some(4) => issued_at = Some(Timestamp::from_unix(d.i64()?)),
                    _ => d.skip()?,
                }
            }
            Ok(())
        })
        .ok()?;
        Some(Self {
            address: address?,
            action: action?,
            number: number?,
            issued_at: issued_at?,
        })
    }
}
