//! The list of requirements: tab-separated lines under headings.

use std::collections::BTreeSet;
use std::fmt;

/// How much a standard wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Must.
    Must,
    /// Should.
    Should,
    /// Optional; its behaviour is defined.
    Optional,
    /// In no standard, needed for safety.
    Derived,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Optional => "may",
            Self::Derived => "safety",
        })
    }
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Such as `A-V17`.
    pub id: String,
    /// How much it is wanted.
    pub level: Level,
    /// What it asks for, in a few words.
    pub title: String,
    /// Why this release has no test for it.
    pub reason: Option<String>,
}

/// A heading with its requirements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// In the order of the file.
    pub requirements: Vec<Requirement>,
}

/// Reads the list.
///
/// # Errors
/// The line and what is wrong with it.
pub fn read_requirements(text: &str) -> Result<Vec<Section>, String> {
    let mut sections: Vec<Section> = Vec::new();
    let mut seen = BTreeSet::new();
    for (number, line) in text.lines().enumerate() {
        let fault = |what: &str| format!("line {}: {what}", number + 1);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(title) = line.strip_prefix("= ") {
            sections.push(Section {
                title: title.to_owned(),
                requirements: Vec::new(),
            });
            continue;
        }
        let mut cells = line.split('\t');
        let (Some(id), Some(level), Some(title)) = (cells.next(), cells.next(), cells.next()) else {
            return Err(fault("id, level and title are needed"));
        };
        let level = match level {
            "M" => Level::Must,
            "S" => Level::Should,
            "O" => Level::Optional,
            "D" => Level::Derived,
            _ => return Err(fault("the level is M, S, O or D")),
        };
        let reason = cells.next().map(str::to_owned);
        if cells.next().is_some() || reason.as_deref() == Some("") || title.is_empty() {
            return Err(fault("an empty cell or one too many"));
        }
        if crate::scan::ids(id) != [id] {
            return Err(fault("this is no id"));
        }
        if !seen.insert(id.to_owned()) {
            return Err(fault("this id was there before"));
        }
        let section = sections.last_mut().ok_or_else(|| fault("no heading yet"))?;
        section.requirements.push(Requirement {
            id: id.to_owned(),
            level,
            title: title.to_owned(),
            reason,
        });
    }
    Ok(sections)
}
