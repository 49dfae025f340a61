//! idwallet-proximity
