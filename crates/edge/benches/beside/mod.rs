//! Servers beside each other: what each does in a second, for each second of processor, and what it has of the memory. What counts are
//! ratios.

use std::io::Write as _;

use anyhow::Context as _;

use crate::support::Running;

/// The kernel counts the time of processes in hundredths of a second, whatever its own clock does.
const TICKS: f64 = 100.0;

/// What was measured of a server.
pub(crate) struct Measured<'n> {
    name: &'n str,
    /// How much it does in a second.
    rates: Vec<f64>,
    /// How much for each second that it had a processor: what the machine's other work takes does not count.
    by_processor: Vec<f64>,
    memory: f64,
}

/// Has each server do its work in turn, so often, for so many seconds; `work` answers how much each did in a second.
pub(crate) fn measure<'n>(
    servers: &[(&'n str, Running)],
    rounds: u32,
    seconds: u32,
    work: impl Fn(&Running) -> anyhow::Result<f64>,
) -> anyhow::Result<Vec<Measured<'n>>> {
    let nothing = |name| Measured { name, rates: vec![], by_processor: vec![], memory: 0.0 };
    let mut measured: Vec<_> = servers.iter().map(|(name, _)| nothing(*name)).collect();
    for _ in 0..rounds {
        for ((_, server), measured) in servers.iter().zip(&mut measured) {
            let before = processor(server.child.id())?;
            let rate = work(server)?;
            let busy = (processor(server.child.id())? - before) / f64::from(seconds);
            measured.rates.push(rate);
            measured.by_processor.push(rate / busy);
        }
    }
    for ((_, server), measured) in servers.iter().zip(&mut measured) {
        measured.memory = memory(server.child.id())?;
    }
    Ok(measured)
}

/// Shows all, the first over the others, and answers whether it does less than its floor beside one of them.
pub(crate) fn report(what: &str, all: &mut [Measured<'_>], floors: &[(&str, f64)]) -> anyhow::Result<bool> {
    let head = [what, "OURS IS", "PER CPU SECOND", "OURS IS", "MEMORY MIB", "OURS IS"];
    line(&format!("{:<10}{}", "SERVER", head.map(|one| format!("{one:>16}")).concat()))?;
    let (mut first, mut missed) = (None, false);
    for one in all {
        let values = [median(&mut one.rates), median(&mut one.by_processor), one.memory];
        let ours = *first.get_or_insert(values);
        let cells = values.iter().zip(ours).map(|(value, ours)| format!("{value:>16.0}{:>16.2}", ours / value));
        line(&format!("{:<10}{}", one.name, cells.collect::<String>()))?;
        missed |= floors.iter().any(|(of, floor)| *of == one.name && ours[0] / values[0] < *floor);
    }
    Ok(missed)
}

pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

pub(crate) fn line(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{text}").context("the output is closed")
}

/// How long a process and its children have had a processor, in seconds.
fn processor(process: u32) -> anyhow::Result<f64> {
    let mut seconds = 0.0;
    for process in family(process)? {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
        // After the name, which may hold anything but ends with the last bracket: user and system time are the 12th and 13th.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: Vec<f64> = fields.skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
        seconds += ticks.iter().sum::<f64>() / TICKS;
    }
    Ok(seconds)
}

/// Resident memory of a process and its children, in MiB.
pub(crate) fn memory(process: u32) -> anyhow::Result<f64> {
    let mut all = 0.0;
    for process in family(process)? {
        let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        all += kib / 1024.0;
    }
    Ok(all)
}

/// A process and its children.
fn family(process: u32) -> anyhow::Result<Vec<u32>> {
    let children = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children"))?;
    let mut all = vec![process];
    for child in children.split_whitespace() {
        all.push(child.parse()?);
    }
    Ok(all)
}
