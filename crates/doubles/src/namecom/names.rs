//! Names and what they cost. A name that begins with `taken-` is somebody else's, one with `premium-` is dear, and the
//! registry of one with `resting-` is not there. `.ai` is sold for no less than two years.

use serde_json::{Value, json};

use super::{Domain, Entry, Estate, PRICE, RENEWAL, dollars, no, shown, years_later, yes};
use crate::server::{Asked, Said};

/// Who a name is pointed at when nobody says.
const SERVERS: [&str; 4] = ["ns1.name.com", "ns2.name.com", "ns3.name.com", "ns4.name.com"];
/// What a contact has to say.
const CONTACT: [&str; 9] = ["firstName", "lastName", "address1", "city", "state", "zip", "country", "email", "phone"];

fn is_premium(name: &str) -> bool {
    name.starts_with("premium-")
}

/// The least term of a name, in years; `None` where none is sold.
fn least(name: &str) -> Option<i64> {
    match name.rsplit_once('.')?.1 {
        "com" | "net" => Some(1),
        "ai" => Some(2),
        _ => None,
    }
}

fn price(name: &str, of_a_year: i64, years: i64) -> i64 {
    of_a_year * years * if is_premium(name) { 100 } else { 1 }
}

impl Estate {
    pub(super) fn check(&self, body: &Value) -> Said {
        let names: Vec<_> = body["domainNames"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if !(1..=50).contains(&names.len()) {
            return no(400, "Invalid Argument");
        }
        // In an order of its own, without the names that it cannot read.
        let results: Vec<_> = names.iter().rev().filter_map(|name| self.found(name)).collect();
        match results.is_empty() {
            true => no(422, "None of the submitted domains are valid"),
            false => yes(json!({ "results": results })),
        }
    }

    /// Whether anybody has it.
    fn is_had(&self, name: &str) -> bool {
        self.domains.contains_key(name) || self.taken.contains(name) || name.starts_with("taken-")
    }

    fn found(&self, name: &str) -> Option<Value> {
        let years = least(name)?;
        let (sld, tld) = name.split_once('.')?;
        let mut row = json!({ "domainName": name, "sld": sld, "tld": tld, "purchasable": false });
        if name.starts_with("resting-") {
            row["reason"] = "The registry is in maintenance".into();
        } else if !self.is_had(name) {
            row["purchasable"] = true.into();
            row["premium"] = is_premium(name).into();
            row["purchasePrice"] = dollars(price(name, PRICE + self.dearer, years));
            row["renewalPrice"] = dollars(price(name, RENEWAL, years));
            row["purchaseType"] = "registration".into();
        }
        Some(row)
    }

    pub(super) fn pricing(&self, name: &str, asked: &Asked) -> Said {
        let Some(least) = least(name) else { return no(422, "Unsupported TLD") };
        let years = asked.parameter("years").map_or(Some(least), |text| text.parse().ok());
        let Some(years) = years.filter(|years| (least..=10).contains(years)) else {
            return no(400, "Invalid value for years for this domain");
        };
        yes(json!({
            "premium": is_premium(name), "purchasePrice": dollars(price(name, PRICE + self.dearer, years)),
            "renewalPrice": dollars(price(name, RENEWAL, years)), "transferPrice": dollars(price(name, PRICE, 1)),
        }))
    }

    pub(super) fn create(&mut self, asked: &Asked) -> Said {
        let key = asked.header("x-idempotency-key").map(str::to_owned);
        if let Some(said) = key.as_ref().and_then(|key| self.replays.known(key, &asked.body, self.now)) {
            return said;
        }
        let said = match self.refusal.take() {
            Some((status, message)) => no(status, message),
            None => self.bought(&asked.body),
        };
        match key {
            Some(key) => self.replays.keep(key, asked.body.clone(), said, self.now),
            None => said,
        }
    }

    fn bought(&mut self, body: &Value) -> Said {
        let wanted = &body["domain"];
        let Some(name) = wanted["domainName"].as_str() else { return no(400, "Invalid Argument") };
        let Some(least) = least(name) else { return no(400, "Unsupported TLD") };
        let years = body["years"].as_i64().unwrap_or(least);
        if !(least..=10).contains(&years) {
            return no(400, "Invalid years");
        }
        if self.is_had(name) {
            return no(400, "Domain is not available");
        }
        let cents = price(name, PRICE + self.dearer, years);
        let is_named = !body["purchasePrice"].is_null();
        if is_premium(name) && !is_named {
            return no(400, "Purchase price is required for premium domains in order to complete this request");
        }
        if is_named && body["purchasePrice"] != dollars(cents) {
            return no(400, "Purchase price does not match");
        }
        if !are_whole(&wanted["contacts"]) {
            return no(400, "Invalid contact");
        }
        if self.balance < cents {
            return no(402, "Payment required");
        }
        self.put(name, years, cents, wanted["contacts"].clone())
    }

    /// Whatever the purchase has said of renewals is not heard.
    fn put(&mut self, name: &str, years: i64, cents: i64, contacts: Value) -> Said {
        let domain = Domain { shows: !self.slow, ..Domain::new(self.now, years, contacts) };
        let described = described(name, &domain);
        self.domains.insert(name.into(), domain);
        let order = self.ordered(name, "registration", years, cents);
        self.ledger.push(Entry { what: "registered", name: name.into(), years, cents });
        yes(json!({ "domain": described, "order": order, "totalPaid": dollars(cents) }))
    }

    pub(super) fn finish(&mut self) {
        (self.slow, self.late) = (false, false);
        for domain in self.domains.values_mut() {
            domain.shows = true;
            domain.expires = domain.renewed.take().unwrap_or(domain.expires);
        }
        self.orders.iter_mut().for_each(|order| order.end("success"));
    }

    pub(super) fn reject(&mut self) {
        self.slow = false;
        let gone: Vec<_> = self.domains.iter().filter(|(_, one)| !one.shows).map(|(name, _)| name.clone()).collect();
        for name in gone {
            self.domains.remove(&name);
            let cents: i64 = self.ledger.iter().filter(|entry| entry.name == name).map(|entry| entry.cents).sum();
            self.balance += cents;
            self.ledger.retain(|entry| entry.name != name);
        }
        self.orders.iter_mut().for_each(|order| order.end("failed"));
    }

    fn known(&mut self, name: &str) -> Option<&mut Domain> {
        self.domains.get_mut(name).filter(|domain| domain.shows)
    }

    pub(super) fn domain(&mut self, name: &str) -> Said {
        match self.known(name) {
            Some(domain) => yes(described(name, domain)),
            None => no(404, "Not Found"),
        }
    }

    pub(super) fn list(&self, asked: &Asked) -> Said {
        let shown: Vec<_> = self.domains.iter().filter(|(_, domain)| domain.shows).collect();
        let all = shown.into_iter().map(|(name, domain)| described(name, domain)).collect();
        paged("domains", all, asked, 250)
    }

    /// Nothing keeps it from being done twice.
    pub(super) fn renew(&mut self, name: &str, body: &Value) -> Said {
        let (now, balance, late) = (self.now, self.balance, self.late);
        if let Some((status, message)) = self.refusal.take() {
            return no(status, message);
        }
        let Some(domain) = self.known(name) else { return no(404, "Not Found") };
        let least = least(name).unwrap_or(1);
        let years = body["years"].as_i64().unwrap_or(least);
        let later = years_later(domain.renewed.unwrap_or(domain.expires), years);
        if years < least || later > years_later(now, 10) {
            return no(400, "Invalid years");
        }
        let cents = price(name, RENEWAL, years);
        if is_premium(name) && body["purchasePrice"].is_null() {
            return no(400, "Purchase price is required for premium domains in order to complete this request");
        }
        if !body["purchasePrice"].is_null() && body["purchasePrice"] != dollars(cents) {
            return no(400, "Purchase price does not match");
        }
        if balance < cents {
            return no(402, "Payment required");
        }
        match late {
            true => domain.renewed = Some(later),
            false => domain.expires = later,
        }
        let described = described(name, domain);
        let order = self.ordered(name, "renewal", years, cents);
        self.ledger.push(Entry { what: "renewed", name: name.into(), years, cents });
        yes(json!({ "domain": described, "order": order, "totalPaid": dollars(cents) }))
    }

    pub(super) fn delegate(&mut self, name: &str, body: &Value) -> Said {
        let Some(domain) = self.known(name) else { return no(404, "Not Found") };
        let servers: Vec<_> = body["nameservers"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if servers.len() < 2 {
            return no(400, "Invalid Argument");
        }
        domain.nameservers = servers.into_iter().map(str::to_owned).collect();
        yes(described(name, domain))
    }

    pub(super) fn patch(&mut self, name: &str, body: &Value) -> Said {
        let now = self.now;
        let Some(domain) = self.known(name) else { return no(404, "Not Found") };
        let Some(on) = body["autorenewEnabled"].as_bool() else { return no(400, "Invalid Argument") };
        if domain.expires < now {
            return no(403, "The domain has expired");
        }
        domain.auto_renew = on;
        yes(described(name, domain))
    }
}

impl Domain {
    /// A name from now on, for so many years. The vendor's own renewal is on: that is the account's setting.
    pub(super) fn new(now: i64, years: i64, contacts: Value) -> Self {
        Self {
            created: now,
            expires: years_later(now, years),
            renewed: None,
            auto_renew: true,
            nameservers: SERVERS.map(str::to_owned).to_vec(),
            contacts: if contacts.is_null() { json!({}) } else { contacts },
            shows: true,
        }
    }
}

/// Contacts that are not given are the account's own.
fn are_whole(contacts: &Value) -> bool {
    let Some(contacts) = contacts.as_object() else { return contacts.is_null() };
    contacts.values().all(|one| CONTACT.iter().all(|field| one[field].as_str().is_some_and(|text| !text.is_empty())))
}

fn described(name: &str, domain: &Domain) -> Value {
    json!({
        "domainName": name, "createDate": shown(domain.created), "expireDate": shown(domain.expires),
        "autorenewEnabled": domain.auto_renew, "locked": true, "locks": ["clientTransferProhibited"],
        "privacyEnabled": true, "contacts": domain.contacts, "nameservers": domain.nameservers,
        "renewalPrice": dollars(price(name, RENEWAL, least(name).unwrap_or(1))),
    })
}

/// A page of a list. The vendor names the next page only where there is one.
pub(super) fn paged(what: &str, all: Vec<Value>, asked: &Asked, usual: usize) -> Said {
    let number = |name, usual| asked.parameter(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (page, per_page): (usize, usize) = (number("page", 1).max(1), number("perPage", usual).clamp(1, 1_000));
    let (count, from) = (all.len(), (page - 1) * per_page);
    let shown: Vec<_> = all.into_iter().skip(from).take(per_page).collect();
    let mut body = json!({ "from": from + 1, "to": from + shown.len(), "totalCount": count });
    if from + per_page < count {
        body["nextPage"] = (page + 1).into();
        body["lastPage"] = count.div_ceil(per_page).into();
    }
    body[what] = shown.into();
    yes(body)
}
