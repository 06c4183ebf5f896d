//! How many deliveries may be under way to one endpoint: by how it answers.

use std::time::Duration;

/// So many at first.
const FIRST: usize = 8;

/// So many however it answers: one alone would tell late that it is well again.
const LEAST: usize = 2;

/// Never more: whoever is told should not be overrun.
const MOST: usize = 64;

/// An answer within this time makes room for one more.
const FAST: Duration = Duration::from_millis(250);

/// After a longer one there is half the room.
const SLOW: Duration = Duration::from_secs(1);

/// How an endpoint took a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    /// How long it took to answer, or to be given up.
    pub(crate) took: Duration,
    /// Whether it has received it.
    pub(crate) is_received: bool,
}

/// What is known of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// Its last answer was a good one.
    Well,
    /// It has not been asked yet.
    New,
    /// Its last answer was none, late, or a refusal.
    Ill,
}

/// How many may be under way to one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    places: usize,
    health: Health,
}

impl Default for Pace {
    fn default() -> Self {
        Self { places: FIRST, health: Health::New }
    }
}

impl Pace {
    /// The pace after an answer.
    pub(crate) fn after(self, answered: Answered) -> Self {
        let is_slow = answered.took >= SLOW || !answered.is_received;
        let places = match answered.took < FAST {
            _ if is_slow => self.places / 2,
            true => self.places + 1,
            false => self.places,
        };
        let health = if is_slow { Health::Ill } else { Health::Well };
        Self { places: places.clamp(LEAST, MOST), health }
    }

    /// How many may be under way.
    pub(crate) const fn places(self) -> usize {
        self.places
    }

    /// What is known of whoever is asked.
    pub(crate) const fn health(self) -> Health {
        self.health
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Answered = Answered { took: Duration::from_millis(5), is_received: true };

    fn after(answers: impl IntoIterator<Item = Answered>) -> Pace {
        answers.into_iter().fold(Pace::default(), |pace, answered| pace.after(answered))
    }

    #[test]
    fn whoever_answers_fast_gets_more_up_to_the_most() {
        assert_eq!((Pace::default().places(), after([GOOD]).places()), (8, 9));
        assert_eq!(after([GOOD; 100]).places(), 64);
        let unhurried = Answered { took: Duration::from_millis(600), ..GOOD };
        assert_eq!(after([unhurried; 5]).places(), 8);
    }

    #[test]
    fn whoever_does_not_gets_fewer_and_is_still_tried() {
        let refused = Answered { is_received: false, ..GOOD };
        let slow = Answered { took: Duration::from_secs(2), ..GOOD };
        for bad in [refused, slow] {
            assert_eq!((after([bad]).places(), after([bad; 9]).places()), (4, 2));
            assert_eq!(after([GOOD, bad]).health(), Health::Ill);
            assert_eq!(after([bad, GOOD]).health(), Health::Well);
        }
        assert_eq!(Pace::default().health(), Health::New);
    }
}
