//! Users who were deleted, and are kept for a while.

use serde_json::json;

use super::users::User;
use super::{Estate, KEPT, bad, conflict, many, nowhere, yes};
use crate::server::{Asked, Said};

impl Estate {
    pub(super) fn deleted_route(&mut self, asked: &Asked, rest: &[&str]) -> Said {
        match (asked.method.as_str(), rest) {
            ("GET", ["microsoft.graph.user"]) => self.find_deleted(asked),
            ("POST", [id, "restore"]) => self.restore(id),
            _ => nowhere(),
        }
    }

    pub(super) fn kept(&self) -> impl Iterator<Item = &User> {
        let now = self.now;
        self.deleted.iter().filter(move |(_, at)| at + KEPT > now).map(|(user, _)| user)
    }

    /// The vendor puts their number before their name.
    fn find_deleted(&self, asked: &Asked) -> Said {
        let is_advanced =
            asked.header("consistencylevel") == Some("eventual") && asked.parameter("$count") == Some("true");
        let of = |text: &str| Some(text.strip_prefix("endsWith(userPrincipalName,'")?.strip_suffix("')")?.to_owned());
        let Some(ending) = asked.parameter("$filter").and_then(of).filter(|_| is_advanced) else {
            return bad("Operator 'endsWith' is not supported because it required the ConsistencyLevel header");
        };
        let renamed = |user: &User| User { upn: format!("{}{}", user.id.replace('-', ""), user.upn), ..user.clone() };
        let all = self.kept().map(renamed).filter(|user| user.upn.ends_with(&ending));
        let all: Vec<_> = all.map(|user| user.asked_for(asked)).collect();
        many(&all)
    }

    fn restore(&mut self, id: &str) -> Said {
        let now = self.now;
        let found = self.deleted.iter().position(|(user, at)| user.id == id && at + KEPT > now);
        let Some(at) = found else { return nowhere() };
        let email = self.deleted[at].0.upn.clone();
        if self.users.iter().any(|user| user.holds(&email)) {
            return conflict("userPrincipalName");
        }
        let (user, _) = self.deleted.remove(at);
        let mut usual = user.usual();
        usual["@odata.type"] = json!("#microsoft.graph.user");
        self.users.push(user);
        self.note("user_restored", &email);
        yes(200, usual)
    }
}
