//! X.509 certificates, paths and revocation lists.
