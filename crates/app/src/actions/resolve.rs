//! Answering a question.

use async_trait::async_trait;
use model::action::{self, Access, Action, Answer, Look, Resolving};
use model::audit::Act;
use model::by_hand::Handed;
use model::clock::Time;
use model::domain::{Domain, DomainName, NameAnswer};
use model::id::{ActionId, OrderId, RunId};
use model::order::{Order, Rules};
use model::run::{Run, RunState};
use model::view::AroundAction;
use model::world::Scope;
use store::locks::level;
use store::{Failure, Halt, Tx, actions, consents, domains, inboxes, runs, tasks};

use super::around;
use crate::acting::{Acting, Done, Present};
use crate::case::UseCase;
use crate::consents::Consents;
use crate::core::Core;
use crate::missing::{missing, not_found};

/// Answers a pending action.
pub struct ResolveAction {
    id: ActionId,
    answer: Answer,
    names: Vec<NameAnswer>,
    rules: Rules,
    consents: Option<Consents>,
}

/// The action as it is then.
#[derive(Debug)]
pub struct Resolved {
    /// It.
    pub action: Action,
    /// What is around it.
    pub around: AroundAction,
}

impl ResolveAction {
    /// Asks the registrar about the name in question, before any transaction.
    ///
    /// # Errors
    /// `not_found`, and `provider_not_configured`.
    pub async fn confirmed(
        core: &Core,
        scope: &Scope,
        id: ActionId,
        answer: Answer,
        partner_now: Time,
    ) -> Result<Self, Failure> {
        let mut db = core.store.read().await?;
        let action = actions::get(&mut db, scope, &id).await?;
        let domain = match &action {
            Some(action) => domains::load(&mut db, &action.domain).await?,
            None => None,
        };
        drop(db);
        let action = action.ok_or_else(|| not_found("pending action", &id))?;
        let names = match &answer {
            Answer::Replacement(name) if action.open => {
                core.catalog.confirm(&scope.world, std::slice::from_ref(name), partner_now).await?
            }
            // What another registrar wants for it decides nothing: it is bought where the domain is.
            Answer::MaxTotal(_) if action.open => {
                let account = domain.and_then(|domain| domain.accounts.registrar);
                let name = DomainName::stored(action.domain_name);
                core.catalog.confirm_at(&scope.world, &[name], account.as_deref(), partner_now).await?
            }
            _ => vec![],
        };
        let (rules, consents) = (core.rules.of(&scope.world), Some(core.consents.clone()));
        Ok(Self { id, answer, names, rules, consents })
    }

    /// The answer of somebody who makes mailboxes by hand: nobody has to be asked about it.
    #[must_use]
    pub const fn by_hand(id: ActionId, handed: Handed, rules: Rules) -> Self {
        Self { id, answer: Answer::Mailboxes(handed), names: vec![], rules, consents: None }
    }

    /// Whether it books something.
    const fn books(&self) -> bool {
        matches!(self.answer, Answer::Replacement(_) | Answer::MaxTotal(_))
    }

    /// Where the last look of whoever asked stands, and stays until the commit.
    async fn look(&self, present: &mut Present<'_>) -> Result<Look, Halt> {
        let action = self.action(&mut present.tx, &present.scope).await?;
        if self.answer == Answer::Again || !action.open {
            return Ok(Look::Over);
        }
        let asked = match &action.run {
            Some(run) => vec![run.clone()],
            None => asking(runs::of_domain(&mut present.tx, &action.domain).await?),
        };
        let mut look = Look::Over;
        for run in asked {
            look = look.max(tasks::look_at(&mut present.tx, &run, present.now.server).await?);
        }
        Ok(look)
    }

    async fn action(&self, tx: &mut Tx, scope: &Scope) -> Result<Action, Halt> {
        actions::get(tx, scope, &self.id).await?.ok_or_else(|| missing("pending action", &self.id))
    }

    async fn facts(
        &self,
        present: &mut Present<'_, level::Order>,
        action: Action,
        order: Option<Order>,
    ) -> Result<Resolving, Halt> {
        let (tx, scope) = (&mut present.tx, &present.scope);
        let held = match &self.answer {
            Answer::Replacement(name) => domains::holders(tx, &scope.world, std::slice::from_ref(name)).await?,
            _ => vec![],
        };
        let runs = match &action.order {
            Some(order) => runs::of_order(tx, order).await?,
            None => runs::of_domain(tx, &action.domain).await?,
        };
        let (open, with_own_people) = match (&action.order, &self.answer) {
            (Some(order), Answer::Login { .. } | Answer::ApiKey(_)) => {
                (actions::open_of_order(tx, scope, order).await?, vec![])
            }
            (Some(order), Answer::Picture(_)) => {
                (actions::open_of_order(tx, scope, order).await?, domains::with_own_people(tx, order).await?)
            }
            _ => (vec![], vec![]),
        };
        let answered = (self.answer != Answer::Again).then(|| actions::fingerprint(&tx.vault(), &self.answer));
        let domain = domains::load(tx, &action.domain).await?.ok_or(Halt::Lost)?;
        let access = match &self.answer {
            Answer::Logins(_) | Answer::Mailboxes(_) => access(tx, &domain).await?,
            _ => Access::default(),
        };
        let (answers, look, allowances) = (self.names.clone(), Look::Over, vec![]);
        Ok(Resolving {
            action,
            order,
            domain,
            runs,
            open,
            with_own_people,
            look,
            answered,
            held,
            answers,
            access,
            allowances,
        })
    }
}

/// What is known of the ways into a domain's inboxes.
async fn access(tx: &mut Tx, domain: &Domain) -> Result<Access, Halt> {
    let logins = domains::open_mail_logins(&tx.vault(), domain)?;
    let inboxes = inboxes::of_domain(tx, &domain.id).await?;
    Ok(Access { inboxes, consents: consents::of_domain(tx, &domain.id).await?, logins })
}

/// Of what older versions asked it is only known about which domain.
fn asking(runs: Vec<Run>) -> Vec<RunId> {
    runs.into_iter().filter(|run| run.state == RunState::Asking).map(|run| run.id).collect()
}

#[async_trait]
impl UseCase for ResolveAction {
    type Output = Resolved;
    const ACT: Act = Act::ActionResolve;
    const WAKES: bool = true;

    fn subject(&self, _: &Resolved) -> Option<String> {
        Some(self.id.to_string())
    }

    async fn run(&self, mut acting: Acting<'_>) -> Result<Done<Resolved>, Halt> {
        let scope = acting.actor.scope.clone();
        let of: Option<OrderId> = actions::get(&mut acting.tx, &scope, &self.id).await?.and_then(|action| action.order);
        let acting = acting.turn(of.as_ref()).await?;
        let (acting, limits) = acting.limits_of_order(of.as_ref().filter(|_| self.books())).await?;
        let mut present = acting.present().await?;
        // Before the order is locked, as whoever works on it does.
        let look = self.look(&mut present).await?;
        let action = self.action(&mut present.tx, &present.scope).await?;
        let (mut present, order) = present.order_if(action.order.as_ref()).await?;
        let facts = self.facts(&mut present, action, order).await?;
        let allowances = limits.allowances(&mut present.tx, &present.scope, present.now.partner()).await?;
        let facts = Resolving { look, allowances, ..facts };
        let change = action::resolve(&facts, &self.answer, &self.rules, present.now, &present.ids)?;
        present.apply(change).await?;
        let action = actions::get(&mut present.tx, &present.scope, &self.id).await?.ok_or(Halt::Lost)?;
        let around = around(&mut present.tx, self.consents.as_ref(), &action).await?;
        Ok(present.done(Resolved { action, around }))
    }
}
