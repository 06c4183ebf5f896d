//! The machine's clock is wrong, and is put right.

use std::sync::Arc;

use model::clock::{Clock as _, HOUR, MachineByHand, SECOND, SteadyClock, Time};
use model::id::Ids;
use model::task::Lane;
use providers::all::sim::{Sim, SimSettings};
use serde_json::{Value, json};
use server::accounts::Players;
use server::timekeeper::{self, Timekeeper};
use server::wire::{self, Surroundings};
use store::Store;

use crate::support::{NOW, Rig, order_body};

/// A server on a machine whose clock is moved by hand.
struct Process {
    rig: Rig,
    clock: Arc<SteadyClock>,
    keeper: Timekeeper,
}

/// Starts one on the database of `rig`.
async fn start(rig: &Rig, machine: &MachineByHand) -> Process {
    let store = Store::open(&wire::opening_beside(&rig.config)).await.unwrap();
    let clock = timekeeper::clock(&store, Arc::new(machine.clone())).await.unwrap();
    let settings = SimSettings {
        step_delay: std::time::Duration::ZERO,
        clock: clock.clone(),
        patience: model::patience::Patience::default(),
    };
    let sim = Sim::open(&rig.config.sandbox_database(), settings).await.unwrap();
    let mut keeper = Timekeeper::new(clock.clone(), store.clone());
    keeper.begin().await.unwrap();
    let ids = Ids::new(clock.clone());
    let around = Surroundings {
        clock: clock.clone(),
        ids,
        courier: rig.courier.clone(),
        players: Players::default(),
        probe: None,
    };
    let wired = wire::wire(&rig.config, "http://mailwright.test".into(), store, sim, around);
    let router = api::router(wired.app.clone());
    let mut rig = rig.as_partner(rig.partner.clone(), rig.key.clone());
    (rig.wired, rig.router) = (wired, router);
    Process { rig, clock, keeper }
}

async fn import(rig: &Rig) -> String {
    let answer = rig.call("POST", "/domains/import/jobs", Some(&json!({ "domains": ["brought-along.com"] }))).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    rig.work_off().await;
    answer.body["data"]["id"].as_str().unwrap().to_owned()
}

async fn status(rig: &Rig, id: &str) -> Value {
    rig.work_off().await;
    rig.call("GET", &format!("/domains/import/{id}"), None).await.body["data"]["status"].clone()
}

#[tokio::test]
async fn what_waits_goes_on_when_the_clock_is_put_back() {
    let (rig, machine) = (Rig::sqlite().await, MachineByHand::at(NOW.plus(HOUR)));
    let process = start(&rig, &machine).await;
    // Its nameservers are looked at after a minute.
    let id = import(&process.rig).await;
    machine.wall.advance(-HOUR);
    assert_eq!(status(&process.rig, &id).await, "in_progress");
    machine.pass(70 * SECOND);
    assert_eq!(status(&process.rig, &id).await, "completed");
}

#[tokio::test]
async fn what_waits_goes_on_when_the_clock_is_put_back_over_a_restart() {
    let (rig, machine) = (Rig::sqlite().await, MachineByHand::at(NOW.plus(HOUR)));
    let mut process = start(&rig, &machine).await;
    let id = import(&process.rig).await;
    process.keeper.look().await.unwrap();
    drop(process);

    machine.wall.advance(-HOUR);
    let process = start(&rig, &machine).await;
    assert_eq!(process.clock.now(), NOW.plus(HOUR));
    machine.pass(70 * SECOND);
    assert_eq!(status(&process.rig, &id).await, "completed");

    // By and by its time is the machine's, and the next start begins with that.
    machine.pass(10 * HOUR);
    assert_eq!(process.clock.now(), machine.wall.now());
}

#[tokio::test]
async fn a_killed_process_has_written_its_time_down_within_a_minute() {
    let (rig, machine) = (Rig::sqlite().await, MachineByHand::at(NOW));
    let mut process = start(&rig, &machine).await;
    for _ in 0..20 {
        machine.pass(5 * SECOND);
        process.keeper.look().await.unwrap();
    }
    let known = store::times::known(&mut process.rig.wired.store.read().await.unwrap()).await.unwrap();
    assert_eq!(known, Some(NOW.plus(60 * SECOND)), "and not every time");
}

#[tokio::test]
async fn a_lease_of_a_clock_that_was_ahead_ends_in_time() {
    let (rig, machine) = (Rig::sqlite().await, MachineByHand::at(NOW.plus(HOUR)));
    let mut process = start(&rig, &machine).await;
    let order = process.rig.place(&order_body(&["acme-one.com"])).await;
    // Claimed by a process that dies at once.
    let (now, lease) = (process.clock.now(), process.rig.wired.app.ids.next());
    let bucket = process.rig.partner.id.to_string();
    let claimed = process.rig.wired.store.settle(move |tx| {
        let (bucket, lease) = (bucket.clone(), model::id::LeaseId::clone(&lease));
        Box::pin(
            async move { store::tasks::claim(tx, Lane::Step, &bucket, 10, now, now.plus(30 * SECOND), &lease).await },
        )
    });
    assert_eq!(claimed.await.unwrap().len(), 1);
    process.keeper.look().await.unwrap();
    drop(process);

    machine.wall.advance(-HOUR);
    let process = start(&rig, &machine).await;
    machine.pass(40 * SECOND);
    process.rig.work_off().await;
    assert_eq!(process.rig.order(&order).await["status"], "completed");
}

#[tokio::test]
async fn webhooks_carry_the_machines_time() {
    let (rig, machine) = (Rig::sqlite().await, MachineByHand::at(NOW.plus(HOUR)));
    let process = start(&rig, &machine).await;
    rig.endpoint("https://hooks.acme.com/").await;
    process.clock.now();
    machine.wall.advance(-HOUR);
    process.rig.place(&order_body(&["acme-one.com"])).await;
    process.rig.work_off().await;
    let sent = rig.courier.sent();
    let seconds = NOW.seconds().to_string();
    for header in ["peeker-timestamp", "webhook-timestamp"] {
        assert!(!sent.is_empty() && sent.iter().all(|one| one.headers[header] == seconds), "{header}");
    }
    let said = Time::parse(sent[0].event()["created_at"].as_str().unwrap()).unwrap();
    assert_eq!(said, NOW.plus(HOUR), "what is business goes on");
}

#[tokio::test]
async fn a_time_a_day_ahead_is_not_believed() {
    let (rig, machine) = (Rig::sqlite().await, MachineByHand::at(NOW.plus(25 * HOUR)));
    drop(start(&rig, &machine).await);
    machine.wall.set(NOW);
    let process = start(&rig, &machine).await;
    assert_eq!(process.clock.now(), NOW);
    let known = store::times::known(&mut process.rig.wired.store.read().await.unwrap()).await.unwrap();
    assert_eq!(known, Some(NOW), "the next start finds it right");
}
