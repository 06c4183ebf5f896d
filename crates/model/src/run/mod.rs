//! Runs: one workflow for one thing, and the decisions that move it on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::by_hand::HandMade;
use crate::clock::{Now, Time};
use crate::dns::RrSet;
use crate::domain::Domain;
use crate::first_mail::FirstMail;
use crate::id::{DomainId, Id, OrderId, PartnerId, RunId};
use crate::money::Cents;
use crate::named::named;
use crate::world::World;

mod advance;
mod delegation;
mod effects;
mod evaluate;
mod given;
mod late;
mod looked;
mod outcome;
mod spec;
mod steps;
#[cfg(test)]
pub(crate) mod tests;

pub use advance::{Moved, Next, Policy, Try, advance};
pub use delegation::await_delegation;
pub(crate) use effects::has_ended;
pub(crate) use effects::plan_renewal;
pub use effects::{
    Closing, LOOK, Provisioning, RENEW_AHEAD, Renewing, Watching, close, expire, leaves_something, next_look,
    provision, renew, watch,
};
pub use effects::{Importing, Redirecting, import, progress, redirect};
pub use effects::{LookingBack, look_back};
pub use effects::{Renaming, Replacing, Swapping, rename, replace};
pub use effects::{Signing, sign};
pub use effects::{Zoning, first_policy, zone};
pub use evaluate::{Meanwhile, Seen};
pub use given::roles_given;
pub use late::{Late, look_again};
pub use outcome::{Learnt, Looked, MadeInbox, Mending, Outcome, Then};
pub use spec::{Behind, Failure, HolderOf, Others, RunSpec, StepSpec};
pub use steps::{RunKind, StepName};

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its id: with the step's name it is the reference that providers see.
    pub id: RunId,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// Which workflow.
    pub kind: RunKind,
    /// The order it works for; imports and the inventory have none.
    pub order: Option<OrderId>,
    /// The domain it works on.
    pub domain: DomainId,
    /// The swap, import or forwarding job it is a part of.
    pub job: Option<String>,
    /// Where it stands.
    pub state: RunState,
    /// The step that is next or under way.
    pub step: StepName,
    /// What its steps have learnt and later ones need.
    pub memory: Memory,
    /// What has happened, step by step.
    pub steps: Vec<StepRecord>,
    /// When it began, partner time.
    pub created_at: Time,
    /// When it ended, partner time.
    pub finished_at: Option<Time>,
    /// The fence against lost updates.
    pub version: i64,
}

named! {
    /// Where a run stands.
    pub enum RunState {
        /// Going on.
        Open "open",
        /// Waiting for a person, and looking again by itself.
        Asking "asking",
        /// At its end.
        Done "done",
        /// Given up.
        Failed "failed",
    }
}

/// What a run's steps have learnt and later ones need.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Whether an import may take over a name at which mail is received.
    pub replace_live_mail: bool,
    /// Where a forwarding job wants the web address to lead.
    pub target: Option<String>,
    /// The address that an inbox is to have.
    pub address: Option<String>,
    /// The address that it had before.
    pub old_address: Option<String>,
    /// Which of the domain's personas it is to carry.
    pub persona: Option<usize>,
    /// How often a person has said that the open question is answered.
    pub nudges: i64,
    /// How many tries of it ended when the run was no longer theirs: what was decided by who looked meanwhile is looked
    /// at again.
    pub late: i64,
    /// The reference of a purchase that may have come too late.
    pub looks_for: Option<String>,
    /// What another year costs at the registrar, in cents, while people are asked whether they pay it.
    pub renewal_cents: Option<Cents>,
    /// Whether the last try since a question was asked left open what it has done.
    pub in_doubt: bool,
    /// Whether the step has been put off to a day far ahead: it is not waited for before.
    pub is_planned: bool,
    /// Why the domain will never work, while what was set up for it is taken down.
    pub verdict: Option<String>,
    /// The zone's nameservers.
    pub nameservers: Vec<String>,
    /// The records that the mail host wants.
    pub mail_records: Vec<RrSet>,
    /// Addresses that the mail host keeps for users who were deleted.
    pub kept: Vec<String>,
    /// The keys that somebody has sent for the domain's mail to be signed with.
    pub signing_keys: Vec<RrSet>,
    /// The login that the sequencer did not let in: it is not tried again before somebody has said something.
    pub refused_login: Option<RefusedLogin>,
    /// Whether somebody has sent a login at the sequencer: it comes before the keys of whoever the order is for, or whose it is.
    pub login_sent: bool,
    /// What somebody has said of mailboxes that are made by hand.
    pub by_hand: Option<HandMade>,
    /// Whether the domain's mail is signed after it was connected.
    pub is_signed_later: bool,
    /// Whether this try may put right what it finds.
    pub may_mend: bool,
    /// When something was last put right.
    pub mended: Option<Mended>,
    /// The mail that shows how the domain's mail arrives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_mail: Option<FirstMail>,
}

/// That something was put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mended {
    /// When, partner time.
    pub at: Time,
    /// How often a person had said that the open question is answered.
    pub nudges: i64,
}

/// A login that a sequencer did not let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedLogin {
    /// Its e-mail address.
    pub email: String,
    /// Its password, sealed as the order has it.
    pub sealed: String,
    /// How often a person had said that the open question is answered.
    pub nudges: i64,
}

/// One step of a run, as the timeline shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepRecord {
    /// Which step.
    pub step: StepName,
    /// Where it stands.
    pub state: StepState,
    /// When its first try was begun.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Time,
    /// When it was done or given up.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Time>,
    /// How often it was tried.
    pub attempts: i64,
    /// The last trouble, in words a customer can read.
    pub trouble: Option<String>,
    /// Who has to do something.
    pub who: Option<Who>,
    /// When it is tried or looked at again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_try_at: Option<Time>,
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Will be tried again, or is waiting for a time.
    Waiting,
    /// Waiting for a person.
    Asking,
    /// Done.
    Done,
    /// Failed for good.
    Failed,
}

/// Who has to do something before a step can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The partner or their customer: see the pending action.
    Partner,
    /// Whoever runs this installation.
    Operator,
}

impl RunState {
    /// Whether there is something to do, now or later.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Open | Self::Asking)
    }
}

impl Run {
    /// A run that has not begun.
    #[must_use]
    pub fn new(id: RunId, kind: RunKind, domain: &Domain, now: Now) -> Self {
        Self {
            id,
            partner: domain.partner.clone(),
            world: domain.world.clone(),
            kind,
            order: domain.order.clone(),
            domain: domain.id.clone(),
            job: None,
            state: RunState::Open,
            step: kind.steps()[0],
            memory: Memory::default(),
            steps: vec![],
            created_at: now.partner(),
            finished_at: None,
            version: 1,
        }
    }

    /// The same run as a part of a swap, import or forwarding job.
    #[must_use]
    pub fn part_of(mut self, job: &impl Id) -> Self {
        self.job = Some(job.as_str().to_owned());
        self
    }

    /// Whether it has something to do, now or later.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.state.is_live()
    }

    /// Whether its step waits until the operator has mended something.
    #[must_use]
    pub fn is_parked(&self) -> bool {
        self.record().is_some_and(|record| record.who == Some(Who::Operator))
    }

    /// When its step will have waited for longer than it usually does, partner time; `None` for one that is getting on, or
    /// waits for a person.
    #[must_use]
    pub fn overdue_at(&self) -> Option<Time> {
        let waits = |record: &&StepRecord| record.state == StepState::Waiting && record.who.is_none();
        let record = self.record().filter(waits)?;
        let planned = record.next_try_at.filter(|_| self.memory.is_planned);
        let usual = record.started_at.plus(self.step.spec().usual);
        record.trouble.as_ref().map(|_| planned.unwrap_or(usual))
    }

    /// What is known of the step that is next or under way, once it was tried.
    #[must_use]
    pub fn record(&self) -> Option<&StepRecord> {
        self.steps.iter().find(|record| record.step == self.step)
    }

    /// The same run, ended because nobody wants what it is for.
    pub(crate) fn called_off(&self, now: Now) -> Self {
        let mut run = Self { state: RunState::Failed, finished_at: Some(now.partner()), ..self.clone() };
        if let Some(record) = run.steps.iter_mut().find(|record| record.step == run.step) {
            record.state = StepState::Failed;
            record.finished_at = run.finished_at;
            record.trouble = Some("It was cancelled.".into());
            record.who = None;
            record.next_try_at = None;
        }
        run
    }

    /// What a provider is told to know this step's effects by, the same on every try.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{}/{}", self.id, self.step.as_str())
    }

    /// What a provider was told when this run bought its name.
    #[must_use]
    pub fn purchase_reference(&self) -> String {
        format!("{}/{}", self.id, StepName::RegisterName.as_str())
    }

    /// Tries of the current step that have ended so far.
    #[must_use]
    pub fn attempts(&self) -> i64 {
        self.record().map_or(0, |record| record.attempts)
    }
}
