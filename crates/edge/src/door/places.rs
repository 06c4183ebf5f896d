//! How many connections there may be, in all and from one network.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The places, and who has them.
pub(crate) struct Places {
    most: usize,
    per_network: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    total: usize,
    by_network: HashMap<u64, usize>,
}

/// A place; it is free again when this is dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    network: u64,
}

impl Places {
    pub(crate) fn new(most: usize, per_network: usize) -> Self {
        Self { most, per_network, taken: Mutex::default() }
    }

    /// A place for somebody of a network, if there is one.
    pub(crate) fn enter(self: &Arc<Self>, network: u64) -> Option<Place> {
        let mut taken = self.lock();
        let held = taken.by_network.get(&network).copied().unwrap_or_default();
        if taken.total >= self.most || held >= self.per_network {
            return None;
        }
        taken.total += 1;
        taken.by_network.insert(network, held + 1);
        Some(Place { places: self.clone(), network })
    }

    /// How many are taken.
    pub(crate) fn taken(&self) -> usize {
        self.lock().total
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        taken.total -= 1;
        match taken.by_network.get_mut(&self.network) {
            Some(held) if *held > 1 => *held -= 1,
            _ => _ = taken.by_network.remove(&self.network),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_in_all_and_per_network_and_given_back() {
        let places = Arc::new(Places::new(3, 2));
        let held: Vec<_> = [1, 1, 1, 2, 3].map(|network| places.enter(network)).into();
        assert_eq!(held.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false, true, false]);
        assert_eq!(places.taken(), 3);
        drop(held);
        assert_eq!(places.taken(), 0);
        assert!(places.lock().by_network.is_empty());
    }
}
