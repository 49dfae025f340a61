//! Jobs beside their bars.

/// One line.
pub struct Row {
    /// What was measured.
    pub job: String,
    /// What the bar is held against; for most jobs the ratio of the least times.
    pub ratio: f64,
    /// At most this; `None` where the line is for comparison.
    pub bar: Option<f64>,
    /// Times, the ratio of the medians, whatever helps.
    pub detail: String,
}

impl Row {
    /// Whether the bar holds.
    #[must_use]
    pub fn held(&self) -> Option<bool> {
        self.bar.map(|bar| self.ratio <= bar)
    }
}

/// For people.
pub fn print(rows: &[Row]) {
    println!("| job | measured | bar | held | |\n|---|---|---|---|---|");
    for row in rows {
        let bar = row.bar.map_or_else(String::new, |bar| number(bar));
        let held = match row.held() {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "",
        };
        println!(
            "| {} | {} | {bar} | {held} | {} |",
            row.job,
            number(row.ratio),
            row.detail
        );
    }
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() >= 2.0 {
        format!("{value:.0}")
    } else if value < 0.1 {
        format!("{value:.4}")
    } else {
        format!("{value:.3}")
    }
}

/// For machines.
pub fn print_json(rows: &[Row]) {
    let list: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| {
            serde_json::json!({
                "job": row.job, "ratio": (row.ratio * 1e5).round() / 1e5, "bar": row.bar, "held": row.held(), "detail": row.detail,
            })
        })
        .collect();
    println!("{}", serde_json::to_string_pretty(&list).unwrap());
}

/// Nanoseconds in a fitting unit.
#[must_use]
pub fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        ns if ns < 1e3 => format!("{ns:.0} ns"),
        ns if ns < 1e6 => format!("{:.2} µs", ns / 1e3),
        ns => format!("{:.3} ms", ns / 1e6),
    }
}
