//! From the answer to an order until the order is completed.

use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;
use server::cli::out;
use tokio::time::Instant;

use crate::Extent;
use crate::database::Database;
use crate::http::Connection;
use crate::many;
use crate::order;
use crate::report::{Floors, title};
use crate::server_process::{Home, Server, Workers};
use crate::whole::Whole;

/// How many domains an order has.
const SIZES: [usize; 3] = [1, 19, LARGEST];

/// How many the largest order has.
const LARGEST: usize = 100;

/// How long a call to the sandbox takes, in milliseconds.
const STEP_DELAYS: [u64; 2] = [0, 20];

/// How often the order is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// When a test of an order is given up.
const PATIENCE: Duration = Duration::from_secs(120);

/// One order's life.
#[derive(Clone, Copy)]
struct Life {
    answered: Duration,
    completed: Duration,
    events: usize,
}

/// How much longer an order may take than the bare writing of everything that it writes; and how many domains a second are completed
/// for many partners, over those whose rows are only written.
const MOST: f64 = 2.5;
const LEAST: f64 = 0.5;

pub(crate) async fn measure(database: &Database, extent: &Extent, floors: &mut Floors) -> anyhow::Result<()> {
    let (mut rows, mut bare_rate) = (vec![], None);
    for domains in SIZES {
        let whole = match database {
            Database::Sqlite => Some(Whole::hear(domains).await?),
            Database::Postgres(_) => None,
        };
        for step_delay in STEP_DELAYS {
            let before = whole.as_ref().map(Whole::replay).transpose()?;
            let life = median(*database, extent, domains, step_delay).await?;
            let after = whole.as_ref().map(Whole::replay).transpose()?;
            let bare = before.zip(after).map(|(before, after)| (before + after) / 2);
            let statements = whole.as_ref().map_or(0, Whole::statements);
            rows.push(row((domains, step_delay), life, bare, statements));
            if let Some(bare) = bare.filter(|_| (domains, step_delay) == (LARGEST, 0)) {
                bare_rate = Some(domains as f64 / bare.as_secs_f64());
                let ratio = (life.answered + life.completed).as_secs_f64() / bare.as_secs_f64();
                floors.below(format!("SQLite: an order of {LARGEST} domains over the bare writing"), ratio, MOST, "");
            }
        }
    }
    title(&format!("{}: from the request to completion (bare: writing the same rows, in groups)", database.name()));
    let header =
        ["DOMAINS", "STEP DELAY MS", "ANSWERED MS", "COMPLETED MS", "EVENTS", "BARE MS", "STATEMENTS", "RATIO"];
    out::line(&out::table(&header, rows))?;
    let rate = many::rate(*database).await?;
    out::line(&format!("domains a second while nobody orders more, {} partners: {rate:.0}", many::PARTNERS))?;
    if let Some(bare) = bare_rate {
        out::line(&format!("bare: {bare:.0}"))?;
        floors.at_least("SQLite: domains completed a second over the bare writing".into(), rate / bare, LEAST, "");
    }
    Ok(())
}

fn row((domains, step_delay): (usize, u64), life: Life, bare: Option<Duration>, statements: usize) -> Vec<String> {
    let ms = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1000.0);
    let ratio = bare.map(|bare| (life.answered + life.completed).as_secs_f64() / bare.as_secs_f64());
    vec![
        domains.to_string(),
        step_delay.to_string(),
        ms(life.answered),
        ms(life.completed),
        life.events.to_string(),
        bare.map_or_else(|| "-".into(), ms),
        statements.to_string(),
        ratio.map_or_else(|| "-".into(), |ratio| format!("{ratio:.1}")),
    ]
}

/// The middle one of several orders, after one that does not count.
async fn median(database: Database, extent: &Extent, domains: usize, step_delay: u64) -> anyhow::Result<Life> {
    let home = Home::make(database, step_delay).await?;
    let server = home.start(Workers::On).await?;
    follow(&server, 1, 0).await?;
    let mut lives = vec![];
    for number in 1..=extent.completions {
        lives.push(follow(&server, domains, number as u64).await?);
    }
    lives.sort_by_key(|life| life.completed);
    lives.get(lives.len() / 2).copied().context("no completion was measured")
}

/// Places one order and looks at it until it is completed.
async fn follow(server: &Server, domains: usize, number: u64) -> anyhow::Result<Life> {
    let mut connection = Connection::open(server).await?;
    let body = order::body(domains, &order::stamp(number));
    let sent = Instant::now();
    let receipt = connection.post("/partner/v1/orders", &body).await?.data()?;
    let answered = Instant::now();
    let id = receipt["id"].as_str().context("a receipt without an id")?.to_owned();
    // The order itself would be a large answer each time: whoever looks is not to take much of the machine away.
    let path = "/partner/v1/orders?status=in_progress&per_page=1";
    while connection.get(path).await?.json()?["data"].as_array().is_some_and(|orders| !orders.is_empty()) {
        anyhow::ensure!(answered.elapsed() < PATIENCE, "the order is not completed");
        tokio::time::sleep(LOOK).await;
    }
    let completed = answered.elapsed();
    let order = connection.get(&format!("/partner/v1/orders/{id}")).await?.data()?;
    anyhow::ensure!(order["status"] == "completed", "the order is {}", order["status"]);
    let events = events_of(&mut connection, &id).await?;
    Ok(Life { answered: answered - sent, completed, events })
}

/// How many events were told of the newest order: `order.in_progress` is its first.
async fn events_of(connection: &mut Connection, order: &str) -> anyhow::Result<usize> {
    let (mut count, mut path) = (0, "/partner/v1/events?per_page=100".to_owned());
    loop {
        let page = connection.get(&path).await?.json()?;
        for event in page["data"].as_array().into_iter().flatten() {
            count += 1;
            if event["type"] == "order.in_progress" && event["data"]["id"] == order {
                return Ok(count);
            }
        }
        path = next(&page).context("the order's first event is not in the feed")?;
    }
}

/// The path of the next page; links in answers are absolute.
fn next(page: &Value) -> Option<String> {
    let link = page["links"]["next"].as_str()?;
    link.find("/partner/v1").map(|start| link[start..].to_owned())
}
