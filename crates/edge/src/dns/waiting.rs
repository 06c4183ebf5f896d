//! What somebody is to be told of the zones, in a line of bounded length.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::zones::Zones;

/// How many zones may stand in line.
const MOST: usize = 4096;

/// The zones that one secondary is to be told about, each once, by their names in wire form.
#[derive(Default)]
pub(super) struct Waiting {
    line: Mutex<Line>,
    more: Notify,
}

#[derive(Default)]
struct Line {
    zones: VecDeque<Arc<[u8]>>,
    known: HashSet<Arc<[u8]>>,
    /// Whether some found no room, so that all have to be told.
    has_missed: bool,
    /// Which shard comes next, while all are being told.
    shard: Option<usize>,
}

impl Waiting {
    /// Puts zones in line that have changed.
    pub(super) fn add<'n>(&self, names: impl Iterator<Item = &'n [u8]>) {
        let mut line = self.line();
        for name in names {
            if !line.add(name) {
                line.has_missed = true;
                break;
            }
        }
        drop(line);
        self.more.notify_one();
    }

    /// The next one.
    pub(super) fn take(&self, zones: &Zones) -> Option<Arc<[u8]>> {
        let mut line = self.line();
        while line.zones.is_empty() {
            if line.shard.is_none() && std::mem::take(&mut line.has_missed) {
                line.shard = Some(0);
            }
            let shard = line.shard?;
            match zones.names(shard) {
                Some(names) => {
                    line.shard = Some(shard + 1);
                    // One shard fits, or else some of it would be missed for ever.
                    names.iter().for_each(|name| line.put(name));
                }
                None => line.shard = None,
            }
        }
        let name = line.zones.pop_front()?;
        line.known.remove(&name);
        Some(name)
    }

    /// Whether there is anything to be told.
    pub(super) fn is_empty(&self) -> bool {
        let line = self.line();
        line.zones.is_empty() && line.shard.is_none() && !line.has_missed
    }

    /// Returns when something may have been added.
    pub(super) async fn changed(&self) {
        self.more.notified().await;
    }

    /// How many zones stand in line.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.line().zones.len()
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// `false` where there is no room for it.
    fn add(&mut self, name: &[u8]) -> bool {
        if self.known.contains(name) {
            return true;
        }
        let has_room = self.zones.len() < MOST;
        if has_room {
            self.put(name);
        }
        has_room
    }

    fn put(&mut self, name: &[u8]) {
        let name: Arc<[u8]> = name.into();
        if self.known.insert(name.clone()) {
            self.zones.push_back(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use model::dns::Zone;

    use super::super::name::to_wire;
    use super::super::tests::zone;
    use super::super::{Rendered, Update};
    use super::*;

    fn all(zones: &Zones, waiting: &Waiting) -> Vec<Arc<[u8]>> {
        std::iter::from_fn(|| waiting.take(zones)).collect()
    }

    fn publish(zones: &Zones, serial: u32, range: std::ops::Range<usize>) {
        let one = |n| Rendered::of(&Zone { name: format!("z{n}.com"), serial, ..zone(vec![]) }).unwrap();
        assert_eq!(zones.publish(Update { put: range.map(one).collect(), ..Update::default() }), []);
    }

    #[test]
    fn each_zone_stands_in_line_once() {
        let (zones, waiting) = (Zones::default(), Waiting::default());
        let names = [to_wire("a.com"), to_wire("b.com"), to_wire("a.com")];
        waiting.add(names.iter().map(Vec::as_slice));
        assert!(!waiting.is_empty());
        assert_eq!(all(&zones, &waiting).len(), 2);
        assert!(waiting.is_empty());
        waiting.add(names.iter().map(Vec::as_slice));
        assert_eq!(all(&zones, &waiting).len(), 2, "and again when it changes again");
    }

    #[test]
    fn very_many_zones_are_all_told_and_never_stand_in_line_together() {
        let zones = Zones::default();
        let waiting = zones.watch();
        publish(&zones, 1, 0..10_000);
        publish(&zones, 1, 0..10_000);
        assert_eq!(waiting.len(), MOST);
        let mut told = HashSet::new();
        while let Some(name) = waiting.take(&zones) {
            told.insert(name);
            assert!(waiting.len() <= MOST);
        }
        assert_eq!(told.len(), 10_000);
        assert!(waiting.is_empty());
        publish(&zones, 2, 3..5);
        assert_eq!(all(&zones, &waiting).len(), 2, "then only what changes");
    }
}
