//! Links the inboxes that are not linked yet.

use model::inbox::LinkStatus;
use model::run::{Learnt, Outcome, Then};

use super::sequencer_login::{Entry, enter};
use crate::cx::Cx;
use crate::party::Fault;
use crate::reach::reachable;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let waiting: Vec<_> = cx.inboxes.iter().filter(|inbox| inbox.link != LinkStatus::Linked).collect();
    if waiting.is_empty() {
        return Ok(Outcome::done(Learnt::Nothing));
    }
    let inboxes = reachable(cx, &waiting)?;
    let login = match enter(cx).await? {
        Entry::Login(login) => login,
        Entry::Exchanged(key) => return Ok(Outcome { learnt: Learnt::SequencerKey(key), then: Then::Again }),
    };
    let (done, fault) = cx.sequencer().ask_each(|sequencer| sequencer.ensure_linked(&cx.call, &login, &inboxes)).await;
    let linked = waiting
        .iter()
        .filter_map(|inbox| {
            let (_, account) = done.iter().find(|(email, _)| *email == inbox.email)?;
            Some((inbox.id.clone(), account.clone()))
        })
        .collect();
    Ok(Outcome { learnt: Learnt::Linked(linked), then: fault.map_or(Then::Done, Fault::then) })
}
