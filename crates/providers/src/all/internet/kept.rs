//! What is kept of the way down for a while: who serves what is above the names that are looked at, and where they are.
//! Of a name that is looked at, nothing is kept.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hickory_proto::rr::Name;
use tokio::time::Instant;

use super::walk::Zone;

/// The longest that anything is kept, whatever was said.
const LONGEST: Duration = Duration::from_secs(600);
/// More than there are top-level domains and hosts of name servers that we meet in that time.
const MOST: usize = 4_096;

/// What is kept.
#[derive(Default)]
pub(super) struct Kept {
    zones: Mutex<HashMap<Name, (Arc<Zone>, Instant)>>,
    hosts: Mutex<HashMap<Name, (Vec<SocketAddr>, Instant)>>,
}

impl Kept {
    /// The lowest zone above or at a name that is kept.
    pub(super) fn zone_above(&self, name: &Name) -> Option<Arc<Zone>> {
        let zones = locked(&self.zones);
        let (mut above, now) = (name.clone(), Instant::now());
        while !above.is_root() {
            if let Some((zone, until)) = zones.get(&above)
                && *until > now
            {
                return Some(zone.clone());
            }
            above = above.base_name();
        }
        None
    }

    /// Keeps a zone for so many seconds.
    pub(super) fn keep_zone(&self, zone: &Arc<Zone>, ttl: u32) {
        put(&self.zones, zone.name.clone(), zone.clone(), ttl);
    }

    /// Forgets a zone.
    pub(super) fn forget_zone(&self, name: &Name) {
        locked(&self.zones).remove(name);
    }

    /// The addresses of a host.
    pub(super) fn host(&self, name: &Name) -> Option<Vec<SocketAddr>> {
        let hosts = locked(&self.hosts);
        hosts.get(name).filter(|(_, until)| *until > Instant::now()).map(|(addresses, _)| addresses.clone())
    }

    /// Keeps the addresses of a host.
    pub(super) fn keep_host(&self, name: &Name, addresses: &[SocketAddr]) {
        put(&self.hosts, name.clone(), addresses.to_vec(), u32::MAX);
    }
}

fn put<K: Eq + Hash, V>(all: &Mutex<HashMap<K, (V, Instant)>>, key: K, value: V, ttl: u32) {
    let (mut all, now) = (locked(all), Instant::now());
    if all.len() >= MOST {
        all.retain(|_, (_, until)| *until > now);
    }
    // Who fills it faster than it empties begins anew.
    if all.len() >= MOST {
        all.clear();
    }
    all.insert(key, (value, now + LONGEST.min(Duration::from_secs(ttl.into()))));
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::values::name;

    fn n(text: &str) -> Name {
        name(text).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_kept_is_kept_as_long_as_was_said_and_not_longer_than_ten_minutes() {
        let kept = Kept::default();
        let zone = |text| Arc::new(Zone { name: n(text), servers: vec![] });
        kept.keep_zone(&zone("com"), 60);
        kept.keep_zone(&zone("co.uk"), 172_800);
        let found = |text| kept.zone_above(&n(text)).map(|zone| zone.name.clone());
        assert_eq!((found("a.acme.com"), found("acme.co.uk")), (Some(n("com")), Some(n("co.uk"))));
        assert_eq!(found("acme.uk"), None);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!((found("acme.com"), found("acme.co.uk")), (None, Some(n("co.uk"))));
        kept.keep_host(&n("ns1.host.net"), &["192.0.2.1:53".parse().unwrap()]);
        tokio::time::advance(Duration::from_secs(540)).await;
        assert_eq!(found("acme.co.uk"), None);
        assert!(kept.host(&n("ns1.host.net")).is_some());
        kept.keep_zone(&zone("com"), 60);
        kept.forget_zone(&n("com"));
        assert_eq!(found("acme.com"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_does_not_fill_the_memory() {
        let kept = Kept::default();
        for count in 0..10_000 {
            kept.keep_host(&n(&format!("ns{count}.host.net")), &[]);
        }
        assert!(locked(&kept.hosts).len() <= MOST);
    }
}
