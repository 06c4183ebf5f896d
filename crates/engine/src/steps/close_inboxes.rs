//! Unlinks a domain's inboxes and deletes them.

use model::action::ActionReason;
use model::inbox::{Inbox, LinkStatus};
use model::run::{Learnt, Outcome, StepName};
use providers::trouble::{Refused, Trouble};

use super::sequencer_login::leave;
use crate::cx::Cx;
use crate::party::Fault;

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    // One whose linking was begun may be linked although the answer was lost.
    let may_be_linked = |inbox: &&Inbox| inbox.link == LinkStatus::Linked || cx.has_come_to(StepName::LinkSequencer);
    let emails: Vec<_> = cx.inboxes.iter().filter(may_be_linked).map(|inbox| inbox.email.clone()).collect();
    if !emails.is_empty() {
        unlink(cx, &emails).await?;
    }
    match cx.mail_host()?.ask(|host| host.ensure_no_domain(&cx.call)).await {
        Ok(()) => Ok(Outcome::done(Learnt::Nothing)),
        Err(Fault::Of(_, Trouble::Refused(Refused::Ask(ActionReason::MailboxesByHand)))) => {
            tracing::warn!(domain = %cx.domain.id, mailboxes = cx.inboxes.len(), "mailboxes that were made by hand stay until somebody deletes them");
            Ok(Outcome::done(Learnt::LeftByHand))
        }
        Err(fault) => Err(fault),
    }
}

/// A login that no longer works must not keep mailboxes alive that nobody pays for.
pub(super) async fn unlink(cx: &Cx<'_>, emails: &[String]) -> Result<(), Fault> {
    let login = match leave(cx).await {
        Err(Fault::Of(_, Trouble::Refused(Refused::Ask(_)))) => None,
        login => login?,
    };
    let Some(login) = login else {
        if cx.inboxes.iter().any(|inbox| inbox.link == LinkStatus::Linked) {
            tracing::warn!(domain = %cx.domain.id, "inboxes stay linked at the sequencer, for there is no key of it any more");
        }
        return Ok(());
    };
    match cx.sequencer().ask(|sequencer| sequencer.ensure_unlinked(&cx.call, &login, emails)).await {
        Err(Fault::Of(_, Trouble::Refused(Refused::Ask(_)))) => Ok(()),
        unlinked => unlinked,
    }
}
