//! Doors with strangers before them, in memory with time that moves by itself, and on real sockets.

mod bounds;
mod deadlines;
mod stopping;

use std::future::pending;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use model::clock::{HandClock, Time};
use model::id::Ids;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::{Duration, sleep};
use tokio_util::sync::CancellationToken;

use super::{Door, most};
use crate::config::{Config, Flags};

const PEER: &str = "192.0.2.1";

/// A door to a few odd rooms, and the two ends of it.
struct House {
    door: Arc<Door>,
    leaving: CancellationToken,
    stop: CancellationToken,
}

fn house(adjust: impl FnOnce(&mut Config)) -> House {
    let mut config = Config::load(None, &Flags::default()).expect("the defaults are fine");
    adjust(&mut config);
    let router = Router::new()
        .route("/", get(async || "well"))
        .route("/slow", get(async || sleep(Duration::from_secs(20)).await))
        .route("/never", get(async || pending::<()>().await))
        .route("/long", get(async || vec![b'x'; 1 << 20]))
        .route("/stream", get(async || axum::response::Sse::new(ticks())))
        .route("/body", post(async |body: Bytes| body.len().to_string()));
    let (leaving, stop) = (CancellationToken::new(), CancellationToken::new());
    let ids = Ids::seeded(HandClock::at(Time::from_millis(1_800_000_000_000)), 1);
    House {
        door: Arc::new(Door::new(("api", most(&config)), &config, router, ids, leaving.clone(), stop.clone())),
        leaving,
        stop,
    }
}

/// An event each quarter of a minute, for an hour.
fn ticks() -> impl futures_util::Stream<Item = Result<axum::response::sse::Event, std::convert::Infallible>> {
    futures_util::stream::unfold(0, |count| async move {
        sleep(Duration::from_secs(15)).await;
        (count < 240).then(|| (Ok(axum::response::sse::Event::default().data("tick")), count + 1))
    })
}

impl House {
    /// Somebody who connects, with so many bytes between them and us.
    fn visitor(&self, buffer: usize) -> (DuplexStream, JoinHandle<()>) {
        let (ours, theirs) = duplex(buffer);
        (theirs, tokio::spawn(self.door.clone().hold(ours, PEER.parse().expect("an address"))))
    }
}

async fn say(stream: &mut DuplexStream, text: &str) {
    stream.write_all(text.as_bytes()).await.expect("it is taken");
}

/// Everything until the other side hangs up.
async fn rest(stream: &mut DuplexStream) -> String {
    let mut text = vec![];
    stream.read_to_end(&mut text).await.expect("an end");
    String::from_utf8_lossy(&text).into_owned()
}

/// Everything up to a text.
async fn until(stream: &mut DuplexStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        text.push(char::from(stream.read_u8().await.expect("more")));
    }
    text
}
