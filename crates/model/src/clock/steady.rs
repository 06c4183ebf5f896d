//! Server time that never goes back, whatever is done to the machine's clock.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Clock, DAY, HandClock, MINUTE, SystemClock, Time};

/// How much earlier than the newest known time a start takes the machine's clock to be, and goes on from the
/// newest known time. Beyond it that time is not believed.
pub const CARRIED: i64 = DAY;

/// Steps of the machine's clock that are worth a line in the log.
pub const NOTED: i64 = MINUTE;

/// While it is ahead of the machine's clock, time goes slower by one part in so many.
const SLOWER: i64 = 10;

/// The two clocks that a machine has.
pub trait Hands: Send + Sync {
    /// The one on the wall, which somebody may put forward and back.
    fn wall(&self) -> Time;

    /// How many microseconds have passed since some moment: never goes back. Sleep need not be counted.
    fn ticked(&self) -> i64;
}

/// This machine's.
#[derive(Clone, Copy, Debug)]
pub struct Machine(std::time::Instant);

impl Machine {
    /// Counts from now on.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "one of the two places that may")]
    pub fn new() -> Self {
        Self(std::time::Instant::now())
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl Hands for Machine {
    fn wall(&self) -> Time {
        SystemClock.now()
    }

    fn ticked(&self) -> i64 {
        i64::try_from(self.0.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

/// Clocks that move by hand: for tests.
#[derive(Clone, Debug)]
pub struct MachineByHand {
    /// The one on the wall.
    pub wall: Arc<HandClock>,
    ticks: Arc<HandClock>,
}

impl MachineByHand {
    /// A machine at a time.
    #[must_use]
    pub fn at(time: Time) -> Self {
        Self { wall: HandClock::at(time), ticks: HandClock::at(Time(0)) }
    }

    /// Lets time pass.
    pub fn pass(&self, micros: i64) {
        self.wall.advance(micros);
        self.ticks.advance(micros);
    }
}

impl Hands for MachineByHand {
    fn wall(&self) -> Time {
        self.wall.now()
    }

    fn ticked(&self) -> i64 {
        self.ticks.now().0
    }
}

/// Server time: the wall clock's, as long as that goes on. When it is put back, time goes on from where it was, a
/// tenth slower, until the wall clock has caught up.
pub struct SteadyClock {
    hands: Arc<dyn Hands>,
    anchor: Mutex<Anchor>,
}

/// A moment at which the time was known.
#[derive(Clone, Copy)]
struct Anchor {
    time: Time,
    ticked: i64,
}

impl SteadyClock {
    /// A clock that begins with the machine's, or with the newest time that was `known` before, if that is later
    /// by no more than [`CARRIED`].
    #[must_use]
    pub fn new(hands: Arc<dyn Hands>, known: Option<Time>) -> Self {
        let wall = hands.wall();
        let known = known.filter(|known| known.0.saturating_sub(wall.0) <= CARRIED);
        let anchor = Anchor { time: known.map_or(wall, |known| known.max(wall)), ticked: hands.ticked() };
        Self { hands, anchor: Mutex::new(anchor) }
    }

    /// By how many microseconds it is ahead of the machine's clock.
    #[must_use]
    pub fn ahead(&self) -> i64 {
        let now = self.now();
        (now.0 - self.hands.wall().0).max(0)
    }

    /// What the machine's clocks show.
    #[must_use]
    pub fn hands(&self) -> &dyn Hands {
        &*self.hands
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> Time {
        let mut anchor = self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        // Read under the lock: nobody who asked later may be told less.
        let (wall, ticked) = (self.hands.wall(), self.hands.ticked());
        let passed = (ticked - anchor.ticked).max(0);
        let own = anchor.time.plus(passed - passed / SLOWER);
        if wall >= own {
            *anchor = Anchor { time: wall, ticked };
        }
        own.max(wall)
    }

    fn wall(&self) -> Time {
        self.hands.wall()
    }
}

/// Notices when the wall clock moves otherwise than time passes.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    wall: Time,
    ticked: i64,
}

impl Watch {
    /// Looks for the first time.
    #[must_use]
    pub fn new(hands: &dyn Hands) -> Self {
        Self { wall: hands.wall(), ticked: hands.ticked() }
    }

    /// By how many microseconds the wall clock was put forward, or back when it is negative, since the last look:
    /// `None` when that is at most [`NOTED`].
    pub fn look(&mut self, hands: &dyn Hands) -> Option<i64> {
        let before = std::mem::replace(self, Self::new(hands));
        let step = (self.wall.0 - before.wall.0) - (self.ticked - before.ticked);
        (step.abs() > NOTED).then_some(step)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{HOUR, SECOND};
    use super::*;

    const NOON: Time = Time(1_778_241_600 * SECOND);

    /// A clock, the wall clock it goes by, and what lets time pass on both.
    fn clock(known: Option<Time>) -> (SteadyClock, Arc<HandClock>, impl Fn(i64)) {
        let machine = MachineByHand::at(NOON);
        let clock = SteadyClock::new(Arc::new(machine.clone()), known);
        (clock, machine.wall.clone(), move |micros| machine.pass(micros))
    }

    #[test]
    fn a_clock_that_is_put_back_goes_on_slower_until_it_is_right() {
        let (clock, wall, pass) = clock(None);
        wall.advance(HOUR);
        assert_eq!(clock.now(), NOON.plus(HOUR), "what is ahead is followed");
        wall.advance(-HOUR);
        assert_eq!(clock.now(), NOON.plus(HOUR));
        pass(10 * MINUTE);
        assert_eq!(clock.now(), NOON.plus(HOUR + 9 * MINUTE), "what is due in nine minutes is due after ten");
        assert_eq!(clock.ahead(), HOUR - MINUTE);
        assert_eq!(clock.wall(), NOON.plus(10 * MINUTE), "others are told the machine's time");
        pass(10 * HOUR);
        assert_eq!((clock.ahead(), clock.now()), (0, wall.now()));
    }

    #[test]
    fn a_start_goes_on_from_the_newest_known_time() {
        for (known, begins) in [
            (None, NOON),
            (Some(NOON.plus(-HOUR)), NOON),
            (Some(NOON.plus(HOUR)), NOON.plus(HOUR)),
            (Some(NOON.plus(CARRIED)), NOON.plus(CARRIED)),
            (Some(NOON.plus(CARRIED + 1)), NOON),
        ] {
            assert_eq!(clock(known).0.now(), begins, "{known:?}");
        }
    }

    #[test]
    fn steps_are_noticed_once_and_passing_time_is_none() {
        let (clock, wall, pass) = clock(None);
        let mut watch = Watch::new(clock.hands());
        pass(3 * HOUR);
        assert_eq!(watch.look(clock.hands()), None);
        for step in [HOUR, -HOUR, -NOTED - 1] {
            wall.advance(step);
            pass(SECOND);
            assert_eq!(watch.look(clock.hands()), Some(step));
            assert_eq!(watch.look(clock.hands()), None);
        }
        wall.advance(NOTED);
        assert_eq!(watch.look(clock.hands()), None);
    }

    proptest! {
        #[test]
        fn it_never_goes_back_and_never_stands(moves in proptest::collection::vec((-2 * HOUR..2 * HOUR, 0..HOUR), 1..50)) {
            let (clock, wall, pass) = clock(None);
            let mut last = clock.now();
            for (step, passed) in moves {
                wall.advance(step);
                pass(passed);
                let now = clock.now();
                prop_assert!(now.0 - last.0 >= passed - passed / SLOWER - 1 && now >= wall.now());
                last = now;
            }
        }
    }
}
