//! What the registrar said a while ago.

use std::collections::{HashMap, VecDeque};

use model::clock::{MINUTE, Time};
use model::domain::{DomainName, NameAnswer, Unavailable, Verdict};
use model::world::World;

/// How long an answer is told without asking again, in microseconds of partner time.
const FRESH: i64 = 5 * MINUTE;
/// How many answers are kept; the longest known are forgotten first.
const CAPACITY: usize = 20_000;

type Key = (World, DomainName);

/// Answers by world and name.
#[derive(Default)]
pub(super) struct Shelf {
    answers: HashMap<Key, (NameAnswer, Time)>,
    arrivals: VecDeque<Key>,
}

impl Shelf {
    /// An answer that may be told as it is.
    pub(super) fn fresh(&self, world: &World, name: &DomainName, partner_now: Time) -> Option<&NameAnswer> {
        let (answer, said_at) = self.answers.get(&key(world, name))?;
        (partner_now < said_at.plus(FRESH)).then_some(answer)
    }

    /// Whether anything was ever said about a name.
    pub(super) fn knows(&self, world: &World, name: &DomainName) -> bool {
        self.answers.contains_key(&key(world, name))
    }

    /// Keeps answers, but not the failure to give one.
    pub(super) fn keep(&mut self, world: &World, answers: HashMap<DomainName, NameAnswer>, partner_now: Time) {
        for (name, answer) in answers {
            if matches!(answer.verdict, Verdict::Not(Unavailable::Errored | Unavailable::Stale)) {
                continue;
            }
            let key = key(world, &name);
            if self.answers.insert(key.clone(), (answer, partner_now)).is_none() {
                self.arrivals.push_back(key);
            }
        }
        while self.arrivals.len() > CAPACITY {
            if let Some(oldest) = self.arrivals.pop_front() {
                self.answers.remove(&oldest);
            }
        }
    }
}

fn key(world: &World, name: &DomainName) -> Key {
    (world.clone(), name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_known_are_forgotten_first() {
        let mut shelf = Shelf::default();
        let name = |n: usize| DomainName::stored(format!("n{n}.com"));
        for n in 0..CAPACITY + 10 {
            shelf.keep(
                &World::live(),
                HashMap::from([(name(n), NameAnswer::not(name(n), Unavailable::Taken))]),
                Time(0),
            );
        }
        assert_eq!(shelf.answers.len(), CAPACITY);
        assert!(!shelf.knows(&World::live(), &name(9)));
        assert!(shelf.knows(&World::live(), &name(10)));
    }
}
