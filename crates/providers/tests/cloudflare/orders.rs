//! Orders for names: what they cost, how long they take, and who has to do something.

use std::sync::Arc;

use doubles::cloudflare::{Course, PRICE, RENEWAL};
use model::action::ActionReason;
use model::clock::{DAY, MINUTE};
use model::domain::{DomainName, Verdict};
use model::registrant::Registrant;
use providers::call::Call;
use providers::roles::{DnsHost as _, Purpose, Registrar as _};
use providers::trouble::{Refused, Trouble, UnderWay};
use serde_json::json;

use super::stage::{Stage, call, years_later};
use crate::support::start;
use crate::until::Until as _;

fn ask(reason: ActionReason) -> Trouble {
    Trouble::Refused(Refused::Ask(reason))
}

pub(super) fn registrant() -> Registrant {
    Registrant {
        first_name: "Alex".into(),
        last_name: "Rivera".into(),
        organization: Some("Acme".into()),
        email: "alex@acme.example".into(),
        phone: "+65.61234567".into(),
        street: "1 Main Street".into(),
        city: "Singapore".into(),
        state: None,
        postal_code: "018956".into(),
        country: "SG".into(),
    }
}

#[tokio::test]
async fn a_purchase_keeps_its_limit_and_says_what_was_paid() {
    let stage = Stage::new().await;
    for (name, limit, why) in [
        ("free.com", PRICE - 1, ActionReason::PriceChanged),
        ("premium-one.com", 1_000_000, ActionReason::PriceChanged),
        ("taken-one.com", PRICE, ActionReason::NameTaken),
        ("no.pineapple", PRICE, ActionReason::RegistrarRejected),
    ] {
        assert_eq!(stage.adapter.ensure_registered(&call(name), limit).await, Err(ask(why)), "{name}");
    }
    assert!(stage.double.ledger().is_empty());
    let bought = stage.adapter.ensure_registered(&call("free.com"), PRICE).await.unwrap();
    assert_eq!((bought.expires_at, bought.paid_cents), (years_later(start(), 1), Some(PRICE)));
    let again = stage.adapter.ensure_registered(&call("free.com"), 0).await.unwrap();
    assert_eq!((again.expires_at, again.paid_cents), (bought.expires_at, None));
    assert_eq!(stage.paid("free.com"), (1, 0));
}

#[tokio::test]
async fn an_order_that_takes_its_time_is_waited_for_in_its_own_words_and_comes_to_an_end() {
    for course in [Course::Pending, Course::InProgress, Course::Blocked] {
        let stage = Stage::new().await;
        stage.double.take_course(course);
        for _ in 0..3 {
            let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await;
            let Err(Trouble::UnderWay(UnderWay::Registration, at)) = told else { panic!("{course:?} {told:?}") };
            assert!(at >= start().plus(MINUTE), "nobody looks all the time");
            let looked = stage.adapter.registered(&call("acme.com")).await;
            assert!(matches!(looked, Err(Trouble::UnderWay(..))), "no certain no: {looked:?}");
        }
        assert_eq!(stage.asked("POST", "/registrations"), 1, "it is ordered once");
        stage.double.come_to("acme.com", Course::Succeeded);
        let told = stage.adapter.ensure_registered(&call("acme.com"), 0).await.until();
        assert_eq!((told, stage.paid("acme.com")), (Ok(years_later(start(), 1)), (1, 0)), "{course:?}");
    }
}

#[tokio::test]
async fn an_order_that_waits_for_a_person_asks_for_one_and_goes_on_by_itself() {
    let stage = Stage::new().await;
    stage.double.take_course(Course::ActionRequired);
    for _ in 0..2 {
        let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await;
        assert_eq!(told, Err(ask(ActionReason::RegistrantUnverified)));
    }
    let looked = stage.adapter.registered(&call("acme.com")).await;
    assert!(matches!(looked, Err(Trouble::UnderWay(..))), "it may be paid for any day: {looked:?}");
    stage.double.come_to("acme.com", Course::Succeeded);
    let told = stage.adapter.ensure_registered(&call("acme.com"), 0).await.until();
    assert_eq!((told, stage.asked("POST", "/registrations")), (Ok(years_later(start(), 1)), 1));
}

#[tokio::test]
async fn an_order_that_came_to_nothing_is_made_again_only_when_a_person_says_so() {
    for (code, why) in
        [("domain_not_available", ActionReason::NameTaken), ("registry_rejected", ActionReason::RegistrarRejected)]
    {
        let stage = Stage::new().await;
        stage.double.take_course(Course::InProgress);
        assert!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.is_err());
        stage.double.come_to("acme.com", Course::Failed(code));
        for _ in 0..2 {
            assert_eq!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await, Err(ask(why)));
        }
        assert_eq!(stage.adapter.registered(&call("acme.com")).await, Ok(None), "nothing was paid for");
        assert_eq!(stage.asked("POST", "/registrations"), 1);
        stage.double.take_course(Course::Succeeded);
        let told = stage.adapter.ensure_registered(&Call { nudges: 1, ..call("acme.com") }, PRICE).await;
        assert!(told.is_ok(), "{told:?}");
        assert_eq!(stage.paid("acme.com"), (1, 0));
    }
}

#[tokio::test]
async fn an_order_of_somebody_who_gave_up_long_ago_stands_in_nobodys_way() {
    let stage = Stage::new().await;
    stage.double.take_course(Course::Failed("registry_rejected"));
    let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await;
    assert_eq!(told, Err(ask(ActionReason::RegistrarRejected)), "refused at once");
    stage.double.take_course(Course::Succeeded);
    let late = Call { now: start().plus(2 * DAY), ..call("acme.com") };
    // What the vendor says of an order does not grow younger.
    let told = stage.adapter.ensure_registered(&late, PRICE).await;
    assert!(told.is_ok(), "{told:?}");
}

#[tokio::test]
async fn what_only_the_operator_can_mend_is_told_to_the_operator() {
    let words = async |arrange: fn(&Stage)| {
        let stage = Stage::new().await;
        arrange(&stage);
        let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await;
        let Err(Trouble::Misconfigured(words)) = told else { panic!("{told:?}") };
        assert!(stage.double.ledger().is_empty());
        words
    };
    assert!(words(|stage| stage.double.charge(false)).await.contains("payment method"));
    assert!(words(|stage| stage.double.limit_names(0)).await.contains("500"));
    assert!(words(|stage| stage.double.forget_address_book()).await.contains("registrant"));
    let forbidden = words(|stage| stage.double.withhold(doubles::cloudflare::Permission::Registrar)).await;
    assert!(forbidden.contains("main") && forbidden.contains("Registrar › Edit"), "{forbidden}");
}

#[tokio::test]
async fn a_name_is_registered_for_whom_the_call_names() {
    let stage = Stage::new().await;
    let whose = Call { registrant: Some(Arc::new(registrant())), ..call("acme.com") };
    stage.double.forget_address_book();
    stage.adapter.ensure_registered(&whose, PRICE).await.unwrap();
    let expected = json!({
        "email": "alex@acme.example", "phone": "+65.61234567",
        "postal_info": {
            "name": "Alex Rivera", "organization": "Acme",
            "address": {
                "street": "1 Main Street", "city": "Singapore", "state": "Singapore", "postal_code": "018956",
                "country_code": "SG",
            },
        },
    });
    assert_eq!(stage.double.registrant("acme.com"), expected);
}

#[tokio::test]
async fn the_vendors_own_renewal_is_off_from_the_first_day() {
    let stage = Stage::new().await;
    stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
    assert!(!stage.double.renews_by_itself("acme.com"));
    stage.double.renew_by_itself("acme.com", true);
    stage.adapter.ensure_registered(&call("acme.com"), 0).await.unwrap();
    assert!(!stage.double.renews_by_itself("acme.com"));
}

#[tokio::test]
async fn a_name_that_the_registry_deletes_is_neither_ours_nor_bought_again() {
    for status in ["redemption_period", "pending_delete"] {
        let stage = Stage::new().await;
        stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
        stage.double.say_status("acme.com", status);
        let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await;
        assert_eq!(told, Err(ask(ActionReason::RegistrarRejected)), "{status}");
        assert!(stage.adapter.portfolio(&call("acme.com").world).await.unwrap().is_empty());
        assert_eq!(stage.paid("acme.com"), (1, 0));
    }
    let stage = Stage::new().await;
    stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
    stage.double.say_status("acme.com", "transfer_pending");
    assert_eq!(stage.adapter.registered(&call("acme.com")).await, Err(Trouble::Later(None)), "nobody knows");
}

#[tokio::test]
async fn a_name_stays_on_the_servers_of_its_zone() {
    let stage = Stage::new().await;
    stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
    let mut servers = stage.adapter.ensure_zone(&call("acme.com")).await.unwrap();
    servers.reverse();
    servers[0] = format!("{}.", servers[0].to_uppercase());
    assert_eq!(stage.adapter.ensure_nameservers(&call("acme.com"), &servers).await, Ok(()));
    let others = ["ns1.example.net".to_owned(), "ns2.example.net".to_owned()];
    let told = stage.adapter.ensure_nameservers(&call("acme.com"), &others).await;
    let Err(Trouble::Refused(Refused::ForGood(words))) = told else { panic!("{told:?}") };
    assert!(words.contains("acme.com") && words.contains("same account"), "{words}");
}

#[tokio::test]
async fn five_hundred_names_are_listed_whole() {
    let stage = Stage::new().await;
    for n in 0..500 {
        stage.double.own(&format!("name-{n}.com"));
    }
    let all = stage.adapter.portfolio(&call("any.com").world).await.unwrap();
    let names: std::collections::BTreeSet<_> = all.iter().map(|one| one.name.as_str()).collect();
    assert_eq!((all.len(), names.len()), (500, 500));
    assert!(all.iter().all(|one| one.renews_itself == Some(false) && one.expires_at.is_some()));
}

#[tokio::test]
async fn a_name_that_is_sold_for_two_years_at_least_costs_both() {
    let stage = Stage::new().await;
    let names = [DomainName::stored("acme.ai")];
    let answer = stage.adapter.check(&call("any.com").world, &names, Purpose::Buy).await.unwrap().remove(0);
    let Verdict::Buyable { price_cents, .. } = answer.verdict else { panic!("{answer:?}") };
    assert_eq!((answer.least_years, price_cents), (2, PRICE + RENEWAL));
    let told = stage.adapter.ensure_registered(&call("acme.ai"), price_cents - 1).await;
    assert_eq!(told, Err(ask(ActionReason::PriceChanged)));
    let bought = stage.adapter.ensure_registered(&call("acme.ai"), price_cents).await.unwrap();
    assert_eq!((bought.expires_at, bought.paid_cents), (years_later(start(), 2), Some(price_cents)));
}
