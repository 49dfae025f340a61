//! idwallet-storage
