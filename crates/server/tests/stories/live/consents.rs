//! Owners of inboxes let a sequencer in: they follow a link of the pending action, at the doubles of their mail hosts.

use std::path::Path;

use axum::body::Body;
use axum::http::Request;
use doubles::consent::Person;
use model::clock::{DAY, HOUR};
use model::id::{DomainId, Id as _};
use serde_json::{Value, json};
use store::consents;
use tower::ServiceExt as _;

use super::tenants::{GOOGLE, MICROSOFT, Tenants};
use crate::program::run;

const BACK: &str = "http://mailwright.test/consent/callback";

/// A page of ours.
pub(super) struct Shown {
    pub(super) status: u16,
    pub(super) location: String,
    pub(super) text: String,
}

impl Tenants {
    /// Tenants whose application sends people back to us, and a sequencer that really uses what it is given.
    pub(super) async fn consenting() -> Self {
        let tenants = Self::new().await;
        tenants.google.redirects_to(BACK);
        tenants.graph.redirects_to(BACK);
        let (google, graph) = (tenants.google.clone(), tenants.graph.clone());
        tenants.smartlead.check_with(move |login| {
            let owner = google.holds(&login.secret).or_else(|| graph.holds(&login.secret));
            match login.is_oauth && owner.as_deref() == Some(&login.email) {
                true => Ok(()),
                false => Err("invalid_grant: Token has been expired or revoked.".into()),
            }
        });
        tenants
    }

    /// The same, whose owners of inboxes have all followed their links.
    pub(super) async fn let_in_by_owners() -> Self {
        let tenants = Self::consenting().await;
        tenants.place().await;
        tenants.pass().await;
        for name in [GOOGLE, MICROSOFT] {
            for link in tenants.links(name).await {
                tenants.follow(&link).await;
            }
        }
        tenants.pass().await;
        tenants
    }

    pub(super) async fn show(&self, method: &str, path: &str) -> Shown {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let response = self.live.rig.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        assert_eq!(response.headers()["cache-control"], "no-store", "{method} {path}");
        assert_eq!(response.headers()["referrer-policy"], "no-referrer", "{method} {path}");
        let location = response.headers().get("location").map(|it| it.to_str().unwrap().to_owned());
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Shown { status, location: location.unwrap_or_default(), text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// The links that are asked to be followed about a name.
    async fn links(&self, name: &str) -> Vec<Value> {
        self.links_for(name, "inbox_access_needed").await
    }

    /// The same, for this reason.
    pub(super) async fn links_for(&self, name: &str, reason: &str) -> Vec<Value> {
        let action = self.asked(name).await.unwrap_or_else(|| panic!("nothing is asked about {name}"));
        assert_eq!(action["reason"], reason, "{action}");
        action["links"].as_array().unwrap_or_else(|| panic!("{action}")).clone()
    }

    /// Goes to the mail host, as the page says, and comes back with what that gives.
    pub(super) async fn back_from(&self, link: &Value) -> String {
        let path = path_of(link);
        let page = self.show("GET", &path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains(link["email"].as_str().unwrap()), "{}", page.text);
        let sent = self.show("POST", &path).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let answer = browser.get(&sent.location).send().await.unwrap();
        let back = answer.headers()["location"].to_str().unwrap();
        assert!(back.starts_with(BACK), "{back}");
        back.strip_prefix("http://mailwright.test").unwrap().to_owned()
    }

    /// The same, until the page that somebody ends at.
    pub(super) async fn follow(&self, link: &Value) -> Shown {
        let back = self.back_from(link).await;
        let end = self.show("GET", &back).await;
        assert_eq!((end.status, end.location.as_str()), (303, path_of(link).as_str()), "its address has no code in it");
        self.show("GET", &end.location).await
    }

    async fn status(&self, name: &str, email: &str) -> Value {
        let links = self.links(name).await;
        links.iter().find(|link| link["email"] == email).map_or(Value::Null, |link| link["status"].clone())
    }
}

pub(super) fn path_of(link: &Value) -> String {
    link["url"].as_str().unwrap().strip_prefix("http://mailwright.test").unwrap().to_owned()
}

/// Everything that lies in a folder.
fn bytes_in(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect()
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn owners_of_all_inboxes_follow_their_links_and_the_sequencer_is_let_in_by_their_consent() {
    proves!("ConsentLink");
    let tenants = Tenants::consenting().await;
    let id = tenants.place().await;
    tenants.pass().await;
    assert_eq!((tenants.links(GOOGLE).await.len(), tenants.links(MICROSOFT).await.len()), (2, 25));
    for name in [GOOGLE, MICROSOFT] {
        for link in tenants.links(name).await {
            let end = tenants.follow(&link).await;
            assert!(end.text.contains("It is being checked"), "{}", end.text);
            assert!(path_of(&link).contains(link["inbox_id"].as_str().unwrap()), "{link}");
            assert_eq!(tenants.status(name, link["email"].as_str().unwrap()).await, "checking");
        }
    }
    tenants.pass().await;
    let inboxes = tenants.inboxes(&id).await;
    for inbox in &inboxes {
        let email = inbox["email"].as_str().unwrap();
        assert_eq!(inbox["sequencer"]["status"], "linked", "{inbox}");
        let clicks = tenants.google.count("consented", email) + tenants.graph.count("consented", email);
        assert_eq!(clicks, 1, "{email}");
    }
    let saved = tenants.smartlead.server.asked();
    assert_eq!(saved.iter().filter(|one| one.path.ends_with("/save-oauth")).count(), inboxes.len());
    let mut seen = bytes_in(&tenants.live.rig.config.data);
    seen.extend(format!("{:?}", tenants.live.rig.events().await).into_bytes());
    seen.extend(tenants.live.rig.order(&id).await.to_string().into_bytes());
    assert!(has(&seen, inboxes[0]["email"].as_str().unwrap()), "what is searched is what was written");
    for secret in tenants.google.consent_secrets().iter().chain(&tenants.graph.consent_secrets()) {
        assert!(!has(&seen, secret), "{secret} lies open");
    }
}

#[tokio::test]
async fn the_operator_reads_the_links_beside_the_server() {
    let tenants = Tenants::consenting().await;
    tenants.place().await;
    tenants.pass().await;
    let links = tenants.links(MICROSOFT).await;
    let action = tenants.asked(MICROSOFT).await.unwrap()["id"].as_str().unwrap().to_owned();
    let file = tenants.live.rig.folder.path().join("beside.toml");
    std::fs::write(&file, format!("public_url = \"http://mailwright.test\"\n{}", tenants.live.configured())).unwrap();
    let told =
        run(&tenants.live.rig.config.data, &["--config", file.to_str().unwrap(), "actions", "show", &action]).await;
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    assert_eq!(links.len(), 25);
    for link in &links {
        assert!(text.contains(link["url"].as_str().unwrap()), "{link}: {text}");
    }
}

#[tokio::test]
async fn a_consent_that_is_declined_or_another_accounts_or_partial_is_told_and_may_be_given_after_all() {
    let tenants = Tenants::consenting().await;
    tenants.place().await;
    tenants.pass().await;
    let link = tenants.links(GOOGLE).await.remove(0);
    let email = link["email"].as_str().unwrap().to_owned();
    for (person, status, words) in [
        (Person::Declines, "declined", "was declined"),
        (Person::AgreesAs("boss@acme-one.com".into()), "wrong_account", "another account"),
        (Person::AgreesPartly, "incomplete", "leaves out something"),
    ] {
        tenants.google.next_person(person);
        tenants.follow(&link).await;
        tenants.pass().await;
        assert_eq!(tenants.status(GOOGLE, &email).await, status);
        let page = tenants.show("GET", &path_of(&link)).await;
        assert!(page.text.contains(words), "{status}: {}", page.text);
        assert_eq!(tenants.smartlead.accounts(&email).len(), 0, "{status}");
    }
    tenants.follow(&link).await;
    tenants.pass().await;
    assert_eq!(tenants.smartlead.accounts(&email).len(), 1);
    assert_eq!(tenants.status(GOOGLE, &email).await, Value::Null, "its link is not asked for any more");
    assert!(tenants.show("GET", &path_of(&link)).await.text.contains("nothing left to do"));
}

#[tokio::test]
async fn a_link_or_an_answer_that_is_none_of_ours_or_comes_twice_or_late_does_nothing() {
    let tenants = Tenants::consenting().await;
    let id = tenants.place().await;
    tenants.pass().await;
    let links = tenants.links(GOOGLE).await;
    let path = path_of(&links[0]);
    let mixed = path.replace(links[0]["inbox_id"].as_str().unwrap(), links[1]["inbox_id"].as_str().unwrap());
    for wrong in [&mixed, &path[..path.len() - 1], "/consent/inb_1.act_1.0"] {
        assert_eq!((tenants.show("GET", wrong).await.status, tenants.show("POST", wrong).await.status), (404, 404));
    }
    for wrong in ["/consent/callback", "/consent/callback?code=a&state=inb_1.1.0", "/consent/callback?code=a"] {
        assert_eq!(tenants.show("GET", wrong).await.status, 400, "{wrong}");
    }
    let first = tenants.back_from(&links[0]).await;
    let (_, state) = first.split_once("state=").unwrap();
    assert_eq!(tenants.show("HEAD", &first).await.status, 405, "who only looks answers nothing");
    tenants.show("GET", &format!("/consent/callback?error=access_denied&state={state}")).await;
    tenants.show("GET", &first).await;
    let email = links[0]["email"].as_str().unwrap();
    assert_eq!(tenants.status(GOOGLE, email).await, "declined", "the round was answered");
    let late = tenants.back_from(&links[0]).await;
    tenants.live.rig.advance(HOUR).await;
    tenants.show("GET", &late).await;
    assert_eq!(tenants.status(GOOGLE, email).await, "waiting", "its time was over");
    tenants.let_in(&id, GOOGLE).await;
    tenants.smartlead.check_with(|_| Ok(()));
    tenants.pass().await;
    assert!(tenants.show("GET", &path).await.text.contains("nothing left to do"), "it was let in by a password");
}

#[tokio::test]
async fn what_was_given_goes_with_the_order() {
    let tenants = Tenants::consenting().await;
    let id = tenants.place().await;
    tenants.pass().await;
    let link = tenants.links(GOOGLE).await.remove(0);
    tenants.follow(&link).await;
    tenants.pass().await;
    let domain = DomainId::opaque(tenants.asked(GOOGLE).await.unwrap()["domain_id"].as_str().unwrap());
    let kept = async || consents::of_domain(&mut tenants.live.rig.wired.store.read().await.unwrap(), &domain).await;
    assert_eq!(kept().await.unwrap().iter().filter(|consent| consent.granted.is_some()).count(), 1);
    let cancelled = tenants.live.rig.call("POST", &format!("/orders/{id}/cancel"), Some(&json!({}))).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.body);
    tenants.live.rig.advance(40 * DAY).await;
    tenants.pass().await;
    assert_eq!(kept().await.unwrap(), []);
    assert_eq!(tenants.show("GET", &path_of(&link)).await.status, 410);
}
