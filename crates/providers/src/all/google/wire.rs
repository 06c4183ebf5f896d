//! What Google says, and what its noes mean.

use model::id::{Id as _, UserId};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::users::MARK;
use crate::vendor::{Answer, Meaning, by_status};

/// Reasons under a 403 that mean "too often", see <https://developers.google.com/workspace/admin/directory/v1/limits>.
const TOO_OFTEN: [&str; 4] = ["userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"];
/// The same in the vendor's newer form.
const EXHAUSTED: &str = "RESOURCE_EXHAUSTED";

/// A domain of the tenant.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Domain {
    #[serde(default)]
    pub(super) verified: bool,
    #[serde(default)]
    pub(super) is_primary: bool,
}

/// Domains of the tenant.
#[derive(Debug, Deserialize)]
pub(super) struct Domains {
    #[serde(default)]
    pub(super) domains: Vec<IgnoredAny>,
}

/// A text that proves whose a name is.
#[derive(Debug, Deserialize)]
pub(super) struct Proof {
    pub(super) token: String,
}

/// Whose mailbox it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Name {
    pub(super) given_name: String,
    pub(super) family_name: String,
}

/// A number that whoever makes a user may put to it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExternalId {
    #[serde(default)]
    pub(super) custom_type: Option<String>,
    #[serde(default)]
    pub(super) value: Option<String>,
}

/// A user: somebody with a mailbox, once it is set up.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) id: String,
    pub(super) primary_email: String,
    #[serde(default)]
    pub(super) name: Name,
    #[serde(default)]
    pub(super) is_mailbox_setup: bool,
    #[serde(default)]
    pub(super) suspended: bool,
    #[serde(default)]
    pub(super) is_admin: bool,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    #[serde(default)]
    pub(super) thumbnail_photo_url: Option<String>,
    /// The tenant's number.
    #[serde(default)]
    pub(super) customer_id: Option<String>,
    #[serde(default)]
    pub(super) external_ids: Vec<ExternalId>,
}

impl User {
    /// Whether this is their own address, and no other one that leads to them.
    pub(super) fn is_at(&self, email: &str) -> bool {
        self.primary_email.eq_ignore_ascii_case(email)
    }

    /// Whether they were made here for this customer: what they have kept is nobody else's.
    pub(super) fn was_of(&self, customer: Option<&UserId>) -> bool {
        let is_mark = |id: &&ExternalId| id.custom_type.as_deref() == Some(MARK);
        let made_for = self.external_ids.iter().find(is_mark).and_then(|id| id.value.as_deref());
        customer.is_some_and(|customer| made_for == Some(customer.as_str()))
    }

    pub(super) fn has_alias(&self, email: &str) -> bool {
        self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(email))
    }
}

/// A page of users.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Users {
    #[serde(default)]
    pub(super) users: Vec<User>,
    #[serde(default)]
    pub(super) next_page_token: Option<String>,
}

/// What stands around a no.
#[derive(Debug, Deserialize)]
struct Envelope {
    error: Fault,
}

#[derive(Debug, Deserialize)]
struct Fault {
    #[serde(default)]
    message: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    errors: Vec<Reason>,
}

#[derive(Debug, Deserialize)]
struct Reason {
    #[serde(default)]
    reason: String,
}

/// A no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct No {
    /// The HTTP status code.
    pub(super) status: u16,
    reasons: Vec<String>,
    /// What was said, in lower case: for telling apart what has one reason. It is not shown.
    words: String,
}

impl No {
    /// Whether a reason has this in it.
    pub(super) fn has(&self, reason: &str) -> bool {
        self.reasons.iter().any(|one| one.contains(reason))
    }

    /// Whether something like this is said.
    pub(super) fn says(&self, words: &str) -> bool {
        self.words.contains(words)
    }
}

/// The no in an answer; `None` when it is in no envelope of the vendor's, and so nobody's word.
pub(super) fn no(answer: &Answer) -> Option<No> {
    let fault = envelope(answer)?;
    let reasons = fault.errors.into_iter().map(|one| one.reason).chain([fault.status]).collect();
    Some(No { status: answer.status, reasons, words: fault.message.to_lowercase() })
}

/// What an answer means. A 403 is "too often" as often as it is "you may not", and a 401 means that a token has ended: the
/// adapter gets another.
pub(super) fn meaning(answer: &Answer) -> Meaning {
    let said = if answer.is_success() { None } else { no(answer) };
    match (by_status(answer), said) {
        (Meaning::Forbidden, Some(no)) if TOO_OFTEN.iter().any(|one| no.has(one)) || no.has(EXHAUSTED) => {
            Meaning::Limited(None)
        }
        (Meaning::Forbidden | Meaning::Unauthorized | Meaning::Clear, Some(_)) => Meaning::Clear,
        (Meaning::Clear, None) if !answer.is_success() => Meaning::Unclear,
        (meaning, _) => meaning,
    }
}

fn envelope(answer: &Answer) -> Option<Fault> {
    serde_json::from_str::<Envelope>(&answer.text()).ok().map(|it| it.error)
}
