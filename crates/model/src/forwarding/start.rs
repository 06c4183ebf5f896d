//! Beginning a job: which domains it is about, and the work on those that do not forward there yet.

use super::{Forwarding, ForwardingEntry, ForwardingReason, ForwardingState, ForwardingStatus, status_of};
use crate::change::Change;
use crate::clock::Now;
use crate::domain::{Domain, DomainName, DomainStatus};
use crate::id::{Id, Ids, RunId};
use crate::redirect::Site;
use crate::run::{Memory, Run, RunKind};
use crate::world::Scope;

/// A job that is asked for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Ids and names, as they were sent.
    pub domains: Vec<String>,
    /// Where they are to lead.
    pub url: String,
}

/// What is there already.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The partner's domains that the wish can mean, locked.
    pub domains: Vec<Domain>,
    /// Changes of their redirects that are under way.
    pub under_way: Vec<Run>,
}

impl Wish {
    /// The names that it can mean.
    #[must_use]
    pub fn names(&self) -> Vec<DomainName> {
        self.domains.iter().filter_map(|text| DomainName::parse(text).ok()).collect()
    }
}

/// Begins a job; what needs no work has ended in it already.
#[must_use]
pub fn start(scope: &Scope, wish: &Wish, facts: &Facts, now: Now, ids: &Ids) -> (Change, Forwarding) {
    let mut change = Change::default();
    let mut job = Forwarding {
        id: ids.next(),
        partner: scope.partner.clone(),
        world: scope.world.clone(),
        url: wish.url.clone(),
        status: ForwardingStatus::InProgress,
        entries: vec![],
        created_at: now.partner(),
        completed_at: None,
        version: 1,
    };
    for text in &wish.domains {
        let domain = find(text, &facts.domains);
        let entry = entry(text, domain, wish, facts);
        if job.entries.iter().any(|one| one.domain == entry.domain && one.name == entry.name) {
            continue;
        }
        if let (Some(domain), ForwardingState::Pending) = (domain, entry.state) {
            begin(domain, &job, facts, now, ids, &mut change);
        }
        job.entries.push(entry);
    }
    job.status = status_of(&job.entries);
    if job.status != ForwardingStatus::InProgress {
        job.completed_at = Some(now.partner());
    }
    change.forwardings.insert.push(job.clone());
    (change, job)
}

/// The domain with this id, or the live one of this name.
fn find<'a>(text: &str, domains: &'a [Domain]) -> Option<&'a Domain> {
    let by_id = domains.iter().find(|domain| domain.id.as_str() == text);
    by_id.or_else(|| {
        let name = DomainName::parse(text).ok()?;
        let gone = |domain: &Domain| matches!(domain.status, DomainStatus::Failed | DomainStatus::Released);
        domains.iter().find(|domain| domain.name == name && !gone(domain))
    })
}

fn entry(text: &str, domain: Option<&Domain>, wish: &Wish, facts: &Facts) -> ForwardingEntry {
    let (state, reason) = match domain {
        None => (ForwardingState::Failed, Some(ForwardingReason::DomainNotFound)),
        Some(domain) if !works(domain) => (ForwardingState::Failed, Some(ForwardingReason::NotActive)),
        Some(domain) if Site::leads_to_itself(domain.name.as_str(), &wish.url) => {
            (ForwardingState::Failed, Some(ForwardingReason::InvalidTarget))
        }
        Some(domain) if leads_there(domain, wish, facts) => (ForwardingState::Done, None),
        Some(_) => (ForwardingState::Pending, None),
    };
    ForwardingEntry {
        name: domain.map_or_else(|| normalised(text), |domain| domain.name.to_string()),
        domain: domain.map(|domain| domain.id.clone()),
        state,
        reason,
    }
}

fn normalised(text: &str) -> String {
    DomainName::parse(text).map_or_else(|_| text.to_owned(), |name| name.to_string())
}

/// Whether a domain works; a question about one that has worked, such as on its renewal, does not change that.
#[must_use]
pub fn works(domain: &Domain) -> bool {
    let asked_later = domain.status == DomainStatus::ActionRequired && domain.connected_at.is_some();
    domain.status == DomainStatus::Active || asked_later
}

/// Whether a domain leads there already and nobody is about to change that.
fn leads_there(domain: &Domain, wish: &Wish, facts: &Facts) -> bool {
    let changing = facts.under_way.iter().any(|run| run.domain == domain.id);
    !changing && domain.forwarding_url.as_deref() == Some(wish.url.as_str())
}

/// Changes of one redirect are made in the order of their ids: the last one stands.
fn begin(domain: &Domain, job: &Forwarding, facts: &Facts, now: Now, ids: &Ids, change: &mut Change) {
    let before = facts.under_way.iter().filter(|run| run.domain == domain.id).map(|run| &run.id).max();
    let id: RunId = ids.above(before);
    let run = Run {
        memory: Memory { target: Some(job.url.clone()), ..Memory::default() },
        ..Run::new(id, RunKind::Forward, domain, now).part_of(&job.id)
    };
    change.begin(run, now.server, ids);
}
