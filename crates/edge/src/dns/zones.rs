//! All zones that are served. Whoever answers sees them as they stood at one moment; a change is seen by the next one.
//!
//! They lie in shards by the hash of their names. A change makes the shards anew that it is about, some hundred pointers
//! each, and puts a new list of shards in the place of the old one; no zone is copied and nobody waits.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, Guard};
use model::dns::is_newer;

use super::name::{Lower, to_wire};
use super::rendered::Rendered;
use super::waiting::Waiting;

/// How many shards there are: with a hundred thousand zones each has about a hundred.
const SHARDS: usize = 1024;

/// All zones that are served.
pub struct Zones {
    now: ArcSwap<Snapshot>,
    /// One change after the other.
    changing: Mutex<()>,
    /// Who is told what has changed.
    watchers: Mutex<Vec<Arc<Waiting>>>,
}

/// The zones as they stood at one moment.
pub(super) struct Snapshot {
    hasher: RandomState,
    shards: Box<[Shard]>,
    count: usize,
}

/// Some zones, in the order of their hashes.
type Shard = Arc<[Entry]>;

#[derive(Clone)]
struct Entry {
    hash: u64,
    zone: Arc<Rendered>,
}

/// What a name stands for from now on.
struct Change {
    hash: u64,
    name: Vec<u8>,
    zone: Option<Arc<Rendered>>,
}

/// Changes by the shard that they are about.
type Changes = BTreeMap<usize, Vec<Change>>;

/// What is to be served from now on.
#[derive(Debug, Default)]
pub struct Update {
    /// Zones that are new or have changed.
    pub put: Vec<Rendered>,
    /// Names of zones that are not served any more, without the last dot.
    pub removed: Vec<String>,
    /// Whether `put` is all there is: every other zone is removed.
    pub is_whole: bool,
}

/// Why a zone goes on as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// The zone, in presentation form.
    pub zone: String,
    /// The serial that is served.
    pub served: u32,
    /// The serial that does not come after it, though what it stands for is another.
    pub offered: u32,
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { zone, served, offered } = self;
        write!(f, "{zone}: serial {offered} does not come after {served}, which is served")
    }
}

impl std::error::Error for Stale {}

impl Default for Zones {
    fn default() -> Self {
        Self { now: ArcSwap::from_pointee(Snapshot::default()), changing: Mutex::default(), watchers: Mutex::default() }
    }
}

impl Default for Snapshot {
    fn default() -> Self {
        let shards = std::iter::repeat_with(|| Arc::from([])).take(SHARDS).collect();
        Self { hasher: RandomState::new(), shards, count: 0 }
    }
}

impl Zones {
    /// Serves what has changed, all at one moment. Serials only grow: a zone that is offered with one that does not come
    /// after what is served goes on as it was, and is answered. A whole update stands for itself: after a sandbox was reset, an older
    /// zone of the same name may be the one that is left.
    pub fn publish(&self, update: Update) -> Vec<Stale> {
        let _one = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.now.load_full();
        let (mut stale, is_whole) = (vec![], update.is_whole);
        let mut changes = Changes::new();
        let mut change = |name: Vec<u8>, zone: Option<Arc<Rendered>>| {
            let hash = before.hasher.hash_one(name.as_slice());
            changes.entry(shard_of(hash)).or_default().push(Change { hash, name, zone });
        };
        if update.is_whole {
            let kept: HashSet<&[u8]> = update.put.iter().map(Rendered::apex).collect();
            let gone = before.shards.iter().flat_map(|shard| shard.iter());
            for entry in gone.filter(|entry| !kept.contains(entry.zone.apex())) {
                change(entry.zone.apex().to_vec(), None);
            }
        }
        for name in &update.removed {
            change(to_wire(&name.trim_end_matches('.').to_ascii_lowercase()), None);
        }
        for zone in update.put {
            match before.exactly(zone.apex()) {
                Some(served) if **served == zone => {}
                Some(served) if !is_whole && !is_newer(zone.serial(), served.serial()) => {
                    stale.push(Stale { zone: shown(zone.apex()), served: served.serial(), offered: zone.serial() })
                }
                _ => change(zone.apex().to_vec(), Some(Arc::new(zone))),
            }
        }
        if !changes.is_empty() {
            let after = Arc::new(before.with(&changes));
            self.now.store(after);
            self.tell(&changes);
        }
        stale
    }

    /// A line of what is new or has changed, beginning with all there is.
    pub(super) fn watch(&self) -> Arc<Waiting> {
        let _one = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = Arc::new(Waiting::default());
        for shard in 0..SHARDS {
            let names = self.names(shard).unwrap_or_default();
            waiting.add(names.iter().map(Vec::as_slice));
        }
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner).push(waiting.clone());
        waiting
    }

    fn tell(&self, changes: &Changes) {
        for waiting in self.watchers.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let all = changes.values().flatten();
            waiting.add(all.filter(|change| change.zone.is_some()).map(|change| change.name.as_slice()));
        }
    }

    /// The names of the zones in a shard; `None` where there is no such shard.
    pub(super) fn names(&self, shard: usize) -> Option<Vec<Vec<u8>>> {
        let now = self.now.load();
        Some(now.shards.get(shard)?.iter().map(|entry| entry.zone.apex().to_vec()).collect())
    }

    /// How many zones there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.now.load().count
    }

    /// The serial of a zone, if it is served.
    #[must_use]
    pub fn serial(&self, name: &str) -> Option<u32> {
        let name = to_wire(&name.trim_end_matches('.').to_ascii_lowercase());
        self.now.load().exactly(&name).map(|zone| zone.serial())
    }

    /// The zones as they stand now.
    pub(super) fn now(&self) -> Guard<Arc<Snapshot>> {
        self.now.load()
    }
}

/// A zone that was found for a name.
pub(super) struct Found<'z> {
    pub(super) zone: &'z Rendered,
    /// What tells the zone from others.
    pub(super) hash: u64,
}

impl Snapshot {
    /// The zone that a name belongs to: of several the one with the longest name that is at least `above` labels above.
    pub(super) fn find(&self, name: &Lower, above: usize) -> Option<Found<'_>> {
        (above..name.labels()).find_map(|depth| {
            let apex = name.without(depth);
            let hash = self.hasher.hash_one(apex);
            self.look(hash, apex).map(|zone| Found { zone: zone.as_ref(), hash })
        })
    }

    /// The zone of just this name.
    pub(super) fn exactly(&self, apex: &[u8]) -> Option<&Arc<Rendered>> {
        self.look(self.hasher.hash_one(apex), apex)
    }

    fn look(&self, hash: u64, apex: &[u8]) -> Option<&Arc<Rendered>> {
        let shard = &self.shards[shard_of(hash)];
        let first = shard.partition_point(|entry| entry.hash < hash);
        let same = shard[first..].iter().take_while(|entry| entry.hash == hash);
        same.map(|entry| &entry.zone).find(|zone| zone.apex() == apex)
    }

    fn with(&self, changes: &Changes) -> Self {
        let (mut shards, mut count) = (self.shards.clone(), self.count);
        for (number, changes) in changes {
            let mut shard = shards[*number].to_vec();
            for Change { hash, name, zone } in changes {
                shard.retain(|entry| entry.hash != *hash || entry.zone.apex() != name);
                shard.extend(zone.clone().map(|zone| Entry { hash: *hash, zone }));
            }
            shard.sort_by_key(|entry| entry.hash);
            count = count + shard.len() - shards[*number].len();
            shards[*number] = shard.into();
        }
        Self { hasher: self.hasher.clone(), shards, count }
    }
}

/// The upper bits: the lower ones order what is within.
fn shard_of(hash: u64) -> usize {
    usize::try_from(hash >> (u64::BITS - SHARDS.ilog2())).unwrap_or_default()
}

/// A name in presentation form.
fn shown(wire: &[u8]) -> String {
    let labels: Vec<_> = super::name::labels(wire).map(String::from_utf8_lossy).collect();
    labels.join(".")
}

#[cfg(test)]
mod tests {
    use model::dns::{RrType, Zone};

    use super::super::tests::{set, zone};
    use super::*;

    fn named(name: &str, serial: u32) -> Rendered {
        Rendered::of(&Zone { name: name.into(), serial, ..zone(vec![]) }).unwrap()
    }

    fn put(zones: &Zones, put: Vec<Rendered>) -> Vec<Stale> {
        zones.publish(Update { put, ..Update::default() })
    }

    fn found(zones: &Zones, name: &str, above: usize) -> Option<String> {
        let name = Lower::of(name.split('.').map(str::as_bytes)).unwrap();
        zones.now().find(&name, above).map(|found| shown(found.zone.apex()))
    }

    #[test]
    fn the_zone_with_the_longest_name_is_found() {
        let zones = Zones::default();
        assert_eq!(put(&zones, vec![named("acme.com", 1), named("sub.acme.com", 1)]), []);
        assert_eq!(found(&zones, "A.B.acme.COM", 0).as_deref(), Some("acme.com"));
        assert_eq!(found(&zones, "a.sub.acme.com", 0).as_deref(), Some("sub.acme.com"));
        assert_eq!(found(&zones, "sub.acme.com", 1).as_deref(), Some("acme.com"));
        assert_eq!(found(&zones, "com", 0), None);
        assert_eq!(found(&zones, "myacme.com", 0), None);
    }

    #[test]
    fn serials_only_grow() {
        let zones = Zones::default();
        put(&zones, vec![named("acme.com", 5)]);
        assert_eq!(put(&zones, vec![named("acme.com", 5)]), [], "the same again is nothing new");
        let other = Zone { serial: 5, ..zone(vec![set("acme.com", RrType::Txt, &["other"])]) };
        let stale = put(&zones, vec![Rendered::of(&other).unwrap()]);
        assert_eq!(stale[0].to_string(), "acme.com: serial 5 does not come after 5, which is served");
        assert_eq!(put(&zones, vec![named("acme.com", 4)]).len(), 1);
        assert_eq!(zones.serial("Acme.com."), Some(5));
        assert_eq!(put(&zones, vec![named("acme.com", 6)]), []);
        assert_eq!(zones.serial("acme.com"), Some(6));
    }

    #[test]
    fn what_is_all_there_is_stands_for_itself() {
        let zones = Zones::default();
        put(&zones, vec![named("acme.com", 9)]);
        let older = vec![named("acme.com", 5)];
        assert_eq!(zones.publish(Update { put: older, is_whole: true, ..Update::default() }), []);
        assert_eq!(zones.serial("acme.com"), Some(5), "the newer one's sandbox was reset");
    }

    #[test]
    fn zones_go_by_name_or_because_they_are_not_among_all() {
        let zones = Zones::default();
        put(&zones, (0..5000).map(|n| named(&format!("a{n}.com"), 1)).collect());
        assert_eq!(zones.count(), 5000);
        zones.publish(Update { removed: vec!["A17.com.".into(), "unknown.com".into()], ..Update::default() });
        assert_eq!((zones.count(), zones.serial("a17.com"), zones.serial("a18.com")), (4999, None, Some(1)));
        zones.publish(Update {
            put: vec![named("a18.com", 1), named("b.com", 1)],
            is_whole: true,
            ..Update::default()
        });
        assert_eq!((zones.count(), zones.serial("a18.com"), zones.serial("b.com")), (2, Some(1), Some(1)));
    }

    #[test]
    fn whoever_looks_sees_one_moment() {
        let zones = Zones::default();
        put(&zones, vec![named("acme.com", 1)]);
        let before = zones.now();
        zones.publish(Update { put: vec![named("b.com", 1)], removed: vec!["acme.com".into()], is_whole: false });
        assert!(before.exactly(&to_wire("acme.com")).is_some() && before.exactly(&to_wire("b.com")).is_none());
        assert!(zones.serial("acme.com").is_none() && zones.serial("b.com").is_some());
    }
}
