//! Unlinks a domain's inboxes and deletes them.

use model::inbox::LinkStatus;
use model::run::{Learnt, Outcome};
use providers::trouble::{Refused, Trouble};

use super::link_sequencer::login;
use crate::cx::Cx;

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Trouble> {
    let linked = cx.inboxes.iter().filter(|inbox| inbox.link == LinkStatus::Linked);
    let emails: Vec<_> = linked.map(|inbox| inbox.email.clone()).collect();
    if !emails.is_empty() {
        match cx.cast.sequencer.ensure_unlinked(&cx.call, &login(cx)?, &emails).await {
            // A login that no longer works must not keep mailboxes alive that nobody pays for.
            Ok(()) | Err(Trouble::Refused(Refused::Ask(_))) => {}
            Err(trouble) => return Err(trouble),
        }
    }
    cx.mail_host()?.ensure_no_domain(&cx.call).await?;
    Ok(Outcome::done(Learnt::Nothing))
}
