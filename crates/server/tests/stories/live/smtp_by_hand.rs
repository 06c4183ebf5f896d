//! A tenant whose SMTP nobody has switched on, and whose Exchange is by hand: it is asked about once it is seen to be in the way, and
//! ends by itself.

use model::clock::MINUTE;
use serde_json::{Value, json};

use super::houses::Houses;
use super::stage::Live;
use crate::support::order_body;

/// As many minutes as a new mailbox may let nobody in, and some more.
const PATIENCE: usize = 45;

struct Story {
    live: Live,
    houses: Houses,
}

impl Story {
    /// One tenant, in which SMTP is off; what is said of SMTP in its account.
    async fn new(smtp_auth: &str) -> Self {
        let houses = Houses::new(1).await;
        houses.smartlead.raise_limits();
        houses.graph[0].shut_smtp();
        let by_hand = format!("exchange = \"by_hand\"\nsmtp_auth = \"{smtp_auth}\"");
        let few = |text: String| format!("[sizing]\nmicrosoft_inboxes_per_domain = 2\n\n{text}");
        let live = houses.live(|text| few(text).replace("exchange = \"automatic\"", &by_hand)).await;
        Self { live, houses }
    }

    /// An order of names at Microsoft, linked by an API key, or handed out.
    async fn place(&self, names: &[&str]) -> String {
        let mut body = order_body(names);
        (body["google_licenses"], body["microsoft_licenses"]) = (json!(0), json!(names.len()));
        body["sequencer"] = json!({ "provider": "smartlead", "api_key": doubles::smartlead::API_KEY });
        self.live.rig.place(&body).await
    }

    /// What is asked about a name after some minutes in which nobody does anything.
    async fn asked_after(&self, minutes: usize, name: &str) -> Option<Value> {
        for _ in 0..minutes {
            self.live.rig.advance(MINUTE).await;
        }
        let open = self.live.rig.call("GET", "/orders/pending", None).await.body["data"].clone();
        open.as_array().unwrap().iter().find(|one| one["domain"] == name).cloned()
    }

    async fn reason_after(&self, minutes: usize, name: &str) -> String {
        let asked = self.asked_after(minutes, name).await;
        asked.map(|one| one["reason"].as_str().unwrap().to_owned()).unwrap_or_default()
    }

    /// Somebody makes a password of each inbox of a name, and sends them; or sends others.
    async fn send_logins(&self, name: &str, are_right: bool) {
        let action = self.asked_after(0, name).await.expect("a question");
        let path = format!("/inboxes?domain_id={}", action["domain_id"].as_str().unwrap());
        let inboxes = self.live.rig.call("GET", &path, None).await.body["data"].clone();
        let login = |inbox: &Value| {
            let email = inbox["email"].as_str().unwrap();
            let password = self.houses.graph[0].person_makes_app_password(email);
            self.houses.smartlead.open_mailbox(email, &password);
            json!({ "email": email, "password": if are_right { password } else { "mistyped".into() } })
        };
        let logins: Vec<_> = inboxes.as_array().unwrap().iter().map(login).collect();
        let path = format!("/orders/pending/{}/resolve", action["id"].as_str().unwrap());
        let answer = self.live.rig.call("POST", &path, Some(&json!({ "logins": logins }))).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    async fn linked(&self, id: &str) -> usize {
        let listed = self.live.rig.call("GET", &format!("/inboxes?order_id={id}&per_page=100"), None).await.body;
        listed["data"].as_array().unwrap().iter().filter(|one| one["sequencer"]["status"] == "linked").count()
    }
}

#[tokio::test]
async fn the_commands_are_asked_for_once_a_tenant_and_end_by_themselves() {
    let story = Story::new("true").await;
    let id = story.place(&["acme-one.com"]).await;
    assert_eq!(story.reason_after(10, "acme-one.com").await, "inbox_access_needed");
    story.send_logins("acme-one.com", true).await;
    let soon = story.reason_after(5, "acme-one.com").await;
    assert_eq!(soon, "inbox_access_needed", "a mailbox that was just made lets nobody in for a while");
    let asked = story.asked_after(PATIENCE, "acme-one.com").await.expect("somebody is asked");
    assert_eq!((&asked["type"], &asked["reason"]), (&json!("mail_provider"), &json!("smtp_auth_needed")));
    let message = asked["message"].as_str().unwrap();
    for command in ["Set-TransportConfig -SmtpClientAuthenticationDisabled $false", "'*@acme-one.com'"] {
        assert!(message.contains(command), "{message}");
    }
    assert_eq!(story.houses.graph[0].count("smtp_let", "acme-one.com"), 0, "the console is left alone");
    story.houses.graph[0].person_lets_smtp();
    assert_eq!(story.reason_after(15, "acme-one.com").await, "dkim_needs_enabling", "nothing has to be sent");
    assert_eq!(story.linked(&id).await, 2);
    let later = story.place(&["acme-two.com"]).await;
    assert_eq!(story.reason_after(10, "acme-two.com").await, "inbox_access_needed");
    story.send_logins("acme-two.com", true).await;
    assert_eq!(
        story.reason_after(PATIENCE, "acme-two.com").await,
        "dkim_needs_enabling",
        "a tenant is asked about once"
    );
    assert_eq!(story.linked(&later).await, 2);
}

#[tokio::test]
async fn the_mailboxes_of_one_domain_may_be_let_in_alone_and_a_wrong_password_is_answered_here_too() {
    let story = Story::new("true").await;
    let id = story.place(&["acme-one.com"]).await;
    assert_eq!(story.reason_after(10, "acme-one.com").await, "inbox_access_needed");
    story.send_logins("acme-one.com", false).await;
    assert_eq!(story.reason_after(PATIENCE, "acme-one.com").await, "smtp_auth_needed");
    story.houses.graph[0].person_lets_smtp_of("acme-one.com");
    assert_eq!(story.reason_after(15, "acme-one.com").await, "smtp_auth_needed", "the password is wrong besides");
    story.send_logins("acme-one.com", true).await;
    assert_eq!(story.reason_after(15, "acme-one.com").await, "dkim_needs_enabling");
    assert_eq!(story.linked(&id).await, 2);
}

#[tokio::test]
async fn where_the_operator_wants_no_smtp_nobody_is_asked_to_switch_it_on() {
    let story = Story::new("false").await;
    story.place(&["acme-one.com"]).await;
    assert_eq!(story.reason_after(10, "acme-one.com").await, "inbox_access_needed");
    story.send_logins("acme-one.com", true).await;
    assert_eq!(story.reason_after(PATIENCE, "acme-one.com").await, "inbox_login_fails");
}
