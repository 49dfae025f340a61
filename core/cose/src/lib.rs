//! idwallet-cose
