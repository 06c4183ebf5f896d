//! Other people for a domain's inboxes.

use async_trait::async_trait;
use model::audit::Act;
use model::domain::DomainRef;
use model::persona::Persona;
use model::swap::{self, Renaming, Swap};
use store::{Halt, inboxes, swaps};

use super::placed::{placed, taken};
use crate::acting::{Acting, Done};
use crate::case::UseCase;

/// Renames a domain's inboxes.
pub struct RenameInboxes {
    /// Whose.
    pub domain: DomainRef,
    /// Who takes turns over them.
    pub personas: Vec<Persona>,
}

/// What renames them, begun now or before.
#[derive(Debug)]
pub struct Renamed {
    /// One for each inbox, in the order they were made.
    pub swaps: Vec<Swap>,
    /// Whether the same was asked for before.
    pub repeated: bool,
}

#[async_trait]
impl UseCase for RenameInboxes {
    type Output = Renamed;
    const ACT: Act = Act::SwapRename;
    const WAKES: bool = true;

    fn subject(&self, renamed: &Renamed) -> Option<String> {
        renamed.swaps.first().map(|swap| swap.domain.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<Renamed>, Halt> {
        let (acting, domain) = taken(acting, &self.domain).await?;
        let (mut present, order, domain) = placed(acting.present().await?, &domain).await?;
        let tx = &mut present.tx;
        let facts = Renaming {
            inboxes: inboxes::of_domain(tx, &domain.id).await?,
            replacing: swaps::open_of_domain(tx, &domain.id).await?,
            open: swaps::renaming(tx, &domain).await?,
            order,
            domain,
        };
        let renamed = swap::rename(&facts, &self.personas, present.now, &present.ids)?;
        present.apply(renamed.change).await?;
        Ok(present.done(Renamed { swaps: renamed.swaps, repeated: renamed.repeated }))
    }
}
