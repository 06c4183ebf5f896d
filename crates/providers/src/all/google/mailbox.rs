//! Mailboxes: each is looked up by its address, made when it is missing, and there when the vendor says that it is set up.

use model::clock::MINUTE;
use serde_json::json;

use super::Google;
use super::scope::Scope;
use super::users::{address, described, name_of};
use super::wire::{Name, No, User};
use crate::call::Call;
use crate::roles::{MailboxSpec, Part};
use crate::trouble::{Refused, Trouble, UnderWay};
use crate::vendor::Method;

/// How long a mailbox takes to be set up, in microseconds.
const SET_UP: i64 = 2 * MINUTE;

impl Google {
    /// One after the other, so that a tenant that has to be left alone is, and one that cannot be made does not stop the rest.
    pub(super) async fn fill(&self, call: &Call, mailboxes: &[MailboxSpec]) -> Part<String> {
        let mut part = Part { done: vec![], trouble: None };
        for spec in mailboxes {
            match self.mailbox(call, spec).await {
                Ok(()) => part.done.push(spec.email.clone()),
                Err(trouble) => {
                    let is_over = matches!(trouble, Trouble::Later(Some(_)) | Trouble::Misconfigured(_));
                    part.trouble = Some(Trouble::graver(part.trouble.take(), trouble));
                    if is_over {
                        break;
                    }
                }
            }
        }
        part
    }

    async fn mailbox(&self, call: &Call, spec: &MailboxSpec) -> Result<(), Trouble> {
        let email = address(&call.subject, &spec.email)?;
        let user = match self.user(&email).await? {
            Some(user) if user.is_at(&email) => user,
            Some(other) => {
                self.drop_alias(&other, &email).await?;
                self.make(call, &email, spec).await?
            }
            None => self.make(call, &email, spec).await?,
        };
        if user.suspended {
            return Err(Trouble::Misconfigured(format!(
                "Google has suspended {email}: look at this user in the Admin console, and reactivate it there."
            )));
        }
        self.license(&user).await?;
        let user = self.called(user, &name_of(spec)).await?;
        if !user.is_mailbox_setup {
            return Err(set_up_later(call));
        }
        match &spec.picture {
            Some(picture) if user.thumbnail_photo_url.is_none() => self.show(&user, picture).await,
            Some(_) | None => Ok(()),
        }
    }

    async fn make(&self, call: &Call, email: &str, spec: &MailboxSpec) -> Result<User, Trouble> {
        let request = Self::users("make_user", Method::Post, &[]).body(self.described(call, email, spec)?);
        match self.ask(Scope::Users, request).await? {
            Ok(answer) => answer.json(),
            Err(no) if no.status == 409 => match self.user(email).await? {
                Some(user) if user.is_at(email) => Ok(user),
                Some(_) => Err(Trouble::Later(None)),
                None => self.revive(call, email).await,
            },
            Err(no) if is_too_early(&no) => Err(Trouble::Later(None)),
            Err(no) => Err(self.refused(&no, Scope::Users)),
        }
    }

    /// An address that nobody has and nobody can get is kept for a user who was deleted. One that was made for the same customer comes back,
    /// with the old mail.
    async fn revive(&self, call: &Call, email: &str) -> Result<User, Trouble> {
        // Where nobody was deleted, somebody was made a moment ago, and is not seen everywhere.
        let user = self.deleted(call, email).await?.ok_or(Trouble::Later(None))?;
        if !user.was_of(call.customer.as_ref()) {
            return Err(kept(email));
        }
        let request = Self::users("undelete_user", Method::Post, &[&user.id, "undelete"]);
        match self.ask(Scope::Users, request.body(json!({ "orgUnitPath": self.org_unit }))).await? {
            Ok(_) => self.user(email).await?.ok_or_else(|| set_up_later(call)),
            // Twenty days are over, and the address not free yet.
            Err(no) if no.status == 400 => Err(kept(email)),
            // Somebody was faster.
            Err(no) if matches!(no.status, 404 | 409 | 412) => Err(Trouble::Later(None)),
            Err(no) => Err(self.refused(&no, Scope::Users)),
        }
    }

    /// Gives a user their name, unless they have it.
    pub(super) async fn called(&self, user: User, name: &Name) -> Result<User, Trouble> {
        if user.name == *name {
            return Ok(user);
        }
        let request = Self::users("change_user", Method::Patch, &[&user.id]).body(json!({ "name": described(name) }));
        match self.ask(Scope::Users, request).await? {
            Ok(answer) => answer.json(),
            Err(no) if no.status == 404 => Err(Trouble::Later(None)),
            Err(no) => Err(self.refused(&no, Scope::Users)),
        }
    }
}

fn set_up_later(call: &Call) -> Trouble {
    Trouble::UnderWay(UnderWay::Mailboxes, call.now.plus(SET_UP))
}

/// Whether a domain that was proved a moment ago is not known everywhere yet: then it is the address that is told to be wrong.
fn is_too_early(no: &No) -> bool {
    no.status == 404 || no.status == 400 && (no.says("domain") || no.says("primary_user_email"))
}

/// That an address is not to be had for a while.
pub(super) fn kept(email: &str) -> Trouble {
    Trouble::Refused(Refused::AddressKept(email.to_owned()))
}
