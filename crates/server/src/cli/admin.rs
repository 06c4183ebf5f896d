//! What the operator's commands share: the store beside a running server, and partners by name.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::{Clock, Machine, Time};
use model::id::Ids;
use model::money::Cents;
use model::partner::{ApiKey, Partner, Preset};
use model::shown::short;
use model::world::Environment;
use store::{Failure, Store, keys, partners};

use super::{Common, Fail};
use crate::config::{Config, Flags};
use crate::{timekeeper, wire};

/// A store that is open beside a running server.
pub(super) struct Desk {
    /// The configuration.
    pub(super) config: Config,
    /// The store.
    pub(super) store: Store,
    /// New ids.
    pub(super) ids: Ids,
    /// Server time.
    pub(super) clock: Arc<dyn Clock>,
}

impl Desk {
    /// Opens the store of the configured data folder.
    pub(super) async fn open(common: &Common) -> Result<Self, Fail> {
        let config = common.load(Flags::default())?;
        let store = common.open(&wire::opening_beside(&config)).await?;
        let clock = timekeeper::clock(&store, Arc::new(Machine::new())).await?;
        Ok(Self::at(config, store, clock))
    }

    /// A desk on a store that is open already, with its server's clock.
    #[must_use]
    pub(super) fn at(config: Config, store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { config, store, ids: Ids::new(clock.clone()), clock }
    }

    /// Writes a change that nobody else decides about.
    pub(super) async fn write(&self, change: Change) -> Result<(), Failure> {
        let (ids, now) = (self.ids.clone(), self.now());
        self.store
            .write(move |tx| {
                let (change, ids) = (change.clone(), ids.clone());
                async move { tx.apply(change, &ids, now).await }.boxed()
            })
            .await
    }

    /// Server time.
    #[must_use]
    pub(super) fn now(&self) -> Time {
        self.clock.now()
    }

    /// A partner by id or name.
    pub(super) async fn partner(&self, text: &str) -> Result<Partner, Fail> {
        let found = partners::by_id_or_name(&mut self.store.read().await?, text).await?;
        found.ok_or_else(|| {
            Fail::refused(format!("there is no partner {:?}; `mailwright partners list` shows them", short(text)))
        })
    }

    /// Puts a new secret in force that has just been shown.
    pub(super) async fn put_in_force(&self, change: Change) -> Result<(), Fail> {
        self.write(change).await.map_err(|failure| {
            Fail::failed(format!("what is printed above is not in force, make another: {}", said(&failure)))
        })
    }

    /// Makes a key without a spend limit; the second value is the key itself, which is not kept.
    pub(super) async fn make_key(
        &self,
        partner: &Partner,
        environment: Environment,
        preset: Preset,
    ) -> Result<(ApiKey, String), Fail> {
        let (record, key) = self.new_key(partner, environment, preset, None);
        self.write(with_key(record.clone())).await?;
        Ok((record, key))
    }

    /// A key that is not in force yet, with its spend limit in cents a month.
    pub(super) fn new_key(
        &self,
        partner: &Partner,
        environment: Environment,
        preset: Preset,
        spend_limit_cents: Option<Cents>,
    ) -> (ApiKey, String) {
        let random: String = self.ids.random::<20>().iter().map(|byte| format!("{byte:02x}")).collect();
        let key = format!("pk_{}_{random}", environment.as_str());
        let record = ApiKey {
            spend_limit_cents,
            ..ApiKey::new(
                self.ids.next(),
                partner.id.clone(),
                environment,
                preset,
                keys::hash(self.store.vault(), &key),
                key[key.len() - 4..].to_owned(),
                self.now(),
            )
        };
        (record, key)
    }
}

/// The change that puts a key in force.
pub(super) fn with_key(record: ApiKey) -> Change {
    let mut change = Change::default();
    change.keys.insert.push(record);
    change
}

fn said(failure: &Failure) -> String {
    match failure {
        Failure::Refused(refusal) => refusal.first().message.clone(),
        other => other.to_string(),
    }
}
