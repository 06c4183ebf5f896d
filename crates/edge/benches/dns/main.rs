//! Our name server beside Knot and PowerDNS, with the same zones and the same questions, in the same run.
//!
//! Each is a process of its own, and dnsperf asks them in turn on the same processors. What counts are ratios.

use std::process::ExitCode;

use beside::line;
use clap::Parser;

#[path = "../beside/mod.rs"]
mod beside;
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
    let ask = |server: &support::Running| load::ask(server.address, &questions, options.seconds);
    let mut measured = beside::measure(&servers, options.rounds, options.seconds, ask)?;
    drop(servers);
    let missed = beside::report("QUESTIONS/S", &mut measured, &FLOORS)?;
    let change = change::ratio(options.zones)?;
    line(&format!("a change is served in {change:.2} times what it takes among a thousand zones"))?;
    Ok(missed || change > MOST_CHANGE)
}
