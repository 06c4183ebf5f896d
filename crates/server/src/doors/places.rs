//! How many may be in at once, in all and from one address.
//!
//! The rule about proxies that nobody named. An address whose requests say that they came through a proxy may have many
//! people behind it, so the bound per address does not apply to it. Anybody can say so. Therefore all that such
//! addresses hold beyond the bound, all of them together, comes out of one half of the places; the other half stays for
//! those who keep to it. And nobody gets past the bound in all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::forwarded::home;

/// The places, and who holds them. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Places {
    most: usize,
    per_address: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    total: usize,
    /// What is held beyond the bound per address.
    beyond: usize,
    by_address: HashMap<IpAddr, Held>,
}

#[derive(Debug, Default)]
struct Held {
    count: usize,
    many_behind: bool,
}

impl Places {
    pub(super) fn new(most: usize, per_address: usize) -> Self {
        Self { most, per_address, taken: Arc::default() }
    }

    /// A place for somebody at an address, given back when it is dropped. `None` when there is none.
    pub(super) fn enter(&self, address: IpAddr) -> Option<Place> {
        let address = home(address);
        let mut taken = self.lock();
        let Taken { total, beyond, by_address } = &mut *taken;
        if *total >= self.most {
            return None;
        }
        let (count, many_behind) = by_address.get(&address).map_or((0, false), |held| (held.count, held.many_behind));
        if count >= self.per_address {
            if !many_behind || *beyond >= self.most / 2 {
                return None;
            }
            *beyond += 1;
        }
        *total += 1;
        by_address.entry(address).or_default().count += 1;
        Some(Place { places: self.clone(), address: Some(address) })
    }

    /// A place for a proxy that the operator named: only the bound in all counts.
    pub(super) fn enter_trusted(&self) -> Option<Place> {
        let mut taken = self.lock();
        if taken.total >= self.most {
            return None;
        }
        taken.total += 1;
        Some(Place { places: self.clone(), address: None })
    }

    /// Notes, as long as it is connected, that an address stands for many. Answers whether that is news.
    pub(super) fn stands_for_many(&self, address: IpAddr) -> bool {
        let mut taken = self.lock();
        let held = taken.by_address.get_mut(&home(address));
        held.is_some_and(|held| !std::mem::replace(&mut held.many_behind, true))
    }

    /// How many are taken.
    #[cfg(test)]
    pub(super) fn taken(&self) -> usize {
        self.lock().total
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place that is held.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    address: Option<IpAddr>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        taken.total -= 1;
        let Some(address) = self.address else { return };
        let Some(held) = taken.by_address.get_mut(&address) else { return };
        let was_beyond = held.count > self.places.per_address;
        held.count -= 1;
        if held.count == 0 {
            taken.by_address.remove(&address);
        }
        taken.beyond -= usize::from(was_beyond);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn fill(places: &Places, address: &str) -> Vec<Place> {
        std::iter::from_fn(|| places.enter(ip(address))).collect()
    }

    #[test]
    fn an_address_has_its_share_and_gives_it_back() {
        let places = Places::new(10, 4);
        let mut one = fill(&places, "192.0.2.1");
        assert_eq!(one.len(), 4);
        let other = fill(&places, "2001:db8::1");
        assert_eq!((other.len(), fill(&places, "2001:db8::ffff").len()), (4, 0), "one network, one share");
        one.pop();
        one.extend(fill(&places, "192.0.2.1"));
        let third = fill(&places, "192.0.2.3");
        assert_eq!((one.len(), third.len()), (4, 2), "and the bound in all is for everybody");
        drop((one, other, third));
        let taken = places.lock();
        assert_eq!((taken.total, taken.beyond, taken.by_address.len()), (0, 0, 0), "nobody is remembered");
    }

    #[test]
    fn whoever_says_to_stand_for_many_gets_one_half_at_most() {
        let places = Places::new(20, 2);
        let mut held = fill(&places, "192.0.2.1");
        assert!(places.stands_for_many(ip("192.0.2.1")));
        assert!(!places.stands_for_many(ip("192.0.2.1")), "known already");
        held.extend(fill(&places, "192.0.2.1"));
        assert_eq!(held.len(), 2 + 10);
        let liar = fill(&places, "192.0.2.2");
        assert!(places.stands_for_many(ip("192.0.2.2")));
        assert_eq!((liar.len(), fill(&places, "192.0.2.2").len()), (2, 0), "together they have one half");
        let honest: Vec<_> = (3..=5).flat_map(|n| fill(&places, &format!("192.0.2.{n}"))).collect();
        assert_eq!(honest.len(), 6, "the rest stays for the others");
        held.truncate(2);
        assert_eq!(fill(&places, "192.0.2.2").len(), 10, "what was beyond the bound is free again");
    }

    #[test]
    fn a_named_proxy_is_held_against_the_bound_in_all_only() {
        let places = Places::new(5, 1);
        let named: Vec<_> = std::iter::from_fn(|| places.enter_trusted()).collect();
        assert_eq!((named.len(), places.enter(ip("192.0.2.1")).is_none()), (5, true));
        drop(named);
        assert_eq!(places.taken(), 0);
        assert!(!places.stands_for_many(ip("192.0.2.1")), "who is not here needs no note");
    }
}
