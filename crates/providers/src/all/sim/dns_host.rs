//! The sandbox's DNS host.

use std::collections::BTreeSet;

use async_trait::async_trait;
use model::dns::RrSet;

use super::Sim;
use super::behaviour::Manner;
use super::estate::Zone;
use super::ledger::Deed;
use super::made_up;
use super::scene::{Scene, for_good};
use crate::call::Call;
use crate::roles::{DnsHost, Redirector};
use crate::trouble::Trouble;

/// How many pairs of nameservers there are: not every zone gets the same one.
const PAIRS: u64 = 4;

#[async_trait]
impl DnsHost for Sim {
    async fn ensure_zone(&self, call: &Call) -> Result<Vec<String>, Trouble> {
        self.turn(call, open).await
    }

    async fn ensure_no_zone(&self, call: &Call) -> Result<(), Trouble> {
        self.turn(call, close).await
    }

    async fn ensure_records(&self, call: &Call, records: &[RrSet]) -> Result<(), Trouble> {
        let records = records.iter().map(tidied).collect();
        self.turn(call, |scene| write(scene, records)).await
    }

    async fn records(&self, call: &Call) -> Result<Option<Vec<RrSet>>, Trouble> {
        self.turn(call, |scene| Ok(scene.estate.zone.as_ref().map(|zone| zone.records.clone()))).await
    }
}

/// The host of a zone redirects its address too: nothing has to stand in the zone for it.
#[async_trait]
impl Redirector for Sim {
    async fn ensure_redirect(&self, call: &Call, target: &str) -> Result<Vec<RrSet>, Trouble> {
        let target = target.to_owned();
        self.turn(call, |scene| redirect(scene, target)).await.map(|()| vec![])
    }

    async fn ensure_no_redirect(&self, call: &Call) -> Result<(), Trouble> {
        self.turn(call, no_redirect).await
    }
}

fn open(scene: &mut Scene<'_>) -> Result<Vec<String>, Trouble> {
    if let Some(zone) = &scene.estate.zone {
        return Ok(zone.nameservers.clone());
    }
    if scene.behaviour.manner == Manner::ZoneRefused && scene.estate.sale.is_none() {
        let words = format!("The DNS host does not take {}.", scene.name());
        return Err(for_good(words));
    }
    let first = 1 + 2 * (made_up::number(&[scene.name().as_str()]) % PAIRS);
    let nameservers = [first, first + 1].map(|n| format!("ns{n}.sandbox.mailwright.dev")).to_vec();
    scene.estate.zone = Some(Zone { nameservers: nameservers.clone(), since: scene.call.now.0, ..Zone::default() });
    scene.record_name(Deed::ZoneCreated);
    Ok(nameservers)
}

/// Removes the zone. Its owner takes back a name that we did not sell, so that a later import goes as the first did.
fn close(scene: &mut Scene<'_>) -> Result<(), Trouble> {
    if scene.estate.zone.take().is_none() {
        return Ok(());
    }
    if scene.estate.sale.is_none() {
        scene.estate.delegation.clear();
    }
    scene.record_name(Deed::ZoneRemoved);
    Ok(())
}

fn write(scene: &mut Scene<'_>, records: Vec<RrSet>) -> Result<(), Trouble> {
    let name = scene.name().as_str();
    let zone = scene.estate.zone.as_mut().ok_or(Trouble::Later(None))?;
    if let Some(foreign) = records.iter().find(|set| !is_within(&set.name, name)) {
        let words = format!("{} does not belong into the zone of {name}", foreign.name);
        return Err(for_good(words));
    }
    let mut changed = false;
    for set in records {
        changed |= put(zone, set);
    }
    if changed {
        scene.record_name(Deed::RecordsWritten);
    }
    Ok(())
}

/// Replaces the set of that name and type, and says whether that made a difference.
fn put(zone: &mut Zone, set: RrSet) -> bool {
    let place = zone.records.iter().position(|old| old.name == set.name && old.rtype == set.rtype);
    match place {
        Some(place) if zone.records[place] == set => false,
        Some(place) if set.values.is_empty() => {
            zone.records.remove(place);
            true
        }
        Some(place) => {
            zone.records[place] = set;
            true
        }
        None if set.values.is_empty() => false,
        None => {
            zone.records.push(set);
            true
        }
    }
}

/// Record sets are sets: neither the order of their values nor the case of their names means anything.
fn tidied(set: &RrSet) -> RrSet {
    let mut set = RrSet { name: host(&set.name), ..set.clone() };
    set.values.sort();
    set.values.dedup();
    set
}

fn redirect(scene: &mut Scene<'_>, target: String) -> Result<(), Trouble> {
    let zone = scene.estate.zone.as_mut().ok_or(Trouble::Later(None))?;
    if zone.redirect.as_ref() != Some(&target) {
        zone.redirect = Some(target);
        scene.record_name(Deed::RedirectSet);
    }
    Ok(())
}

fn no_redirect(scene: &mut Scene<'_>) -> Result<(), Trouble> {
    let had_one = scene.estate.zone.as_mut().is_some_and(|zone| zone.redirect.take().is_some());
    if had_one {
        scene.record_name(Deed::RedirectRemoved);
    }
    Ok(())
}

/// A host name as zones hold it: lower case, without the trailing dot.
pub(super) fn host(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// Whether two lists name the same hosts: neither order nor spelling means anything.
pub(super) fn same_hosts(one: &[String], other: &[String]) -> bool {
    let tidied = |names: &[String]| names.iter().map(|name| host(name)).collect::<BTreeSet<_>>();
    tidied(one) == tidied(other)
}

fn is_within(name: &str, zone: &str) -> bool {
    name.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
