//! Accounts: how they are made, found, changed and removed.

use serde_json::{Value, json};

use super::Estate;
use super::answers::{moment, no, yes};
use crate::server::{Asked, Said};

/// What has to be said of a new account: texts, then numbers.
const TEXTS: [&str; 9] = [
    "email",
    "first_name",
    "last_name",
    "imap_username",
    "imap_password",
    "imap_host",
    "smtp_username",
    "smtp_password",
    "smtp_host",
];
const NUMBERS: [&str; 3] = ["provider_code", "imap_port", "smtp_port"];
/// What may be said of one.
const MORE: [&str; 11] = [
    "warmup",
    "daily_limit",
    "tracking_domain_name",
    "tracking_domain_status",
    "enable_slow_ramp",
    "inbox_placement_test_limit",
    "sending_gap",
    "signature",
    "reply_to",
    "warmup_custom_ftag",
    "skip_cname_check",
];

/// An e-mail account.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the vendor's names say it")]
pub struct Account {
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub provider_code: i64,
    /// Whom it logs in as, and with what.
    pub login: (String, String),
    pub daily_limit: Value,
    pub enable_slow_ramp: Value,
    pub sending_gap: Value,
    pub warmup: Value,
    /// 1: it works; 2: it is paused; -1: it cannot log in.
    pub status: i64,
    /// 0: off; 1: on.
    pub warmup_status: i64,
    pub trouble: Value,
    pub created: i64,
}

impl Estate {
    pub(super) fn create(&mut self, body: &Value) -> Said {
        let fields = body.as_object().into_iter().flat_map(|fields| fields.keys());
        if let Some(odd) = fields
            .map(String::as_str)
            .find(|name| !TEXTS.contains(name) && !NUMBERS.contains(name) && !MORE.contains(name))
        {
            return no(400, &format!("body must NOT have additional property '{odd}'"));
        }
        let missing = TEXTS.iter().find(|name| !body[**name].is_string());
        if let Some(name) = missing.or_else(|| NUMBERS.iter().find(|name| !body[**name].is_number())) {
            return no(400, &format!("body must have required property '{name}'"));
        }
        if !matches!(number(&body["provider_code"]), 1..=4 | 8 | 11) {
            return no(400, "body/provider_code must be equal to one of the allowed values");
        }
        let email = body["email"].as_str().unwrap_or_default().to_ascii_lowercase();
        if self.accounts.contains_key(&email) {
            return no(400, "Account already exists");
        }
        let account = self.made(&email, body);
        self.accounts.insert(email.clone(), account);
        self.note("created", &email);
        self.look_again(&email);
        self.show(&email)
    }

    fn made(&self, email: &str, body: &Value) -> Account {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        Account {
            email: email.into(),
            first_name: text("first_name"),
            last_name: text("last_name"),
            provider_code: number(&body["provider_code"]),
            login: (text("smtp_username"), text("smtp_password")),
            daily_limit: body["daily_limit"].clone(),
            enable_slow_ramp: body["enable_slow_ramp"].clone(),
            sending_gap: body["sending_gap"].clone(),
            warmup: body["warmup"].clone(),
            status: 1,
            warmup_status: 0,
            trouble: Value::Null,
            created: self.now,
        }
    }

    /// Whether the account's login works: its status says it.
    pub(super) fn look_again(&mut self, email: &str) {
        let secret = self.mailboxes.get(email).cloned();
        let Some(account) = self.accounts.get_mut(email) else { return };
        let works = secret.is_some_and(|secret| secret == account.login.1);
        let words = format!("535 5.7.8 {} / {} not accepted", account.login.0, account.login.1);
        match works {
            true => account.trouble = Value::Null,
            false => {
                account.status = -1;
                account.trouble =
                    json!({ "code": "EAUTH", "command": "AUTH PLAIN", "response": words, "responseCode": 535 });
            }
        }
    }

    pub(super) fn show(&self, email: &str) -> Said {
        self.accounts.get(email).map_or_else(|| no(404, "Resource not found"), |account| yes(account.told()))
    }

    pub(super) fn list(&self, asked: &Asked) -> Said {
        let limit = asked.parameter("limit").map_or(Some(10), |text| text.parse().ok());
        let Some(limit) = limit.filter(|limit: &usize| (1..=100).contains(limit)) else {
            return no(400, "querystring/limit must be <= 100");
        };
        let search = asked.parameter("search").unwrap_or_default().to_ascii_lowercase();
        let after = asked.parameter("starting_after").and_then(|cursor| cursor.split_once('&'));
        let after = after.map(|(_, email)| email.to_owned());
        let fits = |account: &&super::Account| {
            account.email.contains(&search) && after.as_ref().is_none_or(|after| account.email > *after)
        };
        let mut left = self.accounts.values().filter(fits);
        let shown: Vec<_> = left.by_ref().take(limit).collect();
        let items: Vec<_> = shown.iter().map(|account| account.told()).collect();
        let mut page = json!({ "items": items });
        if let (Some(last), true) = (shown.last(), left.next().is_some()) {
            page["next_starting_after"] = format!("{}&{}", moment(last.created), last.email).into();
        }
        yes(page)
    }

    pub(super) fn change(&mut self, email: &str, body: &Value) -> Said {
        let Some(account) = self.accounts.get_mut(email) else { return no(404, "Resource not found") };
        for (name, field) in [
            ("daily_limit", &mut account.daily_limit),
            ("enable_slow_ramp", &mut account.enable_slow_ramp),
            ("sending_gap", &mut account.sending_gap),
            ("warmup", &mut account.warmup),
        ] {
            body.get(name).into_iter().for_each(|value| field.clone_from(value));
        }
        for (name, field) in [("first_name", &mut account.first_name), ("last_name", &mut account.last_name)] {
            body[name].as_str().into_iter().for_each(|value| value.clone_into(field));
        }
        self.note("changed", email);
        self.show(email)
    }

    pub(super) fn delete(&mut self, email: &str) -> Said {
        let said = self.show(email);
        if self.accounts.remove(email).is_some() {
            self.note("deleted", email);
        }
        said
    }

    /// A login that does not work shows again at once.
    pub(super) fn set_status(&mut self, email: &str, what: &'static str, status: i64) -> Said {
        let Some(account) = self.accounts.get_mut(email) else { return no(404, "Resource not found") };
        account.status = status;
        self.note(what, email);
        if status == 1 {
            self.look_again(email);
        }
        self.show(email)
    }

    pub(super) fn vitals(&self, body: &Value) -> Said {
        let wanted = body["accounts"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let told =
            |email: &str| json!({ "domain": email.rsplit('@').next(), "eai": email, "allPass": self.works(email) });
        let (good, bad): (Vec<_>, Vec<_>) = wanted.partition(|email| self.works(email));
        let list = |emails: Vec<&str>| emails.into_iter().map(told).collect::<Vec<_>>();
        yes(json!({ "status": "success", "success_list": list(good), "failure_list": list(bad) }))
    }

    fn works(&self, email: &str) -> bool {
        self.accounts.get(&email.to_ascii_lowercase()).is_some_and(|account| account.status == 1)
    }

    pub(super) fn warm_up(&mut self, body: &Value) -> Said {
        let emails = body["emails"].as_array().cloned().unwrap_or_default();
        if emails.len() > 100 {
            return no(400, "body/emails must NOT have more than 100 items");
        }
        for email in emails.iter().filter_map(Value::as_str).map(str::to_ascii_lowercase) {
            if let Some(account) = self.accounts.get_mut(&email) {
                account.warmup_status = 1;
                self.note("warmed", &email);
            }
        }
        self.job("update-warmup-accounts")
    }
}

fn number(value: &Value) -> i64 {
    value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e9).map_or(0, |number| number as i64)
}
