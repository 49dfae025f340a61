//! Diagnostic notation (RFC 8949 §8), for `inspect`.

use super::error::Type;
use super::item::Item;
use super::{Decoder, Result};
use core::fmt::Write as _;

/// Where the text of a [`to_diagnostic`] is cut off, in bytes.
pub const MAX_DIAGNOSTIC: usize = 1 << 20;

/// An item in diagnostic notation on one line, `…` at the end where it was cut off at [`MAX_DIAGNOSTIC`].
///
/// # Errors
/// None for an [`Item`], which was checked when it was made; the result is there because reading is fallible.
pub fn to_diagnostic(item: Item<'_>) -> Result<String> {
    let mut out = String::new();
    let is_whole = write(&mut item.decoder(), &mut out)?;
    if !is_whole {
        out.push('…');
    }
    Ok(out)
}

/// Recursion is bounded: the item was walked under the same limits before. `false` where the text got too long.
fn write(d: &mut Decoder<'_>, out: &mut String) -> Result<bool> {
    if out.len() > MAX_DIAGNOSTIC {
        return Ok(false);
    }
    match d.peek()? {
        Type::Unsigned | Type::Negative => push(out, format_args!("{}", d.int()?)),
        Type::Bytes => push_hex(out, &d.bytes_cow()?),
        Type::Text => push_text(out, &d.text_cow()?),
        Type::Array => {
            let mut array = d.array()?;
            out.push_str(if array.len().is_none() { "[_ " } else { "[" });
            let mut is_first = true;
            while array.next(d)? {
                if !core::mem::take(&mut is_first) {
                    out.push_str(", ");
                }
                if !write(d, out)? {
                    return Ok(false);
                }
            }
            out.push(']');
        }
        Type::Map => {
            let mut left = d.map()?.into_unchecked();
            out.push_str(if left.len().is_none() { "{_ " } else { "{" });
            let mut is_first = true;
            while left.next(d)? {
                if !core::mem::take(&mut is_first) {
                    out.push_str(", ");
                }
                if !write(d, out)? {
                    return Ok(false);
                }
                out.push_str(": ");
                if !write(d, out)? {
                    return Ok(false);
                }
            }
            out.push('}');
        }
        Type::Tag => {
            push(out, format_args!("{}(", d.tag()?));
            if !write(d, out)? {
                return Ok(false);
            }
            out.push(')');
        }
        Type::Bool => out.push_str(if d.bool()? { "true" } else { "false" }),
        Type::Null => {
            d.null()?;
            out.push_str("null");
        }
        Type::Undefined => {
            d.skip()?;
            out.push_str("undefined");
        }
        Type::Float => out.push_str(&float_text(d.float()?)),
        Type::Simple | Type::Break => push(out, format_args!("simple({})", d.simple()?)),
    }
    Ok(true)
}

/// A float as RFC 8949 Appendix A writes it: always with a point or an exponent.
pub(super) fn float_text(float: f64) -> String {
    if float.is_nan() {
        return "NaN".to_owned();
    }
    if float.is_infinite() {
        return if float < 0.0 { "-Infinity" } else { "Infinity" }.to_owned();
    }
    format!("{float:?}")
}

fn push(out: &mut String, text: core::fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    let _ = out.write_fmt(text);
}

fn push_hex(out: &mut String, bytes: &[u8]) {
    out.push_str("h'");
    for byte in bytes {
        if out.len() > MAX_DIAGNOSTIC {
            return;
        }
        push(out, format_args!("{byte:02x}"));
    }
    out.push('\'');
}

fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        if out.len() > MAX_DIAGNOSTIC {
            return;
        }
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            // Control and direction characters must not reach a terminal.
            c if c.is_control()
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
            {
                push(out, format_args!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
