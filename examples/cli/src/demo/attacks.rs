//! What has to be refused, each for its own reason. The responses are made by `forge`; a process of its own verifies them.

use std::fs;

use idwallet_crypto::x509::pem;
use idwallet_crypto::{PrivateKey, SystemRandom};
use idwallet_documents::Registry;

use super::forge::{Authority, Forge, Forged, alter_text, digest_ids_meet, move_item};
use super::process::Shell;
use super::story::{DOCUMENTS, reasons, refused};
use super::table::Table;
use super::{Result, stranger};

const ISO: &str = "org.iso.23220.1";
const VN: &str = "vn.id.1";

/// An attack on a reader: what is sent, and the check that has to fail.
struct Attack {
    id: &'static str,
    vi: &'static str,
    en: &'static str,
    check: &'static str,
    response: Vec<u8>,
    transcript: Vec<u8>,
    crl: &'static str,
}

/// The whole of it.
pub(super) fn run(shell: &Shell<'_>, table: &mut Table<'_>) -> Result {
    table.chapter(
        "Tấn công: mỗi lần phải bị từ chối vì đúng lý do",
        "Attacks: each has to be refused for its own reason",
    )?;
    fs::create_dir_all(shell.path("attacks"))?;
    for attack in attacks(shell)? {
        verify(shell, table, &attack)?;
    }
    stranger::replay(shell, table)?;
    stranger::reader_with_a_bad_signature(shell, table)
}

fn attacks(shell: &Shell<'_>) -> Result<Vec<Attack>> {
    let random = SystemRandom::new();
    let (kind, data) = DOCUMENTS.first().ok_or("no documents")?;
    let document_type = Registry::builtin()?.document_type(kind)?;
    let data = document_type.read_data(data)?;
    let forge = Forge {
        random: &random,
        now: shell.now(),
        document_type,
        data: &data,
    };
    let text = |name: &str| fs::read_to_string(shell.path(name));
    let mut anchors = pem::read_certificates(&text("anchors.pem")?)?;
    let iaca_key = PrivateKey::from_pkcs8_pem(&text("issuer/iaca.key")?)?;
    let authority = Authority::new(iaca_key, anchors.pop().ok_or("no anchor")?);
    let signer = forge.signer(&authority)?;
    let device = forge.key()?;
    let asked = [
        (VN, "full_name"),
        (VN, "personal_number"),
        (ISO, "birth_date"),
        (ISO, "age_over_18"),
    ];

    let (genuine, honest) = loop {
        let genuine = forge.issue(&signer, &device, -2..60)?;
        let honest = forge.respond(&genuine, &device, &asked)?;
        // Where digest ids happen to meet, a moved item would be wrong in two ways.
        if !digest_ids_meet(&honest.response)? {
            break (genuine, honest);
        }
    };
    let attack = |id, vi, en, check, forged: Forged| Attack {
        id,
        vi,
        en,
        check,
        response: forged.response,
        transcript: forged.transcript,
        crl: "issuer/iaca.crl",
    };
    let altered = Forged {
        response: alter_text(&honest.response, "Trần")?,
        transcript: honest.transcript.clone(),
    };
    // Nothing else is in the namespace that it is moved to: digest ids are random, and one that is there twice is another fault.
    let of_one_namespace = forge.respond(&genuine, &device, &[(VN, "full_name"), (VN, "personal_number")])?;
    let moved = Forged {
        response: move_item(&of_one_namespace.response, VN, ISO)?,
        transcript: of_one_namespace.transcript,
    };
    let other_session = Forged {
        response: honest.response.clone(),
        transcript: forge.transcript()?.as_bytes().to_vec(),
    };
    let unknown = forge.signer(&forge.authority("Authority that nobody knows")?)?;
    let unknown = forge.respond(&forge.issue(&unknown, &device, -2..60)?, &device, &asked)?;
    let revoked_signer = forge.signer(&authority)?;
    fs::write(
        shell.path("attacks/revoked.pem"),
        pem::write_certificates([&revoked_signer.certificate]),
    )?;
    shell.must(&[
        "pki",
        "crl",
        "--issuer",
        "anchors.pem",
        "--issuer-key",
        "issuer/iaca.key",
        "--number",
        "2",
        "--revoke",
        "attacks/revoked.pem",
        "--out",
        "attacks/iaca.crl",
    ])?;
    let revoked = forge.respond(&forge.issue(&revoked_signer, &device, -2..60)?, &device, &asked)?;
    let expired = forge.respond(&forge.issue(&signer, &device, -20..-10)?, &device, &asked)?;
    let reader = forge.reader_of(&authority)?;
    let reader_as_issuer = forge.respond(&forge.issue(&reader, &device, -2..60)?, &device, &asked)?;
    let own_element = forge.respond_with_own_element(&genuine, &device, (VN, "account_level", "2"))?;
    Ok(vec![
        attack(
            "altered-name",
            "sửa một byte của họ tên",
            "one byte of a name changed",
            "digests",
            altered,
        ),
        attack(
            "moved-digest",
            "chuyển thông tin sang không gian tên khác",
            "a digest moved to another namespace",
            "digests",
            moved,
        ),
        attack(
            "other-transcript",
            "bản ghi phiên của phiên khác",
            "another session's transcript",
            "device_auth",
            other_session,
        ),
        attack(
            "unknown-issuer",
            "cơ quan cấp không ai biết",
            "an unknown issuer",
            "issuer_chain",
            unknown,
        ),
        Attack {
            crl: "attacks/iaca.crl",
            ..attack(
                "revoked-signer",
                "chứng thư người ký bị thu hồi",
                "a revoked signer",
                "issuer_revocation",
                revoked,
            )
        },
        attack("expired", "giấy tờ hết hạn", "an expired document", "validity", expired),
        attack(
            "reader-as-issuer",
            "chứng thư của bên kiểm tra dùng để cấp giấy tờ",
            "a reader's certificate used as an issuer",
            "issuer_profile",
            reader_as_issuer,
        ),
        attack(
            "own-element",
            "thiết bị tự ký thông tin không được phép",
            "an unauthorised device-signed element",
            "key_authorizations",
            own_element,
        ),
    ])
}

fn verify(shell: &Shell<'_>, table: &mut Table<'_>, attack: &Attack) -> Result {
    let name = |what: &str| format!("attacks/{}.{what}.cbor", attack.id);
    let (response, transcript) = (name("response"), name("transcript"));
    fs::write(shell.path(&response), &attack.response)?;
    fs::write(shell.path(&transcript), &attack.transcript)?;
    let read = shell.run(&[
        "verify",
        "mdoc",
        &response,
        "--transcript",
        &transcript,
        "--anchor",
        "anchors.pem",
        "--crl",
        attack.crl,
    ])?;
    shell.keep(attack.id, &read.report)?;
    // The check that has to fail does, and no other.
    let seen = refused(&read);
    let expected = format!("refused: {}", attack.check);
    table.note(
        attack.id,
        shell.cx.t(attack.vi, attack.en),
        &expected,
        &seen,
        &reasons(&read.report, shell.cx).join("; "),
    )
}
