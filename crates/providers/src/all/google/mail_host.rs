//! Google Workspace as a host for mailboxes.

use async_trait::async_trait;
use model::action::ActionReason;
use model::consent::ConsentStatus;
use model::dns::{RrSet, RrType};
use model::evidence::{MailboxLook, MailboxState};

use super::Google;
use crate::call::Call;
use crate::roles::{ConsentAsk, ConsentCode, Consented, MailHost, MailboxSpec, OauthGrant, Part};
use crate::trouble::{Refused, Trouble};

/// What the vendor's own pages begin the key's name with, unless somebody types another.
const SELECTOR: &str = "google";

#[async_trait]
impl MailHost for Google {
    async fn ensure_domain(&self, call: &Call) -> Result<Vec<RrSet>, Trouble> {
        self.open_domain(call).await
    }

    async fn ensure_verified(&self, call: &Call) -> Result<Vec<RrSet>, Trouble> {
        self.verify_domain(call).await?;
        Ok(vec![])
    }

    /// The key is made and switched on by a person, and nothing of it can be asked for: what they have pasted is published, and
    /// that is all that can be known here.
    async fn ensure_signed(&self, call: &Call, published: &[RrSet]) -> Result<Vec<RrSet>, Trouble> {
        let key = format!("{SELECTOR}._domainkey.{}", call.subject);
        let is_key = |set: &&RrSet| set.rtype == RrType::Txt && set.name.eq_ignore_ascii_case(&key);
        let known: Vec<_> = published.iter().filter(is_key).cloned().collect();
        match known.is_empty() {
            true => Err(Trouble::Refused(Refused::Ask(ActionReason::DkimNeedsEnabling))),
            false => Ok(known),
        }
    }

    async fn ensure_mailboxes(&self, call: &Call, mailboxes: &[MailboxSpec]) -> Part<String> {
        self.fill(call, mailboxes).await
    }

    async fn ensure_renamed(&self, call: &Call, from: &str, to: &MailboxSpec) -> Result<(), Trouble> {
        self.rename(call, from, to).await
    }

    async fn mailboxes(&self, call: &Call, emails: &[String]) -> Result<Option<Vec<MailboxLook>>, Trouble> {
        let users = self.users_of(&call.subject, false).await?;
        let mut looks = vec![];
        for email in emails {
            let state = match users.iter().find(|user| user.is_at(email)) {
                Some(user) if user.suspended => MailboxState::Suspended,
                Some(user) if !user.is_mailbox_setup || !self.is_licensed(user).await? => MailboxState::Unlicensed,
                Some(_) => MailboxState::Works,
                None => MailboxState::Missing,
            };
            looks.push(MailboxLook { email: email.clone(), state });
        }
        Ok(Some(looks))
    }

    async fn ensure_no_domain(&self, call: &Call) -> Result<(), Trouble> {
        self.close_domain(call).await
    }

    fn wants_passwords_made(&self) -> bool {
        true
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
