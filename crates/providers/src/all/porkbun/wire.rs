//! What Porkbun sends. Numbers may come as texts, and did in older versions.

use std::collections::BTreeMap;
use std::time::Duration;

use model::clock::Time;
use model::money::Cents;
use serde::Deserialize;
use serde_json::Value;

use crate::dollars::cents;

/// What is around every answer.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope {
    /// `SUCCESS` or `ERROR`.
    #[serde(default)]
    pub(super) status: String,
    pub(super) code: Option<String>,
    message: Option<String>,
    ttl_remaining: Option<Value>,
}

impl Envelope {
    /// How long it wants to be left alone.
    pub(super) fn room_in(&self) -> Option<Duration> {
        number(self.ttl_remaining.as_ref()?).and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs)
    }
}

/// A no.
#[derive(Debug)]
pub(super) struct No {
    /// Empty where there is none.
    pub(super) code: String,
    /// In small letters.
    message: String,
}

impl From<Envelope> for No {
    fn from(envelope: Envelope) -> Self {
        Self {
            code: envelope.code.unwrap_or_default(),
            message: envelope.message.unwrap_or_default().to_ascii_lowercase(),
        }
    }
}

impl No {
    /// Whether it speaks of something, in its code or, where it is not published, in its words.
    pub(super) fn speaks_of(&self, word: &str) -> bool {
        self.code.to_ascii_lowercase().contains(word) || self.message.contains(word)
    }
}

/// Whether a name can be had.
#[derive(Debug, Deserialize)]
pub(super) struct Checked {
    pub(super) response: Check,
}

/// Whether a name can be had, and for how much. Prices are of a year, in dollars.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Check {
    /// `yes` or `no`.
    pub(super) avail: String,
    pub(super) premium: Option<String>,
    price: Option<Value>,
    /// Of the years after the first, where the first one is cheaper.
    regular_price: Option<Value>,
    first_year_promo: Option<String>,
    /// In years.
    min_duration: Option<Value>,
    additional: Option<Additional>,
}

#[derive(Debug, Deserialize)]
struct Additional {
    renewal: Option<Priced>,
}

#[derive(Debug, Deserialize)]
struct Priced {
    price: Option<Value>,
}

impl Check {
    /// The least term, in years, where it says it.
    pub(super) fn least(&self) -> Option<i64> {
        number(self.min_duration.as_ref()?).filter(|years| (1..=10).contains(years))
    }

    /// What so many years cost at first, in cents.
    pub(super) fn price(&self, years: i64) -> Option<Cents> {
        let first = price(self.price.as_ref()?)?;
        let further = match self.first_year_promo.as_deref() {
            Some("yes") => price(self.regular_price.as_ref()?)?,
            _ => first,
        };
        further.checked_mul(years - 1)?.checked_add(first)
    }

    /// What a further year costs, in cents.
    pub(super) fn renewal(&self) -> Option<Cents> {
        price(self.additional.as_ref()?.renewal.as_ref()?.price.as_ref()?)
    }
}

/// What names cost by their ends.
#[derive(Debug, Deserialize)]
pub(super) struct Pricing {
    pricing: BTreeMap<String, Renewed>,
}

#[derive(Debug, Deserialize)]
struct Renewed {
    renewal: Option<Value>,
}

impl Pricing {
    /// What a further year of such names costs, in cents.
    pub(super) fn renewal(&self, tld: &str) -> Option<Cents> {
        price(self.pricing.get(tld)?.renewal.as_ref()?)
    }
}

/// A name in the account.
#[derive(Debug, Deserialize)]
pub(super) struct Got {
    pub(super) domain: Domain,
}

/// A piece of the list of names.
#[derive(Debug, Deserialize)]
pub(super) struct Listed {
    #[serde(default)]
    pub(super) domains: Vec<Domain>,
}

/// A name in the account.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Domain {
    pub(super) domain: String,
    create_date: Option<String>,
    expire_date: Option<String>,
    auto_renew: Option<Value>,
    not_local: Option<Value>,
}

impl Domain {
    pub(super) fn created(&self) -> Option<Time> {
        time(self.create_date.as_deref()?)
    }

    pub(super) fn expires(&self) -> Option<Time> {
        time(self.expire_date.as_deref()?)
    }

    /// Whether it is renewed by the vendor, where it says so.
    pub(super) fn renews_itself(&self) -> Option<bool> {
        self.auto_renew.as_ref().map(is_so)
    }

    /// Whether it is registered here, rather than only shown.
    pub(super) fn is_here(&self) -> bool {
        !self.not_local.as_ref().is_some_and(is_so)
    }
}

/// What a purchase or a renewal has come to.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Receipt {
    order_id: Option<Value>,
    /// In cents.
    cost: Option<Value>,
}

impl Receipt {
    pub(super) fn order(&self) -> Option<String> {
        number(self.order_id.as_ref()?).map(|order| order.to_string())
    }

    pub(super) fn cost(&self) -> Option<Cents> {
        number(self.cost.as_ref()?)
    }
}

/// Whom a name is delegated to.
#[derive(Debug, Deserialize)]
pub(super) struct Delegation {
    #[serde(default)]
    pub(super) ns: Vec<String>,
}

/// What is said where nothing more is.
#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

/// What is left to spend, in cents.
#[derive(Debug, Deserialize)]
pub(super) struct Balance {
    balance: Option<Value>,
}

impl Balance {
    pub(super) fn cents(&self) -> Option<Cents> {
        number(self.balance.as_ref()?)
    }
}

/// What the account lets its keys spend, in cents.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Spending {
    settings: Option<Limits>,
    monthly_spend: Option<Value>,
    /// What is enforced; older versions do not tell it.
    spend_limit: Option<Enforced>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Limits {
    monthly_spend_limit: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Enforced {
    remaining: Option<Value>,
}

impl Spending {
    /// What may be spent in this month still; `None` where there is no limit.
    pub(super) fn left(&self) -> Option<Cents> {
        if let Some(enforced) = &self.spend_limit {
            return number(enforced.remaining.as_ref()?);
        }
        let most = number(self.settings.as_ref()?.monthly_spend_limit.as_ref()?)?;
        Some(most - number(self.monthly_spend.as_ref()?)?)
    }
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn is_so(value: &Value) -> bool {
    number(value) == Some(1) || value == &Value::Bool(true) || value == "yes"
}

fn price(value: &Value) -> Option<Cents> {
    match value {
        Value::String(text) => cents(text),
        Value::Number(number) => cents(&number.to_string()),
        _ => None,
    }
}

/// A time of theirs, which names no zone and is taken as UTC; or a date, whose beginning is meant.
fn time(text: &str) -> Option<Time> {
    let (date, clock) = text.trim().split_once(' ').unwrap_or((text.trim(), "00:00:00"));
    Time::parse(&format!("{date}T{clock}Z"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_years_price_may_be_another_than_that_of_the_others() {
        let check = |promo: &str| {
            let value = json!({
                "avail": "yes", "price": "2.06", "regularPrice": "11.08", "firstYearPromo": promo, "minDuration": 2,
            });
            serde_json::from_value::<Check>(value).unwrap()
        };
        assert_eq!((check("yes").price(1), check("yes").price(2)), (Some(206), Some(1_314)));
        assert_eq!((check("no").price(2), check("no").least()), (Some(412), Some(2)));
        assert_eq!(check("no").renewal(), None);
    }

    #[test]
    fn times_and_switches_are_read_in_each_of_their_forms() {
        assert_eq!(time("2027-01-15 10:00:00"), Time::parse("2027-01-15T10:00:00Z"));
        assert_eq!(time("2027-01-15"), Time::parse("2027-01-15T00:00:00Z"));
        assert_eq!(time("soon"), None);
        for (value, so) in
            [(json!(1), true), (json!("1"), true), (json!(0), false), (json!("0"), false), (json!(null), false)]
        {
            assert_eq!(is_so(&value), so, "{value}");
        }
    }

    #[test]
    fn what_is_enforced_counts_before_what_was_set() {
        let left = |value| serde_json::from_value::<Spending>(value).unwrap().left();
        let settings = json!({ "monthlySpendLimit": 5_000 });
        assert_eq!(left(json!({ "settings": settings, "monthlySpend": 1_200 })), Some(3_800));
        let enforced = json!({ "limit": 10_000, "remaining": 5_800 });
        assert_eq!(left(json!({ "settings": settings, "monthlySpend": 1_200, "spendLimit": enforced })), Some(5_800));
        assert_eq!(left(json!({ "settings": { "monthlySpendLimit": null }, "monthlySpend": 0 })), None);
    }
}
