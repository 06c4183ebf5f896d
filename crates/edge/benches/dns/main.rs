//! Our name server beside Knot and PowerDNS, with the same zones and the same questions, in the same run.
//!
//! Each is a process of its own, and dnsperf asks them in turn on the same processors. What counts are ratios.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;

#[path = "../../tests/support/knot.rs"]
mod knot;
#[path = "../../tests/support/mod.rs"]
mod support;
#[path = "../../tests/support/zone_file.rs"]
mod zone_file;

mod change;
mod content;
mod load;
mod ours;
mod powerdns;

/// Measure our name server beside Knot and PowerDNS
#[derive(Debug, Parser)]
struct Options {
    /// End with exit code 1 when a floor is missed
    #[arg(long)]
    check: bool,
    /// How many zones there are
    #[arg(long, default_value_t = 100_000)]
    zones: usize,
    /// How long each server is asked each time, in seconds
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// How often each is asked
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Only serve so many zones: the process that is measured
    #[arg(long, hide = true)]
    serve: bool,
    /// What `cargo bench` passes, and `cargo test --benches` does not
    #[arg(long, hide = true)]
    bench: bool,
}

/// Questions a second: of what Knot answers, and of what PowerDNS does.
const FLOORS: [(&str, f64); 2] = [("Knot", 0.5), ("PowerDNS", 1.0)];
/// A change among all zones may take so many times as long as one among a thousand.
const MOST_CHANGE: f64 = 3.0;

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if options.serve {
        ours::serve(options.zones)?;
        return Ok(ExitCode::SUCCESS);
    }
    if !options.bench {
        line("Nothing is measured without --bench, which `cargo bench` passes.")?;
        return Ok(ExitCode::SUCCESS);
    }
    let missed = measure(&options)?;
    Ok(if options.check && missed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn measure(options: &Options) -> anyhow::Result<bool> {
    let zones: Vec<_> = (0..options.zones).map(content::zone).collect();
    let folder = tempfile::tempdir()?;
    let questions = folder.path().join("questions");
    std::fs::write(&questions, content::questions(options.zones))?;
    let servers = [
        ("ours", ours::start(options.zones)?),
        ("Knot", knot::start(tempfile::tempdir_in(&folder)?.keep().as_path(), zones.iter())?),
        ("PowerDNS", powerdns::start(tempfile::tempdir_in(&folder)?.keep().as_path(), zones.iter())?),
    ];
    drop(zones);
    let mut measured = servers.iter().map(|(name, _)| Measured { name, ..Measured::default() }).collect::<Vec<_>>();
    for _ in 0..options.rounds {
        for ((_, server), measured) in servers.iter().zip(&mut measured) {
            let before = load::processor(server.child.id())?;
            let rate = load::ask(server.address, &questions, options.seconds)?;
            let busy = (load::processor(server.child.id())? - before) / f64::from(options.seconds);
            measured.rates.push(rate);
            measured.by_processor.push(rate / busy);
        }
    }
    for ((_, server), measured) in servers.iter().zip(&mut measured) {
        measured.memory = load::memory(server.child.id())?;
    }
    drop(servers);
    let missed = report(&mut measured)?;
    let change = change::ratio(options.zones)?;
    line(&format!("a change is served in {change:.2} times what it takes among a thousand zones"))?;
    Ok(missed || change > MOST_CHANGE)
}

/// What was measured of a server.
#[derive(Default)]
struct Measured<'n> {
    name: &'n str,
    /// Questions a second.
    rates: Vec<f64>,
    /// Questions for each second that it had a processor: what the machine's other work takes does not count.
    by_processor: Vec<f64>,
    memory: f64,
}

/// Shows all, ours over the others, and answers whether a floor is missed.
fn report(all: &mut [Measured<'_>]) -> anyhow::Result<bool> {
    let head = ["QUESTIONS/S", "OURS IS", "PER CPU SECOND", "OURS IS", "MEMORY MIB", "OURS IS"];
    line(&format!("{:<10}{}", "SERVER", head.map(|one| format!("{one:>16}")).concat()))?;
    let (mut first, mut missed) = (None, false);
    for one in all {
        let values = [median(&mut one.rates), median(&mut one.by_processor), one.memory];
        let ours = *first.get_or_insert(values);
        let cells = values.iter().zip(ours).map(|(value, ours)| format!("{value:>16.0}{:>16.2}", ours / value));
        line(&format!("{:<10}{}", one.name, cells.collect::<String>()))?;
        missed |= FLOORS.iter().any(|(of, floor)| *of == one.name && ours[0] / values[0] < *floor);
    }
    Ok(missed)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn line(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{text}").context("the output is closed")
}
