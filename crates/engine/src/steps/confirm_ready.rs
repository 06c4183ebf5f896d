//! Looks at the domain as the world will use it: its records, its mailboxes, and the sequencer's way into them.

use model::action::ActionReason;
use model::clock::MINUTE;
use model::dns::RrType;
use model::evidence::{Check, CheckName, Verdict};
use model::first_mail::Next;
use model::run::{Learnt, Outcome, RunKind, Then};

use super::sequencer_login::{enter, known};
use crate::cx::Cx;
use crate::evidence::{Look, look, send};
use crate::party::{Fault, ask};

/// How long the sequencer has to get into the inboxes before somebody is asked, in microseconds of partner time.
const PATIENCE: i64 = 10 * MINUTE;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    if cx.run.kind == RunKind::Sign && !cx.domain.works() {
        return Ok(Outcome::done(Learnt::Nothing));
    }
    if let Some(sent) = send(cx).await? {
        return Ok(sent);
    }
    // Whoever is to look needs what whoever linked had.
    if let Some(entered) = lacks_login(cx).await? {
        return Ok(entered);
    }
    let Look { statement, looked, fault, first_mail } = look(cx).await?;
    let then = match (statement.missing().next(), fault, first_mail) {
        (None, ..) => Then::Done,
        (Some(_), Some(fault), _) => fault.then(),
        // Everything else was seen by now.
        (Some(check), None, Some(next)) if check.check == CheckName::FirstMail => match not_arrived(next, check) {
            Ok(then) => then,
            Err(put_down) => return Ok(*put_down),
        },
        (Some(check), None, _) => missing(cx, check),
    };
    Ok(Outcome { learnt: Learnt::Looked(Box::new(looked)), then })
}

/// What happens with a first mail that is not seen to be right; or that another one is put down. It is put down before it is sent:
/// whoever dies in between leaves word of it.
fn not_arrived(next: Next, check: &Check) -> Result<Then, Box<Outcome>> {
    match next {
        Next::Another(mail) => Err(Box::new(Outcome { learnt: Learnt::FirstMail(mail), then: Then::Again })),
        Next::Wait(until) => Ok(Then::Wait { until, why: words(check) }),
        Next::Operator => Ok(Then::Operator { words: words(check) }),
    }
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
        _ => Then::Wait { until: now.plus(MINUTE), why: words(check) },
    }
}

fn words(check: &Check) -> String {
    check.reason.clone().unwrap_or_default()
}

/// What the world sees.
pub(super) async fn seen(cx: &Cx<'_>, name: &str, rtype: RrType) -> Result<Vec<String>, Fault> {
    cx.observer().ask(|observer| observer.dns(&cx.call, name, rtype)).await
}
