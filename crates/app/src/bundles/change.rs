//! Changing an order size.

use async_trait::async_trait;
use model::audit::Act;
use model::bundle::{self, Bundle, Sizing, Wish};
use model::id::BundleId;
use store::Halt;

use crate::acting::{Acting, Done};
use crate::case::UseCase;

/// Changes a bundle.
pub struct ChangeBundle {
    /// Which.
    pub id: BundleId,
    /// What it should be.
    pub wish: Wish,
    /// How much inboxes and domains carry.
    pub sizing: Sizing,
}

#[async_trait]
impl UseCase for ChangeBundle {
    type Output = Bundle;
    const ACT: Act = Act::BundleChange;

    fn subject(&self, bundle: &Bundle) -> Option<String> {
        Some(bundle.id.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<Bundle>, Halt> {
        let (mut present, bundle) = acting.present().await?.bundle(&self.id).await?;
        let decided = bundle::change(bundle, self.wish.clone(), &self.sizing)?;
        present.apply(decided.change).await?;
        Ok(present.done(decided.bundle))
    }
}
