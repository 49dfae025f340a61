//! idwallet-wallet
