//! Microsoft's interfaces for a tenant of Microsoft 365 as their description and their documentation have them: tokens for an
//! application, Graph's domains, users and licences, and the console of the mail service. See
//! <https://learn.microsoft.com/graph/api/overview>.

mod changes;
mod deleted;
mod domains;
mod exchange;
mod licences;
mod limits;
mod person;
mod records;
mod tokens;
mod users;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use self::domains::Domain;
use self::exchange::Signing;
use self::limits::Limits;
use self::tokens::Token;
use self::users::User;
use crate::consent::{Consents, Person};
use crate::mailboxes::{Keeper, Mailbox};
use crate::server::{Asked, Said, Server};
use crate::visible::Visible;

pub use self::licences::{SKU, SKU_NAME};
pub use self::limits::{FILLS, UNITS, WINDOW, WRITES};

/// The tenant's number.
pub const TENANT: &str = "84841066-274d-4ec0-a5c1-276be684bdd3";
/// The number of somebody else's tenant.
pub const OTHER_TENANT: &str = "ea7f13c6-9cbe-4bb2-8c3c-93ecf10e2f0e";
/// The application's number.
pub const CLIENT: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";
/// Its secret.
pub const SECRET: &str = "ms~secret-4711";
/// The tenant's first domain.
pub const INITIAL: &str = "acme.onmicrosoft.com";
/// How long a deleted user is kept, in seconds.
pub const KEPT: i64 = 30 * 86_400;

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `domain_added`, `domain_removed`, `user_made`, `user_deleted`, `user_restored`, `user_renamed`, `user_changed`,
    /// `photo_set`, `licence_given`, `keys_made`, `signed`, `address_dropped`, `smtp_let`, `consented`; of the tenant `smtp_on`.
    pub what: &'static str,
    /// The name or the address.
    pub subject: String,
}

/// How late the vendor is with what it has done, in looks that do not see it yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Of a mailbox whose user was licensed.
    pub mailbox: usize,
    /// Of the records that a domain wants which was verified.
    pub records: usize,
    /// Of the making of users in such a domain.
    pub users: usize,
}

/// What the application lets whoever has its secret do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Domains.
    Domains,
    /// Users.
    Users,
    /// What the tenant has licences for.
    Organization,
    /// The mail service.
    Exchange,
}

/// The vendor, on a socket.
pub struct Graph {
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
    code: &'static str,
    message: String,
}

struct Estate {
    /// Its clock, seconds since the epoch.
    now: i64,
    base: String,
    tokens: BTreeMap<String, Token>,
    has_expired: bool,
    withheld: Vec<Permission>,
    domains: BTreeMap<String, Domain>,
    elsewhere: BTreeSet<String>,
    /// The values that it finds at names in the DNS.
    visible: Visible,
    users: Vec<User>,
    keeper: Keeper,
    /// With the time when they were deleted.
    deleted: Vec<(User, i64)>,
    /// Whether an address of theirs is nobody else's.
    keeps_addresses: bool,
    signing: BTreeMap<String, Signing>,
    /// Whether mailboxes may be logged into over SMTP of which nothing else was said.
    is_smtp_on: bool,
    /// The mailboxes that may be logged into over SMTP, whatever the tenant says.
    smtp: BTreeSet<String>,
    seats: usize,
    lag: Lag,
    ledger: Vec<Entry>,
    noes: Vec<No>,
    limits: Limits,
    drawn: u64,
    consents: Consents,
}

impl Graph {
    /// A tenant with nobody in it, at a time of its clock in seconds since the epoch.
    pub async fn new(now: i64) -> Self {
        let estate = Estate {
            now,
            base: String::new(),
            tokens: BTreeMap::new(),
            has_expired: false,
            withheld: vec![],
            domains: [(INITIAL.to_owned(), Domain::initial())].into(),
            elsewhere: BTreeSet::new(),
            visible: Visible::default(),
            users: vec![],
            deleted: vec![],
            keeper: Keeper::default(),
            keeps_addresses: false,
            signing: BTreeMap::new(),
            is_smtp_on: true,
            smtp: BTreeSet::new(),
            seats: 1_000,
            lag: Lag { mailbox: 1, records: 1, users: 1 },
            ledger: vec![],
            noes: vec![],
            limits: Limits::full(now),
            drawn: 0,
            consents: Consents::new(
                |email| json!({ "preferred_username": email, "tid": TENANT, "ver": "2.0" }),
                |scope| scope.starts_with("https://"),
                true,
            ),
        };
        let estate = Arc::new(Mutex::new(estate));
        let asked = estate.clone();
        let server = Server::new(move |request| {
            let mut estate = locked(&asked);
            let said = estate.answer(request);
            estate.tell_mailboxes();
            said
        })
        .await;
        locked(&estate).base = server.base();
        Self { server, estate }
    }

    /// The owner of the application that people consent to registers where they are sent back to.
    pub fn redirects_to(&self, address: &str) {
        locked(&self.estate).consents.redirects.push(address.into());
    }

    /// What the next person does who is asked for a consent. Others agree.
    pub fn next_person(&self, person: Person) {
        locked(&self.estate).consents.people.push_back(person);
    }

    /// Whose mailbox an access token opens now.
    #[must_use]
    pub fn opens(&self, access: &str) -> Option<String> {
        let estate = locked(&self.estate);
        estate.consents.opens(access, estate.now)
    }

    /// Whose mailbox a refresh token opens, for whoever has the application's secret.
    #[must_use]
    pub fn holds(&self, refresh: &str) -> Option<String> {
        locked(&self.estate).consents.holds(refresh)
    }

    /// Somebody takes back what they have consented to.
    pub fn revoke_consent(&self, email: &str) {
        locked(&self.estate).consents.revoke(email);
    }

    /// Everything that people have given and that nobody else may see.
    #[must_use]
    pub fn consent_secrets(&self) -> Vec<String> {
        locked(&self.estate).consents.secrets()
    }

    /// What was done so far.
    #[must_use]
    pub fn ledger(&self) -> Vec<Entry> {
        locked(&self.estate).ledger.clone()
    }

    /// How often something was done.
    #[must_use]
    pub fn count(&self, what: &str, subject: &str) -> usize {
        self.ledger().iter().filter(|entry| entry.what == what && entry.subject == subject).count()
    }

    /// The next request of this method whose path ends so is not done, and is answered with this status and code.
    pub fn say_no(&self, method: &str, ending: &str, status: u16, code: &'static str, message: &str) {
        let no = No { method: method.into(), ending: ending.into(), status, code, message: message.into() };
        locked(&self.estate).noes.push(no);
    }

    /// From now on it finds these values at a name in the DNS, and no others.
    pub fn see(&self, name: &str, values: Vec<String>) {
        locked(&self.estate).visible.put(name, values);
    }

    /// From now on it looks itself at what the DNS has at a name.
    pub fn look_with(&self, look: impl Fn(&str) -> Vec<String> + Send + Sync + 'static) {
        locked(&self.estate).visible.look_with(look);
    }

    /// Whoever keeps real mailboxes hears of all of them from now on, whenever there is news.
    pub fn keep_mailboxes_with(&self, tell: impl Fn(&[Mailbox]) + Send + Sync + 'static) {
        locked(&self.estate).keeper.tell_to(tell);
    }

    /// How often it has refused something for being asked too often.
    #[must_use]
    pub fn refused(&self) -> usize {
        locked(&self.estate).limits.refused
    }

    /// The addresses of everybody in the tenant.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        locked(&self.estate).users.iter().map(|user| user.upn.clone()).collect()
    }

    /// Everything of the tenant's that is not its own from the beginning: domains.
    #[must_use]
    pub fn domains(&self) -> Vec<String> {
        locked(&self.estate).domains.keys().filter(|name| *name != INITIAL).cloned().collect()
    }

    /// A name is verified in somebody else's tenant.
    pub fn put_elsewhere(&self, name: &str) {
        locked(&self.estate).elsewhere.insert(name.into());
    }

    /// Whoever has the name removes it there.
    pub fn let_go(&self, name: &str) {
        locked(&self.estate).elsewhere.remove(name);
    }

    /// The application loses a permission.
    pub fn withhold(&self, permission: Permission) {
        locked(&self.estate).withheld.push(permission);
    }

    /// The application's secret has run out. Tokens that it has stay good.
    pub fn expire(&self) {
        locked(&self.estate).has_expired = true;
    }

    /// No token is good any more.
    pub fn revoke_tokens(&self) {
        locked(&self.estate).tokens.clear();
    }

    /// How late it is with what it has done.
    pub fn be_late(&self, lag: Lag) {
        locked(&self.estate).lag = lag;
    }

    /// Addresses of deleted users are nobody else's from now on.
    pub fn keep_addresses(&self) {
        locked(&self.estate).keeps_addresses = true;
    }

    /// The tenant has so many licences.
    pub fn limit_seats(&self, seats: usize) {
        locked(&self.estate).seats = seats;
    }

    /// Its clock shows this now, seconds since the epoch; it never goes back.
    pub fn pass_to(&self, now: i64) {
        let mut estate = locked(&self.estate);
        estate.now = estate.now.max(now);
    }

    /// Somebody makes a user in the admin center, who has no licence and no place.
    pub fn make_by_hand(&self, email: &str) {
        let mut estate = locked(&self.estate);
        let user = User::by_hand(email, estate.draw());
        estate.users.push(user);
    }

    /// Somebody deletes a user in the admin center.
    pub fn delete_by_hand(&self, email: &str) {
        let mut estate = locked(&self.estate);
        if let Some(id) = estate.users.iter().find(|user| user.upn == email).map(|user| user.id.clone()) {
            estate.delete_user(&id);
        }
    }

    /// Somebody blocks a user.
    pub fn block(&self, email: &str) {
        locked(&self.estate).users.iter_mut().filter(|user| user.upn == email).for_each(|user| user.enabled = false);
    }

    /// A user with everything that is known of them; `None` where nobody has the address as their own.
    #[must_use]
    pub fn user(&self, email: &str) -> Option<Value> {
        let estate = locked(&self.estate);
        estate.users.iter().find(|user| user.upn == email).map(User::whole)
    }

    /// Whether mail to an address arrives in a mailbox whose own it is.
    #[must_use]
    pub fn has_mailbox(&self, email: &str) -> bool {
        let estate = locked(&self.estate);
        estate.users.iter().any(|user| user.upn == email && user.proxies.contains(&format!("SMTP:{email}")))
    }

    /// The picture of a user, as it was sent.
    #[must_use]
    pub fn photo(&self, email: &str) -> Option<(String, Vec<u8>)> {
        let estate = locked(&self.estate);
        estate.users.iter().find(|user| user.upn == email).and_then(|user| user.photo.clone())
    }

    /// Whether the tenant has a domain, and whether it is verified.
    #[must_use]
    pub fn domain(&self, name: &str) -> Option<bool> {
        locked(&self.estate).domains.get(name).map(|domain| domain.is_verified)
    }

    /// Whether a domain's mail is signed.
    #[must_use]
    pub fn signs(&self, name: &str) -> bool {
        locked(&self.estate).signing.get(name).is_some_and(|signing| signing.enabled)
    }
}

impl Estate {
    fn answer(&mut self, asked: &Asked) -> Said {
        let path: Vec<_> = asked.path.split('/').skip(1).map(decoded).collect();
        let path: Vec<_> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            [tenant, "oauth2", "v2.0", "token"] => {
                let of_consent = self.consents.grant(asked, self.now).filter(|_| *tenant == TENANT);
                return of_consent.unwrap_or_else(|| self.grant(tenant, asked));
            }
            [TENANT, "oauth2", "v2.0", "authorize"] => return self.consent(asked),
            _ => {}
        }
        if let [name, "v2.0", ".well-known", "openid-configuration"] = path.as_slice() {
            return self.holder(name);
        }
        // The mail service counts for itself.
        let is_graphs = path.first() == Some(&"v1.0");
        if is_graphs && let Err(said) = self.limits.take(asked, self.now) {
            return said;
        }
        let meets = |no: &No| no.method == asked.method && asked.path.ends_with(&no.ending);
        if let Some(at) = self.noes.iter().position(meets) {
            let one = self.noes.remove(at);
            return no(one.status, one.code, &one.message);
        }
        if !self.lets_in(asked, &path) {
            return no(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.");
        }
        if self.withheld.contains(&needed(&path)) {
            return no(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
        }
        self.route(asked, &path)
    }

    fn route(&mut self, asked: &Asked, path: &[&str]) -> Said {
        match path {
            ["v1.0", "domains", rest @ ..] => self.domain_route(asked, rest),
            ["v1.0", "users", rest @ ..] => self.user_route(asked, rest),
            ["v1.0", "subscribedSkus"] if asked.method == "GET" => self.skus(),
            ["v1.0", "directory", "deletedItems", rest @ ..] => self.deleted_route(asked, rest),
            ["adminapi", "beta", TENANT, "InvokeCommand"] if asked.method == "POST" => self.command(asked),
            _ => nowhere(),
        }
    }

    /// A person opens the page: a click of theirs.
    fn consent(&mut self, asked: &Asked) -> Said {
        let (agreed, said) = self.consents.page(asked, self.now);
        if let Some(email) = agreed {
            self.note("consented", &email);
        }
        said
    }

    fn tell_mailboxes(&mut self) {
        let all = self.users.iter().map(|user| (user.upn.clone(), user.app_password.clone())).collect();
        self.keeper.are(all);
    }

    fn note(&mut self, what: &'static str, subject: &str) {
        self.ledger.push(Entry { what, subject: subject.into() });
    }

    /// A number as the vendor draws them.
    fn draw(&mut self) -> String {
        self.drawn += 1;
        format!("87d349ed-44d7-43e1-9a83-{:012x}", self.drawn)
    }
}

fn needed(path: &[&str]) -> Permission {
    match path {
        ["adminapi", ..] => Permission::Exchange,
        [_, "domains", ..] => Permission::Domains,
        [_, "subscribedSkus", ..] => Permission::Organization,
        _ => Permission::Users,
    }
}

fn yes(status: u16, body: Value) -> Said {
    Said { status, headers: vec![], body: Some(body) }
}

/// A list.
fn many(all: &[Value]) -> Said {
    yes(200, json!({ "@odata.context": "https://graph.microsoft.com/v1.0/$metadata", "value": all }))
}

fn nothing() -> Said {
    Said { status: 204, headers: vec![], body: None }
}

fn no(status: u16, code: &str, message: &str) -> Said {
    let inner = json!({ "date": "2026-05-08T12:00:00", "request-id": "4711", "client-request-id": "4711" });
    let body = json!({ "error": { "code": code, "message": message, "innerError": inner } });
    Said { status, headers: vec![], body: Some(body) }
}

fn bad(message: &str) -> Said {
    no(400, "Request_BadRequest", message)
}

/// That something is there already that may be there once.
fn conflict(property: &str) -> Said {
    let message = format!("Another object with the same value for property {property} already exists.");
    let mut said = bad(&message);
    if let Some(body) = &mut said.body {
        body["error"]["details"] = json!([{ "code": "ObjectConflict", "message": message, "target": property }]);
    }
    said
}

fn nowhere() -> Said {
    no(
        404,
        "Request_ResourceNotFound",
        "Resource does not exist or one of its queried reference-property objects are not present.",
    )
}

/// The first field of a body that is not among those that are known; as the vendor complains of it.
fn unknown(body: &Value, known: &[&str]) -> Option<Said> {
    let Some(fields) = body.as_object() else { return Some(bad("Empty Payload. JSON content expected.")) };
    // What something is may be said of anything.
    let odd = fields.keys().find(|name| !known.contains(&name.as_str()) && *name != "@odata.type")?;
    Some(bad(&format!("One or more property values specified are invalid: {odd}")))
}

/// A segment of a path as it was meant.
fn decoded(segment: &str) -> String {
    let pair = format!("x={}", segment.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn locked(estate: &Mutex<Estate>) -> MutexGuard<'_, Estate> {
    estate.lock().unwrap_or_else(PoisonError::into_inner)
}
