//! Orders at a rate that is kept whatever the answers do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::log::Log;
use crate::http::Connection;
use crate::load::DOMAINS;
use crate::order;
use crate::server_process::Server;

/// Connections that place them, in turn.
const CONNECTIONS: u32 = 16;

/// An order that was placed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// From when it was due to be sent until it was answered, in milliseconds.
    pub(super) ms: f64,
    /// Whether the log was being copied into the database meanwhile.
    pub(super) is_beside_a_copy: bool,
}

/// How many were placed so far.
#[derive(Debug, Default)]
pub(super) struct Placed {
    pub(super) all: AtomicUsize,
    pub(super) beside_a_copy: AtomicUsize,
}

/// Says whether more are wanted.
pub(super) type GoesOn = Arc<dyn Fn(&Placed) -> bool + Send + Sync>;

/// Who places them, and where.
#[derive(Debug)]
pub(super) struct Customers<'a> {
    pub(super) server: &'a Server,
    pub(super) log: Arc<Log>,
    /// That of the next order: no two are the same.
    next: Arc<AtomicU64>,
}

/// One of them, as one connection has it.
struct Sender {
    connection: Connection,
    log: Arc<Log>,
    next: Arc<AtomicU64>,
    placed: Arc<Placed>,
    goes_on: GoesOn,
}

impl<'a> Customers<'a> {
    pub(super) fn of(server: &'a Server, log: Log) -> Self {
        Self { server, log: Arc::new(log), next: Arc::default() }
    }

    /// Places so many a second while more are wanted.
    pub(super) async fn place(&self, rate: u32, goes_on: GoesOn) -> anyhow::Result<Vec<Sample>> {
        let (gap, placed, mut senders) = (Duration::from_secs(1) / rate, Arc::new(Placed::default()), JoinSet::new());
        let mut ready = vec![];
        for _ in 0..CONNECTIONS {
            ready.push(Sender {
                connection: Connection::open(self.server).await?,
                log: self.log.clone(),
                next: self.next.clone(),
                placed: placed.clone(),
                goes_on: goes_on.clone(),
            });
        }
        let began = Instant::now();
        for (one, sender) in (0..).zip(ready) {
            senders.spawn(sender.keep(began + gap * one, gap * CONNECTIONS));
        }
        let mut samples = vec![];
        while let Some(ended) = senders.join_next().await {
            samples.extend(ended??);
        }
        Ok(samples)
    }
}

impl Sender {
    async fn keep(mut self, first: Instant, gap: Duration) -> anyhow::Result<Vec<Sample>> {
        let (mut samples, mut due) = (vec![], first);
        while (self.goes_on)(&self.placed) {
            // The timer is coarse: only what an answer has made late is counted as late.
            let is_late = Instant::now() > due;
            tokio::time::sleep_until(due).await;
            let from = if is_late { due } else { Instant::now() };
            samples.push(self.place(from).await?);
            due += gap;
        }
        Ok(samples)
    }

    async fn place(&mut self, from: Instant) -> anyhow::Result<Sample> {
        let body = order::body(DOMAINS, &order::stamp(self.next.fetch_add(1, Ordering::Relaxed)));
        let before = self.log.look()?;
        let answer = self.connection.post("/partner/v1/orders", &body).await?;
        let ms = from.elapsed().as_secs_f64() * 1000.0;
        let is_beside_a_copy = self.log.look()?.copied_since(&before);
        let said = || String::from_utf8_lossy(&answer.body);
        anyhow::ensure!(answer.status == 200, "the server answered {}: {}", answer.status, said());
        self.placed.all.fetch_add(1, Ordering::Relaxed);
        self.placed.beside_a_copy.fetch_add(usize::from(is_beside_a_copy), Ordering::Relaxed);
        Ok(Sample { ms, is_beside_a_copy })
    }
}
