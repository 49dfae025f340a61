//! idwallet-verifier
