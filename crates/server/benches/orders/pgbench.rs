//! The same rows, inserted by PostgreSQL's own benchmark.

use std::fmt::Write as _;
use std::process::Command;

use anyhow::{Context as _, bail};
use store::Value;

use crate::database::Place;
use crate::recording::{Cell, Pattern, Recording};

/// Its clients and threads.
const SHAPE: [&str; 4] = ["--client=8", "--jobs=2", "--define=n=0", "--no-vacuum"];

/// Ten digits that no other transaction of any client has.
const STAMP: &str = "\\set n :n + 1\n\\set stamp 1000000000 + :n * 8 + :client_id\n";

/// Transactions a second.
pub(crate) fn rate(place: &Place, recording: &Recording, seconds: u32) -> anyhow::Result<f64> {
    let file = place.folder.path().join("orders.pgbench");
    std::fs::write(&file, script(recording))?;
    let mut command = Command::new("pgbench");
    command.args(SHAPE).arg(format!("--time={seconds}")).arg("--file").arg(&file).arg(&place.url);
    let output = command.output().context("pgbench cannot be started; it comes with the package postgresql")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || complaint.contains("aborted") {
        bail!("pgbench failed: {complaint}");
    }
    let line = text.lines().find_map(|line| line.strip_prefix("tps = ")).context("pgbench told no rate")?;
    Ok(line.split(' ').next().unwrap_or_default().parse()?)
}

fn script(recording: &Recording) -> String {
    let mut script = format!("{STAMP}BEGIN;\n");
    for pattern in &recording.statements {
        let _ = writeln!(script, "{};", spelt_out(pattern));
    }
    script + "COMMIT;\n"
}

/// The statement with its values in their places.
fn spelt_out(pattern: &Pattern) -> String {
    let mut parts = pattern.sql.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let place = part[..digits].parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        text.push_str(&place.and_then(|place| pattern.values.get(place)).map_or_else(|| "$".to_owned(), literal));
        text.push_str(&part[digits..]);
    }
    text
}

fn literal(cell: &Cell) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    match cell {
        Cell::Stamped(pieces) => quoted(&pieces.join(":stamp")),
        Cell::Same(Value::Text(Some(text))) => quoted(text),
        Cell::Same(Value::Int(Some(number))) => number.to_string(),
        Cell::Same(Value::Text(None) | Value::Int(None)) => "NULL".to_owned(),
    }
}
