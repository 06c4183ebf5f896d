//! Every step of every workflow, one file each. A step says what should be so; its provider makes it
//! so and looks first, so a step may run twice and may die at any moment.

use model::run::{Behind, Outcome, StepName, Then};

use crate::cx::Cx;
use crate::party::Fault;

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
mod mend;
mod open_mail_domain;
mod pictures;
mod publish_records;
mod register_name;
mod release_domain;
mod relink_inbox;
mod rename_inbox;
mod renew_name;
pub(crate) mod sequencer_login;
mod set_forwarding;
mod sign_mail;
mod stop;
mod verify_mail_domain;

/// Tries the run's current step once, unless nobody wants it any more.
pub(crate) async fn perform(cx: &Cx<'_>) -> Outcome {
    let spec = cx.run.kind.spec();
    if let Some(behind) = spec.behind.filter(|_| cx.behind) {
        return wait(cx, behind);
    }
    let unwanted = spec.clears_up && cx.domain.stop.is_some();
    let result = if unwanted { stop::run(cx).await } else { run(cx.run.step, cx).await };
    let outcome = result.unwrap_or_else(|fault| Outcome::then(fault.then()));
    match outcome.then {
        Then::Fail { words } if spec.clears_up => stop::clear_up_after(cx, words).await,
        then => Outcome { then, ..outcome },
    }
}

fn wait(cx: &Cx<'_>, behind: Behind) -> Outcome {
    let until = cx.now.partner().plus(behind.look);
    Outcome::then(Then::Wait { until, why: behind.why.into() })
}

async fn run(step: StepName, cx: &Cx<'_>) -> Result<Outcome, Fault> {
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
        StepName::SignMail => sign_mail::run(cx).await,
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
