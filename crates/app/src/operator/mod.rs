//! What whoever runs the installation does at its database: partners, their keys, and the endpoint that the command line
//! sets. It is put down as told; there is nobody else to ask.

mod endpoints;
mod keys;
mod partners;

use std::sync::Arc;

use model::change::Change;
use model::clock::{Clock, Time};
use model::id::Ids;
use store::{Failure, Store};

pub use endpoints::PreparedEndpoint;
pub use keys::{KeyWish, NewKey};
pub use partners::{NewPartner, PartnerWish};

/// Whoever runs the installation.
pub struct Operator {
    /// Where everything is remembered.
    pub store: Store,
    /// Server time.
    pub clock: Arc<dyn Clock>,
    /// Makes every id.
    pub ids: Ids,
}

/// Something with a secret that is shown before it is in force, so that nobody has to do with a secret that was lost on
/// its way to the screen.
#[must_use]
#[derive(Debug)]
pub struct Prepared {
    change: Change,
}

impl Operator {
    /// Server time.
    #[must_use]
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Puts in force what was prepared.
    ///
    /// # Errors
    /// What goes wrong in the store.
    pub async fn put_in_force(&self, prepared: Prepared) -> Result<(), Failure> {
        self.write(prepared.change).await
    }

    async fn write(&self, change: Change) -> Result<(), Failure> {
        let (ids, now) = (self.ids.clone(), self.now());
        let writing = self.store.write(move |tx| {
            let (change, ids) = (change.clone(), ids.clone());
            Box::pin(async move { tx.apply(change, &ids, now).await })
        });
        writing.await
    }
}
