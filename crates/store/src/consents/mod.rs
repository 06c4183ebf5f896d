//! Consents of inboxes' owners, and what whoever has a link is known by.

mod links;

use model::clock::Time;
use model::consent::Consent;
use model::id::{DomainId, Id as _, InboxId};
use model::secret::Secret;
use model::world::World;
use secrecy::SecretString;

use crate::column::{Key, Name};
use crate::db::{Db, Tx, args};
use crate::error::{Halt, StoreError};
use crate::seal::{Place, Vault};
use crate::table::table;

pub use links::{challenge, link, read_link, read_state, state, verifier};

table! {
    Consent as (consent, vault) in "consents"
    fixed {
        id from inbox: Key,
        partner: Key,
        world: World,
        domain_id from domain: Key,
        created_at: Time,
    }
    changing {
        status: Name,
        round: i64,
        open_until: Time,
        redirect_uri: String,
        code: Option<String> = consent.code.as_ref().map(|code| vault.seal(code, place(consent, "consents.code"))),
        granted: Option<String> = consent.granted.as_ref().map(|it| vault.seal(it, place(consent, "consents.granted"))),
    }
    read {
        code: code.map(Secret::Sealed),
        granted: granted.map(Secret::Sealed),
    }
}

fn place<'a>(consent: &'a Consent, column: &'static str) -> Place<'a> {
    Place { column, row: consent.inbox.as_str() }
}

/// Opens what a mail host has answered with.
///
/// # Errors
/// When the master key is not the one that it was sealed with.
pub fn open_code(vault: &Vault, consent: &Consent) -> Result<Option<SecretString>, StoreError> {
    consent.code.as_ref().map(|code| vault.open_secret(code, place(consent, "consents.code"))).transpose()
}

/// Opens what lets a sequencer in.
///
/// # Errors
/// When the master key is not the one that it was sealed with.
pub fn open_grant(vault: &Vault, consent: &Consent) -> Result<Option<SecretString>, StoreError> {
    consent.granted.as_ref().map(|grant| vault.open_secret(grant, place(consent, "consents.granted"))).transpose()
}

/// An inbox's consent, if anybody has ever begun one.
pub async fn get(db: &mut Db, inbox: &InboxId) -> Result<Option<Consent>, StoreError> {
    db.find("WHERE id = $1", args![inbox]).await
}

/// Those of a domain's inboxes.
pub async fn of_domain(db: &mut Db, domain: &DomainId) -> Result<Vec<Consent>, StoreError> {
    db.find_all("WHERE domain_id = $1 ORDER BY id", args![domain]).await
}

impl Tx {
    /// Nobody has to be let into a domain's inboxes any more: what was given for them is gone.
    pub(crate) async fn end_consents(&mut self, domain: &DomainId) -> Result<(), Halt> {
        self.run("DELETE FROM consents WHERE domain_id = $1", args![domain]).await?;
        Ok(())
    }
}
