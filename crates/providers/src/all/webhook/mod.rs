//! A sequencer that hears of inboxes by webhook: each is told by the event `inbox.handed_over` once it is there, and whoever gets that
//! fetches how it is logged in to, and links it. Nobody is asked outside here; the events go the way of all events. Unlike with a
//! file (`csv`), nobody has to know when an order is done.

use std::sync::Arc;

use async_trait::async_trait;
use model::access::AccessKind;
use model::role::Role;

use crate::call::Call;
use crate::descriptor::{Descriptor, Guide};
use crate::kind::{Kind, Opened, Said};
use crate::roles::{Account, Examined, Part, Reachable, Sequencer, SequencerLogin};
use crate::trouble::Trouble;

/// What such an account is.
pub const DESCRIPTOR: Descriptor = Descriptor {
    name: "webhook",
    title: "Inboxes handed over by webhook",
    roles: &[Role::Sequencer],
    fields: &[],
    max_in_flight: 64,
    guide: Guide {
        docs: "https://www.standardwebhooks.com/",
        example: &[],
        credentials: &[
            "None of a vendor's. Orders name it (`sequencer.provider` is `webhook`), and the partner has a webhook endpoint whose `events` name \
             `inbox.handed_over`.",
            "Whoever gets the event sends `POST` to its `access_path` with a key of the preset `full`, and is told how the inbox is logged in to.",
        ],
        limits: &["None."],
        traps: &[
            "An inbox counts as linked as soon as it is there and told. Whether anybody has taken it in, nobody here can see.",
            "What is handed out are app passwords: `inbox_access_needed` asks for those of inboxes at Google and Microsoft (`logins`), and an inbox is \
             told once its own is known. Of inboxes that are made by hand those are handed out that were sent with them; of others the answer \
             says why there is none.",
            "That an inbox leaves is told by the events of its domain and its order; there is none of its own.",
        ],
        sandbox: "None is needed: an order of a test key that names `webhook` tells the event too.",
    },
};

/// How such accounts are made.
pub const KIND: Kind = Kind { descriptor: DESCRIPTOR, open };

#[expect(clippy::unnecessary_wraps, reason = "every kind is opened alike")]
fn open(_: &Said) -> Result<Opened, String> {
    let account = Arc::new(Webhook);
    Ok(Opened { sequencer: Some(account.clone()), account: Some(account), ..Opened::default() })
}

/// Events that somebody hears.
pub struct Webhook;

#[async_trait]
impl Sequencer for Webhook {
    fn takes(&self) -> &'static [AccessKind] {
        &[AccessKind::Password]
    }

    fn insists(&self) -> bool {
        false
    }

    async fn ensure_linked(&self, _: &Call, _: &SequencerLogin, inboxes: &[Reachable]) -> Part<(String, String)> {
        Part { done: inboxes.iter().map(|one| (one.email.clone(), one.email.clone())).collect(), trouble: None }
    }

    async fn ensure_unlinked(&self, _: &Call, _: &SequencerLogin, _: &[String]) -> Result<(), Trouble> {
        Ok(())
    }
}

#[async_trait]
impl Account for Webhook {
    async fn examine(&self) -> Result<Examined, Trouble> {
        Ok(Examined::default())
    }
}
