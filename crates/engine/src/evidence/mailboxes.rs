//! Whether the mail host has the mailboxes.

use model::evidence::{CheckName, MailboxLook, judge_mailboxes};

use super::Found;
use super::links::{living, unsaid};
use crate::cx::Cx;
use crate::party::Fault;

pub(super) async fn look(cx: &Cx<'_>) -> Result<Found<MailboxLook>, Fault> {
    let emails = living(cx);
    if cx.is_renaming {
        return Ok(Found {
            check: unsaid(CheckName::Mailboxes, "Inboxes are being renamed or closed."),
            all: vec![],
            fault: None,
        });
    }
    let (host, provider) = (cx.mail_host()?, cx.domain.provider.map_or("the mail host", |one| one.as_str()));
    match host.ask(|host| host.mailboxes(&cx.call, &emails)).await {
        Ok(found) => {
            let known: Vec<_> = emails.iter().map(String::as_str).collect();
            let check = judge_mailboxes(found.as_deref(), &known, provider, cx.now.partner());
            Ok(Found { check, all: found.unwrap_or_default(), fault: None })
        }
        Err(fault) => {
            let check = unsaid(CheckName::Mailboxes, "The mail host could not be asked.");
            Ok(Found { check, all: vec![], fault: Some(fault) })
        }
    }
}
