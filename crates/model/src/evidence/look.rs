//! What was gathered about a domain before it is judged.

use std::collections::BTreeMap;

use super::Sighting;
use crate::dns::{RrSet, RrType};
use crate::named::named;

/// What can be seen of a name and type from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// What all agree on.
    pub values: Vec<String>,
    /// What each of those said who were asked.
    pub sightings: Vec<Sighting>,
}

/// A signing key that was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLook {
    /// The record set that the zone should have.
    pub wanted: RrSet,
    /// What it has.
    pub record: Seen,
    /// The text that receivers come to, where the record leads elsewhere.
    pub text: Option<Seen>,
}

/// What was seen of the records that mail depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DnsLook {
    /// Whose records they are.
    pub name: String,
    /// The record sets that the zone should have.
    pub wanted: Vec<RrSet>,
    /// Where mail goes.
    pub mx: Seen,
    /// The texts of the name itself.
    pub texts: Seen,
    /// The texts of those that its SPF record includes, by name.
    pub included: BTreeMap<String, Seen>,
    /// What receivers do with failures.
    pub dmarc: Seen,
    /// The keys.
    pub keys: Vec<KeyLook>,
}

impl DnsLook {
    /// The values of one type that the name itself should have.
    pub(super) fn wanted(&self, rtype: RrType) -> Vec<String> {
        let sets = self.wanted.iter().filter(|set| set.rtype == rtype);
        sets.flat_map(|set| set.values.clone()).collect()
    }
}

named! {
    /// How the mail host finds a mailbox.
    pub enum MailboxState {
        /// It is there, and takes mail.
        Works "works",
        /// Somebody, or the host itself, has shut it.
        Suspended "suspended",
        /// Its user has no licence for it.
        Unlicensed "unlicensed",
        /// There is none.
        Missing "missing",
    }
}

/// A mailbox as its host finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxLook {
    /// Its address.
    pub email: String,
    /// How it is.
    pub state: MailboxState,
}

/// An account at the sequencer as it finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkLook {
    /// The inbox's address.
    pub email: String,
    /// Whether there is an account of it.
    pub exists: bool,
    /// Whether its login to send succeeds, where the sequencer says it.
    pub sends: Option<bool>,
    /// Whether its login to read succeeds, where the sequencer says it.
    pub receives: Option<bool>,
}

impl LinkLook {
    /// Whether it is known not to work.
    #[must_use]
    pub const fn fails(&self) -> bool {
        !self.exists || matches!(self.sends, Some(false)) || matches!(self.receives, Some(false))
    }
}
