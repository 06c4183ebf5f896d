//! Names and what they cost. A name that begins with `taken-` is somebody else's, one with `premium-` is dear. `.org` is sold
//! here and not by every other vendor.

use serde_json::{Value, json};

use super::{Domain, Entry, Estate, PRICE, REGISTRANT, RENEWAL, RESTORE, no, nothing, paged, yes, zones};
use crate::server::{Asked, Said};

fn is_premium(name: &str) -> bool {
    name.starts_with("premium-")
}

fn is_sold(name: &str) -> bool {
    [".com", ".net", ".org"].iter().any(|end| name.ends_with(end))
}

fn dollars(cents: i64) -> Value {
    // As the vendor writes it: a number with a point, whatever that does to it.
    serde_json::from_str(&format!("{}.{:02}", cents / 100, cents % 100)).unwrap_or(Value::Null)
}

pub(super) fn prices(name: &str) -> Said {
    if !is_sold(name) {
        return no(400, "TLD is not supported");
    }
    let times = if is_premium(name) { 100 } else { 1 };
    yes(
        200,
        json!({
            "domain": name, "premium": is_premium(name), "registration_price": dollars(PRICE * times),
            "renewal_price": dollars(RENEWAL * times), "transfer_price": dollars(PRICE * times),
            "restore_price": dollars(RESTORE), "trustee_price": Value::Null,
        }),
    )
}

pub(super) fn shown(at: i64) -> String {
    jiff::Timestamp::from_second(at).map(|at| at.to_string()).unwrap_or_default()
}

/// The same day so many years later, as registries count.
fn years_later(at: i64, years: i64) -> i64 {
    let Ok(stamp) = jiff::Timestamp::from_second(at) else { return at };
    let later = stamp.to_zoned(jiff::tz::TimeZone::UTC).checked_add(jiff::Span::new().years(years));
    later.map_or(at, |later| later.timestamp().as_second())
}

impl Estate {
    /// Whether anybody has it registered.
    fn is_had(&self, name: &str) -> bool {
        let is_ours = self.domains.get(name).is_some_and(|domain| domain.registrant.is_some());
        is_ours || self.taken.contains(name) || name.starts_with("taken-")
    }

    pub(super) fn check(&self, name: &str) -> Said {
        if !is_sold(name) {
            return no(400, "TLD is not supported");
        }
        yes(200, json!({ "domain": name, "available": !self.is_had(name), "premium": is_premium(name) }))
    }

    pub(super) fn register(&mut self, name: &str, body: &Value) -> Said {
        if self.is_had(name) || !is_sold(name) {
            return no(400, &format!("The domain {name} is not available for registration"));
        }
        if body["registrant_id"] != REGISTRANT {
            return no(404, "Contact not found");
        }
        if is_premium(name) && body["premium_price"].is_null() {
            return no(400, "The premium price is missing");
        }
        let (id, slow) = (self.draw(), self.slow);
        let expires = (!slow).then(|| years_later(self.now, 1));
        let auto_renew = body["auto_renew"].as_bool().unwrap_or(false);
        let known = self.domains.remove(name);
        let records = known.map_or_else(|| self.ground(), |known| known.records);
        let delegation = zones::SERVERS.map(str::to_owned).to_vec();
        let domain =
            Domain { id, registrant: Some(REGISTRANT), expires, auto_renew, delegation, active: true, records };
        self.domains.insert(name.into(), domain);
        self.ledger.push(Entry { what: "registered", name: name.into(), years: 1, cents: PRICE });
        self.charge(name, "registration", PRICE);
        let state = if slow { "registering" } else { "registered" };
        let at = shown(self.now);
        yes(
            201,
            json!({
                "id": self.draw(), "domain_id": id, "registrant_id": REGISTRANT, "period": 1, "state": state,
                "auto_renew": auto_renew, "whois_privacy": false, "trustee": false, "created_at": at, "updated_at": at,
            }),
        )
    }

    pub(super) fn finish(&mut self) {
        let expires = years_later(self.now, 1);
        for domain in self.domains.values_mut().filter(|domain| domain.registrant.is_some()) {
            domain.expires.get_or_insert(expires);
        }
        self.slow = false;
        for (name, years) in self.unseen.take().into_iter().flatten() {
            if let Some(expires) = self.domains.get_mut(&name).and_then(|domain| domain.expires.as_mut()) {
                *expires = years_later(*expires, years);
            }
        }
    }

    pub(super) fn renew(&mut self, name: &str, body: &Value) -> Said {
        let years = body["period"].as_i64().unwrap_or(1);
        let now = self.now;
        let Some(domain) = self.domains.get_mut(name) else { return no(404, &format!("Domain `{name}` not found")) };
        let Some(expires) = domain.expires else { return no(400, &format!("{name} is not registered")) };
        let later = years_later(expires, years);
        if later > years_later(now, 10) {
            return no(400, &format!("{name} may not be renewed at this time"));
        }
        match &mut self.unseen {
            Some(unseen) => *unseen.entry(name.into()).or_default() += years,
            None => domain.expires = Some(later),
        }
        let id = domain.id;
        self.ledger.push(Entry { what: "renewed", name: name.into(), years, cents: RENEWAL * years });
        self.charge(name, "renewal", RENEWAL * years);
        let at = shown(now);
        yes(
            201,
            json!({
                "id": self.draw(), "domain_id": id, "period": years, "state": "renewed", "created_at": at, "updated_at": at,
            }),
        )
    }

    pub(super) fn restore(&mut self, name: &str) {
        let Some(expires) = self.domains.get_mut(name).and_then(|domain| domain.expires.as_mut()) else { return };
        *expires = years_later(*expires, 1);
        self.ledger.push(Entry { what: "restored", name: name.into(), years: 1, cents: RESTORE + RENEWAL });
        self.charge(name, "restore", RESTORE);
        self.charge(name, "renewal", RENEWAL);
    }

    pub(super) fn domain(&self, name: &str) -> Said {
        match self.domains.get(name) {
            Some(domain) => yes(200, self.described(name, domain)),
            None => no(404, &format!("Domain `{name}` not found")),
        }
    }

    pub(super) fn all(&self, asked: &Asked) -> Said {
        let all: Vec<_> = self.domains.iter().map(|(name, domain)| self.described(name, domain)).collect();
        paged(&all, asked)
    }

    pub(super) fn described(&self, name: &str, domain: &Domain) -> Value {
        let state = match domain.expires {
            None => "hosted",
            Some(expires) if expires < self.now => "expired",
            Some(_) => "registered",
        };
        let expires = domain.expires.map(shown);
        let day = expires.as_ref().map(|at| at.chars().take(10).collect::<String>());
        json!({
            "id": domain.id, "account_id": 1385, "registrant_id": domain.registrant, "name": name, "unicode_name": name,
            "state": state, "auto_renew": domain.auto_renew, "private_whois": false, "trustee": false,
            "expires_on": day, "expires_at": expires, "created_at": shown(self.now), "updated_at": shown(self.now),
        })
    }

    pub(super) fn delegated(&self, name: &str) -> Said {
        match self.domains.get(name).filter(|domain| domain.expires.is_some()) {
            Some(domain) => yes(200, json!(domain.delegation)),
            None => no(404, &format!("Domain `{name}` not found")),
        }
    }

    pub(super) fn delegate(&mut self, name: &str, body: &Value) -> Said {
        let Some(domain) = self.domains.get_mut(name).filter(|domain| domain.expires.is_some()) else {
            return no(404, &format!("Domain `{name}` not found"));
        };
        let servers = body.as_array().into_iter().flatten().filter_map(Value::as_str);
        domain.delegation = servers.map(str::to_owned).collect();
        yes(200, json!(domain.delegation))
    }

    pub(super) fn renew_no_more(&mut self, name: &str) -> Said {
        let Some(domain) = self.domains.get_mut(name) else { return no(404, &format!("Domain `{name}` not found")) };
        domain.auto_renew = false;
        nothing()
    }
}
