//! Proofs of whose a name is. They belong to whoever asked.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::{Estate, no, nowhere, unknown, yes};
use crate::server::{Asked, Said};

impl Estate {
    pub(super) fn site_route(&mut self, asked: &Asked, rest: &[&str], admin: &str) -> Said {
        match (asked.method.as_str(), rest) {
            ("POST", ["token"]) => token(&asked.body, admin),
            ("POST", ["webResource"]) => self.prove(asked, admin),
            ("GET", ["webResource"]) => yes(json!({})),
            _ => nowhere(),
        }
    }

    fn prove(&mut self, asked: &Asked, admin: &str) -> Said {
        if let Some(said) = unknown(&asked.body, &["site", "owners", "id"]) {
            return said;
        }
        if asked.parameter("verificationMethod") != Some("DNS_TXT") {
            return no(400, "invalidParameter", "Invalid value for: Invalid verification method");
        }
        let Some(name) = named(&asked.body) else { return no(400, "invalid", "Invalid site") };
        let wanted = proof(name, admin);
        let is_there = self.visible.at(name).contains(&wanted);
        if !is_there {
            return no(400, "badRequest", "The necessary verification token could not be found on your site.");
        }
        if let Some(domain) = self.domains.get_mut(name).filter(|domain| domain.proved.is_none()) {
            domain.proved = Some(self.lag.verified);
        }
        let owners = asked.body["owners"].as_array().cloned().unwrap_or_default();
        let owners = if owners.is_empty() { vec![json!(admin)] } else { owners };
        yes(json!({ "id": format!("dns%3A%2F%2F{name}"), "site": asked.body["site"], "owners": owners }))
    }
}

fn token(body: &Value, admin: &str) -> Said {
    if let Some(said) = unknown(body, &["site", "verificationMethod"]) {
        return said;
    }
    match named(body).filter(|_| body["verificationMethod"] == "DNS_TXT") {
        Some(name) => yes(json!({ "method": "DNS_TXT", "token": proof(name, admin) })),
        None => no(400, "invalid", "Invalid verification method or site"),
    }
}

fn named(body: &Value) -> Option<&str> {
    body["site"]["identifier"].as_str().filter(|_| body["site"]["type"] == "INET_DOMAIN")
}

fn proof(name: &str, admin: &str) -> String {
    let drawn = digest(&SHA256, format!("{name} {admin}").as_bytes());
    format!("google-site-verification={}", BASE64_URL_SAFE_NO_PAD.encode(drawn))
}
