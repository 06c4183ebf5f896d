//! Certificates of sites: when one is ordered, and what becomes of it when that fails.

mod pace;
mod plan;

use crate::clock::Time;
use crate::redirect::Site;

pub use pace::{Account, Limits, Room, room};
pub use plan::{Failure, FailureKind, Made};

/// The certificate of a site, as far as it is no secret: what there is, and when the next one is ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The site, by the name of its domain.
    pub host: String,
    /// The names that the certificate is for; none while there is none.
    pub names: Vec<String>,
    /// From when on it counts.
    pub begins_at: Option<Time>,
    /// Until when it counts.
    pub ends_at: Option<Time>,
    /// When the next one is ordered; `None` where nobody wants one any more.
    pub due_at: Option<Time>,
    /// How many orders have failed since the last certificate.
    pub failures: u32,
    /// Whether the next order leaves `www` out, because the authority did not get to us there.
    pub without_www: bool,
    /// Why there is none, or none for all names: a sentence for people.
    pub trouble: Option<String>,
}

impl Certificate {
    /// One that is wanted from now on and that nobody has ordered yet.
    #[must_use]
    pub fn wanted(host: impl Into<String>, now: Time) -> Self {
        Self {
            host: host.into(),
            names: vec![],
            begins_at: None,
            ends_at: None,
            due_at: Some(now),
            failures: 0,
            without_www: false,
            trouble: None,
        }
    }

    /// The names that the next order is for.
    #[must_use]
    pub fn next_names(&self) -> Vec<String> {
        let names = Site::names(&self.host);
        names.into_iter().take(if self.without_www { 1 } else { 2 }).collect()
    }

    /// Whether it counts at a time.
    #[must_use]
    pub fn counts_at(&self, now: Time) -> bool {
        self.begins_at.is_some_and(|begins| begins <= now) && self.ends_at.is_some_and(|ends| now < ends)
    }
}
