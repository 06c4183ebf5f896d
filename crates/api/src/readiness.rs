//! Whether anything can be written, tried once a second at most, whoever asks and however often.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use model::clock::{SECOND, Time};
use serde::Serialize;
use store::Failure;
use utoipa::ToSchema;

use crate::state::App;

/// How long a look may take. A writer that needs longer is of no use to anybody who waits.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a look counts, in microseconds.
const FRESH: i64 = SECOND;

/// Something that the operator should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ReadinessWarning)]
pub struct Warning {
    /// What kind of thing: branch on it. New ones may be added.
    #[schema(example = "database_older_than_world")]
    pub reason: &'static str,
    /// What it is and what to do, for people.
    #[schema(example = "The database is 3 h 20 min older than the sandbox's world.")]
    pub message: String,
}

/// Why nothing can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "see `message`")]
pub enum Unready {
    DiskFull,
    NoAnswer,
    Unwritable,
}

impl Unready {
    /// The reason on the wire. Append-only.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::DiskFull => "disk_full",
            Self::NoAnswer => "no_answer",
            Self::Unwritable => "unwritable",
        }
    }

    /// It in words.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::DiskFull => "The disk of the database is full.",
            Self::NoAnswer => "The database does not answer in time.",
            Self::Unwritable => "The database cannot be written.",
        }
    }
}

type Look = Shared<BoxFuture<'static, Result<(), Unready>>>;

/// What is known about it.
#[derive(Default)]
pub struct Readiness {
    last: Mutex<Option<(Time, Look)>>,
    warnings: Mutex<Vec<Warning>>,
}

impl Readiness {
    /// Has a warning shown from now on.
    pub fn warn(&self, warning: Warning) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(warning);
    }

    pub(crate) fn warnings(&self) -> Vec<Warning> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks, or waits for the look that is under way, or says what the last one has found.
    ///
    /// # Errors
    /// Why nothing can be written.
    pub async fn look(&self, app: &App) -> Result<(), Unready> {
        let look = self.current(app);
        tokio::time::timeout(PATIENCE, look).await.unwrap_or(Err(Unready::NoAnswer))
    }

    fn current(&self, app: &App) -> Look {
        let now = app.clock.now();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((began, look)) = &*last
            && (look.peek().is_none() || (0..FRESH).contains(&(now.0 - began.0)))
        {
            return look.clone();
        }
        let (store, mark) = (app.store.clone(), app.ids.next());
        // A task of its own: it goes on when everybody who asked has gone.
        let looking = tokio::spawn(async move { store.try_to_write(mark).await });
        let look = looking.map(|looked| looked.map_or(Err(Unready::Unwritable), told)).boxed().shared();
        *last = Some((now, look.clone()));
        look
    }
}

/// What the look means to whoever asks.
fn told(looked: Result<(), Failure>) -> Result<(), Unready> {
    let Err(failure) = looked else { return Ok(()) };
    tracing::error!(error = %failure, "nothing can be written into the database");
    Err(match failure {
        Failure::Broken(error) if error.is_full() => Unready::DiskFull,
        Failure::Broken(error) if error.is_busy() => Unready::NoAnswer,
        _ => Unready::Unwritable,
    })
}
