//! A whole server on a database on disk, with its workers running.

use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use axum::body::Body;
use axum::http::Request;
use engine::Stopped;
use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::SystemClock;
use model::id::Ids;
use model::partner::{ApiKey, Partner, Preset};
use model::world::Environment;
use serde_json::Value;
use server::accounts::Players;
use server::config::{Config, Flags};
use server::wire::{self, Surroundings, Wired};
use store::Store;
use tempfile::TempDir;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

pub(crate) struct Place {
    wired: Wired,
    router: axum::Router,
    engine: Mutex<Option<JoinHandle<Stopped>>>,
    _folder: TempDir,
}

/// A partner who calls.
#[derive(Clone)]
pub(crate) struct Caller {
    router: axum::Router,
    key: String,
}

impl Place {
    pub(crate) async fn open() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("mailwright-floods-").tempdir()?;
        let flags = Flags { data: Some(folder.path().to_owned()), database_url: None, listen: None };
        let mut config = Config::load(None, &flags).map_err(|faults| anyhow::anyhow!(faults.join("; ")))?;
        config.rate_limit.per_minute = 0;
        config.sandbox.step_delay_ms = 0;
        let clock = Arc::new(SystemClock);
        let store = Store::open(&wire::opening(&config, true)).await?;
        let sim = wire::open_sim(&config, clock.clone()).await.map_err(|fault| anyhow::anyhow!(fault))?;
        let ids = Ids::new(clock.clone());
        let around = Surroundings { clock, ids, courier: Arc::new(Nobody), players: Players::default(), probe: None };
        let wired = wire::wire(&config, "http://mailwright.test".into(), store, sim, around);
        let router = api::router(wired.app.clone());
        let engine = wired.engine.clone();
        let engine = Mutex::new(Some(tokio::spawn(async move { engine.run().await })));
        Ok(Self { wired, router, engine, _folder: folder })
    }

    /// A partner of this name, made when there is none.
    pub(crate) async fn caller(&self, name: &str) -> anyhow::Result<Caller> {
        let key = format!("pk_test_{name}");
        let caller = Caller { router: self.router.clone(), key: key.clone() };
        if caller.send("GET", "/me", &Value::Null).await?.0 == 200 {
            return Ok(caller);
        }
        let (ids, now) = (self.wired.app.ids.clone(), self.wired.app.clock.now());
        let partner = Partner::new(ids.next(), name, now);
        let record = ApiKey::new(
            ids.next(),
            partner.id.clone(),
            Environment::Test,
            Preset::Full,
            store::keys::hash(self.wired.store.vault(), &key),
            "test".into(),
            now,
        );
        let mut change = Change::default();
        change.partners.insert.push(partner);
        change.keys.insert.push(record);
        let written = self.wired.store.write(move |tx| {
            let (change, ids) = (change.clone(), ids.clone());
            async move { tx.apply(change, &ids, now).await }.boxed()
        });
        written.await.map_err(|failure| anyhow::anyhow!("the partner could not be written: {failure}"))?;
        Ok(caller)
    }

    /// Waits until so many orders are completed.
    pub(crate) async fn completed(&self, caller: &Caller, orders: u64) -> anyhow::Result<()> {
        loop {
            let (_, list) = caller.send("GET", "/orders?status=completed", &Value::Null).await?;
            if list["meta"]["returned"].as_u64() >= Some(orders) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn stop(&self) {
        self.wired.stop.cancel();
        if let Some(engine) = self.engine.lock().await.take() {
            // How it ended does not matter any more.
            let _ = engine.await;
        }
    }
}

impl Caller {
    /// A call that must be accepted.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let (status, answer) = self.send("POST", path, body).await?;
        if !(200..300).contains(&status) {
            bail!("{path} answered {status}: {answer}");
        }
        Ok(answer)
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> anyhow::Result<(u16, Value)> {
        let request = Request::builder()
            .method(method)
            .uri(format!("/partner/v1{path}"))
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", "application/json");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let response = self.router.clone().oneshot(request.body(body)?).await?;
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await?;
        Ok((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }
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
        _: Duration,
        _: providers::egress::Trust,
    ) -> Result<providers::egress::Reply, providers::egress::EgressError> {
        Err(providers::egress::EgressError::Timeout)
    }
}
