//! A database with one partner, and the router on it.

use std::path::Path;
use std::sync::Arc;

use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::HandClock;
use model::id::{Id as _, Ids, PartnerId};
use model::partner::{ApiKey, Partner, Preset};
use model::world::{Environment, World};
use providers::all::sim::{Sim, SimSettings};
use server::accounts::Players;
use server::config::{Config, Flags};
use server::wire::{self, Surroundings, Wired};
use store::Store;
use tempfile::TempDir;

use crate::postgres;
use crate::seeding::{NOW, Owner};

/// A database with one partner, and the router on it.
pub(crate) struct Place {
    pub(crate) router: axum::Router,
    pub(crate) url: String,
    key: String,
    _folder: Option<Arc<TempDir>>,
}

impl Place {
    pub(crate) async fn sqlite() -> anyhow::Result<Self> {
        let folder = Arc::new(tempfile::Builder::new().prefix("mailwright-lists-").tempdir()?);
        Self::open(folder.path(), None, Some(folder.clone())).await
    }

    pub(crate) async fn postgres(server: &'static postgres::Server) -> anyhow::Result<Self> {
        let folder = Arc::new(tempfile::Builder::new().prefix("mailwright-lists-").tempdir()?);
        let url = server.fresh_schema().await;
        Self::open(folder.path(), Some(url), Some(folder.clone())).await
    }

    /// A data folder that stays.
    pub(crate) async fn at(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Self::open(folder, None, None).await
    }

    async fn open(data: &Path, url: Option<String>, folder: Option<Arc<TempDir>>) -> anyhow::Result<Self> {
        let flags = Flags { data: Some(data.to_owned()), database_url: url, listen: None };
        let mut config = Config::load(None, &flags).map_err(|faults| anyhow::anyhow!(faults.join("; ")))?;
        config.rate_limit.per_minute = 0;
        config.database.connections = 2;
        let clock = HandClock::at(NOW);
        let store = Store::open(&wire::opening(&config, true)).await?;
        let settings = SimSettings {
            step_delay: std::time::Duration::ZERO,
            clock: clock.clone(),
            patience: model::patience::Patience::default(),
        };
        let sim = Sim::open(&config.sandbox_database(), settings).await?;
        let ids = Ids::seeded(clock.clone(), 1);
        let around = Surroundings {
            clock: clock.clone(),
            ids,
            courier: Arc::new(Nobody),
            players: Players::default(),
            probe: None,
        };
        let wired = wire::wire(&config, "http://mailwright.test".into(), store, sim, around);
        let key = make_partner(&wired).await?;
        let router = api::router(wired.app.clone());
        Ok(Self { router, url: config.database(), key, _folder: folder })
    }

    /// The partner's key.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}

/// The partner that everything belongs to.
fn partner() -> PartnerId {
    PartnerId::opaque("org_00000000000000000000000001")
}

/// Whose everything is, and in which world.
pub(crate) fn owner() -> Owner {
    Owner { partner: partner(), world: World::test(&partner(), 1) }
}

async fn make_partner(wired: &Wired) -> anyhow::Result<String> {
    let key = "pk_test_seeded".to_owned();
    let now = wired.app.clock.now();
    let mut change = Change::default();
    change.partners.insert.push(Partner::new(partner(), "Seeded", now));
    change.keys.insert.push(ApiKey::new(
        wired.app.ids.next(),
        partner(),
        Environment::Test,
        Preset::Full,
        store::keys::hash(wired.store.vault(), &key),
        "eded".into(),
        now,
    ));
    let ids = wired.app.ids.clone();
    let written = wired.store.write(move |tx| {
        let (change, ids) = (change.clone(), ids.clone());
        async move { tx.apply(change, &ids, now).await }.boxed()
    });
    written.await.map_err(|failure| anyhow::anyhow!("the partner could not be written: {failure}"))?;
    Ok(key)
}

/// Carries nothing.
struct Nobody;

#[async_trait::async_trait]
impl engine::Courier for Nobody {
    async fn post(
        &self,
        _: &str,
        _: Vec<(String, String)>,
        _: Vec<u8>,
        _: std::time::Duration,
        _: providers::egress::Trust,
    ) -> Result<providers::egress::Reply, providers::egress::EgressError> {
        Err(providers::egress::EgressError::Timeout)
    }
}
