//! Names: checked, ordered, renewed by the vendor itself. A name that begins with `taken-` is somebody else's, one with
//! `premium-` is dear.

use serde_json::{Value, json};

use super::{ACCOUNT, Cloudflare, Entry, Estate, locked, no, nowhere, shown, yes};
use crate::server::{Asked, Said};

/// What the first year of a name costs, in cents.
pub const PRICE: i64 = 1_046;
/// What each further year costs, in cents.
pub const RENEWAL: i64 = 1_118;
/// How long before a name runs out it is renewed, in seconds.
const AHEAD: i64 = 30 * 86_400;
/// As many names as one check takes.
const CHECKED: usize = 20;

/// How far an order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the vendor's own words")]
pub enum Course {
    Pending,
    InProgress,
    ActionRequired,
    Blocked,
    Succeeded,
    /// It has come to nothing, for this reason.
    Failed(&'static str),
}

impl Course {
    const fn state(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::ActionRequired => "action_required",
            Self::Blocked => "blocked",
            Self::Succeeded => "succeeded",
            Self::Failed(_) => "failed",
        }
    }
}

/// A name that was ordered, and may be had.
#[derive(Clone, Debug)]
pub(super) struct Name {
    course: Course,
    ordered: i64,
    years: i64,
    auto_renew: bool,
    /// Seconds since the epoch; `None` before it is had.
    expires: Option<i64>,
    status: &'static str,
    registrant: Value,
}

impl Cloudflare {
    /// The account has had a name for a while.
    pub fn own(&self, name: &str) {
        let mut estate = locked(&self.estate);
        let (ordered, expires) = (estate.now, Some(years_later(estate.now, 1)));
        let course = Course::Succeeded;
        let registrant = Value::Null;
        let one = Name { course, ordered, years: 1, auto_renew: false, expires, status: "active", registrant };
        estate.names.insert(name.into(), one);
    }

    /// How orders go from now on.
    pub fn take_course(&self, course: Course) {
        locked(&self.estate).course = course;
    }

    /// An order has come this far.
    pub fn come_to(&self, name: &str, course: Course) {
        locked(&self.estate).come_to(name, course);
    }

    /// Whether the vendor would renew a name by itself.
    #[must_use]
    pub fn renews_by_itself(&self, name: &str) -> bool {
        locked(&self.estate).names.get(name).is_some_and(|name| name.auto_renew)
    }

    /// Somebody has switched the vendor's own renewal.
    pub fn renew_by_itself(&self, name: &str, is_on: bool) {
        if let Some(name) = locked(&self.estate).names.get_mut(name) {
            name.auto_renew = is_on;
        }
    }

    /// What the registry has come to say of a name: `active`, `expired`, `redemption_period`, ….
    pub fn say_status(&self, name: &str, status: &'static str) {
        if let Some(name) = locked(&self.estate).names.get_mut(name) {
            name.status = status;
        }
    }

    /// What a further year costs from now on, in cents.
    pub fn ask_for_renewals(&self, cents: i64) {
        locked(&self.estate).renewal = cents;
    }

    /// Whether the account's card can be charged.
    pub fn charge(&self, is_good: bool) {
        locked(&self.estate).is_card_good = is_good;
    }

    /// Nobody has put a contact into the account's address book.
    pub fn forget_address_book(&self) {
        locked(&self.estate).has_address_book = false;
    }

    /// The registrant that was sent with an order; `Null` when none was.
    #[must_use]
    pub fn registrant(&self, name: &str) -> Value {
        locked(&self.estate).names.get(name).map(|name| name.registrant.clone()).unwrap_or_default()
    }
}

fn is_premium(name: &str) -> bool {
    name.starts_with("premium-")
}

fn is_sold(name: &str) -> bool {
    [".com", ".net", ".org", ".ai"].iter().any(|end| name.ends_with(end))
}

fn dollars(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// How many years a name is sold for at least.
fn least_years(name: &str) -> i64 {
    if name.ends_with(".ai") { 2 } else { 1 }
}

/// The same day so many years later, as registries count.
fn years_later(at: i64, years: i64) -> i64 {
    let Ok(stamp) = jiff::Timestamp::from_second(at) else { return at };
    let later = stamp.to_zoned(jiff::tz::TimeZone::UTC).checked_add(jiff::Span::new().years(years));
    later.map_or(at, |later| later.timestamp().as_second())
}

/// Whether somebody can be registered as this.
fn is_contact(contact: &Value) -> bool {
    let text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let postal = &contact["postal_info"];
    let is_phone = contact["phone"].as_str().and_then(|phone| phone.strip_prefix('+')?.split_once('.'));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    text(&contact["email"])
        && is_phone.is_some_and(|(country, number)| digits(country) && digits(number))
        && text(&postal["name"])
        && ["street", "city", "state", "postal_code", "country_code"].iter().all(|key| text(&postal["address"][key]))
}

impl Estate {
    pub(super) fn registrar_route(&mut self, asked: &Asked, path: &[&str], is_sandbox: bool) -> Said {
        let body = &asked.body;
        match (asked.method.as_str(), path) {
            ("POST", ["domain-check"]) => self.check(body),
            ("POST", ["registrations"]) => self.order(body, is_sandbox, asked.header("prefer").is_some()),
            ("GET", ["registrations"]) => self.portfolio(asked),
            ("GET", ["registrations", name]) => match self.names.get(*name).filter(|one| one.is_shown()) {
                Some(one) => yes(200, one.described(name, self.now)),
                None => no(404, 10_004, "Registration not found"),
            },
            ("PATCH", ["registrations", name]) => self.switch(name, body),
            ("GET", ["registrations", name, "registration-status" | "update-status"]) => match self.names.get(*name) {
                Some(one) => yes(200, one.workflow(name, self.now)),
                None => no(404, 10_004, "No workflow for this name"),
            },
            _ => nowhere(),
        }
    }

    fn check(&self, body: &Value) -> Said {
        let names: Vec<_> = body["domains"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if names.is_empty() || names.len() > CHECKED {
            return no(400, 10_005, "domains must have between 1 and 20 names");
        }
        let checked: Vec<_> = names.iter().filter(|name| name.contains('.')).map(|name| self.checked(name)).collect();
        yes(200, json!({ "domains": checked }))
    }

    fn checked(&self, name: &str) -> Value {
        let not = |reason: &str| json!({ "name": name, "registrable": false, "reason": reason });
        if !is_sold(name) {
            return not("extension_not_supported");
        }
        if is_premium(name) {
            let mut answer = not("domain_premium");
            answer["tier"] = json!("premium");
            return answer;
        }
        let is_had = self.names.get(name).is_some_and(|one| one.expires.is_some());
        if is_had || name.starts_with("taken-") {
            return not("domain_unavailable");
        }
        let (first, further) = (dollars(PRICE), dollars(self.renewal));
        let pricing = json!({ "currency": "USD", "registration_cost": first, "renewal_cost": further });
        json!({ "name": name, "registrable": true, "tier": "standard", "pricing": pricing })
    }

    fn order(&mut self, body: &Value, is_sandbox: bool, is_asynchronous: bool) -> Said {
        let Some(name) = body["domain_name"].as_str().filter(|name| name.contains('.')) else {
            return no(400, 10_005, "domain_name is missing");
        };
        let registrant = body["contacts"]["registrant"].clone();
        let is_nobody = registrant.is_null() && (is_sandbox || !self.has_address_book);
        if is_nobody || !registrant.is_null() && !is_contact(&registrant) {
            return no(422, 10_006, "contacts.registrant: a complete registrant contact is required");
        }
        let is_open = |one: &Name| !matches!(one.course, Course::Failed(_));
        if self.names.get(name).is_some_and(is_open) {
            return no(409, 10_007, "A registration of this name exists or is in progress");
        }
        if !is_sold(name) || name.starts_with("taken-") || is_premium(name) {
            return no(400, 10_008, "The name is not available for registration");
        }
        let years = body["years"].as_i64().unwrap_or_else(|| least_years(name));
        if !(least_years(name)..=10).contains(&years) {
            return no(400, 10_008, "years is below the least term of the extension, or above the most");
        }
        if self.names.values().filter(|one| is_open(one)).count() >= self.most_names {
            return no(400, 10_009, "The account has reached the maximum number of domains");
        }
        if !self.is_card_good {
            return no(402, 10_010, "A valid default payment method is required: check the billing profile");
        }
        let ordered = Name {
            course: Course::Pending,
            ordered: self.now,
            years,
            auto_renew: body["auto_renew"].as_bool().unwrap_or(false),
            expires: None,
            status: "registration_pending",
            registrant,
        };
        self.names.insert(name.into(), ordered);
        self.come_to(name, self.course);
        let is_over = matches!(self.course, Course::Succeeded | Course::Failed(_)) && !is_asynchronous;
        yes(if is_over { 201 } else { 202 }, self.names[name].workflow(name, self.now))
    }

    fn come_to(&mut self, name: &str, course: Course) {
        let now = self.now;
        let Some(one) = self.names.get_mut(name) else { return };
        one.course = course;
        if course != Course::Succeeded || one.expires.is_some() {
            return;
        }
        (one.expires, one.status) = (Some(years_later(now, one.years)), "active");
        let cents = PRICE + RENEWAL * (one.years - 1);
        self.ledger.push(Entry { what: "registered", name: name.into(), cents });
        self.open(name);
    }

    fn portfolio(&self, asked: &Asked) -> Said {
        let number = |name, usual| asked.parameter(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
        let (from, per_page): (usize, usize) = (number("cursor", 0), number("per_page", 20).clamp(1, 50));
        let all = self.names.iter().filter(|(_, one)| one.is_shown());
        let all: Vec<_> = all.map(|(name, one)| one.described(name, self.now)).collect();
        let shown: Vec<_> = all.iter().skip(from).take(per_page).cloned().collect();
        let next = from + shown.len();
        let cursor = if next < all.len() { next.to_string() } else { String::new() };
        let count = shown.len();
        let mut said = yes(200, json!(shown));
        if let Some(body) = &mut said.body {
            body["result_info"] = json!({ "count": count, "per_page": per_page, "cursor": cursor });
        }
        said
    }

    fn switch(&mut self, name: &str, body: &Value) -> Said {
        let now = self.now;
        let one = self.names.get_mut(name).filter(|one| one.expires.is_some());
        let Some(one) = one else { return no(404, 10_004, "Registration not found") };
        let Some(is_on) = body["auto_renew"].as_bool() else { return no(400, 10_005, "auto_renew is missing") };
        one.auto_renew = is_on;
        let workflow = one.workflow(name, now);
        self.pass_to(now);
        yes(200, workflow)
    }

    pub(super) fn pass_to(&mut self, now: i64) {
        self.now = self.now.max(now);
        if !self.is_card_good {
            return;
        }
        for (name, one) in self.names.iter_mut().filter(|(_, one)| one.auto_renew && one.status == "active") {
            while let Some(expires) = one.expires.filter(|expires| expires - AHEAD <= self.now && one.auto_renew) {
                one.expires = Some(years_later(expires, 1));
                self.ledger.push(Entry { what: "renewed", name: name.clone(), cents: self.renewal });
            }
        }
    }
}

impl Name {
    /// Whether there is something to look at beside the order.
    const fn is_shown(&self) -> bool {
        !matches!(self.course, Course::Failed(_))
    }

    fn described(&self, name: &str, now: i64) -> Value {
        json!({
            "domain_name": name, "status": self.status, "auto_renew": self.auto_renew, "locked": true,
            "privacy_mode": "redaction", "created_at": shown(self.ordered), "expires_at": self.expires.map(shown),
            "updated_at": shown(now),
        })
    }

    fn workflow(&self, name: &str, now: i64) -> Value {
        let path = format!("/accounts/{ACCOUNT}/registrar/registrations/{name}");
        let mut workflow = json!({
            "state": self.course.state(), "completed": matches!(self.course, Course::Succeeded | Course::Failed(_)),
            "created_at": shown(self.ordered), "updated_at": shown(now),
            "links": { "self": format!("{path}/registration-status"), "resource": path },
            "context": { "domain_name": name },
        });
        match self.course {
            Course::Succeeded => workflow["context"]["registration"] = self.described(name, now),
            Course::ActionRequired => workflow["context"]["action"] = json!("confirm_registrant_email"),
            Course::Failed(code) => {
                workflow["error"] = json!({ "code": code, "message": "The registry did not take the order." });
            }
            Course::Pending | Course::InProgress | Course::Blocked => {}
        }
        workflow
    }
}
