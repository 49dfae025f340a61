//! `demo`: the whole story on this machine. Issuer, citizen and reader are processes of their own that share the anchor file and the
//! carrier, nothing else. Each step has one expected outcome; any other makes the demo fail.

mod attacks;
mod forge;
mod process;
mod story;
mod stranger;
mod table;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::args::DemoArgs;
use crate::context::Context;
use crate::error::{CliError, Result as CliResult, Status, bad};
use process::Shell;
use table::Table;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

pub fn run(args: &DemoArgs, cx: &Context) -> CliResult {
    let folder = folder(args)?;
    let mut table = Table::new(cx);
    let outcome = tell(&folder, cx, &mut table);
    if let Err(error) = &outcome {
        table.stop(&error.to_string())?;
    }
    table.print()?;
    let good = outcome.is_ok() && table.holds();
    cx.line(String::new())?;
    cx.line(if good {
        cx.t("Mọi kết quả đúng như dự kiến.", "Every outcome is as expected.")
    } else {
        cx.t("CÓ KẾT QUẢ KHÁC DỰ KIẾN.", "AN OUTCOME IS NOT AS EXPECTED.")
    })?;
    let place = folder.display();
    cx.line(format!("{place}/  wallet/  anchors.pem  qr.png  reports/"))?;
    cx.line(format!("  idwallet wallet list --dir {place}/wallet"))?;
    cx.document(&json!({ "held": good, "dir": place.to_string(), "steps": table.to_json() }))?;
    Ok(if good { Status::Done } else { Status::Refused })
}

fn tell(folder: &Path, cx: &Context, table: &mut Table<'_>) -> Result {
    let shell = Shell::new(folder, cx)?;
    story::authorities(&shell, table)?;
    story::documents(&shell, table)?;
    story::presentations(&shell, table)?;
    story::camera(&shell, table)?;
    attacks::run(&shell, table)
}

/// What a demo leaves; the next one in the same folder removes it and nothing else.
const LEFT: [&str; 11] = [
    "anchors.pem",
    "attacks",
    "camera",
    "issuer",
    "qr.png",
    "reader",
    "reader-anchors.pem",
    "reports",
    "two-documents.json",
    "wallet",
    MARK,
];
const MARK: &str = ".idwallet-demo";

/// The folder everything goes to: a new or empty one, or a demo's from before, whose files are replaced.
fn folder(args: &DemoArgs) -> CliResult<PathBuf> {
    let (folder, is_own) = match &args.dir {
        Some(folder) => (folder.clone(), false),
        None => (
            std::env::temp_dir().join(format!("idwallet-demo-{}", std::process::id())),
            true,
        ),
    };
    let environment = |error: std::io::Error| CliError::Environment(format!("{}: {error}", folder.display()));
    if is_own {
        // Of this process alone: nobody else's folder is taken.
        fs::create_dir(&folder).map_err(environment)?;
    }
    if folder.exists() {
        let is_empty = fs::read_dir(&folder).map_err(environment)?.next().is_none();
        if !is_empty && !folder.join(MARK).exists() {
            return Err(bad(folder.display(), "is not empty and no demo's; nothing was touched"));
        }
        for path in LEFT.map(|name| folder.join(name)).iter().filter(|path| path.exists()) {
            if path.is_dir() {
                fs::remove_dir_all(path)
            } else {
                fs::remove_file(path)
            }
            .map_err(environment)?;
        }
    }
    fs::create_dir_all(folder.join("reports")).map_err(environment)?;
    fs::write(folder.join(MARK), "").map_err(environment)?;
    folder.canonicalize().map_err(environment)
}
