//! A backlog to one endpoint that answers at once: every attempt is put down before the next look at it.

use std::time::Duration;

use server::cli::out;
use tokio::time::Instant;

use super::Extent;
use super::bare;
use super::place::{backlog, endpoint, middle, sample};
use super::receiver::Receiver;
use crate::database::Database;
use crate::others;
use crate::report::{Floors, title};
use crate::server_process::{Home, Workers};

/// How much of the bare loop's rate a backlog is drained at.
const LEAST: f64 = 0.35;

/// How long a drain may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// What came of one drain.
struct Drain {
    rate: f64,
    processor: Duration,
    body: String,
}

pub(super) async fn measure(extent: &Extent, floors: &mut Floors) -> anyhow::Result<()> {
    let receiver = Receiver::start()?;
    let (mut rows, mut ratios, mut body) = (vec![], vec![], "{}".to_owned());
    let mut before = bare::rate(&receiver, extent.backlog, &body).await?;
    for _ in 0..extent.rounds {
        let others = others::share().await?;
        let drain = one(extent, &receiver).await?;
        body = drain.body;
        let after = bare::rate(&receiver, extent.backlog, &body).await?;
        let bare = f64::midpoint(before, after);
        before = after;
        ratios.push(drain.rate / bare);
        let each = drain.processor.as_secs_f64() * 1e6 / extent.backlog as f64;
        rows.push(vec![
            format!("{:.0}", drain.rate),
            format!("{each:.0}"),
            format!("{bare:.0}"),
            format!("{:.2}", drain.rate / bare),
            others.to_string(),
        ]);
    }
    title("SQLite: a backlog to one endpoint (bare: the same client signs and posts, and nothing is put down)");
    out::line(&out::table(&["DELIVERED A SECOND", "CPU US EACH", "BARE", "RATIO", "OTHERS %"], rows))?;
    floors.at_least("SQLite: drain over the bare loop".into(), middle(ratios), LEAST, "");
    Ok(())
}

async fn one(extent: &Extent, receiver: &Receiver) -> anyhow::Result<Drain> {
    let home = Home::make(Database::Sqlite, 0).await?;
    let server = home.start(Workers::Idle).await?;
    let endpoint = endpoint(&server, &format!("{}/fast", receiver.url)).await?;
    backlog(&server, &server.key, &[endpoint], extent.backlog).await?;
    let body = sample(&server).await?;
    server.end()?;
    receiver.came.clear();
    let server = home.start(Workers::On).await?;
    let began = Instant::now();
    receiver.came.reach(extent.backlog, PATIENCE).await?;
    let took = began.elapsed() + server.ready_after;
    let processor = server.processor_time()?;
    server.end()?;
    Ok(Drain { rate: extent.backlog as f64 / took.as_secs_f64(), processor, body })
}
