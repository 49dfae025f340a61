//! The holder: what of a stored credential answers a request, and the response (ISO 18013-5 §8.3.2.1.2.2, A-H46 to A-H58).

mod respond;
mod select;
mod write;

pub use respond::{
    DeviceAuthInput, DeviceAuthOutput, DeviceAuthUsage, DeviceKey, DeviceResponseBuilder, PendingResponse,
    ResponseDocument, ResponseFailure,
};
pub use select::{Found, Match, MatchKind, NoMatch, Release, Selection, answer_age_over, has_age_over_rule, select};
