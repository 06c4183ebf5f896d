//! Unlinks a domain's inboxes and deletes them.

use model::clock::SECOND;
use model::inbox::{Inbox, LinkStatus};
use model::run::{Learnt, Outcome, StepName, Then};
use providers::trouble::{Refused, Trouble};

use super::link_sequencer::login;
use super::stop::has_come_to;
use crate::cx::Cx;

/// How soon it is looked again whether the renaming of its inboxes has ended, in microseconds.
const LOOK_AGAIN: i64 = 10 * SECOND;

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Trouble> {
    if cx.behind {
        let until = cx.now.partner().plus(LOOK_AGAIN);
        return Ok(Outcome::then(Then::Wait { until, why: "Its inboxes are still being renamed.".into() }));
    }
    // One whose linking was begun may be linked although the answer was lost.
    let may_be_linked = |inbox: &&Inbox| inbox.link == LinkStatus::Linked || has_come_to(cx, StepName::LinkSequencer);
    let emails: Vec<_> = cx.inboxes.iter().filter(may_be_linked).map(|inbox| inbox.email.clone()).collect();
    if !emails.is_empty() {
        unlink(cx, &emails).await?;
    }
    cx.mail_host()?.ensure_no_domain(&cx.call).await?;
    Ok(Outcome::done(Learnt::Nothing))
}

/// A login that no longer works must not keep mailboxes alive that nobody pays for.
pub(super) async fn unlink(cx: &Cx<'_>, emails: &[String]) -> Result<(), Trouble> {
    match cx.cast.sequencer.ensure_unlinked(&cx.call, &login(cx)?, emails).await {
        Err(Trouble::Refused(Refused::Ask(_))) => Ok(()),
        unlinked => unlinked,
    }
}
