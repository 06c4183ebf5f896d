//! The contract of the roles, as far as a vendor can keep it that remembers nothing of ours.

use doubles::dnsimple::{PRICE, RENEWAL, RESTORE};
use model::action::ActionReason;
use model::domain::{DomainName, Unavailable, Verdict};
use model::intent::IntentKind;
use providers::conformance::{self, Maker};
use providers::roles::{Account as _, DnsHost as _, Purpose, Redirector as _, Registrar as _};
use providers::trouble::{Refused, Trouble, UnderWay};

use super::stage::{Stage, adapter, call, years_later};
use crate::support::start;
use crate::until::Until as _;

fn maker() -> Maker {
    Maker::new(call("any.com").world, start(), |n| DomainName::stored(format!("free-{n}.com")))
}

#[tokio::test]
async fn the_suite_of_a_registrar_without_a_memory_of_ours() {
    let stage = Stage::new().await;
    let (cast, _sandbox) = stage.cast().await;
    conformance::registrar_by_name(&cast, &maker()).await;
}

#[tokio::test]
async fn the_suite_of_a_dns_host() {
    let stage = Stage::new().await;
    let (cast, _sandbox) = stage.cast().await;
    conformance::dns_host(&cast, &maker()).await;
}

#[tokio::test]
async fn the_suite_of_a_redirector() {
    let stage = Stage::new().await;
    let (cast, _sandbox) = stage.cast().await;
    conformance::redirector(&cast, &maker()).await;
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
    let names = ["free.com", "taken-one.com", "premium-one.com", "no.pineapple"].map(DomainName::stored);
    let answers = stage.adapter.check(&call("any.com").world, &names, Purpose::Buy).await.unwrap();
    let verdict = |name: &str| &answers.iter().find(|answer| answer.name.as_str() == name).unwrap().verdict;
    let Verdict::Buyable { price_cents, renewal_price_cents, .. } = verdict("free.com") else { panic!() };
    assert_eq!((*price_cents, *renewal_price_cents), (PRICE, RENEWAL));
    for (name, why) in [
        ("taken-one.com", Unavailable::Taken),
        ("premium-one.com", Unavailable::Premium),
        ("no.pineapple", Unavailable::Invalid),
    ] {
        assert_eq!(*verdict(name), Verdict::Not(why), "{name}");
    }
}

#[tokio::test]
async fn a_purchase_keeps_its_limit_and_its_words() {
    let stage = Stage::new().await;
    for (name, limit, why) in [
        ("free.com", PRICE - 1, ActionReason::PriceChanged),
        ("premium-one.com", 1_000_000, ActionReason::PriceChanged),
        ("taken-one.com", PRICE, ActionReason::NameTaken),
        ("no.pineapple", PRICE, ActionReason::RegistrarRejected),
    ] {
        let told = stage.adapter.ensure_registered(&call(name), limit).await.until();
        assert_eq!(told, Err(Trouble::Refused(Refused::Ask(why))), "{name}");
    }
    assert!(stage.double.ledger().is_empty());
    let expires = stage.adapter.ensure_registered(&call("free.com"), PRICE).await.until().unwrap();
    assert_eq!(expires, years_later(start(), 1));
}

#[tokio::test]
async fn a_registry_that_takes_its_time_is_waited_for_and_not_paid_twice() {
    let stage = Stage::new().await;
    stage.double.be_slow();
    for _ in 0..3 {
        let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until();
        assert!(matches!(told, Err(Trouble::UnderWay(UnderWay::Registration, _))), "{told:?}");
        let looked = stage.adapter.registered(&call("acme.com")).await.until();
        assert!(matches!(looked, Err(Trouble::UnderWay(..))), "no certain no: {looked:?}");
    }
    stage.double.finish();
    assert_eq!(stage.adapter.ensure_registered(&call("acme.com"), 0).await.until(), Ok(years_later(start(), 1)));
    assert_eq!(stage.paid("acme.com"), (1, 0));
}

#[tokio::test]
async fn nobody_but_us_renews_our_names() {
    let stage = Stage::new().await;
    stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until().unwrap();
    assert!(!stage.double.renews_by_itself("acme.com"));
    stage.double.renew_by_itself("acme.com");
    stage.adapter.ensure_registered(&call("acme.com"), 0).await.until().unwrap();
    assert!(!stage.double.renews_by_itself("acme.com"));
}

#[tokio::test]
async fn a_zone_of_a_name_that_is_registered_elsewhere_is_made_and_removed() {
    let stage = Stage::new().await;
    let servers = stage.adapter.ensure_zone(&call("theirs.com")).await.unwrap();
    assert_eq!(servers.len(), 4);
    assert_eq!(stage.adapter.registered(&call("theirs.com")).await.until(), Ok(None), "a zone is no name");
    stage.adapter.ensure_no_zone(&call("theirs.com")).await.unwrap();
    stage.adapter.ensure_no_zone(&call("theirs.com")).await.unwrap();
    assert!(stage.adapter.ensure_redirect(&call("theirs.com"), "https://a.example/").await.is_err());
}

#[tokio::test]
async fn a_name_that_we_bought_stays_ours_when_its_zone_goes() {
    let stage = Stage::new().await;
    stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until().unwrap();
    let servers = stage.adapter.ensure_zone(&call("acme.com")).await.unwrap();
    stage.adapter.ensure_nameservers(&call("acme.com"), &servers).await.unwrap();
    stage.adapter.ensure_redirect(&call("acme.com"), "https://acme.example/").await.unwrap();
    for name in ["acme.com", "www.acme.com"] {
        assert_eq!(stage.double.served(name, "URL"), ["https://acme.example/"], "{name}");
    }
    stage.adapter.ensure_no_zone(&call("acme.com")).await.unwrap();
    assert!(stage.double.served("www.acme.com", "URL").is_empty());
    assert!(stage.adapter.registered(&call("acme.com")).await.until().unwrap().is_some());
}

#[tokio::test]
async fn wrong_credentials_are_the_operators_trouble_and_nobodys_name() {
    let stage = Stage::new().await;
    let (stranger, _) = adapter(&stage.double.server.base(), "wrong");
    let told = stranger.check(&call("any.com").world, &[DomainName::stored("free.com")], Purpose::Browse).await;
    let Err(Trouble::Misconfigured(words)) = told else { panic!("{told:?}") };
    assert!(words.contains("main") && words.contains("credentials") && !words.contains("wrong"), "{words}");
}

#[tokio::test]
async fn an_account_says_as_whom_it_is_known_and_a_token_of_another_is_told() {
    let stage = Stage::new().await;
    let found = stage.adapter.examine().await.unwrap();
    assert_eq!((found.known_as.as_deref(), found.remarks.len()), (Some("ops@example.com"), 0));
    let (stranger, _) = adapter(&stage.double.server.base(), "another token");
    assert!(matches!(stranger.examine().await, Err(Trouble::Misconfigured(_))));
}

#[tokio::test]
async fn what_was_charged_for_names_is_listed_and_nothing_else() {
    let stage = Stage::new().await;
    let (name, world) = (call("acme.com"), call("acme.com").world);
    let bought = stage.adapter.ensure_registered(&name, PRICE).await.unwrap();
    stage.adapter.ensure_renewed(&name, bought.expires_at, RENEWAL).await.unwrap();
    stage.double.charge("acme.com", "restore", RESTORE);
    let told = stage.adapter.charges(&world).await.unwrap().unwrap();
    let told: Vec<_> = told.iter().map(|one| (one.name.as_str(), one.kind, one.cents)).collect();
    let kinds = [(Some(IntentKind::Register), PRICE), (Some(IntentKind::Renew), RENEWAL), (None, RESTORE)];
    assert_eq!(told, kinds.map(|(kind, cents)| ("acme.com", kind, cents)));
    assert_eq!(stage.adapter.restore_price(&name).await, Ok(Some(RESTORE)));
    stage.double.hide_billing();
    assert!(
        matches!(stage.adapter.charges(&world).await, Err(Trouble::Misconfigured(words)) if words.contains("list_charges"))
    );
}
