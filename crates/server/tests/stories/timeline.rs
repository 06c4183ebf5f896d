//! How an order gets on, told for every branch that the sandbox's names choose.

use model::clock::{MINUTE, SECOND, Time};
use model::id::OrderId;
use serde_json::{Value, json};

use crate::support::{NOW, Rig, order_body};

async fn timeline(rig: &Rig, order: &str) -> Value {
    let answer = rig.call("GET", &format!("/orders/{order}/timeline"), None).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"].clone()
}

/// The one run of a domain.
fn run<'a>(timeline: &'a Value, name: &str) -> &'a Value {
    let domain = timeline["domains"].as_array().unwrap().iter().find(|domain| domain["domain"] == name);
    let runs = domain.unwrap_or_else(|| panic!("{name} is not in {timeline}"))["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 1);
    &runs[0]
}

/// The states of a run's steps, equal neighbours counted.
fn states(run: &Value) -> String {
    let steps = run["steps"].as_array().unwrap();
    let told = steps.chunk_by(|one, next| one["state"] == next["state"]);
    told.map(|same| format!("{} {}", same.len(), same[0]["state"].as_str().unwrap())).collect::<Vec<_>>().join(", ")
}

fn step<'a>(run: &'a Value, name: &str) -> &'a Value {
    run["steps"].as_array().unwrap().iter().find(|step| step["step"] == name).unwrap()
}

fn at(seconds: i64) -> Value {
    json!(NOW.plus(seconds * SECOND).to_string())
}

const NAMES: [&str; 5] = ["acme-one.com", "slow-acme.com", "flaky-acme.com", "action-acme.com", "fail-acme.com"];

async fn every_state_is_shown(rig: Rig) {
    let id = rig.place(&order_body(&NAMES)).await;
    let placed = timeline(&rig, &id).await;
    for name in NAMES {
        assert_eq!(states(run(&placed, name)), "1 running, 10 pending", "{name}");
    }

    rig.work_off().await;
    let begun = timeline(&rig, &id).await;
    assert_eq!(begun["status"], "action_required");
    assert!(begun["change"].as_i64() > placed["change"].as_i64());

    let done = run(&begun, "acme-one.com");
    assert_eq!((states(done).as_str(), &done["state"]), ("11 done", &json!("done")));
    assert_eq!((&done["started_at"], &done["finished_at"]), (&at(0), &at(0)));
    assert_eq!(step(done, "create_inboxes")["attempts"], 1);

    let slow = run(&begun, "slow-acme.com");
    assert_eq!(states(slow), "1 waiting, 10 pending");
    assert_eq!(
        *step(slow, "register_name"),
        json!({
            "step": "register_name",
            "title": "Buy the name",
            "state": "waiting",
            "started_at": at(0),
            "finished_at": null,
            "attempts": 0,
            "trouble": "The registrar is still working on it.",
            "who": "provider",
            "action_id": null,
            "next_try_at": at(5),
        })
    );

    let flaky = step(run(&begun, "flaky-acme.com"), "register_name");
    assert_eq!(
        (&flaky["state"], &flaky["attempts"], &flaky["who"]),
        (&json!("waiting"), &json!(1), &json!("provider"))
    );
    assert_eq!(flaky["trouble"], "The registrar is busy; we try again.");

    asks(&rig, &begun).await;

    let failed = run(&begun, "fail-acme.com");
    assert_eq!((states(failed).as_str(), &failed["state"]), ("3 done, 1 failed, 7 skipped", &json!("failed")));
    let given_up = step(failed, "open_mail_domain");
    assert_eq!((&given_up["who"], &given_up["finished_at"]), (&Value::Null, &at(0)));
    assert!(given_up["trouble"].as_str().unwrap().contains("fail-acme.com"));

    rig.advance(6 * SECOND).await;
    let slow = timeline(&rig, &id).await;
    assert_eq!(states(run(&slow, "slow-acme.com")), "1 done, 1 waiting, 9 pending");
    let next = step(run(&slow, "slow-acme.com"), "create_zone");
    assert_eq!((&next["started_at"], &next["next_try_at"]), (&at(6), &at(11)));

    rig.settle_all().await;
    let ended = timeline(&rig, &id).await;
    assert_eq!((&ended["status"], &ended["estimate"]), (&json!("completed"), &Value::Null));
    for name in &NAMES[..4] {
        assert_eq!(states(run(&ended, name)), "11 done", "{name}");
    }
    let answered = step(run(&ended, "action-acme.com"), "register_name");
    assert_eq!(
        (&answered["trouble"], &answered["who"], &answered["action_id"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
}

/// The step of the `action-` name, and the question that it waits for.
async fn asks(rig: &Rig, begun: &Value) {
    let asking = run(begun, "action-acme.com");
    assert_eq!((states(asking).as_str(), &asking["state"]), ("1 asking, 10 pending", &json!("asking")));
    let domain = begun["domains"].as_array().unwrap().iter().find(|one| one["domain"] == "action-acme.com").unwrap();
    assert_eq!(domain["status"], "action_required");
    let mut db = rig.wired.store.read().await.unwrap();
    let id = model::id::Id::opaque(domain["domain_id"].as_str().unwrap());
    let action = store::actions::open_of_domain(&mut db, &id).await.unwrap().unwrap();
    let asked = step(asking, "register_name");
    assert_eq!((&asked["who"], &asked["action_id"]), (&json!("partner"), &json!(action.id.to_string())));
    assert_eq!(asked["trouble"], action.message);
    assert_eq!(asked["next_try_at"], at(10 * MINUTE / SECOND));
}

#[tokio::test]
async fn every_state_is_shown_on_sqlite() {
    every_state_is_shown(Rig::sqlite().await).await;
}

#[tokio::test]
async fn every_state_is_shown_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        every_state_is_shown(rig).await;
    }
}

#[tokio::test]
async fn an_estimate_goes_by_what_the_same_world_has_seen() {
    let rig = Rig::sqlite().await;
    rig.place(&order_body(&["slow-a.com", "slow-b.com", "slow-c.com", "slow-d.com", "slow-e.com"])).await;
    rig.settle_all().await;
    let took = model::clock::Clock::now(&*rig.clock).0 - NOW.0;
    let placed_at = model::clock::Clock::now(&*rig.clock);

    let id = rig.place(&order_body(&["acme-one.com", "slow-f.com"])).await;
    let estimate = timeline(&rig, &id).await["estimate"].clone();
    let expected = Time(placed_at.0 + took).to_string();
    assert_eq!(estimate, json!({ "p50_at": expected, "p90_at": expected }), "all five took {took} µs");
    rig.work_off().await;
    assert_eq!(timeline(&rig, &id).await["estimate"]["p90_at"], expected, "the slow one is not there yet");

    let (partner, key) = crate::support::make_partner(
        &rig.wired,
        "Other",
        model::partner::Preset::Full,
        model::world::Environment::Test,
    )
    .await;
    let other = rig.as_partner(partner, key);
    let id = other.place(&order_body(&["acme-other.com"])).await;
    assert_eq!(timeline(&other, &id).await["estimate"], Value::Null, "a sandbox knows only itself");
}

#[tokio::test]
async fn the_counter_of_the_answer_is_that_of_the_store() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["flaky-acme.com", "acme-two.com"])).await;
    let mut last = 0;
    loop {
        rig.work_off().await;
        let shown = timeline(&rig, &id).await["change"].as_i64().unwrap();
        let mut db = rig.wired.store.read().await.unwrap();
        let order = model::id::Id::opaque(&id);
        let counted = store::timelines::change(&mut db, &rig.scope(), &order as &OrderId).await.unwrap();
        assert_eq!(counted, Some(shown));
        assert!(shown > last);
        last = shown;
        let Some(due) = rig.next_due().await else { break };
        rig.clock.set(due);
    }
}
