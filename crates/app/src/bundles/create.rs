//! Saving an order size.

use async_trait::async_trait;
use model::audit::Act;
use model::bundle::{self, Bundle, Sizing, Terms};
use store::Halt;

use crate::acting::{Acting, Done};
use crate::case::UseCase;

/// Makes a bundle.
pub struct CreateBundle {
    /// What is wanted of it.
    pub terms: Terms,
    /// How much inboxes and domains carry.
    pub sizing: Sizing,
}

#[async_trait]
impl UseCase for CreateBundle {
    type Output = Bundle;
    const ACT: Act = Act::BundleCreate;

    fn subject(&self, bundle: &Bundle) -> Option<String> {
        Some(bundle.id.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<Bundle>, Halt> {
        let mut present = acting.present().await?;
        let decided = bundle::create(&present.scope, self.terms.clone(), &self.sizing, present.now, &present.ids)?;
        present.apply(decided.change).await?;
        Ok(present.done(decided.bundle))
    }
}
