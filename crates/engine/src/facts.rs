//! What a run's steps need to know of the rows around it.

use model::clock::Time;
use model::consent::Consent;
use model::domain::{Domain, DomainName, Source};
use model::inbox::Inbox;
use model::run::{Others, Run, RunKind, StepName};
use store::{Db, StoreError, consents, inboxes, intents, runs};

/// The domain's inboxes. Who looks back looks for what is left of those that are deleted, too.
pub(crate) async fn inboxes_of(db: &mut Db, run: &Run) -> Result<Vec<Inbox>, StoreError> {
    match run.kind {
        RunKind::LookBack => inboxes::ever_of_domain(db, &run.domain).await,
        _ => inboxes::of_domain(db, &run.domain).await,
    }
}

/// What the owners of the domain's inboxes have consented to, where that is asked.
pub(crate) async fn consents_of(db: &mut Db, run: &Run) -> Result<Vec<Consent>, StoreError> {
    match run.step {
        StepName::LinkSequencer | StepName::RelinkInbox | StepName::LookAtDns => {
            consents::of_domain(db, &run.domain).await
        }
        _ => Ok(vec![]),
    }
}

/// Whether inboxes of the domain are being renamed or closed, for whoever looks after it.
pub(crate) async fn is_renaming(db: &mut Db, run: &Run) -> Result<bool, StoreError> {
    if !matches!(run.kind, RunKind::Watch | RunKind::Sign) {
        return Ok(false);
    }
    let renames = runs::open_of_domain(db, &run.domain, RunKind::Rename).await?;
    Ok(!renames.is_empty() || !runs::open_of_domain(db, &run.domain, RunKind::Close).await?.is_empty())
}

pub(crate) async fn is_renewing(db: &mut Db, run: &Run, now: Time) -> Result<bool, StoreError> {
    if run.kind != RunKind::Close {
        return Ok(false);
    }
    let renewal = intents::newest_renewal(db, &run.domain).await?;
    Ok(renewal.is_some_and(|renewal| renewal.is_looked_for(now)))
}

pub(crate) async fn asked_at(db: &mut Db, run: &Run, domain: &Domain) -> Result<Option<Time>, StoreError> {
    if domain.held || domain.source != Source::Registrar {
        return Ok(None);
    }
    let reference = run.memory.looks_for.clone().unwrap_or_else(|| run.purchase_reference());
    Ok(intents::newest(db, &reference).await?.and_then(|intent| intent.asked_at))
}

/// Whether another run has to end first.
pub(crate) async fn is_behind(db: &mut Db, run: &Run, name: &DomainName) -> Result<bool, StoreError> {
    match run.kind.spec().behind.map(|behind| behind.others) {
        Some(Others::Earlier) => {
            Ok(runs::open_of_domain(db, &run.domain, run.kind).await?.iter().any(|other| other.id < run.id))
        }
        Some(Others::All(kind)) => Ok(!runs::open_of_domain(db, &run.domain, kind).await?.is_empty()),
        Some(Others::LooksBackAtName) => runs::looked_back_at(db, &run.world, name).await,
        None => Ok(false),
    }
}
