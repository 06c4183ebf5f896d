//! What of users is changed.

use serde_json::Value;

use super::{Estate, bad, conflict, nothing, nowhere, unknown};
use crate::server::Said;

const CHANGEABLE: [&str; 9] = [
    "displayName",
    "givenName",
    "surname",
    "usageLocation",
    "mailNickname",
    "userPrincipalName",
    "mail",
    "accountEnabled",
    "employeeType",
];

impl Estate {
    pub(super) fn change_user(&mut self, key: &str, body: &Value) -> Said {
        let Some(at) = self.at(key) else { return nowhere() };
        if let Some(said) = unknown(body, &CHANGEABLE) {
            return said;
        }
        let text = |name: &str| body[name].as_str().map(str::to_lowercase);
        let (upn, mail) = (text("userPrincipalName"), text("mail"));
        for email in upn.iter().chain(&mail) {
            if self.is_taken(email, Some(at)) {
                return conflict("userPrincipalName");
            }
            if let Some(said) = self.no_home(email) {
                return said;
            }
        }
        if mail.is_some() && self.users[at].proxies.is_empty() {
            return bad("Unable to update the mail of a user without a mailbox.");
        }
        let kept = body.as_object().into_iter().flatten();
        let kept = kept.filter(|(name, _)| !matches!(name.as_str(), "userPrincipalName" | "mail"));
        let kept: Vec<_> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
        self.users[at].shown.extend(kept);
        if let Some(mail) = mail {
            self.address(at, &mail);
        }
        let what = if upn.is_some() { "user_renamed" } else { "user_changed" };
        if let Some(upn) = upn {
            self.users[at].upn = upn;
        }
        let email = self.users[at].upn.clone();
        self.note(what, &email);
        nothing()
    }

    /// The mail service keeps the address that a mailbox had beside its new one.
    fn address(&mut self, at: usize, mail: &str) {
        let proxies = &mut self.users[at].proxies;
        proxies.retain(|one| one != &format!("smtp:{mail}"));
        for one in proxies.iter_mut() {
            if let Some(old) = one.strip_prefix("SMTP:") {
                *one = format!("smtp:{old}");
            }
        }
        proxies.insert(0, format!("SMTP:{mail}"));
    }

    pub(super) fn delete_user(&mut self, key: &str) -> Said {
        let Some(at) = self.at(key) else { return nowhere() };
        let mut user = self.users.remove(at);
        user.licences.clear();
        self.note("user_deleted", &user.upn);
        let now = self.now;
        self.deleted.push((user, now));
        nothing()
    }
}
