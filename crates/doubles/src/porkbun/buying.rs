//! Purchases and renewals. Both want the price, in whole cents, although the prices are told in dollars.

use serde_json::{Value, json};

use super::names::{is_premium, least};
use super::{Domain, Entry, Estate, RENEWAL, no, years_later, yes};
use crate::server::Said;

/// How long nothing can be renewed after it was registered or renewed, in seconds.
const TOO_SOON: i64 = 30 * 86_400;

impl Estate {
    pub(super) fn create(&mut self, name: &str, body: &Value) -> Said {
        if let Err(said) = self.limits.try_it(false, self.now) {
            return said;
        }
        if let Some((code, message)) = self.refusal.take() {
            return no(400, code, message);
        }
        let Some(years) = least(name) else { return no(400, "INVALID_DOMAIN", "Invalid domain.") };
        if !matches!(body["agreeToTerms"].as_str(), Some("yes" | "1")) {
            return no(400, "TERMS_REQUIRED", "You must agree to the terms.");
        }
        if name.ends_with(".us") || is_premium(name) {
            return no(400, "NOT_SUPPORTED", "This domain cannot be registered via the API.");
        }
        if self.is_taken(name) {
            return no(400, "DOMAIN_NOT_AVAILABLE", "Domain is not available.");
        }
        let cents = self.price * years;
        if let Some(said) = self.unpaid(cents, body) {
            return said;
        }
        self.domains.insert(name.into(), Domain::new(self.now, years));
        self.charged("registered", name, years, cents)
    }

    pub(super) fn renew(&mut self, name: &str, body: &Value) -> Said {
        if let Err(said) = self.limits.try_it(true, self.now) {
            return said;
        }
        if let Some((code, message)) = self.refusal.take() {
            return no(400, code, message);
        }
        let (now, any_time) = (self.now, self.any_time);
        let domain = match self.touched(name) {
            Ok(domain) => domain.clone(),
            Err(said) => return said,
        };
        if !any_time && now - domain.renewed.unwrap_or(domain.created) < TOO_SOON {
            return no(400, "RENEWAL_TOO_SOON", "Domain was registered or renewed within the last 30 days.");
        }
        let years = least(name).unwrap_or(1);
        let expires = years_later(domain.expires, years);
        if is_premium(name) || expires > years_later(now, 10) {
            return no(400, "NOT_SUPPORTED", "This domain cannot be renewed via the API.");
        }
        let cents = RENEWAL * years;
        if let Some(said) = self.unpaid(cents, body) {
            return said;
        }
        self.domains.insert(name.into(), Domain { expires, renewed: Some(now), ..domain });
        self.charged("renewed", name, years, cents)
    }

    /// Why something of this price is not sold.
    fn unpaid(&self, cents: i64, body: &Value) -> Option<Said> {
        if body["cost"] != cents {
            return Some(no(400, "INVALID_COST", "The cost does not match the current price."));
        }
        if self.balance < cents {
            return Some(no(400, "INSUFFICIENT_FUNDS", "Account credit is insufficient."));
        }
        let over = self.monthly.is_some_and(|most| self.spent() + cents > most);
        over.then(|| no(400, "SPEND_LIMIT_EXCEEDED", "The monthly API spend limit has been reached."))
    }

    fn charged(&mut self, what: &'static str, name: &str, years: i64, cents: i64) -> Said {
        self.balance -= cents;
        self.ledger.push(Entry { what, name: name.into(), years, cents });
        let limits = self.limits.succeed(what == "renewed", self.now);
        let order = 70_000 + i64::try_from(self.ledger.len()).unwrap_or(0);
        let mut body = json!({
            "domain": name, "cost": cents, "orderId": order, "balance": self.balance, "limits": limits,
            "ttlRemaining": 86_400,
        });
        if what == "renewed" {
            let expires = self.domains.get(name).map(|domain| super::shown(domain.expires)).unwrap_or_default();
            body["expirationDate"] = expires.chars().take(10).collect::<String>().into();
        }
        yes(body)
    }

    fn spent(&self) -> i64 {
        self.ledger.iter().map(|entry| entry.cents).sum()
    }

    /// Newer interfaces tell what is enforced, too.
    pub(super) fn settings(&self) -> Said {
        yes(json!({
            "settings": {
                "monthlySpendLimit": self.monthly, "lowBalanceAlert": null, "autoTopup": false, "topupThreshold": null,
                "topupAmount": null,
            },
            "monthlySpend": self.spent(),
        }))
    }
}
