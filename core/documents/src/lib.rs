//! idwallet-documents
