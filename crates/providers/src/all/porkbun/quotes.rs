//! What was said of names lately. The vendor says it once in ten seconds, and refuses whoever sends a price that is not right
//! any more: so what is some minutes old is as good as new.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use model::clock::{Clock, MINUTE, Time};
use model::domain::{DomainName, Verdict};
use model::money::Cents;

/// How long it is believed.
const BELIEVED: i64 = 5 * MINUTE;

/// What was said of a name.
#[derive(Clone, Debug)]
pub(super) struct Quote {
    /// Whether it can be bought, and what the least term costs.
    pub(super) verdict: Verdict,
    /// The least term, in years.
    pub(super) least: i64,
    /// What a further year costs, in cents, where that was said.
    pub(super) renewal: Option<Cents>,
}

/// What was said lately.
pub(super) struct Quotes {
    clock: Arc<dyn Clock>,
    known: Mutex<BTreeMap<DomainName, (Quote, Time)>>,
}

impl Quotes {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, known: Mutex::default() }
    }

    /// What was said of a name, where that is not long ago.
    pub(super) fn of(&self, name: &DomainName) -> Option<Quote> {
        let now = self.clock.now();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(name).filter(|(_, at)| is_believed(*at, now)).map(|(quote, _)| quote.clone())
    }

    /// It was said now; what is old is forgotten meanwhile.
    pub(super) fn keep(&self, name: &DomainName, quote: Quote) {
        let now = self.clock.now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (_, at)| is_believed(*at, now));
        known.insert(name.clone(), (quote, now));
    }

    /// It is not so any more.
    pub(super) fn forget(&self, name: &DomainName) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

fn is_believed(at: Time, now: Time) -> bool {
    (0..BELIEVED).contains(&(now.0 - at.0))
}
