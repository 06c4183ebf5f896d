//! The same walk at doubles: what it would do at a vendor is tried without one, and it is shown to notice what is wrong.

use std::sync::Arc;

use doubles::{Fault, cloudflare, dnsimple, namecom, porkbun};
use model::clock::{HandClock, Time};
use providers::kind::Kind;

use super::passing::Passing;
use super::profile::walk;
use super::variables::{said, variable};

const NAME: &str = "mailwright-1.com";

fn start() -> Time {
    Time::parse("2026-05-08T12:00:00Z").unwrap()
}

/// Walks with an account of these variables, at a double whose clock is told by `reach`.
async fn tried(kind: Kind, fields: &[(&str, &str)], reach: impl Fn(i64) + Send + Sync + 'static) -> Vec<String> {
    let passing = Passing::ByHand(HandClock::at(start()), Box::new(move |now| reach(now.seconds())));
    let read = |wanted: &str| {
        let set = fields.iter().find(|(field, _)| variable(&kind, field) == wanted);
        set.map(|(_, value)| (*value).to_owned())
    };
    let said = said(&kind, read, passing.clock()).unwrap().unwrap();
    let opened = (kind.open)(&said).unwrap_or_else(|fault| panic!("{fault}"));
    walk(&opened, NAME, &passing).await
}

fn is_bought<'a>(ledger: impl Iterator<Item = (&'a str, &'a str)>) -> bool {
    ledger.filter(|(what, name)| (*what, *name) == ("registered", NAME)).count() == 1
}

#[tokio::test]
async fn namecom() {
    let double = Arc::new(namecom::Namecom::new(start().seconds()).await);
    let (base, told) = (double.server.base(), double.clone());
    let fields = [("base_url", base.as_str()), ("username", "acme"), ("token", namecom::TOKEN)];
    let lines = tried(providers::all::namecom::KIND, &fields, move |now| told.reach(now)).await;
    assert!(lines[0].contains("acme-test"), "{lines:?}");
    assert!(is_bought(double.ledger().iter().map(|one| (one.what, one.name.as_str()))));
}

#[tokio::test]
async fn porkbun() {
    let double = Arc::new(porkbun::Porkbun::new(start().seconds()).await);
    let (base, told) = (format!("{}/api/json/v3", double.server.base()), double.clone());
    let fields =
        [("base_url", base.as_str()), ("api_key", porkbun::SANDBOX_KEY), ("secret_api_key", porkbun::SECRET_KEY)];
    tried(providers::all::porkbun::KIND, &fields, move |now| told.reach(now)).await;
    assert!(is_bought(double.ledger().iter().map(|one| (one.what, one.name.as_str()))));
}

#[tokio::test]
async fn dnsimple() {
    let double = Arc::new(dnsimple::Dnsimple::new(start().seconds()).await);
    let (base, told) = (format!("{}/v2", double.server.base()), double.clone());
    let registrant = dnsimple::REGISTRANT.to_string();
    let fields = [
        ("base_url", base.as_str()),
        ("account", dnsimple::ACCOUNT),
        ("registrant", &registrant),
        ("token", dnsimple::TOKEN),
    ];
    let lines = tried(providers::all::dnsimple::KIND, &fields, move |now| told.reach(now)).await;
    assert!(lines.iter().any(|line| line.contains("zone")), "{lines:?}");
    assert!(is_bought(double.ledger().iter().map(|one| (one.what, one.name.as_str()))));
}

#[tokio::test]
async fn cloudflare() {
    let double = Arc::new(cloudflare::Cloudflare::new(start().seconds()).await);
    let (base, told) = (format!("{}/client/v4", double.server.base()), double.clone());
    let fields = [("base_url", base.as_str()), ("account", cloudflare::ACCOUNT), ("token", cloudflare::TOKEN)];
    tried(providers::all::cloudflare::KIND, &fields, move |now| told.pass_to(now)).await;
    assert!(is_bought(double.ledger().iter().map(|one| (one.what, one.name.as_str()))));
    let asked = double.server.asked();
    assert!(asked.iter().all(|one| !one.path.contains("/registrar/")), "nothing but the sandbox was asked");
}

#[tokio::test]
#[should_panic(expected = "has to be free to buy")]
async fn a_name_that_is_taken_is_noticed() {
    let double = Arc::new(namecom::Namecom::new(start().seconds()).await);
    double.hold_name(NAME);
    let base = double.server.base();
    let fields = [("base_url", base.as_str()), ("username", "acme"), ("token", namecom::TOKEN)];
    tried(providers::all::namecom::KIND, &fields, |_| ()).await;
}

#[tokio::test]
async fn an_answer_that_is_lost_is_looked_for() {
    let double = Arc::new(namecom::Namecom::new(start().seconds()).await);
    double.server.fail("POST", "/domains", Fault::PageInstead);
    let (base, told) = (double.server.base(), double.clone());
    let fields = [("base_url", base.as_str()), ("username", "acme"), ("token", namecom::TOKEN)];
    tried(providers::all::namecom::KIND, &fields, move |now| told.reach(now)).await;
    assert_eq!(double.server.faults_left(), 0);
    assert!(is_bought(double.ledger().iter().map(|one| (one.what, one.name.as_str()))));
}

#[test]
fn without_variables_nobody_is_asked_and_without_some_it_is_said_which() {
    let kind = providers::all::namecom::KIND;
    let clock = HandClock::at(start());
    assert!(matches!(said(&kind, |_| None, clock.clone()), Ok(None)));
    assert!(matches!(said(&kind, |_| Some(String::new()), clock.clone()), Ok(None)), "an empty one is none");
    let only = |variable: &str| (variable == "LIVE_NAMECOM_USERNAME").then(|| "acme".to_owned());
    assert_eq!(said(&kind, only, clock).err(), Some("set LIVE_NAMECOM_TOKEN too".into()));
}
