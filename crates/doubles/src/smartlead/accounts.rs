//! Accounts: what is known of one, how it is shown, and how it comes to be.

use serde_json::{Value, json};

use super::Estate;
use super::answers::{no, saved, yes};
use crate::server::{Asked, Said};

/// As many accounts as a list has at most, usually.
pub(super) const AT_ONCE: usize = 100;

/// What it tries to log in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The address.
    pub email: String,
    /// Whom it logs in as.
    pub username: String,
    /// The password, or the refresh token.
    pub secret: String,
    /// Whether it is a token.
    pub is_oauth: bool,
    /// The server that sends, and its port; empty where the vendor knows it.
    pub smtp: (String, i64),
    /// The server that receives, and its port.
    pub imap: (String, i64),
}

/// An e-mail account.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the vendor's names say it")]
pub struct Account {
    /// Whose it is.
    pub key: String,
    pub id: i64,
    pub from_name: String,
    pub from_email: String,
    pub username: String,
    pub password: Option<String>,
    pub token: Option<Value>,
    /// `SMTP`, or the name of a kind of OAuth account.
    pub kind: String,
    pub smtp: (String, i64),
    pub imap: (String, i64),
    pub max_email_per_day: Option<i64>,
    /// What it was told of warming up.
    pub warmup: Value,
    pub client_id: Option<i64>,
    pub is_suspended: bool,
    /// Why it cannot log in any more.
    pub failure: Option<String>,
}

impl Account {
    /// As one of a list: without what only the account itself shows.
    fn listed(&self) -> Value {
        let works = self.failure.is_none();
        json!({
            "id": self.id, "created_at": "2026-05-08T12:00:00.000Z", "updated_at": "2026-05-08T12:00:00.000Z", "user_id": 1,
            "from_name": self.from_name, "from_email": self.from_email, "username": self.username,
            "smtp_host": self.smtp.0, "smtp_port": self.smtp.1, "smtp_port_type": "TLS",
            "imap_host": self.imap.0, "imap_port": self.imap.1, "imap_port_type": "SSL",
            "message_per_day": self.max_email_per_day, "max_email_per_day": self.max_email_per_day,
            "is_smtp_success": works, "is_imap_success": works,
            "smtp_failure_error": self.failure, "imap_failure_error": self.failure,
            "type": self.kind, "daily_sent_count": 0, "client_id": self.client_id, "warmup_details": self.warmed(),
        })
    }

    /// As it shows itself, password and all.
    fn shown(&self) -> Value {
        let mut shown = self.listed();
        shown["password"] = json!(self.password);
        shown["imap_password"] = json!(self.password);
        shown["is_suspended"] = self.is_suspended.into();
        shown["use_whitelabel_credentials"] = false.into();
        shown
    }

    fn warmed(&self) -> Value {
        match self.warmup["warmup_enabled"] == true {
            true => json!({
                "id": self.id, "status": "ACTIVE", "reply_rate": self.warmup["reply_rate_percentage"],
                "warmup_max_count": self.warmup["total_warmup_per_day"], "warmup_reputation": "100%",
                "total_sent_count": 0, "total_spam_count": 0,
            }),
            false => Value::Null,
        }
    }
}

impl Estate {
    pub(super) fn list(&self, key: &str, asked: &Asked) -> Said {
        let number = |name| asked.parameter(name).and_then(|text| text.parse::<usize>().ok());
        let (offset, limit) = (number("offset").unwrap_or(0), number("limit").unwrap_or(AT_ONCE).min(self.page));
        let wanted = asked.parameter("username").filter(|_| !self.ignores_filters).unwrap_or_default();
        let wanted = wanted.to_ascii_lowercase();
        let own = self.accounts.values().filter(|one| one.key == key);
        let fits = own.filter(|one| one.username.to_ascii_lowercase().contains(&wanted));
        yes(fits.skip(offset).take(limit).map(Account::listed).collect())
    }

    pub(super) fn show(&self, key: &str, id: &str) -> Said {
        match self.own(key, id).and_then(|id| self.accounts.get(&id)) {
            Some(account) => yes(account.shown()),
            None => no(self.no, 404, "Email account not found"),
        }
    }

    pub(super) fn save(&mut self, key: &str, body: &Value) -> Said {
        let texts = ["from_name", "from_email", "user_name", "password", "smtp_host", "imap_host"];
        let numbers = ["smtp_port", "imap_port"];
        let is_whole = texts.iter().all(|name| body[name].as_str().is_some_and(|text| !text.is_empty()))
            && numbers.iter().all(|name| body[name].is_i64());
        if !is_whole || !body["warmup_enabled"].is_boolean() {
            return no(self.no, 422, "Invalid parameters provided");
        }
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let port = |name: &str| body[name].as_i64().unwrap_or_default();
        let login = Login {
            email: text("from_email"),
            username: text("user_name"),
            secret: text("password"),
            is_oauth: false,
            smtp: (text("smtp_host"), port("smtp_port")),
            imap: (text("imap_host"), port("imap_port")),
        };
        self.keep(key, body, &login, "SMTP")
    }

    pub(super) fn save_oauth(&mut self, key: &str, body: &Value) -> Said {
        let token = &body["token"];
        let is_whole = ["from_name", "from_email", "username"].iter().all(|name| body[name].is_string())
            && ["refresh_token", "scope"].iter().all(|name| token[name].is_string())
            && token["token_type"] == "Bearer"
            && token["expiry_date"].is_i64()
            && body["use_whitelabel_credentials"].is_boolean();
        let Some(kind) = self.types.into_iter().find(|kind| body["type"] == *kind).filter(|_| is_whole) else {
            return no(self.no, 422, "Invalid parameters provided");
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let login = Login {
            email: text(&body["from_email"]),
            username: text(&body["username"]),
            secret: text(&token["refresh_token"]),
            is_oauth: true,
            smtp: Default::default(),
            imap: Default::default(),
        };
        self.keep(key, body, &login, kind)
    }

    /// Logs in, and keeps the account when that worked.
    fn keep(&mut self, key: &str, body: &Value, login: &Login, kind: &str) -> Said {
        if let Err(why) = self.tried(login) {
            return no(self.no, 400, &why);
        }
        let client_id = body["client_id"].as_i64();
        if !self.knows(client_id) {
            return no(self.no, 400, "Client not found");
        }
        let known = body["id"].as_i64();
        let is_there = self.accounts.values().any(|one| one.from_email.eq_ignore_ascii_case(&login.email));
        if self.takes_once && known.is_none() && is_there {
            return no(self.no, 400, "Email account already exists");
        }
        if known.is_some_and(|id| self.accounts.get(&id).is_none_or(|account| account.key != key)) {
            return no(self.no, 404, "Email account not found");
        }
        let id = known.unwrap_or_else(|| self.draw());
        let before = self.accounts.get(&id);
        let account = Account {
            key: key.into(),
            id,
            from_name: body["from_name"].as_str().unwrap_or_default().into(),
            from_email: login.email.clone(),
            username: login.username.clone(),
            password: (!login.is_oauth).then(|| login.secret.clone()),
            token: login.is_oauth.then(|| body["token"].clone()),
            kind: kind.into(),
            smtp: login.smtp.clone(),
            imap: login.imap.clone(),
            max_email_per_day: body["max_email_per_day"].as_i64(),
            warmup: body.clone(),
            client_id: client_id.or_else(|| before?.client_id),
            is_suspended: before.is_some_and(|account| account.is_suspended),
            failure: None,
        };
        self.note(if known.is_some() { "updated" } else { "saved" }, &login.email, id);
        self.accounts.insert(id, account);
        saved(self.saved, id)
    }

    /// Whether a login works, and why not. Its words hold what it tried, as mail servers' do.
    fn tried(&self, login: &Login) -> Result<(), String> {
        let email = login.email.to_ascii_lowercase();
        if self.unresolved.contains(&email) {
            return Err(format!("getaddrinfo ENOTFOUND {}", login.smtp.0));
        }
        if let Some(hosts) = &self.hosts {
            hosts(login)?;
        }
        if let Some(check) = &self.check {
            return check(login);
        }
        match self.mailboxes.get(&email) {
            Some(secret) if *secret == login.secret => Ok(()),
            _ if login.is_oauth => Err("invalid_grant: Token has been expired or revoked.".into()),
            _ => Err(format!("Invalid login: 535 5.7.8 {} / {} not accepted", login.username, login.secret)),
        }
    }

    pub(super) fn knows(&self, client: Option<i64>) -> bool {
        client.is_none_or(|client| self.clients.as_ref().is_none_or(|known| known.contains(&client)))
    }

    pub(super) fn add(&mut self, key: &str, email: &str, client_id: Option<i64>) -> i64 {
        let id = self.draw();
        let account = Account {
            key: key.into(),
            id,
            from_name: "Somebody".into(),
            from_email: email.into(),
            username: email.into(),
            password: Some("kept-in-clear".into()),
            token: None,
            kind: "SMTP".into(),
            smtp: ("smtp.example.net".into(), 587),
            imap: ("imap.example.net".into(), 993),
            max_email_per_day: Some(30),
            warmup: json!({ "warmup_enabled": true }),
            client_id,
            is_suspended: false,
            failure: None,
        };
        self.accounts.insert(id, account);
        id
    }

    fn draw(&mut self) -> i64 {
        self.drawn += 1;
        self.drawn
    }
}
