//! The role: several inboxes at a time.

use async_trait::async_trait;
use futures_util::FutureExt as _;
use model::access::AccessKind;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::accounts::Known;
use super::wire::{SignedIn, is_its_own};
use super::{AT_ONCE, KEY_REFUSED, Smartlead};
use crate::call::Call;
use crate::roles::{Link, Part, Reachable, Sequencer, SequencerLogin};
use crate::several::{Miss, each};
use crate::trouble::Trouble;
use crate::vendor::{Method, Request};

#[async_trait]
impl Sequencer for Smartlead {
    fn takes(&self) -> &'static [AccessKind] {
        &[AccessKind::Oauth, AccessKind::Password]
    }

    fn needs_key(&self) -> bool {
        true
    }

    fn exchanges_logins(&self) -> bool {
        self.knobs.exchanges_logins
    }

    async fn ensure_linked(&self, _: &Call, login: &SequencerLogin, inboxes: &[Reachable]) -> Part<(String, String)> {
        match self.linked(login, inboxes).await {
            Ok(part) => part,
            Err(miss) => Part { done: vec![], trouble: Some(miss.trouble()) },
        }
    }

    async fn ensure_unlinked(&self, _: &Call, login: &SequencerLogin, emails: &[String]) -> Result<(), Trouble> {
        self.unlinked(login, emails).await.map_err(Miss::trouble)
    }

    async fn links(&self, _: &Call, login: &SequencerLogin, emails: &[String]) -> Result<Option<Vec<Link>>, Trouble> {
        self.linked_so(login, emails).await.map(Some).map_err(Miss::trouble)
    }

    /// Signs in as its own pages do, which is documented nowhere.
    async fn key_for(&self, _: &Call, login: &SequencerLogin) -> Result<Option<SecretString>, Trouble> {
        if !self.knobs.exchanges_logins {
            return Ok(None);
        }
        let (Some(email), Some(password)) = (&login.email, &login.password) else { return Err(KEY_REFUSED) };
        if email.is_empty() || password.expose_secret().is_empty() {
            return Err(KEY_REFUSED);
        }
        let body = json!({ "email": email, "password": password.expose_secret() });
        let request = Request::new("sign_in", Method::Post, &["auth", "login"]).body(body).looks();
        let answer = self.keyed.without().call(request.hides([password])).await?;
        match answer.status {
            _ if answer.is_success() => Ok(Some(answer.json::<SignedIn>()?.key())),
            400 | 401 | 403 | 404 | 422 if is_its_own(&answer) => Err(KEY_REFUSED),
            _ => Err(answer.unclear()),
        }
    }
}

impl Smartlead {
    async fn linked(&self, login: &SequencerLogin, inboxes: &[Reachable]) -> Result<Part<(String, String)>, Miss> {
        if inboxes.is_empty() {
            return Ok(Part { done: vec![], trouble: None });
        }
        let mut accounts = self.accounts(login)?.for_several(inboxes.len())?;
        let known = accounts.known(inboxes.len()).await?;
        if matches!(known, Known::TooMany) {
            // Each has a promise of its own.
            accounts.promise = None;
        }
        let link = inboxes.iter().map(|inbox| accounts.ensure(inbox, login.client_id, &known).boxed());
        Ok(each(link.collect(), AT_ONCE).await.part())
    }

    async fn unlinked(&self, login: &SequencerLogin, emails: &[String]) -> Result<(), Miss> {
        if emails.is_empty() {
            return Ok(());
        }
        let accounts = self.accounts(login)?.for_taking(emails.len())?;
        let known = accounts.known_whole(emails.len()).await?;
        let unlink = emails.iter().map(|email| accounts.ensure_gone(email, &known).boxed());
        each(unlink.collect(), AT_ONCE).await.all().map(|_| ())
    }

    async fn linked_so(&self, login: &SequencerLogin, emails: &[String]) -> Result<Vec<Link>, Miss> {
        if emails.is_empty() {
            return Ok(vec![]);
        }
        let accounts = self.accounts(login)?.for_a_look(emails.len())?;
        let known = accounts.seen(emails).await?;
        let look = emails.iter().map(|email| accounts.link_of(email, login.client_id, &known).boxed());
        Ok(each(look.collect(), AT_ONCE).await.all()?.into_iter().flatten().collect())
    }
}
