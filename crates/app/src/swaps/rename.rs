//! Other people for a domain's inboxes.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::audit::Act;
use model::domain::DomainRef;
use model::id::{Id as _, SwapId};
use model::inbox::Inbox;
use model::persona::Persona;
use model::run::Run;
use model::swap::{self, Renaming, Swap};
use store::{Halt, inboxes, runs, swaps};

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
    /// Of each swap the inbox, where its address changes.
    pub moving: BTreeMap<SwapId, Inbox>,
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
        let runs = match renamed.repeated {
            true => runs::of_domain(&mut present.tx, &facts.domain.id).await?,
            false => renamed.change.runs.insert.clone(),
        };
        present.apply(renamed.change).await?;
        let moving =
            renamed.swaps.iter().filter_map(|swap| Some((swap.id.clone(), moved(swap, &runs, &facts.inboxes)?)));
        let moving = moving.collect();
        Ok(present.done(Renamed { swaps: renamed.swaps, repeated: renamed.repeated, moving }))
    }
}

/// The inbox of a swap, where its address is to be another one.
fn moved(swap: &Swap, runs: &[Run], inboxes: &[Inbox]) -> Option<Inbox> {
    let run = runs.iter().find(|run| run.job.as_deref() == Some(swap.id.as_str()))?;
    let inbox = inboxes.iter().find(|inbox| Some(&inbox.id) == swap.inbox.as_ref())?;
    let is_moving = run.memory.address.as_ref().is_some_and(|address| *address != inbox.email);
    is_moving.then(|| inbox.clone())
}
