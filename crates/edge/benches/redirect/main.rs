//! Our redirect server beside nginx returning 301, over HTTP/1.1 on connections that stay, in the same run.
//!
//! Each is a process of its own, and wrk asks them in turn on the same processors. Ours has many sites, nginx a single one for
//! everybody. What counts are ratios.

use std::process::ExitCode;

use beside::line;
use clap::Parser;

#[path = "../beside/mod.rs"]
mod beside;
#[path = "../../tests/support/mod.rs"]
mod support;

mod content;
mod load;
mod many;
mod nginx;
mod ours;

/// Measure our redirect server beside nginx
#[derive(Debug, Parser)]
struct Options {
    /// End with exit code 1 when a floor is missed
    #[arg(long)]
    check: bool,
    /// How many sites there are
    #[arg(long, default_value_t = 100_000)]
    sites: usize,
    /// How long each server is asked each time, in seconds
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// How often each is asked
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Only serve so many sites: the process that is measured
    #[arg(long, hide = true)]
    serve: bool,
    /// What `cargo bench` passes, and `cargo test --benches` does not
    #[arg(long, hide = true)]
    bench: bool,
}

/// Redirects a second, of what nginx does.
const FLOORS: [(&str, f64); 1] = [("nginx", 0.5)];

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if options.serve {
        ours::serve(options.sites)?;
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
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("ask.lua");
    std::fs::write(&script, content::script(options.sites))?;
    let servers = [("ours", ours::start(options.sites)?), ("nginx", nginx::start(folder.path())?)];
    let workers = nginx::Workers::of(&servers[1].1);
    let ask = |server: &support::Running| load::ask(server.address, &script, options.seconds);
    let mut measured = beside::measure(&servers, options.rounds, options.seconds, ask)?;
    drop(workers);
    drop(servers);
    let missed = beside::report("REDIRECTS/S", &mut measured, &FLOORS)?;
    Ok(many::measure(options.sites)? || missed)
}
