//! How many deliveries may be under way to one endpoint: by how it answers.

use std::time::Duration;

/// So many at first.
const FIRST: usize = 8;

/// So many however it answers: one alone would tell late that it is well again.
const LEAST: usize = 2;

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

/// How many may be under way to one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    places: usize,
    /// Whether its last answer was a good one.
    is_well: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self { places: FIRST, is_well: false }
    }
}

impl Pace {
    /// The pace after an answer; never more than `most`.
    pub(crate) fn after(self, answered: Answered, most: usize) -> Self {
        let is_slow = answered.took >= SLOW || !answered.is_received;
        let places = match answered.took < FAST {
            _ if is_slow => self.places / 2,
            true => self.places + 1,
            false => self.places,
        };
        Self { places: places.min(most).max(LEAST), is_well: !is_slow }
    }

    /// How many may be under way.
    pub(crate) const fn places(self) -> usize {
        self.places
    }

    /// Whether it may have places that those who have not answered, or answer badly, are not given.
    pub(crate) const fn is_well(self) -> bool {
        self.is_well
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Answered = Answered { took: Duration::from_millis(5), is_received: true };

    fn after(answers: impl IntoIterator<Item = Answered>) -> Pace {
        answers.into_iter().fold(Pace::default(), |pace, answered| pace.after(answered, 32))
    }

    #[test]
    fn whoever_answers_fast_gets_more_up_to_the_most() {
        assert_eq!((Pace::default().places(), after([GOOD]).places()), (8, 9));
        assert_eq!(after([GOOD; 100]).places(), 32);
        let unhurried = Answered { took: Duration::from_millis(600), ..GOOD };
        assert_eq!(after([unhurried; 5]).places(), 8);
    }

    #[test]
    fn whoever_does_not_gets_fewer_and_is_still_tried() {
        let refused = Answered { is_received: false, ..GOOD };
        let slow = Answered { took: Duration::from_secs(2), ..GOOD };
        for bad in [refused, slow] {
            assert_eq!((after([bad]).places(), after([bad; 9]).places()), (4, 2));
            assert!(!after([GOOD, bad]).is_well() && after([bad, GOOD]).is_well());
        }
        assert!(!Pace::default().is_well(), "nobody knows yet");
    }
}
