//! The timeline of an order: what has happened, what happens now, who has to act, when it will be done.
//! What it looks like is in [`crate::view::Timeline`].

use std::collections::HashMap;

use crate::action::Action;
use crate::clock::{Now, Time};
use crate::dns::{DnsHealth, Health};
use crate::domain::{Domain, DomainStatus};
use crate::evidence::Summary;
use crate::id::DomainId;
use crate::order::Order;
use crate::run::{Run, RunKind, RunState};

mod estimate;
mod standing;
mod updates;

pub use estimate::{Estimate, FEWEST_RUNS, NEWEST_RUNS, estimate};
pub use standing::{Standing, standing};
pub use updates::{Update, updates};

/// Everything that a timeline is made of, as it stood at one moment.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The order.
    pub order: Order,
    /// Its domains, in the order sent.
    pub domains: Vec<Domain>,
    /// Its runs, oldest first.
    pub runs: Vec<Run>,
    /// What its domains wait for.
    pub actions: Vec<Action>,
    /// How long the newest finished provisioning runs of its world took, in microseconds; only needed
    /// while one of its own is open.
    pub history: Vec<i64>,
    /// Why web addresses of its domains have no certificate, or none for all their names.
    pub https_troubles: HashMap<DomainId, String>,
    /// What the last looks at its domains have come to.
    pub looks: HashMap<DomainId, Vec<Summary>>,
    /// How far its world's clock is ahead, in microseconds.
    pub offset: i64,
}

impl Facts {
    /// Rises with every change of the order, its domains or its runs.
    #[must_use]
    pub fn change(&self) -> i64 {
        let domains: i64 = self.domains.iter().map(|domain| domain.version).sum();
        let runs: i64 = self.runs.iter().map(|run| run.version).sum();
        self.order.version + domains + runs
    }

    /// Both times of a moment, as the order's world sees them.
    #[must_use]
    pub const fn now(&self, server: Time) -> Now {
        Now { server, offset: self.offset }
    }
}

/// Whether nothing is wrong with the records, but for a key that is still to come.
fn is_as_agreed(domain: &Domain) -> bool {
    let agreed = |dns: &DnsHealth| DnsHealth { dkim: Health::Ok, ..dns.clone() }.is_ok() && dns.dkim != Health::Wrong;
    domain.dns.as_ref().is_none_or(agreed)
}

/// Whether a run only waits for its day: the renewal of a name, or the end of its warm days. Nobody waits
/// for it, so it is not shown.
pub(crate) fn is_planned(run: &Run, domain: &Domain) -> bool {
    let waits = match run.kind {
        RunKind::Renew => true,
        // It has looked and found everything right; it looks again tomorrow.
        RunKind::Watch => return run.state == RunState::Open && run.memory.mended.is_none() && is_as_agreed(domain),
        RunKind::Close => domain.status == DomainStatus::Retiring,
        _ => false,
    };
    waits && run.steps.is_empty()
}
