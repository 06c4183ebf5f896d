//! Placing an order.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use model::audit::Act;
use model::clock::Time;
use model::domain::{DomainName, NameAnswer};
use model::order::{self, Facts, Placing, Rules, Size, Submitted};
use model::role::Role;
use model::trace::TraceParent;
use store::spend::Limits;
use store::{Backend, Failure, Halt, orders, partners};

use crate::acting::{Acting, Done, Present};
use crate::actor::Actor;
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
    /// Whether there may be a limit that it counts against, as far as was known when the call began.
    limited: bool,
    /// Whether nobody held any of the names then.
    free: bool,
    /// Whether it was tried: what was known when the call began may be so no more.
    tried: AtomicBool,
}

impl PlaceOrder {
    /// Checks what needs nobody outside, then has the registrar confirm the names that nobody holds: before any
    /// transaction. `trace` says where in a trace it is placed.
    ///
    /// # Errors
    /// Every fault of the records, and `provider_not_configured`.
    pub async fn confirmed(
        core: &Core,
        actor: &Actor,
        placing: Placing,
        trace: Option<TraceParent>,
        partner_now: Time,
    ) -> Result<Self, Failure> {
        let scope = &actor.scope;
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
        let (rules, live, tried) = (core.rules.of(&scope.world), core.live.clone(), AtomicBool::new(false));
        let (limited, free) = (actor.limited, facts.held.is_empty());
        Ok(Self { placing, answers, rules, trace, live, limited, free, tried })
    }

    /// Who acts, and the limits that it counts against. Where there were none when the call began, whoever is held says whether
    /// there still are none; if not, all begins again.
    async fn present<'t>(&self, acting: Acting<'t>, known: bool) -> Result<(Present<'t>, Limits), Halt> {
        if self.limited || !known {
            let (acting, limits) = acting.limits().await?;
            return Ok((acting.present().await?, limits));
        }
        let present = acting.present().await?;
        if present.limited { Err(Halt::Clash) } else { Ok((present, Limits::default())) }
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
        let known = !self.tried.swap(true, Ordering::Relaxed);
        let (present, limits) = self.present(acting, known).await?;
        let bundle = match &placing.size {
            Size::Bundle(id) => Some(id),
            Size::Licenses { .. } => None,
        };
        let (mut present, bundle, user) = present.bundle_and_user(bundle, placing.user.as_ref()).await?;
        let (tx, scope, now) = (&mut present.tx, &present.scope, present.now);
        self.live.takes_orders(tx, scope).await?;
        let dkim = match (placing.dkim, &present.partner) {
            (Some(dkim), _) => Some(dkim),
            (None, Some(partner)) => Some(partner.dkim),
            (None, None) => partners::get(tx, &scope.partner).await?.map(|partner| partner.dkim),
        };
        let held = match known && self.free && tx.backend() == Backend::Postgres {
            // Another look is a journey, and whoever has taken one of them meanwhile is met where it is written.
            true => vec![],
            false => orders::holders(tx, scope, placing).await?,
        };
        let facts = orders::facts_around(tx, scope, placing, (bundle, user, held)).await?;
        let allowances = limits.allowances(tx, scope, now.partner()).await?;
        let facts = Facts { placed_with: key, trace: self.trace, allowances, dkim, ..facts };
        let (answers, rules) = (&self.answers, &self.rules);
        let placed = order::place(&Submitted { scope, placing, facts: &facts, answers, rules, now }, &present.ids)?;
        present.apply(placed.change).await?;
        Ok(present.done(placed.answer))
    }
}
