//! What is asked of a vendor's sandbox: who we are, what a name costs that nobody has, the name itself, once, and where the
//! account hosts zones, its zone.

use std::sync::Arc;

use model::action::ActionReason;
use model::dns::{RrSet, RrType};
use model::domain::{DomainName, Verdict};
use model::money::Cents;
use model::registrant::Registrant;
use model::world::World;
use providers::call::Call;
use providers::kind::Opened;
use providers::roles::{DnsHost, Purpose, Redirector, Registrar};
use providers::trouble::{Refused, Trouble};

use super::passing::Passing;

/// Walks through it, and answers what there is to tell.
///
/// # Panics
/// With the first sentence that does not hold.
pub(crate) async fn walk(opened: &Opened, name: &str, passing: &Passing) -> Vec<String> {
    let call = |step: &str| Call {
        world: World::live(),
        now: passing.now(),
        reference: format!("live_{name}/{step}"),
        nudges: 0,
        subject: DomainName::parse(name).unwrap(),
        registrant: Some(Arc::new(registrant())),
        asked_at: None,
        customer: None,
        by_hand: None,
    };
    let account = opened.account.as_ref().unwrap();
    let examined = passing.done(&call("examine"), async |_| account.examine().await).await;
    let mut told = vec![format!("known as {:?}, with {:?} cents", examined.known_as, examined.balance_cents)];
    told.extend(examined.remarks);
    let registrar = opened.registrar.as_deref().unwrap();
    let price = costs(registrar, &call("check"), passing).await;
    buy(registrar, &call("register"), price, passing).await;
    told.push(format!("{name} was bought for {price} cents"));
    if let Some(dns) = opened.dns.as_deref() {
        host(dns, registrar, &call("host"), passing).await;
        if let Some(redirector) = opened.redirector.as_deref() {
            redirect(redirector, &call("redirect"), passing).await;
        }
        passing.done(&call("release"), async |call| dns.ensure_no_zone(call).await).await;
        told.push(format!("the zone of {name} was made, changed and removed"));
    }
    told
}

async fn costs(registrar: &dyn Registrar, call: &Call, passing: &Passing) -> Cents {
    let names = [call.subject.clone()];
    let check = async |call: &Call| registrar.check(&call.world, &names, Purpose::Buy).await;
    let answers = passing.done(call, check).await;
    let verdict = answers.into_iter().find(|answer| answer.name == call.subject).map(|answer| answer.verdict);
    let Some(Verdict::Buyable { price_cents, .. }) = verdict else {
        panic!("{} has to be free to buy, and is {verdict:?}", call.subject)
    };
    price_cents
}

async fn buy(registrar: &dyn Registrar, call: &Call, price: Cents, passing: &Passing) {
    let look = async |call: &Call| registrar.registered(call).await;
    assert_eq!(passing.done(call, look).await, None, "what was not bought is not there");
    let dear = passing.decided(call, async |call| registrar.ensure_registered(call, price - 1).await).await;
    let no = Trouble::Refused(Refused::Ask(ActionReason::PriceChanged));
    assert_eq!(dear.map(|_| ()), Err(no), "a name is not bought for more than is allowed");
    let bought = passing.done(call, async |call| registrar.ensure_registered(call, price).await).await;
    assert!(bought.expires_at > passing.now(), "a name that was just bought has not run out");
    let again = passing.done(call, async |call| registrar.ensure_registered(call, 0).await).await;
    assert_eq!(again.expires_at, bought.expires_at, "what is ours already costs nothing");
    let held = passing.done(call, async |call| registrar.portfolio(&call.world).await).await;
    let held: Vec<_> = held.into_iter().filter(|one| one.name == call.subject).collect();
    assert_eq!(held.len(), 1, "a name lies in its account once");
    assert!(held[0].renews_itself != Some(true), "the vendor renews nothing by itself");
}

async fn host(dns: &dyn DnsHost, registrar: &dyn Registrar, call: &Call, passing: &Passing) {
    let servers = passing.done(call, async |call| dns.ensure_zone(call).await).await;
    assert!(!servers.is_empty(), "a zone is served by somebody");
    passing.done(call, async |call| registrar.ensure_nameservers(call, &servers).await).await;
    let text = |values: &[&str]| RrSet {
        name: call.subject.to_string(),
        rtype: RrType::Txt,
        ttl: 3600,
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    for values in [&["v=spf1 -all", "One; two"][..], &["v=spf1 -all"], &[]] {
        let wanted = text(values);
        passing.done(call, async |call| dns.ensure_records(call, std::slice::from_ref(&wanted)).await).await;
        let sets = passing.done(call, async |call| dns.records(call).await).await.unwrap();
        let of_it = sets.into_iter().filter(|set| set.rtype == RrType::Txt && set.name == wanted.name);
        let mut found: Vec<_> = of_it.flat_map(|set| set.values).collect();
        found.sort_by_key(|value| !value.starts_with('v'));
        assert_eq!(found, values, "the zone has what was written, and nothing else");
    }
}

async fn redirect(redirector: &dyn Redirector, call: &Call, passing: &Passing) {
    for target in ["https://example.com/one", "https://example.com/two"] {
        passing.done(call, async |call| redirector.ensure_redirect(call, target).await).await;
    }
    passing.done(call, async |call| redirector.ensure_no_redirect(call).await).await;
}

fn registrant() -> Registrant {
    Registrant {
        first_name: "Alex".into(),
        last_name: "Rivera".into(),
        organization: None,
        email: "alex@example.com".into(),
        phone: "+1.2125550100".into(),
        street: "1 Main Street".into(),
        city: "New York".into(),
        state: Some("NY".into()),
        postal_code: "10001".into(),
        country: "US".into(),
    }
}
