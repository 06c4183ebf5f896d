//! Placing an order.

use async_trait::async_trait;
use model::audit::Act;
use model::clock::Time;
use model::domain::{DomainName, NameAnswer};
use model::order::{self, Facts, Placing, Rules, Size, Submitted};
use model::role::Role;
use model::trace::TraceParent;
use model::world::Scope;
use store::{Failure, Halt, orders};

use crate::acting::{Acting, Done};
use crate::case::UseCase;
use crate::core::Core;
use crate::live::Live;
use crate::repeat::id_in;

/// Places an order. Its output is the body of the answer, as repeats say it.
pub struct PlaceOrder {
    placing: Placing,
    answers: Vec<NameAnswer>,
    rules: Rules,
    trace: Option<TraceParent>,
    live: Live,
}

impl PlaceOrder {
    /// Checks what needs nobody outside, then has the registrar confirm the names that nobody holds: before any
    /// transaction. `trace` says where in a trace it is placed.
    ///
    /// # Errors
    /// Every fault of the records, and `provider_not_configured`.
    pub async fn confirmed(
        core: &Core,
        scope: &Scope,
        placing: Placing,
        trace: Option<TraceParent>,
        partner_now: Time,
    ) -> Result<Self, Failure> {
        let facts = orders::facts_for_placing(&mut core.store.read().await?, scope, &placing).await?;
        order::check_records(&placing, &facts, &core.rules.sizing)?;
        let environment = scope.world.environment();
        core.live.has(environment, &[Role::Registrar, Role::Dns, Role::Mail, Role::Sequencer])?;
        if let Some(sequencer) = &placing.sequencer {
            core.live.sends(environment, sequencer.provider)?;
        }
        if placing.forwarding_url.is_some() {
            core.live.has(environment, &[Role::Redirect])?;
        }
        let answers = core.catalog.confirm(&scope.world, &to_be_bought(&placing, &facts), partner_now).await?;
        Ok(Self { placing, answers, rules: core.rules.of(&scope.world), trace, live: core.live.clone() })
    }
}

/// The wanted names that nobody holds.
pub(super) fn to_be_bought(placing: &Placing, facts: &Facts) -> Vec<DomainName> {
    let names = placing.domains.iter().map(|wanted| &wanted.name);
    names.filter(|name| !facts.held.iter().any(|domain| domain.name == **name)).cloned().collect()
}

#[async_trait]
impl UseCase for PlaceOrder {
    type Output = String;
    const ACT: Act = Act::OrderPlace;
    const WAKES: bool = true;

    fn subject(&self, receipt: &String) -> Option<String> {
        id_in(receipt)
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<String>, Halt> {
        let (placing, key) = (&self.placing, acting.actor.key().cloned());
        let (acting, limits) = acting.limits().await?;
        let bundle = match &placing.size {
            Size::Bundle(id) => Some(id),
            Size::Licenses { .. } => None,
        };
        let (mut present, bundle, user) =
            acting.present().await?.bundle_and_user(bundle, placing.user.as_ref()).await?;
        let (tx, scope, now) = (&mut present.tx, &present.scope, present.now);
        self.live.takes_orders(tx, scope).await?;
        let facts = orders::facts_around(tx, scope, placing, (bundle, user)).await?;
        let allowances = limits.allowances(tx, scope, now.partner()).await?;
        let facts = Facts { placed_with: key, trace: self.trace, allowances, ..facts };
        let (answers, rules) = (&self.answers, &self.rules);
        let placed = order::place(&Submitted { scope, placing, facts: &facts, answers, rules, now }, &present.ids)?;
        present.apply(placed.change).await?;
        Ok(present.done(placed.answer))
    }
}
