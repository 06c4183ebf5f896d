//! Mailboxes that get another address, name or picture. The old address stays one that leads to them.

use serde_json::json;

use super::Google;
use super::mailbox::kept;
use super::scope::Scope;
use super::users::{address, described, name_of};
use super::wire::User;
use crate::call::Call;
use crate::roles::MailboxSpec;
use crate::trouble::{Refused, Trouble};
use crate::vendor::Method;

impl Google {
    pub(super) async fn rename(&self, call: &Call, from: &str, to: &MailboxSpec) -> Result<(), Trouble> {
        let (from, email) = (from.to_ascii_lowercase(), address(&call.subject, &to.email)?);
        let user = match self.user(&from).await? {
            Some(user) if user.is_at(&from) && from != email => self.moved(call, user, &from, &email, to).await?,
            Some(user) if user.is_at(&email) => user,
            // Whoever was there is not any more: an earlier call has moved them, or nobody ever was.
            Some(_) | None => match self.user(&email).await? {
                Some(user) if user.is_at(&email) => user,
                Some(_) | None => {
                    return Err(Trouble::Refused(Refused::ForGood(format!("There is no mailbox {from}."))));
                }
            },
        };
        let user = self.called(user, &name_of(to)).await?;
        match &to.picture {
            Some(picture) => self.show(&user, picture).await,
            None => Ok(()),
        }
    }

    /// Gives a user another address of their own.
    async fn moved(&self, call: &Call, user: User, from: &str, email: &str, to: &MailboxSpec) -> Result<User, Trouble> {
        match self.user(email).await? {
            // They may be on their way to yet another one.
            Some(other) if other.is_at(email) => return Err(Trouble::Later(None)),
            Some(other) => self.drop_alias(&other, email).await?,
            None => {}
        }
        let body = json!({ "primaryEmail": email, "name": described(&name_of(to)) });
        let request = Self::users("rename_user", Method::Patch, &[&user.id]).body(body);
        let user: User = match self.ask(Scope::Users, request).await? {
            Ok(answer) => answer.json()?,
            Err(no) if no.status == 409 => return Err(self.taken(call, email).await),
            Err(no) if no.status == 404 => return Err(Trouble::Later(None)),
            Err(no) => return Err(self.refused(&no, Scope::Users)),
        };
        if !user.has_alias(from) {
            self.keep_alias(&user, from).await?;
        }
        Ok(user)
    }

    /// Why an address cannot be had.
    async fn taken(&self, call: &Call, email: &str) -> Trouble {
        match self.deleted(call, email).await {
            Ok(Some(_)) => kept(email),
            // Somebody was faster, and may be on their way.
            Ok(None) => Trouble::Later(None),
            Err(trouble) => trouble,
        }
    }

    /// Has an address that a user had lead to them. When another mailbox has it by now, that one keeps it.
    async fn keep_alias(&self, user: &User, alias: &str) -> Result<(), Trouble> {
        let request = Self::users("keep_alias", Method::Post, &[&user.id, "aliases"]);
        match self.ask(Scope::Users, request.body(json!({ "alias": alias }))).await? {
            Ok(_) => Ok(()),
            Err(no) if no.status == 409 => Ok(()),
            Err(no) => Err(self.refused(&no, Scope::Users)),
        }
    }
}
