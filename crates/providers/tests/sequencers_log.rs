//! What is planted in a sequencer's calls and answers is not found in the log, in what is recorded, nor in what is told. Alone in
//! its process: which lines are written is remembered for all threads together.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::io;
use std::sync::{Arc, Mutex};

use doubles::Fault;
use doubles::smartlead::No;
use model::clock::{HandClock, Time};
use model::domain::{DomainName, MailProvider};
use model::world::World;
use providers::all::{instantly, smartlead};
use providers::call::Call;
use providers::egress::Egress;
use providers::roles::{Access, MailLogin, MailServer, OauthGrant, Reachable, Sequencer, SequencerLogin};
use providers::vendor::{Auth, Exchange, Keyed, Recorder, VendorSettings};
use tracing_subscriber::fmt::MakeWriter;

const PASSWORD: &str = "planted-mailbox-4711";
const REFRESH: &str = "planted-refresh-4711";
const ACCESS: &str = "planted-access-4711";
/// What the double shows of an account that somebody else has made.
const SHOWN: &str = "kept-in-clear";
/// None of these may be seen anywhere.
const PLANTED: [&str; 9] = [
    PASSWORD,
    REFRESH,
    ACCESS,
    SHOWN,
    doubles::smartlead::API_KEY,
    doubles::smartlead::LOGIN_PASSWORD,
    doubles::smartlead::JWT,
    doubles::instantly::API_KEY,
    "planted-wrong-4711",
];

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("whole").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Written {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[derive(Default)]
struct Seen(Mutex<Vec<Exchange>>);

impl Recorder for Seen {
    fn record(&self, exchange: Exchange) {
        self.0.lock().unwrap().push(exchange);
    }
}

fn call() -> Call {
    Call {
        world: World::stored("live"),
        now: Time(0),
        reference: "run_acme.com/link_sequencer".into(),
        nudges: 0,
        subject: DomainName::stored("acme.com"),
        registrant: None,
        asked_at: None,
        customer: None,
        by_hand: None,
    }
}

fn inbox(email: &str, access: Access) -> Reachable {
    let (first_name, last_name) = ("Jane".into(), "Doe".into());
    Reachable { email: email.into(), first_name, last_name, provider: MailProvider::Google, access: Some(access) }
}

fn by_password(password: &str) -> Access {
    let server = |port| MailServer { host: "mail.example.net".into(), port };
    let (smtp, imap) = (server(587), server(993));
    Access::Password(MailLogin { user_name: "jane".into(), password: password.into(), smtp, imap })
}

fn by_consent() -> Access {
    Access::Oauth(OauthGrant {
        client_id: "4711.apps.example".into(),
        refresh_token: REFRESH.into(),
        access_token: ACCESS.into(),
        expires_at: Time(0),
        scope: "https://mail.google.com/".into(),
    })
}

/// Everything that a sequencer is ever asked, with logins that work and logins that do not; answers what was told.
async fn asked(sequencer: &dyn Sequencer, key: &'static str) -> String {
    let login = |password: &str| SequencerLogin {
        client_id: Some(7),
        email: doubles::smartlead::LOGIN_EMAIL.to_owned().into(),
        password: Some(password.into()),
        api_key: Some(key.into()),
    };
    let good = login(doubles::smartlead::LOGIN_PASSWORD);
    let inboxes = [
        inbox("good@acme.com", by_password(PASSWORD)),
        inbox("shut@acme.com", by_password("planted-wrong-4711")),
        inbox("theirs@acme.com", by_password(PASSWORD)),
        inbox("consent@acme.com", by_consent()),
    ];
    let emails: Vec<_> = inboxes.iter().map(|inbox| inbox.email.clone()).collect();
    let mut told = format!("{inboxes:?}");
    for one in &inboxes {
        told += &format!("{:?}", sequencer.ensure_linked(&call(), &good, std::slice::from_ref(one)).await);
    }
    // Nobody knows a password here that the vendor might repeat: it is the log that is looked at.
    told += &format!("{:?}", sequencer.links(&call(), &good, &emails).await);
    told += &format!("{:?}", sequencer.key_for(&call(), &good).await);
    told += &format!("{:?}", sequencer.key_for(&call(), &login("planted-wrong-4711")).await);
    told + &format!("{:?}{good:?}", sequencer.ensure_unlinked(&call(), &good, &emails).await)
}

fn keyed<K: Default>(settings: VendorSettings, auth: fn(secrecy::SecretString) -> Auth, seen: &Arc<Seen>) -> Keyed<K> {
    let settings = VendorSettings { recorder: Some(seen.clone()), paces: vec![], ..settings };
    Keyed::new(settings, auth, Egress::new(false).unwrap(), HandClock::at(Time(0))).unwrap()
}

async fn smartleads(seen: &Arc<Seen>, shape: No, fault: Option<Fault>) -> String {
    let double = doubles::smartlead::Smartlead::new(0).await;
    double.raise_limits();
    double.say_no_as(shape);
    double.open_mailbox("good@acme.com", PASSWORD);
    double.open_mailbox("consent@acme.com", REFRESH);
    let theirs = double.add(doubles::smartlead::API_KEY, "theirs@acme.com", None);
    double.alter(theirs, |account| account.is_suspended = true);
    double.server.fail_always(fault);
    let settings =
        smartlead::Smartlead::settings("main", format!("{}/api", double.server.base()), smartlead::Plan::Standard);
    let keyed = keyed(settings, smartlead::by_key, seen);
    let shown = format!("{keyed:?}");
    let adapter = smartlead::Smartlead::new(keyed, smartlead::Knobs::default());
    shown + &asked(&adapter, doubles::smartlead::API_KEY).await
}

async fn instantlys(seen: &Arc<Seen>, fault: Option<Fault>) -> String {
    let double = doubles::instantly::Instantly::new(0).await;
    double.open_mailbox("good@acme.com", PASSWORD);
    double.server.fail_always(fault);
    let settings = instantly::Instantly::settings("main", format!("{}/api/v2", double.server.base()));
    let adapter = instantly::Instantly::new(keyed(settings, Auth::Bearer, seen), instantly::Knobs::default());
    asked(&adapter, doubles::instantly::API_KEY).await
}

#[tokio::test(start_paused = true)]
async fn nothing_that_is_secret_is_logged_recorded_or_told() {
    let written = Written::default();
    let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    tracing::subscriber::set_global_default(lines.with_writer(written.clone()).finish()).unwrap();
    let (seen, mut told) = (Arc::new(Seen::default()), String::new());
    let faults = [None, Some(Fault::HalfAnAnswer), Some(Fault::PageInstead), Some(Fault::TooMany(None))];
    for fault in faults {
        for shape in No::ALL {
            told += &smartleads(&seen, shape, fault).await;
        }
        told += &instantlys(&seen, fault).await;
    }
    let log = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    let seen = format!("{:?}", seen.0.lock().unwrap());
    for word in ["a vendor said no", "535 5.7.8 jane / [redacted] not accepted", "cannot log into an inbox"] {
        assert!(log.contains(word), "{word}");
    }
    assert!(seen.contains("[redacted]") && seen.contains("imap_password"), "what is hidden was there");
    for planted in PLANTED {
        let escaped: String = url::form_urlencoded::byte_serialize(planted.as_bytes()).collect();
        for secret in [planted, &escaped] {
            for (where_, text) in [("the log", &log), ("what is recorded", &seen), ("what is told", &told)] {
                assert!(!text.contains(secret), "{secret} in {where_}");
            }
        }
    }
}
