//! idwallet-test-house
