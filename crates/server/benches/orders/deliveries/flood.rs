//! Events of one partner while another places orders as fast as they are answered, and how many orders are completed
//! meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::bail;
use server::cli::out;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Extent;
use super::latency::at_rate;
use super::receiver::Receiver;
use crate::database::Database;
use crate::http::Connection;
use crate::placing::completed;
use crate::report::{Floors, at, title};
use crate::server_process::{Home, Server, Workers};
use crate::{many, order, others};

/// Connections that place orders.
const CONNECTIONS: usize = 64;

/// Domains in each.
const DOMAINS: usize = 2;

/// Orders that are completed while nobody places more, to see how fast that is.
const PEAK: u64 = 600;

/// Events a second of the other partner.
const RATE: usize = 200;

/// The longest that 99 of 100 events may take, in milliseconds, and how much of their peak orders are completed at.
const MOST_P99_MS: f64 = 1_000.0;
const LEAST: f64 = 0.5;

pub(super) async fn measure(extent: &Extent, floors: &mut Floors) -> anyhow::Result<()> {
    sqlx::any::install_default_drivers();
    let receiver = Receiver::start()?;
    let others = others::share().await?;
    let peak = peak().await?;
    let home = Home::make(Database::Sqlite, 0).await?;
    let key = home.partner("Flood")?;
    let server = home.start(Workers::On).await?;
    let (until, placed) = (Instant::now() + extent.time / 2, Arc::new(AtomicU64::new(0)));
    let flooding = flood(&server, &key, placed.clone(), Some(until), u64::MAX).await?;
    let sorted = at_rate(&server, &receiver, RATE, extent.time / 2).await?;
    let completed = completed(&home.place.url).await? as f64 / (extent.time / 2).as_secs_f64();
    end(flooding).await?;
    server.end()?;
    let (p50, p99, placed) = (at(&sorted, 500), at(&sorted, 990), placed.load(Ordering::Relaxed));
    title(&format!("SQLite: {RATE} events a second while {CONNECTIONS} connections of another partner place orders"));
    let row = vec![
        format!("{p50:.1}"),
        format!("{p99:.1}"),
        format!("{:.0}", placed as f64 / (extent.time / 2).as_secs_f64()),
        format!("{completed:.0}"),
        format!("{peak:.0}"),
        format!("{:.2}", completed / peak),
        others.to_string(),
    ];
    let header = ["P50 MS", "P99 MS", "PLACED A SECOND", "COMPLETED", "AT PEAK", "RATIO", "OTHERS %"];
    out::line(&out::table(&header, vec![row]))?;
    floors.below("SQLite: p99 of events under a flood of orders".into(), p99, MOST_P99_MS, " ms");
    floors.at_least("SQLite: orders completed under it over their peak".into(), completed / peak, LEAST, "");
    Ok(())
}

/// Orders a second that are completed while nobody places any.
async fn peak() -> anyhow::Result<f64> {
    let home = Home::make(Database::Sqlite, 0).await?;
    let server = home.start(Workers::Idle).await?;
    end(flood(&server, &server.key, Arc::default(), None, PEAK).await?).await?;
    server.end()?;
    let server = home.start(Workers::On).await?;
    let began = Instant::now();
    many::end(&server, &server.key).await?;
    let took = began.elapsed() + server.ready_after;
    server.end()?;
    Ok(PEAK as f64 / took.as_secs_f64())
}

/// Begins to place orders, until some time or number.
async fn flood(
    server: &Server,
    key: &str,
    placed: Arc<AtomicU64>,
    until: Option<Instant>,
    most: u64,
) -> anyhow::Result<JoinSet<anyhow::Result<()>>> {
    let mut senders = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (mut connection, placed) = (Connection::open_as(server, key).await?, placed.clone());
        senders.spawn(async move {
            while until.is_none_or(|until| Instant::now() < until) {
                let number = placed.fetch_add(1, Ordering::Relaxed);
                if number >= most {
                    break;
                }
                let answer =
                    connection.post("/partner/v1/orders", &order::body(DOMAINS, &order::stamp(number))).await?;
                if answer.status != 200 {
                    bail!("the server answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
                }
            }
            Ok(())
        });
    }
    Ok(senders)
}

async fn end(mut senders: JoinSet<anyhow::Result<()>>) -> anyhow::Result<()> {
    while let Some(ended) = senders.join_next().await {
        ended??;
    }
    Ok(())
}
