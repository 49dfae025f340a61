//! idwallet-crypto
