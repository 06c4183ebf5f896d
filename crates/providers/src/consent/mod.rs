//! An application of the operator's that owners of inboxes consent to: the authorisation code grant (RFC 6749, section 4.1) with a
//! proof key (RFC 7636), which is the same at every host that has it.

mod identity;
mod wire;

use std::sync::Arc;

use model::clock::{Clock, MINUTE, SECOND};
use model::consent::ConsentStatus;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use self::identity::claims;
use self::wire::{Fault, Granted};
use crate::roles::{ConsentAsk, ConsentCode, Consented, OauthGrant};
use crate::trouble::Trouble;
use crate::vendor::{Answer, Method, Request, Vendor};

pub(crate) use self::identity::Claims;
pub(crate) use self::wire::meaning;

/// The shortest that a token is taken to be good for, in microseconds: one that ends at once would be asked for again and again.
const SHORTEST: i64 = 5 * MINUTE;

/// What is particular to a host.
pub(crate) struct Host {
    /// Its name, for people.
    pub(crate) title: &'static str,
    /// Where owners consent.
    pub(crate) page: String,
    /// The path of the address that gives grants.
    pub(crate) token: Vec<String>,
    /// What lets somebody into a mailbox.
    pub(crate) mail: &'static [&'static str],
    /// What is asked for beside that, to know who consents and to have a token that lasts.
    pub(crate) beside: &'static [&'static str],
    /// What else its page has to be told.
    pub(crate) more: &'static [(&'static str, &'static str)],
    /// The address of whoever has consented, where it is certain.
    pub(crate) owner: fn(&Claims, realm: &str) -> Option<String>,
    /// The tenant whose accounts may consent, where the host knows such a thing.
    pub(crate) realm: String,
}

/// An application that the operator has registered at a host.
pub(crate) struct Application {
    vendor: Arc<Vendor>,
    host: Host,
    client_id: String,
    secret: SecretString,
    clock: Arc<dyn Clock>,
}

impl Application {
    /// The application of these fields; `None` where there is none.
    ///
    /// # Errors
    /// A sentence that begins with the field that is missing.
    pub(crate) fn of(
        client_id: &str,
        secret: &SecretString,
        host: Host,
        clock: &Arc<dyn Clock>,
        vendor: impl FnOnce() -> Result<Arc<Vendor>, String>,
    ) -> Result<Option<Self>, String> {
        match (client_id.is_empty(), secret.expose_secret().is_empty()) {
            (true, true) => return Ok(None),
            (true, false) => return Err("oauth_client_id is missing, and there is an oauth_client_secret".into()),
            (false, true) => return Err("oauth_client_secret is missing, and there is an oauth_client_id".into()),
            (false, false) => {}
        }
        let (client_id, secret) = (client_id.to_owned(), secret.clone());
        Ok(Some(Self { vendor: vendor()?, host, client_id, secret, clock: clock.clone() }))
    }

    /// Where an inbox's owner consents.
    pub(crate) fn page(&self, ask: &ConsentAsk<'_>) -> Option<String> {
        let mut page = Url::parse(&self.host.page).ok()?;
        let scope = [self.host.beside, self.host.mail].concat().join(" ");
        page.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", ask.redirect_uri)
            .append_pair("scope", &scope)
            .append_pair("state", ask.state)
            .append_pair("code_challenge", ask.challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("login_hint", ask.email)
            .extend_pairs(self.host.more);
        Some(page.into())
    }

    /// What a code is good for.
    pub(crate) async fn exchange(&self, code: &ConsentCode) -> Result<Consented, Trouble> {
        let fields = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.code.expose_secret().to_owned()),
            ("redirect_uri", code.redirect_uri.clone()),
            ("code_verifier", code.verifier.expose_secret().to_owned()),
        ];
        let answer = self.ask("exchange_code", fields, &[&code.code, &code.verifier]).await?;
        if !answer.is_success() {
            return self.no(&answer, &code.redirect_uri);
        }
        let granted: Granted = answer.json()?;
        let owner = granted.id_token.as_deref().and_then(claims).filter(|claims| claims.is_for(&self.client_id));
        let owner = owner.and_then(|claims| (self.host.owner)(&claims, &self.host.realm));
        if !owner.is_some_and(|owner| owner.eq_ignore_ascii_case(&code.email)) {
            return Ok(Consented::Not(ConsentStatus::WrongAccount));
        }
        Ok(self.taken(granted, None))
    }

    /// The grant with a token that is good for a while. Some hosts give another refresh token with it.
    pub(crate) async fn renew(&self, grant: &OauthGrant) -> Result<Consented, Trouble> {
        if grant.client_id != self.client_id {
            // It belongs to another application than the operator has now.
            return Ok(Consented::Not(ConsentStatus::Lapsed));
        }
        let fields = vec![
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", grant.refresh_token.expose_secret().to_owned()),
        ];
        let answer = self.ask("renew_grant", fields, &[&grant.refresh_token]).await?;
        if !answer.is_success() {
            return self.no(&answer, "");
        }
        Ok(self.taken(answer.json()?, Some(grant)))
    }

    async fn ask(
        &self,
        operation: &'static str,
        mut fields: Vec<(&'static str, String)>,
        secrets: &[&SecretString],
    ) -> Result<Answer, Trouble> {
        fields.push(("client_id", self.client_id.clone()));
        fields.push(("client_secret", self.secret.expose_secret().to_owned()));
        let path: Vec<_> = self.host.token.iter().map(String::as_str).collect();
        let request = Request::new(operation, Method::Post, &path).form(fields).private();
        self.vendor.call(request.hides(secrets.iter().copied()).hides([&self.secret])).await
    }

    /// What was granted, if it is everything that was asked for.
    fn taken(&self, granted: Granted, before: Option<&OauthGrant>) -> Consented {
        let scope = granted.scope.or_else(|| before.map(|grant| grant.scope.clone())).unwrap_or_default();
        let has = |wanted: &str| scope.split(' ').any(|one| one.eq_ignore_ascii_case(wanted));
        let refresh_token =
            granted.refresh_token.map(SecretString::from).or_else(|| before.map(|grant| grant.refresh_token.clone()));
        match refresh_token {
            Some(refresh_token) if self.host.mail.iter().all(|wanted| has(wanted)) => {
                let lasts = granted.expires_in.saturating_mul(SECOND).max(SHORTEST);
                Consented::Granted(OauthGrant {
                    client_id: self.client_id.clone(),
                    refresh_token,
                    access_token: granted.access_token.into(),
                    expires_at: self.clock.now().plus(lasts),
                    scope,
                })
            }
            _ => Consented::Not(ConsentStatus::Incomplete),
        }
    }

    /// What it means that there is no grant: whose mistake it is.
    fn no(&self, answer: &Answer, redirect_uri: &str) -> Result<Consented, Trouble> {
        let (title, account) = (self.host.title, self.vendor.account());
        let Ok(fault) = answer.json::<Fault>() else { return Err(answer.unclear()) };
        Err(Trouble::Misconfigured(match fault.error.as_str() {
            "invalid_grant" | "interaction_required" => return Ok(Consented::Not(ConsentStatus::Lapsed)),
            "invalid_client" | "unauthorized_client" => format!(
                "{title} does not know the application of the account {account}: check `oauth_client_id`, and `oauth_client_secret`, \
                 which may have run out."
            ),
            "redirect_uri_mismatch" => format!(
                "The application of the account {account} does not have the redirect address {redirect_uri}: add it at {title}."
            ),
            _ => format!(
                "{title} gives the application of the account {account} no grant; the vendor's error is {}.",
                fault.known()
            ),
        }))
    }
}
