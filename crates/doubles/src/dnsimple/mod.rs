//! DNSimple v2 as its documentation and its published answers have it: names, prices, zones and records of one account.
//! See <https://developer.dnsimple.com/v2/>.

mod billing;
mod registry;
mod zones;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::server::{Asked, Said, Server};

/// The account's number.
pub const ACCOUNT: &str = "1385";
/// The token that it takes.
pub const TOKEN: &str = "dnsimple_a_4711";
/// The contact that names are registered for.
pub const REGISTRANT: i64 = 2715;
/// What the first year of a name costs, in cents.
pub const PRICE: i64 = 1_450;
/// What each further year costs, in cents.
pub const RENEWAL: i64 = 1_525;

/// What it costs to restore a name, beside the year, in cents.
pub const RESTORE: i64 = 20_000;

/// How many requests an account has in an hour.
const AN_HOUR: u64 = 2_400;

/// Something that was paid for or changed at the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `registered`, `renewed` or `restored`.
    pub what: &'static str,
    /// The name.
    pub name: String,
    /// How many years.
    pub years: i64,
    /// What was charged, in cents.
    pub cents: i64,
}

/// The vendor, on a socket.
pub struct Dnsimple {
    /// What it listens on, and where its faults are ordered.
    pub server: Server,
    estate: Arc<Mutex<Estate>>,
}

#[derive(Debug)]
struct Estate {
    /// Its clock, seconds since the epoch.
    now: i64,
    domains: BTreeMap<String, Domain>,
    /// What somebody else has.
    taken: BTreeSet<String>,
    ledger: Vec<Entry>,
    charges: Vec<billing::Charge>,
    drawn: u64,
    /// Whether the registry takes its time.
    slow: bool,
    /// Terms that are paid for and do not show, in years by name; `None`: everything shows at once.
    unseen: Option<BTreeMap<String, i64>>,
    /// Whether the token may not read what was charged.
    hides_billing: bool,
    /// How many requests there have been.
    asked: u64,
    /// How many more are answered before the next hour of the vendor's begins.
    left: u64,
    /// When that is.
    refills: i64,
}

#[derive(Clone, Debug)]
struct Domain {
    id: u64,
    registrant: Option<i64>,
    /// Seconds since the epoch; `None` when it is only hosted.
    expires: Option<i64>,
    auto_renew: bool,
    delegation: Vec<String>,
    active: bool,
    records: Vec<zones::Record>,
}

impl Dnsimple {
    /// An account without a name, at a time of its clock in seconds since the epoch.
    pub async fn new(now: i64) -> Self {
        let estate = Estate {
            now,
            domains: BTreeMap::new(),
            taken: BTreeSet::new(),
            ledger: vec![],
            charges: vec![],
            drawn: 0,
            slow: false,
            unseen: None,
            hides_billing: false,
            asked: 0,
            left: AN_HOUR,
            refills: now + 3_600,
        };
        let estate = Arc::new(Mutex::new(estate));
        let asked = estate.clone();
        let server = Server::new(move |request| locked(&asked).answer(request)).await;
        Self { server, estate }
    }

    /// The operator makes a token in the account's settings.
    pub fn person_makes_token(&self) -> &'static str {
        self.server.person("make an access token", "the installation");
        TOKEN
    }

    /// What was paid for so far.
    #[must_use]
    pub fn ledger(&self) -> Vec<Entry> {
        locked(&self.estate).ledger.clone()
    }

    /// Somebody else has bought a name, unless it is ours.
    pub fn take(&self, name: &str) {
        locked(&self.estate).taken.insert(name.into());
    }

    /// Names whose registration has run out, and that are still here: nobody can buy them anywhere.
    #[must_use]
    pub fn lapsed(&self) -> Vec<String> {
        let estate = locked(&self.estate);
        let lapsed = estate.domains.iter().filter(|(_, domain)| domain.expires.is_some_and(|at| at < estate.now));
        lapsed.map(|(name, _)| name.clone()).collect()
    }

    /// It is so late here, in seconds since the epoch, or later.
    pub fn reach(&self, now: i64) {
        let mut estate = locked(&self.estate);
        estate.now = estate.now.max(now);
    }

    /// From now on registrations stay under way until they are [finished](Self::finish).
    pub fn be_slow(&self) {
        locked(&self.estate).slow = true;
    }

    /// From now on a renewal is paid for at once and shows when it is [finished](Self::finish).
    pub fn show_renewals_late(&self) {
        locked(&self.estate).unseen = Some(BTreeMap::new());
    }

    /// The registry has come to an end with everything.
    pub fn finish(&self) {
        locked(&self.estate).finish();
    }

    /// What a zone's name servers would say: the values of a name and type, while the zone is served and delegated here.
    #[must_use]
    pub fn served(&self, name: &str, rtype: &str) -> Vec<String> {
        locked(&self.estate).served(name, rtype, false)
    }

    /// The same, where another registrar has delegated the name here.
    #[must_use]
    pub fn hosted(&self, name: &str, rtype: &str) -> Vec<String> {
        locked(&self.estate).served(name, rtype, true)
    }

    /// The servers that a name is delegated to.
    #[must_use]
    pub fn delegation(&self, name: &str) -> Vec<String> {
        locked(&self.estate).domains.get(name).map(|domain| domain.delegation.clone()).unwrap_or_default()
    }

    /// Somebody has a name restored on the vendor's pages, for another year.
    pub fn restore(&self, name: &str) {
        locked(&self.estate).restore(name);
    }

    /// The account is charged so much for a name, and there is nothing to show for it.
    pub fn charge(&self, name: &str, what: &'static str, cents: i64) {
        locked(&self.estate).charge(name, what, cents);
    }

    /// The token may not read what was charged.
    pub fn hide_billing(&self) {
        locked(&self.estate).hides_billing = true;
    }

    /// A name leaves the account.
    pub fn lose(&self, name: &str) {
        locked(&self.estate).domains.remove(name);
    }

    /// Somebody has switched the vendor's own renewal on.
    pub fn renew_by_itself(&self, name: &str) {
        if let Some(domain) = locked(&self.estate).domains.get_mut(name) {
            domain.auto_renew = true;
        }
    }

    /// Whether the vendor would renew a name by itself.
    #[must_use]
    pub fn renews_by_itself(&self, name: &str) -> bool {
        locked(&self.estate).domains.get(name).is_some_and(|domain| domain.auto_renew)
    }
}

impl Estate {
    fn answer(&mut self, asked: &Asked) -> Said {
        self.count();
        let mut said = match asked.header("authorization") == Some(&format!("Bearer {TOKEN}")) {
            true => self.route(asked),
            false => no(401, "Authentication failed"),
        };
        let number = |value: i64| value.to_string();
        said.headers.extend([
            ("x-ratelimit-limit".into(), AN_HOUR.to_string()),
            ("x-ratelimit-remaining".into(), self.left.to_string()),
            ("x-ratelimit-reset".into(), number(self.refills)),
            ("x-request-id".into(), format!("double-{}", self.asked)),
        ]);
        said
    }

    fn count(&mut self) {
        if self.now >= self.refills {
            (self.left, self.refills) = (AN_HOUR, self.now + 3_600);
        }
        self.asked += 1;
        self.left = self.left.saturating_sub(1);
    }

    fn route(&mut self, asked: &Asked) -> Said {
        let path: Vec<_> = asked.path.split('/').skip(1).collect();
        if path == ["v2", "whoami"] {
            let account = json!({ "id": 1_385, "email": "ops@example.com", "plan_identifier": "teams-v1-monthly" });
            return yes(200, json!({ "user": null, "account": account }));
        }
        let ["v2", account, rest @ ..] = path.as_slice() else { return no(404, "Not found") };
        if *account != ACCOUNT {
            return no(404, "Account not found");
        }
        let body = &asked.body;
        match (asked.method.as_str(), rest) {
            ("GET", ["registrar", "domains", name, "check"]) => self.check(name),
            ("GET", ["registrar", "domains", name, "prices"]) => registry::prices(name),
            ("POST", ["registrar", "domains", name, "registrations"]) => self.register(name, body),
            ("POST", ["registrar", "domains", name, "renewals"]) => self.renew(name, body),
            ("GET", ["registrar", "domains", name, "delegation"]) => self.delegated(name),
            ("PUT", ["registrar", "domains", name, "delegation"]) => self.delegate(name, body),
            ("DELETE", ["registrar", "domains", name, "auto_renewal"]) => self.renew_no_more(name),
            ("GET", ["billing", "charges"]) => self.charged(asked),
            ("GET", ["domains"]) => self.all(asked),
            ("POST", ["domains"]) => self.host(body),
            ("GET", ["domains", name]) => self.domain(name),
            ("DELETE", ["domains", name]) => self.remove(name),
            ("GET", ["zones"]) => self.zones(asked),
            ("GET", ["zones", name]) => self.zone(name),
            ("PUT", ["zones", name, "activation"]) => self.activate(name, true),
            ("DELETE", ["zones", name, "activation"]) => self.activate(name, false),
            ("GET", ["zones", name, "records"]) => self.records(name, asked),
            ("POST", ["zones", name, "batch"]) => self.batch(name, body),
            _ => no(404, "Not found"),
        }
    }

    fn draw(&mut self) -> u64 {
        self.drawn += 1;
        self.drawn
    }
}

/// The piece of a list that is asked for.
fn paged(all: &[Value], asked: &Asked) -> Said {
    let number = |name, usual| asked.parameter(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (page, per_page): (usize, usize) = (number("page", 1).max(1), number("per_page", 30).clamp(1, 100));
    let shown: Vec<_> = all.iter().skip((page - 1) * per_page).take(per_page).collect();
    let pages = all.len().div_ceil(per_page).max(1);
    let pagination = json!({
        "current_page": page, "per_page": per_page, "total_entries": all.len(), "total_pages": pages,
    });
    Said { status: 200, headers: vec![], body: Some(json!({ "data": shown, "pagination": pagination })) }
}

fn yes(status: u16, data: Value) -> Said {
    Said { status, headers: vec![], body: Some(json!({ "data": data })) }
}

fn no(status: u16, message: &str) -> Said {
    Said { status, headers: vec![], body: Some(json!({ "message": message })) }
}

fn nothing() -> Said {
    Said { status: 204, headers: vec![], body: None }
}

fn locked(estate: &Mutex<Estate>) -> MutexGuard<'_, Estate> {
    estate.lock().unwrap_or_else(PoisonError::into_inner)
}
