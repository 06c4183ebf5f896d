//! What work costs: no transaction grows with the years that have passed, and all of them together grow with the names
//! and not with their square. Counted in rows and statements.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use model::task::Lane;
use serde_json::{Value, json};
use store::{Kind, Noted, Witness};

use crate::support::{Rig, postgres};

/// What one write cost.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    statements: u64,
    /// Read and written.
    rows: u64,
    /// In the statement that has the most.
    values: u64,
}

#[derive(Clone, Default)]
struct Costs(Arc<Mutex<Vec<(Kind, Cost)>>>);

impl Costs {
    fn witness(&self) -> Witness {
        let costs = self.0.clone();
        Witness::new(move |noted: Noted| {
            let Some(kind) = noted.kind else { return };
            let mut cost = Cost { statements: noted.statements.len() as u64, ..Cost::default() };
            for statement in &noted.statements {
                cost.rows += statement.rows;
                cost.values = cost.values.max(statement.values.len() as u64);
            }
            costs.lock().unwrap().push((kind, cost));
        })
    }

    /// What was counted since the last time.
    fn take(&self) -> Bill {
        let (mut bill, costs) = (Bill::default(), std::mem::take(&mut *self.0.lock().unwrap()));
        for (kind, cost) in costs {
            let (total, most) = bill.kinds.entry(kind).or_default();
            total.statements += cost.statements;
            total.rows += cost.rows;
            most.statements = most.statements.max(cost.statements);
            most.rows = most.rows.max(cost.rows);
            bill.values = bill.values.max(cost.values);
            *bill.writes.entry(kind).or_default() += 1;
        }
        bill
    }
}

/// What a stretch of a story cost, by kinds of work: in all, and the dearest write.
#[derive(Debug, Default)]
struct Bill {
    kinds: HashMap<Kind, (Cost, Cost)>,
    writes: HashMap<Kind, u64>,
    values: u64,
}

impl Bill {
    fn rows(&self) -> u64 {
        self.kinds.values().map(|(total, _)| total.rows).sum()
    }

    fn statements(&self) -> u64 {
        self.kinds.values().map(|(total, _)| total.statements).sum()
    }

    fn most_rows(&self) -> u64 {
        self.kinds.values().map(|(_, most)| most.rows).max().unwrap_or(0)
    }
}

fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{prefix}{n}.com")).collect()
}

fn order_of(names: &[String]) -> Value {
    json!({
        "user": "alex@acme.com",
        "google_licenses": 2 * names.len(),
        "sequencer": { "provider": "smartlead", "client_id": 366_903, "login_email": "peeker@acme.com", "login_password": "hunter2-secret" },
        "forwarding_url": "https://acme.com",
        "domains": names,
        "personas": [{ "first_name": "Alex", "last_name": "Rivera", "profile_picture_url": "" }],
    })
}

async fn post(rig: &Rig, path: &str, body: &Value) {
    let answer = rig.call("POST", path, Some(body)).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.body);
}

const YEAR: i64 = 365 * 24 * 3600;

/// What a large order, a large import and their ends cost, stretch by stretch.
async fn life(database_url: Option<String>, size: usize) -> Vec<(&'static str, Bill)> {
    let costs = Costs::default();
    let rig = Rig::witnessed(database_url, costs.witness()).await;
    costs.take();
    let mut bills = vec![];
    let id = rig.place(&order_of(&names("order", size))).await;
    bills.push(("placing", costs.take()));
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "completed");
    bills.push(("making", costs.take()));
    post(&rig, "/domains/import/jobs", &json!({ "domains": names("import", size) })).await;
    bills.push(("importing", costs.take()));
    rig.settle_all().await;
    bills.push(("connecting", costs.take()));
    post(&rig, "/test/clock/advance", &json!({ "seconds": YEAR })).await;
    rig.work_off().await;
    bills.push(("a year", costs.take()));
    post(&rig, &format!("/orders/{id}/cancel"), &json!({})).await;
    bills.push(("cancelling", costs.take()));
    post(&rig, "/test/clock/advance", &json!({ "seconds": 32 * 24 * 3600 })).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "cancelled");
    bills.push(("leaving", costs.take()));
    bills
}

async fn twice_the_names_cost_twice_as_much(url: impl AsyncFn() -> Option<String>) {
    let is_far = url().await.is_some();
    let (small, large) = (life(url().await, 20).await, life(url().await, 40).await);
    for ((stretch, small), (_, large)) in small.iter().zip(&large) {
        assert!(large.rows() * 10 <= small.rows() * 23, "{stretch}: {} rows, then {}", small.rows(), large.rows());
        let statements = (small.statements(), large.statements());
        assert!(statements.1 * 10 <= statements.0 * 23, "{stretch}: {statements:?} statements");
        // What is accepted is written in few statements however many names it has, where each is a round trip.
        if is_far && matches!(*stretch, "placing" | "importing") {
            assert!(statements.1 <= statements.0 + 6, "{stretch}: {statements:?} statements");
        }
        // Six rows for each name, and what does not grow.
        let most = large.most_rows();
        assert!(most <= 6 * 40 + 60, "{stretch}: a write of {most} rows; {large:?}");
        assert!(large.values <= 4_000, "{stretch}: a statement of {} values", large.values);
    }
}

#[tokio::test]
async fn twice_the_names_cost_twice_as_much_on_sqlite() {
    twice_the_names_cost_twice_as_much(async || None).await;
}

#[tokio::test]
async fn twice_the_names_cost_twice_as_much_on_postgresql() {
    if postgres::server().is_some() {
        twice_the_names_cost_twice_as_much(async || {
            let server = postgres::server()?;
            Some(server.fresh_schema().await)
        })
        .await;
    }
}

/// Five years of 365 days are over before the sixtieth month is. Each month is a write of its own, so that others are served between two.
async fn what_comes_of_deliveries_is_written_for_many(database_url: Option<String>) {
    let (costs, is_far) = (Costs::default(), database_url.is_some());
    let rig = Rig::witnessed(database_url, costs.witness()).await;
    rig.endpoint("https://example.com/hooks").await;
    rig.place(&order_of(&names("order", 38))).await;
    while rig.wired.engine.work_due(Lane::Step).await.unwrap() > 0 {}
    costs.take();
    while rig.wired.engine.work_due(Lane::Delivery).await.unwrap() > 0 {}
    let bill = costs.take();
    // One that is alone, and those that came while it was written: of eight that are claimed together there are at most two writes.
    let (told, (total, most)) = (rig.courier.sent().len() as u64, bill.kinds[&Kind::Delivery]);
    assert_eq!(told, 40);
    assert!(bill.writes[&Kind::Delivery] <= told.div_ceil(8) * 2, "{bill:?}");
    assert!(total.statements <= 2 * told, "{bill:?}");
    // A row is changed by a statement of its own where that is no journey.
    assert!(most.statements <= if is_far { 8 } else { 8 + 8 }, "{bill:?}");
}

#[tokio::test]
async fn what_comes_of_deliveries_is_written_for_many_at_once_on_sqlite() {
    what_comes_of_deliveries_is_written_for_many(None).await;
}

#[tokio::test]
async fn what_comes_of_deliveries_is_written_for_many_at_once_on_postgresql() {
    if let Some(server) = postgres::server() {
        what_comes_of_deliveries_is_written_for_many(Some(server.fresh_schema().await)).await;
    }
}

#[tokio::test]
async fn years_are_booked_month_by_month() {
    let (costs, size) = (Costs::default(), 30);
    let rig = Rig::witnessed(None, costs.witness()).await;
    let id = rig.place(&order_of(&names("order", size))).await;
    rig.settle_all().await;
    costs.take();
    post(&rig, "/test/clock/advance", &json!({ "seconds": 5 * YEAR })).await;
    let moved = costs.take();
    assert!(!moved.kinds.contains_key(&Kind::Timer), "the clock moves at once: {moved:?}");
    rig.work_off().await;
    let bill = costs.take();
    assert!(bill.writes[&Kind::Timer] >= 59, "{bill:?}");
    let (_, most) = bill.kinds[&Kind::Timer];
    // The domains, a line for each, and the sums of sixty months.
    assert!(most.rows <= 2 * 30 + 60 * 2 + 20, "{most:?}");
    let order = rig.order(&id).await;
    let lines = order["costs"]["line_items"].as_array().unwrap();
    let licenses = lines.iter().filter(|line| line["type"] == "google_license");
    let paid: i64 = licenses.map(|line| line["quantity"].as_i64().unwrap()).sum();
    assert_eq!(paid, 60 * 2 * 30, "every month is paid for once: {}", order["costs"]);
    let told = rig.event_types().await;
    assert_eq!(told.iter().filter(|kind| *kind == "order.renewed").count(), 59);
}

/// A world with more tasks than one write moves: the clock is moved, and the timers follow in their lane.
#[tokio::test]
async fn the_timers_of_a_large_world_follow_its_clock_in_pieces() {
    let costs = Costs::default();
    let rig = Rig::witnessed(None, costs.witness()).await;
    // Each has two tasks that wait for their time: its renewal and its next look.
    for part in 0..6 {
        rig.place(&order_of(&names(&format!("part{part}x"), 100))).await;
    }
    rig.settle_all().await;
    costs.take();
    let answer = rig.call("POST", "/test/clock/advance", Some(&json!({ "seconds": YEAR }))).await;
    assert_eq!((answer.status, &answer.body["data"]["now"]), (StatusCode::OK, &json!("2027-05-08T12:00:00Z")));
    let moved = costs.take();
    assert!(moved.most_rows() <= 520, "{moved:?}");
    rig.work_off().await;
    let bill = costs.take();
    let (_, most) = bill.kinds[&Kind::Timer];
    assert!(most.rows <= 520, "{most:?}");
    // Everything that was planned has happened: a renewal of each name.
    for part in [0, 5] {
        assert_eq!(rig.effects("renewed", &format!("part{part}x99.com")).await, 1);
    }
}
