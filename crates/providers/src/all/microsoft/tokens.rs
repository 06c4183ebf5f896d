//! Tokens: one for each service, in the application's own name (RFC 6749, section 4.4).

use std::sync::Arc;

use model::clock::{Clock, SECOND};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::Fields;
use super::cloud::Hosts;
use super::service::Service;
use crate::trouble::Trouble;
use crate::vendor::{Answer, KeptToken, Meaning, Method, Request, Token, Vendor, by_status};

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: i64,
}

/// What the vendor has against a request, where people log in.
#[derive(Deserialize)]
pub(super) struct Fault {
    pub(super) error: String,
    #[serde(default)]
    pub(super) error_description: String,
}

/// The tokens of an account.
pub(super) struct Tokens {
    pub(super) vendor: Arc<Vendor>,
    hosts: Hosts,
    tenant: String,
    client: String,
    secret: SecretString,
    clock: Arc<dyn Clock>,
    kept: [KeptToken; Service::ALL.len()],
}

impl Tokens {
    pub(super) fn new(vendor: Arc<Vendor>, hosts: Hosts, fields: &Fields, clock: Arc<dyn Clock>) -> Self {
        let (tenant, client) = (fields.tenant.clone(), fields.client.clone());
        Self { vendor, hosts, tenant, client, secret: fields.secret.clone(), clock, kept: Default::default() }
    }

    /// A token for a service.
    ///
    /// # Errors
    /// What it means that there is none. Nothing was done that the token was for.
    pub(super) async fn get(&self, service: Service) -> Result<SecretString, Trouble> {
        self.kept[service as usize].get(self.clock.now(), self.ask(service)).await
    }

    /// The vendor does not take the token any more.
    pub(super) async fn forget(&self, service: Service, token: &SecretString) {
        self.kept[service as usize].forget(token).await;
    }

    async fn ask(&self, service: Service) -> Result<Token, Trouble> {
        let fields = vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", self.client.clone()),
            ("client_secret", self.secret.expose_secret().to_owned()),
            ("scope", self.hosts.scope(service)),
        ];
        let path = [self.tenant.as_str(), "oauth2", "v2.0", "token"];
        let answer = self.vendor.call(Request::new("get_token", Method::Post, &path).looks().form(fields)).await?;
        if !answer.is_success() {
            return Err(self.refused(&answer));
        }
        let granted: Granted = answer.json()?;
        Ok(Token { secret: granted.access_token.into(), ends: self.clock.now().plus(granted.expires_in * SECOND) })
    }

    /// What it means that there is no token: a person has to act.
    fn refused(&self, answer: &Answer) -> Trouble {
        let account = self.vendor.account();
        let Ok(fault) = answer.json::<Fault>() else { return answer.unclear() };
        let is = |code: &str| fault.error_description.contains(code);
        Trouble::Misconfigured(match fault.error.as_str() {
            "invalid_client" if is("AADSTS7000222") => format!(
                "The client secret of the account {account} has run out at Microsoft: make a new one on the application's page."
            ),
            "invalid_client" => format!(
                "Microsoft does not take the client secret of the account {account}: `secret` is its value, not its ID."
            ),
            "unauthorized_client" => {
                format!("The tenant of the account {account} has no application with the number in `client`.")
            }
            _ => format!(
                "Microsoft gives the account {account} no token: check its tenant and its client; the vendor's words are in the log."
            ),
        })
    }
}

/// What an answer of the token endpoint means: in a 400 and a 401 it says why there is no token.
pub(super) fn meaning(answer: &Answer) -> Meaning {
    let says_why = || serde_json::from_str::<Fault>(&answer.text()).is_ok();
    match by_status(answer) {
        Meaning::Unauthorized | Meaning::Forbidden if says_why() => Meaning::Clear,
        Meaning::Clear if !answer.is_success() && !says_why() => Meaning::Unclear,
        meaning => meaning,
    }
}
