//! How many requests may wait for their write: past the bound they are refused before they cost anything.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::StoreError;

/// The places of requests that wait for their write, or are being written.
#[derive(Debug)]
pub(crate) struct Room {
    most: usize,
    /// So that one partner's flood leaves places for the others.
    most_of_one: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    /// Of all, those of sandboxes.
    tests: usize,
    /// By partner, and whether it is for the real world.
    partners: HashMap<(String, bool), usize>,
}

/// A place, held until it is dropped.
#[derive(Debug)]
pub(crate) struct Pass {
    room: Arc<Room>,
    key: (String, bool),
}

impl Room {
    pub(crate) fn new(most: usize, most_of_one: usize) -> Self {
        Self { most, most_of_one, taken: Mutex::default() }
    }

    /// Takes a place for a partner's request, in the real world or in a sandbox.
    pub(crate) fn enter(self: &Arc<Self>, partner: &str, is_live: bool) -> Result<Pass, StoreError> {
        let key = (partner.to_owned(), is_live);
        let mut taken = self.taken();
        if !self.fits(&taken, &key) {
            return Err(StoreError::Busy);
        }
        taken.all += 1;
        taken.tests += usize::from(!is_live);
        *taken.partners.entry(key.clone()).or_default() += 1;
        Ok(Pass { room: self.clone(), key })
    }

    /// Whether there is a place for anybody.
    pub(crate) fn is_full(&self) -> bool {
        self.taken().all >= self.most
    }

    /// Whether there is a place for a partner's request.
    pub(crate) fn has_place(&self, partner: &str, is_live: bool) -> bool {
        self.fits(&self.taken(), &(partner.to_owned(), is_live))
    }

    fn fits(&self, taken: &Taken, key: &(String, bool)) -> bool {
        // A quarter is left for whoever sells.
        let has_room = taken.all < self.most && (key.1 || taken.tests < self.most - self.most / 4);
        has_room && taken.partners.get(key).is_none_or(|own| *own < self.most_of_one)
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut taken = self.room.taken();
        taken.all = taken.all.saturating_sub(1);
        taken.tests = taken.tests.saturating_sub(usize::from(!self.key.1));
        if let Some(own) = taken.partners.get_mut(&self.key) {
            *own -= 1;
            if *own == 0 {
                taken.partners.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_one_leaves_places_for_the_others_until_all_are_taken() {
        let room = Arc::new(Room::new(3, 2));
        let held = [room.enter("org_1", false).unwrap(), room.enter("org_1", false).unwrap()];
        assert!(matches!(room.enter("org_1", false), Err(StoreError::Busy)));
        assert!(!room.has_place("org_1", false) && room.has_place("org_2", false) && !room.is_full());
        let other = room.enter("org_2", false).unwrap();
        assert!(room.is_full() && matches!(room.enter("org_3", true), Err(StoreError::Busy)));
        drop(held);
        drop(other);
        assert!(room.has_place("org_1", false) && room.taken().partners.is_empty());
    }

    #[test]
    fn sandboxes_leave_places_for_whoever_sells_be_it_the_same_partner() {
        let room = Arc::new(Room::new(8, 4));
        let flood: Vec<_> = (0..9).filter_map(|n| room.enter(&format!("org_{}", n % 3), false).ok()).collect();
        assert_eq!(flood.len(), 6, "a quarter is left");
        assert!(!room.has_place("org_9", false) && room.has_place("org_1", true));
        let live = [room.enter("org_1", true).unwrap(), room.enter("org_2", true).unwrap()];
        assert!(room.is_full());
        drop((flood, live));
        assert!(room.has_place("org_1", false) && room.taken().tests == 0);
    }
}
