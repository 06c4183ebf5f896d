//! Mailboxes that get another address, name or picture. The old address stays one that leads to them.

use serde_json::json;

use super::Microsoft;
use super::mailbox::{kept, there_later};
use super::service::Service;
use super::users::{address, cut, nickname, shown};
use super::wire::User;
use crate::call::Call;
use crate::roles::MailboxSpec;
use crate::trouble::{Refused, Trouble};
use crate::vendor::Method;

impl Microsoft {
    pub(super) async fn rename(&self, call: &Call, from: &str, to: &MailboxSpec) -> Result<(), Trouble> {
        let (from, email) = (from.to_ascii_lowercase(), address(&call.subject, &to.email)?);
        let user = match self.user(&from).await? {
            Some(user) if from != email => {
                self.move_user(call, &user, &from, &email, to).await?;
                user
            }
            Some(user) => user,
            // Whoever was there is not any more: an earlier call has moved them, or nobody ever was.
            None => self
                .user(&email)
                .await?
                .ok_or_else(|| Trouble::Refused(Refused::ForGood(format!("There is no mailbox {from}."))))?,
        };
        self.called(&user, to).await?;
        match &to.picture {
            Some(picture) => self.show(&user, picture).await,
            None => Ok(()),
        }
    }

    /// Gives a user another address of their own. The mail service keeps the one they had beside it.
    async fn move_user(
        &self,
        call: &Call,
        user: &User,
        from: &str,
        email: &str,
        to: &MailboxSpec,
    ) -> Result<(), Trouble> {
        if self.user(email).await?.is_some() {
            // They may be on their way to yet another one.
            return Err(Trouble::Later(None));
        }
        if !user.has_mailbox() {
            return Err(there_later(call));
        }
        match self.holder(email).await? {
            Some(holder) if holder.is_at(from) => {}
            Some(holder) => self.drop_address(&holder, email).await?,
            None => {}
        }
        let body = json!({
            "userPrincipalName": email, "mail": email, "mailNickname": nickname(email),
            "displayName": shown(to), "givenName": cut(&to.first_name), "surname": cut(&to.last_name),
        });
        let request = Self::users("rename_user", Method::Patch, &[&user.id]).body(body);
        match self.ask(Service::Graph, request).await? {
            Ok(_) => Ok(()),
            Err(no) if no.is_conflict() => Err(self.taken(email).await),
            Err(no) if no.status == 404 => Err(Trouble::Later(None)),
            Err(no) => Err(self.refused(&no)),
        }
    }

    /// Why an address cannot be had.
    async fn taken(&self, email: &str) -> Trouble {
        match self.deleted(email).await {
            Ok(Some(_)) => kept(email),
            // Somebody was faster, and may be on their way.
            Ok(None) => Trouble::Later(None),
            Err(trouble) => trouble,
        }
    }
}
