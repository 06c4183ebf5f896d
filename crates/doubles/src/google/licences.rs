//! Licences of users.

use serde_json::{Value, json};

use super::{Estate, Google, locked, no, nowhere, unknown, yes};
use crate::server::{Asked, Said};

impl Google {
    /// Somebody takes a user's licences in the admin console; whether their mailbox was ever made is told as before.
    pub fn take_licences(&self, email: &str) {
        locked(&self.estate).licences.retain(|(_, _, whose)| whose != email);
    }

    /// Somebody gives a user one.
    pub fn give_licence(&self, (product, sku): (&str, &str), email: &str) {
        locked(&self.estate).licences.insert((product.to_owned(), sku.to_owned(), email.to_owned()));
    }
}

impl Estate {
    pub(super) fn licence_route(&mut self, asked: &Asked, sold: (&str, &str), rest: &[&str]) -> Said {
        let key = |email: &str| (sold.0.to_owned(), sold.1.to_owned(), email.to_owned());
        match (asked.method.as_str(), rest) {
            ("GET", ["users"]) => {
                let all: Vec<_> = self.licences.iter().map(|one| described(&one.0, &one.1, &one.2)).collect();
                yes(json!({ "kind": "licensing#licenseAssignmentList", "etag": "\"l\"", "items": all }))
            }
            ("POST", ["user"]) => self.give(&asked.body, sold),
            ("GET", ["user", email]) => match self.licences.contains(&key(email)) {
                true => yes(described(sold.0, sold.1, email)),
                false => no(404, "notFound", "License assignment does not exist"),
            },
            ("DELETE", ["user", email]) => match self.licences.remove(&key(email)) {
                true => {
                    self.note("licence_taken", email);
                    yes(json!({}))
                }
                false => no(404, "notFound", "License assignment does not exist"),
            },
            _ => nowhere(),
        }
    }

    fn give(&mut self, body: &Value, sold: (&str, &str)) -> Said {
        if let Some(said) = unknown(body, &["userId"]) {
            return said;
        }
        let Some(email) = body["userId"].as_str().filter(|email| self.at(email).is_some()) else {
            return no(404, "notFound", "User does not exist");
        };
        let key = (sold.0.to_owned(), sold.1.to_owned(), email.to_owned());
        if self.licences.contains(&key) {
            return no(412, "conditionNotMet", "User already has a license for the specified product and SKU");
        }
        if self.licences.len() >= self.seats {
            let words = "There aren't enough available licenses for the specified product-SKU pair.";
            return no(412, "conditionNotMet", words);
        }
        self.licences.insert(key);
        self.note("licence_given", email);
        yes(described(sold.0, sold.1, email))
    }
}

fn described(product: &str, sku: &str, email: &str) -> Value {
    json!({
        "kind": "licensing#licenseAssignment", "etags": "\"e\"", "productId": product, "skuId": sku, "userId": email,
        "skuName": "Google Workspace Business Starter", "productName": "Google Workspace", "selfLink": "https://www.googleapis.com/",
    })
}
