//! A backlog to many endpoints: half of them answer at once, a quarter after two seconds, and a quarter never.

use std::time::Duration;

use server::cli::out;
use tokio::time::Instant;

use super::Extent;
use super::place::{backlog, endpoint_of};
use super::receiver::Receiver;
use crate::database::Database;
use crate::http::Connection;
use crate::others;
use crate::report::{Floors, at, title};
use crate::server_process::{Home, Workers};

/// Partners, and how many endpoints each has.
const PARTNERS: usize = 4;
const ENDPOINTS: usize = 16;

/// What the fast half keeps of the rate that it has alone, and how much later its last ones may be.
const LEAST: f64 = 0.8;
const MOST: f64 = 2.0;

/// How long a drain may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// How the fast half was drained.
struct Drain {
    rate: f64,
    /// When 99 of 100 were received, from the start of the workers, in seconds.
    p99: f64,
}

pub(super) async fn measure(extent: &Extent, floors: &mut Floors) -> anyhow::Result<()> {
    let receiver = Receiver::start()?;
    let others = others::share().await?;
    let alone = one(extent, &receiver, false).await?;
    let together = one(extent, &receiver, true).await?;
    title(&format!(
        "SQLite: a backlog to {} endpoints, a quarter of them slow and a quarter dead; and to the fast half alone",
        PARTNERS * ENDPOINTS
    ));
    let (rate, late) = (together.rate / alone.rate, together.p99 / alone.p99);
    let row = vec![
        format!("{:.0}", alone.rate),
        format!("{:.0}", together.rate),
        format!("{rate:.2}"),
        format!("{:.2}", alone.p99),
        format!("{:.2}", together.p99),
        format!("{late:.2}"),
        others.to_string(),
    ];
    let header = ["ALONE A SECOND", "TOGETHER", "RATIO", "P99 ALONE S", "TOGETHER", "RATIO", "OTHERS %"];
    out::line(&out::table(&header, vec![row]))?;
    floors.at_least("SQLite: the fast half beside the ill ones over alone".into(), rate, LEAST, "");
    floors.below("SQLite: p99 of the fast half over alone".into(), late, MOST, "");
    Ok(())
}

async fn one(extent: &Extent, receiver: &Receiver, with_ill: bool) -> anyhow::Result<Drain> {
    let home = Home::make(Database::Sqlite, 0).await?;
    let keys: Vec<_> = (0..PARTNERS).map(|n| home.partner(&format!("Partner {n}"))).collect::<Result<_, _>>()?;
    let server = home.start(Workers::Idle).await?;
    for key in &keys {
        let (mut fast, mut ill) = (vec![], vec![]);
        let mut connection = Connection::open_as(&server, key).await?;
        for n in 0..ENDPOINTS {
            let path = ["fast", "slow", "fast", "dead"][n % 4];
            let made = endpoint_of(&mut connection, &format!("{}/{path}?{n}", receiver.url)).await?;
            if path == "fast" { &mut fast } else { &mut ill }.push(made);
        }
        let events = extent.backlog / PARTNERS;
        backlog(&server, key, &fast, events).await?;
        if with_ill {
            backlog(&server, key, &ill, events).await?;
        }
    }
    server.end()?;
    receiver.came.clear();
    let server = home.start(Workers::On).await?;
    let began = Instant::now();
    receiver.came.reach(extent.backlog / PARTNERS * PARTNERS, PATIENCE).await?;
    let took = began.elapsed() + server.ready_after;
    let started = began - server.ready_after;
    server.end()?;
    let mut came: Vec<_> =
        receiver.came.times().into_values().map(|at| at.duration_since(started).as_secs_f64()).collect();
    came.sort_by(f64::total_cmp);
    Ok(Drain { rate: extent.backlog as f64 / took.as_secs_f64(), p99: at(&came, 990) })
}
