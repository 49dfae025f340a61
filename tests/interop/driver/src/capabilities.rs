//! What we can: every curve that the product supports, so that no case is left out by forgetting.

use idwallet_crypto::Curve;
use serde_json::{Value, json};

fn names(which: impl Fn(Curve) -> bool) -> Vec<&'static str> {
    Curve::ALL
        .into_iter()
        .filter(|curve| which(*curve))
        .map(Curve::name)
        .collect()
}

/// The answer of `capabilities`.
pub fn all() -> Value {
    let sign = names(Curve::can_sign);
    let agree = names(Curve::can_agree);
    let every = names(|_| true);
    json!({
        "name": "idwallet",
        "version": env!("CARGO_PKG_VERSION"),
        "issue": { "curves": sign, "device_curves": every, "own_pki": true },
        "verify": {
            "issuer_curves": sign, "signature": sign, "mac": agree,
            "chain": true, "digests": true, "device_auth": true, "issuer_only": true, "several": true,
        },
        "respond": { "signature": sign, "mac": agree, "several": true },
        "request": { "plain": true, "reader_auth": sign, "reader_auth_all": sign },
        "check_request": { "reader_auth": sign, "reader_auth_all": sign, "chain": true },
        "session": { "curves": agree },
        "trust_list": { "curves": sign },
        "check_trust_list": { "curves": sign },
        "status_list": { "curves": sign, "bits": [1, 2, 4, 8] },
        "jwe": true,
        "check_status_list": { "curves": sign, "bits": [1, 2, 4, 8] },
    })
}
