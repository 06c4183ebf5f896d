//! Orders as fast as answers come, over a number of kept connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::bail;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::http::Connection;
use crate::order;
use crate::server_process::Server;

/// Domains in each order.
pub(crate) const DOMAINS: usize = 2;

/// The longest that one level is measured for.
const LIMIT: Duration = Duration::from_secs(20);

/// Where the numbers of counted orders begin; those below warm up.
const COUNTED: u64 = 1_000_000;

/// What came of it.
#[derive(Debug)]
pub(crate) struct Load {
    took: Duration,
    /// Of the server.
    processor_time: Duration,
    /// From the shortest to the longest.
    latencies: Vec<Duration>,
}

impl Load {
    /// Orders a second.
    pub(crate) fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.took.as_secs_f64()
    }

    /// How long the sending took.
    pub(crate) const fn took(&self) -> Duration {
        self.took
    }

    /// The server's processor time for each order, in milliseconds.
    pub(crate) fn processor_ms(&self) -> f64 {
        self.processor_time.as_secs_f64() * 1000.0 / self.latencies.len() as f64
    }

    /// The latency that so many of a hundred orders stayed within, in milliseconds.
    pub(crate) fn percentile_ms(&self, percent: usize) -> f64 {
        let place = (self.latencies.len() * percent).div_ceil(100).saturating_sub(1);
        self.latencies.get(place).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1000.0)
    }
}

/// Lets every connection place two orders that do not count, and then all of them so many that do.
pub(crate) async fn run(server: &Server, connections: usize, orders: u64) -> anyhow::Result<Load> {
    let open = warm(server, connections).await?;
    Ok(again(server, open, 0, orders).await?.1)
}

/// Connections that have placed two orders each.
pub(crate) async fn warm(server: &Server, connections: usize) -> anyhow::Result<Vec<Connection>> {
    let mut open = vec![];
    for _ in 0..connections {
        open.push(Connection::open(server).await?);
    }
    Ok(send(open, 0..2 * u64::try_from(connections)?).await?.0)
}

/// Places so many orders after those of that number.
pub(crate) async fn again(
    server: &Server,
    open: Vec<Connection>,
    after: u64,
    orders: u64,
) -> anyhow::Result<(Vec<Connection>, Load)> {
    let before = server.processor_time()?;
    let (open, load) = send(open, COUNTED + after..COUNTED + after + orders).await?;
    Ok((open, Load { processor_time: server.processor_time()? - before, ..load }))
}

async fn send(connections: Vec<Connection>, numbers: std::ops::Range<u64>) -> anyhow::Result<(Vec<Connection>, Load)> {
    let next = Arc::new(AtomicU64::new(numbers.start));
    let began = Instant::now();
    let mut senders = JoinSet::new();
    for connection in connections {
        senders.spawn(send_on(connection, next.clone(), numbers.end, began + LIMIT));
    }
    let (mut open, mut latencies) = (vec![], vec![]);
    while let Some(ended) = senders.join_next().await {
        let (connection, its) = ended??;
        open.push(connection);
        latencies.extend(its);
    }
    let took = began.elapsed();
    latencies.sort_unstable();
    Ok((open, Load { took, processor_time: Duration::ZERO, latencies }))
}

async fn send_on(
    mut connection: Connection,
    next: Arc<AtomicU64>,
    end: u64,
    until: Instant,
) -> anyhow::Result<(Connection, Vec<Duration>)> {
    let mut latencies = vec![];
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= end || Instant::now() >= until {
            return Ok((connection, latencies));
        }
        let body = order::body(DOMAINS, &order::stamp(number));
        let sent = Instant::now();
        let answer = connection.post("/partner/v1/orders", &body).await?;
        latencies.push(sent.elapsed());
        if answer.status != 200 {
            bail!("the server answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        }
    }
}
