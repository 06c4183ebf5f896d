//! Google's interfaces for a tenant of Workspace as their discovery documents and guides have them: tokens for a service account,
//! the directory, site verification and licences. See <https://developers.google.com/workspace/admin/directory/v1/guides>.

mod aliases;
mod domains;
mod licences;
mod lists;
mod person;
mod sites;
mod tokens;
mod users;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

pub use self::person::SIGNING_KEY;

use self::domains::Domain;
use self::tokens::Token;
use self::users::User;
use crate::consent::{Consents, Person};
use crate::mailboxes::{Keeper, Mailbox};
use crate::server::{Asked, Said, Server};
use crate::visible::Visible;

/// The service account's name.
pub const CLIENT: &str = "mailwright@acme-project.iam.gserviceaccount.com";
/// A super administrator of the tenant.
pub const ADMIN: &str = "admin@acme-tenant.com";
/// Another one.
pub const OTHER_ADMIN: &str = "other@acme-tenant.com";
/// The tenant's first domain.
pub const PRIMARY: &str = "acme-tenant.com";
/// The tenant's number.
pub const CUSTOMER: &str = "C01abc2de";
/// A private key that opens nothing but this double.
pub const KEY: &str = include_str!("key.pem");
/// How many requests each of its interfaces takes in a minute.
pub const LIMIT: u64 = 2_400;
/// How long the address of a deleted user is kept, in seconds.
pub const KEPT: i64 = 20 * 86_400;

const PUBLIC_KEY: &str = include_str!("key.pub");

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `domain_added`, `domain_removed`, `user_made`, `user_deleted`, `user_undeleted`, `user_renamed`, `user_changed`,
    /// `photo_set`, `licence_given`, `licence_taken`, `consented`.
    pub what: &'static str,
    /// The name or the address.
    pub subject: String,
}

/// How late the vendor is with what it has done, in looks that do not see it yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Of a mailbox whose user was made.
    pub mailbox: usize,
    /// Of the directory, whose domain was proved.
    pub verified: usize,
    /// Of the making of users in such a domain.
    pub users: usize,
}

/// The vendor, on a socket.
pub struct Google {
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
    reason: &'static str,
    message: String,
}

struct Estate {
    /// Its clock, seconds since the epoch.
    now: i64,
    base: String,
    tokens: BTreeMap<String, Token>,
    /// Scopes that the tenant does not allow.
    withheld: BTreeSet<String>,
    suspended_admins: BTreeSet<String>,
    domains: BTreeMap<String, Domain>,
    elsewhere: BTreeSet<String>,
    /// The texts that it finds in the DNS.
    visible: Visible,
    users: Vec<User>,
    keeper: Keeper,
    /// With the time when they were deleted.
    deleted: Vec<(User, i64)>,
    /// Product, SKU and address.
    licences: BTreeSet<(String, String, String)>,
    seats: usize,
    /// Of whom the old address does not stay by itself.
    drops_aliases: Vec<String>,
    lag: Lag,
    ledger: Vec<Entry>,
    noes: Vec<No>,
    /// Of each interface: what is left, and until when.
    rooms: BTreeMap<String, (u64, i64)>,
    refused: usize,
    drawn: u64,
    consents: Consents,
}

impl Google {
    /// A tenant with its administrators, at a time of its clock in seconds since the epoch.
    pub async fn new(now: i64) -> Self {
        let estate = Estate {
            now,
            base: String::new(),
            tokens: BTreeMap::new(),
            withheld: BTreeSet::new(),
            suspended_admins: BTreeSet::new(),
            domains: [(PRIMARY.to_owned(), Domain::first())].into(),
            elsewhere: BTreeSet::new(),
            visible: Visible::default(),
            users: [ADMIN, OTHER_ADMIN].map(User::admin).to_vec(),
            deleted: vec![],
            keeper: Keeper::default(),
            licences: BTreeSet::new(),
            seats: usize::MAX,
            drops_aliases: vec![],
            lag: Lag { mailbox: 1, verified: 1, users: 2 },
            ledger: vec![],
            noes: vec![],
            rooms: BTreeMap::new(),
            refused: 0,
            drawn: 0,
            consents: Consents::new(
                |email| json!({ "iss": "https://accounts.google.com", "email": email, "email_verified": true }),
                |_| true,
                false,
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

    /// The service account's key file.
    #[must_use]
    pub fn key_file(&self) -> String {
        json!({
            "type": "service_account", "project_id": "acme-project", "private_key_id": "4711", "private_key": KEY,
            "client_email": CLIENT, "client_id": "104711471147114711471", "token_uri": format!("{}/token", self.server.base()),
        })
        .to_string()
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

    /// The next request of this method whose path ends so is not done, and is answered with this status and reason.
    pub fn say_no(&self, method: &str, ending: &str, status: u16, reason: &'static str, message: &str) {
        let no = No { method: method.into(), ending: ending.into(), status, reason, message: message.into() };
        locked(&self.estate).noes.push(no);
    }

    /// From now on it finds these texts at a name in the DNS, and no others.
    pub fn see(&self, name: &str, texts: Vec<String>) {
        locked(&self.estate).visible.put(name, texts);
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
        locked(&self.estate).refused
    }

    /// The addresses of everybody in the tenant but its administrators.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        let estate = locked(&self.estate);
        let users = estate.users.iter().filter(|user| ![ADMIN, OTHER_ADMIN].contains(&user.email.as_str()));
        users.map(|user| user.email.clone()).collect()
    }

    /// The tenant's domains but its first.
    #[must_use]
    pub fn domains(&self) -> Vec<String> {
        locked(&self.estate).domains.keys().filter(|name| *name != PRIMARY).cloned().collect()
    }

    /// A name is in somebody else's tenant.
    pub fn put_elsewhere(&self, name: &str) {
        locked(&self.estate).elsewhere.insert(name.into());
    }

    /// Whoever has the name in their tenant removes it there.
    pub fn let_go(&self, name: &str) {
        locked(&self.estate).elsewhere.remove(name);
    }

    /// Somebody takes a scope from the service account. Tokens that it has stay good.
    pub fn withhold(&self, scope: &str) {
        locked(&self.estate).withheld.insert(scope.into());
    }

    /// Somebody suspends an administrator.
    pub fn suspend_admin(&self, email: &str) {
        locked(&self.estate).suspended_admins.insert(email.into());
    }

    /// No token is good any more.
    pub fn revoke_tokens(&self) {
        locked(&self.estate).tokens.clear();
    }

    /// How late it is with what it has done.
    pub fn be_late(&self, lag: Lag) {
        locked(&self.estate).lag = lag;
    }

    /// The tenant has room for so many users, and licences for as many.
    pub fn limit_seats(&self, seats: usize) {
        locked(&self.estate).seats = seats;
    }

    /// Its clock shows this now, seconds since the epoch; it never goes back.
    pub fn pass_to(&self, now: i64) {
        let mut estate = locked(&self.estate);
        estate.now = estate.now.max(now);
    }

    /// Somebody makes a user in the Admin console.
    pub fn make_by_hand(&self, email: &str) {
        let mut estate = locked(&self.estate);
        let user = User::by_hand(email, estate.draw());
        estate.users.push(user);
    }

    /// Somebody deletes a user in the Admin console.
    pub fn delete_by_hand(&self, email: &str) {
        let mut estate = locked(&self.estate);
        let now = estate.now;
        if let Some(at) = estate.users.iter().position(|user| user.email == email) {
            let user = estate.users.remove(at);
            estate.deleted.push((user, now));
        }
    }

    /// When this user is renamed, the old address does not stay one of theirs.
    pub fn forget_alias(&self, email: &str) {
        locked(&self.estate).drops_aliases.push(email.into());
    }

    /// The vendor suspends a user.
    pub fn suspend(&self, email: &str) {
        locked(&self.estate).users.iter_mut().filter(|user| user.email == email).for_each(|user| user.suspended = true);
    }

    /// Somebody lets a user in again.
    pub fn unsuspend(&self, email: &str) {
        locked(&self.estate)
            .users
            .iter_mut()
            .filter(|user| user.email == email)
            .for_each(|user| user.suspended = false);
    }

    /// A user as a look shows them; `None` where nobody has the address as their own.
    #[must_use]
    pub fn user(&self, email: &str) -> Option<Value> {
        let estate = locked(&self.estate);
        estate.users.iter().find(|user| user.email == email).map(|user| user.described(None))
    }

    /// Whether mail to an address arrives in a mailbox of its own.
    #[must_use]
    pub fn has_mailbox(&self, email: &str) -> bool {
        self.user(email).is_some_and(|user| user["isMailboxSetup"] == true)
    }

    /// The picture of a user, as it was sent.
    #[must_use]
    pub fn photo(&self, email: &str) -> Option<String> {
        let estate = locked(&self.estate);
        estate.users.iter().find(|user| user.email == email).and_then(|user| user.photo.clone())
    }

    /// How many licences are given.
    #[must_use]
    pub fn licences(&self) -> usize {
        locked(&self.estate).licences.len()
    }

    /// Whether the tenant has a domain, and whether it is verified.
    #[must_use]
    pub fn domain(&self, name: &str) -> Option<bool> {
        locked(&self.estate).domains.get(name).map(|domain| domain.is_verified())
    }
}

impl Estate {
    fn answer(&mut self, asked: &Asked) -> Said {
        match asked.path.as_str() {
            "/token" => return self.consents.grant(asked, self.now).unwrap_or_else(|| self.grant(asked)),
            "/o/oauth2/v2/auth" => return self.consent(asked),
            _ => {}
        }
        if let Err(said) = self.take(&asked.path) {
            return said;
        }
        let meets = |no: &No| no.method == asked.method && asked.path.ends_with(&no.ending);
        if let Some(at) = self.noes.iter().position(meets) {
            let one = self.noes.remove(at);
            return no(one.status, one.reason, &one.message);
        }
        let path: Vec<_> = asked.path.split('/').skip(1).map(decoded).collect();
        let path: Vec<_> = path.iter().map(String::as_str).collect();
        let Some(admin) = self.let_in(asked, &path) else {
            return no(401, "authError", "Invalid Credentials");
        };
        match admin {
            Ok(admin) => self.route(asked, &path, &admin),
            Err(said) => said,
        }
    }

    /// Uses one of the requests that an interface takes in a minute; says no where none is left.
    fn take(&mut self, path: &str) -> Result<(), Said> {
        let interface = path.split('/').nth(1).unwrap_or_default();
        let room = self.rooms.entry(interface.into()).or_insert((LIMIT, self.now + 60));
        if self.now >= room.1 {
            *room = (LIMIT, self.now + 60);
        }
        if room.0 == 0 {
            self.refused += 1;
            return Err(no(403, "userRateLimitExceeded", "User-rate limit exceeded. Retry after a while."));
        }
        room.0 -= 1;
        Ok(())
    }

    fn route(&mut self, asked: &Asked, path: &[&str], admin: &str) -> Said {
        let method = asked.method.as_str();
        match path {
            ["admin", "directory", "v1", "customer", customer, "domains", rest @ ..] => {
                if !["my_customer", CUSTOMER].contains(customer) {
                    return no(404, "notFound", "Resource Not Found: customerId");
                }
                self.domain_route(method, rest, &asked.body)
            }
            ["admin", "directory", "v1", "users", rest @ ..] => self.user_route(asked, rest),
            ["siteVerification", "v1", rest @ ..] => self.site_route(asked, rest, admin),
            ["apps", "licensing", "v1", "product", product, "sku", sku, rest @ ..] => {
                self.licence_route(asked, (product, sku), rest)
            }
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
        let all = self.users.iter().map(|user| (user.email.clone(), user.app_password.clone())).collect();
        self.keeper.are(all);
    }

    fn note(&mut self, what: &'static str, subject: &str) {
        self.ledger.push(Entry { what, subject: subject.into() });
    }

    fn draw(&mut self) -> String {
        self.drawn += 1;
        format!("1{:020}", u128::from(self.drawn) * 7_919_004_711)
    }
}

fn yes(body: Value) -> Said {
    Said { status: 200, headers: vec![], body: Some(body) }
}

fn nothing() -> Said {
    Said { status: 204, headers: vec![], body: None }
}

fn no(status: u16, reason: &str, message: &str) -> Said {
    let errors = json!([{ "message": message, "domain": "global", "reason": reason }]);
    let body = json!({ "error": { "code": status, "message": message, "errors": errors } });
    Said { status, headers: vec![], body: Some(body) }
}

fn nowhere() -> Said {
    no(404, "notFound", "Not Found")
}

/// The first field of a body that is not among those that are known; as the vendor complains of it.
fn unknown(body: &Value, known: &[&str]) -> Option<Said> {
    let Some(fields) = body.as_object() else { return Some(no(400, "parseError", "Parse Error")) };
    let odd = fields.keys().find(|name| !known.contains(&name.as_str()))?;
    Some(no(400, "badRequest", &format!("Invalid JSON payload received. Unknown name \"{odd}\": Cannot find field.")))
}

/// A segment of a path as it was meant.
fn decoded(segment: &str) -> String {
    let pair = format!("x={}", segment.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn shown(at: i64) -> String {
    jiff::Timestamp::from_second(at).map(|at| at.to_string()).unwrap_or_default()
}

fn locked(estate: &Mutex<Estate>) -> MutexGuard<'_, Estate> {
    estate.lock().unwrap_or_else(PoisonError::into_inner)
}
