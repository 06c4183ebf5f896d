//! Links the inboxes that are not linked yet.

use model::action::ActionReason;
use model::inbox::LinkStatus;
use model::run::{Learnt, Outcome, Then};

use super::sequencer_login::enter;
use crate::consents::hear;
use crate::cx::Cx;
use crate::party::{Fault, ask};
use crate::reach::{enterable, reachable};

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let waiting: Vec<_> = cx.inboxes.iter().filter(|inbox| inbox.link != LinkStatus::Linked).collect();
    if waiting.is_empty() {
        return Ok(Outcome::done(Learnt::Nothing));
    }
    if let Some(heard) = hear(cx, &waiting).await? {
        return Ok(heard);
    }
    let (inboxes, shut) = enterable(cx, reachable(cx, &waiting)?);
    let login = match enter(cx).await?.login() {
        Ok(login) => login,
        Err(outcome) => return Ok(*outcome),
    };
    let (done, fault) = cx.sequencer().ask_each(|sequencer| sequencer.ensure_linked(&cx.call, &login, &inboxes)).await;
    let linked = waiting
        .iter()
        .filter_map(|inbox| {
            let (_, account) = done.iter().find(|(email, _)| *email == inbox.email)?;
            Some((inbox.id.clone(), account.clone()))
        })
        .collect();
    let done = if shut.is_empty() { Then::Done } else { ask(ActionReason::InboxAccessNeeded) };
    Ok(Outcome { learnt: Learnt::Linked(linked), then: fault.map_or(done, Fault::then) })
}
