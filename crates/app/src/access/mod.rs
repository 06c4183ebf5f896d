//! How inboxes are logged in to, and handing that out: what was told by `logins` is the customer's own.

mod hand_out;

use std::collections::{BTreeMap, BTreeSet};

use model::consent::ConsentStatus;
use model::id::DomainId;
use model::inbox::{Inbox, InboxStatus};
use model::view::{InboxAccess, kinds};
use secrecy::SecretString;
use store::{Db, StoreError, consents, domains};

pub use hand_out::{HandOut, Handed, HandedInbox};

/// What is known of a domain's inboxes.
pub(crate) struct Ways {
    /// The domain's name.
    pub(crate) domain: String,
    /// Passwords by address.
    passwords: BTreeMap<String, SecretString>,
    /// The ids of those whose owners have consented.
    consented: BTreeSet<String>,
}

impl Ways {
    pub(crate) async fn of(db: &mut Db, domain: &DomainId) -> Result<Self, StoreError> {
        let row = domains::load(db, domain).await?;
        let passwords = match &row {
            Some(row) => domains::open_mail_logins(&db.vault(), row)?,
            None => BTreeMap::new(),
        };
        let granted = consents::of_domain(db, domain).await?.into_iter();
        let granted = granted.filter(|consent| consent.status == ConsentStatus::Granted);
        let consented = granted.map(|consent| consent.inbox.to_string()).collect();
        let domain = row.map(|row| row.name.to_string()).unwrap_or_default();
        Ok(Self { domain, passwords, consented })
    }

    pub(crate) fn is_consented(&self, inbox: &Inbox) -> bool {
        self.consented.contains(&inbox.id.to_string())
    }

    pub(crate) fn password(&self, inbox: &Inbox) -> Option<SecretString> {
        self.passwords.get(&inbox.email).cloned()
    }
}

/// How an inbox can be reached.
///
/// # Errors
/// When it cannot be read.
pub async fn of_inbox(db: &mut Db, inbox: &Inbox) -> Result<InboxAccess, StoreError> {
    if inbox.status == InboxStatus::Deleted {
        return Ok(InboxAccess::of(inbox, vec![]));
    }
    let ways = Ways::of(db, &inbox.domain).await?;
    let has_password = ways.passwords.contains_key(&inbox.email);
    Ok(InboxAccess::of(inbox, kinds(ways.is_consented(inbox), has_password)))
}
