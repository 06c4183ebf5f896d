//! Things that are found by a name, a hundred thousand of them. Whoever looks waits for nobody.
//!
//! They lie in shards by the hash of their names. A change makes the shards anew that it is about and puts them in the place of the
//! old ones, so that it costs little however many things there are.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

/// How many shards there are: with a hundred thousand things each has about a dozen.
const SHARDS: u64 = 8192;

/// Things by their names.
pub(super) struct Shelf<T> {
    shards: Box<[ArcSwap<Shard<T>>]>,
    hasher: RandomState,
    /// One change after the other.
    changing: Mutex<()>,
}

type Shard<T> = HashMap<Box<str>, Arc<T>>;

/// What lies there from now on.
pub(super) struct Update<T> {
    /// Things that are new or have changed, with their names.
    pub(super) put: Vec<(String, T)>,
    /// Names of which there is nothing any more.
    pub(super) removed: Vec<String>,
    /// Names that stay even where `put` is all there is; `None`: it is not.
    pub(super) only: Option<HashSet<String>>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        let shards = std::iter::repeat_with(|| ArcSwap::from_pointee(HashMap::new()));
        let shards = shards.take(usize::try_from(SHARDS).unwrap_or_default()).collect();
        Self { shards, hasher: RandomState::new(), changing: Mutex::default() }
    }
}

impl<T> Shelf<T> {
    /// The thing of a name.
    pub(super) fn find(&self, name: &str) -> Option<Arc<T>> {
        self.shards[self.shard_of(name)].load().get(name).cloned()
    }

    /// How many things there are.
    pub(super) fn count(&self) -> usize {
        self.shards.iter().map(|shard| shard.load().len()).sum()
    }

    /// Changes what lies there. A thing is seen as it was or as it is.
    pub(super) fn publish(&self, update: Update<T>) {
        let _one = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changes: HashMap<usize, Vec<(String, Option<T>)>> = HashMap::new();
        let mut change = |name: String, thing: Option<T>| {
            changes.entry(self.shard_of(&name)).or_default().push((name, thing));
        };
        if let Some(only) = &update.only {
            for shard in &self.shards {
                let shard = shard.load();
                let gone = shard.keys().filter(|name| !only.contains(name.as_ref()));
                gone.for_each(|name| change(name.to_string(), None));
            }
        }
        update.removed.into_iter().for_each(|name| change(name, None));
        update.put.into_iter().for_each(|(name, thing)| change(name, Some(thing)));
        for (number, changes) in changes {
            let mut shard = Shard::clone(&self.shards[number].load());
            for (name, thing) in changes {
                match thing {
                    Some(thing) => _ = shard.insert(name.into(), Arc::new(thing)),
                    None => _ = shard.remove(name.as_str()),
                }
            }
            self.shards[number].store(Arc::new(shard));
        }
    }

    fn shard_of(&self, name: &str) -> usize {
        usize::try_from(self.hasher.hash_one(name) % SHARDS).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(shelf: &Shelf<u32>, things: &[(&str, u32)]) {
        let put = things.iter().map(|(name, thing)| ((*name).to_owned(), *thing)).collect();
        shelf.publish(Update { put, removed: vec![], only: None });
    }

    #[test]
    fn what_was_put_is_found_until_it_is_removed() {
        let shelf = Shelf::default();
        put(&shelf, &[("a.com", 1), ("b.com", 2)]);
        put(&shelf, &[("a.com", 3)]);
        assert_eq!((shelf.find("a.com").as_deref(), shelf.find("b.com").as_deref()), (Some(&3), Some(&2)));
        shelf.publish(Update { put: vec![], removed: vec!["a.com".into(), "nobody.com".into()], only: None });
        assert_eq!((shelf.find("a.com"), shelf.count()), (None, 1));
    }

    #[test]
    fn what_is_not_among_all_that_there_is_goes() {
        let shelf = Shelf::default();
        put(&shelf, &[("a.com", 1), ("b.com", 2), ("c.com", 3)]);
        let only = Some(["b.com".to_owned(), "d.com".to_owned()].into());
        shelf.publish(Update { put: vec![("d.com".into(), 4)], removed: vec![], only });
        assert_eq!(
            ["a.com", "b.com", "c.com", "d.com"].map(|name| shelf.find(name).as_deref().copied()),
            [None, Some(2), None, Some(4)]
        );
    }
}
