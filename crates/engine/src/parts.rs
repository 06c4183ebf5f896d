//! What the engine works with.

use std::sync::Arc;

use model::caps::Caps;
use model::clock::Clock;
use model::id::Ids;
use model::order::Rules;
use model::run::Policy;
use providers::roster::Providers;
use store::Store;
use tokio_util::sync::CancellationToken;

use crate::accounts::Accounts;
use crate::courier::Courier;
use crate::probe::Probe;
use crate::results::Results;
use crate::wake::Wake;

/// What the operator's configuration says about the engine.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How patient it is.
    pub policy: Policy,
    /// What things cost.
    pub rules: Rules,
    /// Steps under way at once.
    pub steps: usize,
    /// Deliveries under way at once.
    pub deliveries: usize,
    /// Of a hundred zones of a partner so many are put right in an hour at most.
    pub most_mended_percent: i64,
    /// Whether test endpoints may be on this machine.
    pub development: bool,
}

/// What the engine works with.
pub struct Parts {
    /// What is remembered.
    pub store: Store,
    /// Server time.
    pub clock: Arc<dyn Clock>,
    /// New ids, and jitter.
    pub ids: Ids,
    /// Who steps talk to.
    pub providers: Providers,
    /// How they have been answering.
    pub accounts: Arc<Accounts>,
    /// Who carries webhooks.
    pub courier: Arc<dyn Courier>,
    /// Wakes resting lanes.
    pub wake: Arc<Wake>,
    /// Tells the engine to stop: nothing is claimed any more, and running work ends with its step.
    pub stop: CancellationToken,
    /// What came of work and is not written yet.
    pub results: Results,
    /// See [`Settings`].
    pub settings: Settings,
    /// The most that is spent with live keys.
    pub caps: Arc<Caps>,
    /// A test's reach into the worker.
    pub probe: Option<Arc<dyn Probe>>,
}
