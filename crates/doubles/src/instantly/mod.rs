//! Instantly v2 as its own description has it: the e-mail accounts of one workspace.
//! See <https://developer.instantly.ai/api/v2>.
//!
//! It makes an account without asking whether its login works, and says so afterwards by the account's status. An address is
//! an account once, and is its own id.

mod accounts;
mod answers;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use self::accounts::Account;
use self::answers::no;
use crate::server::{Asked, Said, Server};

/// The key of the workspace.
pub const API_KEY: &str = "aW5zdGFudGx5LTQ3MTE6c2VjcmV0";
/// The workspace.
pub const WORKSPACE: &str = "01a09c6f-77e9-7e46-a4a3-e1574f1d3e6e";

/// As many calls in a minute.
const A_MINUTE: usize = 6_000;

/// Something that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `created`, `changed`, `deleted`, `paused`, `resumed`, `fixed` or `warmed`.
    pub what: &'static str,
    /// The account's address.
    pub email: String,
}

/// The vendor, on a socket.
pub struct Instantly {
    /// What it listens on, and where its faults are ordered.
    pub server: Server,
    estate: Arc<Mutex<Estate>>,
}

#[derive(Debug)]
struct Estate {
    /// Its clock, seconds since the epoch.
    now: i64,
    accounts: BTreeMap<String, Account>,
    ledger: Vec<Entry>,
    /// What opens each mailbox, by its address.
    mailboxes: BTreeMap<String, String>,
    /// When it was asked in the last minute.
    asked: VecDeque<i64>,
    has_plan: bool,
    drawn: u64,
}

impl Instantly {
    /// A workspace without an account, at a time of its clock in seconds since the epoch.
    pub async fn new(now: i64) -> Self {
        let estate = Estate {
            now,
            accounts: BTreeMap::new(),
            ledger: vec![],
            mailboxes: BTreeMap::new(),
            asked: VecDeque::new(),
            has_plan: true,
            drawn: 0,
        };
        let estate = Arc::new(Mutex::new(estate));
        let asked = estate.clone();
        let server = Server::new(move |request| locked(&asked).answer(request)).await;
        Self { server, estate }
    }

    /// It is so late here, in seconds since the epoch, or later.
    pub fn reach(&self, now: i64) {
        let mut estate = locked(&self.estate);
        estate.now = estate.now.max(now);
    }

    /// A reseller makes a key for their workspace.
    pub fn person_makes_key(&self) -> &'static str {
        self.server.person("make an API key for the workspace", "the partner");
        API_KEY
    }

    /// There is a mailbox that this password opens.
    pub fn open_mailbox(&self, email: &str, secret: &str) {
        locked(&self.estate).mailboxes.insert(email.to_ascii_lowercase(), secret.into());
    }

    /// A mailbox is gone, and its account notices.
    pub fn close_mailbox(&self, email: &str) {
        let mut estate = locked(&self.estate);
        estate.mailboxes.remove(&email.to_ascii_lowercase());
        estate.look_again(&email.to_ascii_lowercase());
    }

    /// The workspace is paid for no more.
    pub fn end_plan(&self) {
        locked(&self.estate).has_plan = false;
    }

    /// Changes an account behind everybody's back.
    pub fn alter(&self, email: &str, change: impl FnOnce(&mut Account)) {
        if let Some(account) = locked(&self.estate).accounts.get_mut(email) {
            change(account);
        }
    }

    /// The addresses of all accounts.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        locked(&self.estate).accounts.keys().cloned().collect()
    }

    /// The account of an address.
    #[must_use]
    pub fn account(&self, email: &str) -> Option<Account> {
        locked(&self.estate).accounts.get(&email.to_ascii_lowercase()).cloned()
    }

    /// What was changed so far.
    #[must_use]
    pub fn ledger(&self) -> Vec<Entry> {
        locked(&self.estate).ledger.clone()
    }

    /// How often something was done to an address.
    #[must_use]
    pub fn count(&self, what: &str, email: &str) -> usize {
        let is_it = |entry: &&Entry| entry.what == what && entry.email.eq_ignore_ascii_case(email);
        self.ledger().iter().filter(is_it).count()
    }
}

impl Estate {
    fn answer(&mut self, asked: &Asked) -> Said {
        if asked.header("authorization") != Some(&format!("Bearer {API_KEY}")) {
            return no(401, "Invalid API key");
        }
        while self.asked.front().is_some_and(|at| self.now - at >= 60) {
            self.asked.pop_front();
        }
        if self.asked.len() >= A_MINUTE {
            return no(429, "Rate limit exceeded");
        }
        self.asked.push_back(self.now);
        if !self.has_plan {
            return no(402, "Workspace does not have an active paid plan");
        }
        self.route(asked)
    }

    fn route(&mut self, asked: &Asked) -> Said {
        let path = asked.path.replace("%40", "@").to_ascii_lowercase();
        let path: Vec<_> = path.split('/').skip(1).collect();
        let ["api", "v2", "accounts", rest @ ..] = path.as_slice() else { return no(404, "Route not found") };
        let body = &asked.body;
        match (asked.method.as_str(), rest) {
            ("POST", []) => self.create(body),
            ("GET", []) => self.list(asked),
            ("POST", ["test", "vitals"]) => self.vitals(body),
            ("POST", ["warmup", "enable"]) => self.warm_up(body),
            ("GET", [email]) => self.show(email),
            ("PATCH", [email]) => self.change(email, body),
            ("DELETE", [email]) => self.delete(email),
            ("POST", [email, "pause"]) => self.set_status(email, "paused", 2),
            ("POST", [email, "resume"]) => self.set_status(email, "resumed", 1),
            ("POST", [email, "mark-fixed"]) => self.set_status(email, "fixed", 1),
            _ => no(404, "Route not found"),
        }
    }

    fn note(&mut self, what: &'static str, email: &str) {
        self.ledger.push(Entry { what, email: email.into() });
    }
}

fn locked(estate: &Mutex<Estate>) -> MutexGuard<'_, Estate> {
    estate.lock().unwrap_or_else(PoisonError::into_inner)
}
