//! What Microsoft says, and what its noes mean.

use serde::Deserialize;
use serde_json::Value;

use crate::vendor::{Answer, Meaning, by_status};

/// A list.
#[derive(Debug, Deserialize)]
pub(super) struct Many<T> {
    pub(super) value: Vec<T>,
    #[serde(default, rename = "@odata.nextLink")]
    pub(super) next: Option<String>,
}

/// A domain of the tenant.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Domain {
    #[serde(default)]
    pub(super) is_verified: bool,
    #[serde(default)]
    pub(super) is_default: bool,
    #[serde(default)]
    pub(super) is_initial: bool,
    #[serde(default)]
    pub(super) supported_services: Vec<String>,
}

/// A record that it wants, by its type.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    /// A whole name.
    pub(super) label: String,
    pub(super) ttl: u32,
    #[serde(default)]
    pub(super) supported_service: Option<String>,
    #[serde(flatten)]
    pub(super) data: Data,
}

/// What is in a record.
#[derive(Debug, Deserialize)]
#[serde(tag = "@odata.type")]
pub(super) enum Data {
    #[serde(rename = "#microsoft.graph.domainDnsTxtRecord")]
    Txt { text: String },
    #[serde(rename = "#microsoft.graph.domainDnsMxRecord", rename_all = "camelCase")]
    Mx { mail_exchange: String, preference: u32 },
    #[serde(rename = "#microsoft.graph.domainDnsCnameRecord", rename_all = "camelCase")]
    Cname { canonical_name: String },
    /// One that mail does not need.
    #[serde(other)]
    Other,
}

/// A licence of a user.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Assigned {
    pub(super) sku_id: String,
}

/// A service that a user has by a licence.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Plan {
    #[serde(default)]
    service: Option<String>,
    #[serde(default)]
    capability_status: Option<String>,
}

/// How the vendor calls its mail service among the services of licences.
const MAIL_SERVICE: &str = "exchange";

impl Plan {
    fn is_of_mail(&self) -> bool {
        self.service.as_deref().is_some_and(|service| service.eq_ignore_ascii_case(MAIL_SERVICE))
    }

    /// A subscription that has run out warns for a while before it takes anything away.
    fn is_good(&self) -> bool {
        matches!(self.capability_status.as_deref(), Some("Enabled" | "Warning"))
    }
}

/// A user: somebody with a mailbox, once it is there. What was never given is null.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) id: String,
    pub(super) user_principal_name: String,
    #[serde(default)]
    pub(super) display_name: Option<String>,
    #[serde(default)]
    pub(super) account_enabled: Option<bool>,
    #[serde(default)]
    pub(super) usage_location: Option<String>,
    #[serde(default)]
    pub(super) employee_type: Option<String>,
    #[serde(default)]
    pub(super) assigned_licenses: Vec<Assigned>,
    #[serde(default)]
    pub(super) assigned_plans: Vec<Plan>,
    #[serde(default)]
    pub(super) proxy_addresses: Vec<String>,
}

impl User {
    /// Whether this is their own address, and no other one that leads to them.
    pub(super) fn is_at(&self, email: &str) -> bool {
        self.user_principal_name.eq_ignore_ascii_case(email)
    }

    /// Whether a licence lets them have a mailbox: one that was taken leaves the address for a while, and one whose subscription has
    /// run out stays assigned.
    pub(super) fn is_licensed(&self) -> bool {
        let mut of_mail = self.assigned_plans.iter().filter(|plan| plan.is_of_mail()).peekable();
        !self.assigned_licenses.is_empty() && (of_mail.peek().is_none() || of_mail.any(Plan::is_good))
    }

    /// Whether the mail service has taken their own address.
    pub(super) fn has_mailbox(&self) -> bool {
        let own = |address: &String| address.strip_prefix("SMTP:").is_some_and(|email| self.is_at(email));
        self.proxy_addresses.iter().any(own)
    }
}

/// Something that uses a domain.
#[derive(Debug, Deserialize)]
pub(super) struct Reference {
    #[serde(rename = "@odata.type")]
    pub(super) kind: String,
    pub(super) id: String,
}

/// What the tenant has licences for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sku {
    pub(super) sku_id: String,
    pub(super) sku_part_number: String,
    #[serde(default)]
    pub(super) consumed_units: i64,
    pub(super) prepaid_units: Units,
}

impl Sku {
    /// How many more users can have it.
    pub(super) const fn free(&self) -> i64 {
        self.prepaid_units.enabled - self.consumed_units
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Units {
    #[serde(default)]
    pub(super) enabled: i64,
}

#[derive(Debug, Deserialize)]
struct Envelope {
    error: Fault,
}

#[derive(Debug, Deserialize)]
struct Fault {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: Value,
}

/// A no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct No {
    /// The HTTP status code.
    pub(super) status: u16,
    /// What was said, with its codes. It is for telling apart what has one status, and is not shown.
    words: String,
}

impl No {
    /// Whether something like this is said, or is one of the codes.
    pub(super) fn says(&self, words: &str) -> bool {
        self.words.contains(words)
    }

    /// Whether something is there already that may be there once.
    pub(super) fn is_conflict(&self) -> bool {
        self.says("ObjectConflict") || self.says("already exists")
    }
}

/// The no in an answer; `None` when it is in no envelope of the vendor's, and so nobody's word.
pub(super) fn no(answer: &Answer) -> Option<No> {
    let fault = serde_json::from_str::<Envelope>(&answer.text()).ok()?.error;
    Some(No { status: answer.status, words: format!("{} {} {}", fault.code, fault.message, fault.details) })
}

/// What an answer means. A 401 means that a token has ended, and a 403 names no permission: the adapter does.
pub(super) fn meaning(answer: &Answer) -> Meaning {
    let is_said = answer.is_success() || no(answer).is_some();
    match by_status(answer) {
        Meaning::Forbidden | Meaning::Unauthorized if is_said => Meaning::Clear,
        Meaning::Clear if !is_said => Meaning::Unclear,
        meaning => meaning,
    }
}
