//! The floods: what one partner can do with a free test key.

use std::time::Duration;

use futures_util::future::try_join_all;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::place::{Caller, Place};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Flood {
    /// An order of 500 names, and its clock moved five years.
    Years,
    /// Imports of 500 names, on 16 connections.
    Imports,
    /// Orders of two names, on 64 connections.
    Orders,
    /// Thousands of events sent again to a new endpoint.
    Replays,
}

impl Flood {
    pub(crate) const ALL: [Self; 4] = [Self::Years, Self::Imports, Self::Orders, Self::Replays];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Years => "500 names, five years",
            Self::Imports => "16 x 500 imports",
            Self::Orders => "orders from 64",
            Self::Replays => "replays",
        }
    }

    /// What has to be there before it begins.
    pub(crate) async fn prepare(self, place: &Place) -> anyhow::Result<()> {
        let caller = place.caller("Flood").await?;
        match self {
            Self::Years => {
                caller.post("/orders", &order("years", 0, 500)).await?;
                place.completed(&caller, 1).await
            }
            Self::Replays => {
                for part in 0..4 {
                    caller.post("/orders", &order("events", part, 500)).await?;
                }
                place.completed(&caller, 4).await
            }
            Self::Imports | Self::Orders => Ok(()),
        }
    }

    /// Goes on for so long, and answers how many calls were answered.
    pub(crate) async fn go(self, place: &Place, time: Duration) -> anyhow::Result<usize> {
        let (caller, until) = (place.caller("Flood").await?, Instant::now() + time);
        match self {
            Self::Years => {
                caller.post("/test/clock/advance", &json!({ "seconds": 5 * 365 * 24 * 3600 })).await?;
                Ok(1)
            }
            Self::Imports => {
                on(16, &caller, until, |one, n| {
                    ("/domains/import/jobs", json!({ "domains": names("import", one, n, 500) }))
                })
                .await
            }
            Self::Orders => on(64, &caller, until, |one, n| ("/orders", order("order", one * 1_000_000 + n, 2))).await,
            Self::Replays => replays(&caller, until).await,
        }
    }
}

/// Calls on so many connections, each of which waits for its answer before it sends the next; `busy` is one.
async fn on(
    connections: usize,
    caller: &Caller,
    until: Instant,
    call: impl Fn(usize, usize) -> (&'static str, Value),
) -> anyhow::Result<usize> {
    let call = &call;
    let each = (0..connections).map(|one| async move {
        let mut n = 0;
        while Instant::now() < until {
            let (path, body) = call(one, n);
            caller.send("POST", path, &body).await?;
            n += 1;
        }
        anyhow::Ok(n)
    });
    Ok(try_join_all(each).await?.into_iter().sum())
}

/// A new endpoint after the other, and everything sent to it.
async fn replays(caller: &Caller, until: Instant) -> anyhow::Result<usize> {
    let mut sent = 0;
    while Instant::now() < until {
        let made = caller.post("/webhook_endpoints", &json!({ "url": "https://example.com/hook" })).await?;
        let id = made["data"]["id"].as_str().unwrap_or_default().to_owned();
        let mut after = Value::Null;
        loop {
            let mut body = json!({ "since": "2020-01-01T00:00:00Z" });
            if !after.is_null() {
                body["after"] = after;
            }
            let replayed = caller.post(&format!("/webhook_endpoints/{id}/replay"), &body).await?;
            sent += 1;
            after = replayed["data"]["next_after"].clone();
            if after.is_null() || Instant::now() >= until {
                break;
            }
        }
        caller.send("DELETE", &format!("/webhook_endpoints/{id}"), &json!({})).await?;
    }
    Ok(sent)
}

fn names(what: &str, one: usize, n: usize, count: usize) -> Vec<String> {
    (0..count).map(|name| format!("{what}{one}x{n}x{name}.com")).collect()
}

fn order(what: &str, n: usize, count: usize) -> Value {
    json!({
        "user": "alex@acme.com",
        "google_licenses": 2 * count,
        "sequencer": { "provider": "smartlead", "login_email": "peeker@acme.com", "login_password": "hunter2-secret" },
        "forwarding_url": "https://acme.com",
        "domains": names(what, n, 0, count),
        "personas": [{ "first_name": "Alex", "last_name": "Rivera", "profile_picture_url": "" }],
    })
}
