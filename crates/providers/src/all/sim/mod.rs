//! The sandbox: worlds of registrar, DNS host, mail hosts, sequencer and observer, made of plain functions.
//!
//! It is somebody else's memory. Like a real registrar it remembers what it sold when our process dies, and
//! all processes of one installation share it; therefore it keeps a database of its own, which nothing but
//! the roles can reach, and the same code that works here works against real vendors. It is the sandbox of
//! `pk_test_` keys and the double that our tests run against.
//!
//! How a call goes:
//!
//! 1. The role hands a plain function to the *clerk* (`memory`), the one writer of this process. The clerk
//!    begins a transaction, during which no other process writes, and loads the *estate*: everything the
//!    vendors of that world remember about the one name that the call is about.
//! 2. The function gets a `Scene`, which is the call and the estate. It looks for what is already there, changes
//!    what is missing, and records a deed for each change that somebody would notice.
//! 3. The clerk writes the estate where it changed and the deeds into the ledger, commits, and only then lets
//!    the caller hear the answer. Calls that wait meanwhile share the next transaction.
//!
//! What a name does besides working is a row of `behaviour`: the first label decides, the longest prefix wins.
//! References matter twice: the one that bought a name finds it again, and misbehaviour is counted for each.
//! The order of things is that of real vendors: records need their zone, verification needs the published
//! ownership record where the delegation leads to it, mailboxes a verified domain and accounts a mailbox; what
//! comes too early is told to come back later. [`Sim::ledger`] is what really happened: a repeated call adds no
//! row.
//!
//! A reset begins another world; old ones are only rows, until somebody has them forgotten ([`Sim::forget`]).

use std::sync::Arc;
use std::time::Duration;

use model::clock::Clock;
use model::domain::MailProvider;
use model::id::PartnerId;
use model::patience::Patience;
use model::world::World;

use self::mail_host::Tenant;
use self::memory::{Memory, Old};
use crate::cast::{Cast, Player};
use crate::descriptor::{Descriptor, Guide, Role};
use crate::roles::MailHost;

mod behaviour;
mod dns_host;
mod error;
mod estate;
mod ledger;
mod made_up;
mod mail_host;
mod mail_records;
mod mailboxes;
mod memory;
mod observer;
mod registrar;
mod scene;
mod sequencer;
mod turn;
pub mod words;

pub use self::error::SimError;
pub use self::ledger::Effect;

/// What the sandbox says of itself.
pub const DESCRIPTOR: Descriptor =
    Descriptor { name: "sim", title: "Sandbox", roles: Role::ALL, fields: &[], max_in_flight: 128, guide: Guide::NONE };

/// The sandbox's name where accounts are named.
pub const ACCOUNT: &str = "sandbox";

/// How a sandbox behaves, whatever the names say.
#[derive(Clone)]
pub struct SimSettings {
    /// How long each call takes, `check` apart, so that progress can be watched; zero for tests.
    pub step_delay: Duration,
    /// Server time, for the ledger.
    pub clock: Arc<dyn Clock>,
    /// How long its database is waited for, when that is PostgreSQL.
    pub patience: Patience,
}

/// The sandbox. Clones share one memory.
#[derive(Clone)]
pub struct Sim {
    memory: Memory,
    step_delay: Duration,
}

impl Sim {
    /// Opens the sandbox's own database, `sqlite:<path>` or `postgres://…`, and makes what is missing in it.
    /// It needs a running tokio runtime, on which its writer stays until the last clone is dropped.
    ///
    /// # Errors
    /// The address is of neither kind, or the database cannot be opened.
    pub async fn open(url: &str, settings: SimSettings) -> Result<Self, SimError> {
        let SimSettings { step_delay, clock, patience } = settings;
        Ok(Self { memory: Memory::open(url, clock, patience).await?, step_delay })
    }

    /// The sandbox in every role.
    #[must_use]
    pub fn cast(&self) -> Cast {
        let sim = Arc::new(self.clone());
        let tenant = |provider| -> Player<dyn MailHost> {
            Player::new(ACCOUNT, Arc::new(Tenant { sim: self.clone(), provider }))
        };
        Cast {
            registrar: Player::new(ACCOUNT, sim.clone()),
            dns: Player::new(ACCOUNT, sim.clone()),
            redirector: Player::new(ACCOUNT, sim.clone()),
            google: tenant(MailProvider::Google),
            microsoft: tenant(MailProvider::Microsoft),
            sequencer: Player::new(ACCOUNT, sim.clone()),
            observer: Player::new(ACCOUNT, sim),
        }
    }

    /// What was sold, made and linked in a world, or in all of them; oldest first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn ledger(&self, world: Option<&World>) -> Result<Vec<Effect>, SimError> {
        self.memory.ledger(world).await
    }

    /// The last things that were done in any world, newest first, so many at most.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn latest(&self, rows: u32) -> Result<Vec<Effect>, SimError> {
        self.memory.latest(rows).await
    }

    /// Lets go of the database, so that on SQLite one whole file is left. Calls that come later hear nothing.
    pub async fn close(&self) {
        self.memory.close().await;
    }

    /// Deletes what happened in the sandboxes that a partner has left: those of epochs before `before`, names and
    /// ledger, at most `rows` rows at once, so that nobody waits for long. Says whether there may be more to delete.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn forget(&self, partner: &PartnerId, before: i64, rows: u32) -> Result<bool, SimError> {
        self.memory.forget(Old { partner: partner.clone(), before, rows }).await
    }

    async fn take_time(&self) {
        if !self.step_delay.is_zero() {
            tokio::time::sleep(self.step_delay).await;
        }
    }
}
