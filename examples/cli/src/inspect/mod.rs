//! `inspect`: what is this, and what is in it? Nothing is verified here, and nothing is believed.

mod cbor;
mod mdoc;
mod node;
mod text;
mod x509;

pub use cbor::{Mdoc, mdoc_form};

use crate::args::InspectArgs;
use crate::camera;
use crate::context::Context;
use crate::error::{Result, Status, bad};
use crate::input;
use crate::qr;
use node::Node;

/// What keeps an input from being told, in words.
type Fault<T = Node> = std::result::Result<T, String>;

/// How deep structures are opened that lie in one another, such as an engagement in the text of a code in a picture.
const MAX_DEPTH: usize = 8;

pub fn run(args: &InspectArgs, cx: &Context) -> Result {
    if args.file.path().is_dir() {
        let message = camera::scan(&args.file, None, cx)?;
        let node = inspect(&message, 0).map_err(|what| bad(&args.file, what))?;
        cx.document(&node.to_json())?;
        node.print(cx)?;
        return Ok(Status::Done);
    }
    let bytes = args.file.read()?;
    let found = if is_picture(&bytes) {
        picture(&bytes)
    } else {
        let Some(decoded) = input::decode(&bytes, cx.encoding) else {
            let name = cx.encoding.map_or("", crate::args::Encoding::name);
            return Err(bad(&args.file, format!("is not {name}")));
        };
        inspect(&decoded, 0)
    };
    let node = found.map_err(|what| bad(&args.file, what))?;
    cx.document(&node.to_json())?;
    node.print(cx)?;
    Ok(Status::Done)
}

/// Tells raw, hex or base64url bytes that are no picture, as `inspect --json` does.
pub fn to_json(bytes: &[u8]) -> Fault<serde_json::Value> {
    let decoded = input::decode(bytes, None).ok_or("is in no known encoding")?;
    inspect(&decoded, 0).map(|node| node.to_json())
}

/// Tells bytes that are no picture.
fn inspect(bytes: &[u8], depth: usize) -> Fault {
    if depth > MAX_DEPTH {
        return Err("structures lie in one another too deeply".into());
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.chars().any(|c| c.is_control() && !c.is_whitespace())
    {
        return text::inspect(text.trim(), depth);
    }
    if bytes.first() == Some(&0x30)
        && let Some(node) = x509::inspect_der(bytes)?
    {
        return Ok(node);
    }
    cbor::inspect(bytes, depth)
}

fn is_picture(bytes: &[u8]) -> bool {
    [&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff", b"GIF8"]
        .iter()
        .any(|magic| bytes.starts_with(magic))
}

fn picture(bytes: &[u8]) -> Fault {
    let texts = qr::decode(bytes).map_err(|error| error.to_string())?;
    let mut node = Node::new("picture", "Ảnh", "Picture").fact("codes", texts.len());
    for found in &texts {
        node = node.with(text::inspect(found, 1)?);
    }
    Ok(node)
}
