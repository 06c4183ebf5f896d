//! Events made and delivered at the same time: as many connections as like make them as fast as they are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use server::cli::out;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::place::{endpoint, sample, tell};
use super::receiver::Receiver;
use super::{Extent, bare};
use crate::database::Database;
use crate::http::Connection;
use crate::others;
use crate::report::{Floors, title};
use crate::server_process::{Home, Server, Workers};

/// Connections that make events.
const CONNECTIONS: usize = 32;

/// How much of the bare loop's rate is made and delivered.
const LEAST: f64 = 0.15;

/// Events that may wait at the end, as the time that they were made in.
const MOST_BEHIND: Duration = Duration::from_secs(1);

/// Events made and delivered at some moment.
#[derive(Clone, Copy, Default)]
struct Counts {
    made: usize,
    came: usize,
}

pub(super) async fn measure(extent: &Extent, floors: &mut Floors) -> anyhow::Result<()> {
    let receiver = Receiver::start()?;
    let others = others::share().await?;
    let before = bare::rate(&receiver, extent.backlog, "{}").await?;
    let home = Home::make(Database::Sqlite, 0).await?;
    let server = home.start(Workers::On).await?;
    let began = Instant::now();
    let (half, all) = both(extent, &server, &receiver).await?;
    let seconds = began.elapsed().as_secs_f64();
    let (body, processor) = (sample(&server).await?, server.processor_time()?);
    server.end()?;
    let bare = f64::midpoint(before, bare::rate(&receiver, extent.backlog, &body).await?);
    let (made, came) = (all.made as f64 / seconds, all.came as f64 / seconds);
    title(&format!("SQLite: events made by {CONNECTIONS} connections and delivered meanwhile, {seconds:.0} s"));
    let row = vec![
        format!("{made:.0}"),
        format!("{came:.0}"),
        (half.made - half.came.min(half.made)).to_string(),
        (all.made - all.came.min(all.made)).to_string(),
        format!("{:.0}", processor.as_secs_f64() * 1e6 / all.came as f64),
        format!("{bare:.0}"),
        format!("{:.3}", came / bare),
        others.to_string(),
    ];
    let header =
        ["MADE A SECOND", "DELIVERED", "BEHIND HALF-WAY", "AT THE END", "CPU US EACH", "BARE", "RATIO", "OTHERS %"];
    out::line(&out::table(&header, vec![row]))?;
    floors.at_least("SQLite: made and delivered over the bare loop".into(), came / bare, LEAST, "");
    let behind = (all.made - all.came.min(all.made)) as f64 / made;
    floors.below("SQLite: waiting at the end".into(), behind, MOST_BEHIND.as_secs_f64(), " s");
    Ok(())
}

/// What was made and delivered half-way and at the end.
async fn both(extent: &Extent, server: &Server, receiver: &Receiver) -> anyhow::Result<(Counts, Counts)> {
    let endpoint = endpoint(server, &format!("{}/fast", receiver.url)).await?;
    receiver.came.clear();
    let (made, mut senders, until) = (Arc::new(AtomicUsize::new(0)), JoinSet::new(), Instant::now() + extent.time);
    for _ in 0..CONNECTIONS {
        let (mut connection, made, endpoint) = (Connection::open(server).await?, made.clone(), endpoint.clone());
        senders.spawn(async move {
            while Instant::now() < until {
                tell(&mut connection, &endpoint).await?;
                made.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        });
    }
    let counts = || Counts { made: made.load(Ordering::Relaxed), came: receiver.came.len() };
    tokio::time::sleep_until(until - extent.time / 2).await;
    let half = counts();
    tokio::time::sleep_until(until).await;
    let all = counts();
    while let Some(ended) = senders.join_next().await {
        ended??;
    }
    Ok((half, all))
}
