//! idwallet-status-list
