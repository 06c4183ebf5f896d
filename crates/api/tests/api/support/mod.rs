//! An API over a store in a folder of its own, a clock that moves by hand, and a registrar that
//! follows the sandbox's names.

#[macro_use]
pub(crate) mod proof;
mod names;
mod reply;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use api::{App, Readiness, Settings, Streams, router};
use app::consents::Consents;
use app::live::Live;
use app::{Catalog, Core, Wake};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use model::bundle::Sizing;
use model::change::Change;
use model::clock::{Clock, HandClock, Time};
use model::id::{Ids, PartnerId};
use model::money::PriceBook;
use model::order::{Rules, SequencerProvider};
use model::partner::{ApiKey, Partner, Preset};
use model::role::Role;
use model::world::{Environment, Scope, World};
use serde_json::{Value, json};
use store::{Opening, Store, Writing, keys, partners};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

pub(crate) use names::Names;
pub(crate) use reply::Reply;

/// Noon of the day in the published samples.
pub(crate) const NOON: &str = "2026-05-08T12:00:00Z";

pub(crate) struct Api {
    pub(crate) router: Router,
    pub(crate) store: Store,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) names: Arc<Names>,
    pub(crate) folder: TempDir,
    pub(crate) partner: PartnerId,
    /// A `full` key of the sandbox.
    pub(crate) key: String,
    /// Says that it is about to stop.
    pub(crate) leaving: CancellationToken,
    /// Ends what waits.
    pub(crate) stop: CancellationToken,
    pub(crate) ids: Ids,
    pub(crate) readiness: Arc<Readiness>,
    nudges: Arc<AtomicUsize>,
    live: Live,
    pub(crate) vendor_sandboxes: BTreeSet<PartnerId>,
}

pub(crate) fn settings() -> Settings {
    Settings {
        public_url: "https://api.mailwright.test/".into(),
        rate_per_minute: 0,
        failed_per_minute: 0,
        ignore_unknown_fields: false,
        refuse_unknown_parameters: false,
        development: false,
        import_wait: std::time::Duration::ZERO,
    }
}

impl Api {
    pub(crate) async fn start() -> Self {
        Self::with(settings()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        Self::on(settings, Writing::default()).await
    }

    /// With providers for the live environment.
    pub(crate) async fn live() -> Self {
        let mut api = Self::start().await;
        api.live = Live {
            roles: Role::ALL.to_vec(),
            sequencers: SequencerProvider::ALL.to_vec(),
            refuses_while_paused: false,
        };
        api.configure(settings(), PriceBook::default());
        api
    }

    /// With so many places for requests that wait for their write, in all and for one partner.
    pub(crate) async fn holding(waiting: usize, waiting_of_one: usize) -> Self {
        Self::on(settings(), Writing { waiting, waiting_of_one, ..Writing::default() }).await
    }

    async fn on(settings: Settings, writing: Writing) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let opening = Opening {
            url: format!("sqlite:{}", folder.path().join("mailwright.db").display()),
            key_file: folder.path().join("master.key"),
            lock_file: None,
            migrate: true,
            create: true,
            connections: 8,
            writing,
            patience: model::patience::Patience::default(),
            traces: vec![],
        };
        let store = Store::open(&opening).await.expect("a new store opens");
        let clock = HandClock::at(Time::parse(NOON).expect("a time"));
        let ids = Ids::seeded(clock.clone(), 1);
        let (names, nudges) = (Arc::new(Names::default()), Arc::new(AtomicUsize::new(0)));
        let (partner, router) = (ids.next(), Router::new());
        let mut api = Self {
            router,
            store,
            clock,
            names,
            folder,
            partner,
            key: String::new(),
            leaving: CancellationToken::new(),
            stop: CancellationToken::new(),
            ids,
            readiness: Arc::default(),
            nudges,
            live: Live::default(),
            vendor_sandboxes: BTreeSet::new(),
        };
        api.configure(settings, PriceBook::default());
        api.partner = api.add_partner("Acme Resellers").await;
        api.key = api.add_key(Environment::Test, Preset::Full).await;
        api
    }

    /// Serves the same data with another configuration.
    pub(crate) fn configure(&mut self, settings: Settings, book: PriceBook) {
        let counter = self.nudges.clone();
        self.router = router(App {
            core: Core {
                store: self.store.clone(),
                clock: self.clock.clone(),
                ids: self.ids.clone(),
                catalog: Catalog::new(self.names.clone()),
                consents: Consents::new(self.names.clone(), &settings.public_url),
                wake: Wake::new(move || _ = counter.fetch_add(1, Ordering::SeqCst)),
                rules: Rules { sizing: Sizing::default(), book, live: None },
                live: self.live.clone(),
                vendor_sandboxes: self.vendor_sandboxes.clone(),
            },
            streams: Streams::new(self.stop.clone()),
            leaving: self.leaving.clone(),
            stop: self.stop.clone(),
            readiness: self.readiness.clone(),
            settings,
        });
    }

    /// Limits what all keys of the partner together may spend in a month.
    pub(crate) async fn limit_partner(&self, spend_limit_cents: Option<i64>) {
        let partner = partners::get(&mut self.store.read().await.expect("a connection"), &self.partner).await;
        let partner = partner.expect("the partner is read").expect("the partner is there");
        let mut change = Change::default();
        change.partners.update.push(Partner { spend_limit_cents, ..partner });
        self.write(change).await;
    }

    pub(crate) async fn add_partner(&self, name: &str) -> PartnerId {
        let partner = Partner { test_epoch: 0, ..Partner::new(self.ids.next(), name, self.clock.now()) };
        let id = partner.id.clone();
        let mut change = Change::default();
        change.partners.insert.push(partner);
        self.write(change).await;
        id
    }

    pub(crate) async fn add_key(&self, environment: Environment, preset: Preset) -> String {
        self.add_key_of(&self.partner, environment, preset, |_| ()).await
    }

    pub(crate) async fn add_key_of(
        &self,
        partner: &PartnerId,
        environment: Environment,
        preset: Preset,
        adjust: impl FnOnce(&mut ApiKey),
    ) -> String {
        let id: model::id::KeyId = self.ids.next();
        let text = format!("pk_{}_{id}", environment.as_str());
        let mut key = ApiKey::new(
            id,
            partner.clone(),
            environment,
            preset,
            keys::hash(self.store.vault(), &text),
            "hint".into(),
            self.clock.now(),
        );
        adjust(&mut key);
        let mut change = Change::default();
        change.keys.insert.push(key);
        self.write(change).await;
        text
    }

    pub(crate) async fn write(&self, change: Change) {
        let (ids, now) = (self.ids.clone(), self.clock.now());
        let writing = self.store.write(move |tx| {
            let (change, ids) = (change.clone(), ids.clone());
            Box::pin(async move { tx.apply(change, &ids, now).await })
        });
        writing.await.expect("the change is written");
    }

    pub(crate) async fn revoke_keys(&self) {
        let mut db = self.store.read().await.expect("the store can be read");
        let keys = store::keys::list(&mut db, None).await.expect("keys can be read");
        drop(db);
        let mut change = Change::default();
        change.keys.update.extend(keys.into_iter().map(|key| ApiKey { revoked_at: Some(key.created_at), ..key }));
        self.write(change).await;
    }

    /// What the partner's test keys see.
    pub(crate) fn scope(&self) -> Scope {
        Scope { partner: self.partner.clone(), world: World::test(&self.partner, 0) }
    }

    pub(crate) fn nudges(&self) -> usize {
        self.nudges.load(Ordering::SeqCst)
    }

    /// Sends a request as it is. Whatever comes back has its ids, and its envelope when it is an error.
    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        let reply = Reply::of(response).await;
        proof::answered(method.as_str(), &path, reply.status, &reply.json);
        reply
    }

    /// What is no JSON: status, type and text.
    pub(crate) async fn raw(&self, request: Request<Body>) -> (u16, String, String) {
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        let kind = response.headers()["content-type"].to_str().expect("a type").to_owned();
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        (status, kind, String::from_utf8(bytes.to_vec()).expect("text"))
    }

    /// A page outside the partner's path: its status and its text.
    pub(crate) async fn text(&self, path: &str) -> (axum::http::StatusCode, String) {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        proof::answered("GET", path, status.as_u16(), &serde_json::from_str(&text).unwrap_or_default());
        (status, text)
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.get_as(&self.key, path).await
    }

    pub(crate) async fn get_as(&self, key: &str, path: &str) -> Reply {
        self.send(request("GET", path, key).body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.json("POST", path, body).await
    }

    pub(crate) async fn json(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.json_as(&self.key, method, path, body).await
    }

    pub(crate) async fn json_as(&self, key: &str, method: &str, path: &str, body: &Value) -> Reply {
        let request = request(method, path, key).header("Content-Type", "application/json");
        self.send(request.body(Body::from(body.to_string())).expect("a request")).await
    }

    /// A bundle that needs one domain of each provider.
    pub(crate) async fn small_bundle(&self) -> String {
        let reply = self.post("/partner/v1/bundles", &json!({ "name": "Small", "monthly_sending_volume": 880 })).await;
        reply.is(201).data()["id"].as_str().expect("an id").to_owned()
    }
}

/// A request with a key, its body still missing.
pub(crate) fn request(method: &str, path: &str, key: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("Authorization", format!("Bearer {key}"))
}

/// The published order for a bundle.
pub(crate) fn order(bundle: &str) -> Value {
    json!({
        "user": "alex@acme.com",
        "bundle_id": bundle,
        "sequencer": {
            "provider": "smartlead",
            "client_id": 366_903,
            "login_email": "peeker@yourcompany.com",
            "login_password": "correct-horse"
        },
        "forwarding_url": "https://acme.com",
        "domains": ["acme-mail.com", "team-acme.com"],
        "personas": [
            { "first_name": "Alex", "last_name": "Rivera", "profile_picture_url": "" },
            { "first_name": "Sam", "last_name": "Lee", "profile_picture_url": "" }
        ]
    })
}

/// The same body with other values at some fields; null stays null.
pub(crate) fn with(body: &Value, fields: &[(&str, Value)]) -> Value {
    let mut body = body.clone();
    for (name, value) in fields {
        body[*name] = value.clone();
    }
    body
}

/// The same body without a field.
pub(crate) fn without(body: &Value, field: &str) -> Value {
    let mut body = body.clone();
    body.as_object_mut().expect("an object").remove(field);
    body
}
