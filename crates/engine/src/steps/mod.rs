//! Every step of every workflow, one file each. A step says what should be so; its provider makes it
//! so and looks first, so a step may run twice and may die at any moment.

use model::run::{Outcome, RunKind, StepName, Then};
use providers::trouble::Trouble;

use crate::cx::{Cx, then};

mod close_inboxes;
mod confirm_ready;
mod create_inboxes;
mod create_zone;
mod delegate_name;
mod find_replacement;
mod inspect_name;
mod link_sequencer;
mod look_at_dns;
mod look_back;
mod open_mail_domain;
mod pictures;
mod publish_records;
mod register_name;
mod release_domain;
mod relink_inbox;
mod rename_inbox;
mod renew_name;
mod set_forwarding;
mod stop;
mod verify_mail_domain;

/// Tries the run's current step once, unless nobody wants it any more.
pub(crate) async fn perform(cx: &Cx<'_>) -> Outcome {
    let makes = cx.run.kind == RunKind::Provision;
    let unwanted = makes && cx.domain.stop.is_some();
    if cx.behind && (makes || cx.run.kind == RunKind::Import) {
        return look_back::wait(cx);
    }
    let result = if unwanted { stop::run(cx).await } else { run(cx.run.step, cx).await };
    let outcome = result.unwrap_or_else(|trouble| Outcome::then(then(cx.run.step, trouble)));
    match outcome.then {
        Then::Fail { words } if makes => stop::clear_up_after(cx, words).await,
        then => Outcome { then, ..outcome },
    }
}

async fn run(step: StepName, cx: &Cx<'_>) -> Result<Outcome, Trouble> {
    match step {
        StepName::RegisterName => register_name::run(cx).await,
        StepName::CreateZone => create_zone::run(cx).await,
        StepName::DelegateName => delegate_name::run(cx).await,
        StepName::OpenMailDomain => open_mail_domain::run(cx).await,
        StepName::PublishRecords => publish_records::run(cx).await,
        StepName::VerifyMailDomain => verify_mail_domain::run(cx).await,
        StepName::CreateInboxes => create_inboxes::run(cx).await,
        StepName::SetForwarding => set_forwarding::run(cx).await,
        StepName::LinkSequencer => link_sequencer::run(cx).await,
        StepName::ConfirmReady => confirm_ready::run(cx).await,
        StepName::CloseInboxes => close_inboxes::run(cx).await,
        StepName::ReleaseDomain => release_domain::run(cx).await,
        StepName::RenewName => renew_name::run(cx).await,
        StepName::FindReplacement => find_replacement::run(cx).await,
        StepName::RenameInbox => rename_inbox::run(cx).await,
        StepName::RelinkInbox => relink_inbox::run(cx).await,
        StepName::LookAtDns => look_at_dns::run(cx).await,
        StepName::LookBack => look_back::run(cx).await,
        StepName::InspectName => inspect_name::run(cx).await,
    }
}
