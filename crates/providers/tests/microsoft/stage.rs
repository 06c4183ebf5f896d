//! The adapter, a double for it to ask, and shorthands.

use std::sync::{Arc, Mutex};

use doubles::graph::{CLIENT, Graph, Lag, SECRET, SKU_NAME, TENANT};
use model::clock::{Clock as _, HandClock};
use model::dns::RrSet;
use model::domain::{DomainName, MailProvider};
use model::id::{Id as _, UserId};
use model::world::World;
use providers::all::microsoft::{Fields, Microsoft};
use providers::call::Call;
use providers::cast::Cast;
use providers::egress::Egress;
use providers::roles::{MailHost as _, MailboxSpec};
use providers::vendor::{Exchange, Recorder, Vendor, VendorSettings};

use crate::mail::{Tenant, hosting};
use crate::support::{Sandbox, start};

pub(crate) struct Stage {
    pub(crate) double: Arc<Graph>,
    pub(crate) adapter: Arc<Microsoft>,
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

/// More than any of these has to be tried.
const TRIES: usize = 12;

impl Stage {
    /// A tenant whose application may manage the mail service.
    pub(crate) async fn new() -> Self {
        Self::with("automatic").await
    }

    pub(crate) async fn with(exchange: &str) -> Self {
        Self::said(Fields { exchange: exchange.into(), ..fields() }).await
    }

    pub(crate) async fn said(fields: Fields) -> Self {
        let double = Arc::new(Graph::new(start().seconds()).await);
        let (seen, clock) = (Arc::new(Seen::default()), HandClock::at(start()));
        let adapter = Arc::new(recorded(&double.server.base(), &fields, &clock, Some(seen.clone())).unwrap());
        Self { double, adapter, clock, seen }
    }

    /// One whose vendor is never late.
    pub(crate) async fn prompt() -> Self {
        let stage = Self::new().await;
        stage.double.be_late(Lag { mailbox: 0, records: 0, users: 0 });
        stage
    }

    /// A cast in which this tenant hosts mailboxes.
    pub(crate) async fn cast(&self) -> (Cast, Sandbox) {
        let sandbox = Sandbox::new().await;
        let cast = hosting(&sandbox.cast, MailProvider::Microsoft, self.adapter.clone(), self.double.clone());
        (cast, sandbox)
    }

    /// Has a domain opened and verified.
    pub(crate) async fn opened(&self, name: &str) -> Call {
        let call = call(name);
        let records = self.adapter.ensure_domain(&call).await.unwrap();
        self.publish(&records);
        for _ in 0..TRIES {
            if self.adapter.ensure_verified(&call).await.is_ok() {
                return call;
            }
        }
        panic!("{name} is not verified in {TRIES} tries")
    }

    /// Has the double find these records.
    pub(crate) fn publish(&self, records: &[RrSet]) {
        for set in records {
            self.double.see(&set.name, set.values.clone());
        }
    }

    /// Tries until these mailboxes are there.
    pub(crate) async fn filled(&self, call: &Call, wanted: &[MailboxSpec]) {
        let mut trouble = None;
        for _ in 0..TRIES {
            trouble = self.adapter.ensure_mailboxes(call, wanted).await.trouble;
            if trouble.is_none() {
                return;
            }
        }
        panic!("not there in {TRIES} tries: {trouble:?}")
    }

    /// What the clock shows, in seconds since the epoch.
    pub(crate) fn clock_seconds(&self) -> i64 {
        self.clock.now().seconds()
    }

    /// How often something was asked.
    pub(crate) fn asked(&self, method: &str, ending: &str) -> usize {
        let is_it = |asked: &&doubles::Asked| asked.method == method && asked.path.ends_with(ending);
        self.double.server.asked().iter().filter(is_it).count()
    }
}

impl Tenant for Graph {
    fn see(&self, name: &str, texts: Vec<String>) {
        self.see(name, texts);
    }

    fn has_mailbox(&self, email: &str) -> bool {
        self.has_mailbox(email)
    }
}

pub(crate) fn fields() -> Fields {
    Fields {
        tenant: TENANT.into(),
        client: CLIENT.into(),
        secret: SECRET.into(),
        usage_location: "US".into(),
        licence: SKU_NAME.into(),
        exchange: "automatic".into(),
        ..Fields::default()
    }
}

/// An adapter that asks at this address.
pub(crate) fn adapter(base: &str, fields: &Fields, clock: &Arc<HandClock>) -> Result<Microsoft, String> {
    recorded(base, fields, clock, None)
}

fn recorded(
    base: &str,
    fields: &Fields,
    clock: &Arc<HandClock>,
    recorder: Option<Arc<Seen>>,
) -> Result<Microsoft, String> {
    let recorder = recorder.map(|seen| seen as Arc<dyn Recorder>);
    let client = |settings: VendorSettings| {
        let settings = VendorSettings { recorder: recorder.clone(), ..settings };
        let vendor = Vendor::new(settings, Egress::new(false).unwrap(), clock.clone());
        vendor.map(Arc::new).map_err(|fault| fault.to_string())
    };
    Microsoft::open("main", Some(base), fields, clock.clone(), client)
}

pub(crate) fn call(name: &str) -> Call {
    Call {
        world: World::stored("live"),
        now: start(),
        reference: format!("run_{name}/create_inboxes"),
        nudges: 0,
        subject: DomainName::stored(name),
        registrant: None,
        asked_at: None,
        customer: Some(UserId::opaque("usr_1")),
        by_hand: None,
    }
}

pub(crate) fn spec(email: &str) -> MailboxSpec {
    MailboxSpec { email: email.into(), first_name: "Jane".into(), last_name: "Doe".into(), picture: None }
}
