//! What the end of a try says of a purchase.

use model::clock::Time;
use model::domain::{Domain, DomainStatus};
use model::intent::{Intent, IntentKind, IntentState, after};
use model::run::{Learnt, Moved, Outcome, Run, StepName, Then, Try};
use model::seat;
use store::{Db, StoreError, intents};

use crate::intend::made;

/// The purchase's intent, closed by what is certain now. Whoever looks back for a purchase that came too late may find
/// one that was thought not to have come about.
pub(super) async fn after_try(
    db: &mut Db,
    (run, domain): (&Run, &Domain),
    outcome: &Outcome,
    now: Time,
) -> Result<Option<Intent>, StoreError> {
    let intent = match (&run.memory.looks_for, run.step) {
        (Some(_), StepName::LookBack) if is_further(domain, outcome) => intents::newest_renewal(db, &domain.id).await?,
        (Some(reference), StepName::LookBack) => intents::newest(db, reference).await?,
        (_, StepName::CreateInboxes) => return Ok(None),
        (_, step) if IntentKind::of(step).is_some() => intents::open(db, &run.reference()).await?,
        _ => None,
    };
    Ok(intent.and_then(|intent| after(&intent, outcome, now)))
}

/// The domain's seats after a move: those that it was about, by what the host has made, and those that nobody uses any more.
pub(super) async fn seats_after(db: &mut Db, tried: &Try<'_>, moved: &Moved) -> Result<Vec<Intent>, StoreError> {
    let Try { run, domain, outcome, now, .. } = tried;
    let is_gone = matches!(moved.domain.status, DomainStatus::Failed | DomainStatus::Released);
    let is_closed = run.step == StepName::CloseInboxes && outcome.then == Then::Done;
    if run.step != StepName::CreateInboxes && !is_gone && !is_closed {
        return Ok(vec![]);
    }
    let mut seats = intents::seats_of(db, &domain.id).await?;
    let before = seats.clone();
    let fresh = i64::try_from(moved.inboxes.inboxes.insert.len()).unwrap_or(i64::MAX);
    for one in seats.iter_mut().filter(|one| one.state == IntentState::Open) {
        let here = made(db, domain).await? + fresh;
        // Those that the domain had before are other seats.
        let others = domain.inboxes_planned - one.seats.unwrap_or(0);
        let then = if is_gone { &Then::Stop } else { &outcome.then };
        if let Some(known) = seat::after(one, then, here - others, now.server) {
            *one = known;
        }
    }
    if is_gone || is_closed {
        for one in &mut seats {
            if let Some(back) = seat::given_back(one, now.server) {
                *one = back;
            }
        }
    }
    Ok(seats.into_iter().zip(before).filter(|(after, before)| after != before).map(|(after, _)| after).collect())
}

/// Whether a name that was ours runs for longer than was known.
fn is_further(domain: &Domain, outcome: &Outcome) -> bool {
    let Learnt::Registered { expires_at, .. } = &outcome.learnt else { return false };
    domain.expires_at.is_some_and(|known| known < *expires_at)
}
