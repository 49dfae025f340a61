//! The report as JSON, in the shape that scripts rely on.

use crate::{CheckReport, Claims, DocumentReport, Report, VerifiedDocument};
use idwallet_documents::Lang;
use serde_json::{Map, Value as Json, json};

impl Report {
    /// `{"outcome", "checked_at", "documents": [{"format", "type", "outcome", "trust", "checks", "claims", "device_claims",
    /// "errors"}], "problems": []}`, and beside each reason and the problems the same in Vietnamese (`_vi`). Claims are those of accepted documents; a refused one has none.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let documents: Vec<Json> = self.documents.iter().map(document).collect();
        let problems: Vec<String> = self.problems.iter().map(ToString::to_string).collect();
        let problems_vi: Vec<&str> = self.problems.iter().map(|problem| problem.text_in(Lang::Vi)).collect();
        json!({
            "outcome": word(self.is_accepted()),
            "checked_at": self.checked_at.to_rfc3339(),
            "documents": documents,
            "problems": problems,
            "problems_vi": problems_vi,
        })
    }
}

fn word(is_accepted: bool) -> &'static str {
    if is_accepted { "accepted" } else { "refused" }
}

fn document(document: &DocumentReport) -> Json {
    let verified = document.verified();
    let checks: Vec<Json> = document.checks.iter().map(check).collect();
    let mut out = Map::new();
    let mut put = |name: &str, value: Json| out.insert(name.to_owned(), value);
    put("format", json!(document.format.id()));
    put("type", json!(document.claimed_type));
    put("outcome", json!(word(verified.is_some())));
    put(
        "trust",
        json!({
            "state": document.trust.state.word(),
            "anchor": document.trust.anchor,
            "reason": document.trust.reason,
            "reason_vi": document.trust.reason_vi,
        }),
    );
    put("checks", Json::Array(checks));
    put("claims", verified.map_or_else(empty, |v| claims(&v.claims)));
    put(
        "device_claims",
        verified.map_or_else(empty, |v| claims(&v.device_claims)),
    );
    put("errors", errors(document));
    if let Some(verified) = verified {
        for (name, value) in facts(verified) {
            put(name, value);
        }
    }
    Json::Object(out)
}

fn facts(verified: &VerifiedDocument) -> [(&'static str, Json); 6] {
    [
        ("holder_bound", json!(verified.is_bound)),
        ("issuer", json!(verified.issuer)),
        ("issuing_country", json!(verified.issuing_country)),
        ("issuing_state", json!(verified.issuing_state)),
        ("valid_from", json!(verified.valid_from.to_rfc3339())),
        ("valid_until", json!(verified.valid_until.to_rfc3339())),
    ]
}

fn check(check: &CheckReport) -> Json {
    json!({
        "id": check.id,
        "result": check.state.word(),
        "clause": check.clause,
        "reason": check.reason,
        "reason_vi": check.reason_in(Lang::Vi),
    })
}

fn empty() -> Json {
    Json::Object(Map::new())
}

fn claims(claims: &Claims) -> Json {
    let spaces = claims.name_spaces().map(|(space, claims)| {
        let of_space = claims.iter().map(|(name, claim)| (name.clone(), claim.to_json()));
        (space.to_owned(), Json::Object(of_space.collect()))
    });
    Json::Object(spaces.collect())
}

fn errors(document: &DocumentReport) -> Json {
    let spaces = document.errors.iter().map(|(space, codes)| {
        let of_space = codes.iter().map(|(name, code)| (name.clone(), json!(code)));
        (space.clone(), Json::Object(of_space.collect()))
    });
    Json::Object(spaces.collect())
}
