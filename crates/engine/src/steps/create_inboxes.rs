//! Makes the inboxes that are still missing.

use std::collections::HashMap;

use model::action::ActionType;
use model::evidence::MailboxState;
use model::inbox::{Planned, missing, plan};
use model::intent::Permit;
use model::persona::Persona;
use model::run::{Learnt, MadeInbox, Outcome, Then};
use providers::roles::MailboxSpec;
use providers::trouble::{Refused, Trouble};

use super::{pictures, register_name};
use crate::cx::Cx;
use crate::party::Fault;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let (host, personas) = (cx.mail_host()?, cx.personas()?);
    let (count, offset) = (cx.domain.inboxes_planned, cx.domain.persona_offset);
    let planned = plan(&cx.domain.name, personas, count, offset, &cx.run.memory.kept);
    let missing = missing(&planned, cx.inboxes);
    if missing.is_empty() {
        return Ok(Outcome::done(Learnt::Nothing));
    }
    // Seats cost money: they wait for the operator as names do.
    if let Permit::Wait(held) = cx.permit {
        return Ok(register_name::wait(cx, *held));
    }
    let pictures = match fetch_pictures(cx, personas, &missing).await? {
        Ok(pictures) => pictures,
        Err(asking) => return Ok(Outcome::then(asking)),
    };
    let specs: Vec<_> = missing.iter().map(|one| spec(personas, one, &pictures)).collect();
    let (done, fault) = host.ask_each(|host| host.ensure_mailboxes(&cx.call, &specs)).await;
    if let Some(Fault::Of(_, Trouble::Refused(Refused::AddressKept(email)))) = fault {
        return Ok(kept(email, specs, &done));
    }
    let next = fault.map_or(Then::Done, |fault| about(missing.first(), fault.then()));
    let made = specs.into_iter().filter(|spec| done.contains(&spec.email)).map(made).collect();
    Ok(Outcome { learnt: Learnt::Inboxes(made), then: next })
}

/// Of the inboxes that are still missing those whose mailboxes there are all the same; none where the host cannot be asked.
pub(super) async fn found(cx: &Cx<'_>) -> Result<Vec<MadeInbox>, Fault> {
    let (host, personas) = (cx.mail_host()?, cx.personas()?);
    let (count, offset) = (cx.domain.inboxes_planned, cx.domain.persona_offset);
    let planned = plan(&cx.domain.name, personas, count, offset, &cx.run.memory.kept);
    let missing = missing(&planned, cx.inboxes);
    let emails: Vec<_> = missing.iter().map(|one| one.email.clone()).collect();
    if emails.is_empty() {
        return Ok(vec![]);
    }
    let looks = host.ask(|host| host.mailboxes(&cx.call, &emails)).await?.unwrap_or_default();
    let is_there = |email: &str| looks.iter().any(|look| look.email == email && look.state != MailboxState::Missing);
    let there = missing.into_iter().filter(|one| is_there(&one.email));
    Ok(there.map(|one| made(spec(personas, one, &HashMap::new()))).collect())
}

/// Whoever would have had the address gets the next of their pattern, once those that are made are put down.
fn kept(email: String, specs: Vec<MailboxSpec>, done: &[String]) -> Outcome {
    let made: Vec<_> = specs.into_iter().filter(|spec| done.contains(&spec.email)).map(made).collect();
    let learnt = if made.is_empty() { Learnt::AddressKept(email) } else { Learnt::Inboxes(made) };
    Outcome { learnt, then: Then::Again }
}

/// A host that does not like a picture does not say whose it is: it is the first one's that is missing.
fn about(first: Option<&&Planned>, then: Then) -> Then {
    match then {
        Then::Ask { reason, persona: None } if reason.action_type() == ActionType::GoogleProfilePicture => {
            Then::Ask { reason, persona: first.and_then(|one| i64::try_from(one.persona).ok()) }
        }
        other => other,
    }
}

/// The pictures by persona. `Err` inside is a question to the partner.
async fn fetch_pictures(
    cx: &Cx<'_>,
    personas: &[Persona],
    missing: &[&Planned],
) -> Result<Result<HashMap<usize, Vec<u8>>, Then>, Fault> {
    let mut pictures = HashMap::new();
    for one in missing {
        if pictures.contains_key(&one.persona) {
            continue;
        }
        match pictures::fetch(cx, &personas[one.persona], one.persona).await? {
            Ok(Some(picture)) => _ = pictures.insert(one.persona, picture),
            Ok(None) => {}
            Err(asking) => return Ok(Err(asking)),
        }
    }
    Ok(Ok(pictures))
}

fn spec(personas: &[Persona], one: &Planned, pictures: &HashMap<usize, Vec<u8>>) -> MailboxSpec {
    let persona = &personas[one.persona];
    MailboxSpec {
        email: one.email.clone(),
        first_name: persona.first_name.clone(),
        last_name: persona.last_name.clone(),
        picture: pictures.get(&one.persona).cloned(),
    }
}

fn made(spec: MailboxSpec) -> MadeInbox {
    MadeInbox { email: spec.email, first_name: spec.first_name, last_name: spec.last_name }
}
