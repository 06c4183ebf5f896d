//! Licences.

use serde_json::{Value, json};

use super::{Estate, Graph, bad, locked, many, nowhere, unknown, yes};
use crate::server::Said;

/// What the tenant has licences for.
pub const SKU: &str = "4b9405b0-7788-4568-add1-99614e613b69";
/// How it is called.
pub const SKU_NAME: &str = "EXCHANGESTANDARD";

impl Graph {
    /// Somebody takes a user's licence in the admin center; their address stays for a while.
    pub fn take_licence(&self, email: &str) {
        locked(&self.estate).users.iter_mut().filter(|user| user.upn == email).for_each(|user| user.licences.clear());
    }

    /// Somebody gives it back.
    pub fn give_licence(&self, email: &str) {
        let mut estate = locked(&self.estate);
        estate.users.iter_mut().filter(|user| user.upn == email).for_each(|user| user.licences = vec![SKU.into()]);
    }

    /// The subscription of a user's licence has run out and was not renewed; or it was.
    pub fn lapse(&self, email: &str, is_lapsed: bool) {
        let mut estate = locked(&self.estate);
        estate.users.iter_mut().filter(|user| user.upn == email).for_each(|user| user.is_lapsed = is_lapsed);
    }
}

impl Estate {
    fn consumed(&self) -> usize {
        self.users.iter().map(|user| user.licences.len()).sum()
    }

    pub(super) fn skus(&self) -> Said {
        many(&[json!({
            "accountId": super::TENANT, "accountName": "acme", "appliesTo": "User", "capabilityStatus": "Enabled",
            "consumedUnits": self.consumed(), "id": format!("{}_{SKU}", super::TENANT), "skuId": SKU, "skuPartNumber": SKU_NAME,
            "prepaidUnits": { "enabled": self.seats, "suspended": 0, "warning": 0, "lockedOut": 0 },
            "servicePlans": [], "subscriptionIds": [],
        })])
    }

    pub(super) fn assign(&mut self, key: &str, body: &Value) -> Said {
        let Some(at) = self.at(key) else { return nowhere() };
        if let Some(said) = unknown(body, &["addLicenses", "removeLicenses"]) {
            return said;
        }
        let (Some(add), Some(_)) = (body["addLicenses"].as_array(), body["removeLicenses"].as_array()) else {
            return bad(
                "One or more parameters of the operation 'assignLicense' are missing from the request payload.",
            );
        };
        if !self.users[at].shown.get("usageLocation").is_some_and(Value::is_string) {
            return bad("License assignment cannot be done for user with invalid usage location.");
        }
        if add.iter().any(|one| one["skuId"] != SKU || !one["disabledPlans"].is_array()) {
            return bad("License assignment failed because service plan is not there.");
        }
        if !self.users[at].licences.iter().any(|sku| sku == SKU) {
            if self.consumed() >= self.seats {
                return bad(&format!("Subscription with SKU {SKU} does not have any available licenses."));
            }
            self.users[at].licences.push(SKU.into());
            self.users[at].was_licensed = true;
            self.users[at].lag = self.lag.mailbox;
            let email = self.users[at].upn.clone();
            self.note("licence_given", &email);
        }
        yes(200, self.users[at].usual())
    }
}
