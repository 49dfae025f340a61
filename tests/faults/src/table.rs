//! What was done, how often, and what became of it.

/// One line of the table.
#[derive(Default)]
pub struct Row {
    /// What was done.
    pub fault: String,
    /// How often; for kills the runs.
    pub cases: u64,
    /// What was to be noticed and was, or the acknowledged writes that were to survive.
    pub noticed: u64,
    /// Everything read right all the same: bytes that mean nothing, a second copy, a fault that comes too early.
    pub harmless: u64,
    /// Acknowledged and not there; or an alteration that nobody noticed.
    pub lost: u64,
    /// Half a write; or a record that reads wrong.
    pub torn: u64,
    /// How often the code panicked.
    pub panics: u64,
    /// A file that was refused and written to all the same, or a record that was not concerned and does not read.
    pub touched: u64,
    /// It could not be tried here, and why.
    pub left_out: Option<String>,
    /// What else there is to say.
    pub note: String,
}

impl Row {
    /// A line to count in.
    pub fn new(fault: &str) -> Self {
        Self {
            fault: fault.to_owned(),
            ..Self::default()
        }
    }

    /// Could not be tried.
    pub fn left_out(fault: &str, why: &str) -> Self {
        Self {
            left_out: Some(why.to_owned()),
            ..Self::new(fault)
        }
    }

    /// Counts what another thread counted.
    pub fn add(&mut self, other: &Self) {
        self.cases += other.cases;
        self.noticed += other.noticed;
        self.harmless += other.harmless;
        self.lost += other.lost;
        self.torn += other.torn;
        self.panics += other.panics;
        self.touched += other.touched;
        if self.note.is_empty() {
            self.note.clone_from(&other.note);
        }
    }

    /// The first failure is told; the others are counted.
    pub fn tell(&mut self, what: impl FnOnce() -> String) {
        if self.note.is_empty() {
            self.note = what();
        }
    }

    /// Whether nothing went wrong, and something was tried.
    pub fn held(&self) -> bool {
        self.left_out.is_some() || (self.cases > 0 && self.lost + self.torn + self.panics + self.touched == 0)
    }
}

/// For people.
pub fn print(rows: &[Row]) {
    println!(
        "| fault | cases | noticed or survived | harmless | lost or unnoticed | torn or wrong | panics | touched | |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for row in rows {
        if let Some(why) = &row.left_out {
            println!("| {} | left out: {why} | | | | | | | |", row.fault);
            continue;
        }
        let verdict = if row.held() { "" } else { "FAILED. " };
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {verdict}{} |",
            row.fault, row.cases, row.noticed, row.harmless, row.lost, row.torn, row.panics, row.touched, row.note
        );
    }
}

/// For machines.
pub fn print_json(rows: &[Row]) {
    let list: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| {
            serde_json::json!({
                "fault": row.fault, "cases": row.cases, "noticed": row.noticed, "harmless": row.harmless, "lost": row.lost,
                "torn": row.torn, "panics": row.panics, "touched": row.touched, "left_out": row.left_out, "held": row.held(),
                "note": row.note,
            })
        })
        .collect();
    println!("{}", serde_json::to_string_pretty(&list).unwrap());
}
