//! Names and what they cost. A name that begins with `taken-` is somebody else's, one with `premium-` is dear. `.ai` is sold
//! for no less than two years, and `.us` not through the interface.

use serde_json::{Value, json};

use super::{Domain, Estate, RENEWAL, dollars, no, shown, years_later, yes};
use crate::server::Said;

/// Who a name is pointed at when nobody says.
const SERVERS: [&str; 4] =
    ["curitiba.ns.porkbun.com", "fortaleza.ns.porkbun.com", "maceio.ns.porkbun.com", "salvador.ns.porkbun.com"];
/// As many names as one answer has.
const AT_ONCE: usize = 1_000;

pub(super) fn is_premium(name: &str) -> bool {
    name.starts_with("premium-")
}

/// The least term of a name, in years; `None` where none is sold.
pub(super) fn least(name: &str) -> Option<i64> {
    match name.rsplit_once('.')?.1 {
        "com" | "net" | "us" => Some(1),
        "ai" => Some(2),
        _ => None,
    }
}

impl Domain {
    /// A name from now on, for so many years. The vendor's own renewal is on: that is part of its terms.
    pub(super) fn new(now: i64, years: i64) -> Self {
        Self {
            created: now,
            expires: years_later(now, years),
            renewed: None,
            auto_renew: true,
            api_access: true,
            nameservers: SERVERS.map(str::to_owned).to_vec(),
        }
    }

    fn described(&self, name: &str) -> Value {
        let number = i64::from;
        json!({
            "domain": name, "status": "ACTIVE", "tld": name.split_once('.').map(|(_, tld)| tld),
            "createDate": shown(self.created), "expireDate": shown(self.expires), "securityLock": 1, "whoisPrivacy": 1,
            "autoRenew": number(self.auto_renew), "apiAccess": number(self.api_access), "notLocal": 0,
        })
    }
}

impl Estate {
    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.domains.contains_key(name) || name.starts_with("taken-")
    }

    /// The price of a year, whatever the least term.
    pub(super) fn check(&mut self, name: &str) -> Said {
        let limits = match self.limits.check(self.now) {
            Ok(limits) => limits,
            Err(said) => return said,
        };
        let Some(years) = least(name) else { return no(400, "INVALID_DOMAIN", "Invalid domain.") };
        let times = if is_premium(name) { 100 } else { 1 };
        let price = |cents: i64, kind: &str| {
            let text = dollars(cents * times);
            json!({ "type": kind, "price": text, "regularPrice": text })
        };
        let mut said = yes(json!({
            "response": {
                "avail": if self.is_taken(name) { "no" } else { "yes" }, "type": "registration",
                "price": dollars(self.price * times), "firstYearPromo": "no", "regularPrice": dollars(self.price * times),
                "premium": if is_premium(name) { "yes" } else { "no" }, "minDuration": years,
                "additional": { "renewal": price(RENEWAL, "renewal"), "transfer": price(self.price, "transfer") },
            },
            "limits": limits, "ttlRemaining": 10,
        }));
        if self.no_renewal_price {
            said.body.iter_mut().for_each(|body| body["response"]["additional"] = json!({}));
        }
        said.headers = self.limits.check_headers(self.now);
        said
    }

    pub(super) fn pricing(&self, body: &Value) -> Said {
        let wanted: Vec<_> = body["tlds"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let is_wanted = |tld: &&str| wanted.is_empty() || wanted.contains(tld);
        let price = json!({
            "registration": dollars(self.price), "renewal": dollars(RENEWAL), "transfer": dollars(self.price),
            "coupons": {},
        });
        let all = ["com", "net", "ai", "us"].into_iter().filter(is_wanted).map(|tld| (tld.to_owned(), price.clone()));
        yes(json!({ "pricing": all.collect::<serde_json::Map<_, _>>() }))
    }

    pub(super) fn domain(&self, name: &str) -> Said {
        match self.domains.get(name) {
            Some(domain) => yes(json!({ "domain": domain.described(name) })),
            None => no(404, "DOMAIN_NOT_FOUND", "Domain not found."),
        }
    }

    pub(super) fn list(&self, body: &Value) -> Said {
        let start = body["start"].as_u64().and_then(|start| usize::try_from(start).ok()).unwrap_or(0);
        let some = self.domains.iter().skip(start).take(AT_ONCE);
        let some: Vec<_> = some.map(|(name, domain)| domain.described(name)).collect();
        yes(json!({ "count": some.len(), "domains": some }))
    }

    /// A name of this account that the interface may touch.
    pub(super) fn touched(&mut self, name: &str) -> Result<&mut Domain, Said> {
        let Some(domain) = self.domains.get_mut(name) else {
            return Err(no(400, "INVALID_DOMAIN", "Invalid domain."));
        };
        match domain.api_access {
            true => Ok(domain),
            false => Err(no(400, "API_ACCESS_DISABLED", "Domain is not opted in to API access.")),
        }
    }

    pub(super) fn delegated(&mut self, name: &str) -> Said {
        match self.touched(name) {
            Ok(domain) => yes(json!({ "ns": domain.nameservers })),
            Err(said) => said,
        }
    }

    pub(super) fn delegate(&mut self, name: &str, body: &Value) -> Said {
        let servers: Vec<_> = body["ns"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        match self.touched(name) {
            Ok(_) if servers.len() < 2 => no(400, "INVALID_NAMESERVERS", "At least two nameservers are required."),
            Ok(domain) => {
                domain.nameservers = servers.into_iter().map(str::to_owned).collect();
                yes(json!({}))
            }
            Err(said) => said,
        }
    }

    pub(super) fn renew_by_itself(&mut self, name: &str, body: &Value) -> Said {
        let on = match body["status"].as_str() {
            Some("on") => true,
            Some("off") => false,
            _ => return no(400, "INVALID_STATUS", "The status must be on or off."),
        };
        match self.touched(name) {
            Ok(domain) => {
                domain.auto_renew = on;
                yes(json!({ "results": { name: { "status": "SUCCESS", "message": "Auto renew status updated." } } }))
            }
            Err(said) => said,
        }
    }
}
