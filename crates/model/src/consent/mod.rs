//! Consents: the owner of an inbox lets an application of the operator's into it, and a sequencer with it (RFC 6749, section 4.1).
//!
//! An inbox has one row at most. Whoever holds the link of an open question begins a round; the mail host sends them back with a
//! code, which is kept until the step that asked turns it into a grant. A round is answered once.

mod round;

use crate::action::ActionReason;
use crate::clock::Time;
use crate::id::{DomainId, InboxId, PartnerId};
use crate::inbox::{Inbox, LinkStatus};
use crate::named::named;
use crate::secret::Secret;
use crate::world::World;

pub use round::{Answer, Begun, NotNow, answer, begin, give_up, hear};

/// What the owner of an inbox was asked for, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The inbox; it is the row's id.
    pub inbox: InboxId,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// The inbox's domain.
    pub domain: DomainId,
    /// Where it stands.
    pub status: ConsentStatus,
    /// How often it was begun. What belongs to an earlier round is worth nothing.
    pub round: i64,
    /// Until when the round can be answered, server time.
    pub open_until: Time,
    /// Where the mail host sends the owner back to; the code is worth nothing without it.
    pub redirect_uri: String,
    /// What the mail host has answered with, until it is turned into a grant.
    pub code: Option<Secret>,
    /// What lets a sequencer in.
    pub granted: Option<Secret>,
    /// When it was begun for the first time, server time.
    pub created_at: Time,
    /// The fence against lost updates.
    pub version: i64,
}

named! {
    /// Where a consent stands.
    // Append-only: it has left the process.
    pub enum ConsentStatus {
        /// Nobody has answered yet.
        Waiting "waiting",
        /// The owner has said yes, and it is looked whether that lets anybody in.
        Checking "checking",
        /// It lets a sequencer in.
        Granted "granted",
        /// The owner said no.
        Declined "declined",
        /// It was given for another account than the inbox.
        WrongAccount "wrong_account",
        /// It does not allow everything that was asked for.
        Incomplete "incomplete",
        /// The mail host gave nothing for it, or does not let it in any more.
        Lapsed "lapsed",
    }
}

/// What a step has heard of the mail host about an inbox's consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The inbox.
    pub inbox: InboxId,
    /// The round that it was about.
    pub round: i64,
    /// What came.
    pub came: Came,
}

/// What a mail host says of a consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// This lets a sequencer in.
    Grant(Secret),
    /// It does not, for this reason.
    Not(ConsentStatus),
}

/// Whether the sequencer does not get into an inbox with what it has: a grant was taken back, or lets nobody in.
#[must_use]
pub fn is_shut(inbox: &Inbox, asked: ActionReason) -> bool {
    match inbox.link {
        LinkStatus::Linked => false,
        LinkStatus::Failed => true,
        LinkStatus::Waiting => asked == ActionReason::InboxLoginFails,
    }
}

impl ConsentStatus {
    /// Where it stands for the owner of an inbox that is, or is not, shut all the same.
    #[must_use]
    pub const fn shown(self, is_shut: bool) -> Self {
        match self {
            Self::Granted if is_shut => Self::Lapsed,
            status => status,
        }
    }

    /// What to do, in words that an inbox's owner can read.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Waiting => "Open the link, sign in as the inbox itself, and say yes.",
            Self::Checking => "The consent has arrived, and is being checked.",
            Self::Granted => "The consent was given. There is nothing left to do.",
            Self::Declined => "The consent was declined. Open the link again to give it after all.",
            Self::WrongAccount => {
                "The consent was given for another account, and was not taken. Open the link again, and sign in as the inbox itself."
            }
            Self::Incomplete => {
                "The consent leaves out something that was asked for. Open the link again, and leave every box ticked."
            }
            Self::Lapsed => "The mail provider does not take the consent any more. Open the link again.",
        }
    }
}
