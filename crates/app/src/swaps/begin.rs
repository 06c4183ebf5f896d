//! Another name in a domain's place.

use std::slice;

use async_trait::async_trait;
use model::audit::Act;
use model::clock::Time;
use model::domain::{Domain, MailProvider, NameAnswer};
use model::inbox::Inbox;
use model::money::PriceBook;
use model::order::Order;
use model::swap::{self, COOLDOWN, Facts, Premium, Swap, SwapKind, Wish};
use store::locks::level;
use store::spend::{self, Limits};
use store::{Failure, Halt, domains, inboxes, partners, swaps};

use super::placed::{placed, taken};
use crate::acting::{Acting, Done, Present};
use crate::actor::Actor;
use crate::case::UseCase;
use crate::core::Core;
use crate::missing::missing;

/// Begins a swap.
pub struct BeginSwap {
    wish: Wish,
    names: Vec<NameAnswer>,
    book: PriceBook,
}

/// A swap, begun now or before.
#[derive(Debug)]
pub struct Begun {
    /// It.
    pub swap: Swap,
    /// Whether the same was asked for before.
    pub repeated: bool,
    /// The inboxes that go with the domain.
    pub inboxes: Vec<Inbox>,
}

impl BeginSwap {
    /// Asks the registrar what a name costs that nobody holds, before any transaction, when somebody's spending is
    /// limited.
    ///
    /// # Errors
    /// `provider_not_configured`.
    pub async fn looked_up(core: &Core, actor: &Actor, wish: Wish, partner_now: Time) -> Result<Self, Failure> {
        let names = look_up(core, actor, &wish, partner_now).await?;
        Ok(Self { wish, names, book: core.rules.of(&actor.scope.world).book })
    }

    /// What the decision needs.
    async fn facts(
        &self,
        present: &mut Present<'_, level::Order>,
        order: Order,
        domain: Domain,
        limits: &Limits,
    ) -> Result<Facts, Halt> {
        let premium = if self.wish.kind == SwapKind::Premium { Some(premium(present, &domain).await?) } else { None };
        let (tx, scope, now) = (&mut present.tx, &present.scope, present.now);
        Ok(Facts {
            open: swaps::open_of_domain(tx, &domain.id).await?,
            renaming: swaps::renaming(tx, &domain).await?.into_iter().find(|swap| swap.status.is_open()),
            holder: domains::holders(tx, &scope.world, slice::from_ref(&self.wish.replacement)).await?.pop(),
            answers: self.names.clone(),
            allowances: limits.allowances(tx, scope, now.partner()).await?,
            premium,
            order,
            domain,
        })
    }
}

async fn look_up(core: &Core, actor: &Actor, wish: &Wish, partner_now: Time) -> Result<Vec<NameAnswer>, Failure> {
    let (mut db, scope) = (core.store.read().await?, &actor.scope);
    let order = domains::meant(&mut db, scope, &wish.domain).await?.and_then(|domain| domain.order);
    let Some(order) = order else { return Ok(vec![]) };
    let limits = spend::of_order(&mut db, scope, &order, actor.key()).await?;
    let name = slice::from_ref(&wish.replacement);
    if limits.is_empty() || !domains::holders(&mut db, &scope.world, name).await?.is_empty() {
        return Ok(vec![]);
    }
    drop(db);
    Ok(core.catalog.confirm(&scope.world, name, partner_now).await?)
}

async fn premium(present: &mut Present<'_, level::Order>, domain: &Domain) -> Result<Premium, Halt> {
    let (tx, scope) = (&mut present.tx, &present.scope);
    let since = present.now.partner().plus(-COOLDOWN);
    let partner = partners::get(tx, &scope.partner).await?;
    Ok(Premium {
        tier: partner.ok_or_else(|| missing("partner", &scope.partner))?.tier,
        active: domains::count_active(tx, scope, MailProvider::Microsoft).await?,
        used: swaps::premium_since(tx, scope, since).await?,
        lineage: swaps::lineage(tx, domain, since).await?,
    })
}

#[async_trait]
impl UseCase for BeginSwap {
    type Output = Begun;
    const ACT: Act = Act::SwapBegin;
    const WAKES: bool = true;

    fn subject(&self, begun: &Begun) -> Option<String> {
        Some(begun.swap.id.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<Begun>, Halt> {
        let (acting, domain) = taken(acting, &self.wish.domain).await?;
        let (acting, limits) = acting.limits_of_order(domain.order.as_ref()).await?;
        // Premium swaps are counted.
        let alone = self.wish.kind == SwapKind::Premium;
        let present = if alone { acting.present_alone().await? } else { acting.present().await? };
        let (mut present, order, domain) = placed(present, &domain).await?;
        let facts = self.facts(&mut present, order, domain, &limits).await?;
        let inboxes = inboxes::of_domain(&mut present.tx, &facts.domain.id).await?;
        let begun = swap::begin(&facts, &self.wish, &self.book, present.now, &present.ids)?;
        present.apply(begun.change).await?;
        Ok(present.done(Begun { swap: begun.swap, repeated: begun.repeated, inboxes }))
    }
}
