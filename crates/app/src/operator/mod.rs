//! What whoever runs the installation does at its database: partners, their keys, and the endpoint that the command line
//! sets. It is put down as told; there is nobody else to ask.

mod endpoints;
mod keys;
mod partners;

use std::pin::Pin;
use std::sync::Arc;

use model::change::Change;
use model::clock::{Clock, Time};
use model::delivery::Endpoint;
use model::id::Ids;
use model::partner::{ApiKey, Partner};
use model::secret::Secret;
use model::world::Environment;
use store::{Failure, Halt, Store, Tx};

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
pub struct Prepared(Put);

#[derive(Clone, Debug)]
enum Put {
    Key(ApiKey),
    /// The row that is made when there is none; otherwise its address and secret are those of the one there.
    Endpoint(Endpoint),
    /// A new secret for the endpoint of a partner and environment.
    Secret {
        partner: Partner,
        environment: Environment,
        secret: Secret,
    },
}

impl Operator {
    /// Server time.
    #[must_use]
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Puts in force what was prepared, beside whatever is there then: another operator may have been at it meanwhile.
    ///
    /// # Errors
    /// `not_found` when the endpoint that has a new secret is gone, and what goes wrong in the store.
    pub async fn put_in_force(&self, prepared: Prepared) -> Result<(), Failure> {
        let Prepared(put) = prepared;
        self.decide(move |tx, now| {
            let put = put.clone();
            Box::pin(async move {
                let change = match put {
                    Put::Key(record) => keys::inserted(record),
                    Put::Endpoint(fresh) => endpoints::replaced(tx, fresh).await?,
                    Put::Secret { partner, environment, secret } => {
                        endpoints::rotated(tx, &partner, environment, secret, now).await?
                    }
                };
                Ok((change, ()))
            })
        })
        .await
    }

    /// Decides in a transaction, on the facts of then, and writes.
    async fn decide<T, F>(&self, decide: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, Time) -> Deciding<'t, T> + Send + Sync + 'static,
    {
        let shared = Arc::new((self.ids.clone(), decide));
        let now = self.now();
        let writing = self.store.write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (ids, decide) = &*shared;
                let (change, value) = decide(tx, now).await?;
                tx.apply(change, ids, now).await?;
                Ok(value)
            })
        });
        writing.await
    }
}

/// A change that is being decided, and what it comes to.
type Deciding<'t, T> = Pin<Box<dyn Future<Output = Result<(Change, T), Halt>> + Send + 't>>;
