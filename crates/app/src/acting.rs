//! Somebody who acts inside a transaction: first what has to be locked before it is known how things stand with them,
//! then as they stand, until the commit.

use std::sync::Arc;

use model::bundle::Bundle;
use model::change::Change;
use model::clock::Now;
use model::id::{BundleId, Id as _, Ids, OrderId, UserId};
use model::order::{Order, UserRef};
use model::partner::Partner;
use model::refusal::Refusal;
use model::user::User;
use model::world::Scope;
use store::locks::level::{self, Nothing};
use store::locks::{Before, Locks};
use store::spend::Limits;
use store::{Halt, Hold, Tx};

use crate::actor::{Actor, By, permitted, unknown_key};
use crate::missing::missing;

/// Somebody who acts, before it is asked again who that is.
pub struct Acting<'t, L = Nothing> {
    /// The transaction, with its locks.
    pub tx: Locks<'t, L>,
    /// As it was known when the call began.
    pub actor: Arc<Actor>,
}

impl<'t> Acting<'t> {
    pub(crate) const fn new(tx: &'t mut Tx, actor: Arc<Actor>) -> Self {
        Self { tx: Locks::new(tx), actor }
    }
}

impl<'t, L> Acting<'t, L> {
    /// Takes the turn to tell events of an order; without one it is passed over.
    ///
    /// # Errors
    /// When it cannot be had in time.
    pub async fn turn(self, of: Option<&OrderId>) -> Result<Acting<'t, level::Turn>, Halt>
    where
        L: Before<level::Turn>,
    {
        let tx = self.tx.turn(of.map(OrderId::as_str)).await?;
        Ok(Acting { tx, actor: self.actor })
    }

    /// Locks the limits that a purchase counts against.
    ///
    /// # Errors
    /// When they cannot be had in time.
    pub async fn limits(self) -> Result<(Acting<'t, level::Spend>, Limits), Halt>
    where
        L: Before<level::Spend>,
    {
        let (tx, limits) = self.tx.limits(&self.actor.scope, self.actor.key()).await?;
        Ok((Acting { tx, actor: self.actor }, limits))
    }

    /// Locks those that something more in an order counts against; without an order there are none.
    ///
    /// # Errors
    /// When they cannot be had in time.
    pub async fn limits_of_order(self, order: Option<&OrderId>) -> Result<(Acting<'t, level::Spend>, Limits), Halt>
    where
        L: Before<level::Spend>,
    {
        let asking = self.actor.key();
        let (tx, limits) = self.tx.limits_of_order(&self.actor.scope, order, asking).await?;
        Ok((Acting { tx, actor: self.actor }, limits))
    }

    /// Asks again who acts, and holds it until the commit: whoever revokes the key, resets the sandbox or moves its
    /// clock waits, or was waited for.
    ///
    /// # Errors
    /// `unauthorized` when the key was revoked, `forbidden` when it may no longer do this, `conflict` when the
    /// sandbox was reset.
    pub async fn present(self) -> Result<Present<'t>, Halt>
    where
        L: Before<level::Key>,
    {
        self.in_same_world(Hold::Shared).await
    }

    /// The same for what counts the partner's rows or changes its own: nobody else writes for it meanwhile.
    ///
    /// # Errors
    /// As for [`Self::present`].
    pub async fn present_alone(self) -> Result<Present<'t>, Halt>
    where
        L: Before<level::Key>,
    {
        self.in_same_world(Hold::Alone).await
    }

    /// The same in whichever world the partner has now: for what ends a world.
    ///
    /// # Errors
    /// As for [`Self::present`], but for the `conflict`.
    pub async fn present_anywhere(self) -> Result<Present<'t>, Halt>
    where
        L: Before<level::Key>,
    {
        self.held(Hold::Alone).await
    }

    async fn in_same_world(self, hold: Hold) -> Result<Present<'t>, Halt>
    where
        L: Before<level::Key>,
    {
        let actor = self.actor.clone();
        let present = self.held(hold).await?;
        actor.same_world(&present.scope)?;
        Ok(present)
    }

    async fn held(self, hold: Hold) -> Result<Present<'t>, Halt>
    where
        L: Before<level::Key>,
    {
        let actor = self.actor;
        let (partner, environment) = (&actor.scope.partner, actor.environment);
        let (tx, key, partner) = self.tx.key_and_partner(actor.key(), partner, environment, hold).await?;
        let key_is_limited = match &actor.by {
            By::Key(_) => {
                let key = key.ok_or_else(|| Refusal::from(unknown_key()))?;
                permitted(key.preset, actor.presets).map_err(Refusal::from)?;
                key.spend_limit_cents.is_some()
            }
            By::Operator | By::Visitor => false,
        };
        let limited = key_is_limited || partner.as_ref().is_none_or(|partner| partner.spend_limit_cents.is_some());
        let scope = partner.as_ref().map_or_else(|| actor.scope.clone(), |partner| partner.scope(actor.environment));
        let offset = partner.as_ref().map_or(0, |partner| partner.offset(actor.environment));
        let now = Now { server: actor.clock.now(), offset };
        Ok(Present { tx, scope, partner, limited, now, ids: actor.ids.clone() })
    }
}

/// Somebody who acts, as it stands in the writing transaction, and stays until the commit. Only it can end a use case
/// well, so that none is decided by what was true when the call began.
pub struct Present<'t, L = level::Partner> {
    /// The transaction, with its locks.
    pub tx: Locks<'t, L>,
    /// Whose rows the decision sees.
    pub scope: Scope,
    /// The partner, where its row is held: writing in the live world side by side holds none.
    pub partner: Option<Partner>,
    /// Whether there may be a limit that a purchase counts against.
    pub limited: bool,
    /// Both times of the decision.
    pub now: Now,
    /// Makes every id.
    pub ids: Ids,
}

impl<'t, L> Present<'t, L> {
    /// Locks a bundle.
    ///
    /// # Errors
    /// `not_found` when there is none.
    pub async fn bundle(self, id: &BundleId) -> Result<(Present<'t, level::Bundle>, Bundle), Halt>
    where
        L: Before<level::Bundle>,
    {
        let Self { tx, scope, partner, limited, now, ids } = self;
        let (tx, bundle) = tx.bundle(&scope, id).await?;
        let bundle = bundle.ok_or_else(|| missing("bundle", id))?;
        Ok((Present { tx, scope, partner, limited, now, ids }, bundle))
    }

    /// Locks a user.
    ///
    /// # Errors
    /// `not_found` when there is none.
    pub async fn user(self, id: &UserId) -> Result<(Present<'t, level::User>, User), Halt>
    where
        L: Before<level::User>,
    {
        let Self { tx, scope, partner, limited, now, ids } = self;
        let (tx, user) = tx.user(&scope, id).await?;
        let user = user.ok_or_else(|| missing("user", id))?;
        Ok((Present { tx, scope, partner, limited, now, ids }, user))
    }

    /// Holds what an order is being placed with, where that is there.
    ///
    /// # Errors
    /// When it cannot be had in time.
    pub async fn bundle_and_user(
        self,
        bundle: Option<&BundleId>,
        user: Option<&UserRef>,
    ) -> Result<(Present<'t, level::User>, Option<Bundle>, Option<User>), Halt>
    where
        L: Before<level::User>,
    {
        let Self { tx, scope, partner, limited, now, ids } = self;
        let (tx, bundle, user) = tx.bundle_and_user(&scope, bundle, user).await?;
        Ok((Present { tx, scope, partner, limited, now, ids }, bundle, user))
    }

    /// Locks an order of its scope.
    ///
    /// # Errors
    /// `not_found` when there is none.
    pub async fn order(self, id: &OrderId) -> Result<(Present<'t, level::Order>, Order), Halt>
    where
        L: Before<level::Order>,
    {
        let (present, order) = self.order_if(Some(id)).await?;
        let order = order.ok_or_else(|| missing("order", id))?;
        Ok((present, order))
    }

    /// The same where there may be none.
    ///
    /// # Errors
    /// When it cannot be had in time.
    pub async fn order_if(self, id: Option<&OrderId>) -> Result<(Present<'t, level::Order>, Option<Order>), Halt>
    where
        L: Before<level::Order>,
    {
        let Self { tx, scope, partner, limited, now, ids } = self;
        let (tx, order) = tx.order(id).await?;
        let order = order.filter(|order| order.partner == scope.partner && order.world == scope.world);
        Ok((Present { tx, scope, partner, limited, now, ids }, order))
    }

    /// Writes what was decided.
    ///
    /// # Errors
    /// As for [`Tx::apply`].
    pub async fn apply(&mut self, change: Change) -> Result<(), Halt> {
        self.tx.apply(change, &self.ids, self.now.server).await
    }

    /// The end of a use case.
    pub fn done<T>(self, value: T) -> Done<T> {
        Done { value, scope: self.scope, now: self.now }
    }
}

/// What a use case has come to. Only [`Present::done`] makes one.
#[derive(Debug)]
#[non_exhaustive]
pub struct Done<T> {
    /// What it is.
    pub value: T,
    /// For whom.
    pub scope: Scope,
    /// When it was decided.
    pub now: Now,
}
