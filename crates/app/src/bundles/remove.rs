//! Removing an order size.

use async_trait::async_trait;
use model::audit::Act;
use model::bundle::{self, Removed};
use model::id::BundleId;
use store::{Halt, bundles};

use crate::acting::{Acting, Done};
use crate::case::UseCase;

/// Removes a bundle; one that was used is archived.
pub struct RemoveBundle {
    /// Which.
    pub id: BundleId,
}

#[async_trait]
impl UseCase for RemoveBundle {
    type Output = Removed;
    const ACT: Act = Act::BundleRemove;

    fn subject(&self, _: &Removed) -> Option<String> {
        Some(self.id.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<Removed>, Halt> {
        let (mut present, bundle) = acting.present().await?.bundle(&self.id).await?;
        let used = bundles::is_used(&mut present.tx, &present.scope, &self.id).await?;
        let removed = bundle::remove(bundle, used);
        present.apply(removed.change().clone()).await?;
        Ok(present.done(removed))
    }
}
