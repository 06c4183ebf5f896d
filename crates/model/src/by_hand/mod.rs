//! Mailboxes that people make by hand: what they are asked for, and what they answer.

mod key;
mod logins;
mod records;
mod signing;
#[cfg(test)]
mod tests;
mod wanted;

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::dns::{RrSet, RrType};
use crate::domain::DomainName;
use crate::refusal::{Fault, Refusal};
use crate::run::RunKind;
use crate::secret::Secret;

pub(crate) use key::fault as key_fault;
pub use logins::{Enterable, Logins};
pub use records::Purpose;
pub(crate) use signing::signing_key;
pub use wanted::{Mailbox, RecordWanted, ToMake, to_make};

/// What is known of the mailboxes of one domain that are made by hand, as far as somebody has said it. A run keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HandMade {
    /// The records that the mail provider wants.
    pub records: Vec<RrSet>,
    /// Whether the mailboxes are there.
    pub made: bool,
}

/// What somebody answers who makes them.
#[derive(Clone, Debug, Default)]
pub struct Handed {
    /// The records that the mail provider wants, all of them; none leaves those that were sent before.
    pub records: Vec<Record>,
    /// Whether the mailboxes are there.
    pub made: bool,
    /// How to log in to some of them.
    pub logins: Vec<Login>,
}

/// A record as somebody writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Its type: TXT, MX or CNAME.
    #[serde(rename = "type")]
    pub rtype: RrType,
    /// Its whole name, or `@` for the domain's own.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// How to log in to a mailbox.
#[derive(Clone, Debug)]
pub struct Login {
    /// Its address.
    pub email: String,
    /// Its password.
    pub password: SecretString,
}

/// Where the answer stands in a body.
const HERE: &str = "mailboxes";

impl Handed {
    /// What is known after this answer about a domain: what was known, and what it says.
    ///
    /// # Errors
    /// `invalid_request` with the path of everything that is wrong: records that are none of this domain's, that do not fit
    /// together or that mail cannot work with, and logins of mailboxes that were not asked for.
    pub(crate) fn check(
        &self,
        known: Option<&HandMade>,
        kind: RunKind,
        name: &DomainName,
        addresses: &[String],
    ) -> Result<HandMade, Refusal> {
        let mut faults = vec![];
        let sets = match self.records.is_empty() {
            true => known.map(|known| known.records.clone()).unwrap_or_default(),
            false => records::sets(&self.records, name, &format!("{HERE}.records"), &mut faults),
        };
        if kind != RunKind::Provision && !self.records.is_empty() {
            let message = "The domain's records stay as they are. Send only that the mailbox is there.";
            faults.push(Fault::invalid(format!("{HERE}.records"), message));
        }
        if faults.is_empty() && self.made && kind == RunKind::Provision {
            faults.extend(Purpose::missing(&sets, name).into_iter().map(|purpose| {
                let message =
                    format!("{} Send it with the others, or `made`: false until you have it.", purpose.lack());
                Fault::invalid(format!("{HERE}.records"), message).with("purpose", purpose.as_str())
            }));
        }
        if self.records.is_empty() && !self.made {
            let message = "Send the records that the mail provider wants, or say that the mailboxes are there.";
            faults.push(Fault::invalid(HERE, message));
        }
        self.check_logins(addresses, &mut faults);
        Refusal::unless_empty(faults)?;
        Ok(HandMade { records: sets, made: self.made })
    }

    /// A mailbox that is not there cannot be logged in to.
    fn check_logins(&self, addresses: &[String], faults: &mut Vec<Fault>) {
        let mut seen = vec![];
        for (n, login) in self.logins.iter().enumerate() {
            let email = login.email.to_lowercase();
            let fault = if !self.made {
                "The mailboxes are not there yet. Send their logins when they are."
            } else if !addresses.contains(&email) {
                "This is none of the mailboxes that were asked for. Send an address of the action's list."
            } else if seen.contains(&email) {
                "There is a login of this mailbox before it. Send one."
            } else {
                seen.push(email);
                continue;
            };
            faults.push(Fault::invalid(format!("{HERE}.logins[{n}].email"), fault));
        }
    }

    /// The passwords by address, as they are kept: those that were sent before stay, where no other was sent. `None` when none was
    /// sent now.
    pub(crate) fn sealable(&self, known: &BTreeMap<String, SecretString>) -> Option<Secret> {
        let logins = Logins(self.logins.clone());
        (!self.logins.is_empty()).then(|| logins.sealable(known))
    }

    fn passwords(&self) -> BTreeMap<String, &str> {
        let logins = self.logins.iter();
        logins.map(|login| (login.email.to_lowercase(), login.password.expose_secret())).collect()
    }

    /// Everything that it says, in one text that holds passwords: only for a keyed hash.
    #[must_use]
    pub fn said(&self) -> SecretString {
        let passwords = self.passwords();
        SecretString::from(serde_json::to_string(&(&self.records, self.made, passwords)).unwrap_or_default())
    }
}

/// Two answers are the same when they say the same.
impl PartialEq for Handed {
    fn eq(&self, other: &Self) -> bool {
        self.said().expose_secret() == other.said().expose_secret()
    }
}

impl Eq for Handed {}

/// The passwords by address, from how they are kept; empty where that cannot be read.
#[must_use]
pub fn passwords(kept: &str) -> BTreeMap<String, String> {
    serde_json::from_str(kept).unwrap_or_default()
}
