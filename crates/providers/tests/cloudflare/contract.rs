//! The contract of the roles, as far as this vendor can keep it.

use doubles::cloudflare::{PRICE, RENEWAL};
use model::domain::{DomainName, Unavailable, Verdict};
use providers::conformance::{self, Maker};
use providers::roles::{Purpose, Registrar as _};
use providers::trouble::Trouble;

use super::stage::{Stage, adapter, call};
use crate::support::{Sandbox, start};

fn maker() -> Maker {
    Maker::new(call("any.com").world, start(), |n| DomainName::stored(format!("free-{n}.com")))
}

#[tokio::test]
async fn the_suite_of_a_registrar_whose_names_stay_on_its_own_servers() {
    let stage = Stage::new().await;
    let (cast, _sandbox) = stage.cast().await;
    conformance::registrar_of_its_own_host(&cast, &maker()).await;
}

#[tokio::test]
async fn the_suites_of_a_dns_host_and_of_a_redirector_with_its_own_names() {
    let stage = Stage::new().await;
    let (cast, _sandbox) = stage.cast().await;
    conformance::dns_host(&cast, &maker()).await;
    conformance::redirector(&cast, &maker()).await;
}

#[tokio::test]
async fn the_suites_of_a_dns_host_and_of_a_redirector_with_names_from_elsewhere() {
    let stage = Stage::new().await;
    let sandbox = Sandbox::new().await;
    let cast = stage.hosting(&sandbox.cast);
    let world = sandbox.world.clone();
    let maker = Maker::new(world, start(), |n| DomainName::stored(format!("free-{n}.com")));
    conformance::dns_host(&cast, &maker).await;
    conformance::redirector(&cast, &maker).await;
}

#[tokio::test]
async fn names_are_told_with_their_prices_and_why_they_cannot_be_had() {
    let stage = Stage::new().await;
    let names = ["free.com", "taken-one.com", "premium-one.com", "no.pineapple", "dotless"].map(DomainName::stored);
    let answers = stage.adapter.check(&call("any.com").world, &names, Purpose::Buy).await.unwrap();
    let verdict = |name: &str| &answers.iter().find(|answer| answer.name.as_str() == name).unwrap().verdict;
    let Verdict::Buyable { price_cents, renewal_price_cents, .. } = verdict("free.com") else { panic!() };
    assert_eq!((*price_cents, *renewal_price_cents), (PRICE, RENEWAL));
    for (name, why) in [
        ("taken-one.com", Unavailable::Taken),
        ("premium-one.com", Unavailable::Premium),
        ("no.pineapple", Unavailable::Invalid),
        ("dotless", Unavailable::Invalid),
    ] {
        assert_eq!(*verdict(name), Verdict::Not(why), "{name}");
    }
}

#[tokio::test]
async fn five_hundred_names_are_asked_about_twenty_at_a_time_and_each_is_answered() {
    let stage = Stage::new().await;
    let names: Vec<_> = (0..500).map(|n| DomainName::stored(format!("free-{n}.com"))).collect();
    stage.double.server.fail("POST", "/domain-check", doubles::Fault::Broken);
    let answers = stage.adapter.check(&call("any.com").world, &names, Purpose::Browse).await.unwrap();
    let errored = answers.iter().filter(|one| one.verdict == Verdict::Not(Unavailable::Errored)).count();
    assert_eq!((answers.len(), errored, stage.asked("POST", "/domain-check")), (500, 20, 25));
}

#[tokio::test]
async fn wrong_credentials_are_the_operators_trouble_and_nobodys_name() {
    let stage = Stage::new().await;
    let (stranger, _) = adapter(&stage.double.server.base(), "wrong", None);
    let told = stranger.check(&call("any.com").world, &[DomainName::stored("free.com")], Purpose::Browse).await;
    let Err(Trouble::Misconfigured(words)) = told else { panic!("{told:?}") };
    assert!(words.contains("main") && words.contains("credentials") && !words.contains("wrong"), "{words}");
}
