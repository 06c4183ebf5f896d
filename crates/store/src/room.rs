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
    partners: HashMap<String, usize>,
}

/// A place, held until it is dropped.
#[derive(Debug)]
pub(crate) struct Pass {
    room: Arc<Room>,
    partner: String,
}

impl Room {
    pub(crate) fn new(most: usize, most_of_one: usize) -> Self {
        Self { most, most_of_one, taken: Mutex::default() }
    }

    /// Takes a place for a partner's request.
    pub(crate) fn enter(self: &Arc<Self>, partner: &str) -> Result<Pass, StoreError> {
        let mut taken = self.taken();
        if !self.fits(&taken, partner) {
            return Err(StoreError::Busy);
        }
        taken.all += 1;
        *taken.partners.entry(partner.to_owned()).or_default() += 1;
        Ok(Pass { room: self.clone(), partner: partner.to_owned() })
    }

    /// Whether there is a place for anybody.
    pub(crate) fn is_full(&self) -> bool {
        self.taken().all >= self.most
    }

    /// Whether there is a place for a partner's request.
    pub(crate) fn has_place(&self, partner: &str) -> bool {
        self.fits(&self.taken(), partner)
    }

    fn fits(&self, taken: &Taken, partner: &str) -> bool {
        taken.all < self.most && taken.partners.get(partner).is_none_or(|own| *own < self.most_of_one)
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut taken = self.room.taken();
        taken.all = taken.all.saturating_sub(1);
        if let Some(own) = taken.partners.get_mut(&self.partner) {
            *own -= 1;
            if *own == 0 {
                taken.partners.remove(&self.partner);
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
        let held = [room.enter("org_1").unwrap(), room.enter("org_1").unwrap()];
        assert!(matches!(room.enter("org_1"), Err(StoreError::Busy)));
        assert!(!room.has_place("org_1") && room.has_place("org_2") && !room.is_full());
        let other = room.enter("org_2").unwrap();
        assert!(room.is_full() && matches!(room.enter("org_3"), Err(StoreError::Busy)));
        drop(held);
        drop(other);
        assert!(room.has_place("org_1") && room.taken().partners.is_empty());
    }
}
