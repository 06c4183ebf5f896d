//! What the handlers share.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use app::Core;
use model::world::Environment;
use tokio_util::sync::CancellationToken;

use crate::body::Unknown;
use crate::readiness::Readiness;
use crate::stream::Streams;

/// The parts that the API is made of. The server fills it in.
pub struct App {
    /// What use cases work with.
    pub core: Core,
    /// Answers that go on.
    pub streams: Streams,
    /// Cancelled when other processes should take over, while this one still serves.
    pub leaving: CancellationToken,
    /// Cancelled when the server stops: whoever waits for something answers at once.
    pub stop: CancellationToken,
    /// Whether anything can be written.
    pub readiness: Arc<Readiness>,
    /// What it says about the API itself.
    pub settings: Settings,
}

impl Deref for App {
    type Target = Core;

    fn deref(&self) -> &Core {
        &self.core
    }
}

impl App {
    /// What calls that spend nothing do with fields that they do not know.
    pub(crate) const fn unknown(&self) -> Unknown {
        if self.settings.ignore_unknown_fields { Unknown::Ignored } else { Unknown::Refused }
    }

    /// Whether addresses of this machine are let in: a developer's own server is a good target for the
    /// sandbox, and for nothing else.
    pub(crate) fn lets_in_loopback(&self, environment: Environment) -> bool {
        self.settings.development && environment == Environment::Test
    }
}

/// What the operator's configuration says about the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Scheme and authority that links in answers begin with.
    pub public_url: String,
    /// Requests a minute for keys that have no number of their own; 0 is no limit.
    pub rate_per_minute: u32,
    /// Requests a minute from one address that no good key came with; 0 is no limit.
    pub failed_per_minute: u32,
    /// Whether calls that spend nothing pass over fields that they do not know.
    pub ignore_unknown_fields: bool,
    /// Whether query parameters that a call does not know are refused; else they are passed over and said.
    pub refuse_unknown_parameters: bool,
    /// Whether test keys may name addresses of this machine.
    pub development: bool,
    /// How long a synchronous import watches its names before it answers.
    pub import_wait: Duration,
}
