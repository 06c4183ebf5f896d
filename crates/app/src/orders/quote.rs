//! Saying what an order would cost.

use async_trait::async_trait;
use model::audit::Act;
use model::change::Change;
use model::clock::Now;
use model::domain::NameAnswer;
use model::order::{Facts, Placing, Rules, Submitted, make_room, quote};
use model::refusal::{Fault, Refusal};
use model::view;
use store::{Failure, Halt, orders, quotes, spend};

use super::place::to_be_bought;
use crate::acting::{Acting, Done};
use crate::actor::Actor;
use crate::case::UseCase;
use crate::core::Core;

/// Quotes an order.
pub struct QuoteOrder {
    placing: Placing,
    faults: Vec<Fault>,
    facts: Facts,
    answers: Vec<NameAnswer>,
    rules: Rules,
}

impl QuoteOrder {
    /// Looks at everything that it is about; `faults` are those of the body.
    ///
    /// # Errors
    /// `provider_not_configured`.
    pub async fn looked_up(
        core: &Core,
        actor: &Actor,
        placing: Placing,
        faults: Vec<Fault>,
        now: Now,
    ) -> Result<Self, Failure> {
        let (mut db, scope, key) = (core.store.read().await?, &actor.scope, actor.key());
        let facts = orders::facts_for_placing(&mut db, scope, &placing).await?;
        let allowances = spend::look(&mut db, scope, key, now.partner()).await?;
        drop(db);
        let facts = Facts { placed_with: key.cloned(), allowances, ..facts };
        let names = to_be_bought(&placing, &facts);
        let answers = core.catalog.browse(&scope.world, &names, now.partner()).await?;
        Ok(Self { placing, faults, facts, answers, rules: core.rules.of(&scope.world) })
    }
}

#[async_trait]
impl UseCase for QuoteOrder {
    type Output = view::Quote;
    const ACT: Act = Act::OrderQuote;

    fn subject(&self, quote: &view::Quote) -> Option<String> {
        Some(quote.id.clone())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<view::Quote>, Halt> {
        let key = acting.actor.key().cloned();
        let mut present = acting.present().await?;
        let (scope, now, faults) = (&present.scope, present.now, self.faults.clone());
        let in_the_way = match &key {
            Some(key) => quotes::in_the_way(&mut present.tx, scope, key).await?,
            None => vec![],
        };
        let give_way = make_room(&in_the_way, now.partner()).map_err(Refusal::from)?;
        let Self { placing, facts, answers, rules, .. } = self;
        let submitted = Submitted { scope, placing, facts, answers, rules, now };
        let quoted = quote(&submitted, faults, &present.ids);
        present.apply(Change { quotes_removed: give_way, ..quoted.change }).await?;
        Ok(present.done(quoted.view))
    }
}
