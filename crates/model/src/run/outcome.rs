//! What a step learnt, and what is to happen then.

use super::{RefusedLogin, Run, RunState};
use crate::action::ActionReason;
use crate::clock::Time;
use crate::consent::Heard;
use crate::dns::{DnsHealth, RrSet};
use crate::domain::NameAnswer;
use crate::evidence::{Evidence, LinkLook, MailboxLook};
use crate::first_mail::FirstMail;
use crate::forwarding::ForwardingReason;
use crate::id::InboxId;
use crate::import::ImportReason;
use crate::money::Cents;
use crate::secret::Secret;

/// The end of one try of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What is known now, however the try ended.
    pub learnt: Learnt,
    /// What happens next.
    pub then: Then,
}

/// What a step can bring back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is what its step is for")]
pub enum Learnt {
    #[default]
    Nothing,
    /// It is certain that this try has asked nobody for what its step buys.
    NotAsked,
    /// The name is ours.
    Registered {
        /// Until when.
        expires_at: Time,
        /// How the vendor calls the purchase, where it says it.
        vendor_id: Option<String>,
        /// What was paid, in cents, where the vendor says it.
        paid_cents: Option<Cents>,
    },
    /// What another year of the name costs at the registrar now: more than was agreed.
    RenewalPrice {
        cents: Cents,
    },
    Zone {
        nameservers: Vec<String>,
        /// What the name has beside what is ours: records of the customer's own.
        found: Vec<RrSet>,
    },
    MailDomain {
        records: Vec<RrSet>,
    },
    /// Where the web address leads, and what the zone has to have for that.
    Redirect {
        target: String,
        records: Vec<RrSet>,
    },
    /// Whoever serves the zone was made equal to its row.
    Published {
        /// Which version of it.
        serial: i64,
    },
    /// The keys that mail is signed with.
    SigningKeys {
        records: Vec<RrSet>,
        /// What somebody has sent, and the host wants otherwise.
        instead_of: Vec<RrSet>,
    },
    Inboxes(Vec<MadeInbox>),
    /// The mail host keeps an address for a user who was deleted.
    AddressKept(String),
    /// The sequencer does not let this login in.
    LoginRefused(RefusedLogin),
    Linked(Vec<(InboxId, String)>),
    /// What the mail host says of consents of inboxes' owners.
    Consents(Vec<Heard>),
    /// The API key that the login at the sequencer was exchanged for.
    SequencerKey(Secret),
    /// What was seen of a domain that is to work.
    Looked(Box<Looked>),
    /// The domain's first mail: that it is to be sent, or what came of that.
    FirstMail(FirstMail),
    /// What the registrar says of the name that is to take another's place.
    Buyable(NameAnswer),
    /// An inbox has another name, and maybe another address.
    Renamed {
        inbox: InboxId,
        to: MadeInbox,
    },
    /// It will never work, and what was set up for it has still to be taken down.
    Hopeless {
        /// Why, in words a customer can read.
        words: String,
    },
    /// The host does not sign the domain's mail before a person has had a key made, and the order does not wait for that.
    SignedLater,
    /// The mailboxes are not ours to delete: whoever made them by hand has to.
    LeftByHand,
    /// Nobody can say whether the name's registry lets its nameservers be changed.
    StatusUnknown,
    NotImported(ImportReason),
    NotForwarded(ForwardingReason),
}

/// What was seen of a domain that is to work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// How its records are.
    pub health: DnsHealth,
    /// The look, signed.
    pub evidence: Evidence,
    /// How its mailboxes are, where their host can say it.
    pub mailboxes: Vec<MailboxLook>,
    /// How its accounts at the sequencer are, where that can say it.
    pub links: Vec<LinkLook>,
    /// Which version of the zone was published, when it was.
    pub serial: Option<i64>,
    /// Whether nothing was seen that does not work.
    pub is_well: bool,
    /// Whether anything is put right.
    pub mending: Mending,
}

/// Whether what was seen is put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mending {
    /// There is nothing that is ours to put right.
    Nothing,
    /// There is: it waits for leave, because so much is put right in an hour and no more.
    Wanted,
    /// It was tried.
    Tried,
}

/// What is said where mailboxes stay.
const LEFT_BY_HAND: &str =
    "The mailboxes were made by hand and are not ours to delete: whoever made them has to, or goes on paying for them.";

/// What is said where mail is signed later.
const SIGNED_LATER: &str = "The domain's mail is not signed yet, and the order does not wait for it: a pending action asks for the key once the domain is connected.";

/// What is said where a registry says nothing.
const STATUS_UNKNOWN: &str = "Whether its registry lets its nameservers be changed could not be found out (RDAP): nobody there says it, or nobody answered. Where they cannot be changed at the registrar, a lock of the name has to be taken off there.";

/// A mailbox that exists now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeInbox {
    /// Its address.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
}

/// What happens after a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// On to the next step.
    Done,
    /// The same step goes on at once, with what was learnt now: something has to be put down before it is used.
    Again,
    /// Nothing is wrong; look again at a partner time. Not a failed attempt.
    Wait {
        /// When, partner time.
        until: Time,
        /// For what, in words a customer can read.
        why: String,
    },
    /// Somebody has to do something.
    Ask {
        /// What.
        reason: ActionReason,
        /// Which of the order's personas it is about.
        persona: Option<i64>,
    },
    /// It did not work, or nobody knows whether it did; try again, looking first.
    Retry {
        /// What went wrong, in words a customer can read.
        words: String,
    },
    /// The operator has to mend the configuration or the provider's account.
    Operator {
        /// What is wrong, in words a customer can read.
        words: String,
    },
    /// Nobody wants it any more: see the domain's [`crate::domain::Stop`].
    Stop,
    /// It will never work.
    Fail {
        /// Why, in words a customer can read.
        words: String,
    },
}

impl Then {
    /// Its name in metrics. Append-only.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Again => "again",
            Self::Wait { .. } => "wait",
            Self::Ask { .. } => "ask",
            Self::Retry { .. } => "retry",
            Self::Operator { .. } => "operator",
            Self::Stop => "stop",
            Self::Fail { .. } => "fail",
        }
    }
}

impl Learnt {
    /// A name that is ours until then; nothing else is said of it.
    #[must_use]
    pub const fn bought(expires_at: Time) -> Self {
        Self::Registered { expires_at, vendor_id: None, paid_cents: None }
    }

    /// Whether it is about inboxes, whose rows have to be seen then.
    #[must_use]
    pub const fn concerns_inboxes(&self) -> bool {
        match self {
            Self::Inboxes(_) | Self::Linked(_) | Self::Looked(_) | Self::Renamed { .. } => true,
            Self::Nothing
            | Self::SequencerKey(_)
            | Self::AddressKept(_)
            | Self::LoginRefused(_)
            | Self::Consents(_)
            | Self::NotAsked
            | Self::Registered { .. }
            | Self::RenewalPrice { .. }
            | Self::Zone { .. }
            | Self::MailDomain { .. }
            | Self::SigningKeys { .. }
            | Self::Redirect { .. }
            | Self::Published { .. }
            | Self::FirstMail(_)
            | Self::Buyable(_)
            | Self::Hopeless { .. }
            | Self::LeftByHand
            | Self::SignedLater
            | Self::StatusUnknown
            | Self::NotImported(_)
            | Self::NotForwarded(_) => false,
        }
    }

    /// Whether it is about the zone, whose row has to be seen then.
    #[must_use]
    pub const fn concerns_zone(&self) -> bool {
        match self {
            Self::Zone { .. }
            | Self::MailDomain { .. }
            | Self::SigningKeys { .. }
            | Self::Redirect { .. }
            | Self::Published { .. } => true,
            Self::Looked(looked) => looked.serial.is_some(),
            Self::Nothing
            | Self::SequencerKey(_)
            | Self::AddressKept(_)
            | Self::LoginRefused(_)
            | Self::Consents(_)
            | Self::NotAsked
            | Self::Registered { .. }
            | Self::RenewalPrice { .. }
            | Self::Inboxes(_)
            | Self::Linked(_)
            | Self::FirstMail(_)
            | Self::Buyable(_)
            | Self::Renamed { .. }
            | Self::Hopeless { .. }
            | Self::LeftByHand
            | Self::SignedLater
            | Self::StatusUnknown
            | Self::NotImported(_)
            | Self::NotForwarded(_) => false,
        }
    }

    /// What the timeline says of it although the step is done.
    pub(super) const fn remark(&self) -> Option<&'static str> {
        match self {
            Self::LeftByHand => Some(LEFT_BY_HAND),
            Self::SignedLater => Some(SIGNED_LATER),
            Self::StatusUnknown => Some(STATUS_UNKNOWN),
            _ => None,
        }
    }

    /// Whether partners are told of it even while the workflow goes on.
    const fn is_told(&self) -> bool {
        match self {
            // Whoever changes the order takes its turn.
            Self::Linked(_) | Self::SequencerKey(_) => true,
            Self::Nothing
            | Self::AddressKept(_)
            | Self::LoginRefused(_)
            | Self::Consents(_)
            | Self::NotAsked
            | Self::Registered { .. }
            | Self::RenewalPrice { .. }
            | Self::Zone { .. }
            | Self::MailDomain { .. }
            | Self::SigningKeys { .. }
            | Self::Redirect { .. }
            | Self::Published { .. }
            | Self::Inboxes(_)
            | Self::Looked(_)
            | Self::FirstMail(_)
            | Self::Buyable(_)
            | Self::Renamed { .. }
            | Self::Hopeless { .. }
            | Self::LeftByHand
            | Self::SignedLater
            | Self::StatusUnknown
            | Self::NotImported(_)
            | Self::NotForwarded(_) => false,
        }
    }
}

impl Then {
    /// Whether it asks somebody or ends the workflow, which partners are told.
    const fn is_told(&self) -> bool {
        match self {
            Self::Ask { .. } | Self::Stop | Self::Fail { .. } => true,
            Self::Done | Self::Again | Self::Wait { .. } | Self::Retry { .. } | Self::Operator { .. } => false,
        }
    }
}

impl Outcome {
    /// Whether it ends `run`: nothing looks again.
    #[must_use]
    pub fn ends(&self, run: &Run) -> bool {
        match self.then {
            Then::Stop | Then::Fail { .. } => true,
            Then::Done => run.kind.after(run.step).is_none(),
            Then::Again | Then::Wait { .. } | Then::Ask { .. } | Then::Retry { .. } | Then::Operator { .. } => false,
        }
    }

    /// Whether partners may be told something of what it means for `run`.
    #[must_use]
    pub fn may_tell(&self, run: &Run) -> bool {
        let silent = !self.then.is_told()
            && !self.learnt.is_told()
            && run.kind.after(run.step).is_some()
            && run.state == RunState::Open;
        !(silent && run.kind.spec().is_quiet)
    }

    /// Done, with something learnt.
    #[must_use]
    pub const fn done(learnt: Learnt) -> Self {
        Self { learnt, then: Then::Done }
    }

    /// Nothing learnt.
    #[must_use]
    pub const fn then(then: Then) -> Self {
        Self { learnt: Learnt::Nothing, then }
    }
}
