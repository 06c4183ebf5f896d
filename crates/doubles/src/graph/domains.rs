//! Domains of the tenant.

use serde_json::{Value, json};

use super::{Estate, bad, conflict, many, nothing, nowhere, unknown, yes};
use crate::server::{Asked, Said};

/// As many references as a page has.
const A_PAGE: usize = 100;

#[derive(Clone, Debug)]
pub(super) struct Domain {
    pub(super) is_initial: bool,
    pub(super) is_verified: bool,
    pub(super) services: Vec<String>,
    /// How many looks do not see its records yet.
    pub(super) records_lag: usize,
    /// How many users are refused still that come after it is verified.
    pub(super) users_lag: usize,
}

impl Domain {
    pub(super) fn initial() -> Self {
        Self { is_initial: true, is_verified: true, services: vec!["Email".into()], records_lag: 0, users_lag: 0 }
    }

    fn described(&self, name: &str) -> Value {
        json!({
            "id": name, "authenticationType": "Managed", "availabilityStatus": null, "isAdminManaged": true,
            "isDefault": self.is_initial, "isInitial": self.is_initial, "isRoot": true, "isVerified": self.is_verified,
            "supportedServices": self.services, "passwordValidityPeriodInDays": 2_147_483_647,
            "passwordNotificationWindowInDays": 14, "manufacturer": null, "model": null, "state": null,
        })
    }
}

impl Estate {
    pub(super) fn domain_route(&mut self, asked: &Asked, rest: &[&str]) -> Said {
        match (asked.method.as_str(), rest) {
            ("GET", []) => {
                let all: Vec<_> = self.domains.iter().map(|(name, domain)| domain.described(name)).collect();
                many(&all)
            }
            ("POST", []) => self.add_domain(&asked.body),
            ("GET", [name]) => self.domains.get(*name).map_or_else(nowhere, |domain| yes(200, domain.described(name))),
            ("PATCH", [name]) => self.change_domain(name, &asked.body),
            ("DELETE", [name]) => self.remove_domain(name),
            ("POST", [name, "verify"]) => self.verify(name),
            ("GET", [name, "verificationDnsRecords"]) => self.proof_of(name),
            ("GET", [name, "serviceConfigurationRecords"]) => self.records_of(name),
            ("GET", [name, "domainNameReferences"]) => self.references(name, asked),
            _ => nowhere(),
        }
    }

    fn add_domain(&mut self, body: &Value) -> Said {
        if let Some(said) = unknown(body, &["id"]) {
            return said;
        }
        let Some(name) = body["id"].as_str().filter(|name| name.contains('.')) else {
            return bad("Invalid value specified for property 'id' of resource 'Domain'.");
        };
        if self.domains.contains_key(name) {
            return conflict("id");
        }
        let (records_lag, users_lag) = (self.lag.records, self.lag.users);
        let domain = Domain { is_initial: false, is_verified: false, services: vec![], records_lag, users_lag };
        let described = domain.described(name);
        self.domains.insert(name.into(), domain);
        self.note("domain_added", name);
        yes(201, described)
    }

    fn verify(&mut self, name: &str) -> Said {
        if self.elsewhere.contains(name) {
            return bad("The domain has already been verified in another directory.");
        }
        let is_seen = self.visible.at(name).contains(&super::records::proof(name));
        let Some(domain) = self.domains.get_mut(name) else { return nowhere() };
        if !domain.is_verified && !is_seen {
            return bad("Domain verification failed with the following error: 'DnsRecordNotFound'");
        }
        domain.is_verified = true;
        yes(200, domain.described(name))
    }

    fn change_domain(&mut self, name: &str, body: &Value) -> Said {
        if let Some(said) = unknown(body, &["supportedServices", "isDefault"]) {
            return said;
        }
        let Some(domain) = self.domains.get_mut(name) else { return nowhere() };
        if !domain.is_verified {
            return bad("The domain is not verified.");
        }
        let services = body["supportedServices"].as_array().cloned().unwrap_or_default();
        domain.services = services.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        nothing()
    }

    fn remove_domain(&mut self, name: &str) -> Said {
        let Some(domain) = self.domains.get(name) else { return nowhere() };
        if domain.is_initial || !self.using(name).is_empty() {
            return bad("This domain has objects that refer to it, or is the initial one.");
        }
        self.domains.remove(name);
        self.signing.remove(name);
        self.note("domain_removed", name);
        nothing()
    }

    fn using(&self, name: &str) -> Vec<Value> {
        let ending = format!("@{name}");
        let uses = |user: &&super::users::User| {
            user.upn.ends_with(&ending) || user.proxies.iter().any(|proxy| proxy.ends_with(&ending))
        };
        let shown = |user: &super::users::User| {
            let mut shape = user.usual();
            shape["@odata.type"] = json!("#microsoft.graph.user");
            shape
        };
        self.users.iter().filter(uses).map(shown).collect()
    }

    fn references(&self, name: &str, asked: &Asked) -> Said {
        if !self.domains.contains_key(name) {
            return nowhere();
        }
        let all = self.using(name);
        let from = asked.parameter("$skiptoken").and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
        let shown: Vec<_> = all.iter().skip(from).take(A_PAGE).cloned().collect();
        let mut said = many(&shown);
        if let Some(body) = said.body.as_mut().filter(|_| from + A_PAGE < all.len()) {
            let next = from + A_PAGE;
            body["@odata.nextLink"] =
                json!(format!("{}/v1.0/domains/{name}/domainNameReferences?$skiptoken={next}", self.base));
        }
        said
    }
}
