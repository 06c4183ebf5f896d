//! Passwords of mailboxes that were told: they are known by the address, and go with it when that changes.

use std::collections::BTreeMap;

use model::inbox::Inbox;
use model::run::{Learnt, Moved, Try};
use model::secret::Secret;
use secrecy::ExposeSecret as _;
use store::{Vault, domains};

/// Has the password of a mailbox that was renamed be known by its new address. What cannot be opened stays as it is: the step that
/// needs it says so.
pub(super) fn follow(vault: &Vault, tried: &Try<'_>, moved: &mut Moved) {
    let Learnt::Renamed { inbox, to } = &tried.outcome.learnt else { return };
    let is_it = |one: &&Inbox| one.id == *inbox && one.email != to.email;
    let Some(old) = tried.inboxes.iter().find(is_it) else { return };
    let Ok(mut known) = domains::open_mail_logins(vault, tried.domain) else { return };
    if let Some(password) = known.remove(&old.email) {
        known.insert(to.email.clone(), password);
        let texts: BTreeMap<_, _> = known.iter().map(|(email, password)| (email, password.expose_secret())).collect();
        if let Ok(text) = serde_json::to_string(&texts) {
            moved.domain.mail_logins = Some(Secret::plain(text));
        }
    }
}
