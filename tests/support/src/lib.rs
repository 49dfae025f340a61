//! idwallet-test-support
