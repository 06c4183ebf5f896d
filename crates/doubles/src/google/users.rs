//! Users of the tenant, and those who were deleted.

use serde_json::{Value, json};

use super::{ADMIN, CUSTOMER, Estate, KEPT, no, nothing, nowhere, shown, unknown, yes};
use crate::server::{Asked, Said};

const FIELDS: [&str; 8] = [
    "primaryEmail",
    "name",
    "password",
    "hashFunction",
    "changePasswordAtNextLogin",
    "orgUnitPath",
    "externalIds",
    "suspended",
];

#[derive(Clone, Debug)]
pub(super) struct User {
    id: String,
    pub(super) email: String,
    given: String,
    family: String,
    org_unit: String,
    pub(super) aliases: Vec<String>,
    pub(super) photo: Option<String>,
    pub(super) suspended: bool,
    is_admin: bool,
    external_ids: Value,
    /// What its owner has made for an application.
    pub(super) app_password: Option<String>,
    /// How many looks do not see the mailbox yet.
    lag: usize,
    made_at: i64,
}

impl User {
    pub(super) fn admin(email: &str) -> Self {
        let id = if email == ADMIN { "100000000000000000001" } else { "100000000000000000002" };
        Self { is_admin: true, ..Self::by_hand(email, id.into()) }
    }

    pub(super) fn by_hand(email: &str, id: String) -> Self {
        Self {
            id,
            email: email.into(),
            given: "Some".into(),
            family: "Body".into(),
            org_unit: "/".into(),
            aliases: vec![],
            photo: None,
            suspended: false,
            is_admin: false,
            external_ids: Value::Null,
            app_password: None,
            lag: 0,
            made_at: 1_700_000_000,
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.id == key || self.email.eq_ignore_ascii_case(key) || self.aliases.iter().any(|alias| alias == key)
    }

    pub(super) fn described(&self, deleted_at: Option<i64>) -> Value {
        let mut shape = json!({
            "kind": "admin#directory#user", "id": self.id, "etag": "\"u\"", "primaryEmail": self.email,
            "name": { "givenName": self.given, "familyName": self.family, "fullName": format!("{} {}", self.given, self.family) },
            "isAdmin": self.is_admin, "isDelegatedAdmin": false, "suspended": self.suspended, "archived": false,
            "changePasswordAtNextLogin": false, "ipWhitelisted": false, "agreedToTerms": self.is_admin,
            "isMailboxSetup": self.lag == 0, "customerId": CUSTOMER, "orgUnitPath": self.org_unit,
            "includeInGlobalAddressList": true, "creationTime": shown(self.made_at),
        });
        if !self.aliases.is_empty() {
            shape["aliases"] = json!(self.aliases);
        }
        if !self.external_ids.is_null() {
            shape["externalIds"] = self.external_ids.clone();
        }
        if self.photo.is_some() {
            shape["thumbnailPhotoUrl"] = json!("https://www.google.com/s2/photos/private/4711");
            shape["thumbnailPhotoEtag"] = json!("\"p\"");
        }
        if let Some(at) = deleted_at {
            shape["deletionTime"] = json!(shown(at));
        }
        shape
    }
}

impl Estate {
    pub(super) fn user_route(&mut self, asked: &Asked, rest: &[&str]) -> Said {
        match (asked.method.as_str(), rest) {
            ("GET", []) => self.list_users(asked),
            ("POST", []) => self.make_user(&asked.body),
            ("GET", [key]) => self.look_at_user(key),
            ("PATCH", [key]) => self.change_user(key, &asked.body),
            ("DELETE", [key]) => self.delete_user(key),
            ("POST", [key, "undelete"]) => self.undelete_user(key, &asked.body),
            ("GET", [key, "aliases"]) => self.list_aliases(key),
            ("POST", [key, "aliases"]) => self.add_alias(key, &asked.body),
            ("DELETE", [key, "aliases", alias]) => self.drop_alias(key, alias),
            ("PUT", [key, "photos", "thumbnail"]) => self.set_photo(key, &asked.body),
            _ => nowhere(),
        }
    }

    pub(super) fn at(&self, key: &str) -> Option<usize> {
        self.users.iter().position(|user| user.has(key))
    }

    /// Whether nobody can have an address: somebody has it, or it is kept for who had it.
    pub(super) fn is_taken(&self, email: &str, but: Option<usize>) -> bool {
        let others = self.users.iter().enumerate().filter(|(at, _)| Some(*at) != but);
        let is_had = others.into_iter().any(|(_, user)| user.has(email));
        is_had || self.deleted.iter().any(|(user, at)| user.email == email && at + KEPT > self.now)
    }

    fn make_user(&mut self, body: &Value) -> Said {
        if let Some(said) = unknown(body, &FIELDS).or_else(|| invalid_password(body)).or_else(|| invalid_name(body)) {
            return said;
        }
        let Some(email) = body["primaryEmail"].as_str().map(str::to_lowercase).filter(|email| email.contains('@'))
        else {
            return no(400, "invalid", "Invalid Input: primary_user_email");
        };
        if let Some(said) = self.no_home(&email) {
            return said;
        }
        if self.is_taken(&email, None) {
            return no(409, "duplicate", "Entity already exists.");
        }
        if self.users.len() >= self.seats {
            return no(412, "limitExceeded", "Domain user limit reached.");
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let user = User {
            given: text(&body["name"]["givenName"]),
            family: text(&body["name"]["familyName"]),
            org_unit: body["orgUnitPath"].as_str().unwrap_or("/").to_owned(),
            external_ids: body["externalIds"].clone(),
            lag: self.lag.mailbox + 1,
            made_at: self.now,
            ..User::by_hand(&email, self.draw())
        };
        let described = user.described(None);
        self.users.push(user);
        self.note("user_made", &email);
        yes(described)
    }

    /// Why an address has no place here: its domain is none of the tenant's, or was proved a moment ago.
    fn no_home(&mut self, email: &str) -> Option<Said> {
        let name = email.rsplit_once('@').map_or("", |(_, name)| name);
        match self.domains.get_mut(name).filter(|domain| domain.is_verified()) {
            Some(domain) if domain.users_lag == 0 => None,
            Some(domain) => {
                domain.users_lag -= 1;
                Some(match domain.users_lag % 2 {
                    0 => no(400, "invalid", "Invalid Input: Domain is not ready."),
                    _ => no(404, "notFound", "Resource Not Found: domain"),
                })
            }
            None => Some(no(404, "notFound", "Resource Not Found: domain")),
        }
    }

    fn look_at_user(&mut self, key: &str) -> Said {
        let Some(at) = self.at(key) else { return no(404, "notFound", "Resource Not Found: userKey") };
        let user = &mut self.users[at];
        user.lag = user.lag.saturating_sub(1);
        yes(user.described(None))
    }

    fn change_user(&mut self, key: &str, body: &Value) -> Said {
        let Some(at) = self.at(key) else { return no(404, "notFound", "Resource Not Found: userKey") };
        if let Some(said) = unknown(body, &FIELDS) {
            return said;
        }
        if !body["name"].is_null() {
            if let Some(said) = invalid_name(body) {
                return said;
            }
            let text = |name: &str| body["name"][name].as_str().unwrap_or_default().to_owned();
            (self.users[at].given, self.users[at].family) = (text("givenName"), text("familyName"));
        }
        if let Some(email) = body["primaryEmail"].as_str().map(str::to_lowercase) {
            if let Some(said) = self.move_user(at, &email) {
                return said;
            }
        } else {
            let email = self.users[at].email.clone();
            self.note("user_changed", &email);
        }
        yes(self.users[at].described(None))
    }

    /// The old address stays one that leads to the user.
    fn move_user(&mut self, at: usize, email: &str) -> Option<Said> {
        if self.users[at].aliases.iter().any(|alias| alias == email) || self.is_taken(email, Some(at)) {
            return Some(no(409, "duplicate", "Entity already exists."));
        }
        if let Some(said) = self.no_home(email) {
            return Some(said);
        }
        let old = std::mem::replace(&mut self.users[at].email, email.to_owned());
        if !self.drops_aliases.contains(&old) {
            self.users[at].aliases.push(old);
        }
        self.note("user_renamed", email);
        None
    }

    fn delete_user(&mut self, key: &str) -> Said {
        let Some(at) = self.at(key) else { return no(404, "notFound", "Resource Not Found: userKey") };
        let mut user = self.users.remove(at);
        user.aliases.clear();
        self.note("user_deleted", &user.email);
        self.licences.retain(|(_, _, email)| *email != user.email);
        self.deleted.push((user, self.now));
        nothing()
    }

    fn undelete_user(&mut self, key: &str, body: &Value) -> Said {
        if let Some(said) = unknown(body, &["orgUnitPath"]) {
            return said;
        }
        let Some(at) = self.deleted.iter().position(|(user, _)| user.id == key) else {
            return no(404, "notFound", "Resource Not Found: userKey");
        };
        if self.deleted[at].1 + KEPT <= self.now {
            return no(400, "invalid", "Invalid Input: user was deleted too long ago");
        }
        let email = self.deleted[at].0.email.clone();
        if self.at(&email).is_some() || self.users.len() >= self.seats {
            return no(412, "conditionNotMet", "The user cannot be undeleted");
        }
        let (user, _) = self.deleted.remove(at);
        self.users.push(User { lag: self.lag.mailbox, ..user });
        self.note("user_undeleted", &email);
        nothing()
    }

    fn set_photo(&mut self, key: &str, body: &Value) -> Said {
        let Some(at) = self.at(key) else { return no(404, "notFound", "Resource Not Found: userKey") };
        if let Some(said) = unknown(body, &["photoData", "mimeType", "height", "width"]) {
            return said;
        }
        let is_web_safe = |text: &&str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=".contains(&b));
        let Some(data) = body["photoData"].as_str().filter(is_web_safe).filter(|text| !text.is_empty()) else {
            return no(400, "invalid", "Invalid Input: photoData");
        };
        self.users[at].photo = Some(data.to_owned());
        let email = self.users[at].email.clone();
        self.note("photo_set", &email);
        yes(json!({
            "kind": "admin#directory#user#photo", "id": self.users[at].id, "etag": "\"p\"", "primaryEmail": email,
            "mimeType": "image/jpeg", "width": 96, "height": 96, "photoData": data,
        }))
    }
}

fn invalid_name(body: &Value) -> Option<Said> {
    let fits = |name: &str| body["name"][name].as_str().is_some_and(|text| (1..=60).contains(&text.chars().count()));
    let is_fine = fits("givenName") && fits("familyName");
    (!is_fine).then(|| no(400, "invalid", "Invalid Given/Family Name: GivenName"))
}

/// A hash is of the kind that is said, and a plain password long enough.
fn invalid_password(body: &Value) -> Option<Said> {
    let password = body["password"].as_str().unwrap_or_default();
    let is_hex = |length: usize| password.len() == length && password.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_fine = match body["hashFunction"].as_str() {
        None => (8..=100).contains(&password.len()),
        Some("SHA-1") => is_hex(40),
        Some("MD5") => is_hex(32),
        Some("crypt") => password.starts_with("$6$"),
        Some(_) => false,
    };
    (!is_fine).then(|| no(400, "invalid", "Invalid Password"))
}
