//! Nothing that is secret of a tenant is in the log. Alone in its process: which lines are written is remembered for all threads
//! together.

use std::io;
use std::sync::{Arc, Mutex};

use doubles::google::{ADMIN, KEY};
use doubles::graph::{CLIENT, SECRET, SKU_NAME, TENANT};
use doubles::{Asked, consent, google, graph};
use model::clock::{Clock as _, HandClock, Time};
use model::domain::DomainName;
use model::id::{Id as _, UserId};
use model::world::World;
use providers::all::google::Google;
use providers::all::microsoft::Microsoft;
use providers::call::Call;
use providers::egress::Egress;
use providers::roles::{ConsentAsk, ConsentCode, Consented, MailHost, MailboxSpec};
use providers::vendor::{Vendor, VendorSettings};
use tracing_subscriber::fmt::MakeWriter;

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

fn call() -> Call {
    Call {
        world: World::stored("live"),
        now: Time::parse("2026-05-08T12:00:00Z").expect("a time"),
        reference: "run_1/create_inboxes".into(),
        nudges: 0,
        subject: DomainName::stored("acme.com"),
        registrant: None,
        asked_at: None,
        customer: Some(UserId::opaque("usr_1")),
        by_hand: None,
    }
}

/// Has a mailbox made, however often a host has to be asked.
async fn made(host: &dyn MailHost, see: impl Fn(Vec<String>)) {
    let records = host.ensure_domain(&call()).await.expect("records");
    see(records.into_iter().flat_map(|set| set.values).collect());
    for _ in 0..12 {
        let _ = host.ensure_verified(&call()).await;
    }
    let (first_name, last_name) = ("Jane".into(), "Doe".into());
    let spec = MailboxSpec { email: "jane@acme.com".into(), first_name, last_name, picture: Some(vec![1]) };
    for _ in 0..12 {
        host.ensure_mailboxes(&call(), std::slice::from_ref(&spec)).await;
    }
}

/// Takes the tokens away, and then what they are asked for with.
async fn closed(host: &dyn MailHost, revoke: impl Fn(), refuse: impl Fn()) {
    for take in [&revoke as &dyn Fn(), &refuse, &revoke] {
        take();
        let told = host.ensure_no_domain(&call()).await;
        tracing::info!(?told, "told");
    }
    let told = host.ensure_no_domain(&call()).await.expect_err("nobody lets it in");
    tracing::info!(?told, "told");
}

/// Has an owner consent, and what they gave exchanged, renewed, and exchanged in vain.
async fn consented(host: &dyn MailHost) {
    let back = "https://mail.example.com/consent/callback";
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let ask = ConsentAsk { email: "jane@acme.com", redirect_uri: back, state: "s", challenge };
    let page = host.consent_page(&ask).expect("a page");
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a browser");
    let answer = browser.get(page).send().await.expect("an answer");
    let sent = url::Url::parse(answer.headers()["location"].to_str().expect("an address")).expect("an address");
    let code = sent.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into();
    let code = ConsentCode { email: "jane@acme.com".into(), redirect_uri: back.into(), code: code.into(), verifier };
    tracing::info!(?code, "code");
    let consented = host.consented(&call(), &code).await.expect("a grant");
    tracing::info!(?consented, "told");
    let Consented::Granted(grant) = consented else { panic!("it is not granted") };
    let renewed = host.renewed(&call(), &grant).await;
    let again = host.consented(&call(), &code).await;
    tracing::info!(?renewed, ?again, "told");
}

fn client(settings: VendorSettings) -> Result<Arc<Vendor>, String> {
    let vendor = Vendor::new(settings, Egress::new(false).expect("a client"), HandClock::at(call().now));
    vendor.map(Arc::new).map_err(|fault| fault.to_string())
}

async fn google(clock: &Arc<HandClock>) -> Vec<Asked> {
    let double = google::Google::new(clock.now().seconds()).await;
    let fields = providers::all::google::Fields {
        key: double.key_file().into(),
        admin: ADMIN.into(),
        oauth_client_id: consent::CLIENT.into(),
        oauth_client_secret: consent::SECRET.into(),
        ..providers::all::google::Fields::default()
    };
    tracing::info!(?fields, "fields");
    let host = Google::open("main", Some(&double.server.base()), &fields, clock.clone(), client).expect("a tenant");
    double.redirects_to("https://mail.example.com/consent/callback");
    consented(&host).await;
    double.say_no("POST", "/users", 400, "invalid", "Invalid Password");
    made(&host, |texts| double.see("acme.com", texts)).await;
    closed(&host, || double.revoke_tokens(), || double.suspend_admin(ADMIN)).await;
    double.server.asked()
}

async fn microsoft(clock: &Arc<HandClock>) -> Vec<Asked> {
    let double = graph::Graph::new(clock.now().seconds()).await;
    let fields = providers::all::microsoft::Fields {
        tenant: TENANT.into(),
        client: CLIENT.into(),
        secret: SECRET.into(),
        usage_location: "US".into(),
        licence: SKU_NAME.into(),
        exchange: "automatic".into(),
        oauth_client_id: consent::CLIENT.into(),
        oauth_client_secret: consent::SECRET.into(),
        ..Default::default()
    };
    tracing::info!(?fields, "fields");
    let base = double.server.base();
    let host = Microsoft::open("main", Some(&base), &fields, clock.clone(), client).expect("a tenant");
    double.redirects_to("https://mail.example.com/consent/callback");
    consented(&host).await;
    double.say_no("POST", "/users", 400, "Request_BadRequest", "The specified password does not comply");
    made(&host, |texts| double.see("acme.com", texts)).await;
    host.ensure_signed(&call(), &[]).await.expect("two names");
    closed(&host, || double.revoke_tokens(), || double.expire()).await;
    double.server.asked()
}

/// What must be shown nowhere of what was asked, beside what the accounts themselves have.
fn secrets(asked: &[Asked]) -> Vec<String> {
    let text = |one: &Asked, path: &str| one.body.pointer(path).and_then(|value| value.as_str()).map(str::to_owned);
    let bodies = [
        "/assertion",
        "/password",
        "/passwordProfile/password",
        "/code",
        "/code_verifier",
        "/refresh_token",
        "/client_secret",
    ];
    let sent = asked.iter().flat_map(|one| bodies.iter().filter_map(move |path| text(one, path)));
    let tokens = asked.iter().filter_map(|one| one.header("authorization")).map(|one| one.replace("Bearer ", ""));
    sent.chain(tokens).collect()
}

#[tokio::test]
async fn keys_tokens_and_passwords_are_not_in_the_log() {
    let written = Written::default();
    let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    tracing::subscriber::set_global_default(lines.with_writer(written.clone()).finish()).expect("the first");
    let clock = HandClock::at(call().now);
    let asked = [google(&clock).await, microsoft(&clock).await].concat();
    let text = String::from_utf8(written.0.lock().expect("whole").clone()).expect("text");
    for word in
        ["look_at_domain", "get_token", "Invalid Password", "a vendor said no", "has run out", "is not suspended"]
    {
        assert!(text.contains(word), "{word}");
    }
    let key = KEY.lines().filter(|line| !line.starts_with("---")).map(str::to_owned);
    let secrets: Vec<_> = secrets(&asked).into_iter().chain(key).chain([SECRET.to_owned()]).collect();
    assert!(secrets.len() > 60, "the search has something to look for");
    for secret in secrets {
        assert!(!text.contains(&secret), "{secret}");
    }
}
