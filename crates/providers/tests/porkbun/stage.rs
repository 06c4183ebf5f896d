//! The adapter, a double for it to ask, a judge of both, and shorthands.

use std::sync::{Arc, OnceLock};

use doubles::porkbun::{API_KEY, SECRET_KEY};
use model::clock::{HandClock, Time};
use model::domain::DomainName;
use model::world::World;
use providers::all::porkbun::Porkbun;
use providers::call::Call;
use providers::cast::{Cast, Player};
use providers::egress::Egress;
use providers::roles::Registrar;
use providers::vendor::{Vendor, VendorSettings};
use serde_json::json;

use crate::judge::{Description, Heard};
use crate::support::{Sandbox, start};
use crate::vendor_data;

/// When it is over, everything that was said on it is held against the vendor's description.
pub(crate) struct Stage {
    pub(crate) double: doubles::porkbun::Porkbun,
    pub(crate) adapter: Arc<Porkbun>,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) heard: Arc<Heard>,
    is_spoilt: bool,
}

impl Stage {
    /// An account whose limits have been raised: the clock is moved by hand, and nothing would be asked twice.
    pub(crate) async fn new() -> Self {
        let stage = Self::with(|settings| VendorSettings { paces: vec![], ..settings }).await;
        stage.double.raise_limits();
        stage
    }

    /// An account with the limits that every account has.
    pub(crate) async fn usual() -> Self {
        Self::with(|settings| settings).await
    }

    async fn with(change: impl FnOnce(VendorSettings) -> VendorSettings) -> Self {
        let double = doubles::porkbun::Porkbun::new(start().seconds()).await;
        let heard = Arc::new(Heard::default());
        let settings = VendorSettings { recorder: Some(heard.clone()), ..settings(&double.server.base(), SECRET_KEY) };
        let (adapter, clock) = adapter(change(settings));
        Self { double, adapter: Arc::new(adapter), clock, heard, is_spoilt: false }
    }

    /// Answers on it are spoilt on their way, or are none of those that are described: only what is sent is judged.
    pub(crate) fn spoilt(mut self) -> Self {
        self.is_spoilt = true;
        self
    }

    /// A cast in which Porkbun sells.
    pub(crate) async fn cast(&self) -> (Cast, Sandbox) {
        let sandbox = Sandbox::new().await;
        let registrar = Player::<dyn Registrar>::new("main", self.adapter.clone());
        (Cast { registrar, ..sandbox.cast.clone() }, sandbox)
    }

    /// How often a name was bought, and how many years it was renewed by.
    pub(crate) fn paid(&self, name: &str) -> (usize, i64) {
        let ledger = self.double.ledger();
        let of = |what: &'static str| ledger.iter().filter(move |entry| entry.what == what && entry.name == name);
        (of("registered").count(), of("renewed").map(|entry| entry.years).sum())
    }

    /// So many seconds pass, here and at the vendor.
    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.advance(seconds * model::clock::SECOND);
        self.double.pass(seconds);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !std::thread::panicking()
            && let Some(description) = description()
        {
            self.heard.judge(description, !self.is_spoilt);
        }
    }
}

/// The vendor's own description of its interface, of May 2026. It has credentials in bodies, and the number of a request in
/// its text only.
pub(crate) fn description() -> Option<&'static Description> {
    static DESCRIPTION: OnceLock<Option<Description>> = OnceLock::new();
    let read = || {
        let path = vendor_data::folder()?.join("porkbun/openapi-3.0-2026-05.json");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let description = Description::new(&text, "/api/json/v3");
        Some(description.with(json!({ "apikey": "pk1_", "secretapikey": "sk1_" }), &["requestId"]))
    };
    DESCRIPTION.get_or_init(read).as_ref()
}

pub(crate) fn settings(base: &str, secret: &str) -> VendorSettings {
    Porkbun::settings("main", format!("{base}/api/json/v3"), API_KEY.into(), secret.into(), 10)
}

pub(crate) fn adapter(settings: VendorSettings) -> (Porkbun, Arc<HandClock>) {
    let clock = HandClock::at(start());
    let vendor = Vendor::new(settings, Egress::new(false).unwrap(), clock.clone()).unwrap();
    (Porkbun::new(Arc::new(vendor), clock.clone()), clock)
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
