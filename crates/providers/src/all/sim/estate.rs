//! What the vendors of one world remember about one name.
//!
//! It is kept as JSON: a field that is missing was never written, so fields may be added, never renamed.

use std::collections::BTreeMap;

use model::clock::Time;
use model::dns::{RrSet, RrType};
use model::domain::MailProvider;
use model::money::Cents;
use serde::{Deserialize, Serialize};

use crate::roles::Bought;

/// Everything that is known about a name, vendor by vendor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Estate {
    /// The registrar's: who bought it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sale: Option<Sale>,
    /// The registrar's: who has ordered it, while the registry takes its time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ordered: Option<Ordered>,
    /// The registrar's: whether it has become dearer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) dearer: bool,
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
    /// The sequencer's: since when it gets into the inboxes, partner time in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) linked_since: Option<i64>,
    /// By reference: the moods of names that misbehave on purpose.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) moods: BTreeMap<String, Mood>,
}

/// References whose moods are remembered of a name: many more than it has runs at a time, and not so many that whoever
/// starts one after the other slows everybody down.
const MOODS: usize = 256;

impl Estate {
    /// The mood of a reference. References begin with the id of their run, so the least is the oldest, and makes room.
    pub(super) fn mood(&mut self, reference: &str) -> &mut Mood {
        if self.moods.len() >= MOODS && !self.moods.contains_key(reference) {
            self.moods.pop_first();
        }
        self.moods.entry(reference.to_owned()).or_default()
    }

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
    /// What was paid for the first year, in cents; `None` of what older versions sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) paid: Option<Cents>,
}

impl Sale {
    /// What the registrar says of it.
    pub(super) fn told(&self) -> Bought {
        Bought { paid_cents: self.paid, ..Bought::until(self.expires()) }
    }

    /// When it runs out, partner time.
    pub(super) const fn expires(&self) -> Time {
        Time(self.expires_at)
    }
}

/// A name that was ordered, and is not registered yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ordered {
    /// The reference of the call that ordered it.
    pub(super) reference: String,
    /// What was agreed on, in cents.
    pub(super) price: Cents,
    /// When it will be registered: partner time in microseconds.
    pub(super) ready_at: i64,
}

/// A zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Zone {
    /// Who serves it.
    pub(super) nameservers: Vec<String>,
    /// When it was made: partner time in microseconds.
    pub(super) since: i64,
    /// Whether somebody has mended its delegation, for names that lose it on purpose.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) mended: bool,
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
    /// When it was opened: partner time in microseconds; 0 of what older versions opened.
    pub(super) since: i64,
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
    /// When it was made: partner time in microseconds; 0 of what older versions made.
    #[serde(default)]
    pub(super) since: i64,
    /// The last addresses that it had before, which still lead to it; the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) aliases: Vec<String>,
}

/// As many old addresses as Google keeps of a user: without a limit, whoever renames for ever slows everybody down.
const ALIASES: usize = 30;

impl Mailbox {
    /// Whether it shows the same name and picture.
    pub(super) fn looks_like(&self, other: &Self) -> bool {
        let look = |one: &Self| (one.first_name.clone(), one.last_name.clone(), one.picture.clone());
        look(self) == look(other)
    }

    /// Keeps an old address.
    pub(super) fn keep_alias(&mut self, address: &str) {
        self.aliases.push(address.to_owned());
        let surplus = self.aliases.len().saturating_sub(ALIASES);
        self.aliases.drain(..surplus);
    }

    /// Drops an old address, because it leads elsewhere.
    pub(super) fn drop_alias(&mut self, address: &str) {
        self.aliases.retain(|alias| alias != address);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_moods_make_room_and_new_ones_stay() {
        let mut estate = Estate::default();
        for n in 0..1_000 {
            estate.mood(&format!("run_{n:04}/create_zone")).asked = true;
            assert!(estate.mood(&format!("run_{n:04}/create_zone")).asked);
        }
        assert_eq!(estate.moods.len(), MOODS);
        assert!(estate.mood("run_0999/create_zone").asked);
        estate.mood("a_reference_below_all/create_zone").failed = 2;
        assert_eq!(estate.mood("a_reference_below_all/create_zone").failed, 2);
    }

    #[test]
    fn a_mailbox_keeps_its_last_addresses() {
        let mut mailbox =
            Mailbox { first_name: "Jane".into(), last_name: "Doe".into(), picture: None, since: 0, aliases: vec![] };
        for n in 0..100 {
            mailbox.keep_alias(&format!("jane{n}@acme.com"));
        }
        assert_eq!(mailbox.aliases.len(), ALIASES);
        mailbox.drop_alias("jane99@acme.com");
        assert_eq!(mailbox.aliases.last().map(String::as_str), Some("jane98@acme.com"));
    }

    #[test]
    fn rows_of_older_versions_can_be_read() {
        let old = r#"{"mail":{"google":{"verified":true,"mailboxes":{"j@a.com":
            {"first_name":"Jane","last_name":"Doe","picture":null}}}}}"#;
        assert!(Estate::read(old).unwrap().mail[&MailProvider::Google].mailboxes["j@a.com"].aliases.is_empty());
    }
}
