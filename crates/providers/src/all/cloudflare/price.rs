//! What names cost, and which can be had.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

use model::domain::{DomainName, MailProvider, Unavailable, Verdict};
use model::money::Cents;
use serde::Deserialize;
use serde_json::json;

use super::{Cloudflare, Right};
use crate::dollars::cents;
use crate::trouble::{Refused, Trouble};
use crate::vendor::Method;

/// As many names as one question takes.
pub(super) const PER_CHECK: usize = 20;

/// What is said of names.
#[derive(Debug, Deserialize)]
pub(super) struct Checked {
    pub(super) domains: Vec<Check>,
}

/// What is said of a name.
#[derive(Debug, Deserialize)]
pub(super) struct Check {
    pub(super) name: String,
    registrable: bool,
    #[serde(default)]
    tier: Option<String>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    pricing: Option<Pricing>,
}

#[derive(Debug, Deserialize)]
struct Pricing {
    currency: String,
    registration_cost: String,
    renewal_cost: String,
}

/// What a year of a name costs, in cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Price {
    /// The first one.
    pub(super) first: Cents,
    /// Every further one.
    pub(super) further: Cents,
}

impl Check {
    /// What a year costs; `None` when it is not said, or not in dollars.
    fn price(&self) -> Option<Price> {
        let pricing = self.pricing.as_ref().filter(|pricing| pricing.currency == "USD")?;
        Some(Price { first: cents(&pricing.registration_cost)?, further: cents(&pricing.renewal_cost)? })
    }

    pub(super) fn verdict(&self) -> Verdict {
        let is_dear = self.tier.as_deref() == Some("premium") || self.reason.as_deref() == Some("domain_premium");
        if is_dear {
            return Verdict::Not(Unavailable::Premium);
        }
        match (self.registrable, self.reason.as_deref(), self.price()) {
            (true, _, Some(Price { first, further })) => {
                let usable_for = MailProvider::ALL.to_vec();
                Verdict::Buyable { price_cents: first, renewal_price_cents: further, usable_for }
            }
            (false, Some(reason), _) if reason.starts_with("extension_") => Verdict::Not(Unavailable::Invalid),
            (false, Some("domain_unavailable"), _) => Verdict::Not(Unavailable::Taken),
            _ => {
                tracing::warn!(reason = self.reason, "Cloudflare says of a name what we do not know");
                Verdict::Not(Unavailable::Errored)
            }
        }
    }
}

impl Cloudflare {
    /// What is said of these names, at most [`PER_CHECK`]; names that are none are left out of the answer.
    pub(super) async fn checks(&self, names: &[&str]) -> Result<Vec<Check>, Trouble> {
        let request = self.registrar("check", Method::Post, &["domain-check"]).looks();
        let checked: Checked = self.get(request.body(json!({ "domains": names })), Right::Names).await?;
        Ok(checked.domains)
    }

    pub(super) async fn verdict(&self, name: &DomainName) -> Result<Verdict, Trouble> {
        let checks = self.checks(&[name.as_str()]).await?;
        let it = checks.iter().find(|check| check.name.eq_ignore_ascii_case(name.as_str()));
        Ok(it.map_or(Verdict::Not(Unavailable::Invalid), Check::verdict))
    }

    /// What another year of a name costs. Of a name that somebody has, the vendor need not say it; then it is what every
    /// name of its ending costs, and that is said of one that nobody has: it sells none that is dearer than others.
    pub(super) async fn further(&self, name: &DomainName) -> Result<Cents, Trouble> {
        let nobodys = nobodys(name);
        let checks = self.checks(&[name.as_str(), &nobodys]).await?;
        let price =
            |name: &str| checks.iter().find(|check| check.name.eq_ignore_ascii_case(name)).and_then(Check::price);
        if let Some(price) = price(name.as_str()).or_else(|| price(&nobodys)) {
            return Ok(price.further);
        }
        let is_sold = |check: &Check| check.reason.as_deref().is_none_or(|reason| !reason.starts_with("extension_"));
        match checks.iter().all(is_sold) {
            true => Err(Trouble::Later(None)),
            false => Err(Trouble::Refused(Refused::ForGood(format!(
                "Cloudflare does not say what another year of {name} costs."
            )))),
        }
    }
}

/// A name with the same ending that nobody has.
fn nobodys(name: &DomainName) -> String {
    let mut hasher = DefaultHasher::new();
    name.as_str().hash(&mut hasher);
    let ending = name.as_str().split_once('.').map_or("", |(_, ending)| ending);
    format!("price-of-{:016x}.{ending}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn verdict(value: Value) -> Verdict {
        serde_json::from_value::<Check>(value).unwrap().verdict()
    }

    #[test]
    fn a_name_is_sold_only_at_a_price_in_dollars() {
        let priced = |currency: &str, cost: &str| {
            verdict(json!({
                "name": "a.com", "registrable": true, "tier": "standard",
                "pricing": { "currency": currency, "registration_cost": cost, "renewal_cost": "11.18" },
            }))
        };
        let Verdict::Buyable { price_cents, renewal_price_cents, .. } = priced("USD", "10.46") else { panic!() };
        assert_eq!((price_cents, renewal_price_cents), (1_046, 1_118));
        for (currency, cost) in [("EUR", "10.46"), ("USD", "ten"), ("USD", "-1"), ("USD", "1e3")] {
            assert_eq!(priced(currency, cost), Verdict::Not(Unavailable::Errored), "{currency} {cost}");
        }
    }

    #[test]
    fn why_a_name_cannot_be_had_is_told_apart() {
        for (reason, why) in [
            ("extension_not_supported_via_api", Unavailable::Invalid),
            ("extension_not_supported", Unavailable::Invalid),
            ("extension_disallows_registration", Unavailable::Invalid),
            ("domain_premium", Unavailable::Premium),
            ("domain_unavailable", Unavailable::Taken),
            ("something_new", Unavailable::Errored),
        ] {
            let told = verdict(json!({ "name": "a.com", "registrable": false, "reason": reason }));
            assert_eq!(told, Verdict::Not(why), "{reason}");
        }
        let dear = json!({ "name": "a.com", "registrable": true, "tier": "premium" });
        assert_eq!(verdict(dear), Verdict::Not(Unavailable::Premium));
    }

    #[test]
    fn the_price_of_an_ending_is_asked_of_a_name_of_that_ending() {
        let (one, other) = (nobodys(&DomainName::stored("acme.co.uk")), nobodys(&DomainName::stored("acme.com")));
        assert!(one.ends_with(".co.uk") && other.ends_with(".com"));
        assert_ne!(one.split('.').next(), other.split('.').next());
    }
}
