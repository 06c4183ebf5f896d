//! The composition root: every part is made and joined here, and nowhere else.

use std::sync::Arc;
use std::time::Duration;

use api::{App, Readiness, Streams};
use app::consents::Consents;
use app::live::Live;
use app::{Catalog, Core, Wake};
use engine::{Accounts, Courier, Engine, Parts, Probe};
use model::clock::Clock;
use model::id::Ids;
use model::order::SequencerProvider;
use model::patience::Patience;
use model::role::Role;
use providers::all::sim::{Sim, SimSettings};
use providers::roster::Providers;
use store::{Opening, Store, Writing, file_modes};
use tokio_util::sync::CancellationToken;

use crate::account_settings::WhilePaused;
use crate::accounts::Players;
use crate::config::{Config, Unknown};
use crate::consent_pages::ConsentPages;
use crate::notices::Board;
use crate::registrars::Registrars;

/// What differs between a server and a test of one.
pub struct Surroundings {
    /// Server time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Ids,
    /// Who carries webhooks.
    pub courier: Arc<dyn Courier>,
    /// Who plays beside the sandbox.
    pub players: Players,
    /// A test's reach into the worker.
    pub probe: Option<Arc<dyn Probe>>,
}

/// A whole Mailwright, not running yet.
#[derive(Clone)]
pub struct Wired {
    /// The API.
    pub app: Arc<App>,
    /// The engine.
    pub engine: Engine,
    /// What is remembered.
    pub store: Store,
    /// The sandbox world.
    pub sim: Sim,
    /// Who plays which role.
    pub providers: Providers,
    /// How the accounts at providers answer.
    pub accounts: Arc<Accounts>,
    /// Who carries webhooks.
    pub courier: Arc<dyn Courier>,
    /// What this process has found that the operator should know.
    pub board: Arc<Board>,
    /// Wakes the workers of this process, and says what others are told.
    pub wake: Arc<engine::Wake>,
    /// Says that other processes should take over.
    pub leaving: CancellationToken,
    /// Stops the engine.
    pub stop: CancellationToken,
}

/// How long a command beside the server may take over one statement.
const COMMAND: Duration = Duration::from_secs(600);

impl Wired {
    /// Lets go of both databases, so that on SQLite each is one whole file.
    pub async fn close(&self) {
        self.store.close().await;
        self.sim.close().await;
    }
}

/// How a server opens its store.
#[must_use]
pub fn opening(config: &Config, migrate: bool) -> Opening {
    Opening {
        url: config.database(),
        key_file: config.key_file(),
        lock_file: Some(config.lock_file()),
        migrate,
        create: true,
        connections: config.database.connections,
        writing: Writing {
            waiting: config.database.writes_waiting,
            waiting_of_one: config.database.writes_waiting_per_partner,
            ..Writing::default()
        },
        patience: config.patience(),
        traces: config.signs_of_a_database(),
    }
}

/// How a command beside the server opens its store: it never migrates and makes nothing.
#[must_use]
pub fn opening_beside(config: &Config) -> Opening {
    let opening = opening(config, false);
    // What a command asks for may be long, and keeps nobody waiting.
    let patience = Patience { statement: COMMAND.max(opening.patience.statement), ..opening.patience };
    Opening { lock_file: None, migrate: false, create: false, connections: 2, patience, ..opening }
}

/// Opens the sandbox world.
///
/// # Errors
/// A sentence for the operator, when its database cannot be opened.
pub async fn open_sim(config: &Config, clock: Arc<dyn Clock>) -> Result<Sim, String> {
    let step_delay = Duration::from_millis(config.sandbox.step_delay_ms);
    if let Some(file) = file_modes::sqlite_file(&config.sandbox_database()) {
        // Where it cannot be made, opening it says so.
        let _ = file_modes::make_file(&file);
    }
    let opened =
        Sim::open(&config.sandbox_database(), SimSettings { step_delay, clock, patience: config.patience() }).await;
    opened.map_err(|error| match config.sandbox.database_url.is_empty() {
        true => format!("the sandbox world cannot be opened: {error}; move sandbox.db away to begin a new one"),
        false => format!("the sandbox world cannot be opened: {error}; correct sandbox.database_url"),
    })
}

/// Joins the parts of a server on an open store and sandbox.
#[must_use]
pub fn wire(config: &Config, public_url: String, store: Store, sim: Sim, around: Surroundings) -> Wired {
    let vendor_sandboxes = around.players.vendors.as_ref().map(|vendors| vendors.partners.clone()).unwrap_or_default();
    let providers = Providers::new(sim.cast(), around.players.live, around.players.vendors);
    let (wake, leaving, stop) = (Arc::new(engine::Wake::default()), CancellationToken::new(), CancellationToken::new());
    let accounts = Arc::new(Accounts::new(around.clock.clone()));
    let engine = Engine::new(Parts {
        store: store.clone(),
        clock: around.clock.clone(),
        ids: around.ids.clone(),
        providers: providers.clone(),
        accounts: accounts.clone(),
        courier: around.courier.clone(),
        wake: wake.clone(),
        stop: stop.clone(),
        results: engine::Results::default(),
        settings: engine::Settings {
            policy: config.policy(),
            rules: config.rules(),
            steps: config.engine.steps,
            deliveries: config.engine.deliveries,
            most_mended_percent: config.engine.most_mended_percent,
            development: config.development,
        },
        caps: Arc::new(config.caps()),
        probe: around.probe,
    });
    let core = Core {
        store: store.clone(),
        clock: around.clock.clone(),
        ids: around.ids,
        live: Live {
            roles: Role::ALL.iter().copied().filter(|role| providers.plays_live(*role)).collect(),
            sequencers: SequencerProvider::ALL.iter().copied().filter(|one| providers.sends_live(*one)).collect(),
            refuses_while_paused: config.live.while_paused == WhilePaused::Refuse,
        },
        vendor_sandboxes,
        consents: Consents::new(Arc::new(ConsentPages(providers.clone())), &public_url),
        catalog: Catalog::new(Arc::new(Registrars::new(providers.clone(), store.clone(), around.clock.clone()))),
        wake: waking(&wake),
        rules: config.rules(),
    };
    let app = App {
        core,
        streams: Streams::new(stop.clone()),
        settings: api_settings(config, public_url),
        leaving: leaving.clone(),
        stop: stop.clone(),
        readiness: Arc::new(Readiness::default()),
    };
    let (app, board, courier) = (Arc::new(app), Arc::default(), around.courier);
    Wired { app, engine, store, sim, providers, accounts, courier, board, wake, leaving, stop }
}

/// How requests wake the workers.
fn waking(wake: &Arc<engine::Wake>) -> Wake {
    let wake = wake.clone();
    Wake::new(move || wake.nudge())
}

fn api_settings(config: &Config, public_url: String) -> api::Settings {
    api::Settings {
        public_url,
        rate_per_minute: config.rate_limit.per_minute,
        failed_per_minute: config.rate_limit.failed_per_minute,
        ignore_unknown_fields: config.api.unknown_fields == Unknown::Ignore,
        refuse_unknown_parameters: config.api.unknown_parameters == Unknown::Refuse,
        development: config.development,
        import_wait: Duration::from_secs(config.api.import_wait_seconds),
    }
}
