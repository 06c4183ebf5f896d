//! A provider in its role: who is in trouble is known from whom the call was made to.

use std::future::Future;

use model::action::ActionReason;
use model::metric;
use model::role::Role;
use model::run::Then;
use providers::cast::Player;
use providers::roles::Part;
use providers::trouble::{Refused, Trouble};
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use crate::accounts::Accounts;

/// A provider in its role.
pub(crate) struct Party<'a, P: ?Sized> {
    pub(crate) role: Role,
    /// The account that plays it.
    pub(crate) player: &'a Player<P>,
    /// Where it is put down how it answers.
    pub(crate) accounts: &'a Accounts,
}

/// Why a step did not get on.
#[derive(Debug)]
pub(crate) enum Fault {
    /// A provider is in trouble.
    Of(Role, Trouble),
    /// Our own facts do not allow it; nobody was asked.
    Ours(Then),
}

impl<'a, P: ?Sized> Party<'a, P> {
    /// Asks for one thing.
    pub(crate) async fn ask<T, F>(&self, call: impl FnOnce(&'a P) -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Trouble>>,
    {
        let asking = Asking::begin(self);
        let answer = call(self.player).instrument(asking.span.clone()).await;
        asking.end(answer.as_ref().err());
        answer.map_err(|trouble| Fault::Of(self.role, trouble))
    }

    /// Asks for several things at once: those that exist now, and what stopped the rest.
    pub(crate) async fn ask_each<T, F>(&self, call: impl FnOnce(&'a P) -> F) -> (Vec<T>, Option<Fault>)
    where
        F: Future<Output = Part<T>>,
    {
        let asking = Asking::begin(self);
        let part = call(self.player).instrument(asking.span.clone()).await;
        asking.end(part.trouble.as_ref());
        (part.done, part.trouble.map(|trouble| Fault::Of(self.role, trouble)))
    }

    /// One call; whose it is stands in the span of the step around it.
    fn span(&self) -> Span {
        tracing::info_span!("call", role = self.role.as_str(), account = self.player.account)
    }
}

/// A call that is under way. Whoever waits for it may give it up at any moment: that counts too.
struct Asking<'a> {
    accounts: &'a Accounts,
    account: &'static str,
    role: Role,
    span: Span,
    began: Instant,
    is_over: bool,
}

impl<'a> Asking<'a> {
    fn begin<P: ?Sized>(party: &Party<'a, P>) -> Self {
        let Party { role, accounts, player } = *party;
        let span = party.span();
        Self { accounts, account: player.account, role, span, began: Instant::now(), is_over: false }
    }

    fn end(mut self, trouble: Option<&Trouble>) {
        self.is_over = true;
        self.count(trouble.map_or(ANSWERED, Trouble::name));
        self.accounts.note(self.account, self.role, Some(trouble.map_or(Ok(()), Err)));
    }

    fn count(&self, outcome: &'static str) {
        let (account, role) = (self.account, self.role.as_str());
        metrics::histogram!(metric::PROVIDER_CALL_SECONDS, "account" => account, "role" => role)
            .record(self.began.elapsed());
        traces::note(&self.span, "outcome", outcome);
        if outcome != ANSWERED {
            traces::fail(&self.span, outcome);
        }
        metrics::counter!(metric::PROVIDER_CALLS, "account" => account, "role" => role, "outcome" => outcome)
            .increment(1);
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.count(UNANSWERED);
            self.accounts.note(self.account, self.role, None);
        }
    }
}

/// What came of a call that went well, in metrics.
const ANSWERED: &str = "ok";
/// What came of a call that was given up, in metrics.
const UNANSWERED: &str = "unanswered";

impl Fault {
    /// Whether somebody may have done what they were asked for, although they did not say so.
    pub(crate) const fn is_unclear(&self) -> bool {
        matches!(self, Self::Of(_, Trouble::Unknown | Trouble::UnderWay(..)))
    }

    /// What it means: the one place that decides between waiting, asking, trying again and giving up.
    pub(crate) fn then(self) -> Then {
        let (role, trouble) = match self {
            Self::Of(role, trouble) => (role.title(), trouble),
            Self::Ours(then) => return then,
        };
        match trouble {
            Trouble::Later(Some(until)) => Then::Wait { until, why: format!("{role} is still working on it.") },
            Trouble::UnderWay(what, until) => Then::Wait { until, why: what.sentence().into() },
            Trouble::Later(None) => Then::Retry { words: format!("{role} is busy; we try again.") },
            Trouble::Unknown => {
                Then::Retry { words: format!("{role} did not answer clearly; we look before we do anything again.") }
            }
            Trouble::Refused(Refused::Ask(reason)) => ask(reason),
            Trouble::Refused(Refused::Target(_)) => ask(ActionReason::TargetUnreachable),
            Trouble::Refused(Refused::ShutOut) => {
                Then::Retry { words: format!("{role} cannot log into the inboxes yet; we try again.") }
            }
            Trouble::Refused(Refused::AddressKept(email)) => {
                Then::Fail { words: format!("{role} keeps {email} for a user who was deleted.") }
            }
            Trouble::Refused(Refused::ForGood(words)) => Then::Fail { words },
            Trouble::Misconfigured(words) => Then::Operator { words },
        }
    }
}

pub(crate) const fn ask(reason: ActionReason) -> Then {
    Then::Ask { reason, persona: None }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt as _;
    use model::clock::{HandClock, Time};

    use super::*;

    #[tokio::test]
    async fn who_is_in_trouble_is_whom_the_call_was_made_to() {
        for (role, words) in [
            (Role::Dns, "The DNS host is busy; we try again."),
            (Role::Observer, "Our check from outside is busy; we try again."),
        ] {
            let accounts = Accounts::new(HandClock::at(Time(0)));
            let player = Player::new("sandbox", Arc::new(()));
            let party = Party { role, player: &player, accounts: &accounts };
            let fault = party.ask(|&()| async { Err::<(), _>(Trouble::Later(None)) }).await.unwrap_err();
            assert_eq!(fault.then(), Then::Retry { words: words.into() });
            let part = Part { done: vec![1], trouble: Some(Trouble::Later(None)) };
            let (done, fault) = party.ask_each(|&()| async { part }).await;
            assert_eq!((done, fault.map(Fault::then)), (vec![1], Some(Then::Retry { words: words.into() })));
        }
    }
    #[tokio::test]
    async fn a_call_that_is_given_up_counts_as_one_that_was_not_answered() {
        let accounts = Accounts::new(HandClock::at(Time(0)));
        let player = Player::new("sandbox", Arc::new(()));
        let party = Party { role: Role::Registrar, player: &player, accounts: &accounts };
        let asked = party.ask(|&()| std::future::pending::<Result<(), Trouble>>()).now_or_never();
        assert!(asked.is_none());
        assert_eq!(accounts.standings()[0].2.failures, 1);
        party.ask(|&()| async { Ok(()) }).await.expect("an answer");
        assert_eq!(accounts.standings()[0].2.failures, 0);
    }
}
