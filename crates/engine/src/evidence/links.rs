//! Whether the sequencer gets into the mailboxes.

use model::evidence::{Check, CheckName, LinkLook, Verdict, judge_links};
use model::inbox::InboxStatus;
use providers::roles::Link;

use super::Found;
use crate::cx::Cx;
use crate::party::Fault;
use crate::steps::sequencer_login::known;

pub(super) async fn look(cx: &Cx<'_>) -> Result<Found<LinkLook>, Fault> {
    let emails = living(cx);
    let unknown = |why: &str, fault| Ok(Found { check: unsaid(CheckName::Sequencer, why), all: vec![], fault });
    if cx.is_renaming {
        return unknown("Inboxes are being renamed or closed.", None);
    }
    let Some(login) = known(cx)? else { return unknown("There is no key of the sequencer.", None) };
    match cx.sequencer().ask(|sequencer| sequencer.links(&cx.call, &login, &emails)).await {
        Ok(found) => {
            let found = found.map(|found| emails.iter().map(|email| of(email, &found)).collect::<Vec<_>>());
            let known: Vec<_> = emails.iter().map(String::as_str).collect();
            let check = judge_links(found.as_deref(), &known, cx.now.partner());
            Ok(Found { check, all: found.unwrap_or_default(), fault: None })
        }
        Err(fault) => unknown("The sequencer could not be asked.", Some(fault)),
    }
}

/// The addresses of the inboxes that are to work.
pub(super) fn living(cx: &Cx<'_>) -> Vec<String> {
    let lives = cx.inboxes.iter().filter(|inbox| inbox.status != InboxStatus::Deleted);
    lives.map(|inbox| inbox.email.clone()).collect()
}

pub(super) fn unsaid(check: CheckName, why: &str) -> Check {
    Check::new(check, Verdict::Unknown, Some(why.to_owned()), vec![])
}

/// How the account of an address is among those that there are.
fn of(email: &str, found: &[Link]) -> LinkLook {
    let link = found.iter().find(|link| link.email.eq_ignore_ascii_case(email));
    let (sends, receives) = link.map_or((None, None), |link| (link.sends, link.receives));
    LinkLook { email: email.to_owned(), exists: link.is_some(), sends, receives }
}
