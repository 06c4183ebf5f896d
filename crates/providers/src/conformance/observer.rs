//! What an observer has to keep.

use model::dns::{Data, RrType};
use model::domain::{DomainName, MailProvider};
use model::run::StepName;

use super::maker::Maker;
use super::patience::{refused, settled};
use super::stage::{delegated, opened, publish, sorted};
use crate::cast::Cast;
use crate::roles::Fetched;
use crate::trouble::{Refused, TargetFault};

/// Holds the observer against the contract.
///
/// # Panics
/// With the first sentence of the contract that is broken.
pub async fn observer(cast: &Cast, maker: &Maker) {
    nothing_is_an_answer(cast, maker).await;
    what_is_published_is_seen(cast, maker).await;
    a_fetch_keeps_its_limit(cast, maker).await;
    what_must_not_be_asked_is_not(cast, maker).await;
}

async fn dns(cast: &Cast, maker: &Maker, name: &DomainName, owner: &str, rtype: RrType) -> Vec<String> {
    let call = maker.call(name, StepName::ConfirmReady);
    sorted(settled(&call, async |call| cast.observer.dns(call, owner, rtype).await).await)
}

async fn nothing_is_an_answer(cast: &Cast, maker: &Maker) {
    let name = maker.nobodys_name();
    for rtype in [RrType::Ns, RrType::Mx, RrType::Txt, RrType::A] {
        let seen = dns(cast, maker, &name, name.as_str(), rtype).await;
        assert!(seen.is_empty(), "a name that nobody has registered answers with nothing, not with trouble");
    }
}

async fn what_is_published_is_seen(cast: &Cast, maker: &Maker) {
    let (name, records) = opened(cast, maker, MailProvider::Google).await;
    publish(cast, maker, &name, &records).await;
    for set in records {
        let seen = dns(cast, maker, &name, &set.name, set.rtype).await;
        let meant = |values: &[String]| sorted(values.iter().map(|value| Data::parse(set.rtype, value)).collect());
        assert_eq!(meant(&seen), meant(&set.values), "what is published at {} can be seen", set.name);
    }
    let call = maker.call(&name, StepName::CreateZone);
    let nameservers = settled(&call, async |call| cast.dns.ensure_zone(call).await).await;
    let seen = dns(cast, maker, &name, name.as_str(), RrType::Ns).await;
    assert_eq!(seen, sorted(nameservers), "a delegation that was set can be seen");
}

async fn fetch(cast: &Cast, maker: &Maker, name: &DomainName, limit: usize) -> Fetched {
    let call = maker.call(name, StepName::CreateInboxes);
    settled(&call, async |call| cast.observer.fetch(call, "https://pictures.example.net/jane.png", limit).await).await
}

async fn a_fetch_keeps_its_limit(cast: &Cast, maker: &Maker) {
    let name = delegated(cast, maker).await;
    let whole = fetch(cast, maker, &name, 1 << 20).await;
    for limit in [0, 1, 8] {
        let part = fetch(cast, maker, &name, limit).await;
        let expected = &whole.body[..limit.min(whole.body.len())];
        assert_eq!(part.body, expected, "a fetch gives the first bytes, as many as were asked for");
        assert_eq!(part.status, whole.status, "the limit changes nothing else");
    }
}

async fn what_must_not_be_asked_is_not(cast: &Cast, maker: &Maker) {
    let name = delegated(cast, maker).await;
    let call = maker.call(&name, StepName::CreateInboxes);
    for url in ["", "ftp://example.com/", "http://10.0.0.1/", "http://169.254.169.254/latest/", "https://[fd00::1]/"] {
        let no = refused(&call, async |call| cast.observer.fetch(call, url, 0).await).await;
        assert_eq!(no, Refused::Target(TargetFault::NotPublic), "{url:?} is not asked");
    }
}
