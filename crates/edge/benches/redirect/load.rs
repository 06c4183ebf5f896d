//! Asking, by wrk.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

/// Redirects a second that a server answers. Answers of another kind are an error.
pub(crate) fn ask(server: SocketAddr, script: &Path, seconds: u32) -> anyhow::Result<f64> {
    let mut command = Command::new("wrk");
    command.args(["-t", "1", "-c", "32", "-d", &format!("{seconds}s"), "-s"]).arg(script);
    let output = command.arg(format!("http://{server}/")).output();
    let output = output.context("wrk is not installed; it comes with the package wrk")?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "wrk failed: {}", String::from_utf8_lossy(&output.stderr));
    for bad in ["Non-2xx", "Socket errors"] {
        ensure!(!text.contains(bad), "not everything was answered: {text}");
    }
    let rate = text.lines().find_map(|line| line.trim().strip_prefix("Requests/sec:"));
    Ok(rate.context("it told no rate")?.trim().parse()?)
}
