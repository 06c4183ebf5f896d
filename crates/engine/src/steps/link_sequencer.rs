//! Links the inboxes that are not linked yet.

use model::inbox::LinkStatus;
use model::run::{Learnt, Outcome, Then};
use providers::roles::SequencerLogin;

use crate::cx::Cx;
use crate::party::Fault;
use crate::reach::reachable;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let waiting: Vec<_> = cx.inboxes.iter().filter(|inbox| inbox.link != LinkStatus::Linked).collect();
    if waiting.is_empty() {
        return Ok(Outcome::done(Learnt::Nothing));
    }
    let inboxes = reachable(cx, &waiting)?;
    let login = login(cx)?;
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

pub(super) fn login(cx: &Cx<'_>) -> Result<SequencerLogin, Fault> {
    let order = cx.order()?;
    let opened = store::orders::open_login(cx.vault, order);
    let (password, api_key) = opened.map_err(|_| {
        let words = "The login cannot be opened with this installation's master key.".into();
        Fault::Ours(Then::Operator { words })
    })?;
    Ok(SequencerLogin {
        client_id: order.sequencer.client_id,
        email: order.sequencer.login_email.clone(),
        password,
        api_key,
    })
}
