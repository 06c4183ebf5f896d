//! The adapter, a double for it to ask, and shorthands.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use doubles::instantly::API_KEY;
use model::clock::HandClock;
use model::domain::{DomainName, MailProvider};
use model::world::World;
use providers::all::instantly::{Instantly, Knobs};
use providers::call::Call;
use providers::cast::Cast;
use providers::egress::Egress;
use providers::roles::{Access, MailLogin, MailServer, Part, Reachable, Sequencer as _, SequencerLogin};
use providers::trouble::Trouble;
use providers::vendor::{Auth, Exchange, Keyed, Recorder, VendorSettings};

use crate::sequencing::{self, Door};
use crate::support::start;

/// What opens the mailboxes of these tests.
pub(crate) const PASSWORD: &str = "opens-the-mailbox-4711";
/// What opens those of the suite.
const SUITES_PASSWORD: &str = "not a secret";

pub(crate) struct Stage {
    pub(crate) double: Arc<doubles::instantly::Instantly>,
    pub(crate) adapter: Arc<Instantly>,
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
        Self::set(Knobs::default()).await
    }

    /// Where the operator has set something. The clock is moved by hand, and nothing is asked too often.
    pub(crate) async fn set(knobs: Knobs) -> Self {
        Self::with(knobs, |settings| VendorSettings { paces: vec![], ..settings }).await
    }

    /// A workspace with the limits that every workspace has. Nobody waits for a turn: that would be real time.
    pub(crate) async fn usual() -> Self {
        Self::with(Knobs::default(), |settings| VendorSettings { patience: Duration::ZERO, ..settings }).await
    }

    async fn with(knobs: Knobs, change: impl FnOnce(VendorSettings) -> VendorSettings) -> Self {
        let double = Arc::new(doubles::instantly::Instantly::new(start().seconds()).await);
        let seen = Arc::new(Seen::default());
        let settings = Instantly::settings("main", format!("{}/api/v2", double.server.base()));
        let settings = change(VendorSettings { recorder: Some(seen.clone()), ..settings });
        let clock = HandClock::at(start());
        let keyed = Keyed::new(settings, Auth::Bearer, Egress::new(false).unwrap(), clock.clone()).unwrap();
        Self { double, adapter: Arc::new(Instantly::new(keyed, knobs)), clock, seen }
    }

    /// A cast in which Instantly sends from the sandbox's mailboxes.
    pub(crate) fn cast(&self, cast: &Cast) -> Cast {
        let double = self.double.clone();
        let open: Door = Arc::new(move |email| double.open_mailbox(email, SUITES_PASSWORD));
        sequencing::cast(cast, self.adapter.clone(), API_KEY, &open)
    }

    /// An inbox that a password opens.
    pub(crate) fn inbox(&self, email: &str) -> Reachable {
        self.double.open_mailbox(email, PASSWORD);
        shut_inbox(email)
    }

    pub(crate) async fn link(&self, inboxes: &[Reachable]) -> Part<(String, String)> {
        self.adapter.ensure_linked(&call(), &login(), inboxes).await
    }

    /// Links one inbox, which has to work, and says which account it is.
    pub(crate) async fn linked(&self, inbox: &Reachable) -> String {
        let part = self.link(std::slice::from_ref(inbox)).await;
        assert_eq!(part.trouble, None);
        part.done[0].1.clone()
    }

    pub(crate) async fn unlink(&self, emails: &[&str]) -> Result<(), Trouble> {
        let emails: Vec<_> = emails.iter().map(|email| (*email).to_owned()).collect();
        self.adapter.ensure_unlinked(&call(), &login(), &emails).await
    }
}

/// An inbox whose mailbox may not be there.
pub(crate) fn shut_inbox(email: &str) -> Reachable {
    let server = |host: &str, port| MailServer { host: host.into(), port };
    let login = MailLogin {
        user_name: email.into(),
        password: PASSWORD.into(),
        smtp: server("smtp.example.net", 587),
        imap: server("imap.example.net", 993),
    };
    Reachable {
        email: email.into(),
        first_name: "Jane".into(),
        last_name: "Doe".into(),
        provider: MailProvider::Google,
        access: Some(Access::Password(login)),
    }
}

pub(crate) fn login() -> SequencerLogin {
    let (email, password) = (Some("you@yourcompany.example".into()), Some("not a secret".into()));
    SequencerLogin { client_id: None, email, password, api_key: Some(API_KEY.into()) }
}

pub(crate) fn call() -> Call {
    Call {
        world: World::stored("live"),
        now: start(),
        reference: "run_acme.com/link_sequencer".into(),
        nudges: 0,
        subject: DomainName::stored("acme.com"),
        registrant: None,
        asked_at: None,
        customer: None,
        by_hand: None,
    }
}
