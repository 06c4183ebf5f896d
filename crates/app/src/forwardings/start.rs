//! Having web addresses lead somewhere else.

use async_trait::async_trait;
use model::audit::Act;
use model::forwarding::{Facts, Forwarding, Wish, start};
use model::id::Id as _;
use model::run::RunKind;
use model::world::Scope;
use store::{Halt, Tx, domains, runs};

use crate::acting::{Acting, Done};
use crate::case::UseCase;

/// Begins a forwarding job.
pub struct StartForwarding {
    /// What is wanted.
    pub wish: Wish,
}

#[async_trait]
impl UseCase for StartForwarding {
    type Output = Forwarding;
    const ACT: Act = Act::ForwardingStart;
    const WAKES: bool = true;

    fn subject(&self, forwarding: &Forwarding) -> Option<String> {
        Some(forwarding.id.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<Forwarding>, Halt> {
        let mut present = acting.present().await?;
        let facts = facts(&mut present.tx, &present.scope, &self.wish).await?;
        let (change, job) = start(&present.scope, &self.wish, &facts, present.now, &present.ids);
        present.apply(change).await?;
        Ok(present.done(job))
    }
}

/// Every domain that was named, by id or name, is locked before it is looked at.
async fn facts(tx: &mut Tx, scope: &Scope, wish: &Wish) -> Result<Facts, Halt> {
    let named = domains::holders(tx, &scope.world, &wish.names()).await?;
    let mut ids: Vec<_> = named.iter().map(|domain| domain.id.as_str().to_owned()).collect();
    ids.extend(wish.domains.iter().cloned());
    let domains = domains::lock(tx, scope, &ids).await?;
    let mut under_way = vec![];
    for domain in &domains {
        under_way.extend(runs::open_of_domain(tx, &domain.id, RunKind::Forward).await?);
    }
    Ok(Facts { domains, under_way })
}
