//! What a follower of an order has to be told.

use std::collections::HashMap;

use serde::Serialize;

use crate::view::{Timeline, TimelineDomain, TimelineOrder};

/// One thing to tell a follower.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Update<'a> {
    /// Where a domain stands.
    Domain(&'a TimelineDomain),
    /// Where the order stands.
    Order(TimelineOrder),
    /// Nothing is left to do.
    End(TimelineOrder),
}

impl Update<'_> {
    /// The name of the event. Append-only: it leaves the process.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Domain(_) => "domain",
            Self::Order(_) => "order",
            Self::End(_) => "end",
        }
    }
}

/// What to tell somebody who knows `before`: everything when that is nothing, else the domains that have
/// changed and the order when its status has. [`Update::End`] comes last, whenever nothing is left to do.
#[must_use]
pub fn updates<'a>(before: Option<&Timeline>, after: &'a Timeline) -> Vec<Update<'a>> {
    let known: HashMap<_, _> =
        before.iter().flat_map(|it| &it.domains).map(|domain| (domain.domain_id.as_str(), domain)).collect();
    let changed = after.domains.iter().filter(|domain| known.get(domain.domain_id.as_str()) != Some(domain));
    let mut updates: Vec<_> = changed.map(Update::Domain).collect();
    if before.is_none_or(|before| before.status != after.status) {
        updates.push(Update::Order(TimelineOrder::of(after)));
    }
    if after.has_ended() {
        updates.push(Update::End(TimelineOrder::of(after)));
    }
    updates
}
