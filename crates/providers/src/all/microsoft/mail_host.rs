//! Microsoft 365 as a host for mailboxes.

use async_trait::async_trait;
use model::consent::ConsentStatus;
use model::dns::RrSet;
use model::evidence::{MailboxLook, MailboxState};
use model::world::World;

use super::Microsoft;
use super::users::address;
use crate::call::Call;
use crate::roles::{ConsentAsk, ConsentCode, Consented, MailHost, MailboxSpec, OauthGrant, Part};
use crate::trouble::Trouble;

#[async_trait]
impl MailHost for Microsoft {
    async fn is_elsewhere(&self, call: &Call) -> Result<Option<bool>, Trouble> {
        let holder = self.tokens.holder(&call.subject).await?;
        Ok(Some(holder.is_some_and(|tenant| !tenant.eq_ignore_ascii_case(&self.tenant))))
    }

    async fn ensure_domain(&self, call: &Call) -> Result<Vec<RrSet>, Trouble> {
        self.open_domain(call).await
    }

    async fn ensure_verified(&self, call: &Call) -> Result<Vec<RrSet>, Trouble> {
        self.verify_domain(call).await
    }

    async fn ensure_signed(&self, call: &Call, published: &[RrSet]) -> Result<Vec<RrSet>, Trouble> {
        self.sign(call, published).await
    }

    async fn ensure_mailboxes(&self, call: &Call, mailboxes: &[MailboxSpec]) -> Part<String> {
        self.fill(call, mailboxes).await
    }

    async fn ensure_renamed(&self, call: &Call, from: &str, to: &MailboxSpec) -> Result<(), Trouble> {
        self.rename(call, from, to).await
    }

    async fn mailboxes(&self, call: &Call, emails: &[String]) -> Result<Option<Vec<MailboxLook>>, Trouble> {
        let mut looks = vec![];
        for email in emails {
            let state = match self.user(&address(&call.subject, email)?).await? {
                Some(user) if user.account_enabled == Some(false) => MailboxState::Suspended,
                Some(user) if !user.is_licensed() => MailboxState::Unlicensed,
                Some(user) if user.has_mailbox() => MailboxState::Works,
                Some(_) | None => MailboxState::Missing,
            };
            looks.push(MailboxLook { email: email.clone(), state });
        }
        Ok(Some(looks))
    }

    async fn free_seats(&self, _: &World) -> Result<Option<i64>, Trouble> {
        self.sku().await.map(|sku| Some(sku.free()))
    }

    async fn ensure_no_domain(&self, call: &Call) -> Result<(), Trouble> {
        self.close_domain(call).await
    }

    fn wants_passwords_made(&self) -> bool {
        true
    }

    fn lets_smtp_by_hand(&self) -> bool {
        self.lets_smtp && !self.has_exchange
    }

    fn consent_page(&self, ask: &ConsentAsk<'_>) -> Option<String> {
        self.application.as_ref()?.page(ask)
    }

    async fn consented(&self, _: &Call, code: &ConsentCode) -> Result<Consented, Trouble> {
        match &self.application {
            Some(application) => application.exchange(code).await,
            None => Ok(Consented::Not(ConsentStatus::Lapsed)),
        }
    }

    async fn renewed(&self, _: &Call, grant: &OauthGrant) -> Result<Consented, Trouble> {
        match &self.application {
            Some(application) => application.renew(grant).await,
            None => Ok(Consented::Not(ConsentStatus::Lapsed)),
        }
    }
}
