//! Looks whether a domain is still as it should be, and puts right what is ours to put right.

use model::action::ActionReason;
use model::clock::{HOUR, MINUTE};
use model::dns::HostedZone;
use model::domain::{DomainStatus, is_on_hold};
use model::evidence::{Check, CheckName, Verdict};
use model::inbox::{Inbox, InboxStatus, LinkStatus};
use model::run::{Learnt, Looked, Mending, Outcome, RunState, Then, next_look};

use super::delegate_name::is_seen;
use super::mend;
use super::publish_records::publish;
use crate::consents::{Hearing, hear};
use crate::cx::Cx;
use crate::evidence::{Look, look};
use crate::party::{Fault, ask};

/// How soon a domain is looked at again that is not as it should be, in microseconds of partner time.
const SOON: i64 = 10 * MINUTE;

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let asking = cx.run.state == RunState::Asking;
    match cx.domain.status {
        DomainStatus::Active => {}
        DomainStatus::ActionRequired if asking => {}
        // Another question is open; it comes first.
        DomainStatus::ActionRequired => return Ok(tomorrow(cx, Learnt::Nothing)),
        // What was linked meanwhile is looked for when nobody takes it down any more.
        DomainStatus::Releasing if cx.run.memory.has_put_right() => {
            let why = "The domain leaves its order, and what was put right last is looked for then.".into();
            return Ok(Outcome::then(Then::Wait { until: cx.now.partner().plus(SOON), why }));
        }
        _ => return Ok(Outcome::done(Learnt::Nothing)),
    }
    // A grant that was taken back is known to be none, and what was given anew is used, before anything is put right with it.
    let failing: Vec<_> = cx.inboxes.iter().filter(|inbox| inbox.link == LinkStatus::Failed).collect();
    if let Hearing::New(outcome) = hear(cx, &failing).await {
        return Ok(outcome);
    }
    let Look { statement, mut looked, .. } = look(cx).await?;
    let failed: Vec<_> = statement.checks.iter().filter(|one| one.verdict == Verdict::Failed).collect();
    if failed.is_empty() && !looked.is_well {
        return Ok(unsure(cx, looked));
    }
    if failed.is_empty() {
        if cx.zone.is_some_and(HostedZone::is_behind) {
            looked.serial = publish(cx).await?;
        }
        let learnt = Learnt::Looked(Box::new(looked));
        return Ok(if asking { Outcome::done(learnt) } else { tomorrow(cx, learnt) });
    }
    drifted(cx, &failed, looked).await
}

/// Nobody says that anything is wrong, and somebody could not be asked: what was wrong before is not right because of that.
fn unsure(cx: &Cx<'_>, looked: Looked) -> Outcome {
    let works = |inbox: &Inbox| inbox.status != InboxStatus::Suspended && inbox.link != LinkStatus::Failed;
    let was_well = cx.run.state != RunState::Asking && cx.run.memory.mended.is_none() && cx.inboxes.iter().all(works);
    let learnt = Learnt::Looked(Box::new(looked));
    if was_well { tomorrow(cx, learnt) } else { soon(cx, learnt) }
}

/// What is ours is put right, once leave is given; for the rest somebody is asked.
async fn drifted(cx: &Cx<'_>, failed: &[&Check], mut looked: Looked) -> Result<Outcome, Fault> {
    let is_about = |check| failed.iter().any(|one| one.check == check);
    let records = failed.iter().any(|one| !matches!(one.check, CheckName::Mailboxes | CheckName::Sequencer));
    // Where the name is not asked any more, nothing that is published would be seen.
    if records && !is_seen(cx).await? {
        return unpointed(cx, looked).await;
    }
    if cx.run.memory.may_mend {
        looked.serial = mend::put_right(cx, records, &looked).await?;
        looked.mending = Mending::Tried;
        return Ok(soon(cx, Learnt::Looked(Box::new(looked))));
    }
    // A login that fails does so again with the same password: it is tried once, and then somebody is asked.
    let is_due = (is_new(cx) && is_about(CheckName::Sequencer)) || (is_due(cx) && records);
    if is_due && cx.partner.is_none_or(|partner| partner.is_mended) {
        looked.mending = Mending::Wanted;
        return Ok(Outcome { learnt: Learnt::Looked(Box::new(looked)), then: Then::Again });
    }
    let learnt = Learnt::Looked(Box::new(looked));
    match is_about(CheckName::Sequencer) {
        true => Ok(Outcome { learnt, then: ask(ActionReason::InboxLoginFails) }),
        false => Ok(soon(cx, learnt)),
    }
}

/// Whether nothing was put right since it was last well, or since somebody said that it is different now.
fn is_new(cx: &Cx<'_>) -> bool {
    let memory = &cx.run.memory;
    memory.mended.is_none_or(|last| last.nudges != memory.nudges)
}

/// The same, or whether that was a while ago: whoever changes our records all the time is not answered all the time.
fn is_due(cx: &Cx<'_>) -> bool {
    is_new(cx) || cx.run.memory.mended.is_some_and(|last| cx.now.partner() >= last.at.plus(HOUR))
}

/// Somebody has to point the name at its zone. Its registry has no nameservers for a name on hold, whoever set them.
async fn unpointed(cx: &Cx<'_>, looked: Looked) -> Result<Outcome, Fault> {
    let statuses = cx.observer().ask(|observer| observer.registry_statuses(&cx.call)).await?;
    let on_hold = is_on_hold(&statuses.unwrap_or_default());
    let reason = if on_hold { ActionReason::NameOnHold } else { ActionReason::NameserversNotPointed };
    Ok(Outcome { learnt: Learnt::Looked(Box::new(looked)), then: ask(reason) })
}

fn soon(cx: &Cx<'_>, learnt: Learnt) -> Outcome {
    let (until, why) =
        (cx.now.partner().plus(SOON), "It is not as it should be, and looked at again in ten minutes.".into());
    Outcome { learnt, then: Then::Wait { until, why } }
}

fn tomorrow(cx: &Cx<'_>, learnt: Learnt) -> Outcome {
    let until = next_look(&cx.domain.id, cx.now.partner());
    Outcome { learnt, then: Then::Wait { until, why: "It is looked at once a day.".into() } }
}
