//! The true program on a throw-away database, with the sandbox, a clock that moves by hand and seeded
//! ids. Requests go straight into the router; webhooks land in a recorder.

#[macro_use]
#[path = "../../../../api/tests/api/support/proof.rs"]
pub(crate) mod proof;
pub(crate) mod collector;
pub(crate) mod courier;
pub(crate) mod live;
pub(crate) mod lottery;
#[path = "../../../../store/tests/support/postgres.rs"]
pub(crate) mod postgres;
pub(crate) mod swapping;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use courier::Recorder;
use engine::{Engine, Parts, Probe};
use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::{Clock, HandClock, SECOND, Time};
use model::delivery::Endpoint;
use model::id::Ids;
use model::partner::{ApiKey, Partner, Preset};
use model::secret::Secret;
use model::task::Lane;
use model::world::{Environment, Scope};
use providers::all::sim::{Sim, SimSettings};
use providers::cast::Cast;
use providers::roster::{Providers, Roster};
use serde_json::Value;
use server::accounts::Players;
use server::config::{Config, Flags};
use server::wire::{self, Surroundings, Wired};
use store::{Opening, Store, Witness, Writing, tasks};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// When every story begins: 2026-05-08T12:00:00Z.
pub(crate) const NOW: Time = Time(1_778_241_600 * SECOND);

/// The furthest a story's clock is moved before left-over work fails it.
const HORIZON: i64 = 40 * model::clock::DAY;

/// What is due later than this is planned for its time, not left over: a renewal, the end of a month.
const PLANNED: i64 = 23 * model::clock::HOUR;

/// A whole Mailwright under test.
pub(crate) struct Rig {
    pub(crate) wired: Wired,
    pub(crate) router: axum::Router,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) courier: Arc<Recorder>,
    pub(crate) partner: Partner,
    pub(crate) key: String,
    pub(crate) config: Config,
    pub(crate) folder: Arc<TempDir>,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Rig {
    pub(crate) async fn sqlite() -> Self {
        Self::build(None, None, 0, Writing::default()).await
    }

    /// The same, or on this database, with somebody who hears every statement.
    pub(crate) async fn witnessed(database_url: Option<String>, witness: Witness) -> Self {
        Self::build(database_url, None, 0, Writing { witness: Some(witness), ..Writing::default() }).await
    }

    /// The same, whose synchronous imports wait for their zones so many seconds.
    pub(crate) async fn waiting(database_url: Option<String>, seconds: u64) -> Self {
        Self::build(database_url, None, seconds, Writing::default()).await
    }

    /// `None` when PostgreSQL is not installed (which CI does not accept).
    pub(crate) async fn postgres() -> Option<Self> {
        let url = postgres::server()?.fresh_schema().await;
        Some(Self::build(Some(url), None, 0, Writing::default()).await)
    }

    pub(crate) async fn with_probe(probe: Arc<dyn Probe>) -> Self {
        Self::build(None, Some(probe), 0, Writing::default()).await
    }

    /// One whose key is a live one: a vendor sells names, and people make the mailboxes.
    pub(crate) async fn live(database_url: Option<String>, probe: Option<Arc<dyn Probe>>) -> Self {
        let rig = Self::build_with(database_url, probe, 0, Writing::default(), live::configure).await;
        let (partner, key) = make_partner(&rig.wired, "Alive", Preset::Full, Environment::Live).await;
        Self { partner, key, ..rig }
    }

    /// On PostgreSQL, with other settings.
    pub(crate) async fn with_settings(set: impl FnOnce(&mut Config)) -> Option<Self> {
        let url = postgres::server()?.fresh_schema().await;
        Some(Self::build_with(Some(url), None, 0, Writing::default(), set).await)
    }

    async fn build(
        database_url: Option<String>,
        probe: Option<Arc<dyn Probe>>,
        import_wait: u64,
        writing: Writing,
    ) -> Self {
        Self::build_with(database_url, probe, import_wait, writing, |_| ()).await
    }

    async fn build_with(
        database_url: Option<String>,
        probe: Option<Arc<dyn Probe>>,
        import_wait: u64,
        writing: Writing,
        set: impl FnOnce(&mut Config),
    ) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a temporary folder"));
        let flags = Flags { data: Some(folder.path().to_owned()), database_url, listen: None };
        let mut config = Config::load(None, &flags).expect("the defaults are fine");
        config.development = true;
        config.database.connections = 16;
        config.rate_limit.per_minute = 0;
        config.api.import_wait_seconds = import_wait;
        // Nothing here may depend on the speed of the machine.
        config.database.statement_timeout_ms = 120_000;
        config.database.lock_timeout_ms = 120_000;
        config.database.idle_in_transaction_timeout_ms = 120_000;
        set(&mut config);
        let clock = HandClock::at(NOW);
        let opening = Opening { writing, ..wire::opening(&config, true) };
        let store = Store::open(&opening).await.expect("the store opens");
        let courier = Arc::new(Recorder::default());
        let (wired, router) = Self::join(&config, &clock, store, courier.clone(), (probe, Players::default()), 1).await;
        let (partner, key) = make_partner(&wired, "Acme", Preset::Full, Environment::Test).await;
        Self { wired, router, clock, courier, partner, key, config, folder }
    }

    async fn join(
        config: &Config,
        clock: &Arc<HandClock>,
        store: Store,
        courier: Arc<Recorder>,
        (probe, players): (Option<Arc<dyn Probe>>, Players),
        seed: u64,
    ) -> (Wired, axum::Router) {
        let settings =
            SimSettings { step_delay: std::time::Duration::ZERO, clock: clock.clone(), patience: config.patience() };
        let sim = Sim::open(&config.sandbox_database(), settings).await.expect("the sandbox opens");
        let (clock, ids): (Arc<dyn Clock>, _) = (clock.clone(), Ids::seeded(clock.clone(), seed));
        let live = players.live.or_else(|| config.live.plays().then(|| live::roster(&sim, &clock)));
        let around = Surroundings { clock, ids, courier, players: Players { live, ..players }, probe };
        let wired = wire::wire(config, "http://mailwright.test".into(), store, sim, around);
        let router = api::router(wired.app.clone());
        (wired, router)
    }

    /// A server whose live keys buy at these accounts; its own key is one.
    pub(crate) async fn live_at(mut config: Config, accounts: impl FnOnce(&Arc<HandClock>) -> Roster) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a temporary folder"));
        config.data = folder.path().to_owned();
        config.rate_limit.per_minute = 0;
        let clock = HandClock::at(NOW);
        let store = Store::open(&wire::opening(&config, true)).await.expect("the store opens");
        let courier = Arc::new(Recorder::default());
        let players = Players { live: Some(accounts(&clock)), vendors: None };
        let (wired, router) = Self::join(&config, &clock, store, courier.clone(), (None, players), 1).await;
        let (partner, key) = make_partner(&wired, "Acme", Preset::Full, Environment::Live).await;
        Self { wired, router, clock, courier, partner, key, config, folder }
    }

    /// A second process on the same database and sandbox (or the first one after it died).
    pub(crate) async fn another(&self, probe: Option<Arc<dyn Probe>>) -> Self {
        self.beside(probe, Players::default(), 2).await
    }

    /// The same, where these accounts play, and whose ids are none of another process's.
    pub(crate) async fn beside(&self, probe: Option<Arc<dyn Probe>>, players: Players, seed: u64) -> Self {
        // A process and not a command: it has as many connections as the first.
        let connections = self.config.database.connections;
        let opening = Opening { connections, ..wire::opening_beside(&self.config) };
        let store = Store::open(&opening).await.expect("the store opens beside");
        let (wired, router) =
            Self::join(&self.config, &self.clock, store, self.courier.clone(), (probe, players), seed).await;
        Self { wired, router, ..self.as_partner(self.partner.clone(), self.key.clone()) }
    }

    /// The same server, whose worker talks to this cast.
    pub(crate) fn employ(&mut self, cast: Cast, probe: Option<Arc<dyn Probe>>) {
        let config = &self.config;
        self.wired.engine = Engine::new(Parts {
            store: self.wired.store.clone(),
            clock: self.clock.clone(),
            ids: self.wired.app.ids.clone(),
            providers: Providers::new(cast, None, None),
            accounts: self.wired.accounts.clone(),
            courier: self.courier.clone(),
            wake: Arc::default(),
            stop: CancellationToken::new(),
            results: engine::Results::default(),
            settings: engine::Settings {
                policy: config.policy(),
                rules: config.rules(),
                steps: config.engine.steps,
                deliveries: config.engine.deliveries,
                most_mended_percent: config.engine.most_mended_percent,
                development: true,
            },
            caps: Arc::new(config.caps()),
            probe,
        });
    }

    pub(crate) fn scope(&self) -> Scope {
        self.partner.scope(Environment::Test)
    }

    /// The same server, called with another partner's key.
    pub(crate) fn as_partner(&self, partner: Partner, key: String) -> Self {
        Self {
            wired: self.wired.clone(),
            router: self.router.clone(),
            clock: self.clock.clone(),
            courier: self.courier.clone(),
            partner,
            key,
            config: self.config.clone(),
            folder: self.folder.clone(),
        }
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let text = body.map(Value::to_string);
        self.send(method, path, text, &[]).await
    }

    /// A request with exactly this body and these further headers.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/partner/v1{path}"))
            .header("authorization", format!("Bearer {}", self.key));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.unwrap_or_default())).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        proof::answered(method, &format!("/partner/v1{path}"), status.as_u16(), &body);
        Answer { status, headers, body }
    }

    /// Places an order that must be accepted, and answers its id.
    pub(crate) async fn place(&self, body: &Value) -> String {
        let answer = self.call("POST", "/orders", Some(body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.body["data"]["id"].as_str().expect("an id").to_owned()
    }

    pub(crate) async fn order(&self, id: &str) -> Value {
        let answer = self.call("GET", &format!("/orders/{id}"), None).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.body["data"].clone()
    }

    /// Works off everything that is due now, without moving the clock.
    pub(crate) async fn work_off(&self) {
        loop {
            let steps = self.wired.engine.work_due(Lane::Step).await.expect("steps are claimed");
            let sent = self.wired.engine.work_due(Lane::Delivery).await.expect("deliveries are claimed");
            let timers = self.wired.engine.work_due(Lane::Timer).await.expect("timers are claimed");
            if steps + sent + timers == 0 {
                return;
            }
        }
    }

    /// Works off everything that is not planned for later, moving the clock to the next due time; work left over fails the test.
    pub(crate) async fn settle_all(&self) {
        let began = self.clock.now();
        loop {
            self.work_off().await;
            let Some(due) = self.next_due().await else { return };
            assert!(due < began.plus(HORIZON), "work is left over at the horizon");
            self.clock.set(due.max(self.clock.now()));
        }
    }

    /// Moves the clock and works off what has come due.
    pub(crate) async fn advance(&self, micros: i64) {
        self.clock.advance(micros);
        self.work_off().await;
    }

    /// When something is due next; what is planned for later does not count.
    pub(crate) async fn next_due(&self) -> Option<Time> {
        let mut db = self.wired.store.read().await.expect("the store can be read");
        let mut next = vec![];
        for &lane in Lane::ALL {
            next.extend(tasks::next_due(&mut db, lane).await.expect("tasks can be read"));
        }
        next.into_iter().min().filter(|due| *due < self.clock.now().plus(PLANNED))
    }

    /// How often the sandbox did something, such as selling a name.
    pub(crate) async fn effects(&self, effect: &str, subject: &str) -> usize {
        let ledger = self.wired.sim.ledger(None).await.expect("the ledger can be read");
        ledger.iter().filter(|one| one.effect == effect && one.subject == subject).count()
    }

    /// The types of all events, oldest first; inboxes are too many to be told here.
    pub(crate) async fn event_types(&self) -> Vec<String> {
        let events = self.events().await;
        let kinds = events.iter().map(|event| event["type"].as_str().expect("a type").to_owned());
        kinds.filter(|kind| kind != "inbox.linked").collect()
    }

    /// All events, oldest first.
    pub(crate) async fn events(&self) -> Vec<Value> {
        let (mut events, mut next) = (vec![], Some("/events?per_page=100".to_owned()));
        while let Some(path) = next {
            let page = self.call("GET", &path, None).await.body;
            events.extend(page["data"].as_array().expect("a list").clone());
            next =
                page["links"]["next"].as_str().map(|link| link.split("/partner/v1").nth(1).expect("a path").to_owned());
        }
        events.reverse();
        events
    }

    /// An endpoint of the test environment, with its secret.
    pub(crate) async fn endpoint(&self, url: &str) -> (Endpoint, secrecy::SecretString) {
        self.endpoint_of(&self.partner, url).await
    }

    pub(crate) async fn endpoint_of(&self, partner: &Partner, url: &str) -> (Endpoint, secrecy::SecretString) {
        let secret = engine::signature::new_secret([5; 32]);
        let endpoint = Endpoint {
            id: self.wired.app.ids.next(),
            partner: partner.id.clone(),
            environment: Environment::Test,
            url: url.into(),
            events: None,
            disabled: None,
            from_cli: false,
            secret: Secret::Plain(secret.clone()),
            old_secret: None,
            old_secret_until: None,
            failing_since: None,
            created_at: self.clock.now(),
            version: 1,
        };
        let mut change = Change::default();
        change.endpoints.insert.push(endpoint.clone());
        write(&self.wired, change).await;
        (endpoint, secret)
    }
}

/// Writes a change that a story needs.
pub(crate) async fn write(wired: &Wired, change: Change) {
    let (ids, now) = (wired.app.ids.clone(), wired.app.clock.now());
    let written = wired.store.write(move |tx| {
        let (change, ids) = (change.clone(), ids.clone());
        async move { tx.apply(change, &ids, now).await }.boxed()
    });
    written.await.expect("the change is written");
}

/// A partner with one key.
pub(crate) async fn make_partner(
    wired: &Wired,
    name: &str,
    preset: Preset,
    environment: Environment,
) -> (Partner, String) {
    let (ids, now) = (&wired.app.ids, wired.app.clock.now());
    let partner = Partner::new(ids.next(), name, now);
    let key = format!("pk_{}_{}", environment.as_str(), name.to_lowercase());
    let record = ApiKey::new(
        ids.next(),
        partner.id.clone(),
        environment,
        preset,
        store::keys::hash(wired.store.vault(), &key),
        "test".into(),
        now,
    );
    let mut change = Change::default();
    change.partners.insert.push(partner.clone());
    change.keys.insert.push(record);
    write(wired, change).await;
    (partner, key)
}

/// An order's body for these names: half of them Google's, half Microsoft's.
pub(crate) fn order_body(names: &[&str]) -> Value {
    let microsoft = names.len() / 2;
    serde_json::json!({
        "user": "alex@acme.com",
        "google_licenses": 2 * (names.len() - microsoft),
        "microsoft_licenses": microsoft,
        "sequencer": { "provider": "smartlead", "client_id": 366_903, "login_email": "peeker@acme.com", "login_password": "hunter2-secret" },
        "forwarding_url": "https://acme.com",
        "domains": names,
        "personas": [
            { "first_name": "Alex", "last_name": "Rivera", "profile_picture_url": "" },
            { "first_name": "Sam", "last_name": "Lee", "profile_picture_url": "" },
        ],
    })
}

/// Compares a text with a file of the repository, or writes it when `UPDATE_GOLDEN` is set.
pub(crate) fn golden(path: &str, text: &str) {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if update_golden() {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("the folder can be made");
        std::fs::write(&file, text).expect("the file can be written");
    }
    assert!(kept(path) == text, "{path} is out of date; `just docs` writes it anew");
}

/// What a golden file holds.
pub(crate) fn kept(path: &str) -> String {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    std::fs::read_to_string(file).unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not of the product")]
fn update_golden() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}
