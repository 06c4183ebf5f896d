//! Looks at the domain as the world will use it: its records, its mailboxes, and the sequencer's way into them.

use model::action::ActionReason;
use model::clock::MINUTE;
use model::dns::RrType;
use model::evidence::{Check, CheckName, Verdict};
use model::run::{Learnt, Outcome, RunKind, Then};

use super::sequencer_login::{enter, known};
use crate::cx::Cx;
use crate::evidence::{Look, look};
use crate::party::{Fault, ask};

/// How long the sequencer has to get into the inboxes before somebody is asked, in microseconds of partner time.
const PATIENCE: i64 = 10 * MINUTE;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    if cx.run.kind == RunKind::Sign && !cx.domain.works() {
        return Ok(Outcome::done(Learnt::Nothing));
    }
    // Whoever is to look needs what whoever linked had.
    if let Some(entered) = lacks_login(cx).await? {
        return Ok(entered);
    }
    let Look { statement, looked, fault } = look(cx).await?;
    let then = match (statement.missing().next(), fault) {
        (None, _) => Then::Done,
        (Some(_), Some(fault)) => fault.then(),
        (Some(check), None) => missing(cx, check),
    };
    Ok(Outcome { learnt: Learnt::Looked(Box::new(looked)), then })
}

/// What a step comes to that has no login at the sequencer any more: it is exchanged anew, or asked for.
async fn lacks_login(cx: &Cx<'_>) -> Result<Option<Outcome>, Fault> {
    if known(cx)?.is_some() {
        return Ok(None);
    }
    Ok(enter(cx).await?.login().err().map(|outcome| *outcome))
}

/// What cannot be seen yet is waited for; who cannot log in will not get in by waiting.
fn missing(cx: &Cx<'_>, check: &Check) -> Then {
    let now = cx.now.partner();
    let waited = cx.run.record().is_some_and(|record| now >= record.started_at.plus(PATIENCE));
    match (check.check, check.verdict) {
        (CheckName::Sequencer, Verdict::Failed) if waited => ask(ActionReason::InboxLoginFails),
        _ => Then::Wait { until: now.plus(MINUTE), why: check.reason.clone().unwrap_or_default() },
    }
}

/// What the world sees.
pub(super) async fn seen(cx: &Cx<'_>, name: &str, rtype: RrType) -> Result<Vec<String>, Fault> {
    cx.observer().ask(|observer| observer.dns(&cx.call, name, rtype)).await
}
