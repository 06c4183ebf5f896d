//! What else the machine is doing: floors are meant for one that is otherwise idle.

use std::time::Duration;

use anyhow::Context as _;

/// How long it is looked at.
const LOOK: Duration = Duration::from_millis(300);

/// Processor time that was used and not used, in the units of the kernel.
struct Ticks {
    idle: u64,
    all: u64,
}

/// How much of the processors' time goes to others just now, in percent; nothing of ours may run.
pub(crate) async fn share() -> anyhow::Result<u64> {
    let before = Ticks::read()?;
    tokio::time::sleep(LOOK).await;
    let after = Ticks::read()?;
    let (idle, all) = (after.idle.saturating_sub(before.idle), after.all.saturating_sub(before.all));
    Ok(100 - (100 * idle.min(all)).checked_div(all).unwrap_or(100))
}

impl Ticks {
    fn read() -> anyhow::Result<Self> {
        let stat = std::fs::read_to_string("/proc/stat")?;
        let line = stat.lines().next().context("an empty /proc/stat")?;
        let numbers = line.split_whitespace().skip(1).take(8).map(str::parse);
        let numbers: Vec<u64> = numbers.collect::<Result<_, _>>()?;
        // Waiting for the disk is idle time too.
        Ok(Self { idle: numbers.iter().skip(3).take(2).sum(), all: numbers.iter().sum() })
    }
}
