//! The adapter, a double for it to ask, and shorthands.

use std::sync::{Arc, Mutex};

use doubles::google::{ADMIN, Lag};
use model::clock::{Clock as _, HandClock};
use model::domain::{DomainName, MailProvider};
use model::id::{Id as _, UserId};
use model::world::World;
use providers::all::google::{Fields, Google};
use providers::call::Call;
use providers::cast::Cast;
use providers::egress::Egress;
use providers::roles::{MailHost as _, MailboxSpec};
use providers::vendor::{Exchange, Recorder, Vendor, VendorSettings};

use crate::mail::{Tenant, hosting};
use crate::support::{Sandbox, start};

pub(crate) struct Stage {
    pub(crate) double: Arc<doubles::google::Google>,
    pub(crate) adapter: Arc<Google>,
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

/// A tenant's double whose licences are given by hand.
pub(crate) const LICENCE: &str = "Google-Apps/1010020027";

/// More than any of these has to be tried.
const TRIES: usize = 12;

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with("").await
    }

    /// A tenant with this way to license.
    pub(crate) async fn with(licence: &str) -> Self {
        let double = Arc::new(doubles::google::Google::new(start().seconds()).await);
        let (seen, clock) = (Arc::new(Seen::default()), HandClock::at(start()));
        let fields = Fields { licence: licence.into(), ..fields(&double) };
        let adapter = adapter(&double, &fields, &clock, Some(seen.clone())).unwrap();
        Self { double, adapter: Arc::new(adapter), clock, seen }
    }

    /// One whose vendor is never late.
    pub(crate) async fn prompt() -> Self {
        let stage = Self::new().await;
        stage.double.be_late(Lag { mailbox: 0, verified: 0, users: 0 });
        stage
    }

    /// A cast in which this tenant hosts mailboxes.
    pub(crate) async fn cast(&self) -> (Cast, Sandbox) {
        let sandbox = Sandbox::new().await;
        let cast = hosting(&sandbox.cast, MailProvider::Google, self.adapter.clone(), self.double.clone());
        (cast, sandbox)
    }

    /// Has a domain opened and verified, by a vendor that is not late with it.
    pub(crate) async fn opened(&self, name: &str) -> Call {
        let call = call(name);
        let records = self.adapter.ensure_domain(&call).await.unwrap();
        let texts = records.into_iter().flat_map(|set| set.values).collect();
        self.double.see(name, texts);
        for _ in 0..TRIES {
            if self.adapter.ensure_verified(&call).await.is_ok() {
                return call;
            }
        }
        panic!("{name} is not verified in {TRIES} tries")
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

impl Tenant for doubles::google::Google {
    fn see(&self, name: &str, texts: Vec<String>) {
        self.see(name, texts);
    }

    fn has_mailbox(&self, email: &str) -> bool {
        self.has_mailbox(email)
    }
}

pub(crate) fn fields(double: &doubles::google::Google) -> Fields {
    Fields { key: double.key_file().into(), admin: ADMIN.into(), ..Fields::default() }
}

pub(crate) fn adapter(
    double: &doubles::google::Google,
    fields: &Fields,
    clock: &Arc<HandClock>,
    seen: Option<Arc<Seen>>,
) -> Result<Google, String> {
    adapter_at(&double.server.base(), fields, clock, seen)
}

/// An adapter that asks at this address.
pub(crate) fn adapter_at(
    base: &str,
    fields: &Fields,
    clock: &Arc<HandClock>,
    seen: Option<Arc<Seen>>,
) -> Result<Google, String> {
    let recorder = seen.map(|seen| seen as Arc<dyn Recorder>);
    let client = |settings: VendorSettings| {
        let settings = VendorSettings { recorder: recorder.clone(), ..settings };
        let vendor = Vendor::new(settings, Egress::new(false).unwrap(), clock.clone());
        vendor.map(Arc::new).map_err(|fault| fault.to_string())
    };
    Google::open("main", Some(base), fields, clock.clone(), client)
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
