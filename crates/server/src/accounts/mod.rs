//! The accounts at vendors: what the configuration says of them, and what is made of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use model::account::{Entrant, Lineup};
use model::clock::Clock;
use model::domain::MailProvider;
use model::id::{Id as _, PartnerId};
use model::order::SequencerProvider;
use model::role::Role;
use providers::all::internet::{Internet, InternetSettings};
use providers::cast::{Cast, Player};
use providers::egress::Egress;
use providers::kind::{Opened, Said};
use providers::probing::Directly;
use providers::roles::Observer;
use providers::roster::{Registrants, Roster, VendorSandboxes};
use store::{Db, Store, StoreError, partners};

use crate::account_settings::problems::kind;
use crate::account_settings::{AccountConfig, FieldValue, RegistrantConfig};
use crate::config::Config;

pub mod laid_out;
pub mod probe;
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
    let mut db = store.read().await.map_err(|error| laid_out::uncounted(&error))?;
    laid_out::refuse(config, &mut db).await?;
    drop(db);
    let sentences = |faults: Vec<String>| faults.join("\n");
    let vendors = vendors(config, clock, sandbox).map_err(sentences)?;
    if !config.live.plays() {
        return Ok(Players { live: None, vendors });
    }
    let rdap = Some(config.live.rdap_list.clone()).filter(|list| !list.is_empty());
    let settings = InternetSettings { rdap, development: config.development, ..InternetSettings::default() };
    let internet = Internet::new(&settings, egress.clone());
    let observer = internet.map_err(|error| format!("this machine's resolvers cannot be used: {error}"))?;
    let live = live(config, clock, Arc::new(observer)).map_err(sentences)?;
    if let Some(roster) = &live {
        say_keyless(store, roster).await?;
    }
    Ok(Players { live, vendors })
}

/// Tells whose orders will wait for a key at the sequencer.
async fn say_keyless(store: &Store, roster: &Roster) -> Result<(), String> {
    let unread = |error| format!("the partners cannot be read: {error}");
    let mut db = store.read().await.map_err(unread)?;
    let partners = keyless(&mut db, roster).await.map_err(unread)?;
    if !partners.is_empty() {
        let (count, first) = (partners.len(), partners.iter().take(10).cloned().collect::<Vec<_>>().join(", "));
        tracing::warn!(count, partners = %first, "orders of partners without an API key at the sequencer wait for one, unless they or their customers bring it: give it with `mailwright partners set --sequencer-key-file`");
    }
    Ok(())
}

/// The partners who have no key of their own where the sequencer wants one, and exchanges no logins.
///
/// # Errors
/// When the partners cannot be read.
pub async fn keyless(db: &mut Db, roster: &Roster) -> Result<Vec<String>, StoreError> {
    let opened = |entrant: &Entrant| roster.accounts.get(entrant.account.as_str())?.sequencer.clone();
    let mut sequencers = roster.lineup.of(Role::Sequencer).iter().filter_map(opened);
    if !sequencers.any(|one| one.needs_key() && !one.exchanges_logins()) {
        return Ok(vec![]);
    }
    let partners = partners::all(db).await?.into_iter().filter(|partner| partner.sequencer_key.is_none());
    Ok(partners.map(|partner| partner.name).collect())
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
    let prober = probe::open(&config.probe, Arc::new(Directly)).map_err(|fault| vec![fault])?;
    Ok(Some(Roster { lineup, accounts, observer: Player::new(INTERNET, observer), registrants, prober }))
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
    Ok(Some(VendorSandboxes { partners, roster: Roster { lineup, accounts, observer, registrants, prober: None } }))
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
            sends: SequencerProvider::parse(&account.kind),
            tlds: account.tlds.iter().map(|tld| tld.trim_start_matches('.').to_ascii_lowercase()).collect(),
            most_domains: account.most_domains,
            most_users: account.most_users,
            seat_cents: account.seat_cents,
            serves_what_it_sells: opened.serves_what_it_sells,
        })
    };
    let of = |role: &Role| (*role, named(*role).iter().filter_map(entrant).collect());
    let roles: HashMap<_, _> = Role::ALL.iter().map(of).collect();
    Lineup {
        roles,
        choice: Some(config.live.choice),
        spread: Some(config.live.spread),
        customers: Some(config.live.customers),
    }
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
