//! What the end of a try says of a purchase.

use model::clock::Time;
use model::domain::Domain;
use model::intent::{Intent, IntentKind, after};
use model::run::{Learnt, Outcome, Run, StepName};
use store::{Db, StoreError, intents};

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
        (_, step) if IntentKind::of(step).is_some() => intents::open(db, &run.reference()).await?,
        _ => None,
    };
    Ok(intent.and_then(|intent| after(&intent, outcome, now)))
}

/// Whether a name that was ours runs for longer than was known.
fn is_further(domain: &Domain, outcome: &Outcome) -> bool {
    let Learnt::Registered { expires_at, .. } = &outcome.learnt else { return false };
    domain.expires_at.is_some_and(|known| known < *expires_at)
}
