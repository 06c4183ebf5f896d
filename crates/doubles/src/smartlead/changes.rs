//! What is done to accounts that are there.

use serde_json::{Value, json};

use super::Estate;
use super::answers::{no, words, yes};
use crate::server::Said;

/// What may be told of warming up, and between which numbers.
const WARMUP: [(&str, i64, i64); 3] =
    [("total_warmup_per_day", 1, 50), ("daily_rampup", 5, 20), ("reply_rate_percentage", 20, 100)];

impl Estate {
    pub(super) fn update(&mut self, key: &str, id: &str, body: &Value) -> Said {
        let known = ["from_name", "max_email_per_day", "signature", "custom_tracking_url", "bcc", "client_id"];
        let fields = body.as_object().filter(|fields| fields.keys().all(|name| known.contains(&name.as_str())));
        let Some(id) = self.own(key, id) else { return no(self.no, 404, "Email account not found") };
        if fields.is_none() || !self.knows(body["client_id"].as_i64()) {
            return no(self.no, 422, "Invalid parameters provided");
        }
        let account = self.accounts.get_mut(&id).expect("it was found");
        if let Some(client) = body["client_id"].as_i64() {
            account.client_id = Some(client);
        }
        if let Some(most) = body["max_email_per_day"].as_i64() {
            account.max_email_per_day = Some(most);
        }
        if let Some(name) = body["from_name"].as_str() {
            account.from_name = name.into();
        }
        self.done("updated", id, "Email account details updated successfully!")
    }

    pub(super) fn delete(&mut self, key: &str, id: &str) -> Said {
        let Some(id) = self.own(key, id) else { return no(self.no, 404, "Email account not found") };
        let said = self.done("deleted", id, "Email account deleted");
        self.accounts.remove(&id);
        said
    }

    pub(super) fn suspend(&mut self, key: &str, id: &str, is_suspended: bool) -> Said {
        let Some(id) = self.own(key, id) else { return no(self.no, 404, "Email account not found") };
        self.accounts.get_mut(&id).expect("it was found").is_suspended = is_suspended;
        match is_suspended {
            true => self.done("suspended", id, "Email account suspended"),
            false => self.done("unsuspended", id, "Email account unsuspended"),
        }
    }

    pub(super) fn warm_up(&mut self, key: &str, id: &str, body: &Value) -> Said {
        let Some(id) = self.own(key, id) else { return no(self.no, 404, "Email account not found") };
        let fits = |(name, least, most): &(&str, i64, i64)| {
            body[name].is_null() || body[name].as_i64().is_some_and(|number| (*least..=*most).contains(&number))
        };
        if !body["warmup_enabled"].is_boolean() || !WARMUP.iter().all(fits) {
            return no(self.no, 422, "Invalid parameters provided");
        }
        self.accounts.get_mut(&id).expect("it was found").warmup = body.clone();
        self.done("warmed", id, "Email warmup updated")
    }

    /// Puts it down, and says so in its own way.
    fn done(&mut self, what: &'static str, id: i64, message: &str) -> Said {
        let email = self.accounts.get(&id).map(|account| account.from_email.clone()).unwrap_or_default();
        self.note(what, &email, id);
        match self.is_wordy {
            true => words(message),
            false => yes(json!({ "ok": true, "message": message })),
        }
    }
}
