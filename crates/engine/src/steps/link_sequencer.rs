//! Links the inboxes that are not linked yet.

use model::action::ActionReason;
use model::clock::MINUTE;
use model::inbox::LinkStatus;
use model::run::{Learnt, Outcome, Then};
use providers::trouble::{Refused, Trouble};

use super::sequencer_login::enter;
use crate::consents::{Hearing, hear};
use crate::cx::Cx;
use crate::party::{Fault, ask};
use crate::reach::{enterable, reachable};

/// How long a mailbox that was just made may let nobody in, in microseconds of partner time.
const PATIENCE: i64 = 30 * MINUTE;
/// How soon it is tried again, in microseconds of partner time.
const AGAIN: i64 = 2 * MINUTE;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let waiting: Vec<_> = cx.inboxes.iter().filter(|inbox| inbox.link != LinkStatus::Linked).collect();
    if waiting.is_empty() {
        return Ok(Outcome::done(Learnt::Nothing));
    }
    let (unheard, deaf) = match hear(cx, &waiting).await {
        Hearing::New(outcome) => return Ok(outcome),
        Hearing::Over { unheard, fault } => (unheard, fault),
    };
    let known: Vec<_> = waiting.iter().copied().filter(|inbox| unheard.iter().all(|one| one.id != inbox.id)).collect();
    let (inboxes, shut) = enterable(cx, reachable(cx, &known)?)?;
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
    let then = match (shut.is_empty(), fault) {
        // Whatever else is wrong, those that nobody has given access to are asked about first: consents come in meanwhile.
        (false, None | Some(Fault::Of(_, Trouble::Refused(Refused::ShutOut)))) => ask(ActionReason::InboxAccessNeeded),
        (_, Some(fault)) => shut_out(cx, fault, why_shut(cx)),
        (true, None) => deaf.map_or(Then::Done, Fault::then),
    };
    Ok(Outcome { learnt: Learnt::Linked(linked), then })
}

/// Whoever is let in nowhere for long will not be by waiting: somebody is asked, for this reason.
pub(super) fn shut_out(cx: &Cx<'_>, fault: Fault, reason: ActionReason) -> Then {
    let now = cx.now.partner();
    let waited = cx.run.record().is_some_and(|record| now >= record.started_at.plus(PATIENCE));
    match fault {
        Fault::Of(_, Trouble::Refused(Refused::ShutOut)) if waited => ask(reason),
        Fault::Of(_, Trouble::Refused(Refused::ShutOut)) => {
            let why = "The sequencer cannot log into the inboxes yet: a mailbox that was just made lets nobody in for a while.";
            Then::Wait { until: now.plus(AGAIN), why: why.into() }
        }
        fault => fault.then(),
    }
}

/// What somebody is asked about whose new inboxes let nobody in: a switch that only a person sets may never have been set.
fn why_shut(cx: &Cx<'_>) -> ActionReason {
    let by_hand = cx.mail_host().is_ok_and(|host| host.player.lets_smtp_by_hand());
    if by_hand { ActionReason::SmtpAuthNeeded } else { ActionReason::InboxLoginFails }
}
