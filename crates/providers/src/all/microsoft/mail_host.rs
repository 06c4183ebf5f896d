//! Microsoft 365 as a host for mailboxes.

use async_trait::async_trait;
use model::dns::RrSet;
use model::evidence::{MailboxLook, MailboxState};

use super::Microsoft;
use super::users::address;
use crate::call::Call;
use crate::roles::{MailHost, MailboxSpec, Part};
use crate::trouble::Trouble;

#[async_trait]
impl MailHost for Microsoft {
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
                Some(user) if user.assigned_licenses.is_empty() => MailboxState::Unlicensed,
                Some(user) if user.has_mailbox() => MailboxState::Works,
                Some(_) | None => MailboxState::Missing,
            };
            looks.push(MailboxLook { email: email.clone(), state });
        }
        Ok(Some(looks))
    }

    async fn ensure_no_domain(&self, call: &Call) -> Result<(), Trouble> {
        self.close_domain(call).await
    }
}
