//! What whoever runs the installation does at its database: partners, their keys, and the endpoint that the command line
//! sets. It is put down as told; there is nobody else to ask.

mod endpoints;
mod keys;
mod names;
mod partners;
mod pauses;

use std::pin::Pin;
use std::sync::Arc;

use model::audit::{Act, Entry, Origin, Who};
use model::change::Change;
use model::clock::{Clock, Time};
use model::delivery::Endpoint;
use model::id::{Id as _, Ids, PartnerId};
use model::order::Order;
use model::partner::{ApiKey, Partner};
use model::secret::Secret;
use model::world::Environment;
use store::{Failure, Halt, Store, Tx, audit};

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
    /// From where: the command, and who ran it.
    pub origin: Origin,
}

/// What was done to what, for the audit trail.
#[derive(Clone, Debug)]
pub(crate) struct Did {
    pub(crate) act: Act,
    pub(crate) partner: Option<PartnerId>,
    pub(crate) environment: Option<Environment>,
    pub(crate) subject: Option<String>,
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
                let (change, did) = match put {
                    Put::Key(record) => (keys::inserted(record.clone()), keys::did(Act::KeyCreate, &record)),
                    Put::Endpoint(fresh) => endpoints::replaced(tx, fresh).await?,
                    Put::Secret { partner, environment, secret } => {
                        endpoints::rotated(tx, &partner, environment, secret, now).await?
                    }
                };
                Ok((change, did, ()))
            })
        })
        .await
    }

    /// Puts down what was done to the database as a whole.
    ///
    /// # Errors
    /// What goes wrong in the store.
    pub async fn put_down(&self, act: Act) -> Result<(), Failure> {
        self.note(Did { act, partner: None, environment: None, subject: None }).await
    }

    /// Puts down that the logins of an order's mailboxes are handed out.
    ///
    /// # Errors
    /// What goes wrong in the store.
    pub async fn put_down_logins(&self, order: &Order) -> Result<(), Failure> {
        let (partner, environment) = (Some(order.partner.clone()), Some(order.world.environment()));
        let subject = Some(order.id.as_str().to_owned());
        self.note(Did { act: Act::LoginsHandOut, partner, environment, subject }).await
    }

    async fn note(&self, did: Did) -> Result<(), Failure> {
        self.decide(move |_, _| {
            let did = did.clone();
            Box::pin(async move { Ok((Change::default(), did, ())) })
        })
        .await
    }

    /// Decides in a transaction, on the facts of then, and writes.
    async fn decide<T, F>(&self, decide: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, Time) -> Deciding<'t, T> + Send + Sync + 'static,
    {
        let shared = Arc::new((self.ids.clone(), self.origin.clone(), decide));
        let now = self.now();
        let writing = self.store.write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (ids, origin, decide) = &*shared;
                let (change, did, value) = decide(tx, now).await?;
                tx.apply(change, ids, now).await?;
                audit::append(tx, &did.entry(ids, origin, now)).await?;
                Ok(value)
            })
        });
        writing.await
    }
}

/// A change that is being decided, what it is in the audit trail, and what it comes to.
type Deciding<'t, T> = Pin<Box<dyn Future<Output = Result<(Change, Did, T), Halt>> + Send + 't>>;

impl Did {
    fn entry(self, ids: &Ids, origin: &Origin, now: Time) -> Entry {
        let Self { act, partner, environment, subject } = self;
        let (id, who, origin) = (ids.next(), Who::Operator, origin.clone());
        Entry { id, at: now, act, who, key: None, partner, environment, subject, origin }
    }
}
