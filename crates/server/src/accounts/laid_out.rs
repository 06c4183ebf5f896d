//! What of our domains lies at which account: nothing may be lost sight of when the configuration changes.

use std::collections::BTreeMap;

use model::domain::{Domain, Source};
use model::role::Role;
use model::world::Environment;
use store::{Db, StoreError, domains, partners};

use crate::account_settings::problems::kind;
use crate::config::Config;

/// Whether a server may start with this configuration on this database.
///
/// # Errors
/// A sentence for the operator.
pub async fn refuse(config: &Config, db: &mut Db) -> Result<(), String> {
    refuse_vanished(config, db).await?;
    refuse_used(config, db).await
}

/// In words, that the database does not say it.
pub(super) fn uncounted(error: &StoreError) -> String {
    format!("the domains of accounts cannot be counted: {error}")
}

/// Whether the configuration has an account that can play a role.
fn can_play(config: &Config, account: &str, role: Role) -> bool {
    let said = config.accounts.get(account);
    said.and_then(|said| kind(&said.kind)).is_some_and(|kind| kind.descriptor.roles.contains(&role))
}

/// What of our domains lies at accounts that the configuration does not have.
///
/// # Errors
/// A sentence that counts them; or that they cannot be counted.
pub async fn refuse_vanished(config: &Config, db: &mut Db) -> Result<(), String> {
    let (vanished, pretended) = vanished(config, db).await.map_err(|error| uncounted(&error))?;
    if let Some(account) = pretended {
        return Err(format!(
            "accounts.{account} has sandbox = true, and names of live keys are at it; take that out, without it they are neither renewed nor looked after"
        ));
    }
    match vanished.into_iter().next() {
        None => Ok(()),
        Some((account, domains)) => Err(format!(
            "accounts.{account} is not configured, and domains are at it: {}; put it back, without it they are neither renewed nor looked after",
            domains.join(", ")
        )),
    }
}

/// What is at which account that is not there, and an account of a vendor's sandbox that real names are at.
async fn vanished(config: &Config, db: &mut Db) -> Result<(BTreeMap<String, Vec<String>>, Option<String>), StoreError> {
    let (mut vanished, mut pretended) = (BTreeMap::<String, Vec<String>>::new(), None);
    for role in Role::ALL {
        for (account, _) in domains::in_accounts(db, *role).await? {
            let is_sandbox = config.accounts.get(&account).is_some_and(|said| said.sandbox);
            let can_play = can_play(config, &account, *role);
            if can_play && !is_sandbox {
                continue;
            }
            // Those of a sandbox that was reset are nobody's.
            let (live, test) = domains::at(db, *role, &account).await?;
            if can_play && live > 0 {
                pretended.get_or_insert(account);
            } else if !can_play && live + test > 0 {
                vanished.entry(account).or_default().push(format!("{} as {}", live + test, role.as_str()));
            }
        }
    }
    Ok((vanished, pretended))
}

/// A partner's names that the sandbox of ours has sold are not a vendor's to look after.
///
/// # Errors
/// A sentence that counts them, or says that there is no such partner; or that they cannot be counted.
pub async fn refuse_used(config: &Config, db: &mut Db) -> Result<(), String> {
    let cast = &config.sandbox.cast;
    for id in cast.partners() {
        let Some(partner) = partners::get(db, &id).await.map_err(|error| uncounted(&error))? else {
            return Err(format!(
                "sandbox.cast.partners names {id}, and there is no such partner; `mailwright partners list` has them"
            ));
        };
        let world = partner.scope(Environment::Test).world;
        let living = domains::living(db, &world).await.map_err(|error| uncounted(&error))?;
        let is_ours = |one: &&Domain| {
            let is_bought = one.held && one.source == Source::Registrar && one.accounts.get(Role::Registrar).is_none();
            is_bought && !cast.registrar.is_empty()
        };
        let used = living.iter().filter(is_ours).count();
        if used > 0 {
            return Err(format!(
                "sandbox.cast.partners names {id}, whose sandbox has names that were bought without it: {used}; take it out, have the sandbox reset (POST /test/reset), and name it then"
            ));
        }
    }
    Ok(())
}
