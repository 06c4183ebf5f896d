//! What each step and each workflow is like: the one place that knows. Whoever works on them reads it here, and a name
//! that is added does not compile before it is described.

use super::{RunKind, StepName};
use crate::action::{ActionReason, ActionType};
use crate::clock::{DAY, HOUR, SECOND};
use crate::domain::DomainStatus;
use crate::role::Role;

/// What a step is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepSpec {
    /// What it does, in words a customer can read.
    pub title: &'static str,
    /// Whom it talks to.
    pub talks_to: &'static [Role],
    /// Whether it may change something outside; otherwise it only looks.
    pub acts: bool,
    /// Whether it spends money: what decides that is read right before.
    pub buys: bool,
    /// What people may send for it while it is tried, to the question of any domain of the order: it works with the
    /// order as it is when it begins, and does not ask for what has come since.
    pub answers: &'static [ActionType],
    /// What a domain is called meanwhile, in workflows that change what the domain is.
    pub status: Option<DomainStatus>,
    /// How long it may take when it does not get on at once, in microseconds; then the operator hears of it.
    pub usual: i64,
}

/// What a workflow is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunSpec {
    /// Its steps, in their order.
    pub steps: &'static [StepName],
    /// What has to end before it begins.
    pub behind: Option<Behind>,
    /// Whether the domain is called by its steps.
    pub names_the_domain: bool,
    /// What a domain is when it has ended well.
    pub status_after: Option<DomainStatus>,
    /// Whether the domain waits for a person when it does; otherwise it works on meanwhile.
    pub holds_the_domain_up: bool,
    /// Whether its questions go to people; otherwise to the operator, for nobody is asked about what has left.
    pub asks_people: bool,
    /// Whether a question about a domain that has begun to leave meanwhile is not asked: it looks again first.
    pub spares_leaving: bool,
    /// What a failure for good means.
    pub failure: Failure,
    /// Whether it fails when it has been in vain for long, rather than wait for the operator.
    pub gives_up: bool,
    /// Whether what was set up is taken down when nobody wants it any more, or it fails.
    pub clears_up: bool,
    /// Whether its job is a swap that its steps need to know.
    pub is_part_of_swap: bool,
    /// Whose holder its steps need to know.
    pub looks_for_holder: Option<HolderOf>,
    /// Whether its steps tell nothing of the order before the last, unless they ask, end or link.
    pub is_quiet: bool,
}

/// What has to end before a workflow begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behind {
    /// Which other runs.
    pub others: Others,
    /// How soon it is looked again whether they have ended, in microseconds.
    pub look: i64,
    /// What is waited for, in words a customer can read.
    pub why: &'static str,
}

/// The other runs that a workflow waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// Earlier ones of the same kind on the domain.
    Earlier,
    /// All of another kind on the domain.
    All(RunKind),
    /// Those that look back at the domain's name, on whatever row.
    LooksBackAtName,
}

/// What it means that a workflow failed for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The domain has failed too.
    FailsTheDomain,
    /// It has ended, and the domain is what it was.
    EndsTheRun,
    /// People are asked about it.
    Asks(ActionReason),
    /// The operator has to see why: nothing undoes a clean-up.
    WaitsForOperator,
}

/// A name whose holder a step needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolderOf {
    /// The domain's own.
    ItsName,
    /// The one that the swap wants.
    Replacement,
}

impl StepSpec {
    /// How long it may wait in all, in microseconds; then the operator is asked, and it goes on looking.
    #[must_use]
    pub const fn longest(&self) -> i64 {
        7 * self.usual
    }
}

const fn looks(title: &'static str, talks_to: &'static [Role]) -> StepSpec {
    StepSpec { title, talks_to, acts: false, buys: false, answers: &[], status: None, usual: HOUR }
}

const fn acts(title: &'static str, talks_to: &'static [Role]) -> StepSpec {
    StepSpec { acts: true, ..looks(title, talks_to) }
}

const REGISTERING: Option<DomainStatus> = Some(DomainStatus::Registering);
const PROVISIONING: Option<DomainStatus> = Some(DomainStatus::Provisioning);
const CONFIGURING: Option<DomainStatus> = Some(DomainStatus::Configuring);
const CONNECTING: Option<DomainStatus> = Some(DomainStatus::Connecting);
const RELEASING: Option<DomainStatus> = Some(DomainStatus::Releasing);
const LOGIN: &[ActionType] = &[ActionType::SequencerLogin];
const PICTURE: &[ActionType] = &[ActionType::GoogleProfilePicture];

/// The look at all of it before a domain is said to be connected.
const CONFIRMING: StepSpec = StepSpec {
    answers: LOGIN,
    status: CONNECTING,
    usual: DAY,
    ..looks("Check that everything can be seen from outside", &[Role::Observer, Role::Mail, Role::Sequencer])
};

impl StepName {
    /// What the step is like.
    #[must_use]
    pub const fn spec(self) -> StepSpec {
        use Role::{Dns, Mail, Observer, Redirect, Registrar, Sequencer};
        match self {
            Self::RegisterName => {
                StepSpec { buys: true, status: REGISTERING, usual: DAY, ..acts("Buy the name", &[Registrar, Mail]) }
            }
            Self::CreateZone => StepSpec { status: CONFIGURING, ..acts("Create the DNS zone", &[Dns, Observer]) },
            Self::DelegateName => StepSpec {
                status: CONFIGURING,
                usual: 2 * DAY,
                ..acts("Point the name at our nameservers", &[Registrar, Observer])
            },
            // A signing key alone may take three days.
            Self::OpenMailDomain => {
                StepSpec { status: CONFIGURING, usual: 4 * DAY, ..acts("Open the mail domain", &[Mail]) }
            }
            Self::PublishRecords => StepSpec { status: CONFIGURING, ..acts("Publish the DNS records", &[Dns]) },
            Self::VerifyMailDomain => StepSpec {
                status: CONFIGURING,
                usual: DAY,
                ..acts("Have the mail provider verify the domain", &[Mail, Dns])
            },
            Self::CreateInboxes => StepSpec {
                answers: PICTURE,
                buys: true,
                status: PROVISIONING,
                ..acts("Create the inboxes", &[Mail, Observer])
            },
            Self::SetForwarding => {
                StepSpec { status: CONNECTING, ..acts("Set up forwarding", &[Observer, Redirect, Dns]) }
            }
            Self::LinkSequencer => StepSpec {
                answers: LOGIN,
                status: CONNECTING,
                ..acts("Link the inboxes to the sequencer", &[Sequencer, Mail])
            },
            // A signing key alone may take three days, and somebody has to fetch it.
            Self::SignMail => StepSpec {
                status: CONNECTING,
                usual: 4 * DAY,
                ..acts("Have the mail provider sign the domain's mail", &[Mail, Dns])
            },
            Self::ConfirmReady => CONFIRMING,
            Self::InspectName => StepSpec { status: CONFIGURING, ..looks("Look at the name", &[Observer]) },
            Self::CloseInboxes => {
                StepSpec { answers: LOGIN, status: RELEASING, ..acts("Delete the inboxes", &[Sequencer, Mail]) }
            }
            Self::ReleaseDomain => StepSpec { status: RELEASING, ..acts("Release the name", &[Redirect, Dns]) },
            Self::RenewName => {
                StepSpec { buys: true, usual: DAY, ..acts("Renew the registration", &[Registrar, Observer]) }
            }
            Self::FindReplacement => StepSpec { usual: DAY, ..looks("Wait for the replacement name", &[Registrar]) },
            Self::RenameInbox => StepSpec { answers: PICTURE, ..acts("Rename the inbox", &[Mail, Observer]) },
            Self::RelinkInbox => StepSpec { answers: LOGIN, ..acts("Link the renamed inbox", &[Sequencer, Mail]) },
            Self::LookAtDns => acts("Look after the domain", &[Observer, Dns, Mail, Sequencer]),
            Self::LookBack => StepSpec {
                usual: DAY,
                ..acts("Look whether late work left something behind", &[Registrar, Dns, Redirect, Mail, Sequencer])
            },
        }
    }
}

/// The making of a domain.
const MAKING: &[StepName] = &[
    StepName::RegisterName,
    StepName::CreateZone,
    StepName::DelegateName,
    StepName::OpenMailDomain,
    StepName::PublishRecords,
    StepName::VerifyMailDomain,
    StepName::CreateInboxes,
    StepName::SetForwarding,
    StepName::LinkSequencer,
    StepName::SignMail,
    StepName::ConfirmReady,
];

/// The end of a domain.
const CLOSING: &[StepName] = &[StepName::CloseInboxes, StepName::ReleaseDomain];

/// A workflow on a domain that works, and stays what it is whatever comes of this.
const ASIDE: RunSpec = RunSpec {
    steps: &[],
    behind: None,
    names_the_domain: false,
    status_after: None,
    holds_the_domain_up: true,
    asks_people: true,
    spares_leaving: false,
    failure: Failure::EndsTheRun,
    gives_up: false,
    clears_up: false,
    is_part_of_swap: false,
    looks_for_holder: None,
    is_quiet: false,
};

/// Having mail signed beside a domain that works.
const SIGNING: RunSpec = RunSpec {
    steps: &[StepName::SignMail, StepName::ConfirmReady],
    holds_the_domain_up: false,
    spares_leaving: true,
    ..ASIDE
};

/// A workflow that makes a domain of a name.
const MAKES: RunSpec =
    RunSpec { behind: Some(BEHIND_THE_PAST), names_the_domain: true, failure: Failure::FailsTheDomain, ..ASIDE };

/// What is left of the name is taken down first, or it would be taken from under this run.
const BEHIND_THE_PAST: Behind = Behind {
    others: Others::LooksBackAtName,
    look: SECOND,
    why: "What an earlier order left of the name is being cleared away.",
};

/// What one run writes over the other's must happen in their order.
const BEHIND_EARLIER: Behind =
    Behind { others: Others::Earlier, look: SECOND, why: "An earlier change of it is still under way." };

/// An inbox between two addresses may be linked under either.
const BEHIND_RENAMES: Behind =
    Behind { others: Others::All(RunKind::Rename), look: 10 * SECOND, why: "Its inboxes are still being renamed." };

impl RunKind {
    /// What the workflow is like.
    #[must_use]
    pub const fn spec(self) -> RunSpec {
        use StepName as S;
        match self {
            Self::Provision => RunSpec {
                steps: MAKING,
                status_after: Some(DomainStatus::Active),
                clears_up: true,
                is_quiet: true,
                ..MAKES
            },
            Self::Import => RunSpec {
                steps: &[S::InspectName, S::CreateZone, S::PublishRecords, S::DelegateName],
                status_after: Some(DomainStatus::Available),
                ..MAKES
            },
            Self::Forward => {
                RunSpec { steps: &[S::SetForwarding], behind: Some(BEHIND_EARLIER), gives_up: true, ..ASIDE }
            }
            Self::Close => RunSpec {
                steps: CLOSING,
                behind: Some(BEHIND_RENAMES),
                names_the_domain: true,
                status_after: Some(DomainStatus::Released),
                asks_people: false,
                failure: Failure::WaitsForOperator,
                ..ASIDE
            },
            Self::Renew => RunSpec {
                steps: &[S::RenewName],
                spares_leaving: true,
                failure: Failure::Asks(ActionReason::RegistrarRejected),
                ..ASIDE
            },
            Self::Replace => RunSpec {
                steps: &[S::FindReplacement],
                holds_the_domain_up: false,
                is_part_of_swap: true,
                looks_for_holder: Some(HolderOf::Replacement),
                ..ASIDE
            },
            Self::Rename => RunSpec {
                steps: &[S::RenameInbox, S::RelinkInbox],
                holds_the_domain_up: false,
                spares_leaving: true,
                is_part_of_swap: true,
                ..ASIDE
            },
            Self::Watch => RunSpec { steps: &[S::LookAtDns], spares_leaving: true, ..ASIDE },
            Self::Sign => SIGNING,
            Self::LookBack => RunSpec {
                steps: &[S::LookBack],
                holds_the_domain_up: false,
                asks_people: false,
                failure: Failure::WaitsForOperator,
                looks_for_holder: Some(HolderOf::ItsName),
                ..ASIDE
            },
        }
    }

    /// Its steps, in their order.
    #[must_use]
    pub const fn steps(self) -> &'static [StepName] {
        self.spec().steps
    }

    /// What a domain is called while a step of this workflow is worked on; `None` where the workflow does not change
    /// what the domain is.
    #[must_use]
    pub const fn status_during(self, step: StepName) -> Option<DomainStatus> {
        if self.spec().names_the_domain { step.spec().status } else { None }
    }

    /// The step after `step`; `None` after the last.
    #[must_use]
    pub fn after(self, step: StepName) -> Option<StepName> {
        let steps = self.steps();
        let here = steps.iter().position(|one| *one == step)?;
        steps.get(here + 1).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_a_workflow_that_names_its_domain_has_a_name_for_it() {
        for kind in RunKind::ALL.iter().filter(|kind| kind.spec().names_the_domain) {
            for step in kind.steps() {
                assert!(step.spec().status.is_some(), "{kind:?} {step:?}");
            }
        }
    }

    #[test]
    fn every_step_has_a_title_and_somebody_to_talk_to_and_what_spends_money_acts() {
        for step in StepName::ALL {
            let spec = step.spec();
            assert!(spec.title.starts_with(char::is_uppercase) && !spec.title.contains('_'), "{step:?}");
            assert!(spec.acts || !spec.buys, "{step:?}");
            assert!(!spec.talks_to.is_empty(), "{step:?}");
        }
    }
}
