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

/// The folder everything goes to: empty, or a demo's from before, which is replaced.
fn folder(args: &DemoArgs) -> CliResult<PathBuf> {
    let folder = match &args.dir {
        Some(folder) => folder.clone(),
        None => std::env::temp_dir().join(format!("idwallet-demo-{}", std::process::id())),
    };
    let environment = |error: std::io::Error| CliError::Environment(format!("{}: {error}", folder.display()));
    let mark = folder.join(".idwallet-demo");
    if folder.exists() {
        let is_empty = fs::read_dir(&folder).map_err(environment)?.next().is_none();
        if !is_empty && !mark.exists() {
            return Err(bad(folder.display(), "is not empty and no demo's; nothing was touched"));
        }
        for entry in fs::read_dir(&folder).map_err(environment)? {
            let path = entry.map_err(environment)?.path();
            if path.is_dir() {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            }
            .map_err(environment)?;
        }
    }
    fs::create_dir_all(folder.join("reports")).map_err(environment)?;
    fs::write(&mark, "").map_err(environment)?;
    folder.canonicalize().map_err(environment)
}
