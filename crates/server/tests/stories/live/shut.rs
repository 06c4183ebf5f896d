//! Inboxes that the sequencer does not get into, whatever it was given: they are let in anew, and keep no others waiting.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::consents::path_of;
use super::tenants::{GOOGLE, MICROSOFT, Tenants};
use super::vendors_zones::KEY;

/// Those whose consents the sequencer is not let in by.
type Shut = Arc<Mutex<BTreeSet<String>>>;

impl Tenants {
    /// A sequencer that is let in by consent, but for these, and by what was sent as their passwords.
    fn shuts(&self) -> Shut {
        let shut = Shut::default();
        let (google, seen) = (self.google.clone(), shut.clone());
        self.smartlead.check_with(move |login| {
            let is_right = match login.is_oauth {
                true => google.holds(&login.secret).as_deref() == Some(&login.email),
                false => login.secret == format!("sent for {}", login.email),
            };
            match is_right && !(login.is_oauth && seen.lock().unwrap().contains(&login.email)) {
                true => Ok(()),
                false => Err("invalid_grant: Token has been expired or revoked.".into()),
            }
        });
        shut
    }

    async fn send(&self, name: &str, emails: &[&str]) {
        let action = self.asked(name).await.expect("a question");
        let logins: Vec<_> =
            emails.iter().map(|email| json!({ "email": email, "password": format!("sent for {email}") })).collect();
        self.resolve(&action, &json!({ "logins": logins })).await;
    }

    async fn link_of(&self, id: &str, email: &str) -> Value {
        let all = self.inboxes(id).await;
        all.into_iter().find(|one| one["email"] == email).unwrap()["sequencer"]["status"].clone()
    }
}

fn email(link: &Value) -> String {
    link["email"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn one_inbox_that_is_shut_closes_no_links_of_others_and_is_let_in_anew() {
    let tenants = Tenants::consenting().await;
    let shut = tenants.shuts();
    let id = tenants.place().await;
    tenants.pass().await;
    let [first, second] = &tenants.links_for(GOOGLE, "inbox_access_needed").await[..] else { panic!("two inboxes") };
    shut.lock().unwrap().insert(email(first));
    tenants.follow(first).await;
    tenants.pass().await;
    tenants.pass().await;
    let still = tenants.links_for(GOOGLE, "inbox_access_needed").await;
    assert_eq!((&still[1]["url"], still.len()), (&second["url"], 2), "its link leads where it did");
    tenants.follow(second).await;
    tenants.pass().await;
    assert_eq!(tenants.link_of(&id, &email(second)).await, "linked");
    let failing = tenants.links_for(GOOGLE, "inbox_login_fails").await;
    assert_eq!((failing.len(), email(&failing[0])), (1, email(first)));
    assert_eq!(failing[0]["status"], "lapsed");
    for link in [&failing[0], first] {
        let page = tenants.show("GET", &path_of(link)).await.text;
        assert!(page.contains("Open the link again") && page.contains("Acme"), "{page}");
    }
    shut.lock().unwrap().clear();
    tenants.follow(&failing[0]).await;
    tenants.pass().await;
    assert_eq!(tenants.link_of(&id, &email(first)).await, "linked");
    assert_eq!(tenants.google.count("consented", &email(first)), 2);
}

#[tokio::test]
async fn a_login_that_is_sent_for_a_grant_that_fails_takes_its_place_and_touches_no_other() {
    let tenants = Tenants::consenting().await;
    let shut = tenants.shuts();
    let id = tenants.place().await;
    tenants.pass().await;
    let links = tenants.links_for(GOOGLE, "inbox_access_needed").await;
    shut.lock().unwrap().insert(email(&links[0]));
    for link in &links {
        tenants.follow(link).await;
    }
    tenants.pass().await;
    tenants.pass().await;
    assert_eq!(tenants.links_for(GOOGLE, "inbox_login_fails").await.len(), 1);
    tenants.send(GOOGLE, &[&email(&links[0])]).await;
    tenants.pass().await;
    for link in &links {
        assert_eq!(tenants.link_of(&id, &email(link)).await, "linked");
    }
    let by = |link: &Value| tenants.smartlead.accounts(&email(link))[0].kind != "SMTP";
    assert_eq!((by(&links[0]), by(&links[1])), (false, true));
}

#[tokio::test]
async fn logins_are_asked_for_where_nobody_has_consented_and_no_grant_is_lost_by_them() {
    let tenants = Tenants::consenting().await;
    tenants.shuts();
    let id = tenants.place().await;
    tenants.pass().await;
    let links = tenants.links_for(GOOGLE, "inbox_access_needed").await;
    tenants.follow(&links[0]).await;
    tenants.pass().await;
    tenants.send(GOOGLE, &[&email(&links[1])]).await;
    tenants.pass().await;
    for link in &links {
        assert_eq!(tenants.link_of(&id, &email(link)).await, "linked");
    }
    let by = |link: &Value| tenants.smartlead.accounts(&email(link))[0].kind != "SMTP";
    assert_eq!((by(&links[0]), by(&links[1])), (true, false));
    assert!(tenants.show("GET", &path_of(&links[0])).await.text.contains("nothing left to do"));
}

#[tokio::test]
async fn a_consent_that_is_taken_back_weeks_later_is_asked_for_and_given_anew() {
    let tenants = Tenants::let_in_by_owners().await;
    let key = tenants.asked(GOOGLE).await.expect("the key");
    tenants.resolve(&key, &json!({ "dkim_record": { "name": "google._domainkey", "value": KEY } })).await;
    tenants.pass().await;
    assert_eq!((tenants.asked(GOOGLE).await, tenants.asked(MICROSOFT).await), (None, None));
    let orders = tenants.live.rig.call("GET", "/orders", None).await.body;
    let id = orders["data"][0]["id"].as_str().unwrap().to_owned();
    let all = tenants.inboxes(&id).await;
    let lost = all.iter().map(email).find(|one| one.ends_with(GOOGLE)).unwrap();
    tenants.google.revoke_consent(&lost);
    let account = tenants.smartlead.accounts(&lost)[0].id;
    tenants.smartlead.alter(account, |account| account.failure = Some("invalid_grant: revoked".into()));
    for _ in 0..2 {
        tenants.live.rig.advance(model::clock::DAY).await;
        tenants.pass().await;
    }
    let links = tenants.links_for(GOOGLE, "inbox_login_fails").await;
    assert_eq!((links.len(), email(&links[0])), (1, lost.clone()));
    assert_eq!(links[0]["status"], "lapsed");
    let end = tenants.follow(&links[0]).await;
    assert!(end.text.contains("It is being checked"), "{}", end.text);
    tenants.pass().await;
    tenants.live.rig.advance(model::clock::HOUR).await;
    assert_eq!(tenants.link_of(&id, &lost).await, "linked");
    assert_eq!(tenants.asked(GOOGLE).await, None);
    assert_eq!(tenants.smartlead.accounts(&lost).len(), 1, "and no second account");
}

#[tokio::test]
async fn whoever_comes_back_twice_or_late_is_told_that_it_is_done() {
    let tenants = Tenants::consenting().await;
    tenants.place().await;
    tenants.pass().await;
    let mut backs = vec![];
    for link in tenants.links_for(MICROSOFT, "inbox_access_needed").await {
        let back = tenants.back_from(&link).await;
        tenants.show("GET", &back).await;
        backs.push(back);
    }
    tenants.pass().await;
    assert_eq!(tenants.asked(MICROSOFT).await, None, "all are linked, and nobody is asked any more");
    let again = tenants.show("GET", &backs[0]).await;
    assert_eq!(again.status, 200);
    assert!(again.text.contains("nothing left to do"), "{}", again.text);
}

#[tokio::test]
async fn inboxes_are_handed_over_by_webhook_once_their_passwords_are_known() {
    let tenants = Tenants::said(|text| text.replace("kind = \"csv\"", "kind = \"webhook\"")).await;
    let mut body = Tenants::body("webhook");
    body["sequencer"] = json!({ "provider": "webhook" });
    let id = tenants.live.rig.place(&body).await;
    tenants.pass().await;
    let told = async || tenants.live.rig.call("GET", "/events?type=inbox.handed_over", None).await.body["data"].clone();
    assert_eq!(told().await, json!([]), "nothing can be done with them yet");
    tenants.let_in(&id, GOOGLE).await;
    tenants.pass().await;
    let told = told().await;
    assert_eq!(told.as_array().unwrap().len(), 2, "{told}");
    let path = told[0]["data"]["access_path"].as_str().unwrap().strip_prefix("/partner/v1").unwrap();
    let access = tenants.live.rig.call("POST", path, None).await.body["data"].clone();
    let email = access["access"]["email"].as_str().unwrap();
    assert_eq!(access["password"], format!("app-password of {email}"));
}
