//! Tokens for whoever signs with the service account's key.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};

use super::{ADMIN, CLIENT, Estate, OTHER_ADMIN, PUBLIC_KEY, no};
use crate::server::{Asked, Said};

/// How long a token is good, in seconds.
const GOOD: i64 = 3_599;
/// How far a clock may be off, in seconds.
const OFF: i64 = 300;

pub(super) const SCOPES: [&str; 4] =
    ["admin.directory.domain", "admin.directory.user", "siteverification", "apps.licensing"];

#[derive(Clone, Debug)]
pub(super) struct Token {
    scope: String,
    admin: String,
    ends: i64,
}

impl Estate {
    pub(super) fn grant(&mut self, asked: &Asked) -> Said {
        let is_grant = asked.body["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer";
        if asked.method != "POST" || !is_grant {
            return refused(400, "unsupported_grant_type", "Invalid grant_type");
        }
        let Some(claims) = asked.body["assertion"].as_str().and_then(claims) else {
            return refused(400, "invalid_grant", "Invalid JWT Signature.");
        };
        match self.claimed(&claims) {
            Ok((scope, admin)) => {
                let token = format!("ya29.{}", self.draw());
                self.tokens.insert(token.clone(), Token { scope, admin, ends: self.now + GOOD });
                let body = json!({ "access_token": token, "expires_in": GOOD, "token_type": "Bearer" });
                Said { status: 200, headers: vec![], body: Some(body) }
            }
            Err(said) => said,
        }
    }

    /// The scope that is claimed, and in whose name.
    fn claimed(&self, claims: &Value) -> Result<(String, String), Said> {
        let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
        let (begins, ends) = (claims["iat"].as_i64().unwrap_or(0), claims["exp"].as_i64().unwrap_or(0));
        // The vendor's own client always writes the vendor's own address, whatever its key file says.
        let is_here =
            [format!("{}/token", self.base), "https://oauth2.googleapis.com/token".into()].contains(&text("aud"));
        if !is_here || text("iss") != CLIENT {
            return Err(refused(400, "invalid_grant", "Invalid JWT: wrong issuer or audience"));
        }
        if ends - begins > 3_600 || begins > self.now + OFF || ends <= self.now - OFF {
            return Err(refused(400, "invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes)"));
        }
        let (admin, scope) = (text("sub"), text("scope"));
        if ![ADMIN, OTHER_ADMIN].contains(&admin.as_str()) || self.suspended_admins.contains(&admin) {
            return Err(refused(400, "invalid_grant", "Invalid email or User ID"));
        }
        let is_allowed = |one: &str| {
            let name = one.strip_prefix("https://www.googleapis.com/auth/");
            name.is_some_and(|name| SCOPES.contains(&name)) && !self.withheld.contains(one)
        };
        if scope.is_empty() || !scope.split(' ').all(is_allowed) {
            let words = "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any \
                         of the scopes requested.";
            return Err(refused(401, "unauthorized_client", words));
        }
        Ok((scope, admin))
    }

    /// In whose name something is asked; `None` without a token that is good, and a no where it is not for this.
    pub(super) fn let_in(&self, asked: &Asked, path: &[&str]) -> Option<Result<String, Said>> {
        let token = asked.header("authorization")?.strip_prefix("Bearer ")?;
        let token = self.tokens.get(token).filter(|token| token.ends > self.now)?;
        let wanted = format!("https://www.googleapis.com/auth/{}", needed(path));
        if token.scope.split(' ').any(|scope| scope == wanted) {
            return Some(Ok(token.admin.clone()));
        }
        let words = "Request had insufficient authentication scopes.";
        Some(Err(no(403, "insufficientPermissions", words)))
    }
}

fn needed(path: &[&str]) -> &'static str {
    match path {
        ["siteVerification", ..] => SCOPES[2],
        ["apps", ..] => SCOPES[3],
        [_, _, _, "users", ..] => SCOPES[1],
        _ => SCOPES[0],
    }
}

/// What a token is asked for with, when the key has signed it.
fn claims(assertion: &str) -> Option<Value> {
    let (signed, signature) = assertion.rsplit_once('.')?;
    let (head, body) = signed.split_once('.')?;
    let read = |text: &str| serde_json::from_slice::<Value>(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok();
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
    let key: String = PUBLIC_KEY.lines().filter(|line| !line.starts_with("---")).collect();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, BASE64_STANDARD.decode(key).ok()?);
    key.verify(signed.as_bytes(), &signature).ok()?;
    read(head).filter(|head| head["alg"] == "RS256" && head["typ"] == "JWT")?;
    read(body)
}

fn refused(status: u16, error: &str, words: &str) -> Said {
    Said { status, headers: vec![], body: Some(json!({ "error": error, "error_description": words })) }
}
