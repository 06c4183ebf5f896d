//! Asking, by dnsperf.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

/// Questions a second that a server answers.
pub(crate) fn ask(server: SocketAddr, questions: &Path, seconds: u32) -> anyhow::Result<f64> {
    let mut command = Command::new("dnsperf");
    command.args(["-s", &server.ip().to_string(), "-p", &server.port().to_string(), "-d"]).arg(questions);
    // As many as the receive buffer of a socket holds: what is lost costs the asker its patience, and says little.
    command.args(["-e", "-c", "8", "-T", "1", "-q", "100", "-l", &seconds.to_string()]);
    let output = command.output().context("dnsperf is not installed; it comes with the package dnsperf")?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "dnsperf failed: {}", String::from_utf8_lossy(&output.stderr));
    let lost = text.lines().find_map(|line| line.trim().strip_prefix("Queries lost:")).context("it told no loss")?;
    ensure!(lost.trim().starts_with("0 "), "answers were lost: {lost}");
    let rate = text.lines().find_map(|line| line.trim().strip_prefix("Queries per second:"));
    Ok(rate.context("it told no rate")?.trim().parse()?)
}
