//! Domains completed a second, of many partners at once, while nobody orders more.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::database::Database;
use crate::http::Connection;
use crate::load::DOMAINS;
use crate::order;
use crate::server_process::{Home, Server, Workers};

/// Partners, and how many orders each has placed.
pub(crate) const PARTNERS: u64 = 8;
const ORDERS: u64 = 100;

/// How often it is looked.
const LOOK: Duration = Duration::from_millis(20);

/// Waits until nothing that a key has ordered is under way: asked as a partner asks, for whoever opens the database beside the
/// server is in its way.
pub(crate) async fn end(server: &Server, key: &str) -> anyhow::Result<()> {
    let mut connection = Connection::open_as(server, key).await?;
    loop {
        let list = connection.get("/partner/v1/orders?status=in_progress&per_page=1").await?.json()?;
        if list["data"].as_array().is_some_and(Vec::is_empty) {
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Domains a second from the start of the process with workers.
pub(crate) async fn rate(database: Database) -> anyhow::Result<f64> {
    let home = Home::make(database, 0).await?;
    let keys: Vec<_> = (0..PARTNERS).map(|n| home.partner(&format!("Partner {n}"))).collect::<Result<_, _>>()?;
    let server = home.start(Workers::Idle).await?;
    let mut placing = JoinSet::new();
    for (n, key) in (0..).zip(&keys) {
        let mut connection = Connection::open_as(&server, key).await?;
        placing.spawn(async move {
            for order in 0..ORDERS {
                let body = order::body(DOMAINS, &order::stamp(n * ORDERS + order));
                let answer = connection.post("/partner/v1/orders", &body).await?;
                anyhow::ensure!(answer.status == 200, "{}", String::from_utf8_lossy(&answer.body));
            }
            Ok(())
        });
    }
    while let Some(ended) = placing.join_next().await {
        ended??;
    }
    server.end()?;
    let server = home.start(Workers::On).await?;
    let began = Instant::now();
    for key in &keys {
        end(&server, key).await?;
    }
    let took = began.elapsed() + server.ready_after;
    server.end()?;
    Ok((PARTNERS * ORDERS) as f64 * DOMAINS as f64 / took.as_secs_f64())
}
