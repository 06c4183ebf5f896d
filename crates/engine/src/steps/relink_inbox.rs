//! Links a mailbox under its new address; one that kept its address is linked already.

use std::slice;

use model::inbox::LinkStatus;
use model::run::{Learnt, Outcome, Then};
use providers::trouble::Trouble;

use super::close_inboxes::unlink;
use super::link_sequencer::login;
use super::rename_inbox::{gone, inbox};
use crate::cx::{Cx, then};

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Trouble> {
    let Some(inbox) = inbox(cx)? else { return let_go(cx).await };
    let old = cx.run.memory.old_address.as_ref().filter(|old| **old != inbox.email);
    let Some(old) = old.filter(|_| inbox.link != LinkStatus::Linked) else {
        return Ok(Outcome::done(Learnt::Nothing));
    };
    let login = login(cx)?;
    cx.cast.sequencer.ensure_unlinked(&cx.call, &login, slice::from_ref(old)).await?;
    let part = cx.cast.sequencer.ensure_linked(&cx.call, &login, slice::from_ref(&inbox.email)).await;
    let account = part.done.into_iter().find(|(email, _)| *email == inbox.email);
    let learnt = account.map_or(Learnt::Nothing, |(_, account)| Learnt::Linked(vec![(inbox.id.clone(), account)]));
    Ok(Outcome { learnt, then: part.trouble.map_or(Then::Done, |trouble| then(cx.run.step, trouble)) })
}

/// Whoever closes the domain knows the new address only.
async fn let_go(cx: &Cx<'_>) -> Result<Outcome, Trouble> {
    if let Some(old) = &cx.run.memory.old_address {
        unlink(cx, slice::from_ref(old)).await?;
    }
    Ok(gone())
}
