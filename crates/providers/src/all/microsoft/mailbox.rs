//! Mailboxes: each is looked up by its address, its user made and licensed when it is missing, and there when the mail service has
//! taken its address.

use model::clock::MINUTE;
use serde_json::json;

use super::Microsoft;
use super::service::Service;
use super::users::{address, cut, mark, shown};
use super::wire::{No, Sku, User};
use crate::call::Call;
use crate::roles::{MailboxSpec, Part};
use crate::trouble::{Refused, Trouble, UnderWay};
use crate::vendor::{Method, Request};

/// How long a mailbox takes to be there, in microseconds.
const THERE: i64 = 3 * MINUTE;

impl Microsoft {
    /// One after the other, so that a tenant that has to be left alone is, and one that cannot be made does not stop the rest.
    pub(super) async fn fill(&self, call: &Call, mailboxes: &[MailboxSpec]) -> Part<String> {
        let mut part = Part { done: vec![], trouble: None };
        if mailboxes.is_empty() {
            return part;
        }
        let sku = match self.sku().await {
            Ok(sku) => sku,
            Err(trouble) => return Part { done: vec![], trouble: Some(trouble) },
        };
        for spec in mailboxes {
            match self.mailbox(call, spec, &sku).await {
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

    async fn mailbox(&self, call: &Call, spec: &MailboxSpec, sku: &Sku) -> Result<(), Trouble> {
        let email = address(&call.subject, &spec.email)?;
        let user = match self.user(&email).await? {
            Some(user) => user,
            None => {
                self.free(&email).await?;
                self.make(call, &email, spec).await?
            }
        };
        if user.account_enabled == Some(false) {
            return Err(Trouble::Misconfigured(format!(
                "Somebody has blocked {email} at Microsoft: look at this user in the admin center, and unblock it there."
            )));
        }
        self.called(&user, spec).await?;
        self.license(&user, sku).await?;
        if !user.has_mailbox() {
            return Err(there_later(call));
        }
        self.let_smtp(&user).await?;
        match &spec.picture {
            Some(picture) if !self.has_photo(&user).await? => self.show(&user, picture).await,
            Some(_) | None => Ok(()),
        }
    }

    /// Takes an address away that leads to somebody who has another.
    pub(super) async fn free(&self, email: &str) -> Result<(), Trouble> {
        match self.holder(email).await? {
            Some(holder) => self.drop_address(&holder, email).await,
            None => Ok(()),
        }
    }

    async fn make(&self, call: &Call, email: &str, spec: &MailboxSpec) -> Result<User, Trouble> {
        let request = Self::users("make_user", Method::Post, &[]).body(self.described(call, email, spec)?);
        match self.ask(Service::Graph, request).await? {
            // The answer tells only the usual, and not where they are licensed for.
            Ok(answer) => Ok(User { usage_location: Some(self.usage_location.clone()), ..answer.json()? }),
            Err(no) if no.is_conflict() => match self.user(email).await? {
                Some(user) => Ok(user),
                None => self.restore(call, email).await,
            },
            Err(no) if is_too_early(&no) => Err(Trouble::Later(None)),
            Err(no) => Err(self.refused(&no)),
        }
    }

    /// An address that nobody has and nobody can get is kept for a user who was deleted. One that was made for the same customer comes back,
    /// with the old mail.
    async fn restore(&self, call: &Call, email: &str) -> Result<User, Trouble> {
        // Where nobody was deleted, somebody was made a moment ago, and is not seen everywhere.
        let user = self.deleted(email).await?.ok_or(Trouble::Later(None))?;
        if call.customer.is_none() || user.employee_type != Some(mark(call)) {
            return Err(kept(email));
        }
        let path = ["v1.0", "directory", "deletedItems", &user.id, "restore"];
        match self.ask(Service::Graph, Request::new("restore_user", Method::Post, &path)).await? {
            Ok(_) => self.user(email).await?.ok_or_else(|| there_later(call)),
            // Somebody was faster.
            Err(no) if no.status == 404 || no.is_conflict() => Err(Trouble::Later(None)),
            Err(no) => Err(self.refused(&no)),
        }
    }

    /// Gives a user their name, and the place that licences need, unless they have both.
    pub(super) async fn called(&self, user: &User, spec: &MailboxSpec) -> Result<(), Trouble> {
        if user.display_name.as_deref() == Some(&shown(spec)) && user.usage_location.is_some() {
            return Ok(());
        }
        let body = json!({
            "displayName": shown(spec), "givenName": cut(&spec.first_name), "surname": cut(&spec.last_name),
            "usageLocation": user.usage_location.as_deref().unwrap_or(&self.usage_location),
        });
        let request = Self::users("change_user", Method::Patch, &[&user.id]).body(body);
        match self.ask(Service::Graph, request).await? {
            Ok(_) => Ok(()),
            Err(no) if no.status == 404 => Err(Trouble::Later(None)),
            Err(no) => Err(self.refused(&no)),
        }
    }
}

/// That a mailbox is made, and not there yet.
pub(super) fn there_later(call: &Call) -> Trouble {
    Trouble::UnderWay(UnderWay::Mailboxes, call.now.plus(THERE))
}

/// Whether a domain that was verified a moment ago is not known everywhere yet.
fn is_too_early(no: &No) -> bool {
    no.status == 404 || no.status == 400 && no.says("domain portion")
}

/// That an address is not to be had for a while.
pub(super) fn kept(email: &str) -> Trouble {
    Trouble::Refused(Refused::AddressKept(email.to_owned()))
}
