//! Printing. A closed pipe ends the program quietly, as `head` expects.

use std::io::{self, Write as _};

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::Output;

/// A line on standard output.
pub fn line(text: &str) {
    if writeln!(io::stdout(), "{text}").and_then(|()| io::stdout().flush()).is_err() {
        std::process::exit(0);
    }
}

/// A line on standard error.
pub fn error(text: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(io::stderr(), "{text}");
}

/// One JSON value.
pub fn json(value: &impl Serialize) {
    line(&serde_json::to_string_pretty(value).unwrap_or_else(|_| "null".into()));
}

/// A value as JSON, or as the text that people read.
pub fn either(output: Output, value: &impl Serialize, text: impl FnOnce() -> String) {
    match output {
        Output::Json => json(value),
        Output::Text => line(&text()),
    }
}

/// A plain table.
#[must_use]
pub fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header.to_vec());
    for row in rows {
        table.add_row(row);
    }
    let text = table.to_string();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}
