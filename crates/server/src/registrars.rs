//! The registrars as the API may see them: it can ask, and never buy.

use std::sync::{Arc, Mutex, PoisonError};

use app::{CatalogError, Looking, NameSource};
use async_trait::async_trait;
use model::account::{Has, Load};
use model::clock::{Clock, SECOND, Time};
use model::domain::{DomainName, NameAnswer};
use model::role::Role;
use model::world::World;
use providers::roles::Purpose;
use providers::roster::{Providers, Sellers};
use store::{Store, domains};

/// How long it is believed how many names the accounts have, in microseconds: they are counted only where that decides.
const COUNTED: i64 = 10 * SECOND;

/// The registrars of all worlds.
pub(crate) struct Registrars {
    providers: Providers,
    store: Store,
    clock: Arc<dyn Clock>,
    load: Mutex<Option<(Time, Load)>>,
}

impl Registrars {
    pub(crate) const fn new(providers: Providers, store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { providers, store, clock, load: Mutex::new(None) }
    }

    /// How many names the registrars' accounts have.
    async fn load(&self, world: &World) -> Result<Load, CatalogError> {
        let counts = self.providers.roster(world).is_some_and(|roster| roster.lineup.counts(Role::Registrar));
        if !counts {
            return Ok(Load::new());
        }
        let kept = self.load.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let now = self.clock.now();
        if let Some((_, load)) = kept.filter(|(at, _)| now < at.plus(COUNTED)) {
            return Ok(load);
        }
        let mut db = self.store.read().await.map_err(|_| CatalogError::Unreachable)?;
        let counted = domains::in_accounts(&mut db, Role::Registrar).await.map_err(|_| CatalogError::Unreachable)?;
        let load: Load =
            counted.into_iter().map(|(account, has)| ((Role::Registrar, account), Has::domains(has))).collect();
        *self.load.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, load.clone()));
        Ok(load)
    }
}

#[async_trait]
impl NameSource for Registrars {
    async fn check(
        &self,
        world: &World,
        names: &[DomainName],
        looking: Looking<'_>,
    ) -> Result<Vec<NameAnswer>, CatalogError> {
        if !self.providers.sells(world) {
            return Err(CatalogError::NotConfigured);
        }
        let (sellers, purpose) = match looking {
            Looking::Browsing => (Sellers::WithRoom(self.load(world).await?), Purpose::Browse),
            Looking::Buying => (Sellers::WithRoom(self.load(world).await?), Purpose::Buy),
            Looking::BuyingAt(account) => (Sellers::Only(account.to_owned()), Purpose::Buy),
        };
        match self.providers.check(world, names, purpose, &sellers).await {
            Err(trouble) if trouble.until().is_some() => {
                let errored = |name: &DomainName| NameAnswer::errored(name.clone(), trouble.until());
                Ok(names.iter().map(errored).collect())
            }
            answers => answers.map_err(|_| CatalogError::Unreachable),
        }
    }
}
