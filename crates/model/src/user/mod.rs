//! A partner's customers.

use crate::clock::Time;
use crate::id::{PartnerId, UserId};
use crate::named::named;
use crate::world::World;

mod edit;

pub use edit::{Asked, Decided, Wish, change, create, remove};

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Whose customer.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// As it was sent.
    pub email: String,
    /// As it is compared: see [`fold`].
    pub email_folded: String,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// The partner's own routing at the sequencer.
    pub client_id: Option<i64>,
    /// Whether it was deleted.
    pub status: UserStatus,
    /// When it was made, partner time.
    pub created_at: Time,
    /// The fence against lost updates.
    pub version: i64,
}

named! {
    /// Deleting a user is soft.
    #[expect(missing_docs, reason = "the names say it")]
    pub enum UserStatus {
        Active "active",
        Deleted "deleted",
    }
}

/// How e-mail addresses are compared: databases fold differently, so it is done here.
#[must_use]
pub fn fold(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Whether a text is an address we can use: one `@`, a dotted host, no spaces, at most 254 bytes
/// (RFC 5321 §4.5.3.1.3).
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let local_ok = !local.is_empty()
        && local.len() <= 64
        && local.chars().all(|c| c.is_ascii_graphic() && !"@\"(),:;<>[]\\".contains(c));
    let label_ok = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    text.len() <= 254
        && local_ok
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && host.contains('.')
        && host.split('.').all(label_ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        for good in ["alex@acme.com", "a.b+c@sub.acme.co.uk", "x_y@ünïcode.de"] {
            assert!(is_email(good), "{good}");
        }
        for bad in
            ["", "alex", "@acme.com", "a@b", "a b@acme.com", "a@acme..com", ".a@acme.com", "a@-x.com", "a@b@c.com"]
        {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
