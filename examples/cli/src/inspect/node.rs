//! What was found, as a tree.

use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::error::Result;

/// The longest value of a line for people, in characters; JSON has all of it.
const MAX_LINE: usize = 200;
/// Hexadecimal digits of a byte string that are shown to people.
const MAX_HEX: usize = 64;
/// The longest diagnostic notation that is shown to people, in characters.
const MAX_DIAGNOSTIC: usize = 8_000;

/// One structure: what it is, what is known about it, what lies in it.
#[derive(Debug, Clone)]
pub struct Node {
    kind: &'static str,
    vi: String,
    en: String,
    facts: Vec<(String, Value)>,
    contains: Vec<Node>,
    diagnostic: Option<String>,
}

impl Node {
    /// A structure by its name for programs and its names for people.
    pub fn new(kind: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            kind,
            vi: vi.into(),
            en: en.into(),
            facts: Vec::new(),
            contains: Vec::new(),
            diagnostic: None,
        }
    }

    /// With one thing that is known about it.
    pub fn fact(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.facts.push((name.into(), value.into()));
        self
    }

    /// With a fact, if it is there.
    pub fn maybe(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.fact(name, value),
            None => self,
        }
    }

    /// With a structure in it.
    pub fn with(mut self, node: Self) -> Self {
        self.contains.push(node);
        self
    }

    /// With its diagnostic notation.
    pub fn diagnostic(mut self, text: Option<String>) -> Self {
        self.diagnostic = text;
        self
    }

    /// Whether it is of a kind, or wraps one thing that is.
    pub fn contains_kind(&self, kind: &str) -> bool {
        self.kind == kind || self.contains.iter().any(|node| node.contains_kind(kind))
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let facts: Map<String, Value> = self.facts.iter().cloned().collect();
        let mut out = json!({ "kind": self.kind, "title": self.en, "facts": facts });
        if let Value::Object(map) = &mut out {
            if !self.contains.is_empty() {
                map.insert("contains".into(), self.contains.iter().map(Self::to_json).collect());
            }
            if let Some(text) = &self.diagnostic {
                map.insert("diagnostic".into(), text.clone().into());
            }
        }
        out
    }

    /// For people.
    pub fn print(&self, cx: &Context) -> Result<()> {
        self.print_at(cx, 0)
    }

    fn print_at(&self, cx: &Context, depth: usize) -> Result<()> {
        let indent = "  ".repeat(depth);
        cx.line(format!("{indent}{}", cx.t(&self.vi, &self.en)))?;
        for (name, value) in &self.facts {
            print_value(cx, &format!("{indent}  {name}"), value)?;
        }
        for node in &self.contains {
            node.print_at(cx, depth + 1)?;
        }
        if let Some(text) = &self.diagnostic {
            cx.line(format!("{indent}  {}", shorten(&shorten_bytes(text), MAX_DIAGNOSTIC)))?;
        }
        Ok(())
    }
}

fn print_value(cx: &Context, name: &str, value: &Value) -> Result<()> {
    match value {
        Value::Array(items) if items.iter().any(|i| i.is_object() || i.is_array()) || items.len() > 8 => {
            cx.line(format!("{name}:"))?;
            let indent: String = name.chars().take_while(|c| *c == ' ').collect();
            items
                .iter()
                .try_for_each(|item| print_value(cx, &format!("{indent}  -"), item))
        }
        Value::Object(map) if !(map.is_empty() || map.len() == 1 && map.contains_key("bytes")) => {
            cx.line(format!("{name}:"))?;
            let indent: String = name.chars().take_while(|c| *c == ' ').collect();
            map.iter()
                .try_for_each(|(key, value)| print_value(cx, &format!("{indent}  {key}"), value))
        }
        other => cx.line(format!("{name}: {}", shorten(&one_line(other), MAX_LINE))),
    }
}

/// A value on one line.
pub fn one_line(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(one_line).collect::<Vec<_>>().join(", "),
        Value::Object(map) => {
            let all: Vec<_> = map
                .iter()
                .map(|(key, value)| format!("{key}: {}", one_line(value)))
                .collect();
            all.join(", ")
        }
        other => other.to_string(),
    }
}

fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Long byte strings of a diagnostic notation are cut short.
fn shorten_bytes(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MAX_DIAGNOSTIC * 4));
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("h'") {
        out.push_str(before);
        out.push_str("h'");
        let Some((digits, after)) = after.split_once('\'') else {
            rest = after;
            continue;
        };
        if digits.len() > MAX_HEX && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            out.push_str(digits.get(..MAX_HEX).unwrap_or_default());
            out.push_str(&format!("…'({} bytes)", digits.len() / 2));
        } else {
            out.push_str(digits);
            out.push('\'');
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_byte_strings_are_cut_short_for_people() {
        assert_eq!(shorten_bytes("[h'0102', 1]"), "[h'0102', 1]");
        let long = format!("{{1: h'{}', 2: \"h'\"}}", "ab".repeat(100));
        assert_eq!(
            shorten_bytes(&long),
            format!("{{1: h'{}…'(100 bytes), 2: \"h'\"}}", "ab".repeat(32))
        );
    }
}
