//! Mailboxes that people make by hand, at Google or Microsoft. It acts on nothing and asks nobody outside: what somebody has
//! said comes with the call, and until then it answers that somebody has to be asked.

use std::sync::Arc;

use async_trait::async_trait;
use model::action::ActionReason;
use model::by_hand::HandMade;
use model::dns::RrSet;
use model::role::Role;

use crate::call::Call;
use crate::descriptor::{Descriptor, Guide};
use crate::kind::{Kind, Opened, Said};
use crate::roles::{Account, Examined, MailHost, MailboxSpec, Part};
use crate::trouble::{Refused, Trouble};

/// What such an account is.
pub const DESCRIPTOR: Descriptor = Descriptor {
    name: "by_hand",
    title: "Mailboxes made by hand",
    roles: &[Role::Mail],
    fields: &[],
    max_in_flight: 64,
    guide: Guide {
        docs: "https://support.google.com/a/answer/33310",
        example: &[],
        credentials: &[
            "None: whoever makes the mailboxes has the tenant, and knows how to get into it.",
            "For each domain one pending action lists the addresses, names and pictures to make; `mailwright actions show ACTION` shows it.",
            "Make them, then say so with `mailwright actions resolve`, or `POST /orders/pending/{id}/resolve`: with the records that \
             the host wants and, where there are any, the logins.",
        ],
        limits: &["As many domains and licences as the tenant has."],
        traps: &[
            "Nothing is looked at in the tenant: what you say is believed, and then held against what the world sees of the records.",
            "Mailboxes of a domain that is given up stay, and go on costing: the timeline says so, and whoever made them deletes them.",
        ],
        sandbox: "None is needed: it asks nobody.",
    },
};

/// How such accounts are made.
pub const KIND: Kind = Kind { descriptor: DESCRIPTOR, open };

#[expect(clippy::unnecessary_wraps, reason = "every kind is opened alike")]
fn open(_: &Said) -> Result<Opened, String> {
    let account = Arc::new(ByHand);
    Ok(Opened {
        google: Some(account.clone()),
        microsoft: Some(account.clone()),
        account: Some(account),
        ..Opened::default()
    })
}

/// Somebody who makes mailboxes by hand.
pub struct ByHand;

/// That somebody has to do it, and say so.
const fn ask() -> Trouble {
    Trouble::Refused(Refused::Ask(ActionReason::MailboxesByHand))
}

fn said(call: &Call) -> Result<&HandMade, Trouble> {
    call.by_hand.as_ref().ok_or_else(ask)
}

fn made(call: &Call) -> Result<(), Trouble> {
    if said(call)?.made { Ok(()) } else { Err(ask()) }
}

#[async_trait]
impl MailHost for ByHand {
    async fn ensure_domain(&self, call: &Call) -> Result<Vec<RrSet>, Trouble> {
        let records = &said(call)?.records;
        if records.is_empty() { Err(ask()) } else { Ok(records.clone()) }
    }

    /// Whoever makes the mailboxes cannot before the provider has accepted the domain, so that their word for the mailboxes
    /// is one for this.
    async fn ensure_verified(&self, _: &Call) -> Result<Vec<RrSet>, Trouble> {
        Ok(vec![])
    }

    async fn ensure_mailboxes(&self, call: &Call, mailboxes: &[MailboxSpec]) -> Part<String> {
        match made(call) {
            Ok(()) => Part { done: mailboxes.iter().map(|one| one.email.clone()).collect(), trouble: None },
            Err(trouble) => Part { done: vec![], trouble: Some(trouble) },
        }
    }

    async fn ensure_renamed(&self, call: &Call, _from: &str, _to: &MailboxSpec) -> Result<(), Trouble> {
        made(call)
    }

    /// Nothing of it is ours to delete, and nobody can say that it is gone.
    async fn ensure_no_domain(&self, _: &Call) -> Result<(), Trouble> {
        Err(ask())
    }
}

#[async_trait]
impl Account for ByHand {
    async fn examine(&self) -> Result<Examined, Trouble> {
        Ok(Examined::default())
    }
}

#[cfg(test)]
mod tests {
    use model::clock::Time;
    use model::dns::RrType;
    use model::domain::DomainName;
    use model::world::World;

    use super::*;

    fn call(by_hand: Option<HandMade>) -> Call {
        Call {
            world: World::live(),
            now: Time(0),
            reference: "run_1/open_mail_domain".into(),
            nudges: 0,
            subject: DomainName::stored("acme.com"),
            registrant: None,
            asked_at: None,
            customer: None,
            by_hand,
        }
    }

    fn records() -> Vec<RrSet> {
        vec![RrSet { name: "acme.com".into(), rtype: RrType::Mx, ttl: 3600, values: vec!["1 mx.example".into()] }]
    }

    fn mailbox() -> MailboxSpec {
        let (first_name, last_name) = ("Alex".into(), "Rivera".into());
        MailboxSpec { email: "alex@acme.com".into(), first_name, last_name, picture: None }
    }

    #[tokio::test]
    async fn somebody_is_asked_until_they_have_said_it() {
        let (host, one) = (ByHand, [mailbox()]);
        for (known, opens, makes) in [
            (None, false, false),
            (Some(HandMade { records: vec![], made: true }), false, true),
            (Some(HandMade { records: records(), made: false }), true, false),
            (Some(HandMade { records: records(), made: true }), true, true),
        ] {
            let call = call(known);
            let opened = host.ensure_domain(&call).await;
            assert_eq!(opened, if opens { Ok(records()) } else { Err(ask()) });
            let part = host.ensure_mailboxes(&call, &one).await;
            let done = if makes { vec!["alex@acme.com".to_owned()] } else { vec![] };
            assert_eq!((part.done, part.trouble), (done, (!makes).then(ask)));
            let renamed = host.ensure_renamed(&call, "sam@acme.com", &mailbox()).await;
            assert_eq!(renamed, if makes { Ok(()) } else { Err(ask()) });
            assert_eq!(host.ensure_no_domain(&call).await, Err(ask()), "nobody has said that it is gone");
        }
    }
}
