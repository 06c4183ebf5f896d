//! Looks for what only the operator can mend or should know, keeps it as notices, and tells the operator's webhook.
//!
//! Every process looks: at its own machine, and at what the database knows. What two of them find at once is one notice.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use model::caps::Caps;
use model::change::Change;
use model::clock::{Clock, Time};
use model::id::Ids;
use model::notice::{Finding, Known, Looked, NoticeKind, Reach, Seen, Sighting, decide};
use store::{Db, Failure, Kind, Store, StoreError, notices, on_behalf_of};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::config::Config;
use crate::lost_future::Ahead;
use crate::operator::kept::{self, KeptError};
use crate::timekeeper::Steps;
use crate::wire::Wired;

mod board;
mod compared;
mod machine;
mod shared;
mod unverified;
mod webhook;

pub use board::Board;

use board::Look;
use compared::Compared;
use machine::Machine;
use webhook::Webhook;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(5);

/// How long the database may take over a look.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks, and tells.
pub struct Lookout {
    wired: Wired,
    machine: Machine,
    webhook: Option<Webhook>,
    /// Whether there is a webhook.
    tells: bool,
    /// The caps on spending.
    caps: Caps,
    compared: Arc<Compared>,
}

/// What is needed to write what follows from a look.
struct Writing {
    looked: Vec<Looked>,
    over: Vec<Sighting>,
    began: Time,
    clock: Arc<dyn Clock>,
    ids: Ids,
    tells: bool,
}

impl Lookout {
    /// A lookout of this server. With a webhook in the configuration its secret is read, or made where there is none.
    ///
    /// # Errors
    /// When the file of the secret cannot be read or made, or has none.
    pub fn new(config: &Config, wired: &Wired, steps: Arc<Steps>) -> Result<Self, KeptError> {
        let (clock, ids) = (wired.app.clock.clone(), wired.app.ids.clone());
        let machine = Machine::new(config, clock.clone(), wired.accounts.clone(), steps);
        let webhook = match webhook_secret_file(config) {
            None => None,
            Some(file) => Some(Webhook {
                url: config.operator.webhook_url.clone(),
                secret: kept::read_or_make(&file, &kept::WEBHOOK_SECRET, &ids)?,
                courier: wired.courier.clone(),
                store: wired.store.clone(),
                clock,
                ids,
            }),
        };
        let tells = webhook.is_some();
        Ok(Self { wired: wired.clone(), machine, webhook, tells, caps: config.caps(), compared: Arc::default() })
    }

    /// What the start has found of the sandbox.
    pub fn knows(&mut self, ahead: Option<Ahead>) {
        self.machine.ahead = Some(ahead);
    }

    /// Looks and tells until the server stops. What is under way then is dropped: the next start does it again.
    pub(crate) async fn run(mut self) {
        let (stop, board, news) = (self.wired.stop.clone(), self.wired.board.clone(), Notify::new());
        let webhook = self.webhook.take();
        let telling = async {
            let Some(webhook) = webhook else { return };
            loop {
                webhook.tell(&board).await;
                tokio::select! {
                    () = news.notified() => {}
                    () = tokio::time::sleep(LOOK) => {}
                }
            }
        };
        let (compared, wired) = (self.compared.clone(), self.wired.clone());
        let comparing = async {
            loop {
                compared.ask(&wired).await;
                tokio::time::sleep(compared::AGAIN).await;
            }
        };
        let looking = async {
            loop {
                self.look_once().await;
                news.notify_one();
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            ((), (), ()) = async { tokio::join!(looking, telling, comparing) } => {}
        }
    }

    /// Asks the accounts at vendors what they have; the next look tells it. For tests too.
    pub async fn compare(&self) {
        self.compared.ask(&self.wired).await;
    }

    /// Looks once, writes what follows, and tells what is due: for tests, which move the clock themselves.
    pub async fn look(&mut self) {
        self.look_once().await;
        if let Some(webhook) = &self.webhook {
            webhook.tell(&self.wired.board).await;
        }
    }

    async fn look_once(&mut self) {
        let (clock, ids) = (self.wired.app.clock.clone(), self.wired.app.ids.clone());
        let began = clock.now();
        let mut looks = self.machine.look();
        looks.extend(self.database(began).await);
        looks.extend(self.compared.look(began));
        let (looked, over) = self.wired.board.take_in(looks, began);
        let tells = self.tells;
        let writing = Arc::new(Writing { looked, over, began, clock, ids, tells });
        match timeout(PATIENCE, writing.write(&self.wired.store)).await {
            Ok(Ok(())) => self.wired.board.written(),
            Ok(Err(error)) => {
                tracing::debug!(%error, "notices could not be written now");
                self.wired.board.unwritten();
            }
            Err(_) => self.wired.board.unwritten(),
        }
    }

    /// What the database says, and whether it says anything and can be written.
    async fn database(&self, now: Time) -> Vec<Look> {
        let tells = self.tells;
        let reading = async { shared::look(&mut self.wired.store.read().await?, now, &self.caps, tells).await };
        let read: Result<Vec<Look>, Option<StoreError>> = match timeout(PATIENCE, reading).await {
            Ok(read) => read.map_err(Some),
            Err(_) => Err(None),
        };
        let app = &self.wired.app;
        let trouble = match (&read, app.readiness.look(app).await) {
            (_, Err(unready)) => Some(unready.message().to_owned()),
            (Err(_), Ok(())) => Some("The database cannot be read in time.".to_owned()),
            (Ok(_), Ok(())) => None,
        };
        let mut looks = read.unwrap_or_default();
        looks.push(unusable(trouble, now));
        looks
    }
}

fn unusable(trouble: Option<String>, now: Time) -> Look {
    let kind = NoticeKind::DatabaseUnusable;
    let found = trouble.map(|message| {
        let todo = "See the disk and the database itself; the log says more. What was accepted is safe, and goes on by itself.";
        let (subject, todo) = ("database".into(), todo.into());
        (Finding { kind, subject, partner: None, environment: None, message, todo }, now)
    });
    Look { kind, reach: Reach::Whole, found: found.into_iter().collect() }
}

/// Where the webhook's secret is, when there is a webhook.
#[must_use]
pub fn webhook_secret_file(config: &Config) -> Option<PathBuf> {
    (!config.operator.webhook_url.is_empty()).then(|| config.webhook_secret_file())
}

impl Writing {
    /// Writes what follows, if anything does. Nothing is locked for a look that changes nothing.
    async fn write(self: &Arc<Self>, store: &Store) -> Result<(), Failure> {
        let change = self.decide(&mut store.read().await?).await?;
        if change == Change::default() {
            return Ok(());
        }
        let writing = self.clone();
        let written = store.settle(move |tx| {
            let writing = writing.clone();
            async move {
                let change = writing.decide(tx).await?;
                tx.apply(change, &writing.ids, writing.clock.now()).await
            }
            .boxed()
        });
        on_behalf_of(Kind::Housekeeping, None, written).await
    }

    async fn decide(&self, db: &mut Db) -> Result<Change, StoreError> {
        let oldest = self.looked.iter().flat_map(|look| &look.found).map(|sighting| sighting.at).min();
        let (open, untold) = (notices::open(db).await?, notices::untold(db).await?);
        let closed = match oldest {
            Some(oldest) => notices::closed_since(db, oldest).await?,
            None => vec![],
        };
        let seen = Seen { looked: &self.looked, over: &self.over, began: self.began };
        let known = Known { open: &open, closed: &closed, untold: &untold };
        Ok(decide(known, seen, self.clock.now(), self.tells, &self.ids))
    }
}
