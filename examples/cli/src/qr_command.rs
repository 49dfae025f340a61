//! `qr read` and `qr write`.

use serde_json::json;

use crate::args::{QrCommand, QrReadArgs, QrWriteArgs};
use crate::context::Context;
use crate::error::{Result, Status, bad};
use crate::input::{self, Readable};
use crate::qr::{self, Level, Theme};

pub fn run(command: &QrCommand, cx: &Context) -> Result {
    match command {
        QrCommand::Read(args) => read(args, cx),
        QrCommand::Write(args) => write(args, cx),
    }
}

fn read(args: &QrReadArgs, cx: &Context) -> Result {
    let texts = qr::decode(&args.image.read()?).map_err(|error| bad(&args.image, error))?;
    if texts.is_empty() {
        return Err(bad(
            &args.image,
            cx.t(
                "không thấy mã QR nào trong ảnh",
                "there is no QR code to be read in the picture",
            ),
        ));
    }
    cx.document(&json!({ "codes": texts }))?;
    for text in &texts {
        cx.line(text)?;
    }
    Ok(Status::Done)
}

fn write(args: &QrWriteArgs, cx: &Context) -> Result {
    let modules = qr::encode(&args.text, Level::Medium).map_err(|error| bad("TEXT", error))?;
    if let Some(png) = &args.png {
        let picture = modules.to_png(args.scale).map_err(|error| bad("--scale", error))?;
        input::write(png, &picture, Readable::ByAll, args.force)?;
        cx.line(png.display().to_string())?;
    } else {
        cx.raw(&modules.to_terminal(Theme::Colour))?;
    }
    cx.document(
        &json!({ "modules": modules.width(), "png": args.png.as_ref().map(|path| path.display().to_string()) }),
    )?;
    Ok(Status::Done)
}
