//! On PostgreSQL steps that tell nobody anything are settled together: in few writes, and none in another's way.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::{Fate, Point, Probe};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use model::clock::SECOND;
use model::run::StepName;
use model::task::Lane;
use sqlx::{AnyConnection, Connection as _, Executor as _};
use store::{Kind, Witness};
use tokio::sync::watch;

use crate::support::{Rig, order_body, postgres};

/// How many names an order has here.
const NAMES: usize = 12;

fn names() -> Vec<String> {
    (0..NAMES).map(|n| format!("acme-{n}.com")).collect()
}

async fn place(rig: &Rig) -> String {
    let names = names();
    rig.place(&order_body(&names.iter().map(String::as_str).collect::<Vec<_>>())).await
}

/// The most runs that one settlement has written.
#[derive(Clone, Default)]
struct Most(Arc<AtomicU64>);

impl Most {
    fn witness(&self) -> Witness {
        let most = self.clone();
        Witness::new(move |noted| {
            let runs = noted.statements.iter().filter(|one| one.sql.starts_with("UPDATE runs"));
            if noted.kind == Some(Kind::Settlement) {
                most.0.fetch_max(runs.map(|one| one.rows).sum(), Ordering::SeqCst);
            }
        })
    }
}

#[tokio::test]
async fn quiet_steps_are_settled_together() {
    let Some(server) = postgres::server() else { return };
    let most = Most::default();
    let rig = Rig::witnessed(Some(server.fresh_schema().await), most.witness()).await;
    let id = place(&rig).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "completed");
    assert!(most.0.load(Ordering::SeqCst) > 1, "each step was written alone");
    for name in names() {
        assert_eq!(rig.effects("registered", &name).await, 1);
    }
}

/// Has the same step of every name stand still once it has called, until all of them do.
struct Gate {
    reached: Mutex<HashSet<String>>,
    all: watch::Sender<bool>,
    opened: AtomicBool,
    open: watch::Sender<bool>,
}

const STEP: StepName = StepName::PublishRecords;

impl Probe for Gate {
    fn fate(&self, domain: &str, step: StepName, point: Point) -> Fate {
        if (step, point) != (STEP, Point::AfterCall) || self.opened.load(Ordering::SeqCst) {
            return Fate::Live;
        }
        let mut reached = self.reached.lock().unwrap();
        reached.insert(domain.to_owned());
        self.all.send_replace(reached.len() == NAMES);
        Fate::Freeze
    }

    fn thaw(&self) -> BoxFuture<'_, ()> {
        let mut open = self.open.subscribe();
        async move { drop(open.wait_for(|is_open| *is_open).await) }.boxed()
    }
}

impl Gate {
    fn closed() -> Arc<Self> {
        let (all, open) = (watch::Sender::new(false), watch::Sender::new(false));
        Arc::new(Self { reached: Mutex::default(), all, opened: AtomicBool::new(false), open })
    }

    async fn is_reached(&self) {
        self.all.subscribe().wait_for(|all| *all).await.unwrap();
    }

    fn open(&self) {
        self.opened.store(true, Ordering::SeqCst);
        self.open.send_replace(true);
    }
}

async fn database(rig: &Rig) -> AnyConnection {
    AnyConnection::connect(&rig.config.database_url).await.unwrap()
}

/// A process that stands still at the gate.
async fn behind(gate: &Arc<Gate>) -> Option<Rig> {
    let rig = Rig::postgres().await?;
    Some(rig.another(Some(gate.clone())).await)
}

/// The run of a name, written by somebody who does not know how.
async fn write_run(rig: &Rig, name: &str, set: &str) {
    let sql = format!(
        "UPDATE runs SET {set}, version = version + 1 WHERE domain_id = (SELECT id FROM domains WHERE name = '{name}')"
    );
    let written = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut database(rig).await).await.unwrap();
    assert_eq!(written.rows_affected(), 1);
}

async fn is_done(rig: &Rig, id: &str) -> usize {
    let order = rig.order(id).await;
    order["domains"].as_array().unwrap().iter().filter(|one| one["status"] == "active").count()
}

#[tokio::test]
async fn a_run_that_cannot_be_read_keeps_none_of_those_back_that_it_is_settled_with() {
    let gate = Gate::closed();
    let Some(rig) = behind(&gate).await else { return };
    let id = place(&rig).await;
    let working = rig.work_off();
    let broken = async {
        gate.is_reached().await;
        write_run(&rig, "acme-7.com", "memory = '?' || memory").await;
        gate.open();
    };
    tokio::join!(working, broken);
    assert_eq!(is_done(&rig, &id).await, NAMES - 1);
    write_run(&rig, "acme-7.com", "memory = substr(memory, 2)").await;
    rig.advance(31 * SECOND).await;
    rig.settle_all().await;
    assert_eq!(is_done(&rig, &id).await, NAMES);
    for name in names() {
        assert_eq!(rig.effects("registered", &name).await, 1);
    }
}

/// What somebody else has taken over is theirs; the others of its kind are not.
#[tokio::test]
async fn a_step_whose_lease_has_gone_is_left_out_and_the_others_are_settled() {
    let gate = Gate::closed();
    let Some(rig) = behind(&gate).await else { return };
    let id = place(&rig).await;
    let taken = async {
        gate.is_reached().await;
        let sql = "UPDATE tasks SET lease = 'lse_theirs' WHERE subject = (SELECT r.id FROM runs r JOIN domains d
            ON d.id = r.domain_id WHERE d.name = 'acme-3.com')";
        assert_eq!(sqlx::query(sql).execute(&mut database(&rig).await).await.unwrap().rows_affected(), 1);
        gate.open();
    };
    tokio::join!(rig.work_off(), taken);
    assert_eq!(is_done(&rig, &id).await, NAMES - 1);
    rig.advance(31 * SECOND).await;
    rig.settle_all().await;
    assert_eq!(is_done(&rig, &id).await, NAMES);
    assert_eq!(rig.effects("registered", "acme-3.com").await, 1);
}

/// Far longer than the others take, and shorter than anybody waits for a lock here.
const PATIENCE: Duration = Duration::from_secs(90);

/// Works on, until all of these orders but one are done.
async fn all_but_one(rig: &Rig, orders: &[String]) {
    let mut done = 0;
    while done < orders.len() - 1 {
        for lane in [Lane::Step, Lane::Timer] {
            rig.wired.engine.work_due(lane).await.unwrap();
        }
        done = 0;
        for order in orders {
            done += is_done(rig, order).await;
        }
    }
}

/// An order for each name: what an order tells it tells in turn.
#[tokio::test]
async fn a_row_that_somebody_holds_keeps_none_of_those_back_that_it_would_be_settled_with() {
    let gate = Gate::closed();
    let Some(rig) = behind(&gate).await else { return };
    let mut orders = vec![];
    for name in names() {
        orders.push(rig.place(&order_body(&[&name])).await);
    }
    let mut theirs = database(&rig).await;
    let held = async {
        gate.is_reached().await;
        theirs.execute("BEGIN; SELECT 1 FROM domains WHERE name = 'acme-5.com' FOR UPDATE").await.unwrap();
        gate.open();
        tokio::time::timeout(PATIENCE, all_but_one(&rig, &orders)).await.expect("the others do not wait for it");
        assert_eq!(rig.effects("registered", "acme-5.com").await, 1);
        theirs.execute("ROLLBACK").await.unwrap();
    };
    tokio::join!(rig.work_off(), held);
    rig.settle_all().await;
    assert_eq!(rig.order(&orders[5]).await["status"], "completed");
}
