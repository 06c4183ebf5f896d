//! Links the inboxes that are not linked yet.

use model::inbox::LinkStatus;
use model::run::{Learnt, Outcome, Then};
use providers::roles::SequencerLogin;
use providers::trouble::Trouble;

use crate::cx::{Cx, then};

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Trouble> {
    let waiting: Vec<_> = cx.inboxes.iter().filter(|inbox| inbox.link != LinkStatus::Linked).collect();
    if waiting.is_empty() {
        return Ok(Outcome::done(Learnt::Nothing));
    }
    let emails: Vec<_> = waiting.iter().map(|inbox| inbox.email.clone()).collect();
    let part = cx.cast.sequencer.ensure_linked(&cx.call, &login(cx)?, &emails).await;
    let linked = waiting
        .iter()
        .filter_map(|inbox| {
            let (_, account) = part.done.iter().find(|(email, _)| *email == inbox.email)?;
            Some((inbox.id.clone(), account.clone()))
        })
        .collect();
    let next = part.trouble.map_or(Then::Done, |trouble| then(cx.run.step, trouble));
    Ok(Outcome { learnt: Learnt::Linked(linked), then: next })
}

pub(super) fn login(cx: &Cx<'_>) -> Result<SequencerLogin, Trouble> {
    let order = cx.order()?;
    let opened = store::orders::open_login(cx.vault, order);
    let (password, api_key) = opened.map_err(|_| {
        Trouble::Misconfigured("The login cannot be opened with this installation's master key.".into())
    })?;
    Ok(SequencerLogin {
        client_id: order.sequencer.client_id,
        email: order.sequencer.login_email.clone(),
        password,
        api_key,
    })
}
