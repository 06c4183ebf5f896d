//! The accounts at vendors: what the configuration says of them, and what is made of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use model::account::{Entrant, Lineup};
use model::clock::Clock;
use model::domain::{Domain, MailProvider, Source};
use model::id::{Id as _, PartnerId};
use model::role::Role;
use model::world::Environment;
use providers::all::internet::{Internet, InternetSettings};
use providers::cast::{Cast, Player};
use providers::egress::Egress;
use providers::kind::{Opened, Said};
use providers::roles::Observer;
use providers::roster::{Registrants, Roster, VendorSandboxes};
use store::{Store, StoreError, domains, partners};

use crate::account_settings::problems::kind;
use crate::account_settings::{AccountConfig, FieldValue, RegistrantConfig};
use crate::config::Config;

pub(crate) mod secret;

/// The account that looks at the public internet, in metrics and notices.
const INTERNET: &str = "internet";

/// Who plays beside the sandbox of ours.
#[derive(Clone, Default)]
pub struct Players {
    /// The accounts that live keys buy from, when the operator has configured any.
    pub live: Option<Roster>,
    /// Those of vendors' sandboxes, likewise.
    pub vendors: Option<VendorSandboxes>,
}

/// The accounts, for a server that starts. Nothing that domains of ours lie at may be missing.
///
/// # Errors
/// Sentences for the operator.
pub async fn start(
    config: &Config,
    store: &Store,
    clock: &Arc<dyn Clock>,
    egress: &Egress,
    sandbox: &Cast,
) -> Result<Players, String> {
    refuse_vanished(config, store).await?;
    refuse_used(config, store).await?;
    let sentences = |faults: Vec<String>| faults.join("\n");
    let vendors = vendors(config, clock, sandbox).map_err(sentences)?;
    if !config.live.plays() {
        return Ok(Players { live: None, vendors });
    }
    let rdap = Some(config.live.rdap_list.clone()).filter(|list| !list.is_empty());
    let settings = InternetSettings { rdap, development: config.development, ..InternetSettings::default() };
    let internet = Internet::new(&settings, egress.clone());
    let observer = internet.map_err(|error| format!("this machine's resolvers cannot be used: {error}"))?;
    Ok(Players { live: live(config, clock, Arc::new(observer)).map_err(sentences)?, vendors })
}

/// Opens the accounts that play for live keys, without asking anybody; `None` where there are none.
///
/// # Errors
/// A sentence for each account that cannot be, beginning with its setting.
pub fn live(
    config: &Config,
    clock: &Arc<dyn Clock>,
    observer: Arc<dyn Observer>,
) -> Result<Option<Roster>, Vec<String>> {
    if !config.live.plays() {
        return Ok(None);
    }
    let accounts = open_all(config, clock, false)?;
    let lineup = Arc::new(lineup(config, |role| config.live.of(role), &accounts));
    let registrants = registrants(config);
    Ok(Some(Roster { lineup, accounts, observer: Player::new(INTERNET, observer), registrants }))
}

/// Opens the accounts of vendors' sandboxes, likewise.
///
/// # Errors
/// A sentence for each account that cannot be, beginning with its setting.
pub fn vendors(
    config: &Config,
    clock: &Arc<dyn Clock>,
    sandbox: &Cast,
) -> Result<Option<VendorSandboxes>, Vec<String>> {
    let cast = &config.sandbox.cast;
    let partners = cast.partners();
    if partners.is_empty() {
        return Ok(None);
    }
    let accounts = open_all(config, clock, true)?;
    let lineup = Arc::new(lineup(config, |role| cast.of(role), &accounts));
    let (observer, registrants) = (sandbox.observer.clone(), registrants(config));
    Ok(Some(VendorSandboxes { partners, roster: Roster { lineup, accounts, observer, registrants } }))
}

/// All accounts that are of vendors' sandboxes, or all that are not.
fn open_all(
    config: &Config,
    clock: &Arc<dyn Clock>,
    is_sandbox: bool,
) -> Result<BTreeMap<&'static str, Opened>, Vec<String>> {
    let (mut accounts, mut faults) = (BTreeMap::new(), vec![]);
    for (name, account) in config.accounts.iter().filter(|(_, account)| account.sandbox == is_sandbox) {
        let name = lasting(name);
        match open(name, account, clock) {
            Ok(opened) => _ = accounts.insert(name, opened),
            Err(fault) => faults.push(format!("accounts.{name}.{fault}")),
        }
    }
    if faults.is_empty() { Ok(accounts) } else { Err(faults) }
}

/// Metrics and rows want a name that stays. There is one for each account of the configuration, which is read once.
fn lasting(name: &str) -> &'static str {
    Box::leak(name.to_owned().into_boxed_str())
}

/// One account of the configuration, opened without asking anybody.
///
/// # Errors
/// A sentence that begins with the setting that will not do.
pub(crate) fn opened(config: &Config, name: &str, clock: &Arc<dyn Clock>) -> Result<Opened, String> {
    let account = config.accounts.get(name).ok_or("there is no such account")?;
    open(lasting(name), account, clock).map_err(|fault| format!("accounts.{name}.{fault}"))
}

fn open(name: &'static str, account: &AccountConfig, clock: &Arc<dyn Clock>) -> Result<Opened, String> {
    let kind = kind(&account.kind).ok_or("kind is none that there is")?;
    let (mut values, mut secrets) = (BTreeMap::new(), BTreeMap::new());
    for (key, value) in &account.fields {
        match value {
            FieldValue::Text(text) => _ = values.insert(key.clone(), text.clone()),
            FieldValue::Number(number) => _ = values.insert(key.clone(), number.to_string()),
            FieldValue::Switch(on) => _ = values.insert(key.clone(), on.to_string()),
            FieldValue::Kept(kept) => {
                let secret = secret::fetch(kept).map_err(|fault| format!("{key} {fault}"))?;
                secrets.insert(key.clone(), secret);
            }
        }
    }
    let (base_url, is_sandbox) = (account.base_url.clone(), account.sandbox);
    let opened = (kind.open)(&Said { name, base_url, values, secrets, is_sandbox, clock: clock.clone() })?;
    Ok(Opened { max_in_flight: Some(kind.descriptor.max_in_flight), ..opened })
}

fn lineup<'a>(
    config: &Config,
    named: impl Fn(Role) -> &'a [String],
    accounts: &BTreeMap<&'static str, Opened>,
) -> Lineup {
    let entrant = |name: &String| {
        let (account, opened) = (config.accounts.get(name)?, accounts.get(name.as_str())?);
        Some(Entrant {
            account: name.clone(),
            hosts: hosts(opened),
            tlds: account.tlds.iter().map(|tld| tld.trim_start_matches('.').to_ascii_lowercase()).collect(),
            most_domains: account.most_domains,
            serves_what_it_sells: opened.serves_what_it_sells,
        })
    };
    let of = |role: &Role| (*role, named(*role).iter().filter_map(entrant).collect());
    let roles: HashMap<_, _> = Role::ALL.iter().map(of).collect();
    Lineup { roles, choice: Some(config.live.choice), spread: Some(config.live.spread) }
}

/// The one kind of mailboxes that an account hosts; `None` where it hosts both or none.
const fn hosts(opened: &Opened) -> Option<MailProvider> {
    match (&opened.google, &opened.microsoft) {
        (Some(_), None) => Some(MailProvider::Google),
        (None, Some(_)) => Some(MailProvider::Microsoft),
        (Some(_), Some(_)) | (None, None) => None,
    }
}

fn registrants(config: &Config) -> Registrants {
    let of =
        |(partner, said): (&String, &RegistrantConfig)| Some((PartnerId::opaque(partner), Arc::new(said.contact()?)));
    Registrants {
        usual: config.live.registrant.contact().map(Arc::new),
        of_partners: config.live.registrants.iter().filter_map(of).collect(),
    }
}

/// Whether the configuration has an account that can play a role.
fn can_play(config: &Config, account: &str, role: Role) -> bool {
    let said = config.accounts.get(account);
    said.and_then(|said| kind(&said.kind)).is_some_and(|kind| kind.descriptor.roles.contains(&role))
}

/// What of our domains lies at accounts that the configuration does not have: nothing may be lost sight of.
///
/// # Errors
/// A sentence that counts them; or that they cannot be counted.
pub async fn refuse_vanished(config: &Config, store: &Store) -> Result<(), String> {
    let (vanished, pretended) =
        vanished(config, store).await.map_err(|error| format!("the domains of accounts cannot be counted: {error}"))?;
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

/// A partner's names that the sandbox of ours has sold are not a vendor's to look after.
///
/// # Errors
/// A sentence that counts them; or that they cannot be counted.
pub async fn refuse_used(config: &Config, store: &Store) -> Result<(), String> {
    let cast = &config.sandbox.cast;
    if cast.registrar.is_empty() {
        return Ok(());
    }
    let unread = |error: StoreError| format!("the domains of sandboxes cannot be counted: {error}");
    let mut db = store.read().await.map_err(unread)?;
    for id in cast.partners() {
        let Some(partner) = partners::get(&mut db, &id).await.map_err(unread)? else { continue };
        let living = domains::living(&mut db, &partner.scope(Environment::Test).world).await.map_err(unread)?;
        let is_ours =
            |one: &&Domain| one.held && one.source == Source::Registrar && one.accounts.get(Role::Registrar).is_none();
        let used = living.iter().filter(is_ours).count();
        if used > 0 {
            return Err(format!(
                "sandbox.cast.partners names {id}, whose sandbox has names that were bought without it: {used}; take it out, have the sandbox reset (POST /test/reset), and name it then"
            ));
        }
    }
    Ok(())
}

/// What is at which account that is not there, and an account of a vendor's sandbox that real names are at.
async fn vanished(
    config: &Config,
    store: &Store,
) -> Result<(BTreeMap<String, Vec<String>>, Option<String>), StoreError> {
    let mut db = store.read().await?;
    let (mut vanished, mut pretended) = (BTreeMap::<String, Vec<String>>::new(), None);
    for role in Role::ALL {
        for (account, domains) in domains::in_accounts(&mut db, *role).await? {
            if !can_play(config, &account, *role) {
                vanished.entry(account).or_default().push(format!("{domains} as {}", role.as_str()));
            } else if config.accounts.get(&account).is_some_and(|said| said.sandbox)
                && domains::has_live_at(&mut db, *role, &account).await?
            {
                pretended.get_or_insert(account);
            }
        }
    }
    Ok((vanished, pretended))
}
