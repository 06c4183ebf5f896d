//! Asking, by dnsperf, and what a process has of the memory.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

/// The kernel counts the time of processes in hundredths of a second, whatever its own clock does.
const TICKS: f64 = 100.0;

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

/// How long a process has had a processor, in seconds.
pub(crate) fn processor(process: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // After the name, which may hold anything but ends with the last bracket: user and system time are the 12th and 13th.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: Vec<f64> = fields.skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<f64>() / TICKS)
}

/// Resident memory of a process, in MiB.
pub(crate) fn memory(process: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib / 1024.0)
}
