//! Tokens for whoever has the application's secret.

use serde_json::json;

use super::{CLIENT, Estate, OTHER_TENANT, SECRET, TENANT, yes};
use crate::server::{Asked, Said};

/// How long a token is good, in seconds.
const GOOD: i64 = 3_599;
const GRAPH: &str = "https://graph.microsoft.com/.default";
const EXCHANGE: &str = "https://outlook.office365.com/.default";

#[derive(Clone, Debug)]
pub(super) struct Token {
    scope: String,
    ends: i64,
}

impl Estate {
    pub(super) fn grant(&mut self, tenant: &str, asked: &Asked) -> Said {
        let is_form = asked.header("content-type") == Some("application/x-www-form-urlencoded");
        let field = |name: &str| asked.body[name].as_str().unwrap_or_default().to_owned();
        let scope = field("scope");
        if !is_form || field("grant_type") != "client_credentials" || ![GRAPH, EXCHANGE].contains(&scope.as_str()) {
            return refused(400, "invalid_request", "AADSTS900144: The request body must contain the parameter");
        }
        if tenant != TENANT {
            return refused(400, "invalid_request", "AADSTS90002: Tenant not found.");
        }
        if field("client_id") != CLIENT {
            return refused(400, "unauthorized_client", "AADSTS700016: Application was not found in the directory");
        }
        if field("client_secret") != SECRET {
            return refused(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.");
        }
        if self.has_expired {
            return refused(401, "invalid_client", "AADSTS7000222: The provided client secret keys are expired.");
        }
        let token = format!("eyJ0.{}", self.draw());
        self.tokens.insert(token.clone(), Token { scope, ends: self.now + GOOD });
        let body = json!({ "token_type": "Bearer", "expires_in": GOOD, "ext_expires_in": GOOD, "access_token": token });
        Said { status: 200, headers: vec![], body: Some(body) }
    }

    /// Where a tenant's people log in, by a name that the tenant has verified: everybody is told.
    pub(super) fn holder(&self, name: &str) -> Said {
        let is_ours = self.domains.get(name).is_some_and(|domain| domain.is_verified);
        let tenant = match (is_ours, self.elsewhere.contains(name)) {
            (true, _) => TENANT,
            (false, true) => OTHER_TENANT,
            (false, false) => {
                return refused(400, "invalid_tenant", &format!("AADSTS90002: Tenant '{name}' not found."));
            }
        };
        let at = |what: &str| format!("https://login.microsoftonline.com/{tenant}/{what}");
        yes(
            200,
            json!({
                "issuer": at("v2.0"), "token_endpoint": at("oauth2/v2.0/token"), "jwks_uri": at("discovery/v2.0/keys"),
                "authorization_endpoint": at("oauth2/v2.0/authorize"), "tenant_region_scope": "EU",
            }),
        )
    }

    /// Whether a request has a token that is good for the service that it is sent to.
    pub(super) fn lets_in(&self, asked: &Asked, path: &[&str]) -> bool {
        let wanted = if path.first() == Some(&"adminapi") { EXCHANGE } else { GRAPH };
        let token = asked.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let token = token.and_then(|token| self.tokens.get(token));
        token.is_some_and(|token| token.ends > self.now && token.scope == wanted)
    }
}

fn refused(status: u16, error: &str, words: &str) -> Said {
    let body = json!({ "error": error, "error_description": words, "error_codes": [4711], "trace_id": "4711" });
    Said { status, headers: vec![], body: Some(body) }
}
