//! Other addresses of users.

use serde_json::{Value, json};

use super::{Estate, no, nothing, unknown, yes};
use crate::server::Said;

impl Estate {
    pub(super) fn list_aliases(&self, key: &str) -> Said {
        let Some(at) = self.at(key) else { return no(404, "notFound", "Resource Not Found: userKey") };
        let all: Vec<_> = self.users[at].aliases.iter().map(|alias| self.alias(at, alias)).collect();
        yes(json!({ "kind": "admin#directory#aliases", "etag": "\"a\"", "aliases": all }))
    }

    pub(super) fn add_alias(&mut self, key: &str, body: &Value) -> Said {
        let Some(at) = self.at(key) else { return no(404, "notFound", "Resource Not Found: userKey") };
        if let Some(said) = unknown(body, &["alias"]) {
            return said;
        }
        let Some(alias) = body["alias"].as_str() else { return no(400, "required", "Missing required field: alias") };
        if self.is_taken(alias, None) {
            return no(409, "duplicate", "Entity already exists.");
        }
        self.users[at].aliases.push(alias.to_owned());
        yes(self.alias(at, alias))
    }

    pub(super) fn drop_alias(&mut self, key: &str, alias: &str) -> Said {
        let Some(at) = self.at(key) else { return no(404, "notFound", "Resource Not Found: userKey") };
        let before = self.users[at].aliases.len();
        self.users[at].aliases.retain(|one| one != alias);
        match self.users[at].aliases.len() == before {
            true => no(400, "invalid", "Invalid Input: resource_id"),
            false => nothing(),
        }
    }

    fn alias(&self, at: usize, alias: &str) -> Value {
        let email = &self.users[at].email;
        json!({ "kind": "admin#directory#alias", "etag": "\"a\"", "alias": alias, "primaryEmail": email })
    }
}
