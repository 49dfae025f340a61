//! The secure area of the wallet: who keeps its keys.

use std::sync::Arc;

use idwallet_crypto::SystemRandom;
use idwallet_crypto::area::SecureArea;
use idwallet_wallet::Wallet;

use super::{Place, fault};
use crate::context::Context;
use crate::error::Result;

/// The area for a wallet that is to be made.
pub fn create(place: &Place, cx: &Context) -> Result<Arc<dyn SecureArea>> {
    Wallet::create_software_area(place, Arc::new(SystemRandom::new())).map_err(|error| fault(&error, cx))
}

/// The area of the wallet that is there.
pub fn open(place: &Place, cx: &Context) -> Result<Arc<dyn SecureArea>> {
    Wallet::open_software_area(place, Arc::new(SystemRandom::new())).map_err(|error| fault(&error, cx))
}
