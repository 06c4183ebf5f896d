//! Chance that repeats with its seed.

use std::sync::Mutex;

use engine::{Fate, Point, Probe};
use model::run::StepName;

/// A small generator (xorshift).
pub(crate) struct Lottery(u64);

impl Lottery {
    pub(crate) const fn seeded(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number from 0 to below `sides`.
    pub(crate) fn draw(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    /// One of these, when there are any.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let sides = u64::try_from(from.len()).ok().filter(|sides| *sides > 0)?;
        from.get(usize::try_from(self.draw(sides)).ok()?)
    }
}

/// A worker that may die at any point, once in so many times, and now and then calls twice.
pub(crate) struct Storm {
    lottery: Mutex<Lottery>,
    once_in: u64,
}

impl Storm {
    pub(crate) const fn of(seed: u64, once_in: u64) -> Self {
        Self { lottery: Mutex::new(Lottery::seeded(seed)), once_in }
    }
}

impl Probe for Storm {
    fn fate(&self, _domain: &str, _step: StepName, point: Point) -> Fate {
        match (self.lottery.lock().unwrap().draw(self.once_in), point) {
            (0, _) => Fate::Die,
            (1, Point::AfterCall) => Fate::Repeat,
            _ => Fate::Live,
        }
    }
}
