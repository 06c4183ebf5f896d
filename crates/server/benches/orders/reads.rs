//! How many orders a second are read, beside a bare route of the same server library that answers the same bytes.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use axum::http::header;
use server::cli::out;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::database::Database;
use crate::http::Connection;
use crate::load::DOMAINS;
use crate::others;
use crate::report::{Floors, title};
use crate::server_process::{Home, Workers, wait_for};
use crate::{Extent, order};

/// Connections that read.
const CONNECTIONS: usize = 32;

/// How much of the bare route's rate an order is read at.
const LEAST: f64 = 0.5;

/// Says where it is, and answers the same to everybody until it is killed.
pub(crate) async fn serve(bytes: String) -> anyhow::Result<()> {
    let answer = move || {
        let bytes = bytes.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], bytes) }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    out::line(&format!("http://{}", listener.local_addr()?))?;
    let router = axum::Router::new().route("/partner/v1/orders/{id}", axum::routing::get(answer));
    axum::serve(listener, router).await?;
    Ok(())
}

/// The bare route in a process of its own; it ends with this.
struct Bare {
    child: Child,
    address: String,
}

impl Drop for Bare {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn bare(bytes: &str) -> anyhow::Result<Bare> {
    let mut command = Command::new(std::env::current_exe()?);
    let mut child = command.args(["--bare-route", bytes]).stdout(Stdio::piped()).spawn()?;
    let mut output = std::io::BufReader::new(child.stdout.take().context("the route has no output")?);
    let address = wait_for(&mut output, |line| line.split_once("http://").map(|(_, rest)| rest.to_owned()))?;
    Ok(Bare { child, address })
}

pub(crate) async fn measure(database: &Database, extent: &Extent, floors: &mut Floors) -> anyhow::Result<()> {
    let home = Home::make(*database, 0).await?;
    let server = home.start(Workers::Idle).await?;
    let mut connection = Connection::open(&server).await?;
    let placed = connection.post("/partner/v1/orders", &order::body(DOMAINS, &order::stamp(1))).await?.data()?;
    let path = format!("/partner/v1/orders/{}", placed["id"].as_str().context("a receipt without an id")?);
    let bytes = String::from_utf8(connection.get(&path).await?.body)?;
    let bare = bare(&bytes)?;
    let (time, mut ratios, mut rows) = (Duration::from_secs(u64::from(extent.pgbench_seconds)), vec![], vec![]);
    for _ in 0..extent.completions {
        let others = others::share().await?;
        let before = rate(&bare.address, &server.key, &path, time).await?;
        let ours = rate(&server.address, &server.key, &path, time).await?;
        let bare = f64::midpoint(before, rate(&bare.address, &server.key, &path, time).await?);
        ratios.push(ours / bare);
        rows.push(vec![format!("{ours:.0}"), format!("{bare:.0}"), format!("{:.2}", ours / bare), others.to_string()]);
    }
    server.end()?;
    let name = database.name();
    title(&format!(
        "{name}: orders read a second, {CONNECTIONS} connections (bare: a route that answers the same bytes)"
    ));
    out::line(&out::table(&["READ A SECOND", "BARE", "RATIO", "OTHERS %"], rows))?;
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios.get(ratios.len() / 2).copied().unwrap_or(f64::NAN);
    floors.at_least(format!("{name}: orders read over a bare route"), ratio, LEAST, "");
    Ok(())
}

async fn rate(address: &str, key: &str, path: &str, time: Duration) -> anyhow::Result<f64> {
    let (mut readers, began) = (JoinSet::new(), Instant::now());
    for _ in 0..CONNECTIONS {
        let (mut connection, path) = (Connection::at(address, key).await?, path.to_owned());
        readers.spawn(async move {
            let mut count = 0_usize;
            while began.elapsed() < time {
                let answer = connection.get(&path).await?;
                anyhow::ensure!(answer.status == 200, "the server answered {}", answer.status);
                count += 1;
            }
            Ok(count)
        });
    }
    let mut count = 0;
    while let Some(ended) = readers.join_next().await {
        count += ended??;
    }
    Ok(count as f64 / began.elapsed().as_secs_f64())
}
