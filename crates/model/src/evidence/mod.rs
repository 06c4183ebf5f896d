//! What was seen of a domain that is said to work: by whom, when, and what they answered.
//!
//! A look is put down as one document, signed with the installation's key: it shows who said it and that nothing was
//! changed since, and no more than that.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::domain::Domain;
use crate::id::{DomainId, PartnerId};
use crate::named::named;
use crate::world::World;

mod canonical;
mod judge;
mod look;
#[cfg(test)]
mod tests;

pub use canonical::canonical;
pub use judge::{judge, judge_links, judge_mailboxes};
pub use look::{DnsLook, KeyLook, LinkLook, MailboxLook, MailboxState, Seen};

named! {
    /// What is looked at. New ones may be added.
    // Append-only: it has left the process.
    pub enum CheckName {
        /// Where mail goes.
        Mx "mx",
        /// Who may send: one record, which receivers can evaluate.
        Spf "spf",
        /// The keys that mail is signed with: published, and well-formed.
        Dkim "dkim",
        /// What receivers do with failures.
        Dmarc "dmarc",
        /// Whether the mail host has the mailboxes.
        Mailboxes "mailboxes",
        /// Whether the sequencer gets into the mailboxes, to send and to read.
        Sequencer "sequencer",
        /// What the receiver of a first mail of the domain has found.
        FirstMail "first_mail",
    }
}

named! {
    /// What a check has come to.
    pub enum Verdict {
        /// It was seen to work.
        Passed "passed",
        /// It was seen not to work.
        Failed "failed",
        /// Whoever was asked could not say.
        Unknown "unknown",
        /// It is no part of how this domain is set up: the reason says why.
        DoesNotApply "does_not_apply",
    }
}

/// What somebody answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EvidenceSighting)]
pub struct Sighting {
    /// What was asked about: a name and a type, or an address.
    #[schema(example = "acme-mail.com MX")]
    pub subject: String,
    /// Who answered.
    #[schema(example = "ns1.example.com (192.0.2.1)")]
    pub answered_by: String,
    /// What they answered; nothing where there is nothing.
    #[schema(example = json!(["1 smtp.google.com"]))]
    pub answer: Vec<String>,
    /// When.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:00:00Z")]
    pub at: Time,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EvidenceCheck)]
pub struct Check {
    /// What.
    pub check: CheckName,
    /// What it has come to.
    pub verdict: Verdict,
    /// Why, unless it has passed.
    #[schema(required, example = "The MX records cannot be seen.")]
    pub reason: Option<String>,
    /// What it was judged by.
    pub seen: Vec<Sighting>,
}

/// What a check has come to, without what it was judged by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CheckSummary)]
pub struct Summary {
    /// What was looked at.
    pub check: CheckName,
    /// What it has come to.
    pub verdict: Verdict,
    /// Why, unless it has passed.
    #[schema(required, example = "The MX records cannot be seen.")]
    pub reason: Option<String>,
}

/// A look at a domain, as it is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The domain's id.
    pub domain_id: String,
    /// Its name.
    pub domain: String,
    /// The order that it is in.
    pub order_id: Option<String>,
    /// Whose reality it was seen in: `live`, or `test` for a sandbox, where everything is played.
    pub environment: String,
    /// When the look was begun.
    pub checked_at: Time,
    /// Everything that was looked at.
    pub checks: Vec<Check>,
}

named! {
    /// Which look at a domain.
    pub enum Which {
        /// The last one.
        Latest "latest",
        /// The one by which it was said to be connected.
        Connected "connected",
    }
}

/// A signed look, as a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The domain.
    pub domain: DomainId,
    /// Which look.
    pub which: Which,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// When, partner time.
    pub checked_at: Time,
    /// What it has come to, in short.
    pub summary: Vec<Summary>,
    /// The signed look, as it is answered: JSON.
    pub document: String,
}

/// What is put beside a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EvidenceSignature)]
pub struct Signature {
    /// Which key of `/.well-known/mailwright-keys.json`.
    #[schema(example = "5a1c0f9e8d7b6a53")]
    pub key_id: String,
    /// The signature scheme (RFC 8032).
    #[schema(example = "Ed25519")]
    pub algorithm: String,
    /// The signature over the rest of the object, in its canonical form (RFC 8785), in base64.
    #[schema(
        format = "byte",
        example = "q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEg=="
    )]
    pub value: String,
}

impl Statement {
    /// What is said of a domain.
    #[must_use]
    pub fn of(domain: &Domain, checks: Vec<Check>, at: Time) -> Self {
        Self {
            domain_id: domain.id.to_string(),
            domain: domain.name.to_string(),
            order_id: domain.order.as_ref().map(ToString::to_string),
            environment: domain.world.environment().as_str().to_owned(),
            checked_at: at,
            checks,
        }
    }

    /// Whether nothing is left that has still to be seen.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.missing().next().is_none()
    }

    /// What was not seen to work, and should.
    pub fn missing(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|one| matches!(one.verdict, Verdict::Failed | Verdict::Unknown))
    }

    /// It in short.
    #[must_use]
    pub fn summary(&self) -> Vec<Summary> {
        let short = |one: &Check| Summary { check: one.check, verdict: one.verdict, reason: one.reason.clone() };
        self.checks.iter().map(short).collect()
    }

    /// As JSON, whose [`canonical`] form is what is signed.
    #[must_use]
    pub fn document(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}

impl Check {
    /// A check that came to something.
    #[must_use]
    pub const fn new(check: CheckName, verdict: Verdict, reason: Option<String>, seen: Vec<Sighting>) -> Self {
        Self { check, verdict, reason, seen }
    }
}
