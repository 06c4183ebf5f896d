//! From the request that makes an event until it is received, at a rate that is kept whatever the answers do.

use std::time::Duration;

use server::cli::out;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Extent;
use super::place::{Made, endpoint, tell};
use super::receiver::Receiver;
use crate::database::Database;
use crate::http::Connection;
use crate::others;
use crate::report::{Floors, at, title};
use crate::server_process::{Home, Server, Workers};

/// Events a second.
const RATES: [usize; 2] = [200, 1_000];

/// Connections that make them, in turn.
const CONNECTIONS: usize = 16;

/// The middle one, and the one that 99 of 100 stay below, in milliseconds.
const MOST: (f64, f64) = (3.0, 12.0);

/// How long the last ones may take.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn measure(extent: &Extent, floors: &mut Floors) -> anyhow::Result<()> {
    let receiver = Receiver::start()?;
    let mut rows = vec![];
    for rate in RATES {
        let others = others::share().await?;
        let home = Home::make(Database::Sqlite, 0).await?;
        let server = home.start(Workers::On).await?;
        // What nobody has asked for before costs more than it will.
        at_rate(&server, &receiver, rate, Duration::from_secs(1)).await?;
        let before = server.processor_time()?;
        let sorted = at_rate(&server, &receiver, rate, extent.time / 4).await?;
        let busy = (server.processor_time()? - before).as_secs_f64() / (extent.time / 4).as_secs_f64();
        server.end()?;
        let (p50, p99) = (at(&sorted, 500), at(&sorted, 990));
        rows.push(vec![
            rate.to_string(),
            format!("{p50:.1}"),
            format!("{p99:.1}"),
            format!("{:.1}", at(&sorted, 1000)),
            format!("{:.0}", busy * 100.0),
            others.to_string(),
        ]);
        floors.below(format!("SQLite: p50 from request to received at {rate}/s"), p50, MOST.0, " ms");
        floors.below(format!("SQLite: p99 from request to received at {rate}/s"), p99, MOST.1, " ms");
    }
    title("SQLite: from the request that makes an event until it is received");
    out::line(&out::table(&["EVENTS A SECOND", "P50 MS", "P99 MS", "WORST", "SERVER CPU %", "OTHERS %"], rows))?;
    Ok(())
}

/// How long each took, in milliseconds, from the shortest.
pub(super) async fn at_rate(
    server: &Server,
    receiver: &Receiver,
    rate: usize,
    time: Duration,
) -> anyhow::Result<Vec<f64>> {
    let endpoint = endpoint(server, &format!("{}/fast", receiver.url)).await?;
    receiver.came.clear();
    let (gap, began, mut senders) = (Duration::from_secs(1) / u32::try_from(rate)?, Instant::now(), JoinSet::new());
    for one in 0..CONNECTIONS {
        let (connection, endpoint) = (Connection::open(server).await?, endpoint.clone());
        let first = began + gap * u32::try_from(one)?;
        senders.spawn(keep(connection, endpoint, first, gap * u32::try_from(CONNECTIONS)?, began + time));
    }
    let mut made = vec![];
    while let Some(ended) = senders.join_next().await {
        made.extend(ended??);
    }
    receiver.came.reach(made.len(), PATIENCE).await?;
    let came = receiver.came.times();
    let took = |(event, due): &Made| came.get(event).map(|at| at.duration_since(*due).as_secs_f64() * 1000.0);
    let mut took: Vec<_> = made.iter().filter_map(took).collect();
    took.sort_by(f64::total_cmp);
    Ok(took)
}

/// Makes an event whenever it is time; what is late counts from when it was due.
async fn keep(
    mut connection: Connection,
    endpoint: String,
    first: Instant,
    gap: Duration,
    until: Instant,
) -> anyhow::Result<Vec<Made>> {
    let (mut made, mut due) = (vec![], first);
    while due < until {
        tokio::time::sleep_until(due).await;
        let (event, asked) = tell(&mut connection, &endpoint).await?;
        // The timer is coarse: only what an answer has made late is counted as late.
        made.push((event, if asked > due + gap { due } else { asked }));
        due += gap;
    }
    Ok(made)
}
