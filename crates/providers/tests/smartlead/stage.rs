//! The adapter, a double for it to ask, a judge of both, and shorthands.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use doubles::smartlead::{API_KEY, LOGIN_EMAIL, LOGIN_PASSWORD};
use model::clock::{Clock as _, HandClock, Time};
use model::domain::{DomainName, MailProvider};
use model::world::World;
use providers::all::smartlead::{Knobs, Plan, Smartlead, by_key};
use providers::call::Call;
use providers::cast::Cast;
use providers::egress::Egress;
use providers::roles::{Access, MailLogin, MailServer, OauthGrant, Part, Reachable, Sequencer as _, SequencerLogin};
use providers::trouble::Trouble;
use providers::vendor::{Keyed, VendorSettings};

use crate::judge::{Description, Heard};
use crate::sequencing::{self, Door};
use crate::support::start;

/// What opens the mailboxes of these tests.
pub(crate) const PASSWORD: &str = "opens-the-mailbox-4711";
/// What opens those of the suite.
const SUITES_PASSWORD: &str = "not a secret";
/// What consent came to.
pub(crate) const REFRESH: &str = "1//refresh-0815";

/// When it is over, everything that was said on it is held against what is known of the vendor.
pub(crate) struct Stage {
    pub(crate) double: Arc<doubles::smartlead::Smartlead>,
    pub(crate) adapter: Arc<Smartlead>,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) heard: Arc<Heard>,
    is_spoilt: bool,
}

impl Stage {
    /// Keys without limits: the clock is moved by hand.
    pub(crate) async fn new() -> Self {
        Self::set(Knobs::default()).await
    }

    /// The same, where the operator has set something.
    pub(crate) async fn set(knobs: Knobs) -> Self {
        let stage = Self::with(knobs, |settings| VendorSettings { paces: vec![], ..settings }).await;
        stage.double.raise_limits();
        stage
    }

    /// Keys with the limits of the standard plan. Nobody waits for a turn: that would be real time.
    pub(crate) async fn usual() -> Self {
        Self::with(Knobs::default(), |settings| VendorSettings { patience: Duration::ZERO, ..settings }).await
    }

    /// Keys with limits that the adapter does not know.
    pub(crate) async fn hasty() -> Self {
        Self::with(Knobs::default(), |settings| VendorSettings { paces: vec![], ..settings }).await
    }

    async fn with(knobs: Knobs, change: impl FnOnce(VendorSettings) -> VendorSettings) -> Self {
        let double = Arc::new(doubles::smartlead::Smartlead::new(start().seconds()).await);
        let heard = Arc::new(Heard::default());
        let settings = Smartlead::settings("main", format!("{}/api", double.server.base()), Plan::Standard);
        let settings = change(VendorSettings { recorder: Some(heard.clone()), ..settings });
        let clock = HandClock::at(start());
        let keyed = Keyed::new(settings, by_key, Egress::new(false).unwrap(), clock.clone()).unwrap();
        Self { double, adapter: Arc::new(Smartlead::new(keyed, knobs)), clock, heard, is_spoilt: false }
    }

    /// Answers on it are spoilt on their way, or are plain words: only what is sent is judged.
    pub(crate) fn spoilt(mut self) -> Self {
        self.is_spoilt = true;
        self
    }

    /// A cast in which Smartlead sends from the sandbox's mailboxes.
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
        self.adapter.ensure_linked(&call(), &login(None), inboxes).await
    }

    /// Links one inbox, which has to work, and says which account it is.
    pub(crate) async fn linked(&self, inbox: &Reachable) -> String {
        let part = self.link(std::slice::from_ref(inbox)).await;
        assert_eq!(part.trouble, None);
        part.done[0].1.clone()
    }

    pub(crate) async fn unlink(&self, emails: &[&str]) -> Result<(), Trouble> {
        let emails: Vec<_> = emails.iter().map(|email| (*email).to_owned()).collect();
        self.adapter.ensure_unlinked(&call(), &login(None), &emails).await
    }

    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }

    pub(crate) fn reach(&self, time: Time) {
        self.clock.set(time);
        self.double.reach(time.seconds());
    }

    /// How often something was asked.
    pub(crate) fn asked(&self, method: &str, ending: &str) -> usize {
        let is_it = |asked: &&doubles::Asked| asked.method == method && asked.path.ends_with(ending);
        self.double.server.asked().iter().filter(is_it).count()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.heard.judge(&DESCRIPTION, !self.is_spoilt);
        }
    }
}

/// What is known of the interface, put together by us: the vendor's own description leaves out much of it.
pub(crate) static DESCRIPTION: LazyLock<Description> =
    LazyLock::new(|| Description::new(include_str!("description.json"), "/api"));

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

/// The same inbox, by consent.
pub(crate) fn by_consent(inbox: Reachable, provider: MailProvider) -> Reachable {
    let grant = OauthGrant {
        client_id: "4711.apps.example".into(),
        refresh_token: REFRESH.into(),
        access_token: "ya29.access-0815".into(),
        expires_at: start(),
        scope: "https://mail.google.com/".into(),
    };
    Reachable { provider, access: Some(Access::Oauth(grant)), ..inbox }
}

pub(crate) fn login(client_id: Option<i64>) -> SequencerLogin {
    SequencerLogin {
        client_id,
        email: Some(LOGIN_EMAIL.into()),
        password: Some(LOGIN_PASSWORD.into()),
        api_key: Some(API_KEY.into()),
    }
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
