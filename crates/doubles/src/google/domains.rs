//! Domains of the tenant.

use serde_json::{Value, json};

use super::{Estate, no, nothing, nowhere, unknown, yes};
use crate::server::Said;

#[derive(Clone, Debug)]
pub(super) struct Domain {
    is_primary: bool,
    /// `None` until it is proved; then how many looks do not see it yet.
    pub(super) proved: Option<usize>,
    /// How many users are refused still that come after it is.
    pub(super) users_lag: usize,
    made_at: i64,
}

impl Domain {
    pub(super) const fn first() -> Self {
        Self { is_primary: true, proved: Some(0), users_lag: 0, made_at: 1_700_000_000 }
    }

    pub(super) fn is_verified(&self) -> bool {
        self.proved == Some(0)
    }

    fn described(&self, name: &str) -> Value {
        json!({
            "kind": "admin#directory#domain", "etag": "\"d\"", "domainName": name, "isPrimary": self.is_primary,
            "verified": self.is_verified(), "creationTime": (self.made_at * 1_000).to_string(),
        })
    }
}

impl Estate {
    pub(super) fn domain_route(&mut self, method: &str, rest: &[&str], body: &Value) -> Said {
        match (method, rest) {
            ("GET", []) => {
                let all: Vec<_> = self.domains.iter().map(|(name, domain)| domain.described(name)).collect();
                yes(json!({ "kind": "admin#directory#domains", "etag": "\"l\"", "domains": all }))
            }
            ("POST", []) => self.add_domain(body),
            ("GET", [name]) => self.look_at_domain(name),
            ("DELETE", [name]) => self.remove_domain(name),
            _ => nowhere(),
        }
    }

    fn add_domain(&mut self, body: &Value) -> Said {
        if let Some(said) = unknown(body, &["domainName"]) {
            return said;
        }
        let Some(name) = body["domainName"].as_str().filter(|name| name.contains('.')) else {
            return no(400, "invalid", "Invalid Input: domainName");
        };
        if self.domains.contains_key(name) || self.elsewhere.contains(name) {
            return no(409, "duplicate", "Entity already exists.");
        }
        let domain = Domain { is_primary: false, proved: None, users_lag: self.lag.users, made_at: self.now };
        let described = domain.described(name);
        self.domains.insert(name.into(), domain);
        self.note("domain_added", name);
        yes(described)
    }

    fn look_at_domain(&mut self, name: &str) -> Said {
        let Some(domain) = self.domains.get_mut(name) else { return no(404, "notFound", "Domain not found.") };
        let said = yes(domain.described(name));
        domain.proved = domain.proved.map(|looks| looks.saturating_sub(1));
        said
    }

    fn remove_domain(&mut self, name: &str) -> Said {
        let Some(domain) = self.domains.get(name) else { return no(404, "notFound", "Domain not found.") };
        let of_it = |address: &str| address.rsplit_once('@').is_some_and(|(_, domain)| domain == name);
        let is_used = self.users.iter().any(|user| of_it(&user.email) || user.aliases.iter().any(|alias| of_it(alias)));
        if domain.is_primary || is_used {
            return no(412, "conditionNotMet", "Domain still has users or is the primary domain.");
        }
        self.domains.remove(name);
        self.note("domain_removed", name);
        nothing()
    }
}
