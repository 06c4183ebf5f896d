//! A server with endpoints, and events for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, bail};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::http::Connection;
use crate::report::at;
use crate::server_process::Server;

/// Makes an endpoint, and answers its id.
pub(super) async fn endpoint(server: &Server, url: &str) -> anyhow::Result<String> {
    endpoint_of(&mut Connection::open(server).await?, url).await
}

/// The same for whoever's connection it is.
pub(super) async fn endpoint_of(connection: &mut Connection, url: &str) -> anyhow::Result<String> {
    let made = connection.post("/partner/v1/webhook_endpoints", &json!({ "url": url }).to_string()).await?.data()?;
    Ok(made["id"].as_str().context("an endpoint without an id")?.to_owned())
}

/// An event that was made, and when it was asked for.
pub(super) type Made = (String, Instant);

/// Has an event told to an endpoint.
pub(super) async fn tell(connection: &mut Connection, endpoint: &str) -> anyhow::Result<Made> {
    let asked = Instant::now();
    let answer = connection.post(&format!("/partner/v1/webhook_endpoints/{endpoint}/test"), "").await?;
    if answer.status != 202 {
        bail!("the server answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
    }
    let event = answer.data()?["event_id"].as_str().context("a delivery without an event")?.to_owned();
    Ok((event, asked))
}

/// Connections that make a backlog.
const CONNECTIONS: usize = 32;

/// Has so many events of a partner told in all, to its endpoints in turn.
pub(super) async fn backlog(server: &Server, key: &str, endpoints: &[String], events: usize) -> anyhow::Result<()> {
    let (next, mut senders) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
    for _ in 0..CONNECTIONS {
        let mut connection = Connection::open_as(server, key).await?;
        let (next, endpoints) = (next.clone(), endpoints.to_vec());
        senders.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= events {
                    return anyhow::Ok(());
                }
                tell(&mut connection, &endpoints[number % endpoints.len()]).await?;
            }
        });
    }
    while let Some(ended) = senders.join_next().await {
        ended??;
    }
    Ok(())
}

/// The body of one event, as it is sent.
pub(super) async fn sample(server: &Server) -> anyhow::Result<String> {
    let list = Connection::open(server).await?.get("/partner/v1/events?per_page=1").await?.json()?;
    Ok(list["data"][0].to_string())
}

/// The middle one of some.
pub(super) fn middle(mut some: Vec<f64>) -> f64 {
    some.sort_by(f64::total_cmp);
    at(&some, 500)
}
