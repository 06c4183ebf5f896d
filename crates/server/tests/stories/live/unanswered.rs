//! Names about which nobody can say anything now, with when to ask again; and names that are in nobody's hands.

use doubles::Fault;
use model::clock::{Clock as _, SECOND, Time};
use serde_json::{Value, json};

use super::stage::{Live, body};

const NAME: &str = "acme-one.com";

async fn looked_up(live: &Live) -> Value {
    let answer = live.rig.call("POST", "/domains/availability", Some(&json!({ "domains": [NAME] }))).await;
    answer.body["data"]["domains"][0].clone()
}

async fn refused(live: &Live) -> Value {
    let answer = live.rig.call("POST", "/orders", Some(&body(&[NAME]))).await;
    assert_eq!(answer.status, 409, "{}", answer.body);
    answer.body["error"].clone()
}

fn retry_at(row: &Value) -> Time {
    Time::parse(row["retry_at"].as_str().unwrap_or_else(|| panic!("{row}"))).unwrap()
}

#[tokio::test]
async fn where_every_registrar_wants_patience_the_first_that_can_be_asked_again_says_when() {
    let live = Live::new().await;
    live.namecom.server.fail_always(Some(Fault::TooMany(Some(600))));
    live.dnsimple.server.fail_always(Some(Fault::TooMany(Some(120))));
    let asked_at = live.rig.clock.now();
    let row = looked_up(&live).await;
    assert_eq!((&row["available"], &row["reason"]), (&json!(false), &json!("errored")), "{row}");
    let at = retry_at(&row);
    assert!(at >= asked_at.plus(119 * SECOND) && at < asked_at.plus(300 * SECOND), "{at} is not in two minutes");
    let error = refused(&live).await;
    assert_eq!(
        (&error["code"], &error["details"]["domains"][0]["reason"]),
        (&json!("domain_unavailable"), &json!("errored"))
    );
    let at = retry_at(&error["details"]["domains"][0]);
    assert!(error["message"].as_str().unwrap().contains(&format!("try again at {at}")), "{error}");
    assert_eq!(live.bought(NAME), (0, 0));
    live.dnsimple.server.fail_always(None);
    live.rig.advance(at.0 - live.rig.clock.now().0 + SECOND).await;
    assert_eq!(looked_up(&live).await["available"], true, "it can be asked when it said so");
}

/// Nobody can buy it before its registry has deleted it, and whoever had it alone can restore it, for a fee that no order
/// has agreed to.
#[tokio::test]
async fn a_name_that_somebody_let_run_out_is_taken_until_its_registry_has_deleted_it() {
    let live = Live::new().await;
    live.namecom.hold_name(NAME);
    live.dnsimple.take(NAME);
    live.registry.says(NAME, &["redemption period", "pending delete"]);
    let row = looked_up(&live).await;
    assert_eq!((&row["reason"], &row["retry_at"], &row["price_cents"]), (&json!("taken"), &Value::Null, &Value::Null));
    let error = refused(&live).await;
    assert_eq!(error["details"]["domains"][0], json!({ "domain": NAME, "reason": "taken" }));
    assert_eq!(live.bought(NAME), (0, 0), "nothing was paid");
    let orders = live.rig.call("GET", "/orders", None).await.body;
    assert_eq!(orders["meta"]["returned"], 0, "nor ordered");
}
