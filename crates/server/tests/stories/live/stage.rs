//! A live world of doubles: two registrars, a DNS host, and mailboxes that are there at once.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use doubles::rdap::Rdap;
use doubles::{dnsimple, namecom};
use engine::Probe;
use model::account::{Entrant, Lineup};
use model::clock::{Clock, HandClock, SECOND, Time};
use model::dns::{RrSet, RrType};
use model::domain::RegistryStatus;
use model::role::Role;
use model::world::World;
use providers::all::internet::{Internet, InternetSettings, Resolvers};
use providers::call::Call;
use providers::egress::Egress;
use providers::kind::Opened;
use providers::probing::{Dial, Directly};
use providers::roles::{Fetched, MailHost, MailboxSpec, Observer, Part, Reachable, Sequencer, SequencerLogin};
use providers::roster::Roster;
use providers::trouble::Trouble;
use serde_json::{Value, json};
use server::accounts::{self, Players};
use server::config::{Config, Flags};
use tempfile::TempDir;

use super::vendors_zones;
use crate::name_servers;
use crate::support::{NOW, Rig, order_body, postgres};

/// The doubles, and a server that buys at them.
pub(crate) struct Live {
    pub(crate) rig: Rig,
    pub(crate) namecom: Arc<namecom::Namecom>,
    pub(crate) dnsimple: Arc<dnsimple::Dnsimple>,
    pub(crate) registry: Arc<Rdap>,
    pub(crate) elsewhere: Elsewhere,
    /// The name server that is asked instead of DNSimple, where there is one.
    pub(crate) asked: Asked,
    /// Who else's clocks go with the server's.
    beside: Beside,
    /// How it reaches the servers of first mails.
    dial: Arc<dyn Dial>,
    said: Config,
    processes: AtomicU64,
    folder: TempDir,
}

/// What the servers of others say, by name and type: it comes before what the doubles serve.
pub(crate) type Elsewhere = Arc<Mutex<HashMap<(String, RrType), Vec<String>>>>;

/// A name server that is asked.
pub(crate) type Asked = Arc<Mutex<Option<SocketAddr>>>;

/// Clocks of other doubles, told the time in seconds.
pub(crate) type Beside = Arc<dyn Fn(i64) + Send + Sync>;

/// Two registrars, the second of which serves zones and redirects too.
pub(crate) const ACCOUNTS: &str = r#"
[accounts.first]
kind = "namecom"
base_url = "FIRST"
username = "acme-test"
token = { file = "FOLDER/first" }

[accounts.second]
kind = "dnsimple"
base_url = "SECOND/v2"
account = 1385
registrant = 2715
token = { file = "FOLDER/second" }

[live]
registrar = ["first", "second"]
dns = ["second"]
redirect = ["second"]
margin_cents = 200
day_cap_cents = 1000000
month_cap_cents = 1000000

[live.registrant]
first_name = "Alex"
last_name = "Rivera"
email = "alex@acme.com"
phone = "+1.2125550100"
street = "1 Main Street"
city = "New York"
state = "NY"
postal_code = "10001"
country = "US"
"#;

impl Live {
    pub(crate) async fn new() -> Self {
        Self::with(|text| text).await
    }

    /// The same, where the configuration says something else.
    pub(crate) async fn with(change: impl FnOnce(String) -> String) -> Self {
        Self::build(change, |_| (), (Arc::new(|_| ()), Arc::new(Directly))).await
    }

    /// The same, with other doubles whose clocks go with the server's, and mail servers that are reached like this.
    pub(crate) async fn beside(change: impl FnOnce(String) -> String, around: (Beside, Arc<dyn Dial>)) -> Self {
        Self::build(change, |_| (), around).await
    }

    /// On PostgreSQL; `None` when that is not installed (which CI does not accept).
    pub(crate) async fn postgres() -> Option<Self> {
        Self::postgres_with(|text| text).await
    }

    /// The same where the configuration says something else.
    pub(crate) async fn postgres_with(change: impl FnOnce(String) -> String) -> Option<Self> {
        let url = postgres::server()?.fresh_schema().await;
        let around: (Beside, Arc<dyn Dial>) = (Arc::new(|_| ()), Arc::new(Directly));
        Some(Self::build(change, |config| on(config, url), around).await)
    }

    async fn build(
        change: impl FnOnce(String) -> String,
        set: impl FnOnce(&mut Config),
        (beside, dial): (Beside, Arc<dyn Dial>),
    ) -> Self {
        let (namecom, dnsimple) = (
            Arc::new(namecom::Namecom::new(NOW.seconds()).await),
            Arc::new(dnsimple::Dnsimple::new(NOW.seconds()).await),
        );
        let folder = tempfile::tempdir().unwrap();
        for (file, secret) in [("first", namecom::TOKEN), ("second", dnsimple::TOKEN)] {
            std::fs::write(folder.path().join(file), format!("{secret}\n")).unwrap();
        }
        let text = ACCOUNTS
            .replace("FIRST", &namecom.server.base())
            .replace("SECOND", &dnsimple.server.base())
            .replace("FOLDER", &folder.path().display().to_string());
        let mut said = read(&change(text), folder.path());
        set(&mut said);
        let (registry, elsewhere, asked) = (Arc::new(Rdap::new().await), Elsewhere::default(), Asked::default());
        let eyes = Arc::new(Eyes::new(&namecom, &dnsimple, &registry, (&elsewhere, &asked)));
        let accounts = |clock: &Arc<HandClock>| opened(&said, clock, eyes.clone(), (&beside, &dial));
        let rig = Rig::live_at(said.clone(), accounts).await;
        Self {
            rig,
            namecom,
            dnsimple,
            registry,
            elsewhere,
            asked,
            beside,
            dial,
            said,
            processes: AtomicU64::new(1),
            folder,
        }
    }

    /// The configuration, as its file says it.
    pub(crate) fn configured(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("mailwright.toml")).unwrap()
    }

    fn eyes(&self) -> Arc<Eyes> {
        Arc::new(Eyes::new(&self.namecom, &self.dnsimple, &self.registry, (&self.elsewhere, &self.asked)))
    }

    /// A further process on the same database, with clients of its own for the same vendors (or the first one after it died).
    pub(crate) async fn another(&self, probe: Option<Arc<dyn Probe>>) -> Rig {
        let accounts = opened(&self.said, &self.rig.clock, self.eyes(), (&self.beside, &self.dial));
        let number = self.processes.fetch_add(1, Ordering::Relaxed) + 1;
        self.rig.beside(probe, Players { live: Some(accounts), vendors: None }, number).await
    }

    /// A new process takes over what a dead one left.
    pub(crate) async fn restart(&self) -> Rig {
        let next = self.another(None).await;
        next.wired.engine.recover().await.unwrap();
        next
    }

    /// Places an order that must be accepted, for names on one mail provider each.
    pub(crate) async fn place(&self, names: &[&str]) -> String {
        self.rig.place(&body(names)).await
    }

    /// How often a name was bought at each of them.
    pub(crate) fn bought(&self, name: &str) -> (usize, usize) {
        let first = self.namecom.ledger().iter().filter(|one| one.what == "registered" && one.name == name).count();
        let second = self.dnsimple.ledger().iter().filter(|one| one.what == "registered" && one.name == name).count();
        (first, second)
    }
}

/// Has the configuration name a database of PostgreSQL.
fn on(config: &mut Config, url: String) {
    config.database_url = url;
    config.database.connections = 16;
    // Nothing here may depend on the speed of the machine.
    config.database.statement_timeout_ms = 120_000;
    config.database.lock_timeout_ms = 120_000;
    config.database.idle_in_transaction_timeout_ms = 120_000;
}

/// The accounts, as a process opens them when it starts.
fn opened(
    config: &Config,
    hand: &Arc<HandClock>,
    eyes: Arc<Eyes>,
    (beside, dial): (&Beside, &Arc<dyn Dial>),
) -> Roster {
    let clock = |a_look| -> Arc<dyn Clock> {
        let (hand, namecom, dnsimple) = (hand.clone(), eyes.namecom.clone(), eyes.dnsimple.clone());
        Arc::new(Passing { hand, namecom, dnsimple, beside: beside.clone(), a_look })
    };
    let opened = |clock: &Arc<dyn Clock>| accounts::live(config, clock, eyes.clone()).unwrap().unwrap();
    let (quick, slow) = (opened(&clock(A_LOOK)), opened(&clock(A_LONG_LOOK)));
    let logs_in = |name: &&'static str| config.accounts[*name].kind == "smartlead";
    let slow = slow.accounts.into_iter().filter(|(name, _)| logs_in(name));
    let accounts = quick.accounts.clone().into_iter().chain(slow).collect();
    let prober = accounts::probe::open(&config.probe, dial.clone()).unwrap();
    with_mail(Roster { accounts, prober, ..quick })
}

/// The clock of whoever asks vendors: a look at it takes a moment, so that nobody stands in line for a vendor's pace, and
/// vendors' clocks go with it.
struct Passing {
    hand: Arc<HandClock>,
    namecom: Arc<namecom::Namecom>,
    dnsimple: Arc<dnsimple::Dnsimple>,
    beside: Beside,
    a_look: i64,
}

/// How long a look takes. There are several at each exchange, and twenty exchanges a second at most.
const A_LOOK: i64 = SECOND / 60;
/// The same where a vendor logs in meanwhile. It is asked four things at once, so that of any eleven that arrive seven were begun
/// and answered after the first of them came: three looks each, and more than the second in which it takes ten.
const A_LONG_LOOK: i64 = SECOND / 19;

impl Clock for Passing {
    fn now(&self) -> Time {
        self.hand.advance(self.a_look);
        let now = self.hand.now();
        self.namecom.reach(now.seconds());
        self.dnsimple.reach(now.seconds());
        (self.beside)(now.seconds());
        // The registry knows what neither of them tells the other. A name that runs is left out: whoever asks for it at both
        // is to be found out, and not kept from it.
        self.namecom.lapsed().iter().for_each(|name| self.dnsimple.take(name));
        self.dnsimple.lapsed().iter().for_each(|name| self.namecom.take(name));
        now
    }

    /// Whoever waited would wait in real seconds.
    fn runs(&self) -> bool {
        false
    }
}

pub(crate) fn body(names: &[&str]) -> Value {
    let mut body = order_body(names);
    body["sequencer"]["provider"] = json!("smartlead");
    body
}

/// The configuration that this text is, with its data in a folder.
pub(super) fn read(text: &str, folder: &std::path::Path) -> Config {
    let file = folder.join("mailwright.toml");
    std::fs::write(&file, text).unwrap();
    let flags = Flags { data: Some(folder.join("data")), ..Flags::default() };
    let config = Config::load(Some(&file), &flags);
    config.unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// The same accounts, and one for mail and links where none of them does that.
pub(super) fn with_mail(roster: Roster) -> Roster {
    let host = Arc::new(Host);
    let opened = Opened {
        google: Some(host.clone()),
        microsoft: Some(host.clone()),
        sequencer: Some(host),
        ..Opened::default()
    };
    let entrant = Entrant {
        account: "house".into(),
        hosts: None,
        sends: None,
        tlds: vec![],
        most_domains: None,
        most_users: None,
        seat_cents: None,
        serves_what_it_sells: false,
    };
    let mut lineup = Lineup::clone(&roster.lineup);
    for role in [Role::Mail, Role::Sequencer].into_iter().filter(|role| !roster.lineup.plays(*role)) {
        lineup.roles.insert(role, vec![entrant.clone()]);
    }
    let accounts: BTreeMap<_, _> = roster.accounts.into_iter().chain([("house", opened)]).collect();
    Roster { lineup: Arc::new(lineup), accounts, ..roster }
}

/// A mail host and a sequencer that are content with everything.
struct Host;

#[async_trait]
impl MailHost for Host {
    async fn ensure_domain(&self, call: &Call) -> Result<Vec<RrSet>, Trouble> {
        let name = call.subject.to_string();
        let set = |rtype, value: &str| RrSet { name: name.clone(), rtype, ttl: 300, values: vec![value.into()] };
        Ok(vec![set(RrType::Mx, "1 smtp.google.com"), set(RrType::Txt, "v=spf1 include:_spf.google.com ~all")])
    }

    async fn ensure_verified(&self, _: &Call) -> Result<Vec<RrSet>, Trouble> {
        Ok(vec![])
    }

    async fn ensure_mailboxes(&self, _: &Call, mailboxes: &[MailboxSpec]) -> Part<String> {
        Part { done: mailboxes.iter().map(|one| one.email.clone()).collect(), trouble: None }
    }

    async fn ensure_renamed(&self, _: &Call, _: &str, _: &MailboxSpec) -> Result<(), Trouble> {
        Ok(())
    }

    async fn ensure_no_domain(&self, _: &Call) -> Result<(), Trouble> {
        Ok(())
    }
}

#[async_trait]
impl Sequencer for Host {
    async fn ensure_linked(&self, _: &Call, _: &SequencerLogin, inboxes: &[Reachable]) -> Part<(String, String)> {
        Part { done: inboxes.iter().map(|one| (one.email.clone(), one.email.clone())).collect(), trouble: None }
    }

    async fn ensure_unlinked(&self, _: &Call, _: &SequencerLogin, _: &[String]) -> Result<(), Trouble> {
        Ok(())
    }
}

/// Sees what the doubles serve.
struct Eyes {
    namecom: Arc<namecom::Namecom>,
    dnsimple: Arc<dnsimple::Dnsimple>,
    elsewhere: Elsewhere,
    asked: Asked,
    internet: Internet,
}

impl Eyes {
    fn new(
        namecom: &Arc<namecom::Namecom>,
        dnsimple: &Arc<dnsimple::Dnsimple>,
        registry: &Rdap,
        (elsewhere, asked): (&Elsewhere, &Asked),
    ) -> Self {
        let (resolvers, rdap) = (Resolvers::At(vec![]), Some(registry.list()));
        let settings = InternetSettings { resolvers, rdap, development: true, ..InternetSettings::default() };
        let internet = Internet::new(&settings, Egress::new(true).unwrap()).unwrap();
        Self {
            namecom: namecom.clone(),
            dnsimple: dnsimple.clone(),
            elsewhere: elsewhere.clone(),
            asked: asked.clone(),
            internet,
        }
    }
}

#[async_trait]
impl Observer for Eyes {
    async fn dns(&self, _: &Call, name: &str, rtype: RrType) -> Result<Vec<String>, Trouble> {
        if let Some(values) = self.elsewhere.lock().unwrap().get(&(name.to_owned(), rtype)) {
            return Ok(values.clone());
        }
        if rtype == RrType::Ns {
            let is_second = self.dnsimple.ledger().iter().any(|one| one.what == "registered" && one.name == name);
            return Ok(if is_second { self.dnsimple.delegation(name) } else { self.namecom.delegation(name) });
        }
        let server = *self.asked.lock().unwrap();
        if let Some(server) = server {
            let aliases = served(server, name, RrType::Cname).await;
            let texts = vendors_zones::texts(name, rtype, |_, _| aliases.clone());
            return Ok(match texts {
                Some(texts) => texts,
                None => served(server, name, rtype).await,
            });
        }
        let hosted = |name: &str, rtype: RrType| self.dnsimple.hosted(name, rtype.as_str());
        Ok(vendors_zones::texts(name, rtype, hosted).unwrap_or_else(|| hosted(name, rtype)))
    }

    async fn is_signed(&self, _: &Call, _: &str) -> Result<bool, Trouble> {
        Ok(false)
    }

    async fn registry_statuses(&self, call: &Call) -> Result<Option<Vec<RegistryStatus>>, Trouble> {
        self.internet.registry_statuses(call).await
    }

    async fn fetch(&self, _: &Call, _: &str, _: usize) -> Result<Fetched, Trouble> {
        Ok(Fetched { status: 200, content_type: None, body: vec![] })
    }
}

/// What a name server of ours has, and what providers have behind what it leads to.
async fn served(server: SocketAddr, name: &str, rtype: RrType) -> Vec<String> {
    let leads = match rtype {
        RrType::Txt => name_servers::served(server, name, RrType::Cname.as_str()).await,
        _ => vec![],
    };
    match vendors_zones::texts(name, rtype, |_, _| leads.clone()) {
        Some(texts) => texts,
        None => name_servers::served(server, name, rtype.as_str()).await,
    }
}

/// What a registrar's account of the server has, by name.
pub(crate) async fn portfolio(live: &Live, account: &str) -> Vec<String> {
    let roster = live.rig.wired.providers.roster(&World::live()).unwrap();
    let seller = roster.sellers().find(|seller| seller.account == account).unwrap();
    let held = seller.portfolio(&World::live()).await.unwrap();
    held.into_iter().map(|one| one.name.to_string()).collect()
}
