//! A provider in its role: who is in trouble is known from whom the call was made to.

use std::future::Future;

use model::action::ActionReason;
use model::metric;
use model::role::Role;
use model::run::Then;
use providers::roles::Part;
use providers::trouble::{Refused, Trouble};
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

/// A provider in its role.
pub(crate) struct Party<'a, P: ?Sized> {
    pub(crate) role: Role,
    /// The account that plays it.
    pub(crate) account: &'static str,
    pub(crate) provider: &'a P,
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
        let began = Instant::now();
        let answer = call(self.provider).instrument(self.span()).await;
        self.count(began, answer.as_ref().err());
        answer.map_err(|trouble| Fault::Of(self.role, trouble))
    }

    /// Asks for several things at once: those that exist now, and what stopped the rest.
    pub(crate) async fn ask_each<T, F>(&self, call: impl FnOnce(&'a P) -> F) -> (Vec<T>, Option<Fault>)
    where
        F: Future<Output = Part<T>>,
    {
        let began = Instant::now();
        let part = call(self.provider).instrument(self.span()).await;
        self.count(began, part.trouble.as_ref());
        (part.done, part.trouble.map(|trouble| Fault::Of(self.role, trouble)))
    }

    fn count(&self, began: Instant, trouble: Option<&Trouble>) {
        let (account, role) = (self.account, self.role.as_str());
        metrics::histogram!(metric::PROVIDER_CALL_SECONDS, "account" => account, "role" => role)
            .record(began.elapsed());
        let outcome = trouble.map_or("ok", Trouble::name);
        metrics::counter!(metric::PROVIDER_CALLS, "account" => account, "role" => role, "outcome" => outcome)
            .increment(1);
    }

    /// One call; whose it is stands in the span of the step around it.
    fn span(&self) -> Span {
        tracing::debug_span!("call", role = self.role.as_str(), account = self.account)
    }
}

impl Fault {
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
    use super::*;

    #[tokio::test]
    async fn who_is_in_trouble_is_whom_the_call_was_made_to() {
        for (role, words) in [
            (Role::Dns, "The DNS host is busy; we try again."),
            (Role::Observer, "Our check from outside is busy; we try again."),
        ] {
            let party = Party { role, account: "sandbox", provider: &() };
            let fault = party.ask(|()| async { Err::<(), _>(Trouble::Later(None)) }).await.unwrap_err();
            assert_eq!(fault.then(), Then::Retry { words: words.into() });
            let part = Part { done: vec![1], trouble: Some(Trouble::Later(None)) };
            let (done, fault) = party.ask_each(|()| async { part }).await;
            assert_eq!((done, fault.map(Fault::then)), (vec![1], Some(Then::Retry { words: words.into() })));
        }
    }
}
