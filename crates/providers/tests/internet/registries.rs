//! What registries say of a name keeps it from other nameservers; whoever says nothing keeps nobody.

use doubles::Fault;
use doubles::rdap::Rdap;
use model::domain::{DomainName, RegistryStatus};
use providers::all::internet::{Internet, InternetSettings, Resolvers};
use providers::call::Call;
use providers::egress::Egress;
use providers::roles::Observer as _;

use crate::tree::call;

fn internet(list: Option<String>, development: bool) -> Internet {
    let (resolvers, rdap) = (Resolvers::At(vec![]), list);
    let settings = InternetSettings { resolvers, rdap, development, ..InternetSettings::default() };
    Internet::new(&settings, Egress::new(development).unwrap()).unwrap()
}

async fn statuses(internet: &Internet, name: &str) -> Option<Vec<RegistryStatus>> {
    let call = Call { subject: DomainName::stored(name), ..call() };
    internet.registry_statuses(&call).await.unwrap()
}

#[tokio::test]
async fn what_a_registry_says_is_read() {
    let registry = Rdap::new().await;
    let internet = internet(Some(registry.list()), true);
    registry.says("fast.com", &["client transfer prohibited", "client update prohibited", "server hold"]);
    registry.says("free.com", &["client transfer prohibited", "active"]);
    let held = vec![RegistryStatus::ClientUpdateProhibited, RegistryStatus::ServerHold];
    assert_eq!(statuses(&internet, "fast.com").await, Some(held));
    assert_eq!(statuses(&internet, "free.com").await, Some(vec![]));
    assert_eq!(statuses(&internet, "nobodys.com").await, None, "that there is none is another's to say");
    assert_eq!(statuses(&internet, "acme.net").await, None, "its registry does not answer");
    assert_eq!(statuses(&internet, "acme.de").await, None, "no registry says anything of it");
    let lists = registry.server.asked().iter().filter(|asked| asked.path.ends_with("dns.json")).count();
    assert_eq!(lists, 1, "it is kept");
}

#[tokio::test]
async fn an_answer_that_is_none_says_nothing_and_the_next_one_counts() {
    let registry = Rdap::new().await;
    let internet = internet(Some(registry.list()), true);
    registry.says("fast.com", &["server update prohibited"]);
    for fault in [Fault::Broken, Fault::PageInstead] {
        registry.server.fail("GET", "/fast.com", fault);
        assert_eq!(statuses(&internet, "fast.com").await, None, "{fault:?}");
        assert_eq!(statuses(&internet, "fast.com").await, Some(vec![RegistryStatus::ServerUpdateProhibited]));
    }
    registry.server.fail("GET", "/fast.com", Fault::TooMany(Some(0)));
    assert!(statuses(&internet, "fast.com").await.is_some(), "who is to come back does");
}

#[tokio::test]
async fn whoever_does_not_answer_is_left_alone_for_a_while() {
    for faults in [&[Fault::RequestLost][..], &[Fault::ReplyLost], &[Fault::TooMany(Some(0)), Fault::TooMany(Some(0))]]
    {
        let registry = Rdap::new().await;
        let internet = internet(Some(registry.list()), true);
        registry.says("fast.com", &["server hold"]);
        faults.iter().for_each(|fault| registry.server.fail("GET", "/fast.com", *fault));
        assert_eq!(statuses(&internet, "fast.com").await, None, "{faults:?}");
        let asked = registry.server.asked().len();
        assert_eq!(statuses(&internet, "fast.com").await, None, "five hundred names do not wait for it one by one");
        assert_eq!(registry.server.asked().len(), asked, "{faults:?}");
    }
}

#[tokio::test]
async fn a_registry_is_asked_through_the_guard_or_not_at_all() {
    let registry = Rdap::new().await;
    registry.says("fast.com", &["server hold"]);
    assert_eq!(statuses(&internet(None, true), "fast.com").await, None);
    assert_eq!(statuses(&internet(Some(registry.list()), false), "fast.com").await, None);
    assert!(registry.server.asked().is_empty(), "this machine is none that strangers' lists lead to");
}
