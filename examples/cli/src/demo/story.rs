//! What goes well: authorities, documents, a wallet, three presentations.

use std::fs;

use idwallet_documents::Lang;
use idwallet_mdoc::DeviceResponse;
use serde_json::{Value, json};

use super::Result;
use super::process::{Finished, Shell};
use super::table::Table;
use crate::context::Context;
use crate::report::check_text;

/// The documents: short name of the type, file of the sample person, and the folder-free name of what is issued.
pub(super) const DOCUMENTS: [(&str, &[u8]); 4] = [
    (
        "citizen-identity",
        include_bytes!("../../../data/citizen-identity.json"),
    ),
    ("driving-licence", include_bytes!("../../../data/driving-licence.json")),
    (
        "vehicle-registration",
        include_bytes!("../../../data/vehicle-registration.json"),
    ),
    (
        "health-insurance",
        include_bytes!("../../../data/health-insurance.json"),
    ),
];

/// Issuer, reader, and what each trusts.
pub(super) fn authorities(shell: &Shell<'_>, table: &mut Table<'_>) -> Result {
    table.chapter("Cơ quan cấp và bên kiểm tra", "Authorities")?;
    fs::create_dir_all(shell.path("issuer"))?;
    fs::create_dir_all(shell.path("reader"))?;
    let of = |name: &'static str| ["--country", "VN", "--name", name];
    shell.must(
        &[
            &["pki", "iaca", "--out", "anchors.pem", "--out-key", "issuer/iaca.key"][..],
            &of("Demo IACA"),
        ]
        .concat(),
    )?;
    let by = ["--issuer", "anchors.pem", "--issuer-key", "issuer/iaca.key"];
    let ds = ["pki", "ds", "--out", "issuer/ds.pem", "--out-key", "issuer/ds.key"];
    shell.must(&[&ds[..], &by, &of("Demo document signer")].concat())?;
    shell.must(&[&["pki", "crl", "--out", "issuer/iaca.crl"][..], &by].concat())?;
    let root = [
        "pki",
        "authority",
        "--out",
        "reader-anchors.pem",
        "--out-key",
        "reader/root.key",
    ];
    shell.must(&[&root[..], &of("Demo reader authority")].concat())?;
    let reader = [
        "pki",
        "reader",
        "--out",
        "reader/reader.pem",
        "--out-key",
        "reader/reader.key",
    ];
    let by = ["--issuer", "reader-anchors.pem", "--issuer-key", "reader/root.key"];
    shell.must(&[&reader[..], &by, &of("Cửa hàng góc phố")].concat())?;
    let title = shell
        .cx
        .t("lập cơ quan cấp và bên kiểm tra", "make issuer and reader authorities");
    table.note("authorities", title, "done", "done", "")
}

/// Four documents, issued for keys of the citizen's device and kept in the vault.
pub(super) fn documents(shell: &Shell<'_>, table: &mut Table<'_>) -> Result {
    table.chapter(
        "Cấp giấy tờ và cất vào ví",
        "Issue documents and keep them in the vault",
    )?;
    let init = shell.must(&[
        "wallet",
        "init",
        "--dir",
        "wallet",
        "--anchor",
        "anchors.pem",
        "--reader-anchor",
        "reader-anchors.pem",
    ])?;
    for note in strings(&init.report["notes"]) {
        shell.cx.line(format!("      {note}"))?;
    }
    for (kind, data) in DOCUMENTS {
        let name = |ending: &str| format!("issuer/{kind}.{ending}");
        fs::write(shell.path(&name("json")), data)?;
        let (json, key, public, cbor) = (name("json"), name("device.key"), name("device.pem"), name("cbor"));
        shell.must(&["pki", "key", "--out", &key, "--public", &public])?;
        let signer = ["--signer", "issuer/ds.key", "--chain", "issuer/ds.pem"];
        let issue = [
            "issue",
            "mdoc",
            "--type",
            kind,
            "--data",
            &json,
            "--device-key",
            &public,
            "--out",
            &cbor,
        ];
        shell.must(&[&issue[..], &signer].concat())?;
        shell.must(&["wallet", "import", &cbor, "--device-key", &key, "--dir", "wallet"])?;
        // The vault has it now; nobody needs it twice.
        fs::remove_file(shell.path(&key))?;
    }
    let list = shell.must(&["wallet", "list", "--dir", "wallet"])?;
    let documents = list.report["documents"].as_array().cloned().unwrap_or_default();
    for document in &documents {
        let text = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
        shell
            .cx
            .line(format!("      {}, {}", text("title"), text("valid_until")))?;
    }
    let title = shell.cx.t(
        "cấp bốn giấy tờ, cất vào ví đã mã hóa",
        "issue four documents into the encrypted vault",
    );
    table.note("documents", title, "4", &documents.len().to_string(), "")?;
    let title = shell.cx.t(
        "không có chữ nào đọc được trong tệp của ví",
        "no readable personal data in the vault's files",
    );
    let seen = if is_sealed(shell)? { "sealed" } else { "readable" };
    table.note("sealed", title, "sealed", seen, "")
}

/// Whether no name or number of the sample persons stands in any file of the vault.
fn is_sealed(shell: &Shell<'_>) -> Result<bool> {
    let markers = [
        "Nguyễn",
        "Trần",
        "Văn Mẫu",
        "003090000017",
        "family_name",
        "personal_number",
    ];
    for entry in fs::read_dir(shell.path("wallet"))? {
        let bytes = fs::read(entry?.path())?;
        let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        if markers.iter().any(|marker| has(marker)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// By QR code and a local stream, as over Bluetooth one day.
pub(super) fn presentations(shell: &Shell<'_>, table: &mut Table<'_>) -> Result {
    table.chapter("Xuất trình trực tiếp", "Present in person")?;
    let title = shell
        .cx
        .t("đủ 18 tuổi và ảnh, không gì khác", "over 18 and portrait, nothing else");
    let met = meet(shell, "age-over-18", "age", &[])?;
    let is = outcome(&met);
    let seen = if claims(&met) == ["age_over_18", "portrait"] {
        is
    } else {
        format!("{is}, {}", claims(&met).join(" "))
    };
    table.note("age-over-18", title, "accepted", &seen, "")?;

    let title = shell.cx.t("hai giấy tờ cùng lúc", "two documents at once");
    let ask = json!({
        "org.iso.23220.photoID.1": { "vn.id.1": { "full_name": false }, "org.iso.23220.1": { "birth_date": false, "portrait": false } },
        "org.iso.18013.5.1.mDL": { "org.iso.18013.5.1": { "family_name": false, "driving_privileges": false, "portrait": false } },
    });
    fs::write(shell.path("two-documents.json"), format!("{ask:#}\n"))?;
    let met = meet(shell, "two-documents.json", "two-documents", &[])?;
    let documents = met.report["documents"].as_array().map_or(0, Vec::len);
    table.note(
        "two-documents",
        title,
        "accepted, 2",
        &format!("{}, {documents}", outcome(&met)),
        "",
    )?;

    let title = shell.cx.t(
        "người dân không cho số định danh",
        "the citizen keeps the personal number",
    );
    let met = meet(shell, "identity", "declined", &["--without", "personal_number"])?;
    let response = fs::read(shell.path("reports/declined.response.cbor"))?;
    let response = DeviceResponse::parse(&response)?;
    let has = |name: &str| {
        response
            .documents()
            .iter()
            .any(|d| d.issuer_signed().item("vn.id.1", name).is_some())
    };
    let seen = match (has("personal_number"), has("full_name")) {
        (true, _) => "given".to_owned(),
        (false, false) => "the name is not given either".to_owned(),
        (false, true) => refused(&met),
    };
    table.note(
        "declined",
        title,
        "refused: request_match",
        &seen,
        &reasons(&met.report, shell.cx).join("; "),
    )
}

/// The outcome of a reader in a word, with the checks that failed.
pub(super) fn refused(finished: &Finished) -> String {
    let documents = finished.report["documents"].as_array().into_iter().flatten();
    let checks = documents.filter_map(|document| document["checks"].as_array()).flatten();
    let failed: Vec<&str> = checks
        .filter(|check| check["result"] == "failed")
        .filter_map(|check| check["id"].as_str())
        .collect();
    match (finished.status, failed.is_empty()) {
        (1, false) => format!("refused: {}", failed.join(", ")),
        (1, true) => "refused without a check".to_owned(),
        (status, _) => format!("exit status {status}"),
    }
}

/// The holder shows a code in one process, the reader scans the picture in another. Gives the reader's report.
fn meet(shell: &Shell<'_>, ask: &str, name: &str, consent: &[&str]) -> Result<Finished> {
    let _ = fs::remove_file(shell.path("qr.png"));
    let show = [
        "wallet",
        "show-qr",
        "--dir",
        "wallet",
        "--png",
        "qr.png",
        "--timeout",
        "60",
        "--yes",
    ];
    let holder = shell.start(&[&show[..], consent].concat(), "qr.png")?;
    let (response, transcript) = (
        format!("reports/{name}.response.cbor"),
        format!("reports/{name}.transcript.cbor"),
    );
    let read = shell.run(&[
        "read",
        "qr.png",
        "--ask",
        ask,
        "--anchor",
        "anchors.pem",
        "--crl",
        "issuer/iaca.crl",
        "--reader-key",
        "reader/reader.key",
        "--reader-chain",
        "reader/reader.pem",
        "--response-out",
        &response,
        "--transcript-out",
        &transcript,
    ])?;
    let held = holder.finish()?;
    if held.status != 0 {
        return Err(format!("the wallet ended with {}: {}", held.status, held.said.trim()).into());
    }
    shell.keep(name, &read.report)?;
    if read.report.is_null() {
        return Err(format!("the reader ended with {}: {}", read.status, read.said.trim()).into());
    }
    Ok(read)
}

/// Nothing but pictures, and every second one is lost.
pub(super) fn camera(shell: &Shell<'_>, table: &mut Table<'_>) -> Result {
    table.chapter(
        "Máy ảnh với máy ảnh, không có kết nối nào",
        "Camera to camera, with no connection at all",
    )?;
    fs::create_dir_all(shell.path("camera"))?;
    shell.must(&[
        "read",
        "--camera-out",
        "camera/request",
        "--session",
        "camera/session",
        "--ask",
        "identity",
        "--anchor",
        "anchors.pem",
        "--crl",
        "issuer/iaca.crl",
        "--reader-key",
        "reader/reader.key",
        "--reader-chain",
        "reader/reader.pem",
    ])?;
    lose_every_second(shell, "camera/request")?;
    shell.must(&[
        "wallet",
        "answer",
        "camera/request",
        "--camera-out",
        "camera/answer",
        "--dir",
        "wallet",
        "--yes",
    ])?;
    let (kept, lost) = lose_every_second(shell, "camera/answer")?;
    let read = shell.run(&[
        "read",
        "--camera-in",
        "camera/answer",
        "--session",
        "camera/session",
        "--anchor",
        "anchors.pem",
        "--crl",
        "issuer/iaca.crl",
    ])?;
    shell.keep("camera", &read.report)?;
    let title = shell.cx.t(
        "máy ảnh với máy ảnh, mất nửa số khung",
        "camera to camera, half of the frames lost",
    );
    let frames = format!("{kept} + {lost} {}", shell.cx.t("khung bị mất", "frames lost"));
    let seen = if read.status == 0 {
        outcome(&read)
    } else {
        format!("{}: {}", read.status, read.said.trim())
    };
    table.note("camera", title, "accepted", &seen, &frames)
}

/// Deletes every second picture. Gives how many are left and how many are gone.
fn lose_every_second(shell: &Shell<'_>, folder: &str) -> Result<(usize, usize)> {
    let mut pictures: Vec<_> = fs::read_dir(shell.path(folder))?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "png"))
        .collect();
    pictures.sort();
    let lost: Vec<_> = pictures.iter().step_by(2).collect();
    for picture in &lost {
        fs::remove_file(picture)?;
    }
    Ok((pictures.len().saturating_sub(lost.len()), lost.len()))
}

fn outcome(finished: &Finished) -> String {
    finished.report["outcome"].as_str().unwrap_or("no report").to_owned()
}

/// The identifiers of all accepted claims, sorted.
fn claims(finished: &Finished) -> Vec<String> {
    let documents = finished.report["documents"].as_array();
    let spaces = documents
        .into_iter()
        .flatten()
        .filter_map(|document| document["claims"].as_object());
    let mut names: Vec<String> = spaces
        .flat_map(|spaces| spaces.values())
        .filter_map(Value::as_object)
        .flat_map(|elements| elements.keys().cloned())
        .collect();
    names.sort();
    names
}

/// Why a report refuses: each failed check with its reason, and the problems of the whole.
pub(super) fn reasons(report: &Value, cx: &Context) -> Vec<String> {
    let (reason, problems) = match cx.lang {
        Lang::Vi => ("reason_vi", "problems_vi"),
        Lang::En => ("reason", "problems"),
    };
    let documents = report["documents"].as_array().into_iter().flatten();
    let checks = documents.filter_map(|document| document["checks"].as_array()).flatten();
    let failed = checks.filter(|check| check["result"] == "failed").map(|check| {
        format!(
            "{}: {}",
            check["id"]
                .as_str()
                .map_or("?", |id| if cx.lang == Lang::Vi { check_text(id, cx) } else { id }),
            check[reason].as_str().unwrap_or("?")
        )
    });
    failed.chain(strings(&report[problems])).collect()
}

fn strings(list: &Value) -> Vec<String> {
    let entries = list.as_array().into_iter().flatten();
    entries
        .map(|entry| entry.as_str().map_or_else(|| entry.to_string(), str::to_owned))
        .collect()
}
