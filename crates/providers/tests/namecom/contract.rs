//! The contract of the role, as far as a vendor can keep it that remembers nothing of ours.

use doubles::namecom::{PRICE, RENEWAL};
use model::action::ActionReason;
use model::domain::{DomainName, Unavailable, Verdict};
use model::registrant::Registrant;
use providers::conformance::{self, Maker};
use providers::roles::{Purpose, Registrar as _};
use providers::trouble::{Refused, Trouble, UnderWay};
use serde_json::json;

use super::stage::{Stage, adapter, call, call_for, registrant, settings, years_later};
use crate::support::start;
use crate::until::Until as _;

#[tokio::test]
async fn the_suite_of_a_registrar_without_a_memory_of_ours() {
    let stage = Stage::new().await;
    let (cast, _sandbox) = stage.cast().await;
    let maker = Maker::new(call("any.com").world, start(), |n| DomainName::stored(format!("free-{n}.com")));
    conformance::registrar_by_name(&cast, &maker).await;
}

/// When this fails, the contract has changed, and the whole suite may hold.
#[tokio::test]
async fn what_the_contract_wants_and_the_vendor_cannot_know_is_whose_order_bought_a_name() {
    let stage = Stage::new().await;
    let bought = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
    let rival = providers::call::Call { reference: "rival".into(), ..call("acme.com") };
    assert_eq!(stage.adapter.registered(&rival).await, Ok(Some(bought.clone())));
    assert_eq!(stage.adapter.ensure_registered(&rival, PRICE).await, Ok(bought));
    assert_eq!(stage.paid("acme.com"), (1, 0), "it is paid for once all the same");
}

#[tokio::test]
async fn names_are_told_with_their_prices_and_why_they_cannot_be_had() {
    let stage = Stage::new().await;
    let names = ["free.com", "two.ai", "taken-one.com", "premium-one.com", "resting-one.com", "no.pineapple"];
    let names = names.map(DomainName::stored);
    let answers = stage.adapter.check(&call("any.com").world, &names, Purpose::Buy).await.unwrap();
    let answer = |name: &str| answers.iter().find(|answer| answer.name.as_str() == name).unwrap();
    for (name, least, first) in [("free.com", 1, PRICE), ("two.ai", 2, 2 * PRICE)] {
        let Verdict::Buyable { price_cents, renewal_price_cents, .. } = answer(name).verdict else { panic!() };
        assert_eq!((answer(name).least_years, price_cents, renewal_price_cents), (least, first, RENEWAL), "{name}");
    }
    for (name, why) in [
        ("taken-one.com", Unavailable::Taken),
        ("premium-one.com", Unavailable::Premium),
        ("resting-one.com", Unavailable::Errored),
        ("no.pineapple", Unavailable::Invalid),
    ] {
        assert_eq!(answer(name).verdict, Verdict::Not(why), "{name}");
    }
    let nonsense = stage.adapter.check(&call("any.com").world, &names[5..], Purpose::Buy).await.unwrap();
    assert_eq!(nonsense[0].verdict, Verdict::Not(Unavailable::Invalid), "all of them are");
}

#[tokio::test]
async fn five_hundred_names_are_asked_fifty_at_a_time() {
    let stage = Stage::new().await;
    let names: Vec<_> = (0..500).map(|n| DomainName::stored(format!("free-{n}.com"))).collect();
    let answers = stage.adapter.check(&call("any.com").world, &names, Purpose::Browse).await.unwrap();
    let mut told: Vec<_> = answers.iter().map(|answer| answer.name.clone()).collect();
    told.sort();
    told.dedup();
    assert_eq!((told.len(), answers.len()), (500, 500), "each is answered once");
    assert_eq!(stage.double.server.asked().len(), 10);
}

#[tokio::test]
async fn a_purchase_keeps_its_limit_and_its_words() {
    let stage = Stage::new().await;
    for (name, limit, why) in [
        ("free.com", PRICE - 1, ActionReason::PriceChanged),
        ("two.ai", PRICE, ActionReason::PriceChanged),
        ("premium-one.com", 1_000_000, ActionReason::PriceChanged),
        ("taken-one.com", PRICE, ActionReason::NameTaken),
        ("no.pineapple", PRICE, ActionReason::RegistrarRejected),
    ] {
        let told = stage.adapter.ensure_registered(&call(name), limit).await.until();
        assert_eq!(told, Err(Trouble::Refused(Refused::Ask(why))), "{name}");
    }
    let resting = stage.adapter.ensure_registered(&call("resting-one.com"), PRICE).await;
    assert_eq!(resting, Err(Trouble::Later(None)), "the registry comes back");
    assert!(stage.double.ledger().is_empty());
    let bought = stage.adapter.ensure_registered(&call("two.ai"), 2 * PRICE).await.unwrap();
    assert_eq!(bought.expires_at, years_later(start(), 2), "for the least term");
}

#[tokio::test]
async fn a_registry_that_takes_its_time_is_waited_for_and_not_paid_twice() {
    let stage = Stage::new().await;
    stage.double.be_slow();
    for _ in 0..3 {
        let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await;
        assert!(matches!(told, Err(Trouble::UnderWay(UnderWay::Registration, _))), "{told:?}");
        let looked = stage.adapter.registered(&call("acme.com")).await;
        assert!(matches!(looked, Err(Trouble::UnderWay(..))), "no certain no: {looked:?}");
    }
    stage.double.finish();
    assert_eq!(stage.adapter.ensure_registered(&call("acme.com"), 0).await.until(), Ok(years_later(start(), 1)));
    assert_eq!(stage.paid("acme.com"), (1, 0));
}

#[tokio::test]
async fn what_the_registry_rejects_in_the_end_was_not_bought() {
    let stage = Stage::new().await;
    stage.double.be_slow();
    assert!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.is_err());
    stage.double.reject();
    assert_eq!(stage.adapter.registered(&call("acme.com")).await, Ok(None));
    assert!(stage.double.ledger().is_empty());
}

#[tokio::test]
async fn nobody_but_us_renews_our_names() {
    let stage = Stage::new().await;
    stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
    assert!(!stage.double.renews_by_itself("acme.com"), "whatever the account is set to");
    stage.double.renew_by_itself("acme.com");
    stage.adapter.ensure_registered(&call("acme.com"), 0).await.unwrap();
    assert!(!stage.double.renews_by_itself("acme.com"));
    stage.double.renew_by_itself("acme.com");
    stage.double.pass(400 * 86_400);
    let late = providers::call::Call { now: start().plus(400 * model::clock::DAY), ..call("acme.com") };
    assert!(stage.adapter.ensure_registered(&late, 0).await.is_ok(), "a name that has run out is left as it is");
}

#[tokio::test]
async fn a_name_is_registered_for_whom_it_is_for() {
    let stage = Stage::new().await;
    stage.adapter.ensure_registered(&call_for("acme.com", registrant()), PRICE).await.unwrap();
    let contacts = stage.double.contacts("acme.com");
    let expected = json!({
        "firstName": "Alex", "lastName": "Rivera", "companyName": "Acme", "address1": "1 Main Street",
        "city": "New York", "state": "NY", "zip": "10001", "country": "US", "email": "alex@acme.example",
        "phone": "+12125550100",
    });
    for role in ["registrant", "admin", "tech", "billing"] {
        assert_eq!(contacts[role], expected, "{role}");
    }
    let elsewhere = Registrant { organization: None, state: None, country: "SG".into(), ..registrant() };
    stage.adapter.ensure_registered(&call_for("person.com", elsewhere), PRICE).await.unwrap();
    let person = &stage.double.contacts("person.com")["registrant"];
    assert_eq!((&person["companyName"], &person["state"]), (&json!(null), &json!("New York")));
    stage.adapter.ensure_registered(&call("ours.com"), PRICE).await.unwrap();
    assert_eq!(stage.double.contacts("ours.com"), json!({}), "the account knows its own");
}

#[tokio::test]
async fn the_portfolio_is_read_to_its_end() {
    let stage = Stage::new().await;
    for n in 0..260 {
        stage.double.hold_name(&format!("name-{n}.com"));
    }
    let all = stage.adapter.portfolio(&call("any.com").world).await.unwrap();
    assert_eq!(all.len(), 260);
    assert!(all.iter().all(|one| one.renews_itself == Some(true) && one.expires_at.is_some()), "as they were");
}

#[tokio::test]
async fn wrong_credentials_are_the_operators_trouble_and_nobodys_name() {
    let stage = Stage::new().await;
    let (stranger, _) = adapter(settings(&stage.double.server.base(), "wrong"));
    let told = stranger.check(&call("any.com").world, &[DomainName::stored("free.com")], Purpose::Browse).await;
    let Err(Trouble::Misconfigured(words)) = told else { panic!("{told:?}") };
    assert!(words.contains("main") && words.contains("credentials") && !words.contains("wrong"), "{words}");
}
