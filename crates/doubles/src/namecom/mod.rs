//! name.com's CORE v1 as its description has it: names, prices, orders and the money of one account.
//! See <https://docs.name.com/>.

mod names;
mod orders;
mod replays;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use self::orders::Order;
use self::replays::Replays;
use crate::server::{Asked, Said, Server};

/// The account's name at the test host.
pub const USERNAME: &str = "acme-test";
/// The token that it takes.
pub const TOKEN: &str = "0f6e-namecom-token";
/// What the least term of a name costs, in cents.
pub const PRICE: i64 = 1_099;
/// What each further year costs, in cents.
pub const RENEWAL: i64 = 1_299;
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
pub struct Namecom {
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
    orders: Vec<Order>,
    ledger: Vec<Entry>,
    replays: Replays,
    balance: i64,
    drawn: i64,
    /// Whether the registry takes its time.
    slow: bool,
    /// Whether a renewal is paid for at once and shows later.
    late: bool,
    /// How much more every name costs than it did, in cents.
    dearer: i64,
    /// The next request is one too many; there is room again in so many seconds.
    limited: Option<i64>,
    /// The name whose contact has to answer a mail, and until when.
    unverified: Option<(String, i64)>,
    /// What the next request to buy is answered.
    refusal: Option<(u16, &'static str)>,
}

#[derive(Clone, Debug)]
struct Domain {
    created: i64,
    expires: i64,
    /// Until when it is renewed, where that does not show yet.
    renewed: Option<i64>,
    auto_renew: bool,
    nameservers: Vec<String>,
    contacts: Value,
    /// Whether the account's list and pages have it already.
    shows: bool,
}

impl Namecom {
    /// An account without a name, at a time of its clock in seconds since the epoch.
    pub async fn new(now: i64) -> Self {
        let estate = Estate {
            now,
            domains: BTreeMap::new(),
            taken: BTreeSet::new(),
            orders: vec![],
            ledger: vec![],
            replays: Replays::default(),
            balance: BALANCE,
            drawn: 0,
            slow: false,
            late: false,
            dearer: 0,
            limited: None,
            unverified: None,
            refusal: None,
        };
        let estate = Arc::new(Mutex::new(estate));
        let asked = estate.clone();
        let server = Server::new(move |request| locked(&asked).answer(request)).await;
        Self { server, estate }
    }

    /// From now on every name costs so many cents more.
    pub fn raise(&self, cents: i64) {
        locked(&self.estate).dearer = cents;
    }

    /// The operator makes a token in the account's settings.
    pub fn person_makes_token(&self) -> &'static str {
        self.server.person("make an API token", "the installation");
        TOKEN
    }

    /// What was paid for so far.
    #[must_use]
    pub fn ledger(&self) -> Vec<Entry> {
        locked(&self.estate).ledger.clone()
    }

    /// From now on registrations stay under way until they are [finished](Self::finish) or [rejected](Self::reject).
    pub fn be_slow(&self) {
        locked(&self.estate).slow = true;
    }

    /// The registry has said yes to everything.
    pub fn finish(&self) {
        locked(&self.estate).finish();
    }

    /// The registry has said no to everything, and the money comes back.
    pub fn reject(&self) {
        locked(&self.estate).reject();
    }

    /// From now on renewals are paid for at once and show when they are [finished](Self::finish).
    pub fn show_renewals_late(&self) {
        locked(&self.estate).late = true;
    }

    /// The account has had this name for a while, for a year from now; the vendor renews it.
    pub fn hold_name(&self, name: &str) {
        let mut estate = locked(&self.estate);
        let domain = Domain::new(estate.now, 1, Value::Null);
        estate.domains.insert(name.into(), domain);
    }

    /// Somebody else has bought a name, unless it is ours.
    pub fn take(&self, name: &str) {
        locked(&self.estate).taken.insert(name.into());
    }

    /// Names whose registration has run out, and that are still here: nobody can buy them anywhere.
    #[must_use]
    pub fn lapsed(&self) -> Vec<String> {
        let estate = locked(&self.estate);
        let lapsed = estate.domains.iter().filter(|(_, domain)| domain.expires < estate.now);
        lapsed.map(|(name, _)| name.clone()).collect()
    }

    /// The account is charged so much for a name, and there is nothing to show for it.
    pub fn charge(&self, name: &str, what: &'static str, cents: i64) {
        locked(&self.estate).ordered(name, what, 1, cents);
    }

    /// A name leaves the account.
    pub fn lose(&self, name: &str) {
        locked(&self.estate).domains.remove(name);
    }

    /// The next request is refused: too many, come back in so many seconds. It is said as this vendor says it.
    pub fn limit(&self, seconds: i64) {
        locked(&self.estate).limited = Some(seconds);
    }

    /// The next purchase or renewal is refused so. Its key remembers that.
    pub fn refuse(&self, status: u16, message: &'static str) {
        locked(&self.estate).refusal = Some((status, message));
    }

    /// The account has so much, in cents.
    pub fn hold(&self, cents: i64) {
        locked(&self.estate).balance = cents;
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

    /// The contact of a name has not been verified, and has fifteen days for it.
    pub fn doubt_the_contact_of(&self, name: &str) {
        let mut estate = locked(&self.estate);
        estate.unverified = Some((name.into(), estate.now + 15 * 86_400));
    }

    /// Every contact has answered its mail.
    pub fn trust_contacts(&self) {
        locked(&self.estate).unverified = None;
    }

    /// The servers that a name is delegated to.
    #[must_use]
    pub fn delegation(&self, name: &str) -> Vec<String> {
        locked(&self.estate).domains.get(name).map(|domain| domain.nameservers.clone()).unwrap_or_default()
    }

    /// The contacts of a name; `Null` where it has none.
    #[must_use]
    pub fn contacts(&self, name: &str) -> Value {
        locked(&self.estate).domains.get(name).map_or(Value::Null, |domain| domain.contacts.clone())
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
        said.headers.push(("date".into(), http_date(self.now)));
        said
    }

    /// Who asks, how often, and in what form, before what.
    fn checked(&mut self, asked: &Asked) -> Said {
        if !asked.is_from(USERNAME, TOKEN) {
            return no(401, "Unauthorized");
        }
        if let Some(seconds) = self.limited.take() {
            let headers = vec![("x-ratelimit-reset".to_owned(), (self.now + seconds).to_string())];
            let body = json!({ "message": "Rate Limit Exceeded", "details": "Too many requests in a second" });
            return Said { status: 429, headers, body: Some(body) };
        }
        let writes = matches!(asked.method.as_str(), "POST" | "PUT" | "PATCH");
        if writes && !asked.header("content-type").is_some_and(|said| said.starts_with("application/json")) {
            return no(415, "Unsupported Media Type");
        }
        self.route(asked)
    }

    fn route(&mut self, asked: &Asked) -> Said {
        let Some(path) = asked.path.strip_prefix("/core/v1/") else { return no(404, "Not Found") };
        let body = &asked.body;
        match (asked.method.as_str(), path) {
            ("GET", "hello") => yes(json!({
                "motd": "", "serverName": "double", "serverTime": shown(self.now), "username": USERNAME,
            })),
            ("GET", "accountinfo/balance") => yes(json!({ "balance": dollars(self.balance) })),
            ("GET", "contacts/unverified") => self.unverified(),
            ("GET", "orders") => self.listed_orders(asked),
            ("POST", "domains:checkAvailability") => self.check(body),
            ("GET", "domains") => self.list(asked),
            ("POST", "domains") => self.create(asked),
            (method, path) => match path.strip_prefix("domains/") {
                Some(rest) => self.of_a_name(method, rest, asked),
                None => no(404, "Not Found"),
            },
        }
    }

    fn of_a_name(&mut self, method: &str, rest: &str, asked: &Asked) -> Said {
        match (method, rest.split_once(':').unwrap_or((rest, ""))) {
            ("GET", (name, "")) => self.domain(name),
            ("PATCH", (name, "")) => self.patch(name, &asked.body),
            ("GET", (name, "getPricing")) => self.pricing(name, asked),
            ("POST", (name, "renew")) => self.renew(name, &asked.body),
            ("POST", (name, "setNameservers")) => self.delegate(name, &asked.body),
            _ => no(404, "Not Found"),
        }
    }

    fn draw(&mut self) -> i64 {
        self.drawn += 1;
        self.drawn
    }
}

impl Asked {
    /// Whether it carries these credentials (RFC 7617).
    fn is_from(&self, user: &str, password: &str) -> bool {
        let pair = self.header("authorization").and_then(|said| said.strip_prefix("Basic "));
        pair.is_some_and(|said| said == encoded(format!("{user}:{password}").as_bytes()))
    }
}

/// Base64 (RFC 4648 §4).
fn encoded(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let all = chunk.iter().fold(0_u32, |all, byte| all << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for n in 0..4 {
            let letter = LETTERS[(all >> (18 - 6 * n)) as usize & 63];
            text.push(if n <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

fn yes(body: Value) -> Said {
    Said { status: 200, headers: vec![], body: Some(body) }
}

fn no(status: u16, message: &str) -> Said {
    Said { status, headers: vec![], body: Some(json!({ "message": message })) }
}

/// A price as the vendor writes it: a number of dollars with a point.
fn dollars(cents: i64) -> Value {
    serde_json::from_str(&format!("{}.{:02}", cents / 100, cents % 100)).unwrap_or(Value::Null)
}

fn shown(at: i64) -> String {
    jiff::Timestamp::from_second(at).map(|at| at.to_string()).unwrap_or_default()
}

fn http_date(at: i64) -> String {
    let stamp = jiff::Timestamp::from_second(at).unwrap_or_default();
    stamp.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
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
