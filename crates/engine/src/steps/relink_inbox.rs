//! Links a mailbox under its new address; one that kept its address is linked already.

use std::slice;

use model::action::ActionReason;
use model::inbox::LinkStatus;
use model::run::{Learnt, Outcome, Then};

use super::close_inboxes::unlink;
use super::link_sequencer::shut_out;
use super::rename_inbox::{gone, inbox};
use super::sequencer_login::enter;
use crate::consents::{Hearing, hear};
use crate::cx::Cx;
use crate::party::{Fault, ask};
use crate::reach::{enterable, reachable_as};

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let Some(inbox) = inbox(cx)? else { return let_go(cx).await };
    let old = cx.run.memory.old_address.as_ref().filter(|old| **old != inbox.email);
    let Some(old) = old.filter(|_| inbox.link != LinkStatus::Linked) else {
        return Ok(Outcome::done(Learnt::Nothing));
    };
    match hear(cx, &[inbox]).await {
        Hearing::New(outcome) => return Ok(outcome),
        Hearing::Over { fault: Some(fault), .. } => return Err(fault),
        Hearing::Over { fault: None, .. } => {}
    }
    let login = match enter(cx).await?.login() {
        Ok(login) => login,
        Err(outcome) => return Ok(*outcome),
    };
    let (new, shut) = enterable(cx, vec![reachable_as(cx, inbox, old)?])?;
    if !shut.is_empty() {
        return Ok(Outcome::then(ask(ActionReason::InboxAccessNeeded)));
    }
    let sequencer = cx.sequencer();
    sequencer.ask(|sequencer| sequencer.ensure_unlinked(&cx.call, &login, slice::from_ref(old))).await?;
    let (done, fault) = sequencer.ask_each(|sequencer| sequencer.ensure_linked(&cx.call, &login, &new)).await;
    let account = done.into_iter().find(|(email, _)| *email == inbox.email);
    let learnt = account.map_or(Learnt::Nothing, |(_, account)| Learnt::Linked(vec![(inbox.id.clone(), account)]));
    Ok(Outcome { learnt, then: fault.map_or(Then::Done, |fault| shut_out(cx, fault, ActionReason::InboxLoginFails)) })
}

/// Whoever closes the domain knows the new address only.
async fn let_go(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    if let Some(old) = &cx.run.memory.old_address {
        unlink(cx, slice::from_ref(old)).await?;
    }
    Ok(gone())
}
