//! How fast events are delivered, beside the bare loop of the same client: sign, post, wait for the answer.
//!
//! What the server tells is received by this process, as cheaply as possible, and the bare loop sends to the same receiver. Both
//! have the whole machine in turn.

use std::time::Duration;

use clap::ValueEnum;

use crate::report::Floors;

mod bare;
mod crowd;
mod drain;
mod flood;
mod latency;
mod place;
mod receiver;
mod sustained;

/// What is measured of deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    Drain,
    Crowd,
    Sustained,
    Latency,
    Flood,
}

/// How much is measured.
#[derive(Clone, Copy, Debug)]
struct Extent {
    /// Events in a backlog.
    backlog: usize,
    /// How often a ratio is measured; the middle one counts.
    rounds: usize,
    /// How long something goes on that is measured over time.
    time: Duration,
}

const FULL: Extent = Extent { backlog: 20_000, rounds: 3, time: Duration::from_secs(60) };
const QUICK: Extent = Extent { backlog: 5_000, rounds: 1, time: Duration::from_secs(10) };

/// Measures one part, or all.
pub(crate) async fn measure(quick: bool, only: Option<Part>, floors: &mut Floors) -> anyhow::Result<()> {
    let extent = if quick { &QUICK } else { &FULL };
    for part in Part::value_variants().iter().filter(|part| only.is_none_or(|only| only == **part)) {
        match part {
            Part::Drain => drain::measure(extent, floors).await?,
            Part::Crowd => crowd::measure(extent, floors).await?,
            Part::Sustained => sustained::measure(extent, floors).await?,
            Part::Latency => latency::measure(extent, floors).await?,
            Part::Flood => flood::measure(extent, floors).await?,
        }
    }
    Ok(())
}
