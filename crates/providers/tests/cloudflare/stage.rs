//! The adapter, a double for it to ask, and shorthands.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use doubles::cloudflare::{ACCOUNT, TOKEN};
use model::clock::{HandClock, Time};
use model::dns::{RrSet, RrType};
use model::domain::{DomainName, NameAnswer};
use model::money::Cents;
use model::world::World;
use providers::all::cloudflare::Cloudflare;
use providers::call::Call;
use providers::cast::{Cast, Player};
use providers::egress::Egress;
use providers::roles::{Bought, DnsHost, Fetched, Holding, Observer, Purpose, Redirector, Registrar};
use providers::trouble::Trouble;
use providers::vendor::{Exchange, Recorder, Vendor, VendorSettings};

use crate::support::{Sandbox, start};

pub(crate) struct Stage {
    pub(crate) double: Arc<doubles::cloudflare::Cloudflare>,
    pub(crate) adapter: Arc<Cloudflare>,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) seen: Arc<Seen>,
}

/// Every exchange, for a judge to look at.
#[derive(Default)]
pub(crate) struct Seen(Mutex<Vec<Exchange>>);

impl Recorder for Seen {
    fn record(&self, exchange: Exchange) {
        self.0.lock().unwrap().push(exchange);
    }
}

impl Seen {
    pub(crate) fn all(&self) -> Vec<Exchange> {
        self.0.lock().unwrap().clone()
    }
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let double = Arc::new(doubles::cloudflare::Cloudflare::new(start().seconds()).await);
        let seen = Arc::new(Seen::default());
        let (adapter, clock) = adapter(&double.server.base(), TOKEN, Some(seen.clone()));
        Self { double, adapter: Arc::new(adapter), clock, seen }
    }

    /// A cast in which Cloudflare sells, hosts and redirects, and somebody looks at what its name servers serve. The
    /// vendor's clock follows that of whoever asks, since it renews by its own.
    pub(crate) async fn cast(&self) -> (Cast, Sandbox) {
        let sandbox = Sandbox::new().await;
        let following = Following { double: self.double.clone(), adapter: self.adapter.clone() };
        let registrar = Player::<dyn Registrar>::new("main", Arc::new(following));
        (Cast { registrar, ..self.hosting(&sandbox.cast) }, sandbox)
    }

    /// The same, with names from somewhere else.
    pub(crate) fn hosting(&self, cast: &Cast) -> Cast {
        let dns = Player::<dyn DnsHost>::new("main", self.adapter.clone());
        let redirector = Player::<dyn Redirector>::new("main", self.adapter.clone());
        let observer = Player::<dyn Observer>::new("main", Arc::new(Eyes(self.double.clone())));
        Cast { dns, redirector, observer, ..cast.clone() }
    }

    /// How often a name was bought, and renewed.
    pub(crate) fn paid(&self, name: &str) -> (usize, usize) {
        let ledger = self.double.ledger();
        let of = |what: &str| ledger.iter().filter(|entry| entry.what == what && entry.name == name).count();
        (of("registered"), of("renewed"))
    }

    /// How often something was asked.
    pub(crate) fn asked(&self, method: &str, ending: &str) -> usize {
        let is_it = |asked: &&doubles::Asked| asked.method == method && asked.path.ends_with(ending);
        self.double.server.asked().iter().filter(is_it).count()
    }
}

/// An adapter that asks at this address.
pub(crate) fn adapter(base: &str, token: &str, seen: Option<Arc<Seen>>) -> (Cloudflare, Arc<HandClock>) {
    let clock = HandClock::at(start());
    let recorder = seen.map(|seen| seen as Arc<dyn Recorder>);
    let settings = Cloudflare::settings("main", format!("{base}/client/v4"), token.into());
    let settings = VendorSettings { recorder, ..settings };
    let vendor = Vendor::new(settings, Egress::new(false).unwrap(), clock.clone()).unwrap();
    (Cloudflare::new(Arc::new(vendor), ACCOUNT), clock)
}

pub(crate) fn call(name: &str) -> Call {
    Call {
        world: World::stored("live"),
        now: start(),
        reference: format!("run_{name}/register_name"),
        nudges: 0,
        subject: DomainName::stored(name),
        registrant: None,
        asked_at: None,
        customer: None,
        by_hand: None,
    }
}

pub(crate) fn set(name: &str, rtype: RrType, values: &[&str]) -> RrSet {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    RrSet { name: name.into(), rtype, ttl: 300, values }
}

/// A year after a time that is no leap day.
pub(crate) fn years_later(from: Time, years: i64) -> Time {
    (0..years * 12).fold(from, |time, _| time.next_month(from.day_of_month()))
}

/// Looks at what the double's name servers would say.
struct Eyes(Arc<doubles::cloudflare::Cloudflare>);

#[async_trait]
impl Observer for Eyes {
    async fn dns(&self, _call: &Call, name: &str, rtype: RrType) -> Result<Vec<String>, Trouble> {
        Ok(self.0.served(name, rtype.as_str()))
    }

    async fn is_signed(&self, _: &Call, _: &str) -> Result<bool, Trouble> {
        Ok(false)
    }

    async fn fetch(&self, _call: &Call, _url: &str, _limit: usize) -> Result<Fetched, Trouble> {
        Err(Trouble::Later(None))
    }
}

/// Has the vendor's clock follow the caller's.
struct Following {
    double: Arc<doubles::cloudflare::Cloudflare>,
    adapter: Arc<Cloudflare>,
}

impl Following {
    fn at(&self, call: &Call) -> &Cloudflare {
        self.double.pass_to(call.now.seconds());
        &self.adapter
    }
}

#[async_trait]
impl Registrar for Following {
    async fn check(&self, world: &World, names: &[DomainName], purpose: Purpose) -> Result<Vec<NameAnswer>, Trouble> {
        self.adapter.check(world, names, purpose).await
    }

    async fn ensure_registered(&self, call: &Call, max_cents: Cents) -> Result<Bought, Trouble> {
        self.at(call).ensure_registered(call, max_cents).await
    }

    async fn registered(&self, call: &Call) -> Result<Option<Bought>, Trouble> {
        self.at(call).registered(call).await
    }

    async fn ensure_renewed(&self, call: &Call, beyond: Time, max_cents: Cents) -> Result<Bought, Trouble> {
        self.at(call).ensure_renewed(call, beyond, max_cents).await
    }

    async fn expiry(&self, call: &Call) -> Result<Time, Trouble> {
        self.at(call).expiry(call).await
    }

    async fn renewal_price(&self, call: &Call) -> Result<Cents, Trouble> {
        self.at(call).renewal_price(call).await
    }

    async fn ensure_nameservers(&self, call: &Call, nameservers: &[String]) -> Result<(), Trouble> {
        self.at(call).ensure_nameservers(call, nameservers).await
    }

    async fn portfolio(&self, world: &World) -> Result<Vec<Holding>, Trouble> {
        self.adapter.portfolio(world).await
    }
}
