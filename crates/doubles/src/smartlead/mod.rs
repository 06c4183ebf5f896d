//! Smartlead v1 as its pages, its description and its clients have it: the e-mail accounts of some keys.
//! See <https://api.smartlead.ai/reference/welcome>.
//!
//! It logs into a mailbox while it is told of it, keeps its password and shows it to whoever asks for the account. It takes the
//! same mailbox twice without a word, and says yes and no in several shapes.

mod accounts;
mod answers;
mod changes;
mod limits;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;

pub use self::accounts::{Account, Login};
pub use self::answers::{No, Saved};
use self::limits::Limits;
use crate::server::{Asked, Said, Server};

/// The key of a reseller.
pub const API_KEY: &str = "sl-key-4711_abcdefgh";
/// The key of another one.
pub const OTHER_KEY: &str = "sl-key-0815_ijklmnop";
/// The login e-mail of the first.
pub const LOGIN_EMAIL: &str = "you@yourcompany.example";
/// The login password of the first.
pub const LOGIN_PASSWORD: &str = "sesame-open-4711";
/// What a login says beside the key.
pub const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6MX0.c2lnbmVk";

/// Something that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `saved`, `updated`, `deleted`, `suspended`, `unsuspended` or `warmed`.
    pub what: &'static str,
    /// The account's address.
    pub email: String,
    /// Its id.
    pub id: i64,
}

/// The vendor, on a socket.
pub struct Smartlead {
    /// What it listens on, and where its faults are ordered.
    pub server: Server,
    estate: Arc<Mutex<Estate>>,
}

type Check = dyn Fn(&Login) -> Result<(), String> + Send + Sync;

struct Estate {
    /// Its clock, seconds since the epoch.
    now: i64,
    accounts: BTreeMap<i64, Account>,
    ledger: Vec<Entry>,
    drawn: i64,
    /// What opens each mailbox, by its address: a password or a refresh token.
    mailboxes: BTreeMap<String, String>,
    /// Who looks whether a login works instead of the list above.
    check: Option<Box<Check>>,
    /// What the hosts of mailboxes say of a login before its password counts.
    hosts: Option<Box<Check>>,
    /// Mailboxes whose servers no resolver knows yet.
    unresolved: BTreeSet<String>,
    /// The clients that a key has; `None` takes any.
    clients: Option<BTreeSet<i64>>,
    limits: BTreeMap<String, Limits>,
    is_unlimited: bool,
    no: No,
    saved: Saved,
    is_wordy: bool,
    ignores_filters: bool,
    /// As many accounts as a list has at most.
    page: usize,
    /// Whether an address can be an account but once, whosever key it is.
    takes_once: bool,
    /// The names of the kinds of OAuth accounts: Google's, Microsoft's.
    types: [&'static str; 2],
}

impl Smartlead {
    /// Two keys without an account, at a time of its clock in seconds since the epoch, with the limits of the standard plan.
    pub async fn new(now: i64) -> Self {
        let estate = Estate {
            now,
            accounts: BTreeMap::new(),
            ledger: vec![],
            drawn: 70_000,
            mailboxes: BTreeMap::new(),
            check: None,
            hosts: None,
            unresolved: BTreeSet::new(),
            clients: None,
            limits: BTreeMap::new(),
            is_unlimited: false,
            no: No::Text,
            saved: Saved::Short,
            is_wordy: false,
            ignores_filters: false,
            page: accounts::AT_ONCE,
            takes_once: false,
            types: ["GMAIL", "OUTLOOK"],
        };
        let estate = Arc::new(Mutex::new(estate));
        let asked = estate.clone();
        let server = Server::new(move |request| locked(&asked).answer(request)).await;
        Self { server, estate }
    }

    /// The keys may be used as often as one likes.
    pub fn raise_limits(&self) {
        locked(&self.estate).is_unlimited = true;
    }

    /// It is so late here, in seconds since the epoch, or later.
    pub fn reach(&self, now: i64) {
        let mut estate = locked(&self.estate);
        estate.now = estate.now.max(now);
    }

    /// A reseller copies their key from the settings.
    pub fn person_shows_key(&self) -> &'static str {
        self.server.person("copy the API key from the settings", "the partner");
        API_KEY
    }

    /// There is a mailbox that this password or refresh token opens.
    pub fn open_mailbox(&self, email: &str, secret: &str) {
        locked(&self.estate).mailboxes.insert(email.to_ascii_lowercase(), secret.into());
    }

    /// A mailbox is gone.
    pub fn close_mailbox(&self, email: &str) {
        locked(&self.estate).mailboxes.remove(&email.to_ascii_lowercase());
    }

    /// Logins are tried by this from now on.
    pub fn check_with(&self, check: impl Fn(&Login) -> Result<(), String> + Send + Sync + 'static) {
        locked(&self.estate).check = Some(Box::new(check));
    }

    /// From now on hosts keep logins out for which this has words, whatever they are tried with.
    pub fn ask_hosts_with(&self, hosts: impl Fn(&Login) -> Result<(), String> + Send + Sync + 'static) {
        locked(&self.estate).hosts = Some(Box::new(hosts));
    }

    /// Whether the servers of a mailbox are still unknown to the vendor's resolver.
    pub fn hide_servers(&self, email: &str, is_hidden: bool) {
        let (mut estate, email) = (locked(&self.estate), email.to_ascii_lowercase());
        if is_hidden {
            estate.unresolved.insert(email);
        } else {
            estate.unresolved.remove(&email);
        }
    }

    /// Only these clients exist.
    pub fn know_clients(&self, clients: &[i64]) {
        locked(&self.estate).clients = Some(clients.iter().copied().collect());
    }

    /// In which shape it says no from now on.
    pub fn say_no_as(&self, no: No) {
        locked(&self.estate).no = no;
    }

    /// In which shape it says that an account was saved from now on.
    pub fn say_saved_as(&self, saved: Saved) {
        locked(&self.estate).saved = saved;
    }

    /// Changes, suspensions and deletions are answered in plain words from now on.
    pub fn be_wordy(&self) {
        locked(&self.estate).is_wordy = true;
    }

    /// Lists have every account from now on, whatever is asked for.
    pub fn ignore_filters(&self) {
        locked(&self.estate).ignores_filters = true;
    }

    /// Lists have no more accounts than this from now on, whatever is asked for.
    pub fn shorten_lists(&self, page: usize) {
        locked(&self.estate).page = page;
    }

    /// An address can be an account but once from now on, whosever key it is.
    pub fn take_once(&self) {
        locked(&self.estate).takes_once = true;
    }

    /// The kinds of OAuth accounts are named as its description has them, not as its pages do.
    pub fn name_types_as_described(&self) {
        locked(&self.estate).types = ["gmail", "microsoft"];
    }

    /// Somebody makes an account by hand, which works; answers its id.
    pub fn add(&self, key: &str, email: &str, client: Option<i64>) -> i64 {
        locked(&self.estate).add(key, email, client)
    }

    /// Somebody deletes the accounts of an address by hand.
    pub fn delete_by_hand(&self, email: &str) {
        locked(&self.estate).accounts.retain(|_, account| !account.from_email.eq_ignore_ascii_case(email));
    }

    /// Changes an account behind everybody's back.
    pub fn alter(&self, id: i64, change: impl FnOnce(&mut Account)) {
        if let Some(account) = locked(&self.estate).accounts.get_mut(&id) {
            change(account);
        }
    }

    /// How often it has refused something for being asked too often.
    #[must_use]
    pub fn refused(&self) -> usize {
        locked(&self.estate).limits.values().map(|limits| limits.refused).sum()
    }

    /// The addresses of all accounts, as often as each is one.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        locked(&self.estate).accounts.values().map(|account| account.from_email.to_ascii_lowercase()).collect()
    }

    /// The accounts of an address, whatever its case.
    #[must_use]
    pub fn accounts(&self, email: &str) -> Vec<Account> {
        let estate = locked(&self.estate);
        estate.accounts.values().filter(|one| one.from_email.eq_ignore_ascii_case(email)).cloned().collect()
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
        if (asked.method.as_str(), asked.path.as_str()) == ("POST", "/api/auth/login") {
            return self.log_in(asked);
        }
        let Some(key) = asked.parameter("api_key").filter(|key| [API_KEY, OTHER_KEY].contains(key)) else {
            return answers::not_let_in();
        };
        let now = self.now;
        let limits = self.limits.entry(key.into()).or_default();
        if !self.is_unlimited
            && let Err(said) = limits.take(now, self.no)
        {
            return said;
        }
        let mut headers = if self.is_unlimited { vec![] } else { limits.headers(now) };
        let mut said = self.route(key, asked);
        said.headers.append(&mut headers);
        said
    }

    fn route(&mut self, key: &str, asked: &Asked) -> Said {
        let path: Vec<_> = asked.path.trim_end_matches('/').split('/').skip(1).collect();
        let ["api", "v1", "email-accounts", rest @ ..] = path.as_slice() else {
            return answers::no(self.no, 404, "Not found");
        };
        let body = &asked.body;
        match (asked.method.as_str(), rest) {
            ("GET", []) => self.list(key, asked),
            ("POST", ["save"]) => self.save(key, body),
            ("POST", ["save-oauth"]) => self.save_oauth(key, body),
            ("GET", [id]) => self.show(key, id),
            ("POST", [id]) => self.update(key, id, body),
            ("DELETE", [id]) => self.delete(key, id),
            ("PUT", ["suspend", id]) => self.suspend(key, id, true),
            ("DELETE", ["unsuspend", id]) => self.suspend(key, id, false),
            ("POST", [id, "warmup"]) => self.warm_up(key, id, body),
            _ => answers::no(self.no, 404, "Not found"),
        }
    }

    /// What its own pages do when somebody signs in.
    fn log_in(&self, asked: &Asked) -> Said {
        let is_known = asked.body["email"].as_str().is_some_and(|email| email.eq_ignore_ascii_case(LOGIN_EMAIL));
        if !is_known || asked.body["password"] != LOGIN_PASSWORD {
            return answers::no(self.no, 401, "Invalid email or password");
        }
        let user = json!({ "id": 1, "uuid": "b1f7", "email": LOGIN_EMAIL, "name": "You", "api_key": API_KEY });
        answers::yes(json!({ "user": user, "token": JWT }))
    }

    fn note(&mut self, what: &'static str, email: &str, id: i64) {
        self.ledger.push(Entry { what, email: email.into(), id });
    }

    /// An account that a key has.
    fn own(&self, key: &str, id: &str) -> Option<i64> {
        let id = id.parse().ok()?;
        self.accounts.get(&id).filter(|account| account.key == key).map(|_| id)
    }
}

fn locked(estate: &Mutex<Estate>) -> MutexGuard<'_, Estate> {
    estate.lock().unwrap_or_else(PoisonError::into_inner)
}
