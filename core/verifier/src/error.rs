//! The one error type of this crate.

use idwallet_mdoc::MdocError;
use idwallet_proximity::ProximityError;

/// What keeps this crate from making a report. A document that is refused is no error: its [`Report`](crate::Report) says why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifierError {
    /// The bytes are not the structure they are said to be, or a request cannot be made.
    #[error(transparent)]
    Mdoc(#[from] MdocError),
    /// The engagement or the session.
    #[error(transparent)]
    Proximity(#[from] ProximityError),
}
