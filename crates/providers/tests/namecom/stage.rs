//! The adapter, a double for it to ask, a judge of both, and shorthands.

use std::sync::{Arc, OnceLock};

use doubles::namecom::{TOKEN, USERNAME};
use model::clock::{HandClock, Time};
use model::domain::DomainName;
use model::registrant::Registrant;
use model::world::World;
use providers::all::namecom::Namecom;
use providers::call::Call;
use providers::cast::{Cast, Player};
use providers::egress::Egress;
use providers::roles::Registrar;
use providers::vendor::{Vendor, VendorSettings};

use crate::judge::{Description, Heard};
use crate::support::{Sandbox, start};

/// When it is over, everything that was said on it is held against the vendor's description.
pub(crate) struct Stage {
    pub(crate) double: doubles::namecom::Namecom,
    pub(crate) adapter: Arc<Namecom>,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) heard: Arc<Heard>,
    is_spoilt: bool,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let double = doubles::namecom::Namecom::new(start().seconds()).await;
        let heard = Arc::new(Heard::default());
        // The clock is moved by hand, and nothing would be sent twenty requests later.
        let settings = VendorSettings { paces: vec![], ..settings(&double.server.base(), TOKEN) };
        let (adapter, clock) = adapter(VendorSettings { recorder: Some(heard.clone()), ..settings });
        Self { double, adapter: Arc::new(adapter), clock, heard, is_spoilt: false }
    }

    /// One on which answers are spoilt on their way: only what is sent is judged.
    pub(crate) async fn spoilt() -> Self {
        let mut stage = Self::new().await;
        stage.is_spoilt = true;
        stage
    }

    /// A cast in which name.com sells.
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

/// The vendor's own description of its interface; `None`, and a word about it, where it is not installed.
#[expect(clippy::print_stderr, reason = "a skipped judge that says nothing looks like a satisfied one")]
#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not of the product")]
pub(crate) fn description() -> Option<&'static Description> {
    static DESCRIPTION: OnceLock<Option<Description>> = OnceLock::new();
    let read = || {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judges/node_modules");
        let Ok(text) = std::fs::read_to_string(format!("{folder}/namecom-mcp-1.2.1-embedded-spec.js")) else {
            assert!(std::env::var("CI").is_err(), "no description: run crates/providers/tests/judges/install.sh");
            eprintln!("skipped: name.com's description is not installed (crates/providers/tests/judges/install.sh)");
            return None;
        };
        let (_, json) = text.split_once("EMBEDDED_SPEC = ").unwrap();
        Some(Description::new(json.trim_end().trim_end_matches(';'), ""))
    };
    DESCRIPTION.get_or_init(read).as_ref()
}

pub(crate) fn settings(base: &str, token: &str) -> VendorSettings {
    Namecom::settings("main", base, USERNAME, token.into())
}

pub(crate) fn adapter(settings: VendorSettings) -> (Namecom, Arc<HandClock>) {
    let clock = HandClock::at(start());
    let vendor = Vendor::new(settings, Egress::new(false).unwrap(), clock.clone()).unwrap();
    (Namecom::new(Arc::new(vendor)), clock)
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

/// A call for a name that is to be registered for somebody.
pub(crate) fn call_for(name: &str, registrant: Registrant) -> Call {
    Call { registrant: Some(Arc::new(registrant)), ..call(name) }
}

pub(crate) fn registrant() -> Registrant {
    Registrant {
        first_name: "Alex".into(),
        last_name: "Rivera".into(),
        organization: Some("Acme".into()),
        email: "alex@acme.example".into(),
        phone: "+1.2125550100".into(),
        street: "1 Main Street".into(),
        city: "New York".into(),
        state: Some("NY".into()),
        postal_code: "10001".into(),
        country: "US".into(),
    }
}

/// A year after a time that is no leap day.
pub(crate) fn years_later(from: Time, years: i64) -> Time {
    (0..years * 12).fold(from, |time, _| time.next_month(from.day_of_month()))
}
