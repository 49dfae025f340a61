//! idwallet-mdoc
