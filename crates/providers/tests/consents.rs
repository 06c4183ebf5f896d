//! Consents of inboxes' owners, at the doubles of the hosts that have them: the same sentences hold at each.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::BTreeMap;
use std::sync::Arc;

use doubles::consent::{CLIENT, Person, SECRET};
use doubles::{Fault, Server, google, graph};
use model::clock::{Clock as _, HandClock, MINUTE, Time};
use model::consent::ConsentStatus;
use model::domain::DomainName;
use model::world::World;
use providers::all::google::Google;
use providers::all::microsoft::Microsoft;
use providers::call::Call;
use providers::egress::Egress;
use providers::roles::{ConsentAsk, ConsentCode, Consented, MailHost, OauthGrant};
use providers::trouble::Trouble;
use providers::vendor::{Vendor, VendorSettings};
use secrecy::ExposeSecret as _;
use url::Url;

const BACK: &str = "https://mail.example.com/consent/callback";
const JANE: &str = "jane@acme.com";
/// A verifier, and its digest, as RFC 7636 prints them (appendix B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

enum Double {
    Google(google::Google),
    Graph(graph::Graph),
}

struct Stage {
    double: Double,
    host: Box<dyn MailHost>,
    clock: Arc<HandClock>,
}

fn client(clock: &Arc<HandClock>, settings: VendorSettings) -> Result<Arc<Vendor>, String> {
    let vendor = Vendor::new(settings, Egress::new(false).unwrap(), clock.clone());
    vendor.map(Arc::new).map_err(|fault| fault.to_string())
}

async fn at_google(client_id: &str, secret: &str) -> Result<Stage, String> {
    let clock = HandClock::at(Time::parse("2026-05-08T12:00:00Z").unwrap());
    let double = google::Google::new(clock.now().seconds()).await;
    double.redirects_to(BACK);
    let fields = providers::all::google::Fields {
        key: double.key_file().into(),
        admin: google::ADMIN.into(),
        oauth_client_id: client_id.into(),
        oauth_client_secret: secret.into(),
        ..Default::default()
    };
    let base = double.server.base();
    let host = Google::open("main", Some(&base), &fields, clock.clone(), |settings| client(&clock, settings))?;
    Ok(Stage { double: Double::Google(double), host: Box::new(host), clock })
}

async fn at_microsoft(client_id: &str, secret: &str) -> Result<Stage, String> {
    let clock = HandClock::at(Time::parse("2026-05-08T12:00:00Z").unwrap());
    let double = graph::Graph::new(clock.now().seconds()).await;
    double.redirects_to(BACK);
    let fields = providers::all::microsoft::Fields {
        tenant: graph::TENANT.into(),
        client: graph::CLIENT.into(),
        secret: graph::SECRET.into(),
        usage_location: "US".into(),
        licence: graph::SKU_NAME.into(),
        oauth_client_id: client_id.into(),
        oauth_client_secret: secret.into(),
        ..Default::default()
    };
    let base = double.server.base();
    let host = Microsoft::open("main", Some(&base), &fields, clock.clone(), |settings| client(&clock, settings))?;
    Ok(Stage { double: Double::Graph(double), host: Box::new(host), clock })
}

async fn stages() -> [Stage; 2] {
    [at_google(CLIENT, SECRET).await.unwrap(), at_microsoft(CLIENT, SECRET).await.unwrap()]
}

fn call() -> Call {
    Call {
        world: World::live(),
        now: Time(0),
        reference: "run_1/link_sequencer".into(),
        nudges: 0,
        subject: DomainName::stored("acme.com"),
        registrant: None,
        asked_at: None,
        customer: None,
        by_hand: None,
    }
}

impl Stage {
    fn server(&self) -> &Server {
        match &self.double {
            Double::Google(double) => &double.server,
            Double::Graph(double) => &double.server,
        }
    }

    fn next_person(&self, person: Person) {
        match &self.double {
            Double::Google(double) => double.next_person(person),
            Double::Graph(double) => double.next_person(person),
        }
    }

    fn opens(&self, grant: &OauthGrant) -> Option<String> {
        let access = grant.access_token.expose_secret();
        match &self.double {
            Double::Google(double) => double.opens(access),
            Double::Graph(double) => double.opens(access),
        }
    }

    fn pass(&self, minutes: i64) {
        self.clock.advance(minutes * MINUTE);
        let now = self.clock.now();
        match &self.double {
            Double::Google(double) => double.pass_to(now.seconds()),
            Double::Graph(double) => double.pass_to(now.seconds()),
        }
    }

    fn revoke(&self) {
        match &self.double {
            Double::Google(double) => double.revoke_consent(JANE),
            Double::Graph(double) => double.revoke_consent(JANE),
        }
    }

    /// The page, and what the person whom it is shown is sent back with.
    async fn visited(&self) -> BTreeMap<String, String> {
        let ask = ConsentAsk { email: JANE, redirect_uri: BACK, state: "inb_1.1.mark", challenge: CHALLENGE };
        let page = self.host.consent_page(&ask).unwrap();
        // Users whose administrator has consented for them may not be asked to do so again.
        assert!(matches!(self.double, Double::Google(_)) || !page.contains("prompt=consent"), "{page}");
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let answer = browser.get(page).send().await.unwrap();
        let location = answer.headers()["location"].to_str().unwrap();
        let back = Url::parse(location).unwrap();
        assert!(location.starts_with(BACK), "{location}");
        back.query_pairs().into_owned().collect()
    }

    async fn code(&self) -> ConsentCode {
        let back = self.visited().await;
        assert_eq!(back["state"], "inb_1.1.mark");
        let code = back["code"].clone().into();
        ConsentCode { email: "Jane@Acme.com".into(), redirect_uri: BACK.into(), code, verifier: VERIFIER.into() }
    }

    async fn granted(&self) -> OauthGrant {
        let code = self.code().await;
        granted(self.host.consented(&call(), &code).await.unwrap())
    }
}

fn granted(consented: Consented) -> OauthGrant {
    match consented {
        Consented::Granted(grant) => grant,
        Consented::Not(status) => panic!("{status:?}"),
    }
}

fn not(consented: Result<Consented, Trouble>) -> ConsentStatus {
    match consented.unwrap() {
        Consented::Granted(_) => panic!("it was granted"),
        Consented::Not(status) => status,
    }
}

#[tokio::test]
async fn an_owner_who_agrees_lets_somebody_into_the_inbox_and_a_code_is_good_once() {
    for stage in stages().await {
        let code = stage.code().await;
        let grant = granted(stage.host.consented(&call(), &code).await.unwrap());
        assert_eq!(stage.opens(&grant).as_deref(), Some(JANE));
        assert_eq!(grant.client_id, CLIENT);
        assert!(grant.scope.contains("mail.google.com") || grant.scope.contains("SMTP.Send"), "{}", grant.scope);
        assert_eq!(not(stage.host.consented(&call(), &code).await), ConsentStatus::Lapsed);
    }
}

#[tokio::test]
async fn a_code_is_worth_nothing_without_what_it_was_asked_with() {
    for stage in stages().await {
        let (good, other, old) = (stage.code().await, stage.code().await, stage.code().await);
        let forged = ConsentCode { verifier: "another".into(), ..good };
        assert_eq!(not(stage.host.consented(&call(), &forged).await), ConsentStatus::Lapsed);
        let elsewhere = ConsentCode { redirect_uri: "https://other.example.com/".into(), ..other };
        assert_eq!(not(stage.host.consented(&call(), &elsewhere).await), ConsentStatus::Lapsed);
        stage.pass(11);
        assert_eq!(not(stage.host.consented(&call(), &old).await), ConsentStatus::Lapsed);
    }
}

#[tokio::test]
async fn what_is_given_for_another_account_or_for_less_is_not_taken() {
    for stage in stages().await {
        stage.next_person(Person::AgreesAs("boss@acme.com".into()));
        let code = stage.code().await;
        assert_eq!(not(stage.host.consented(&call(), &code).await), ConsentStatus::WrongAccount);
        stage.next_person(Person::AgreesPartly);
        let code = stage.code().await;
        assert_eq!(not(stage.host.consented(&call(), &code).await), ConsentStatus::Incomplete);
        stage.next_person(Person::Declines);
        assert_eq!(stage.visited().await["error"], "access_denied");
    }
}

#[tokio::test]
async fn a_grant_is_renewed_until_somebody_takes_it_back() {
    for stage in stages().await {
        let first = stage.granted().await;
        stage.pass(61);
        assert_eq!(stage.opens(&first), None, "a token is good for an hour");
        let second = granted(stage.host.renewed(&call(), &first).await.unwrap());
        assert_eq!(stage.opens(&second).as_deref(), Some(JANE));
        let third = granted(stage.host.renewed(&call(), &second).await.unwrap());
        stage.revoke();
        assert_eq!(not(stage.host.renewed(&call(), &third).await), ConsentStatus::Lapsed);
        let others = OauthGrant { client_id: "another".into(), ..third };
        assert_eq!(not(stage.host.renewed(&call(), &others).await), ConsentStatus::Lapsed);
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_is_told_as_unknown_and_no_words_have_a_secret() {
    for stage in stages().await {
        let code = stage.code().await;
        stage.server().fail("POST", "/token", Fault::ReplyLost);
        assert_eq!(stage.host.consented(&call(), &code).await.unwrap_err(), Trouble::Unknown);
        assert_eq!(not(stage.host.consented(&call(), &code).await), ConsentStatus::Lapsed, "it was good once");
    }
    for stage in [at_google(CLIENT, "wrong~4711").await.unwrap(), at_microsoft(CLIENT, "wrong~4711").await.unwrap()] {
        let code = stage.code().await;
        let told = format!("{:?}", stage.host.consented(&call(), &code).await);
        assert!(told.contains("Misconfigured") && told.contains("oauth_client_secret"), "{told}");
        assert!(!told.contains("4711") && !told.contains("4/code"), "{told}");
    }
}

#[tokio::test]
async fn without_an_application_nobody_is_asked_and_half_of_one_is_refused() {
    let ask = ConsentAsk { email: JANE, redirect_uri: BACK, state: "s", challenge: CHALLENGE };
    for stage in [at_google("", "").await.unwrap(), at_microsoft("", "").await.unwrap()] {
        assert_eq!(stage.host.consent_page(&ask), None);
    }
    for (client_id, secret, begins) in [(CLIENT, "", "oauth_client_secret "), ("", SECRET, "oauth_client_id ")] {
        for opened in [at_google(client_id, secret).await, at_microsoft(client_id, secret).await] {
            let words = opened.err().unwrap();
            assert!(words.starts_with(begins) && !words.contains(SECRET), "{words}");
        }
    }
}
