//! Printing: the one place where results go to standard output. A command whose result cannot be printed has
//! failed. A pipe that is closed after it got something ends the program quietly, as `head` expects.

use std::fs::{self, File};
use std::io::{self, ErrorKind, IsTerminal as _, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::sync::atomic::{AtomicBool, Ordering};

use comfy_table::{ContentArrangement, Table, presets};
use model::shown::spelled;
use serde::Serialize;

use super::{Fail, Output};
use crate::telemetry;

/// Whether anything has been printed.
static PRINTED: AtomicBool = AtomicBool::new(false);

/// A line on standard output, or several. What would turn a terminal's text around is spelled out.
pub fn line(text: &str) -> Result<(), Fail> {
    raw(&plain(text))
}

/// Foreign text as it is, byte for byte, for programs that read it; a terminal gets it spelled out.
pub fn exact(text: &str) -> Result<(), Fail> {
    if io::stdout().is_terminal() { line(text) } else { raw(text) }
}

fn raw(text: &str) -> Result<(), Fail> {
    try_raw(text).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe if PRINTED.load(Ordering::Relaxed) => Fail::Unread,
        _ => unprintable(&error),
    })
}

fn unprintable(error: &io::Error) -> Fail {
    Fail::failed(format!("standard output cannot be written: {error}"))
}

fn try_raw(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    // In one piece: whoever has read the text may close the pipe.
    out.write_all(format!("{text}\n").as_bytes())?;
    out.flush()?;
    PRINTED.store(true, Ordering::Relaxed);
    Ok(())
}

/// A new secret, which must not be in force unless somebody can have seen it: whoever calls this puts it in
/// force afterwards.
fn secret(text: &str) -> Result<(), Fail> {
    let failed = |why: &str| Fail::failed(format!("{why}; the new secret is not in force, nothing was changed"));
    if is_closed() {
        return Err(failed("standard output is closed, and a secret is shown only once"));
    }
    try_raw(text).map_err(|error| failed(&format!("standard output cannot be written: {error}")))
}

/// Whether standard output was closed when the program began. The runtime then puts the null device in its
/// place, and opens it for reading too, which `>/dev/null` does not.
pub(super) fn is_closed() -> bool {
    let Ok(own) = io::stdout().as_fd().try_clone_to_owned() else { return true };
    let mut out = File::from(own);
    let is_null = |found: fs::Metadata| {
        found.file_type().is_char_device() && fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == found.rdev())
    };
    out.metadata().is_ok_and(is_null) && out.read(&mut []).is_ok()
}

/// A line on standard error.
pub fn error(text: &str) {
    telemetry::say(&plain(text));
}

/// One JSON value.
pub fn json(value: &impl Serialize) -> Result<(), Fail> {
    line(&pretty(value))
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| "null".into())
}

/// A value as JSON, or as the text that people read.
pub fn either(output: Output, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), Fail> {
    line(&written(output, value, text))
}

/// The same with a new secret in it: see [`secret`].
pub(super) fn either_secret(output: Output, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), Fail> {
    secret(&written(output, value, text))
}

fn written(output: Output, value: &impl Serialize, text: impl FnOnce() -> String) -> String {
    match output {
        Output::Json => pretty(value),
        Output::Text => text(),
    }
}

/// Text as a terminal may have it: lines and tabs stay.
pub(super) fn plain(text: &str) -> std::borrow::Cow<'_, str> {
    spelled(text, |letter| matches!(letter, '\n' | '\t'))
}

/// Foreign text inside a line, which it must not end: a line of a provider's or partner's making is none of ours.
pub(super) fn within(text: &str) -> std::borrow::Cow<'_, str> {
    spelled(text, |_| false)
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
        table.add_row(row.iter().map(|cell| within(cell)));
    }
    let text = table.to_string();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}
