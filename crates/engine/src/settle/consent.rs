//! What the end of a try says of consents.

use model::consent::{Consent, hear};
use model::domain::Domain;
use model::run::{Learnt, Outcome};
use store::{Db, StoreError, consents};

/// The consents then that the mail host has said something of.
pub(super) async fn after_try(db: &mut Db, domain: &Domain, outcome: &Outcome) -> Result<Vec<Consent>, StoreError> {
    match &outcome.learnt {
        Learnt::Consents(heard) => Ok(hear(&consents::of_domain(db, &domain.id).await?, heard).update),
        _ => Ok(vec![]),
    }
}
