//! `wallet history`: what was asked, shown and done; `wallet report` and `wallet support`: what to hand to others about it.

use std::io::{BufRead as _, Write as _};
use std::path::Path;

use idwallet_documents::Lang;
use idwallet_wallet::{History, HistoryEntry, HistoryProblem, Tombstone, Wallet, local_time};
use serde_json::Value;

use super::args::{WalletHistoryArgs, WalletReportArgs, WalletSupportArgs};
use super::{Place, VIETNAM, backup, fault, open};
use crate::context::Context;
use crate::error::{CliError, FileFault, Result, Status, bad, bad_file};
use crate::input::{self, Readable};

pub fn run(dir: &Place, args: &WalletHistoryArgs, cx: &Context) -> Result {
    if args.delete {
        return delete(dir, args, cx);
    }
    let wallet = open(dir, cx)?;
    let history = wallet.history().map_err(|error| fault(&error, cx))?;
    if let Some(path) = &args.export {
        return export(&wallet, &history, path, args, cx);
    }
    cx.document(&json(&history)?)?;
    print(&history, cx)?;
    let size = wallet.history_size().map_err(|error| fault(&error, cx))?;
    if size.is_large {
        cx.line(cx.t(
            "Nhật ký đã dài. Bạn có thể xuất ra tệp (--export) rồi xóa các mục cũ (--delete --before).",
            "The history has grown long. You can export it (--export) and then delete what is old (--delete --before).",
        ))?;
    }
    Ok(Status::Done)
}

fn json(history: &History) -> Result<Value> {
    serde_json::from_str(&history.to_json()).map_err(|error| CliError::Environment(error.to_string()))
}

fn print(history: &History, cx: &Context) -> Result<()> {
    if history.entries.is_empty() {
        cx.line(cx.t("Nhật ký chưa có mục nào.", "The history is empty."))?;
    }
    print_entries(&history.entries, history.deleted, cx)?;
    if history.problems.is_empty() {
        cx.line(cx.t(
            "Nhật ký còn nguyên vẹn: không có mục nào bị gỡ hay bị sửa. Mỗi yêu cầu dùng hai số, một khi đến và một khi kết thúc. Giờ Việt Nam (UTC+7).",
            "The history is intact: nothing was taken out or changed. A request takes two numbers, one when it comes and one when it ends. Times are those of Vietnam (UTC+7).",
        ))?;
    } else {
        cx.line(cx.t(
            "CẢNH BÁO: nhật ký không còn nguyên vẹn.",
            "WARNING: the history is not intact.",
        ))?;
    }
    print_problems(&history.problems, cx)?;
    for past in &history.past {
        cx.line("")?;
        cx.line(format!("== {} ==", past.caption(cx.lang)))?;
        cx.line(past.note(cx.lang))?;
        print_entries(&past.entries, past.deleted, cx)?;
        cx.line(past.state(cx.lang))?;
        print_problems(&past.problems, cx)?;
    }
    Ok(())
}

fn print_entries(entries: &[HistoryEntry], deleted: Option<Tombstone>, cx: &Context) -> Result<()> {
    for entry in entries {
        let at = local_time(entry.at, VIETNAM, cx.lang);
        cx.line(format!("{}. {at} — {}", entry.sequence, entry.headline(cx.lang)))?;
        for (caption, text) in entry.details(cx.lang) {
            cx.line(format!("     {caption}: {text}"))?;
        }
    }
    cx.line("")?;
    match deleted {
        Some(deleted) => cx.line(deleted.text(cx.lang, VIETNAM)),
        None => Ok(()),
    }
}

fn print_problems(problems: &[HistoryProblem], cx: &Context) -> Result<()> {
    let mut problems = problems.iter();
    problems.try_for_each(|problem| cx.line(format!("  - {}", problem.text(cx.lang))))
}

fn export(wallet: &Wallet, history: &History, path: &Path, args: &WalletHistoryArgs, cx: &Context) -> Result {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let text = match (extension, &args.passphrase_file) {
        (Some("json"), None) => history.to_json(),
        (Some("html" | "htm"), None) => history.to_html(cx.lang, VIETNAM),
        (Some("jwe"), Some(file)) => {
            let passphrase = backup::read_passphrase(file)?;
            let sealed = wallet.history_to_jwe(history, backup::text(&passphrase));
            sealed.map_err(|error| fault(&error, cx))?
        }
        (Some("jwe"), None) => {
            return Err(bad(
                path.display(),
                cx.t(
                    "tệp .jwe được mã hóa: cần --passphrase-file",
                    "a .jwe file is encrypted: --passphrase-file is needed",
                ),
            ));
        }
        (Some("json" | "html" | "htm"), Some(_)) => {
            return Err(bad(
                path.display(),
                cx.t(
                    "chỉ tệp .jwe được mã hóa bằng mật khẩu",
                    "only a .jwe file is encrypted under a passphrase",
                ),
            ));
        }
        _ => {
            return Err(bad(
                path.display(),
                cx.t(
                    "tên tệp phải kết thúc bằng .json, .html hoặc .jwe",
                    "the name has to end in .json, .html or .jwe",
                ),
            ));
        }
    };
    input::write(path, text.as_bytes(), Readable::ByOwner, args.force)?;
    let past: usize = history.past.iter().map(|past| past.entries.len()).sum();
    cx.document(&serde_json::json!({
        "entries": history.entries.len(),
        "past": past,
        "intact": history.intact,
    }))?;
    cx.line(if extension == Some("jwe") {
        cx.t(
            "Đã xuất nhật ký vào một tệp mã hóa (JWE). Phần mềm JOSE nào cũng mở được nếu có mật khẩu; quên mật khẩu thì không ai mở được.",
            "The history was exported into an encrypted file (JWE). Any JOSE software opens it with the passphrase; without it nobody can.",
        )
    } else {
        cx.t(
            "Đã xuất nhật ký. Ai đọc được tệp này đều biết bạn đã đưa giấy tờ cho ai; hãy cất giữ cẩn thận.",
            "The history was exported. Whoever reads this file knows whom you showed your documents; keep it safe.",
        )
    })?;
    Ok(Status::Done)
}

fn delete(dir: &Place, args: &WalletHistoryArgs, cx: &Context) -> Result {
    let wallet = open(dir, cx)?;
    cx.tell(cx.t(
        "Các mục đã xóa không lấy lại được. Không còn chúng, bạn không thể chứng minh đã đưa giấy tờ cho ai, phản ánh họ hay yêu cầu họ \
         xóa dữ liệu. Nên xuất ra tệp trước (--export). Nhật ký sẽ ghi lại rằng bạn đã xóa.",
        "What is deleted does not come back. Without it you cannot show whom you gave your documents to, report them, or ask them to \
         erase what they got. Export first (--export). The history will say that you deleted.",
    ))?;
    if !args.yes && !confirms(cx)? {
        return Err(CliError::Refused(cx.t("Không xóa gì.", "Nothing was deleted.").into()));
    }
    let deleted = wallet
        .delete_history(args.before, cx.now())
        .map_err(|error| fault(&error, cx))?;
    cx.document(&serde_json::json!({ "deleted": deleted.records }))?;
    cx.line(match cx.lang {
        Lang::Vi => format!("Đã xóa {} mục.", deleted.records),
        Lang::En => format!("{} entries were deleted.", deleted.records),
    })?;
    Ok(Status::Done)
}

fn confirms(cx: &Context) -> Result<bool> {
    let mut error = std::io::stderr();
    let question = cx.t("Gõ `xóa` để xóa: ", "Type `delete` to delete: ");
    let asked = error.write_all(question.as_bytes()).and_then(|()| error.flush());
    asked.map_err(|error| CliError::Environment(error.to_string()))?;
    let mut said = String::new();
    let mut input = std::io::stdin().lock();
    input
        .read_line(&mut said)
        .map_err(|error| CliError::Environment(error.to_string()))?;
    Ok(matches!(
        said.trim().to_lowercase().as_str(),
        "delete" | "xóa" | "xoá" | "xoa"
    ))
}

/// A complaint about whoever asked, to be handed to the data protection authority; with `--erase` a request to them to erase.
pub fn report(dir: &Place, args: &WalletReportArgs, cx: &Context) -> Result {
    let text = args
        .text_file
        .as_ref()
        .map(|file| file.read())
        .transpose()?
        .unwrap_or_default();
    let text = String::from_utf8(text).map_err(|_| bad_file("--text-file", FileFault::NotText))?;
    let wallet = open(dir, cx)?;
    let file = pollster::block_on(async {
        if args.erase {
            wallet.prepare_erasure_request(args.entry, &text, cx.now()).await
        } else {
            wallet.prepare_complaint(args.entry, &text, cx.now()).await
        }
    });
    let file = file.map_err(|error| fault(&error, cx))?;
    input::write(&args.out, &file.signed, Readable::ByOwner, args.force)?;
    let page = args.out.with_extension("html");
    input::write(
        &page,
        file.to_html(cx.lang, VIETNAM).as_bytes(),
        Readable::ByOwner,
        args.force,
    )?;
    cx.document(&serde_json::json!({
        "file": args.out.display().to_string(),
        "page": page.display().to_string(),
        "contacts": file.content.contacts,
    }))?;
    cx.line(format!(
        "{} {}",
        cx.t(
            "Tệp đã ký và trang để đọc, in:",
            "The signed file, and a page to read and print:"
        ),
        page.display()
    ))?;
    for contact in &file.content.contacts {
        cx.line(format!(
            "{} {contact}",
            cx.t("Liên hệ của họ:", "They can be reached at:")
        ))?;
    }
    cx.line(cx.t(
        "Chữ ký do một khóa riêng lập cho tệp này, không phải khóa của giấy tờ nào: nó cho thấy tệp không bị sửa, không cho thấy bạn là ai.",
        "It is signed with a key made for this file, not that of any document: it shows that the file was not changed, not who you are.",
    ))?;
    Ok(Status::Done)
}

/// What a person hands to support: nothing personal.
pub fn support(dir: &Place, args: &WalletSupportArgs, cx: &Context) -> Result {
    let wallet = open(dir, cx)?;
    let bundle = wallet.support_bundle(cx.now()).map_err(|error| fault(&error, cx))?;
    input::write(&args.out, bundle.to_json().as_bytes(), Readable::ByOwner, args.force)?;
    cx.document(&serde_json::from_str(&bundle.to_json()).map_err(|error| CliError::Environment(error.to_string()))?)?;
    for line in bundle.lines(cx.lang) {
        cx.line(line)?;
    }
    cx.line(cx.t(
        "Tệp không có dữ liệu cá nhân, tên bên yêu cầu, mã giấy tờ hay khóa. Bạn có thể đọc trước khi gửi.",
        "The file has no personal data, names of readers, ids of documents or keys. You can read it before you hand it over.",
    ))?;
    Ok(Status::Done)
}
