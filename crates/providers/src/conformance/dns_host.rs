//! What a DNS host has to keep.

use model::dns::{RrSet, RrType};
use model::domain::DomainName;
use model::run::StepName;

use super::maker::Maker;
use super::patience::settled;
use super::stage::{bought, delegated, publish, sorted};
use crate::call::Call;
use crate::cast::Cast;

/// Holds the DNS host against the contract.
///
/// # Panics
/// With the first sentence of the contract that is broken.
pub async fn dns_host(cast: &Cast, maker: &Maker) {
    a_zone_is_made_once(cast, maker).await;
    record_sets_are_exactly_as_asked(cast, maker).await;
    record_sets_can_be_read_and_taken_away(cast, maker).await;
    a_zone_can_be_removed_again(cast, maker).await;
}

async fn a_zone_is_made_once(cast: &Cast, maker: &Maker) {
    let name = bought(cast, maker).await;
    let call = maker.call(&name, StepName::CreateZone);
    let first = settled(&call, async |call| cast.dns.ensure_zone(call).await).await;
    assert!(!first.is_empty(), "a zone has nameservers");
    let again = settled(&call, async |call| cast.dns.ensure_zone(call).await).await;
    assert_eq!(first, again, "the second call finds the zone of the first");
    let rival = maker.rival_call(&name, StepName::CreateZone);
    let other = settled(&rival, async |call| cast.dns.ensure_zone(call).await).await;
    assert_eq!(first, other, "a name has one zone, whoever asks for it");
    assert!(
        is_listed(cast, &call).await != Some(false),
        "a zone that was made is in the list of all, where there is one"
    );
}

/// Whether the host's list of zones has the call's; `None` where it gives none.
async fn is_listed(cast: &Cast, call: &Call) -> Option<bool> {
    let zones = settled(call, async |call| cast.dns.zones(&call.world).await).await;
    zones.map(|zones| zones.contains(&call.subject))
}

async fn record_sets_are_exactly_as_asked(cast: &Cast, maker: &Maker) {
    let name = delegated(cast, maker).await;
    let text = |values: &[&str]| set(&name, RrType::Txt, values);
    publish(cast, maker, &name, &[text(&["one", "two"]), set(&name, RrType::Mx, &["10 mx.example.net"])]).await;
    assert_eq!(seen(cast, maker, &name, RrType::Txt).await, ["one", "two"], "what is written can be seen");
    publish(cast, maker, &name, &[text(&["two", "three"])]).await;
    publish(cast, maker, &name, &[text(&["two", "three"])]).await;
    assert_eq!(seen(cast, maker, &name, RrType::Txt).await, ["three", "two"], "a record set is replaced whole");
    let mail = seen(cast, maker, &name, RrType::Mx).await;
    assert_eq!(mail, ["10 mx.example.net"], "record sets that are not named stay as they are");
}

async fn record_sets_can_be_read_and_taken_away(cast: &Cast, maker: &Maker) {
    let name = delegated(cast, maker).await;
    let text = |values: &[&str]| set(&name, RrType::Txt, values);
    publish(cast, maker, &name, &[text(&["One; two", "three"]), set(&name, RrType::Mx, &["10 mx.example.net"])]).await;
    let held = held(cast, maker, &name).await.unwrap_or_else(|| panic!("a zone that was made can be read"));
    let values =
        |rtype| sorted(held.iter().filter(|set| set.rtype == rtype).flat_map(|set| set.values.clone()).collect());
    assert_eq!(values(RrType::Txt), ["One; two", "three"], "texts are read as they were written, case and all");
    let mail = values(RrType::Mx).iter().map(|value| value.trim_end_matches('.').to_owned()).collect::<Vec<_>>();
    assert_eq!(mail, ["10 mx.example.net"], "what is written can be read");
    assert!(values(RrType::Ns).is_empty(), "the host's own nameservers are not the zone's to change");
    publish(cast, maker, &name, &[text(&[])]).await;
    publish(cast, maker, &name, &[text(&[])]).await;
    assert!(seen(cast, maker, &name, RrType::Txt).await.is_empty(), "a set without values is gone");
    assert_eq!(seen(cast, maker, &name, RrType::Mx).await.len(), 1, "and the others are still there");
}

async fn a_zone_can_be_removed_again(cast: &Cast, maker: &Maker) {
    let remove = async |call: &Call| cast.dns.ensure_no_zone(call).await;
    let bare = bought(cast, maker).await;
    settled(&maker.later_call(&bare, "remove_zone"), remove).await;
    let name = delegated(cast, maker).await;
    publish(cast, maker, &name, &[set(&name, RrType::Txt, &["one"])]).await;
    for run in ["remove_zone", "remove_zone", "remove_zone_again"] {
        settled(&maker.later_call(&name, run), remove).await;
        assert!(seen(cast, maker, &name, RrType::Txt).await.is_empty(), "what was in a removed zone is gone");
    }
    let call = maker.later_call(&name, "remove_zone");
    assert!(is_listed(cast, &call).await != Some(true), "and it is in no list any more");
    let write = maker.later_call(&name, "write_too_late");
    let records = [set(&name, RrType::Txt, &["two"])];
    assert_eq!(held(cast, maker, &name).await, None, "a zone that was removed is not there");
    let late = cast.dns.ensure_records(&write, &records).await;
    assert!(late.is_err(), "a zone that was removed takes no records");
    let open = maker.later_call(&name, "create_zone");
    let nameservers = settled(&open, async |call| cast.dns.ensure_zone(call).await).await;
    let point = maker.later_call(&name, "delegate_name");
    settled(&point, async |call| cast.registrar.ensure_nameservers(call, &nameservers).await).await;
    assert!(seen(cast, maker, &name, RrType::Txt).await.is_empty(), "a zone that is made anew is empty");
}

async fn held(cast: &Cast, maker: &Maker, name: &DomainName) -> Option<Vec<RrSet>> {
    let call = maker.later_call(name, "read_zone");
    settled(&call, async |call| cast.dns.records(call).await).await
}

fn set(name: &DomainName, rtype: RrType, values: &[&str]) -> RrSet {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    RrSet { name: name.to_string(), rtype, ttl: 300, values }
}

async fn seen(cast: &Cast, maker: &Maker, name: &DomainName, rtype: RrType) -> Vec<String> {
    let call = maker.call(name, StepName::ConfirmReady);
    sorted(settled(&call, async |call| cast.observer.dns(call, name.as_str(), rtype).await).await)
}
