//! The worst write of one partner while another floods the server, beside its worst while nobody does.
//!
//! Everything is in one process, on a database on disk: the router, the workers, the flood, and the partner who writes
//! a small thing every few milliseconds.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use server::cli::out;
use tokio::time::Instant;

use crate::floods::Flood;
use crate::place::{Caller, Place};

mod floods;
mod place;

/// Measure another partner's worst write while floods go on
#[derive(Debug, Parser)]
struct Options {
    /// End with exit code 1 when a floor is missed
    #[arg(long)]
    check: bool,
    /// How long each flood is watched, in seconds
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// What `cargo bench` passes, and `cargo test --benches` does not
    #[arg(long, hide = true)]
    bench: bool,
}

/// How often the other partner writes.
const EVERY: Duration = Duration::from_millis(5);
/// The worst write may be so many times the worst one without a flood, and so long.
const MOST_RATIO: f64 = 10.0;
const MOST: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if !options.bench {
        out::line("Nothing is measured without --bench, which `cargo bench` passes.")?;
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let missed = runtime.block_on(measure(Duration::from_secs(options.seconds)))?;
    Ok(if options.check && missed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn measure(time: Duration) -> anyhow::Result<bool> {
    sqlx::any::install_default_drivers();
    let (mut rows, mut missed) = (vec![], false);
    let quiet = quiet_worst(time).await?;
    for flood in Flood::ALL {
        let place = Arc::new(Place::open().await?);
        let other = place.caller("Other").await?;
        flood.prepare(&place).await?;
        let flooding = tokio::spawn({
            let place = place.clone();
            async move { flood.go(&place, time).await }
        });
        let worst = worst_write(&other, time).await?;
        let sent = flooding.await??;
        place.stop().await;
        let ratio = worst.as_secs_f64() / quiet.as_secs_f64();
        let holds = ratio < MOST_RATIO && worst < MOST;
        missed |= !holds;
        rows.push(vec![
            flood.name().to_owned(),
            sent.to_string(),
            format!("{:.1}", quiet.as_secs_f64() * 1000.0),
            format!("{:.1}", worst.as_secs_f64() * 1000.0),
            format!("{ratio:.1}"),
            if holds { "PASS" } else { "FAIL" }.to_owned(),
        ]);
    }
    out::line(&out::table(&["FLOOD", "SENT", "QUIET WORST MS", "WORST MS", "RATIO", ""], rows))?;
    Ok(missed)
}

/// The worst write while nobody floods, over as long as all floods take: a worst is rare, and a short look misses it.
async fn quiet_worst(time: Duration) -> anyhow::Result<Duration> {
    let place = Place::open().await?;
    let other = place.caller("Other").await?;
    let flood_count = u32::try_from(Flood::ALL.len())?;
    let worst = worst_write(&other, time * flood_count).await?;
    place.stop().await;
    Ok(worst)
}

/// Writes a small thing every few milliseconds, and answers how long the slowest took.
async fn worst_write(other: &Caller, time: Duration) -> anyhow::Result<Duration> {
    let (until, mut worst, mut n) = (Instant::now() + time, Duration::ZERO, 0);
    while Instant::now() < until {
        n += 1;
        let body = serde_json::json!({ "name": format!("Bundle {n}"), "monthly_sending_volume": 880 });
        let sent = Instant::now();
        other.post("/bundles", &body).await?;
        worst = worst.max(sent.elapsed());
        tokio::time::sleep(EVERY).await;
    }
    Ok(worst)
}
