//! Gives a mailbox another name, and another address where the name makes one.

use model::domain::Class;
use model::inbox::Inbox;
use model::persona::Persona;
use model::run::{Learnt, MadeInbox, Outcome, Then};
use providers::roles::MailboxSpec;

use super::pictures;
use crate::cx::Cx;
use crate::party::Fault;

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let Some(inbox) = inbox(cx)? else { return Ok(gone()) };
    let (persona, place) = persona(cx)?;
    let picture = match pictures::fetch(cx, &persona, place).await? {
        Ok(picture) => picture,
        Err(asking) => return Ok(Outcome::then(asking)),
    };
    let from = cx.run.memory.old_address.as_ref().unwrap_or(&inbox.email);
    let email = cx.run.memory.address.as_ref().unwrap_or(from).clone();
    let Persona { first_name, last_name, .. } = persona;
    let to = MailboxSpec { email, first_name, last_name, picture };
    cx.mail_host()?.ask(|host| host.ensure_renamed(&cx.call, from, &to)).await?;
    let to = MadeInbox { email: to.email, first_name: to.first_name, last_name: to.last_name };
    Ok(Outcome::done(Learnt::Renamed { inbox: inbox.id.clone(), to }))
}

/// The inbox that is renamed, while its domain is in use.
pub(super) fn inbox<'a>(cx: &'a Cx<'_>) -> Result<Option<&'a Inbox>, Fault> {
    let id = &cx.swap()?.inbox;
    let in_use = matches!(cx.domain.status.class(), Class::Active | Class::Asking);
    Ok(cx.inboxes.iter().find(|inbox| in_use && Some(&inbox.id) == id.as_ref()))
}

pub(super) fn gone() -> Outcome {
    Outcome::then(Then::Fail { words: "The inbox is gone, or its domain leaves.".into() })
}

/// Whose name it is to carry, and which of the domain's personas that is. Names are the swap's; the picture is
/// the domain's, where another one may have been sent since.
fn persona(cx: &Cx<'_>) -> Result<(Persona, usize), Fault> {
    let place = cx.run.memory.persona.unwrap_or(0);
    let now = cx.personas()?.get(place).cloned();
    let asked = cx.swap()?.persona.clone();
    let missing = || {
        let words = "The swap does not say whose name the inbox is to carry.".into();
        Fault::Ours(Then::Operator { words })
    };
    match (asked, now) {
        (Some(asked), Some(now)) => Ok((Persona { profile_picture_url: now.profile_picture_url, ..asked }, place)),
        (asked, now) => asked.or(now).map(|persona| (persona, place)).ok_or_else(missing),
    }
}
