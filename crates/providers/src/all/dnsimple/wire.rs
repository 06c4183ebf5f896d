//! What DNSimple sends.

use model::clock::Time;
use model::money::Cents;
use serde::Deserialize;

use crate::dollars;

/// Its envelope.
#[derive(Debug, Deserialize)]
pub(super) struct Data<T> {
    pub(super) data: T,
}

/// A piece of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) data: Vec<T>,
    pub(super) pagination: Pagination,
}

#[derive(Debug, Deserialize)]
pub(super) struct Pagination {
    pub(super) total_pages: u64,
}

/// Whether a name can be had.
#[derive(Debug, Deserialize)]
pub(super) struct Check {
    pub(super) available: bool,
    pub(super) premium: bool,
}

/// What a year of a name costs.
#[derive(Debug, Deserialize)]
pub(super) struct Prices {
    pub(super) premium: bool,
    pub(super) registration_price: serde_json::Number,
    pub(super) renewal_price: serde_json::Number,
    /// Where the registry knows restoring.
    pub(super) restore_price: Option<serde_json::Number>,
}

/// A name in the account.
#[derive(Debug, Deserialize)]
pub(super) struct Domain {
    pub(super) id: Option<u64>,
    /// `hosted`, `registered` or `expired`.
    pub(super) state: String,
    pub(super) registrant_id: Option<i64>,
    pub(super) auto_renew: bool,
    pub(super) expires_at: Option<Time>,
}

/// A name in a list of the account's.
#[derive(Debug, Deserialize)]
pub(super) struct Listed {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) domain: Domain,
}

/// Something that the account was charged.
#[derive(Debug, Deserialize)]
pub(super) struct Charge {
    pub(super) invoiced_at: Time,
    pub(super) reference: String,
    /// `collected`, `refunded`, and others.
    pub(super) state: String,
    #[serde(default)]
    pub(super) items: Vec<ChargeItem>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ChargeItem {
    /// In dollars, as a text.
    pub(super) amount: String,
    /// `domain-registration`, `domain-renewal`, and others.
    pub(super) product_type: String,
    /// The name, where it is about one.
    pub(super) product_reference: Option<String>,
}

/// As whom a token is known.
#[derive(Debug, Deserialize)]
pub(super) struct WhoAmI {
    pub(super) account: Option<Known>,
}

/// An account, by the address of its owner.
#[derive(Debug, Deserialize)]
pub(super) struct Known {
    pub(super) id: u64,
    pub(super) email: String,
}

/// What the account has of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holding {
    /// The name, until then.
    Registered(Time),
    /// An order for it that the registry has not confirmed.
    Ordered,
    /// Its zone alone.
    Hosted,
}

impl Domain {
    /// What the account has of it; `None` when it cannot be told.
    pub(super) fn holding(&self) -> Option<Holding> {
        match (self.state.as_str(), self.expires_at, self.registrant_id) {
            ("registered" | "expired", Some(expires), _) => Some(Holding::Registered(expires)),
            // A zone alone is for nobody.
            ("hosted", None, Some(_)) => Some(Holding::Ordered),
            ("hosted", None, None) => Some(Holding::Hosted),
            _ => None,
        }
    }
}

/// An order for a name.
#[derive(Debug, Deserialize)]
pub(super) struct Order {
    /// `new`, `registering`, `registered`, …; of renewals `renewing`, `renewed`, ….
    pub(super) state: String,
}

impl Order {
    /// Whether it has come to nothing.
    pub(super) fn has_failed(&self) -> bool {
        matches!(self.state.as_str(), "failed" | "cancelled" | "cancelling")
    }
}

/// A zone.
#[derive(Debug, Deserialize)]
pub(super) struct Zone {
    /// Its name.
    pub(super) name: Option<String>,
    /// Whether it is served; older answers do not say it, and meant that it is.
    #[serde(default = "served")]
    pub(super) active: bool,
}

const fn served() -> bool {
    true
}

/// A record.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Record {
    pub(super) id: u64,
    /// Below the zone; empty for the zone itself.
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) rtype: String,
    pub(super) content: String,
    pub(super) ttl: u32,
    pub(super) priority: Option<u32>,
    /// The vendor's own, which nobody changes.
    pub(super) system_record: bool,
}

/// A number of dollars as cents.
pub(super) fn cents(dollars: &serde_json::Number) -> Option<Cents> {
    dollars::cents(&dollars.to_string())
}
