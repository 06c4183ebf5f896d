//! The adapter, a double for it to ask, and shorthands.

use std::sync::Arc;

use async_trait::async_trait;
use doubles::dnsimple::{ACCOUNT, REGISTRANT, TOKEN};
use model::clock::{HandClock, Time};
use model::dns::RrType;
use model::domain::DomainName;
use model::world::World;
use providers::all::dnsimple::Dnsimple;
use providers::call::Call;
use providers::cast::{Cast, Player};
use providers::egress::Egress;
use providers::roles::{DnsHost, Fetched, Observer, Redirector, Registrar};
use providers::trouble::Trouble;
use providers::vendor::Vendor;

use crate::support::{Sandbox, start};

pub(crate) struct Stage {
    pub(crate) double: Arc<doubles::dnsimple::Dnsimple>,
    pub(crate) adapter: Arc<Dnsimple>,
    pub(crate) clock: Arc<HandClock>,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let double = Arc::new(doubles::dnsimple::Dnsimple::new(start().seconds()).await);
        let (adapter, clock) = adapter(&double.server.base(), TOKEN);
        Self { double, adapter: Arc::new(adapter), clock }
    }

    /// A cast in which DNSimple sells and hosts, and somebody looks at what its name servers serve.
    pub(crate) async fn cast(&self) -> (Cast, Sandbox) {
        let sandbox = Sandbox::new().await;
        let registrar = Player::<dyn Registrar>::new("main", self.adapter.clone());
        let dns = Player::<dyn DnsHost>::new("main", self.adapter.clone());
        let redirector = Player::<dyn Redirector>::new("main", self.adapter.clone());
        let observer = Player::<dyn Observer>::new("main", Arc::new(Eyes(self.double.clone())));
        (Cast { registrar, dns, redirector, observer, ..sandbox.cast.clone() }, sandbox)
    }

    /// How often a name was bought, and how many years it was renewed by.
    pub(crate) fn paid(&self, name: &str) -> (usize, i64) {
        let ledger = self.double.ledger();
        let of = |what: &'static str| ledger.iter().filter(move |entry| entry.what == what && entry.name == name);
        (of("registered").count(), of("renewed").map(|entry| entry.years).sum())
    }
}

/// An adapter that asks at this address.
pub(crate) fn adapter(base: &str, token: &str) -> (Dnsimple, Arc<HandClock>) {
    let clock = HandClock::at(start());
    let settings = Dnsimple::settings("main", format!("{base}/v2"), token.into());
    let vendor = Vendor::new(settings, Egress::new(false).unwrap(), clock.clone()).unwrap();
    (Dnsimple::new(Arc::new(vendor), ACCOUNT, REGISTRANT), clock)
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

/// A year after a time that is no leap day.
pub(crate) fn years_later(from: Time, years: i64) -> Time {
    (0..years * 12).fold(from, |time, _| time.next_month(from.day_of_month()))
}

/// Looks at what the double's name servers would say.
struct Eyes(Arc<doubles::dnsimple::Dnsimple>);

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
