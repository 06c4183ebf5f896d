//! What the operator's commands share: the store beside a running server, and partners by name.

use std::ops::Deref;
use std::sync::Arc;

use app::operator::{Operator, Prepared};
use model::audit::Origin;
use model::clock::{Clock, Machine};
use model::id::Ids;
use model::partner::{ApiKey, Partner, Preset};
use model::shown::short;
use model::world::Environment;
use store::{Failure, Store, partners};

use super::system_user::system_user;
use super::{Common, Fail};
use crate::config::{Config, Flags};
use crate::{timekeeper, wire};

/// The operator, at a store that is open beside a running server.
pub(super) struct Desk {
    /// The configuration.
    pub(super) config: Config,
    operator: Operator,
}

impl Deref for Desk {
    type Target = Operator;

    fn deref(&self) -> &Operator {
        &self.operator
    }
}

impl Desk {
    /// Opens the store of the configured data folder.
    pub(super) async fn open(common: &Common) -> Result<Self, Fail> {
        let config = common.load(Flags::default())?;
        let store = common.open(&wire::opening_beside(&config)).await?;
        let clock = timekeeper::clock(&store, Arc::new(Machine::new())).await?;
        Ok(Self::at(config, store, clock, &common.name))
    }

    /// A desk on a store that is open already, with its server's clock.
    #[must_use]
    pub(super) fn at(config: Config, store: Store, clock: Arc<dyn Clock>, command: &str) -> Self {
        let ids = Ids::new(clock.clone());
        let (command, system_user) = (Some(command.to_owned()), Some(system_user()));
        let origin = Origin { command, system_user, ..Origin::default() };
        Self { config, operator: Operator { store, clock, ids, origin } }
    }

    /// A partner by id or name.
    pub(super) async fn partner(&self, text: &str) -> Result<Partner, Fail> {
        let found = partners::by_id_or_name(&mut self.store.read().await?, text).await?;
        found.ok_or_else(|| {
            Fail::refused(format!("there is no partner {:?}; `mailwright partners list` shows them", short(text)))
        })
    }

    /// Puts a new secret in force that has just been shown.
    pub(super) async fn put_in_force(&self, prepared: Prepared) -> Result<(), Fail> {
        self.operator.put_in_force(prepared).await.map_err(|failure| {
            Fail::failed(format!("what is printed above is not in force, make another: {}", said(&failure)))
        })
    }

    /// Makes a key without a spend limit, in force at once.
    pub(super) async fn make_key(
        &self,
        partner: &Partner,
        environment: Environment,
        preset: Preset,
    ) -> Result<(ApiKey, String), Fail> {
        let new = self.new_key(partner, environment, preset, None);
        let made = (new.record.clone(), new.key.clone());
        self.operator.put_in_force(new.prepared()).await?;
        Ok(made)
    }
}

fn said(failure: &Failure) -> String {
    match failure {
        Failure::Refused(refusal) => refusal.first().message.clone(),
        other => other.to_string(),
    }
}
