//! Porkbun v3 as its description has it: names, prices, limits and the money of one account.
//! See <https://porkbun.com/api/json/v3/documentation>.

mod buying;
mod limits;
mod names;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use self::limits::Limits;
use crate::server::{Asked, Said, Server};

/// The key that is no secret.
pub const API_KEY: &str = "pk1_4711";
/// The same, of its sandbox.
pub const SANDBOX_KEY: &str = "pk1_sb_4711";
/// The one that is.
pub const SECRET_KEY: &str = "sk1_0815";
/// What a year of a name costs at first, in cents.
pub const PRICE: i64 = 973;
/// What each further year costs, in cents.
pub const RENEWAL: i64 = 1_108;
/// What the account has to begin with, in cents.
pub const BALANCE: i64 = 1_000_000;

/// Something that was paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `registered` or `renewed`.
    pub what: &'static str,
    /// The name.
    pub name: String,
    /// How many years.
    pub years: i64,
    /// What was charged, in cents.
    pub cents: i64,
}

/// The vendor, on a socket.
pub struct Porkbun {
    /// What it listens on, and where its faults are ordered.
    pub server: Server,
    estate: Arc<Mutex<Estate>>,
}

#[derive(Debug)]
struct Estate {
    /// Its clock, seconds since the epoch.
    now: i64,
    domains: BTreeMap<String, Domain>,
    ledger: Vec<Entry>,
    /// What was answered under a key: to what, and when.
    kept: BTreeMap<String, (Value, Said, i64)>,
    limits: Limits,
    balance: i64,
    drawn: i64,
    /// What a year costs now, in cents.
    price: i64,
    /// What may be spent in a month, in cents; `None` is no limit.
    monthly: Option<i64>,
    /// Whether names may be renewed as often as one likes.
    any_time: bool,
    /// Whether a no comes as a success of HTTP.
    no_is_200: bool,
    /// Whether somebody else is at work under every key.
    in_use: bool,
    /// Whether checks do not tell what further years cost.
    no_renewal_price: bool,
    /// What the next purchase or renewal is answered.
    refusal: Option<(&'static str, &'static str)>,
}

#[derive(Clone, Debug)]
struct Domain {
    created: i64,
    expires: i64,
    renewed: Option<i64>,
    auto_renew: bool,
    api_access: bool,
    nameservers: Vec<String>,
}

impl Porkbun {
    /// An account without a name, at a time of its clock in seconds since the epoch, with the limits that every account has.
    pub async fn new(now: i64) -> Self {
        let estate = Estate {
            now,
            domains: BTreeMap::new(),
            ledger: vec![],
            kept: BTreeMap::new(),
            limits: Limits::usual(),
            balance: BALANCE,
            drawn: 0,
            price: PRICE,
            monthly: Some(10_000),
            any_time: false,
            no_is_200: false,
            in_use: false,
            no_renewal_price: false,
            refusal: None,
        };
        let estate = Arc::new(Mutex::new(estate));
        let asked = estate.clone();
        let server = Server::new(move |request| locked(&asked).answer(request)).await;
        Self { server, estate }
    }

    /// The account's limits have been raised as far as nobody notices them, and names may be renewed at any time.
    pub fn raise_limits(&self) {
        let mut estate = locked(&self.estate);
        (estate.limits, estate.monthly, estate.any_time) = (Limits::none(), None, true);
    }

    /// What was paid for so far.
    #[must_use]
    pub fn ledger(&self) -> Vec<Entry> {
        locked(&self.estate).ledger.clone()
    }

    /// From now on a year costs so much at first, in cents.
    pub fn ask(&self, cents: i64) {
        locked(&self.estate).price = cents;
    }

    /// The account has so much, in cents.
    pub fn hold(&self, cents: i64) {
        locked(&self.estate).balance = cents;
    }

    /// From now on every no comes with the status 200.
    pub fn say_no_with_200(&self) {
        locked(&self.estate).no_is_200 = true;
    }

    /// Whether somebody else is at work under every key.
    pub fn be_at_work(&self, is_at_work: bool) {
        locked(&self.estate).in_use = is_at_work;
    }

    /// The next purchase or renewal is refused with this code and these words. Its key remembers that.
    pub fn refuse(&self, code: &'static str, message: &'static str) {
        locked(&self.estate).refusal = Some((code, message));
    }

    /// From now on checks do not tell what further years cost.
    pub fn tell_no_renewal_price(&self) {
        locked(&self.estate).no_renewal_price = true;
    }

    /// A name does not show in the account.
    pub fn hide(&self, name: &str) {
        locked(&self.estate).domains.remove(name);
    }

    /// Time passes here, in seconds.
    pub fn pass(&self, seconds: i64) {
        locked(&self.estate).now += seconds;
    }

    /// It is so late here, in seconds since the epoch, or later.
    pub fn reach(&self, now: i64) {
        let mut estate = locked(&self.estate);
        estate.now = estate.now.max(now);
    }

    /// The account has had this name for a while, for another year from now; the vendor renews it.
    pub fn hold_name(&self, name: &str) {
        let mut estate = locked(&self.estate);
        let domain = Domain::new(estate.now, 1);
        estate.domains.insert(name.into(), Domain { created: domain.created - 335 * 86_400, ..domain });
    }

    /// Somebody has taken a name out of what the interface may touch.
    pub fn deny_access(&self, name: &str) {
        if let Some(domain) = locked(&self.estate).domains.get_mut(name) {
            domain.api_access = false;
        }
    }

    /// The servers that a name is delegated to.
    #[must_use]
    pub fn delegation(&self, name: &str) -> Vec<String> {
        locked(&self.estate).domains.get(name).map(|domain| domain.nameservers.clone()).unwrap_or_default()
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
        let mut said = self.checked(asked);
        self.drawn += 1;
        said.headers.push(("date".into(), http_date(self.now)));
        said.headers.push(("x-request-id".into(), format!("req-{}", self.drawn)));
        if let Some(body) = &mut said.body {
            body["requestId"] = format!("req-{}", self.drawn).into();
            if self.no_is_200 && body["status"] == "ERROR" {
                said.status = 200;
            }
        }
        said
    }

    /// Who asks. Credentials in the body count before those in headers.
    fn checked(&mut self, asked: &Asked) -> Said {
        let Some(path) = asked.path.strip_prefix("/api/json/v3/") else { return no(400, "", "Invalid path.") };
        if path == "pricing/get" {
            return self.pricing(&asked.body);
        }
        let in_body = asked.body["apikey"].as_str().zip(asked.body["secretapikey"].as_str());
        let in_headers = asked.header("x-api-key").zip(asked.header("x-secret-api-key"));
        match in_body.or(in_headers) {
            None => no(400, "API_KEY_REQUIRED", "An API key is required."),
            Some((API_KEY | SANDBOX_KEY, SECRET_KEY)) => self.kept_or(path, asked),
            Some(_) => no(400, "INVALID_API_KEYS_001", "Invalid API key."),
        }
    }

    /// What was answered under this key in a day; else what is answered now, which is kept, a no too.
    fn kept_or(&mut self, path: &str, asked: &Asked) -> Said {
        const DAY: i64 = 86_400;
        let Some(key) = asked.header("idempotency-key").map(str::to_owned) else { return self.route(path, asked) };
        if self.in_use {
            return no(409, "IDEMPOTENCY_KEY_IN_USE", "A request with this key is in progress.");
        }
        let kept = self.kept.get(&key).filter(|(.., at)| self.now - at < DAY);
        if let Some((body, said, _)) = kept {
            if *body != asked.body {
                return no(409, "IDEMPOTENCY_KEY_MISMATCH", "This key was used for another request.");
            }
            let mut said = said.clone();
            said.headers.push(("idempotent-replayed".into(), "true".into()));
            return said;
        }
        let said = self.route(path, asked);
        self.kept.insert(key, (asked.body.clone(), said.clone(), self.now));
        said
    }

    fn route(&mut self, path: &str, asked: &Asked) -> Said {
        let (parts, body): (Vec<_>, _) = (path.split('/').collect(), &asked.body);
        match (asked.method.as_str(), parts.as_slice()) {
            (_, ["ping"]) => {
                yes(json!({ "yourIp": "192.0.2.1", "xForwardedFor": "192.0.2.1", "credentialsValid": true }))
            }
            ("GET", ["account", "balance"]) => yes(json!({
                "balance": self.balance, "display": format!("${}.{:02}", self.balance / 100, self.balance % 100),
            })),
            ("GET", ["account", "apiSettings"]) => self.settings(),
            ("POST", ["domain", "checkDomain", name]) => self.check(name),
            ("POST", ["domain", "create", name]) => self.create(name, body),
            ("POST", ["domain", "renew", name]) => self.renew(name, body),
            (_, ["domain", "listAll"]) => self.list(body),
            ("GET", ["domain", "get", name]) => self.domain(name),
            (_, ["domain", "getNs", name]) => self.delegated(name),
            ("POST", ["domain", "updateNs", name]) => self.delegate(name, body),
            ("POST", ["domain", "updateAutoRenew", name]) => self.renew_by_itself(name, body),
            _ => no(400, "METHOD_NOT_ALLOWED", "Invalid endpoint."),
        }
    }
}

fn yes(mut body: Value) -> Said {
    body["status"] = "SUCCESS".into();
    Said { status: 200, headers: vec![], body: Some(body) }
}

fn no(status: u16, code: &str, message: &str) -> Said {
    Said { status, headers: vec![], body: Some(json!({ "status": "ERROR", "code": code, "message": message })) }
}

/// A price as the vendor writes it: a text of dollars.
fn dollars(cents: i64) -> Value {
    format!("{}.{:02}", cents / 100, cents % 100).into()
}

/// A time as the vendor writes it, without a zone.
fn shown(at: i64) -> String {
    jiff::Timestamp::from_second(at).unwrap_or_default().strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn http_date(at: i64) -> String {
    jiff::Timestamp::from_second(at).unwrap_or_default().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The same day so many years later, as registries count.
fn years_later(at: i64, years: i64) -> i64 {
    let Ok(stamp) = jiff::Timestamp::from_second(at) else { return at };
    let later = stamp.to_zoned(jiff::tz::TimeZone::UTC).checked_add(jiff::Span::new().years(years));
    later.map_or(at, |later| later.timestamp().as_second())
}

fn locked(estate: &Mutex<Estate>) -> MutexGuard<'_, Estate> {
    estate.lock().unwrap_or_else(PoisonError::into_inner)
}
