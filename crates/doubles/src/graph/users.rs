//! Users of the tenant.

use serde_json::{Map, Value, json};

use super::{Estate, bad, conflict, many, no, nothing, nowhere, unknown, yes};
use crate::server::{Asked, Said};

const FIELDS: [&str; 9] = [
    "accountEnabled",
    "displayName",
    "givenName",
    "surname",
    "mailNickname",
    "userPrincipalName",
    "usageLocation",
    "employeeType",
    "passwordProfile",
];
/// What a look tells that does not say what it wants.
const USUAL: [&str; 6] = ["id", "displayName", "givenName", "surname", "mail", "userPrincipalName"];

#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) upn: String,
    pub(super) shown: Map<String, Value>,
    pub(super) enabled: bool,
    pub(super) licences: Vec<String>,
    /// Whether they ever had one.
    pub(super) was_licensed: bool,
    /// Whether the subscription that it is of has run out.
    pub(super) is_lapsed: bool,
    pub(super) proxies: Vec<String>,
    pub(super) photo: Option<(String, Vec<u8>)>,
    /// What its owner has made for an application.
    pub(super) app_password: Option<String>,
    /// How many looks do not see the mailbox yet; it is being made while they have a licence.
    pub(super) lag: usize,
}

impl User {
    pub(super) fn by_hand(email: &str, id: String) -> Self {
        Self {
            id,
            upn: email.into(),
            shown: [("displayName".to_owned(), json!("Some Body"))].into_iter().collect(),
            enabled: true,
            licences: vec![],
            was_licensed: false,
            is_lapsed: false,
            proxies: vec![],
            photo: None,
            app_password: None,
            lag: 0,
        }
    }

    /// Everything that is known.
    pub(super) fn whole(&self) -> Value {
        let field = |name: &str| self.shown.get(name).cloned().unwrap_or(Value::Null);
        let primary = self.proxies.iter().find_map(|one| one.strip_prefix("SMTP:"));
        let licences: Vec<_> = self.licences.iter().map(|sku| json!({ "skuId": sku, "disabledPlans": [] })).collect();
        json!({
            "id": self.id, "userPrincipalName": self.upn, "displayName": field("displayName"), "givenName": field("givenName"),
            "surname": field("surname"), "mail": primary, "mailNickname": field("mailNickname"), "accountEnabled": self.enabled,
            "usageLocation": field("usageLocation"), "employeeType": field("employeeType"), "assignedLicenses": licences,
            "assignedPlans": self.plans(), "proxyAddresses": self.proxies,
        })
    }

    /// What they have by their licence, or had: a plan that was taken stays in the list.
    fn plans(&self) -> Vec<Value> {
        let status = match (self.licences.is_empty(), self.is_lapsed) {
            (true, _) => "Deleted",
            (false, true) => "Suspended",
            (false, false) => "Enabled",
        };
        let plan = |service: &str| {
            json!({
                "assignedDateTime": "2026-05-08T12:00:00Z", "capabilityStatus": status, "service": service,
                "servicePlanId": "9aaf7827-d63c-4b61-89c3-182f06f82e5c",
            })
        };
        if self.was_licensed { ["exchange", "TeamspaceAPI"].map(plan).to_vec() } else { vec![] }
    }

    pub(super) fn usual(&self) -> Value {
        self.selected(&USUAL)
    }

    fn selected(&self, fields: &[&str]) -> Value {
        let whole = self.whole();
        Value::Object(fields.iter().map(|name| ((*name).to_owned(), whole[*name].clone())).collect())
    }

    /// As it is asked for.
    pub(super) fn asked_for(&self, asked: &Asked) -> Value {
        match asked.parameter("$select") {
            Some(fields) => self.selected(&fields.split(',').collect::<Vec<_>>()),
            None => self.usual(),
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.id == key || self.upn.eq_ignore_ascii_case(key)
    }

    /// Whether an address leads to them.
    pub(super) fn holds(&self, email: &str) -> bool {
        self.upn.eq_ignore_ascii_case(email)
            || self.proxies.iter().any(|one| one.split_once(':').is_some_and(|(_, proxy)| proxy == email))
    }
}

impl Estate {
    pub(super) fn user_route(&mut self, asked: &Asked, rest: &[&str]) -> Said {
        match (asked.method.as_str(), rest) {
            ("GET", []) => self.find_users(asked),
            ("POST", []) => self.make_user(&asked.body),
            ("GET", [key]) => self.look_at_user(key, asked),
            ("PATCH", [key]) => self.change_user(key, &asked.body),
            ("DELETE", [key]) => self.delete_user(key),
            ("POST", [key, "assignLicense"]) => self.assign(key, &asked.body),
            ("GET", [key, "photo"]) => self.look_at_photo(key),
            ("PUT", [key, "photo", "$value"]) => self.set_photo(key, asked),
            _ => nowhere(),
        }
    }

    pub(super) fn at(&self, key: &str) -> Option<usize> {
        self.users.iter().position(|user| user.has(key))
    }

    /// Whether an address leads to somebody, or is kept for somebody who was deleted.
    pub(super) fn is_taken(&self, email: &str, but: Option<usize>) -> bool {
        let others = self.users.iter().enumerate().filter(|(at, _)| Some(*at) != but);
        let is_had = others.into_iter().any(|(_, user)| user.holds(email));
        is_had || self.keeps_addresses && self.kept().any(|user| user.holds(email))
    }

    fn find_users(&self, asked: &Asked) -> Said {
        let wanted = match asked.parameter("$filter") {
            None => None,
            Some(filter) => {
                let of = |text: &str| {
                    Some(text.strip_prefix("proxyAddresses/any(p:p eq 'smtp:")?.strip_suffix("')")?.to_owned())
                };
                match of(filter) {
                    Some(email) => Some(email),
                    None => return bad("Invalid filter clause"),
                }
            }
        };
        let is_wanted = |user: &&User| {
            let holds = |email: &String| user.proxies.iter().any(|one| one.to_lowercase() == format!("smtp:{email}"));
            wanted.as_ref().is_none_or(holds)
        };
        let all: Vec<_> = self.users.iter().filter(is_wanted).map(|user| user.asked_for(asked)).collect();
        many(&all)
    }

    fn make_user(&mut self, body: &Value) -> Said {
        if let Some(said) = unknown(body, &FIELDS).or_else(|| missing(body)) {
            return said;
        }
        let email = body["userPrincipalName"].as_str().unwrap_or_default().to_lowercase();
        if let Some(said) = self.no_home(&email) {
            return said;
        }
        if self.is_taken(&email, None) {
            return conflict("userPrincipalName");
        }
        let mut shown = body.as_object().cloned().unwrap_or_default();
        shown.retain(|name, _| name != "passwordProfile");
        let user = User { shown, ..User::by_hand(&email, self.draw()) };
        let usual = user.usual();
        self.users.push(user);
        self.note("user_made", &email);
        yes(201, usual)
    }

    /// Why an address has no place here: its domain is none of the tenant's, or was verified a moment ago.
    pub(super) fn no_home(&mut self, email: &str) -> Option<Said> {
        let name = email.rsplit_once('@').map_or("", |(_, name)| name);
        let known = self.domains.get_mut(name).filter(|domain| domain.is_verified);
        if let Some(domain) = known {
            if domain.users_lag == 0 {
                return None;
            }
            domain.users_lag -= 1;
        }
        let words = "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain \
                     names in your organization.";
        Some(bad(words))
    }

    fn look_at_user(&mut self, key: &str, asked: &Asked) -> Said {
        let Some(at) = self.at(key) else { return nowhere() };
        let user = &mut self.users[at];
        if !user.licences.is_empty() && user.proxies.is_empty() {
            match user.lag {
                0 => user.proxies.push(format!("SMTP:{}", user.upn)),
                _ => user.lag -= 1,
            }
        }
        yes(200, user.asked_for(asked))
    }

    fn look_at_photo(&self, key: &str) -> Said {
        let Some(at) = self.at(key) else { return nowhere() };
        match &self.users[at].photo {
            Some((kind, _)) => {
                yes(200, json!({ "@odata.mediaContentType": kind, "id": "48X48", "height": 48, "width": 48 }))
            }
            None => no(
                404,
                "ImageNotFound",
                "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException'",
            ),
        }
    }

    fn set_photo(&mut self, key: &str, asked: &Asked) -> Said {
        let Some(at) = self.at(key) else { return nowhere() };
        if self.users[at].proxies.is_empty() {
            return no(404, "ResourceNotFound", "The mailbox is not there.");
        }
        let kind = asked.header("content-type").unwrap_or_default().to_owned();
        // The vendor's own client calls a picture just bytes.
        let is_one = kind.starts_with("image/") || kind == "application/octet-stream";
        if !is_one || asked.bytes.is_empty() {
            return no(400, "ErrorInvalidImage", "The image is none.");
        }
        self.users[at].photo = Some((kind, asked.bytes.clone()));
        let email = self.users[at].upn.clone();
        self.note("photo_set", &email);
        nothing()
    }
}

/// What a user has to be made with.
fn missing(body: &Value) -> Option<Said> {
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let texts = ["displayName", "mailNickname", "userPrincipalName"].iter().all(|name| is_text(&body[*name]));
    let password = body["passwordProfile"]["password"].as_str().unwrap_or_default();
    let has = |fits: fn(&char) -> bool| password.chars().any(|letter| fits(&letter));
    let is_strong = password.len() >= 8 && has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase);
    let is_strong = is_strong && has(char::is_ascii_digit);
    if !is_strong {
        return Some(bad("The specified password does not comply with password complexity requirements."));
    }
    let is_whole = texts && body["accountEnabled"].is_boolean();
    (!is_whole).then(|| bad("A value is required for property 'displayName' of resource 'User'."))
}
