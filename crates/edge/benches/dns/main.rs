//! Our name server beside Knot and PowerDNS, with the same zones and the same questions, in the same run.
//!
//! Each is a process of its own, and dnsperf asks them in turn on the same processors. What counts are ratios.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;

#[path = "../../tests/support/mod.rs"]
mod support;

mod change;
mod content;
mod load;
mod ours;
mod powerdns;

use support::knot;

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
    let ours = ours::start(options.zones)?;
    let others = [
        ("Knot", knot::start(tempfile::tempdir_in(&folder)?.keep().as_path(), zones.iter())?),
        ("PowerDNS", powerdns::start(tempfile::tempdir_in(&folder)?.keep().as_path(), zones.iter())?),
    ];
    drop(zones);
    let servers: Vec<_> = [("ours", &ours)].into_iter().chain(others.iter().map(|(name, one)| (*name, one))).collect();
    let mut rates = vec![vec![]; servers.len()];
    for _ in 0..options.rounds {
        for ((_, server), rates) in servers.iter().zip(&mut rates) {
            rates.push(load::ask(server.address, &questions, options.seconds)?);
        }
    }
    let memory =
        servers.iter().map(|(_, server)| load::memory(server.child.id())).collect::<anyhow::Result<Vec<_>>>()?;
    line(&format!("{:<10}{:>14}{:>10}{:>14}{:>10}", "SERVER", "QUESTIONS/S", "OURS IS", "MEMORY MIB", "OURS IS"))?;
    let (our_rate, mut missed) = (median(&mut rates[0]), false);
    for (n, (name, _)) in servers.iter().enumerate() {
        let rate = median(&mut rates[n]);
        let ratios = (our_rate / rate, memory[0] / memory[n]);
        line(&format!("{name:<10}{rate:>14.0}{:>10.2}{:>14.0}{:>10.2}", ratios.0, memory[n], ratios.1))?;
        missed |= FLOORS.iter().any(|(of, floor)| of == name && ratios.0 < *floor);
    }
    drop(others);
    let change = change::ratio(options.zones)?;
    line(&format!("a change is served in {change:.2} times what it takes among a thousand zones"))?;
    Ok(missed || change > MOST_CHANGE)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn line(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{text}").context("the output is closed")
}
