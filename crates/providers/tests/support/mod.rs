//! A sandbox on a temporary file, and shorthands for calling it.

use std::time::Duration;

use model::clock::{HandClock, Time};
use model::domain::DomainName;
use model::run::StepName;
use model::world::World;
use providers::all::sim::{Effect, Sim, SimSettings};
use providers::call::Call;
use providers::cast::Cast;
use tempfile::TempDir;

/// A sandbox of a test's own.
pub(crate) struct Sandbox {
    pub(crate) sim: Sim,
    pub(crate) cast: Cast,
    pub(crate) world: World,
    url: String,
    _folder: Option<TempDir>,
}

/// Partner time at the start of every test.
pub(crate) fn start() -> Time {
    Time::parse("2026-05-08T12:00:00Z").unwrap()
}

impl Sandbox {
    /// A sandbox in a file of its own.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = Self::at(&file(&folder), 0).await;
        Self { _folder: Some(folder), ..sandbox }
    }

    /// A world of a sandbox that others may use too.
    pub(crate) async fn at(url: &str, world: usize) -> Self {
        show_vendors();
        let sim = open(url).await;
        let world = World::stored(format!("test:org_1:{world}"));
        Self { cast: sim.cast(), sim, world, url: url.to_owned(), _folder: None }
    }

    /// The same memory as another process would see it.
    pub(crate) async fn again(&self) -> Sim {
        open(&self.url).await
    }

    pub(crate) fn call(&self, name: &str, step: StepName) -> Call {
        Call {
            world: self.world.clone(),
            now: start(),
            reference: format!("run_{name}/{}", step.as_str()),
            nudges: 0,
            subject: DomainName::stored(name),
            registrant: None,
            asked_at: None,
            customer: None,
            by_hand: None,
        }
    }

    pub(crate) async fn ledger(&self) -> Vec<Effect> {
        self.sim.ledger(Some(&self.world)).await.unwrap()
    }

    /// How often an effect is in the ledger.
    pub(crate) async fn count(&self, effect: &str, subject: &str) -> usize {
        self.ledger().await.iter().filter(|row| row.effect == effect && row.subject == subject).count()
    }
}

/// Has a test that fails show what vendors said no with, and which of their answers were not understood: an adapter passes none of
/// it on. The tests that pass say nothing.
fn show_vendors() {
    let log = tracing_subscriber::fmt().with_env_filter("providers::vendor=info").with_test_writer();
    // Another test of this process may have been first.
    let _ = log.with_ansi(false).without_time().try_init();
}

/// The address of a sandbox's file in a folder.
pub(crate) fn file(folder: &TempDir) -> String {
    format!("sqlite:{}", folder.path().join("sandbox.db").display())
}

/// What another process would see at that address.
pub(crate) async fn open(url: &str) -> Sim {
    let settings = SimSettings {
        step_delay: Duration::ZERO,
        clock: HandClock::at(start()),
        patience: model::patience::Patience::default(),
    };
    Sim::open(url, settings).await.unwrap()
}
