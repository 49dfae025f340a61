//! `session`: session encryption (ISO 18013-5 §9.1.1), either role.

use crate::options::{Options, Outcome};
use crate::{Failure, files, keys};
use idwallet_proximity::session::{Role, SessionData, SessionEncryption, SessionEstablishment};
use serde_json::json;

/// Encrypts every `--send` and decrypts every `--receive`.
pub fn session(options: &Options) -> Outcome {
    let role = match options.need("role")? {
        "reader" => Role::Reader,
        "holder" => Role::Holder,
        other => return Err(Failure::Unusable(format!("unknown role {other}"))),
    };
    let own = keys::private(options.need("own-key")?)?;
    let peer = keys::public(options.need("peer-key")?)?;
    let transcript = files::transcript(options)?;
    let mut encryption = SessionEncryption::new(role, &own, &peer, &transcript).map_err(Failure::refused)?;
    let out = options.need_path("out")?;
    let (mut sent, mut received) = (0_u32, 0_u32);
    for path in options.all("send") {
        sent = sent.saturating_add(1);
        let data = encryption.encrypt(&files::bytes(path)?).map_err(Failure::failed)?;
        let message = match (role, sent) {
            (Role::Reader, 1) => {
                let key = transcript.e_reader_key();
                let key = key.ok_or_else(|| Failure::Unusable("the transcript has no EReaderKey".to_owned()))?;
                SessionEstablishment::encode(key, &data)
            }
            _ => SessionData::encode_data(&data, false),
        };
        files::write(out.join(format!("sent-{sent}.cbor")), &message)?;
    }
    for path in options.all("receive") {
        received = received.saturating_add(1);
        let message = files::bytes(path)?;
        let data = match (role, SessionEstablishment::parse(&message)) {
            (Role::Holder, Ok(establishment)) => {
                if establishment.e_reader_key() != &peer {
                    return Err(Failure::Refused("the establishment has another EReaderKey".to_owned()));
                }
                establishment.data().to_vec()
            }
            _ => SessionData::parse(&message)
                .map_err(Failure::refused)?
                .data()
                .ok_or_else(|| Failure::Refused("no data".to_owned()))?
                .to_vec(),
        };
        let plaintext = encryption.decrypt(&data).map_err(Failure::refused)?;
        files::write(out.join(format!("received-{received}.bin")), &plaintext)?;
    }
    Ok(json!({ "sent": sent, "received": received }))
}
