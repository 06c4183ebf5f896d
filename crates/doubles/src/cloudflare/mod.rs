//! Cloudflare's API v4 as its client library and its documentation have it: one account with zones, records, redirect rules
//! and registered names. See <https://developers.cloudflare.com/api/>.

mod records;
mod registrar;
mod rules;
mod zones;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use self::registrar::Name;
use self::zones::Zone;
use crate::server::{Asked, Said, Server};

pub use self::registrar::{Course, PRICE, RENEWAL};

/// The account's identifier.
pub const ACCOUNT: &str = "0123456789abcdef0123456789abcdef";
/// What people call the account.
pub const ACCOUNT_NAME: &str = "Acme Outreach";
/// The token that it takes.
pub const TOKEN: &str = "cf_token_4711";
/// How many requests it takes in [`WINDOW`].
pub const LIMIT: u64 = 1_200;
/// The length of a window, in seconds.
pub const WINDOW: i64 = 300;

/// Something that was paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `registered` or `renewed`.
    pub what: &'static str,
    /// The name.
    pub name: String,
    /// What was charged, in cents.
    pub cents: i64,
}

/// What the token lets whoever has it do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// The account's name.
    Account,
    /// Zones and records.
    Zones,
    /// Redirect rules.
    Redirects,
    /// Names.
    Registrar,
}

/// The vendor, on a socket.
pub struct Cloudflare {
    /// What it listens on, and where its faults are ordered.
    pub server: Server,
    estate: Arc<Mutex<Estate>>,
}

/// Something that it says no to, whatever was asked.
#[derive(Clone, Debug)]
struct No {
    method: String,
    ending: String,
    status: u16,
    code: u32,
    message: String,
}

#[derive(Debug)]
struct Estate {
    /// Its clock, seconds since the epoch.
    now: i64,
    zones: BTreeMap<String, Zone>,
    names: BTreeMap<String, Name>,
    ledger: Vec<Entry>,
    drawn: u64,
    noes: Vec<No>,
    withheld: Vec<Permission>,
    most_zones: usize,
    most_names: usize,
    course: Course,
    renewal: i64,
    is_card_good: bool,
    has_address_book: bool,
    /// How many requests are left until when.
    room: (u64, i64),
    /// How many came in all, and how many of them when none were left.
    came: usize,
    too_many: usize,
}

impl Cloudflare {
    /// An account with nothing in it, at a time of its clock in seconds since the epoch.
    pub async fn new(now: i64) -> Self {
        let estate = Estate {
            now,
            zones: BTreeMap::new(),
            names: BTreeMap::new(),
            ledger: vec![],
            drawn: 0,
            noes: vec![],
            withheld: vec![],
            most_zones: 1_000,
            most_names: 500,
            course: Course::Succeeded,
            renewal: RENEWAL,
            is_card_good: true,
            has_address_book: true,
            room: (LIMIT, now + WINDOW),
            came: 0,
            too_many: 0,
        };
        let estate = Arc::new(Mutex::new(estate));
        let asked = estate.clone();
        let server = Server::new(move |request| locked(&asked).answer(request)).await;
        Self { server, estate }
    }

    /// What was paid for so far.
    #[must_use]
    pub fn ledger(&self) -> Vec<Entry> {
        locked(&self.estate).ledger.clone()
    }

    /// How many requests have come.
    #[must_use]
    pub fn came(&self) -> usize {
        locked(&self.estate).came
    }

    /// How many requests were refused because there had been [`LIMIT`] in the window.
    #[must_use]
    pub fn refused(&self) -> usize {
        locked(&self.estate).too_many
    }

    /// The next request of this method whose path ends so is not done, and is answered with this status, this error and
    /// `success: false`. A status of 200 is one of the vendor's habits too.
    pub fn say_no(&self, method: &str, ending: &str, status: u16, code: u32, message: &str) {
        let no = No { method: method.into(), ending: ending.into(), status, code, message: message.into() };
        locked(&self.estate).noes.push(no);
    }

    /// The token has lost a permission.
    pub fn withhold(&self, permission: Permission) {
        locked(&self.estate).withheld.push(permission);
    }

    /// The account takes no more zones than these.
    pub fn limit_zones(&self, most: usize) {
        locked(&self.estate).most_zones = most;
    }

    /// The account takes no more names than these.
    pub fn limit_names(&self, most: usize) {
        locked(&self.estate).most_names = most;
    }

    /// Its clock shows this now, seconds since the epoch; it never goes back. Names that are due are renewed.
    pub fn pass_to(&self, now: i64) {
        locked(&self.estate).pass_to(now);
    }
}

impl Estate {
    fn answer(&mut self, asked: &Asked) -> Said {
        let (left, until) = self.room;
        self.room = if self.now >= until { (LIMIT, self.now + WINDOW) } else { (left, until) };
        let is_full = self.room.0 == 0;
        self.came += 1;
        self.too_many += usize::from(is_full);
        self.room.0 = self.room.0.saturating_sub(1);
        let mut said = match asked.header("authorization") == Some(&format!("Bearer {TOKEN}")) {
            _ if is_full => no(429, 971, "Please wait and consider throttling your request speed"),
            true => self.known(asked),
            false => no(401, 1000, "Invalid API Token"),
        };
        let lasts = self.room.1 - self.now;
        if is_full {
            said.headers.push(("retry-after".into(), lasts.to_string()));
        }
        said.headers.extend([
            ("ratelimit".into(), format!("\"default\";r={};t={lasts}", self.room.0)),
            ("ratelimit-policy".into(), format!("\"default\";q={LIMIT};w={WINDOW}")),
            ("cf-ray".into(), format!("double-{}", self.drawn)),
        ]);
        said
    }

    fn known(&mut self, asked: &Asked) -> Said {
        let meets = |no: &No| no.method == asked.method && asked.path.ends_with(&no.ending);
        if let Some(at) = self.noes.iter().position(meets) {
            let one = self.noes.remove(at);
            return no(one.status, one.code, &one.message);
        }
        let path: Vec<_> = asked.path.split('/').skip(1).collect();
        let ["client", "v4", path @ ..] = path.as_slice() else { return nowhere() };
        if self.withheld.contains(&needed(path)) {
            return no(403, 10_000, "Authentication error");
        }
        match path {
            ["zones", rest @ ..] => self.zone_route(asked, rest),
            ["accounts", account, ..] if *account != ACCOUNT => no(404, 7003, "Could not route to the account"),
            ["accounts", _] if asked.method == "GET" => {
                yes(200, json!({ "id": ACCOUNT, "name": ACCOUNT_NAME, "type": "standard" }))
            }
            ["accounts", _, "registrar", rest @ ..] => self.registrar_route(asked, rest, false),
            ["accounts", _, "registrar-sandbox", rest @ ..] => self.registrar_route(asked, rest, true),
            _ => nowhere(),
        }
    }

    /// An identifier as the vendor draws them: 32 hexadecimal digits.
    fn draw(&mut self) -> String {
        self.drawn += 1;
        format!("{:032x}", u128::from(self.drawn) * 0x9e37_79b9_7f4a_7c15_f39c_c060)
    }
}

fn needed(path: &[&str]) -> Permission {
    match path {
        ["zones", _, "rulesets", ..] => Permission::Redirects,
        ["zones", ..] => Permission::Zones,
        [_, _, "registrar" | "registrar-sandbox", ..] => Permission::Registrar,
        _ => Permission::Account,
    }
}

fn yes(status: u16, result: Value) -> Said {
    let body = json!({ "success": true, "errors": [], "messages": [], "result": result });
    Said { status, headers: vec![], body: Some(body) }
}

/// A page of a list that knows how long it is.
fn page(asked: &Asked, all: &[Value], usual: usize, most: usize) -> Said {
    let number = |name, usual| asked.parameter(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (page, per_page): (usize, usize) = (number("page", 1).max(1), number("per_page", usual).clamp(1, most));
    let shown: Vec<_> = all.iter().skip((page - 1) * per_page).take(per_page).cloned().collect();
    let info = json!({
        "page": page, "per_page": per_page, "count": shown.len(), "total_count": all.len(),
        "total_pages": all.len().div_ceil(per_page),
    });
    let mut said = yes(200, json!(shown));
    if let Some(body) = &mut said.body {
        body["result_info"] = info;
    }
    said
}

fn no(status: u16, code: u32, message: &str) -> Said {
    let errors = json!([{ "code": code, "message": message }]);
    let body = json!({ "success": false, "errors": errors, "messages": [], "result": null });
    Said { status, headers: vec![], body: Some(body) }
}

fn nowhere() -> Said {
    no(404, 7000, "No route for that URI")
}

fn shown(at: i64) -> String {
    jiff::Timestamp::from_second(at).map(|at| at.to_string()).unwrap_or_default()
}

fn locked(estate: &Mutex<Estate>) -> MutexGuard<'_, Estate> {
    estate.lock().unwrap_or_else(PoisonError::into_inner)
}
