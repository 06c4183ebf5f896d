//! What goes wrong at mail hosts and sequencers weeks later is seen, told, mended where that can be done, and asked about.

use model::clock::{Clock as _, HOUR};
use serde_json::{Value, json};

use super::tenants::{GOOGLE, MICROSOFT, Tenants};
use super::vendors_zones::KEY;

impl Tenants {
    async fn look(&self, id: &str, name: &str) -> Value {
        let order = self.live.rig.order(id).await;
        let all = order["domains"].as_array().unwrap();
        let domain = all.iter().find(|one| one["domain"] == name).unwrap()["id"].as_str().unwrap().to_owned();
        let answer = self.live.rig.call("GET", &format!("/domains/{domain}/evidence"), None).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["data"].clone()
    }

    async fn told(&self, kind: &str) -> usize {
        self.live.rig.event_types().await.iter().filter(|one| *one == kind).count()
    }

    /// A day goes by, at the vendors too: a host takes no assertion that is made long after its own time. Whoever looks has looked.
    async fn a_day(&self) {
        for _ in 0..48 {
            let later = self.live.rig.clock.now().plus(HOUR / 2).seconds();
            self.google.pass_to(later);
            self.graph.pass_to(later);
            self.smartlead.reach(later);
            self.live.rig.advance(HOUR / 2).await;
        }
        self.pass().await;
    }

    async fn inbox(&self, id: &str, name: &str) -> Value {
        let all = self.inboxes(id).await;
        all.into_iter().find(|one| one["email"].as_str().unwrap().ends_with(name)).unwrap()
    }
}

fn check<'a>(look: &'a Value, name: &str) -> &'a Value {
    look["checks"].as_array().unwrap().iter().find(|one| one["check"] == name).unwrap()
}

#[tokio::test]
async fn both_hosts_and_the_sequencer_have_said_that_everything_works() {
    let tenants = Tenants::new().await;
    let id = tenants.delivered().await;
    for (name, host, inboxes) in [(GOOGLE, "google", 2), (MICROSOFT, "microsoft", 25)] {
        let look = tenants.look(&id, name).await;
        for one in look["checks"].as_array().unwrap() {
            // Nobody has named a mailbox for it.
            let expected = if one["check"] == "first_mail" { "does_not_apply" } else { "passed" };
            assert_eq!(one["verdict"], expected, "{one:#}");
        }
        let mailboxes = check(&look, "mailboxes")["seen"].as_array().unwrap();
        assert_eq!(mailboxes.len(), inboxes);
        assert!(mailboxes.iter().all(|one| one["answered_by"] == host && one["answer"] == json!(["works"])));
        let logins = &check(&look, "sequencer")["seen"][0]["answer"];
        assert_eq!(*logins, json!(["login to send: succeeds", "login to read: succeeds"]));
        assert!(!look.to_string().contains("app-password"), "nothing of what opens them");
    }
}

#[tokio::test]
async fn a_user_who_is_suspended_at_google_is_told_and_told_when_they_are_back() {
    let tenants = Tenants::new().await;
    let id = tenants.delivered().await;
    let email = tenants.inbox(&id, GOOGLE).await["email"].as_str().unwrap().to_owned();
    tenants.google.suspend(&email);
    tenants.a_day().await;
    tenants.a_day().await;
    let look = tenants.look(&id, GOOGLE).await;
    assert_eq!(tenants.told("inbox.suspended").await, 1, "{look:#}");
    assert_eq!(tenants.inbox(&id, GOOGLE).await["status"], "suspended");
    let seen = check(&tenants.look(&id, GOOGLE).await, "mailboxes").clone();
    assert!(seen["reason"].as_str().unwrap().contains(&email), "{seen:#}");
    tenants.google.unsuspend(&email);
    tenants.a_day().await;
    assert_eq!(tenants.told("inbox.restored").await, 1);
    assert_eq!(tenants.inbox(&id, GOOGLE).await["status"], "active");
}

/// Its mailbox is there for a while, and so is its login: only its licence tells.
#[tokio::test]
async fn a_licence_that_is_gone_is_told_as_that_and_told_when_it_is_back() {
    const SOLD: (&str, &str) = ("Google-Apps", "1010020027");
    let own =
        |text: String| text.replace("kind = \"google\"", "kind = \"google\"\nlicence = \"Google-Apps/1010020027\"");
    let tenants = Tenants::said(own).await;
    let id = tenants.delivered().await;
    let of = async |name: &str| tenants.inbox(&id, name).await["email"].as_str().unwrap().to_owned();
    let (at_google, at_microsoft) = (of(GOOGLE).await, of(MICROSOFT).await);
    tenants.google.take_licences(&at_google);
    tenants.graph.take_licence(&at_microsoft);
    tenants.a_day().await;
    tenants.a_day().await;
    assert_eq!(tenants.told("inbox.suspended").await, 2);
    for (name, email) in [(GOOGLE, &at_google), (MICROSOFT, &at_microsoft)] {
        assert_eq!(tenants.inbox(&id, name).await["status"], "suspended");
        let seen = check(&tenants.look(&id, name).await, "mailboxes").clone();
        assert_eq!(seen["reason"], format!("The licence of {email} is gone at the mail host."));
    }
    assert_eq!(tenants.graph.count("licence_given", &at_microsoft), 1, "it costs money, and is somebody's doing there");
    tenants.google.give_licence(SOLD, &at_google);
    tenants.graph.give_licence(&at_microsoft);
    tenants.a_day().await;
    assert_eq!(tenants.told("inbox.restored").await, 2);
    // A subscription that has run out leaves its licences assigned.
    tenants.graph.lapse(&at_microsoft, true);
    tenants.a_day().await;
    tenants.a_day().await;
    assert_eq!(tenants.told("inbox.suspended").await, 3);
    tenants.graph.lapse(&at_microsoft, false);
    tenants.a_day().await;
    assert_eq!(tenants.told("inbox.restored").await, 3);
}

#[tokio::test]
async fn a_login_that_fails_later_is_told_and_asked_about_and_mended_with_what_is_sent() {
    let tenants = Tenants::new().await;
    let id = tenants.delivered().await;
    let inbox = tenants.inbox(&id, GOOGLE).await;
    let email = inbox["email"].as_str().unwrap().to_owned();
    // Its owner has taken the app password back.
    tenants.smartlead.open_mailbox(&email, "another password");
    let account = tenants.smartlead.accounts(&email)[0].id;
    tenants.smartlead.alter(account, |account| account.failure = Some("Invalid login: 535-5.7.8".into()));
    tenants.a_day().await;
    tenants.a_day().await;
    assert_eq!(tenants.told("inbox.disconnected").await, 1);
    let asked = tenants.asked(GOOGLE).await.expect("somebody is asked");
    assert_eq!(asked["reason"], "inbox_login_fails", "{asked}");
    assert_eq!(tenants.live.rig.order(&id).await["status"], "completed", "the order stays what it is");
    let mut logins = vec![];
    for inbox in tenants.inboxes(&id).await {
        let email = inbox["email"].as_str().unwrap().to_owned();
        if email.ends_with(GOOGLE) {
            let password = format!("a newer password of {email}");
            tenants.smartlead.open_mailbox(&email, &password);
            logins.push(json!({ "email": email, "password": password }));
        }
    }
    tenants.resolve(&asked, &json!({ "logins": logins })).await;
    tenants.pass().await;
    tenants.live.rig.advance(HOUR).await;
    assert_eq!(tenants.asked(GOOGLE).await, None);
    assert_eq!(tenants.told("inbox.restored").await, 1);
    assert_eq!(tenants.inbox(&id, GOOGLE).await["sequencer"]["status"], "linked");
    assert_eq!(tenants.smartlead.accounts(&email).len(), 1, "and no second account");
}

#[tokio::test]
async fn an_order_is_completed_before_googles_key_is_made_and_told_when_it_is() {
    let tenants = Tenants::new().await;
    let mut body = Tenants::body("smartlead");
    body["dkim"] = json!("later");
    let id = tenants.live.rig.place(&body).await;
    tenants.pass().await;
    tenants.let_in(&id, GOOGLE).await;
    tenants.let_in(&id, MICROSOFT).await;
    tenants.pass().await;
    assert_eq!(tenants.live.rig.order(&id).await["status"], "completed");
    let look = tenants.look(&id, GOOGLE).await;
    assert_eq!(check(&look, "dkim")["verdict"], "does_not_apply", "{look:#}");
    assert_eq!(
        check(&tenants.look(&id, MICROSOFT).await, "dkim")["verdict"],
        "passed",
        "Exchange is asked, and nobody waits"
    );
    let asked = tenants.asked(GOOGLE).await.expect("the key is asked for beside");
    for _ in 0..3 {
        tenants.a_day().await;
    }
    let still = tenants.asked(GOOGLE).await.expect("and still is");
    assert_eq!((&still["id"], &still["reason"]), (&asked["id"], &json!("dkim_needs_enabling")));
    assert_eq!((tenants.told("domain.dns_drifted").await, tenants.told("domain.dkim_enabled").await), (0, 0));
    tenants.resolve(&still, &json!({ "dkim_record": { "name": "google._domainkey", "value": KEY } })).await;
    tenants.pass().await;
    assert_eq!(tenants.told("domain.dkim_enabled").await, 1);
    assert_eq!(check(&tenants.look(&id, GOOGLE).await, "dkim")["verdict"], "passed");
    assert_eq!(tenants.asked(GOOGLE).await, None);
}

/// A password that is wrong is not busy: somebody is asked for another one once a mailbox that was just made would let in.
#[tokio::test]
async fn a_wrong_password_is_asked_for_again() {
    let tenants = Tenants::new().await;
    let id = tenants.place().await;
    tenants.pass().await;
    let action = tenants.asked(GOOGLE).await.expect("the logins");
    tenants.let_in(&id, GOOGLE).await;
    let email = tenants.inbox(&id, GOOGLE).await["email"].as_str().unwrap().to_owned();
    tenants.smartlead.open_mailbox(&email, "what it really is");
    tenants.pass().await;
    tenants.pass().await;
    let again = tenants.asked(GOOGLE).await.expect("it is asked again");
    assert_eq!((&again["reason"], &action["reason"]), (&json!("inbox_login_fails"), &json!("inbox_access_needed")));
    let mut logins = vec![];
    for inbox in tenants.inboxes(&id).await {
        let own = inbox["email"].as_str().unwrap().to_owned();
        if own.ends_with(GOOGLE) {
            let password = if own == email { "what it really is".into() } else { format!("app-password of {own}") };
            logins.push(json!({ "email": own, "password": password }));
        }
    }
    tenants.resolve(&again, &json!({ "logins": logins })).await;
    tenants.pass().await;
    assert_eq!(tenants.inbox(&id, GOOGLE).await["sequencer"]["status"], "linked");
    assert_eq!(tenants.asked(GOOGLE).await.map(|one| one["reason"].clone()), Some(json!("dkim_needs_enabling")));
}
