//! How an order gets on, as partners see it.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::action::Action;
use crate::clock::Time;
use crate::domain::{self, DomainStatus, MailProvider};
use crate::evidence::Summary;
use crate::named::named;
use crate::order::OrderStatus;
use crate::run::{Run, RunKind, RunState, StepName};
use crate::timeline::{self, Estimate, Facts};

mod steps;
#[cfg(test)]
mod tests;

/// How many runs of a domain are shown: the provisioning ones and those that are open always, of the others
/// the newest.
const MOST_RUNS: usize = 20;

/// How an order gets on: per domain and step what has happened, what happens now, and who has to act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Timeline {
    /// The order's id.
    #[schema(example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub order_id: String,
    /// Where the order stands.
    pub status: OrderStatus,
    /// Rises with every change of the order, its domains or its runs; the id of the events of the stream.
    #[schema(minimum = 1, example = 812)]
    pub change: i64,
    /// When its domains will work, going by the newest ones that do; null when nothing is left to provision,
    /// or when too few have been provisioned before.
    #[schema(required)]
    pub estimate: Option<Estimate>,
    /// Its domains, in the order sent.
    pub domains: Vec<TimelineDomain>,
}

/// How a domain gets on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimelineDomain {
    /// Its id.
    #[schema(example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub domain_id: String,
    /// Its name.
    #[schema(example = "acme-mail.com")]
    pub domain: String,
    /// Who hosts its mailboxes.
    #[schema(required)]
    pub provider: Option<MailProvider>,
    /// Where it stands.
    pub status: DomainStatus,
    /// Why its web address does not redirect over HTTPS, or not in all its names, in words a customer can read: it is tried again by
    /// itself, and HTTP redirects meanwhile. Null when nothing is wrong. It is looked at whenever the timeline is: a change of this
    /// alone does not raise `change`.
    #[schema(required, example = "The certificate authority did not accept acme-mail.com: it did not answer.")]
    pub https_trouble: Option<String>,
    /// What the last look at it has come to, check by check; empty before the first one. `GET /domains/{id}/evidence` has what each
    /// was judged by.
    pub checks: Vec<Summary>,
    /// What was and is done for it, oldest first: its provisioning, whatever is going on now, and the newest
    /// of the rest.
    pub runs: Vec<TimelineRun>,
}

/// One workflow for one domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimelineRun {
    /// Its id.
    #[schema(example = "run_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// Which workflow; `provision` is the one that an order begins with. New kinds may be added.
    #[schema(example = "provision")]
    pub kind: &'static str,
    /// Where it stands.
    pub state: RunState,
    /// When it was queued.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:00:00Z")]
    pub started_at: Time,
    /// When it ended.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Time>,
    /// All its steps, in their order.
    pub steps: Vec<TimelineStep>,
}

/// One step of a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimelineStep {
    /// Which step. New steps may be added.
    pub step: StepName,
    /// What it does, in words a customer can read.
    #[schema(example = "Create the inboxes")]
    pub title: String,
    /// Where it stands.
    pub state: TimelineStepState,
    /// When its turn came.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Time>,
    /// When it was done or given up.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Time>,
    /// How often it was tried.
    #[schema(minimum = 0, example = 1)]
    pub attempts: i64,
    /// The last trouble, in words a customer can read.
    #[schema(required, example = "The mail provider is still working on it.")]
    pub trouble: Option<String>,
    /// Who has to act before it can go on.
    #[schema(required)]
    pub who: Option<TimelineWho>,
    /// The pending action that waits for you, while the step is `asking`.
    #[schema(required, example = "act_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub action_id: Option<String>,
    /// When it is tried or looked at again.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub next_try_at: Option<Time>,
}

named! {
    /// Where a step stands.
    pub enum TimelineStepState {
        /// Its turn has not come.
        Pending "pending",
        /// It is its turn: it is being tried, or is the next thing that is.
        Running "running",
        /// It was tried, and is tried or looked at again by itself.
        Waiting "waiting",
        /// It waits for an answer to a pending action, and is looked at again by itself.
        Asking "asking",
        /// Done.
        Done "done",
        /// Given up; `trouble` says why.
        Failed "failed",
        /// Its turn will not come: the workflow ended without it.
        Skipped "skipped",
    }
}

named! {
    /// Who has to act before a step can go on.
    pub enum TimelineWho {
        /// You or your customer: see the pending action.
        Partner "partner",
        /// Whoever runs this installation.
        Operator "operator",
        /// Nobody here: a provider or the DNS has not got there yet, and is looked at again.
        Provider "provider",
    }
}

/// How an order gets on, without its domains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimelineOrder {
    /// The order's id.
    #[schema(example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub order_id: String,
    /// Where the order stands.
    pub status: OrderStatus,
    /// Rises with every change of the order, its domains or its runs.
    #[schema(minimum = 1, example = 812)]
    pub change: i64,
    /// When its domains will work.
    #[schema(required)]
    pub estimate: Option<Estimate>,
}

impl TimelineOrder {
    /// The head of a timeline.
    #[must_use]
    pub fn of(timeline: &Timeline) -> Self {
        let Timeline { order_id, status, change, estimate, .. } = timeline;
        Self { order_id: order_id.clone(), status: *status, change: *change, estimate: *estimate }
    }
}

impl Timeline {
    /// The timeline of an order at a moment of the server's time.
    #[must_use]
    pub fn of(facts: &Facts, server: Time) -> Self {
        let mut runs: HashMap<_, Vec<_>> = HashMap::new();
        for run in &facts.runs {
            runs.entry(&run.domain).or_default().push(run);
        }
        let actions: HashMap<_, _> = facts.actions.iter().map(|action| (&action.domain, action)).collect();
        let domains = facts.domains.iter().map(|one| {
            let runs = runs.get(&one.id).map_or(&[][..], Vec::as_slice);
            let domain = TimelineDomain::of(one, runs, actions.get(&one.id).copied());
            let checks = facts.looks.get(&one.id).cloned().unwrap_or_default();
            TimelineDomain { https_trouble: facts.https_troubles.get(&one.id).cloned(), checks, ..domain }
        });
        Self {
            order_id: facts.order.id.to_string(),
            status: facts.order.status,
            change: facts.change(),
            estimate: timeline::estimate(&facts.history, &facts.runs, facts.now(server).partner()),
            domains: domains.collect(),
        }
    }

    /// Whether nothing is left to do: the order is at an end, and so is everything that was begun for it.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        let at_an_end = matches!(self.status, OrderStatus::Completed | OrderStatus::Failed | OrderStatus::Cancelled);
        at_an_end && !self.domains.iter().flat_map(|domain| &domain.runs).any(|run| run.state.is_live())
    }
}

impl TimelineDomain {
    fn of(domain: &domain::Domain, runs: &[&Run], action: Option<&Action>) -> Self {
        let begun: Vec<_> = runs.iter().copied().filter(|run| !timeline::is_planned(run, domain)).collect();
        let runs = begun.as_slice();
        let is_kept = |run: &&Run| run.kind == RunKind::Provision || run.is_live();
        let others = runs.iter().filter(|run| !is_kept(run)).count();
        let mut left_out = others.min(runs.len().saturating_sub(MOST_RUNS));
        let shown = runs.iter().filter(|run| {
            let out = !is_kept(run) && left_out > 0;
            left_out -= usize::from(out);
            !out
        });
        Self {
            domain_id: domain.id.to_string(),
            domain: domain.name.to_string(),
            provider: domain.provider,
            status: domain.status,
            https_trouble: None,
            checks: vec![],
            runs: shown.map(|run| TimelineRun::of(run, action)).collect(),
        }
    }
}

impl TimelineRun {
    fn of(run: &Run, action: Option<&Action>) -> Self {
        Self {
            id: run.id.to_string(),
            kind: run.kind.as_str(),
            state: run.state,
            started_at: run.created_at,
            finished_at: run.finished_at,
            steps: steps::of(run, action),
        }
    }
}
