//! Everything that an order writes until it is completed, and how long the bare writing of it takes: the same statements on one
//! connection of the same library, with as much memory for pages, each commit synced, in groups of as many writes as the server puts together at most.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::body::Body;
use axum::http::Request;
use model::clock::SystemClock;
use model::id::Ids;
use providers::egress::Egress;
use rusqlite::Connection;
use rusqlite::types::Value as Bound;
use server::accounts::Players;
use server::config::{Config, Flags};
use server::wire::{self, Surroundings};
use store::{Noted, Opening, Statement, Store, Value, Witness, Writing};
use tokio::time::Instant;
use tower::ServiceExt as _;

use crate::database::Database;
use crate::order;
use crate::server_process::Home;

/// Writes that are committed together.
const GROUP: usize = 64;

/// How long an order may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What an order has written, and the database from before it.
pub(crate) struct Whole {
    home: Home,
    /// One write after the other, as they were committed.
    writes: Vec<Vec<Statement>>,
}

/// What the server's writer was heard to send.
type Heard = Arc<Mutex<Vec<Vec<Statement>>>>;

impl Whole {
    /// Places an order of so many domains at a server of its own, and hears what is written until it is completed.
    pub(crate) async fn hear(domains: usize) -> anyhow::Result<Self> {
        let home = Home::make(Database::Sqlite, 0).await?;
        std::fs::copy(home.file("mailwright.db"), home.file("before.db"))?;
        let heard = Heard::default();
        complete(&home, domains, &heard).await?;
        let writes = std::mem::take(&mut *heard.lock().map_err(|_| anyhow::anyhow!("somebody has panicked"))?);
        Ok(Self { home, writes })
    }

    /// How many statements there are.
    pub(crate) fn statements(&self) -> usize {
        self.writes.iter().map(Vec::len).sum()
    }

    /// How long the bare writing takes.
    pub(crate) fn replay(&self) -> anyhow::Result<Duration> {
        let file = self.home.file("replayed.db");
        for end in ["", "-wal", "-shm"] {
            // There is none the first time.
            let _ = std::fs::remove_file(format!("{}{end}", file.display()));
        }
        std::fs::copy(self.home.file("before.db"), &file)?;
        let mut bare = open(&file)?;
        let writes: Vec<Vec<_>> = self.writes.iter().map(|write| write.iter().map(bound).collect()).collect();
        let began = Instant::now();
        for group in writes.chunks(GROUP) {
            let transaction = bare.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            for (sql, values) in group.iter().flatten() {
                let mut statement = transaction.prepare_cached(sql)?;
                for (place, value) in (1..).zip(values) {
                    statement.raw_bind_parameter(place, value)?;
                }
                let mut rows = statement.raw_query();
                while rows.next()?.is_some() {}
            }
            transaction.commit()?;
        }
        Ok(began.elapsed())
    }
}

fn open(file: &Path) -> anyhow::Result<Connection> {
    let bare = Connection::open(file)?;
    bare.set_prepared_statement_cache_capacity(256);
    bare.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY")?;
    bare.execute_batch("PRAGMA cache_size = -16384")?;
    Ok(bare)
}

/// A statement as the library takes it: places are numbered, and not named.
fn bound(statement: &Statement) -> (String, Vec<Bound>) {
    let value = |value: &Value| match value {
        Value::Text(Some(text)) => Bound::Text(text.clone()),
        Value::Int(Some(number)) => Bound::Integer(*number),
        Value::Text(None) | Value::Int(None) => Bound::Null,
    };
    (statement.sql.replace('$', "?"), statement.values.iter().map(value).collect())
}

/// Whether a statement of the writer's wrote.
fn wrote(statement: &Statement) -> bool {
    let verb = statement.sql.trim_start();
    let changes = ["INSERT", "UPDATE", "DELETE"].iter().any(|word| verb.starts_with(word));
    statement.rows > 0 && (changes || verb.starts_with("WITH due"))
}

async fn complete(home: &Home, domains: usize, heard: &Heard) -> anyhow::Result<()> {
    let noted = heard.clone();
    let witness = Witness::new(move |write: Noted| {
        let wrote: Vec<_> = write.statements.into_iter().filter(wrote).collect();
        if write.kind.is_some()
            && !wrote.is_empty()
            && let Ok(mut all) = noted.lock()
        {
            all.push(wrote);
        }
    });
    let flags = Flags { data: Some(home.place.folder.path().to_owned()), database_url: None, listen: None };
    let mut config = Config::load(None, &flags).map_err(|faults| anyhow::anyhow!(faults.join("; ")))?;
    config.rate_limit.per_minute = 0;
    config.sandbox.step_delay_ms = 0;
    let opening = wire::opening(&config, false);
    let writing = Writing { witness: Some(witness), ..Writing::default() };
    let store = Store::open(&Opening { writing, ..opening }).await?;
    let clock = Arc::new(SystemClock);
    let sim = wire::open_sim(&config, clock.clone()).await.map_err(|fault| anyhow::anyhow!(fault))?;
    let ids = Ids::new(clock.clone());
    let courier = Arc::new(Egress::new(false)?);
    let around = Surroundings { clock, ids, courier, players: Players::default(), probe: None };
    let wired = wire::wire(&config, "http://mailwright.test".into(), store, sim, around);
    let router = api::router(wired.app.clone());
    let engine = wired.engine.clone();
    let working = tokio::spawn(async move { engine.run().await });
    let (_, placed) = send(&router, home, "POST", "/orders", order::body(domains, &order::stamp(1))).await?;
    let id = placed["data"]["id"].as_str().context("a receipt without an id")?.to_owned();
    let until = Instant::now() + PATIENCE;
    while send(&router, home, "GET", &format!("/orders/{id}"), String::new()).await?.1["data"]["status"] != "completed"
    {
        anyhow::ensure!(Instant::now() < until, "the order is not completed");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    wired.stop.cancel();
    working.await?;
    wired.close().await;
    Ok(())
}

async fn send(
    router: &axum::Router,
    home: &Home,
    method: &str,
    path: &str,
    body: String,
) -> anyhow::Result<(u16, serde_json::Value)> {
    let request = Request::builder()
        .method(method)
        .uri(format!("/partner/v1{path}"))
        .header("authorization", format!("Bearer {}", home.key()))
        .header("content-type", "application/json");
    let response = router.clone().oneshot(request.body(Body::from(body))?).await?;
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await?;
    let answer = serde_json::from_slice(&bytes)?;
    if !(200..300).contains(&status) {
        bail!("{path} answered {status}: {answer}");
    }
    Ok((status, answer))
}
