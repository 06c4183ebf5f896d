//! A look at everything that makes a domain work: what is seen, by whom, signed.

mod first_mail;
mod links;
mod mailboxes;
mod records;

use model::evidence::{Check, Evidence, LinkLook, MailboxLook, Statement, Which};
use model::first_mail::Next;
use model::run::{Looked, Mending};

use self::first_mail::Probed;
use crate::cx::Cx;
use crate::party::Fault;

pub(crate) use first_mail::send;

/// What was seen, and what kept somebody from answering.
pub(crate) struct Look {
    /// Each thing that was looked at.
    pub(crate) statement: Statement,
    /// What the run learns of it.
    pub(crate) looked: Looked,
    /// Who could not say how the inboxes are, and why.
    pub(crate) fault: Option<Fault>,
    /// What happens with the domain's first mail, where something has to.
    pub(crate) first_mail: Option<Next>,
}

/// What was found of the inboxes in one place.
struct Found<T> {
    check: Check,
    all: Vec<T>,
    fault: Option<Fault>,
}

/// Looks at the records, the mailboxes and the accounts at the sequencer. Without an answer about the records nothing is said
/// at all.
pub(crate) async fn look(cx: &Cx<'_>) -> Result<Look, Fault> {
    let (records, mailboxes, links) = tokio::join!(records::look(cx), mailboxes::look(cx), links::look(cx));
    let (mut checks, health) = records?;
    let (mailboxes, links): (Found<MailboxLook>, Found<LinkLook>) = (mailboxes?, links?);
    checks.extend([mailboxes.check, links.check]);
    let Probed { check, next: first_mail } = first_mail::look(cx, &checks).await?;
    checks.push(check);
    let at = cx.now.partner();
    let statement = Statement::of(cx.domain, checks, at);
    let is_well = statement.is_whole();
    let evidence = Evidence {
        domain: cx.domain.id.clone(),
        which: Which::Latest,
        partner: cx.domain.partner.clone(),
        world: cx.domain.world.clone(),
        checked_at: at,
        summary: statement.summary(),
        document: cx.vault.signed(&statement),
    };
    let (mailboxes_found, links_found) = (mailboxes.all, links.all);
    let looked = Looked {
        health,
        evidence,
        mailboxes: mailboxes_found,
        links: links_found,
        serial: None,
        is_well,
        mending: Mending::Nothing,
    };
    Ok(Look { statement, looked, fault: last(mailboxes.fault, links.fault), first_mail })
}

/// What is waited for where two could not say it: the later, for before that nothing is known whole.
fn last(one: Option<Fault>, other: Option<Fault>) -> Option<Fault> {
    let until = |fault: &Option<Fault>| match fault {
        Some(Fault::Of(_, trouble)) => trouble.until(),
        Some(Fault::Ours(_)) | None => None,
    };
    match (until(&one), until(&other)) {
        (Some(first), Some(second)) if second > first => other,
        _ => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use model::clock::{MINUTE, Time};
    use model::role::Role;
    use model::run::Then;
    use providers::trouble::Trouble;

    use super::*;

    fn later(role: Role, until: Option<Time>) -> Option<Fault> {
        Some(Fault::Of(role, Trouble::Later(until)))
    }

    /// Until when it is waited, and `None` where nobody says how long.
    fn waited(one: Option<Fault>, other: Option<Fault>) -> Option<Time> {
        match last(one, other).map(Fault::then) {
            Some(Then::Wait { until, .. }) => Some(until),
            _ => None,
        }
    }

    #[test]
    fn of_two_who_cannot_say_it_yet_the_later_is_waited_for_whichever_it_is() {
        let (soon, late) = (Time(MINUTE), Time(2 * MINUTE));
        for (one, other) in [(soon, late), (late, soon), (late, late)] {
            assert_eq!(waited(later(Role::Mail, Some(one)), later(Role::Sequencer, Some(other))), Some(late));
        }
    }

    #[test]
    fn who_says_no_time_hides_nobody_who_was_asked_before() {
        let (soon, none) = (Time(MINUTE), || later(Role::Sequencer, None));
        assert_eq!(waited(later(Role::Mail, Some(soon)), none()), Some(soon));
        assert_eq!(waited(later(Role::Mail, Some(soon)), None), Some(soon));
        assert_eq!(waited(None, later(Role::Sequencer, Some(soon))), Some(soon));
        assert!(matches!(last(None, none()), Some(Fault::Of(Role::Sequencer, _))));
        assert!(last(None, None).is_none());
    }
}
