//! What is printed: headings, and whether the floors hold.

use server::cli::out;

/// A heading.
pub(crate) fn title(text: &str) {
    out::line(&format!("\n{text}\n")).expect("standard output takes it");
}

/// The middle one, and the one that so many of a thousand stay below.
pub(crate) fn at(sorted: &[f64], permille: usize) -> f64 {
    sorted.get((sorted.len() * permille).div_ceil(1000).saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// What must be reached, and what was.
#[derive(Debug, Default)]
pub(crate) struct Floors {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    what: String,
    found: String,
    floor: String,
    holds: bool,
}

impl Floors {
    /// A number that must not be smaller.
    pub(crate) fn at_least(&mut self, what: String, found: f64, least: f64, unit: &str) {
        let (holds, floor) = (found >= least, format!("at least {least}{unit}"));
        self.rows.push(Row { what, found: format!("{found:.2}{unit}"), floor, holds });
    }

    /// A number that must be smaller.
    pub(crate) fn below(&mut self, what: String, found: f64, most: f64, unit: &str) {
        let (holds, floor) = (found < most, format!("below {most}{unit}"));
        self.rows.push(Row { what, found: format!("{found:.1}{unit}"), floor, holds });
    }

    /// Whether any was missed.
    pub(crate) fn missed(&self) -> bool {
        self.rows.iter().any(|row| !row.holds)
    }

    /// Prints them all.
    pub(crate) fn print(&self) {
        title("Floors");
        let verdict = |holds| if holds { "PASS" } else { "FAIL" };
        let row =
            |row: &Row| vec![row.what.clone(), row.found.clone(), row.floor.clone(), verdict(row.holds).to_owned()];
        out::line(&out::table(&["WHAT", "FOUND", "FLOOR", ""], self.rows.iter().map(row).collect()))
            .expect("standard output takes it");
    }
}
