//! What the vendors of one world remember about one name.
//!
//! It is kept as JSON: a field that is missing was never written, so fields may be added, never renamed.

use std::collections::{BTreeMap, BTreeSet};

use model::clock::Time;
use model::dns::{RrSet, RrType};
use model::domain::MailProvider;
use serde::{Deserialize, Serialize};

/// Everything that is known about a name, vendor by vendor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Estate {
    /// The registrar's: who bought it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sale: Option<Sale>,
    /// The registrar's: the nameservers it is delegated to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) delegation: Vec<String>,
    /// The DNS host's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) zone: Option<Zone>,
    /// The mail hosts'.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) mail: BTreeMap<MailProvider, MailDomain>,
    /// The sequencer's: address and account id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) accounts: BTreeMap<String, String>,
    /// By reference: the moods of names that misbehave on purpose.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) moods: BTreeMap<String, Mood>,
}

impl Estate {
    /// Reads what a row holds.
    pub(super) fn read(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// What a row is to hold: `{}` when nothing is known. Its maps have text for keys, so it cannot fail.
    pub(super) fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A name that was bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sale {
    /// The reference of the call that bought it.
    pub(super) reference: String,
    /// When it runs out: partner time in microseconds, because a text would lose the fraction.
    pub(super) expires_at: i64,
}

impl Sale {
    /// When it runs out, partner time.
    pub(super) const fn expires(&self) -> Time {
        Time(self.expires_at)
    }
}

/// A zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Zone {
    /// Who serves it.
    pub(super) nameservers: Vec<String>,
    /// When it was made: partner time in microseconds.
    pub(super) since: i64,
    /// Its record sets, one per name and type.
    pub(super) records: Vec<RrSet>,
    /// Where its web address leads.
    pub(super) redirect: Option<String>,
}

impl Zone {
    /// The values at a name and type; empty when there are none.
    pub(super) fn values(&self, name: &str, rtype: RrType) -> &[String] {
        let found = self.records.iter().find(|set| set.name == name && set.rtype == rtype);
        found.map_or(&[], |set| &set.values)
    }
}

/// A name at a mail host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct MailDomain {
    /// Whether the host has seen the ownership record.
    pub(super) verified: bool,
    /// By address.
    pub(super) mailboxes: BTreeMap<String, Mailbox>,
}

/// A mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mailbox {
    /// Given name.
    pub(super) first_name: String,
    /// Family name.
    pub(super) last_name: String,
    /// A fingerprint of the picture: enough to notice another one.
    pub(super) picture: Option<String>,
    /// The addresses that it had before, which still lead to it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) aliases: BTreeSet<String>,
}

impl Mailbox {
    /// Whether it shows the same name and picture.
    pub(super) fn looks_like(&self, other: &Self) -> bool {
        let look = |one: &Self| (one.first_name.clone(), one.last_name.clone(), one.picture.clone());
        look(self) == look(other)
    }
}

/// How far a reference has come with being kept waiting, failed or asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Mood {
    /// Partner time of its first call, in microseconds.
    pub(super) began: Option<i64>,
    /// Calls that were failed on purpose.
    pub(super) failed: u32,
    /// Whether an answer was lost on purpose.
    pub(super) lost: bool,
    /// Whether it was asked for something on purpose.
    pub(super) asked: bool,
}
