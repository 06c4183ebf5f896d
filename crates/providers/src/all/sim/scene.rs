//! One call, as the plain functions of the roles see it: a name's estate in, an estate and effects out.

use model::action::ActionReason;
use model::clock::SECOND;
use model::domain::DomainName;
use model::money::Cents;

use super::behaviour::{Behaviour, Manner, Moment};
use super::estate::{Estate, Mood};
use super::ledger::{Deed, Line};
use crate::call::Call;
use crate::trouble::{Refused, Trouble};

/// How long each step of a slow name takes, in microseconds of partner time.
pub(super) const SLOW: i64 = 5 * SECOND;
/// How many calls of each reference fail for a flaky name.
pub(super) const FAILURES: u32 = 2;

/// What one call sees of its name, and what it does to it.
pub(super) struct Scene<'a> {
    /// The call.
    pub(super) call: &'a Call,
    /// What its name decides.
    pub(super) behaviour: Behaviour,
    /// What the vendors remember of the name.
    pub(super) estate: Estate,
    /// What the call did so far.
    pub(super) lines: Vec<Line>,
}

impl<'a> Scene<'a> {
    /// The scene at the start of a call.
    pub(super) fn new(call: &'a Call, estate: Estate) -> Self {
        Self { call, behaviour: Behaviour::of(&call.subject), estate, lines: vec![] }
    }

    /// The name that the call is about.
    pub(super) fn name(&self) -> &'a DomainName {
        &self.call.subject
    }

    /// Puts a deed into the ledger.
    pub(super) fn record(&mut self, deed: Deed, subject: impl Into<String>) {
        self.lines.push(Line { deed, subject: subject.into(), price: None });
    }

    /// Puts a deed to the name itself into the ledger.
    pub(super) fn record_name(&mut self, deed: Deed) {
        self.record(deed, self.call.subject.as_str());
    }

    /// Puts a sale of the name itself into the ledger.
    pub(super) fn record_sale(&mut self, deed: Deed, price: Cents) {
        self.lines.push(Line { deed, subject: self.call.subject.to_string(), price: Some(price) });
    }

    /// Keeps slow names waiting and lets flaky ones fail, before anything is looked at.
    pub(super) fn pace(&mut self) -> Result<(), Trouble> {
        match self.behaviour.manner {
            Manner::Slow => self.wait(),
            Manner::Flaky => self.fail(),
            _ => Ok(()),
        }
    }

    fn wait(&mut self) -> Result<(), Trouble> {
        let now = self.call.now;
        let began = *self.mood().began.get_or_insert(now.0);
        let ready = model::clock::Time(began).plus(SLOW);
        if now < ready { Err(Trouble::Later(Some(ready))) } else { Ok(()) }
    }

    fn fail(&mut self) -> Result<(), Trouble> {
        let mood = self.mood();
        if mood.failed == FAILURES {
            return Ok(());
        }
        mood.failed += 1;
        Err(Trouble::Later(None))
    }

    /// Asks a person when the name says that this moment does, and this reference has not been asked yet.
    pub(super) fn ask(&mut self, moment: Moment) -> Result<(), Trouble> {
        match self.behaviour.manner {
            Manner::Asking(here, reason) if here == moment => self.ask_for(reason),
            _ => Ok(()),
        }
    }

    fn ask_for(&mut self, reason: ActionReason) -> Result<(), Trouble> {
        if std::mem::replace(&mut self.mood().asked, true) { Ok(()) } else { Err(asking(reason)) }
    }

    /// Whether the answer is lost on its way: once for each reference, and only after something happened.
    pub(super) fn loses_the_answer(&mut self) -> bool {
        let loses = self.behaviour.manner == Manner::Lossy && !self.lines.is_empty();
        loses && !std::mem::replace(&mut self.mood().lost, true)
    }

    fn mood(&mut self) -> &mut Mood {
        self.estate.mood(&self.call.reference)
    }
}

/// A no that a person can change.
pub(super) const fn asking(reason: ActionReason) -> Trouble {
    Trouble::Refused(Refused::Ask(reason))
}

/// A no that nothing will change.
pub(super) const fn for_good(words: String) -> Trouble {
    Trouble::Refused(Refused::ForGood(words))
}
