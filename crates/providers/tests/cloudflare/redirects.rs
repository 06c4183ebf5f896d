//! Redirects, beside rules and records of others.

use model::dns::RrType;
use providers::roles::{DnsHost as _, Redirector as _};
use providers::trouble::{Refused, Trouble};
use serde_json::{Value, json};

use super::stage::{Stage, call, set};

const TARGET: &str = "https://acme.example/welcome?from=mail";

async fn zoned() -> Stage {
    let stage = Stage::new().await;
    stage.adapter.ensure_zone(&call("acme.com")).await.unwrap();
    stage
}

fn led(stage: &Stage) -> [Option<String>; 2] {
    ["acme.com", "www.acme.com"].map(|host| stage.double.redirected(host))
}

fn by_hand(stage: &Stage) -> Vec<Value> {
    stage.double.rules("acme.com").into_iter().filter(|rule| rule["description"] == "by hand").collect()
}

#[tokio::test]
async fn both_web_addresses_lead_to_the_target_and_nowhere_afterwards() {
    let stage = zoned().await;
    for target in [TARGET, TARGET, "https://other.example/"] {
        assert_eq!(stage.adapter.ensure_redirect(&call("acme.com"), target).await, Ok(vec![]));
        assert_eq!(led(&stage), [Some(target.to_owned()), Some(target.to_owned())]);
    }
    assert_eq!(stage.double.rules("acme.com").len(), 1);
    let rule = &stage.double.rules("acme.com")[0];
    assert_eq!(rule["action_parameters"]["from_value"]["status_code"], 301);
    assert_eq!(stage.adapter.records(&call("acme.com")).await, Ok(Some(vec![])), "its own records are not the zone's");
    for _ in 0..2 {
        assert_eq!(stage.adapter.ensure_no_redirect(&call("acme.com")).await, Ok(()));
    }
    assert_eq!(led(&stage), [None, None]);
    assert!(stage.double.records("acme.com").is_empty());
    assert_eq!(stage.adapter.ensure_no_redirect(&call("nobodys.com")).await, Ok(()));
}

#[tokio::test]
async fn rules_of_others_are_kept_as_they_are_and_come_after_ours() {
    let stage = zoned().await;
    for n in 0..3 {
        stage.double.redirect_by_hand("acme.com", &format!("theirs-{n}"), "true", "https://theirs.example/");
    }
    let before = by_hand(&stage);
    for target in [TARGET, "https://other.example/"] {
        stage.adapter.ensure_redirect(&call("acme.com"), target).await.unwrap();
        assert_eq!(led(&stage)[0].as_deref(), Some(target), "what stands before it would redirect first");
        assert_eq!(by_hand(&stage), before);
    }
    stage.adapter.ensure_no_redirect(&call("acme.com")).await.unwrap();
    assert_eq!(stage.double.rules("acme.com"), before);
}

#[tokio::test]
async fn a_rule_of_ours_that_somebody_moved_or_switched_off_is_put_right() {
    let stage = zoned().await;
    stage.adapter.ensure_redirect(&call("acme.com"), TARGET).await.unwrap();
    stage.double.put_rule_last("acme.com", "mailwright_redirect");
    stage.double.redirect_by_hand("acme.com", "theirs", "true", "https://theirs.example/");
    stage.double.put_rule_last("acme.com", "mailwright_redirect");
    stage.adapter.ensure_redirect(&call("acme.com"), TARGET).await.unwrap();
    assert_eq!(led(&stage)[1].as_deref(), Some(TARGET));
    assert_eq!(stage.double.rules("acme.com").len(), 2);
}

#[tokio::test]
async fn two_calls_at_once_leave_one_rule() {
    let stage = zoned().await;
    stage.double.redirect_by_hand("acme.com", "theirs", "true", "https://theirs.example/");
    let (one, other) = (call("acme.com"), call("acme.com"));
    let (one, other) =
        tokio::join!(stage.adapter.ensure_redirect(&one, TARGET), stage.adapter.ensure_redirect(&other, TARGET));
    for told in [one, other] {
        assert!(matches!(told, Ok(_) | Err(Trouble::Later(_))), "{told:?}");
    }
    stage.adapter.ensure_redirect(&call("acme.com"), TARGET).await.unwrap();
    assert_eq!((stage.double.rules("acme.com").len(), by_hand(&stage).len()), (2, 1));
}

#[tokio::test]
async fn addresses_that_are_there_stay_and_are_only_stood_before() {
    let stage = zoned().await;
    let sets = [set("acme.com", RrType::A, &["192.0.2.7"]), set("www.acme.com", RrType::Cname, &["acme.com"])];
    stage.adapter.ensure_records(&call("acme.com"), &sets).await.unwrap();
    stage.adapter.ensure_redirect(&call("acme.com"), TARGET).await.unwrap();
    assert_eq!(led(&stage), [Some(TARGET.to_owned()), Some(TARGET.to_owned())]);
    let read = stage.adapter.records(&call("acme.com")).await.unwrap().unwrap();
    assert_eq!(read.iter().map(|set| set.values.clone()).collect::<Vec<_>>(), [["192.0.2.7"], ["acme.com"]]);
    let written = stage.asked("POST", "/batch");
    stage.adapter.ensure_records(&call("acme.com"), &sets).await.unwrap();
    assert_eq!(stage.asked("POST", "/batch"), written, "who publishes the zone does not undo it");
    let moved = [set("acme.com", RrType::A, &["192.0.2.8"])];
    stage.adapter.ensure_records(&call("acme.com"), &moved).await.unwrap();
    assert_eq!(led(&stage)[0].as_deref(), Some(TARGET), "nor does a new address");
}

#[tokio::test]
async fn an_address_that_is_published_later_takes_the_place_of_ours() {
    let stage = zoned().await;
    stage.adapter.ensure_redirect(&call("acme.com"), TARGET).await.unwrap();
    let sets = [set("www.acme.com", RrType::Cname, &["shop.example.net"])];
    stage.adapter.ensure_records(&call("acme.com"), &sets).await.unwrap();
    assert_eq!(led(&stage), [Some(TARGET.to_owned()), Some(TARGET.to_owned())]);
    assert_eq!(stage.double.records("acme.com").len(), 2);
}

#[tokio::test]
async fn a_host_that_mail_goes_to_is_not_stood_before() {
    let stage = zoned().await;
    let record = json!({ "name": "acme.com", "type": "A", "content": "192.0.2.7", "ttl": 300 });
    stage.double.record_by_hand("acme.com", &record);
    let sets = [set("acme.com", RrType::Mx, &["10 acme.com"])];
    stage.adapter.ensure_records(&call("acme.com"), &sets).await.unwrap();
    let told = stage.adapter.ensure_redirect(&call("acme.com"), TARGET).await;
    let Err(Trouble::Refused(Refused::ForGood(words))) = told else { panic!("{told:?}") };
    assert!(words.contains("acme.com"), "{words}");
    assert_eq!(stage.double.served("acme.com", "A"), ["192.0.2.7"], "mail still arrives");
}

#[tokio::test]
async fn a_zone_that_has_no_room_for_a_rule_is_the_operators_trouble() {
    let stage = zoned().await;
    for n in 0..10 {
        stage.double.redirect_by_hand("acme.com", &format!("theirs-{n}"), "true", "https://theirs.example/");
    }
    let told = stage.adapter.ensure_redirect(&call("acme.com"), TARGET).await;
    let Err(Trouble::Misconfigured(words)) = told else { panic!("{told:?}") };
    assert!(words.contains("plan"), "{words}");
    assert_eq!(by_hand(&stage).len(), 10);
}

#[tokio::test]
async fn a_name_whose_zone_is_elsewhere_is_not_redirected_here() {
    let stage = Stage::new().await;
    let told = stage.adapter.ensure_redirect(&call("theirs.com"), TARGET).await;
    assert!(matches!(told, Err(Trouble::Refused(Refused::ForGood(_)))), "{told:?}");
}
