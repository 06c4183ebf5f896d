//! A sequencer that is a file: the inboxes of an order are handed out as CSV, and whoever reads it links them. Nobody is
//! asked outside, so that an inbox is linked as soon as it is there; its account there is its address.

use std::sync::Arc;

use async_trait::async_trait;
use model::role::Role;

use crate::call::Call;
use crate::descriptor::{Descriptor, Guide};
use crate::kind::{Kind, Opened, Said};
use crate::roles::{Account, Examined, Part, Reachable, Sequencer, SequencerLogin};
use crate::trouble::Trouble;

/// What such an account is.
pub const DESCRIPTOR: Descriptor = Descriptor {
    name: "csv",
    title: "Inboxes handed out as a file",
    roles: &[Role::Sequencer],
    fields: &[],
    max_in_flight: 64,
    guide: Guide {
        docs: "https://www.rfc-editor.org/rfc/rfc4180",
        example: &[],
        credentials: &[
            "None: nobody is asked. `mailwright orders inboxes` writes the file that the sequencer takes in.",
        ],
        limits: &["None."],
        traps: &[
            "An inbox counts as linked as soon as it is there. Whether the sequencer has taken it in, nobody here can see.",
            "A file with logins is written for its owner alone (0600). Delete it when it was read.",
        ],
        sandbox: "None is needed: it asks nobody.",
    },
};

/// How such accounts are made.
pub const KIND: Kind = Kind { descriptor: DESCRIPTOR, open };

#[expect(clippy::unnecessary_wraps, reason = "every kind is opened alike")]
fn open(_: &Said) -> Result<Opened, String> {
    let account = Arc::new(Csv);
    Ok(Opened { sequencer: Some(account.clone()), account: Some(account), ..Opened::default() })
}

/// A file that somebody reads.
pub struct Csv;

#[async_trait]
impl Sequencer for Csv {
    async fn ensure_linked(&self, _: &Call, _: &SequencerLogin, inboxes: &[Reachable]) -> Part<(String, String)> {
        Part { done: inboxes.iter().map(|one| (one.email.clone(), one.email.clone())).collect(), trouble: None }
    }

    async fn ensure_unlinked(&self, _: &Call, _: &SequencerLogin, _: &[String]) -> Result<(), Trouble> {
        Ok(())
    }
}

#[async_trait]
impl Account for Csv {
    async fn examine(&self) -> Result<Examined, Trouble> {
        Ok(Examined::default())
    }
}
