//! The contract of the role, as far as a vendor can keep it that remembers nothing of ours.

use doubles::porkbun::{PRICE, RENEWAL};
use model::action::ActionReason;
use model::domain::{DomainName, Unavailable, Verdict};
use providers::conformance::{self, Maker};
use providers::roles::{Purpose, Registrar as _};
use providers::trouble::{Refused, Trouble};
use providers::vendor::VendorSettings;

use super::stage::{Stage, adapter, call, settings, years_later};
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
    let bought = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until().unwrap();
    let rival = providers::call::Call { reference: "rival".into(), ..call("acme.com") };
    assert_eq!(stage.adapter.registered(&rival).await.until(), Ok(Some(bought)));
    assert_eq!(stage.adapter.ensure_registered(&rival, PRICE).await.until(), Ok(bought));
    assert_eq!(stage.paid("acme.com"), (1, 0), "it is paid for once all the same");
}

#[tokio::test]
async fn names_are_told_with_their_prices_and_why_they_cannot_be_had() {
    let stage = Stage::new().await;
    let names = ["free.com", "two.ai", "taken-one.com", "premium-one.com", "only-on-pages.us", "no.pineapple"];
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
        ("only-on-pages.us", Unavailable::Invalid),
        ("no.pineapple", Unavailable::Invalid),
    ] {
        assert_eq!(answer(name).verdict, Verdict::Not(why), "{name}");
    }
}

#[tokio::test]
async fn a_purchase_keeps_its_limit_and_its_words() {
    let stage = Stage::new().await;
    for (name, limit, why) in [
        ("free.com", PRICE - 1, ActionReason::PriceChanged),
        ("two.ai", PRICE, ActionReason::PriceChanged),
        ("premium-one.com", 1_000_000, ActionReason::PriceChanged),
        ("taken-one.com", PRICE, ActionReason::NameTaken),
        ("only-on-pages.us", PRICE, ActionReason::RegistrarRejected),
        ("no.pineapple", PRICE, ActionReason::RegistrarRejected),
    ] {
        let told = stage.adapter.ensure_registered(&call(name), limit).await;
        assert_eq!(told, Err(Trouble::Refused(Refused::Ask(why))), "{name}");
    }
    assert!(stage.double.ledger().is_empty());
    let bought = stage.adapter.ensure_registered(&call("two.ai"), 2 * PRICE).await.unwrap();
    assert_eq!(bought.expires_at, years_later(start(), 2), "for the least term");
}

#[tokio::test]
async fn nobody_but_us_renews_our_names() {
    let stage = Stage::new().await;
    stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
    assert!(!stage.double.renews_by_itself("acme.com"), "although the terms say so");
    stage.double.renew_by_itself("acme.com");
    stage.adapter.ensure_registered(&call("acme.com"), 0).await.unwrap();
    assert!(!stage.double.renews_by_itself("acme.com"));
}

#[tokio::test]
async fn the_portfolio_is_read_to_its_end() {
    let stage = Stage::new().await;
    for n in 0..1_003 {
        stage.double.hold_name(&format!("name-{n}.com"));
    }
    let all = stage.adapter.portfolio(&call("any.com").world).await.unwrap();
    assert_eq!(all.len(), 1_003);
    assert!(all.iter().all(|one| one.renews_itself == Some(true) && one.expires_at == Some(years_later(start(), 1))));
}

#[tokio::test]
async fn a_name_that_the_keys_may_not_touch_is_the_operators_trouble() {
    let stage = Stage::new().await;
    stage.double.hold_name("acme.com");
    stage.double.deny_access("acme.com");
    let servers = ["ns1.acme.example", "ns2.acme.example"].map(str::to_owned);
    let told = stage.adapter.ensure_nameservers(&call("acme.com"), &servers).await;
    let Err(Trouble::Misconfigured(words)) = told else { panic!("{told:?}") };
    assert!(words.contains("acme.com") && words.contains("https://porkbun.com/account/api"), "{words}");
    let strange = stage.adapter.ensure_nameservers(&call("strange.com"), &servers).await;
    assert_eq!(strange, Err(Trouble::Refused(Refused::Ask(ActionReason::RegistrarRejected))));
}

#[tokio::test]
async fn wrong_credentials_are_the_operators_trouble_and_nobodys_name() {
    let stage = Stage::new().await;
    let wrong = settings(&stage.double.server.base(), "sk1_wrong");
    let (stranger, _) = adapter(VendorSettings { paces: vec![], ..wrong });
    for no_is_200 in [false, true] {
        let told = stranger.check(&call("any.com").world, &[DomainName::stored("free.com")], Purpose::Browse).await;
        let Err(Trouble::Misconfigured(words)) = told else { panic!("{told:?}") };
        assert!(
            words.contains("main") && words.contains("credentials") && !words.contains("sk1"),
            "{no_is_200}: {words}"
        );
        stage.double.say_no_with_200();
    }
}
