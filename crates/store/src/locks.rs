//! The one order in which a transaction takes its locks, so that two never wait for each other in a circle: the turn,
//! the task, the limits, the key, the partner, the bundle, the user, the order; then rows that nobody locks before one
//! of these.
//!
//! A lock is taken by giving away what was held and getting it back with the lock added. Whoever asks for one that
//! comes before what is held already does not compile:
//!
//! ```compile_fail,E0277
//! # async fn f(tx: &mut store::Tx, order: &model::id::OrderId) -> Result<(), store::Halt> {
//! let (held, _) = store::Locks::new(tx).order(Some(order)).await?;
//! held.turn(Some("ord_1")).await?;
//! # Ok(())
//! # }
//! ```
//!
//! In their order they do:
//!
//! ```
//! # async fn f(tx: &mut store::Tx, order: &model::id::OrderId) -> Result<(), store::Halt> {
//! let held = store::Locks::new(tx).turn(Some("ord_1")).await?;
//! held.order(Some(order)).await?;
//! # Ok(())
//! # }
//! ```

use std::collections::HashSet;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use model::bundle::Bundle;
use model::id::{BundleId, KeyId, OrderId, PartnerId, TaskId, UserId};
use model::order::{Order, UserRef};
use model::partner::{ApiKey, Partner};
use model::run::Run;
use model::user::User;
use model::world::{Environment, Scope, World};

use crate::db::Tx;
use crate::error::{Halt, StoreError};
use crate::spend::Limits;
use crate::{bundles, keys, orders, partners, spend, tasks, turn, users};

/// A level of locks after which another may still be taken.
#[diagnostic::on_unimplemented(message = "`{N}` is locked before `{Self}`, and never after it")]
pub trait Before<N>: Send {}

/// How far a transaction has come, in the order of locks.
pub mod level {
    macro_rules! levels {
        ($($name:ident $what:literal;)*) => {
            $(
                #[doc = $what]
                #[derive(Debug)]
                pub enum $name {}
            )*
            in_order!($($name)*);
        };
    }

    macro_rules! in_order {
        () => {};
        ($first:ident $($later:ident)*) => {
            $(impl super::Before<$later> for $first {})*
            in_order!($($later)*);
        };
    }

    levels! {
        Nothing "Nothing is locked.";
        Turn "Nobody else tells anything of the order or job.";
        Task "The task is ours.";
        Spend "Nobody else books anything that counts against the limits.";
        Key "The key is not revoked.";
        Partner "The partner's clock and world stay.";
        Bundle "The bundle stays.";
        User "The user stays.";
        Order "The order stays.";
    }
}

/// How a partner's row is held while something is written for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Others may write for it too, but nobody moves its clock or resets its sandbox.
    Shared,
    /// Nobody else writes for it.
    Alone,
}

/// A transaction that has taken its locks up to a level.
pub struct Locks<'t, L> {
    tx: &'t mut Tx,
    level: PhantomData<L>,
}

impl<L> Deref for Locks<'_, L> {
    type Target = Tx;
    fn deref(&self) -> &Tx {
        self.tx
    }
}

impl<L> DerefMut for Locks<'_, L> {
    fn deref_mut(&mut self) -> &mut Tx {
        self.tx
    }
}

impl<'t> Locks<'t, level::Nothing> {
    /// A transaction that has locked nothing.
    pub const fn new(tx: &'t mut Tx) -> Self {
        Self { tx, level: PhantomData }
    }
}

impl<'t, L> Locks<'t, L> {
    /// The same for a part of the work, which may take locks of its own after these.
    pub fn part(&mut self) -> Locks<'_, L> {
        Locks { tx: self.tx, level: PhantomData }
    }

    /// The same, at a level that comes later.
    fn at<N>(self) -> Locks<'t, N>
    where
        L: Before<N>,
    {
        Locks { tx: self.tx, level: PhantomData }
    }

    /// Takes the turn to tell events of an order or a job; with nothing to tell it is passed over.
    ///
    /// # Errors
    /// When it cannot be had in time.
    pub async fn turn(self, of: Option<&str>) -> Result<Locks<'t, level::Turn>, StoreError>
    where
        L: Before<level::Turn>,
    {
        let held = self.at();
        if let Some(of) = of {
            turn::take(held.tx, of).await?;
        }
        Ok(held)
    }

    /// Holds a task, as long as it is on this lease.
    ///
    /// # Errors
    /// [`Halt::Lost`] when it is somebody else's.
    pub async fn task(self, id: &TaskId, lease: &str) -> Result<Locks<'t, level::Task>, Halt>
    where
        L: Before<level::Task>,
    {
        let held = self.at();
        tasks::still_mine(held.tx, id, lease).await?;
        Ok(held)
    }

    /// Holds those of some tasks that are still on their leases, and says which.
    ///
    /// # Errors
    /// When they cannot be had in time.
    pub async fn tasks(self, leased: &[(TaskId, String)]) -> Result<(Locks<'t, level::Task>, HashSet<TaskId>), Halt>
    where
        L: Before<level::Task>,
    {
        let held = self.at();
        let mine = tasks::still_mine_of(held.tx, leased).await?;
        Ok((held, mine))
    }

    /// Locks the limits that a purchase with a key counts against.
    ///
    /// # Errors
    /// When they cannot be had in time.
    pub async fn limits(
        self,
        scope: &Scope,
        key: Option<&KeyId>,
    ) -> Result<(Locks<'t, level::Spend>, Limits), StoreError>
    where
        L: Before<level::Spend>,
    {
        let held = self.at();
        let limits = spend::lock(held.tx, scope, key).await?;
        Ok((held, limits))
    }

    /// Locks the limits that something more in an order counts against; without an order there are none.
    ///
    /// # Errors
    /// When they cannot be had in time.
    pub async fn limits_of_order(
        self,
        scope: &Scope,
        order: Option<&OrderId>,
        asking: Option<&KeyId>,
    ) -> Result<(Locks<'t, level::Spend>, Limits), StoreError>
    where
        L: Before<level::Spend>,
    {
        let held = self.at();
        let limits = match order {
            Some(order) => spend::lock_of_order(held.tx, scope, order, asking).await?,
            None => Limits::default(),
        };
        Ok((held, limits))
    }

    /// Holds a key that is not revoked; `None` when it is, or there is none to hold.
    ///
    /// # Errors
    /// When it cannot be had in time.
    pub async fn key(self, id: Option<&KeyId>) -> Result<(Locks<'t, level::Key>, Option<ApiKey>), StoreError>
    where
        L: Before<level::Key>,
    {
        let held = self.at();
        let key = match id {
            Some(id) => keys::hold(held.tx, id).await?,
            None => None,
        };
        Ok((held, key))
    }

    /// Holds a partner. There is one live world, whose clock is the server's: writing in it side by side holds nothing,
    /// and nothing is read.
    ///
    /// # Errors
    /// When it cannot be had in time.
    pub async fn partner(
        self,
        id: &PartnerId,
        environment: Environment,
        hold: Hold,
    ) -> Result<(Locks<'t, level::Partner>, Option<Partner>), StoreError>
    where
        L: Before<level::Partner>,
    {
        let held = self.at();
        let partner = match (environment, hold) {
            (_, Hold::Alone) => partners::lock(held.tx, id).await?,
            (Environment::Test, Hold::Shared) => partners::hold(held.tx, id).await?,
            (Environment::Live, Hold::Shared) => None,
        };
        Ok((held, partner))
    }

    /// Holds a key that is not revoked and its partner, as [`Self::key`] and [`Self::partner`] do one after the other.
    ///
    /// # Errors
    /// When they cannot be had in time.
    pub async fn key_and_partner(
        self,
        key: Option<&KeyId>,
        partner: &PartnerId,
        environment: Environment,
        hold: Hold,
    ) -> Result<(Locks<'t, level::Partner>, Option<ApiKey>, Option<Partner>), StoreError>
    where
        L: Before<level::Key>,
    {
        let (Some(id), Environment::Test, Hold::Shared) = (key, environment, hold) else {
            let (held, key) = self.key(key).await?;
            let (held, partner) = held.partner(partner, environment, hold).await?;
            return Ok((held, key, partner));
        };
        let held = self.at::<level::Key>().at();
        let (key, partner) = keys::hold_with_partner(held.tx, id, partner).await?.unzip();
        Ok((held, key, partner))
    }

    /// How far the clock of a world is ahead, which stays so.
    ///
    /// # Errors
    /// [`Halt::Lost`] when a reset has left the world behind.
    pub async fn clock(self, id: &PartnerId, world: &World) -> Result<(Locks<'t, level::Partner>, i64), Halt>
    where
        L: Before<level::Partner>,
    {
        let held = self.at();
        let offset = partners::clock_of(held.tx, id, world).await?;
        Ok((held, offset))
    }

    /// Locks a bundle.
    ///
    /// # Errors
    /// When it cannot be had in time.
    pub async fn bundle(
        self,
        scope: &Scope,
        id: &BundleId,
    ) -> Result<(Locks<'t, level::Bundle>, Option<Bundle>), StoreError>
    where
        L: Before<level::Bundle>,
    {
        let held = self.at();
        let bundle = bundles::lock(held.tx, scope, id).await?;
        Ok((held, bundle))
    }

    /// Locks a user.
    ///
    /// # Errors
    /// When it cannot be had in time.
    pub async fn user(self, scope: &Scope, id: &UserId) -> Result<(Locks<'t, level::User>, Option<User>), StoreError>
    where
        L: Before<level::User>,
    {
        let held = self.at();
        let user = users::lock(held.tx, scope, id).await?;
        Ok((held, user))
    }

    /// Holds what an order is being placed with, so that neither is removed meanwhile: the bundle, and the active customer.
    ///
    /// # Errors
    /// When it cannot be had in time.
    pub async fn bundle_and_user(
        self,
        scope: &Scope,
        bundle: Option<&BundleId>,
        user: Option<&UserRef>,
    ) -> Result<(Locks<'t, level::User>, Option<Bundle>, Option<User>), StoreError>
    where
        L: Before<level::User>,
    {
        let held = self.at();
        let bundle = match bundle {
            Some(id) => bundles::lock(held.tx, scope, id).await?,
            None => None,
        };
        let user = match user {
            Some(user) => users::hold(held.tx, scope, user).await?,
            None => None,
        };
        Ok((held, bundle, user))
    }

    /// Locks an order that a run works for.
    ///
    /// # Errors
    /// [`Halt::Lost`] when there is none.
    pub async fn order_of(self, run: &Run) -> Result<(Locks<'t, level::Order>, Order), Halt>
    where
        L: Before<level::Order>,
    {
        let (held, order) = self.order(run.order.as_ref()).await?;
        Ok((held, order.ok_or(Halt::Lost)?))
    }

    /// Locks an order; where there is none to lock it is passed over.
    ///
    /// # Errors
    /// When it cannot be had in time.
    pub async fn order(self, id: Option<&OrderId>) -> Result<(Locks<'t, level::Order>, Option<Order>), StoreError>
    where
        L: Before<level::Order>,
    {
        let held = self.at();
        let order = match id {
            Some(id) => orders::lock(held.tx, id).await?,
            None => None,
        };
        Ok((held, order))
    }
}
