//! The one order in which a transaction takes its locks, so that two never wait for each other in a circle: the turn,
//! the task, the limits, the key, the partner, the bundle, the user, the order; then rows that nobody locks before one
//! of these.
//!
//! A lock is taken by giving away what was held and getting it back with the lock added. Whoever asks for one that
//! comes before what is held already does not compile:
//!
//! ```compile_fail
//! # async fn f(tx: &mut store::Tx, order: &model::id::OrderId) -> Result<(), store::Halt> {
//! let (held, _) = store::Locks::new(tx).order(Some(order)).await?;
//! held.turn(Some("ord_1")).await?;
//! # Ok(())
//! # }
//! # fn g(tx: &mut store::Tx, order: &model::id::OrderId) { drop(f(tx, order)) }
//! ```

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use model::bundle::Bundle;
use model::id::{BundleId, KeyId, OrderId, PartnerId, TaskId, UserId};
use model::order::{Order, UserRef};
use model::partner::{ApiKey, Partner};
use model::user::User;
use model::world::{Environment, Scope, World};

use crate::db::Tx;
use crate::error::{Halt, StoreError};
use crate::spend::Limits;
use crate::{bundles, keys, orders, partners, spend, tasks, turn, users};

/// How far a transaction has come in the order of locks.
pub trait Level: Send + Sync + 'static {
    /// Its place.
    const RANK: u8;
}

/// The levels, in their order.
pub mod level {
    macro_rules! levels {
        ($($rank:literal $name:ident $what:literal;)*) => {
            $(
                #[doc = $what]
                #[derive(Debug)]
                pub enum $name {}
                impl super::Level for $name {
                    const RANK: u8 = $rank;
                }
            )*
        };
    }

    levels! {
        0 Nothing "Nothing is locked.";
        1 Turn "Nobody else tells anything of the order or job.";
        2 Task "The task is ours.";
        3 Spend "Nobody else books anything that counts against the limits.";
        4 Key "The key is not revoked.";
        5 Partner "The partner's clock and world stay.";
        6 Bundle "The bundle stays.";
        7 User "The user stays.";
        8 Order "The order stays.";
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

impl<'t, L: Level> Locks<'t, L> {
    /// The same, at a level that comes later.
    fn at<N: Level>(self) -> Locks<'t, N> {
        const { assert!(L::RANK < N::RANK, "this lock comes before one that is held already") }
        Locks { tx: self.tx, level: PhantomData }
    }

    /// Takes the turn to tell events of an order or a job; with nothing to tell it is passed over.
    ///
    /// # Errors
    /// When it cannot be had in time.
    pub async fn turn(self, of: Option<&str>) -> Result<Locks<'t, level::Turn>, StoreError> {
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
    pub async fn task(self, id: &TaskId, lease: &str) -> Result<Locks<'t, level::Task>, Halt> {
        let held = self.at();
        tasks::still_mine(held.tx, id, lease).await?;
        Ok(held)
    }

    /// Removes the tasks of a world, a batch of them.
    ///
    /// # Errors
    /// When they cannot be had in time.
    pub async fn tasks_of(self, world: &World) -> Result<Locks<'t, level::Task>, Halt> {
        let held = self.at();
        tasks::remove_world(held.tx, world).await?;
        Ok(held)
    }

    /// Locks the limits that a purchase with a key counts against.
    ///
    /// # Errors
    /// When they cannot be had in time.
    pub async fn limits(
        self,
        scope: &Scope,
        key: Option<&KeyId>,
    ) -> Result<(Locks<'t, level::Spend>, Limits), StoreError> {
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
    ) -> Result<(Locks<'t, level::Spend>, Limits), StoreError> {
        let held = self.at();
        let limits = match order {
            Some(order) => spend::lock_of_order(held.tx, scope, order, asking).await?,
            None => Limits::default(),
        };
        Ok((held, limits))
    }

    /// Holds a key that is not revoked; `None` when it is.
    ///
    /// # Errors
    /// When it cannot be had in time.
    pub async fn key(self, id: &KeyId) -> Result<(Locks<'t, level::Key>, Option<ApiKey>), StoreError> {
        let held = self.at();
        let key = keys::hold(held.tx, id).await?;
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
    ) -> Result<(Locks<'t, level::Partner>, Option<Partner>), StoreError> {
        let held = self.at();
        let partner = match (environment, hold) {
            (_, Hold::Alone) => partners::lock(held.tx, id).await?,
            (Environment::Test, Hold::Shared) => partners::hold(held.tx, id).await?,
            (Environment::Live, Hold::Shared) => None,
        };
        Ok((held, partner))
    }

    /// How far the clock of a world is ahead, which stays so.
    ///
    /// # Errors
    /// [`Halt::Lost`] when a reset has left the world behind.
    pub async fn clock(self, id: &PartnerId, world: &World) -> Result<(Locks<'t, level::Partner>, i64), Halt> {
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
    ) -> Result<(Locks<'t, level::Bundle>, Option<Bundle>), StoreError> {
        let held = self.at();
        let bundle = bundles::lock(held.tx, scope, id).await?;
        Ok((held, bundle))
    }

    /// Locks a user.
    ///
    /// # Errors
    /// When it cannot be had in time.
    pub async fn user(self, scope: &Scope, id: &UserId) -> Result<(Locks<'t, level::User>, Option<User>), StoreError> {
        let held = self.at();
        let user = users::lock(held.tx, scope, id).await?;
        Ok((held, user))
    }

    /// Holds what an order is being placed with, so that neither is removed meanwhile.
    ///
    /// # Errors
    /// When it cannot be had in time.
    pub async fn bundle_and_user(
        self,
        scope: &Scope,
        bundle: Option<&BundleId>,
        user: Option<&UserRef>,
    ) -> Result<Locks<'t, level::User>, StoreError> {
        let held = self.at();
        if let Some(id) = bundle {
            bundles::lock(held.tx, scope, id).await?;
        }
        if let Some(user) = user {
            users::hold(held.tx, scope, user).await?;
        }
        Ok(held)
    }

    /// Locks an order; where there is none to lock it is passed over.
    ///
    /// # Errors
    /// When it cannot be had in time.
    pub async fn order(self, id: Option<&OrderId>) -> Result<(Locks<'t, level::Order>, Option<Order>), StoreError> {
        let held = self.at();
        let order = match id {
            Some(id) => orders::lock(held.tx, id).await?,
            None => None,
        };
        Ok((held, order))
    }
}
