//! idwallet-trust
