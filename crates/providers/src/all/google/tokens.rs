//! Tokens: one for each scope, in the name of the administrator, kept for as long as they live and renewed before they end.

use std::fmt;
use std::sync::Arc;

use model::clock::{Clock, SECOND};
use secrecy::SecretString;
use serde::Deserialize;

use super::key::ServiceKey;
use super::scope::Scope;
use crate::trouble::Trouble;
use crate::vendor::{Answer, KeptToken, Meaning, Method, Request, Token, Vendor, by_status};

/// How such a token is asked for (RFC 7523, section 2.1).
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: i64,
}

#[derive(Deserialize)]
struct Fault {
    error: String,
}

/// The tokens of an account.
pub(super) struct Tokens {
    vendor: Arc<Vendor>,
    key: ServiceKey,
    subject: String,
    clock: Arc<dyn Clock>,
    kept: [KeptToken; Scope::ALL.len()],
}

impl Tokens {
    pub(super) fn new(vendor: Arc<Vendor>, key: ServiceKey, subject: String, clock: Arc<dyn Clock>) -> Self {
        Self { vendor, key, subject, clock, kept: Default::default() }
    }

    /// In whose name everything is done.
    pub(super) fn subject(&self) -> &str {
        &self.subject
    }

    /// A token for a scope. Whoever comes while it is asked for waits for the same one.
    ///
    /// # Errors
    /// What it means that there is none. Nothing was done that the token was for.
    pub(super) async fn get(&self, scope: Scope) -> Result<SecretString, Trouble> {
        self.kept[scope as usize].get(self.clock.now(), self.ask(scope)).await
    }

    /// The vendor does not take the token any more.
    pub(super) async fn forget(&self, scope: Scope, token: &SecretString) {
        self.kept[scope as usize].forget(token).await;
    }

    async fn ask(&self, scope: Scope) -> Result<Token, Trouble> {
        let now = self.clock.wall().seconds();
        let Some(assertion) = self.key.assertion(scope.address(), &self.subject, now) else {
            return Err(Trouble::Misconfigured("Nothing can be signed with the key of the service account.".into()));
        };
        let fields = vec![("grant_type", GRANT.to_owned()), ("assertion", assertion)];
        let request = Request::new("get_token", Method::Post, &[]).looks().form(fields);
        let answer = self.vendor.call(request).await?;
        if !answer.is_success() {
            return Err(self.refused(&answer, scope));
        }
        let granted: Granted = answer.json()?;
        Ok(Token { secret: granted.access_token.into(), ends: self.clock.now().plus(granted.expires_in * SECOND) })
    }

    /// What it means that there is no token: a person has to act.
    fn refused(&self, answer: &Answer, scope: Scope) -> Trouble {
        let fault = answer.json::<Fault>().map(|fault| fault.error).unwrap_or_default();
        let (account, subject, service) = (self.vendor.account(), &self.subject, &self.key.client_email);
        Trouble::Misconfigured(match fault.as_str() {
            "unauthorized_client" | "access_denied" | "invalid_scope" => format!(
                "Google gives the account {account} no token for {}: add this scope to the client of {service} under domain-wide \
                 delegation in the Admin console.",
                scope.address()
            ),
            "invalid_grant" => format!(
                "Google gives the account {account} no token in the name of {subject}: look whether this administrator exists and \
                 is not suspended, whether the service account's key is still valid, and whether this server's clock is right."
            ),
            _ => format!(
                "Google gives the account {account} no token: check the service account's key; the vendor's words are in the log."
            ),
        })
    }
}

/// What an answer of the token endpoint means: in a 400 and a 401 it says why there is no token.
pub(super) fn meaning(answer: &Answer) -> Meaning {
    let says_why = || serde_json::from_str::<Fault>(&answer.text()).is_ok();
    match by_status(answer) {
        Meaning::Unauthorized | Meaning::Forbidden if says_why() => Meaning::Clear,
        // An answer that is no token and says nothing is nobody's word.
        Meaning::Clear if !answer.is_success() && !says_why() => Meaning::Unclear,
        meaning => meaning,
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("key", &self.key).field("subject", &self.subject).finish_non_exhaustive()
    }
}
