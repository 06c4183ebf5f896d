//! Lists of users, a page at a time.

use serde_json::{Value, json};

use super::users::User;
use super::{CUSTOMER, Estate, KEPT, no, yes};
use crate::server::{Asked, Said};

impl Estate {
    pub(super) fn list_users(&self, asked: &Asked) -> Said {
        let domain = asked.parameter("domain");
        let is_all = matches!(asked.parameter("customer"), Some("my_customer" | CUSTOMER));
        if domain.is_some() == is_all {
            return no(400, "badRequest", "Bad Request");
        }
        let is_wanted = |user: &User| {
            domain.is_none_or(|name| user.email.rsplit_once('@').is_some_and(|(_, domain)| domain == name))
        };
        let all: Vec<_> = match asked.parameter("showDeleted") == Some("true") {
            true => {
                let kept = self.deleted.iter().filter(|(user, at)| is_wanted(user) && at + KEPT > self.now);
                kept.map(|(user, at)| user.described(Some(*at))).collect()
            }
            false => self.users.iter().filter(|user| is_wanted(user)).map(|user| user.described(None)).collect(),
        };
        paged(&all, asked)
    }
}

fn paged(all: &[Value], asked: &Asked) -> Said {
    let number = |name, usual| asked.parameter(name).and_then(|text| text.parse::<usize>().ok()).unwrap_or(usual);
    let (from, most) = (number("pageToken", 0), number("maxResults", 100).clamp(1, 500));
    let shown: Vec<_> = all.iter().skip(from).take(most).collect();
    let mut body = json!({ "kind": "admin#directory#users", "etag": "\"l\"" });
    if !shown.is_empty() {
        body["users"] = json!(shown);
    }
    if from + most < all.len() {
        body["nextPageToken"] = json!((from + most).to_string());
    }
    yes(body)
}
