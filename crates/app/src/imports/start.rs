//! Finding the job that answers for some names, or beginning one.

use async_trait::async_trait;
use model::audit::Act;
use model::import::{Entry, Facts, Import, ImportRow, Started, Wish, distinct, start};
use model::role::Role;
use model::world::{Environment, Scope};
use store::{Failure, Halt, Tx, domains, imports};

use crate::acting::{Acting, Done};
use crate::case::UseCase;
use crate::core::Core;

/// Imports names: its output is the job with its rows, in the order sent.
pub struct StartImport {
    wish: Wish,
}

impl StartImport {
    /// What is asked for: texts that should be names.
    ///
    /// # Errors
    /// `provider_not_configured`.
    pub fn of(
        core: &Core,
        environment: Environment,
        names: &[String],
        replace_live_mail: bool,
    ) -> Result<Self, Failure> {
        core.live.has(environment, &[Role::Dns])?;
        let entries = distinct(names);
        let mut texts: Vec<_> = entries.iter().map(Entry::text).collect();
        texts.sort_unstable();
        let fingerprint = core.store.vault().keyed_hash("import set", texts.join("\n").as_bytes());
        Ok(Self { wish: Wish { entries, fingerprint, replace_live_mail } })
    }
}

#[async_trait]
impl UseCase for StartImport {
    type Output = (Import, Vec<ImportRow>);
    const ACT: Act = Act::ImportStart;
    const WAKES: bool = true;

    fn subject(&self, (import, _): &Self::Output) -> Option<String> {
        Some(import.id.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<Self::Output>, Halt> {
        let mut present = acting.present().await?;
        let facts = facts(&mut present.tx, &present.scope, &self.wish).await?;
        let Started { change, import, rows } = start(&present.scope, &self.wish, facts, present.now, &present.ids);
        present.apply(change).await?;
        Ok(present.done((import, rows)))
    }
}

async fn facts(tx: &mut Tx, scope: &Scope, wish: &Wish) -> Result<Facts, Halt> {
    let newest = match imports::newest_of_set(tx, scope, &wish.fingerprint).await? {
        Some(import) => Some(imports::in_full(tx, import).await?),
        None => None,
    };
    let names: Vec<_> = wish.entries.iter().filter_map(Entry::name).cloned().collect();
    Ok(Facts { newest, held: domains::holders(tx, &scope.world, &names).await? })
}
