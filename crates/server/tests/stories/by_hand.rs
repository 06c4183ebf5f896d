//! Live orders whose mailboxes people make by hand, and whose inboxes are handed out as a file.

use std::sync::{Arc, Mutex};

use engine::Fate;
use model::clock::{DAY, SECOND};
use model::domain::Domain;
use model::id::{DomainId, Id as _};
use model::run::RunKind;
use serde_json::{Value, json};
use store::domains;

use crate::crash::{FATES, Once, restart};
use crate::program::run;
use crate::support::{Answer, Rig, order_body, postgres};

/// A public key of 1024 bits.
const KEY: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDLSg4vfXQ9JqaFL/qkP4rW1RYZWKkjtzR6qcXBW55yibcCPGAIgixz0ykL+0tYQfBauRcKHhxRZDad2n4f0XX+JqwHcUC+9uf0wG+Bt/K6sopsDyHgpMwkCiR42YlFEEIO71s3vrjoIWyTZcZs8yjfLmptJs73W8U6rOLQaGlW8QIDAQAB";

const NAME: &str = "acme-mail.com";
const PASSWORD: &str = "app-password-1";

/// The records that a mail provider's console shows for a name.
fn records(name: &str) -> Vec<Value> {
    vec![
        json!({ "type": "TXT", "name": "@", "value": format!("google-site-verification={name}") }),
        json!({ "type": "MX", "name": name, "value": "1 smtp.google.com" }),
        json!({ "type": "TXT", "name": name, "value": "v=spf1 include:_spf.google.com ~all" }),
        json!({ "type": "TXT", "name": format!("google._domainkey.{name}"), "value": format!("v=DKIM1; k=rsa; p={KEY}") }),
    ]
}

fn made(name: &str) -> Value {
    json!({ "mailboxes": { "made": true, "records": records(name) } })
}

async fn open_actions(rig: &Rig) -> Vec<Value> {
    rig.call("GET", "/orders/pending", None).await.body["data"].as_array().unwrap().clone()
}

async fn resolve(rig: &Rig, action: &Value, body: &Value) -> Answer {
    let id = action["id"].as_str().unwrap();
    rig.call("POST", &format!("/orders/pending/{id}/resolve"), Some(body)).await
}

/// What comes of it within seconds: while a question is open, it is looked at again for ever.
async fn soon(rig: &Rig) {
    for _ in 0..20 {
        rig.advance(SECOND).await;
    }
}

/// An order of one Google domain that waits for somebody's hands.
async fn asking(rig: &Rig) -> (String, Value) {
    let id = rig.place(&order_body(&[NAME])).await;
    rig.work_off().await;
    assert_eq!(rig.order(&id).await["status"], "action_required");
    let mut open = open_actions(rig).await;
    assert_eq!(open.len(), 1, "{open:?}");
    (id, open.remove(0))
}

async fn delivered(rig: &Rig) -> String {
    let (id, action) = asking(rig).await;
    let mut answer = made(NAME);
    answer["mailboxes"]["logins"] = json!([{ "email": format!("alex.rivera@{NAME}"), "password": PASSWORD }]);
    let resolved = resolve(rig, &action, &answer).await;
    assert_eq!(resolved.status, 200, "{}", resolved.body);
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "completed");
    id
}

async fn domain(rig: &Rig, order: &str) -> Domain {
    let id = rig.order(order).await["domains"][0]["id"].as_str().unwrap().to_owned();
    domains::load(&mut rig.wired.store.read().await.unwrap(), &DomainId::opaque(id)).await.unwrap().unwrap()
}

async fn completed_by_hand(rig: Rig) {
    let id = rig.place(&order_body(&[NAME, "acme-team.com"])).await;
    rig.work_off().await;
    let open = open_actions(&rig).await;
    assert_eq!(open.len(), 2, "one for each domain");
    for action in &open {
        let name = action["domain"].as_str().unwrap();
        assert_eq!((&action["type"], &action["reason"]), (&json!("mail_provider"), &json!("mailboxes_by_hand")));
        let wanted = &action["mailboxes"];
        let purposes: Vec<_> = wanted["records"].as_array().unwrap().iter().map(|one| one["purpose"].clone()).collect();
        assert_eq!(purposes, ["ownership", "mx", "spf", "dkim"]);
        let many = if wanted["provider"] == "google" { 2 } else { 25 };
        assert_eq!(wanted["make"].as_array().unwrap().len(), many);
        let alex = json!({
            "email": format!("alex.rivera@{name}"),
            "first_name": "Alex",
            "last_name": "Rivera",
            "profile_picture_url": null,
            "in_place_of": null,
        });
        // The people take turns over the domains.
        assert!(wanted["make"].as_array().unwrap().contains(&alex), "{wanted}");
        assert_eq!(wanted["records"][1]["name"], name);
        let resolved = resolve(&rig, action, &made(name)).await;
        assert_eq!(resolved.status, 200, "{}", resolved.body);
    }
    rig.settle_all().await;
    let order = rig.order(&id).await;
    assert_eq!(order["status"], "completed", "{order}");
    assert_eq!(open_actions(&rig).await, [] as [Value; 0]);
    let inboxes = rig.call("GET", &format!("/inboxes?order_id={id}&per_page=100"), None).await.body;
    let inboxes = inboxes["data"].as_array().unwrap();
    assert_eq!(inboxes.len(), 27);
    for inbox in inboxes {
        assert_eq!(
            (&inbox["sequencer"]["status"], &inbox["sequencer"]["account_id"]),
            (&json!("linked"), &inbox["email"])
        );
    }
    assert_eq!(rig.effects("mailbox_created", &format!("alex.rivera@{NAME}")).await, 0, "nobody else made one");
    assert_eq!(rig.effects("registered", NAME).await, 1);
}

#[tokio::test]
async fn a_live_order_is_completed_by_what_people_made_by_hand() {
    proves!("POST /orders/pending/{id}/resolve", "MailboxesToMake", "MailboxToMake", "RecordWanted");
    completed_by_hand(Rig::live(None, None).await).await;
}

#[tokio::test]
async fn a_live_order_is_completed_by_what_people_made_by_hand_on_postgresql() {
    let Some(server) = postgres::server() else { return };
    completed_by_hand(Rig::live(Some(server.fresh_schema().await), None).await).await;
}

#[tokio::test]
async fn records_may_come_first_and_are_published_before_the_mailboxes_are_there() {
    let rig = Rig::live(None, None).await;
    let (id, action) = asking(&rig).await;
    let mut first = json!({ "mailboxes": { "made": false, "records": records(NAME) } });
    first["mailboxes"]["records"].as_array_mut().unwrap().truncate(3);
    assert_eq!(resolve(&rig, &action, &first).await.status, 200);
    rig.work_off().await;
    let then = open_actions(&rig).await.remove(0);
    assert_ne!(then["id"], action["id"]);
    assert_eq!(rig.order(&id).await["status"], "action_required");
    assert_eq!(then["mailboxes"]["records"], json!([{ "purpose": "dkim", "name": format!("_domainkey.{NAME}") }]));

    let early = resolve(&rig, &then, &json!({ "mailboxes": { "made": true } })).await;
    assert_eq!(early.body["error"]["details"]["purpose"], "dkim", "{}", early.body);
    assert_eq!(resolve(&rig, &then, &made(NAME)).await.status, 200);
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "completed", "the key that came later was published too");
    assert_eq!(rig.order(&id).await["domains"][0]["inboxes"], 2);
}

#[tokio::test]
async fn the_same_answer_twice_is_one_and_another_comes_too_late() {
    let rig = Rig::live(None, None).await;
    let (id, action) = asking(&rig).await;
    for _ in 0..2 {
        assert_eq!(resolve(&rig, &action, &made(NAME)).await.status, 200);
    }
    rig.settle_all().await;
    assert_eq!(resolve(&rig, &action, &made(NAME)).await.status, 200);
    let mut other = made(NAME);
    other["mailboxes"]["records"][0]["value"] = json!("another");
    let late = resolve(&rig, &action, &other).await;
    assert_eq!((late.status.as_u16(), &late.body["error"]["details"]["reason"]), (409, &json!("already_resolved")));
    assert_eq!(rig.order(&id).await["status"], "completed");
    assert_eq!(rig.effects("registered", NAME).await, 1);
}

#[tokio::test]
async fn logins_may_be_sent_one_after_the_other() {
    let rig = Rig::live(None, None).await;
    let (id, action) = asking(&rig).await;
    let emails: Vec<_> = action["mailboxes"]["make"].as_array().unwrap().iter().map(|one| &one["email"]).collect();
    for email in &emails {
        let mut answer = made(NAME);
        answer["mailboxes"]["logins"] = json!([{ "email": email, "password": PASSWORD }]);
        let resolved = resolve(&rig, &action, &answer).await;
        assert_eq!(resolved.status, 200, "{}", resolved.body);
    }
    let domain = domain(&rig, &id).await;
    let kept = domains::open_mail_logins(rig.wired.store.vault(), &domain).unwrap();
    assert_eq!(kept.keys().map(|email| json!(email)).collect::<Vec<_>>().len(), emails.len(), "{:?}", kept.keys());
}

#[tokio::test]
async fn records_that_mail_cannot_work_with_are_refused_and_nothing_changes() {
    let rig = Rig::live(None, None).await;
    let (id, action) = asking(&rig).await;
    let with = |n: usize, field: &str, value: &str| {
        let mut answer = made(NAME);
        answer["mailboxes"]["records"][n][field] = json!(value);
        answer
    };
    let mut many = made(NAME);
    many["mailboxes"]["records"] = json!(vec![records(NAME).remove(0); 21]);
    let mut strangers = made(NAME);
    strangers["mailboxes"]["logins"] = json!([{ "email": "ceo@other.com", "password": "hunter2-secret" }]);
    for (answer, path) in [
        (with(0, "name", "other.com"), "mailboxes.records[0].name"),
        (with(0, "type", "NS"), "mailboxes.records[0].type"),
        (with(0, "value", "v=spf1 -all"), "mailboxes.records[2].value"),
        (with(3, "value", "v=DKIM1; p=MIGf"), "mailboxes.records[3].value"),
        (many, "mailboxes.records"),
        (strangers, "mailboxes.logins[0].email"),
        (json!({ "mailboxes": { "records": records(NAME) } }), "mailboxes.made"),
        (json!({ "mailboxes": { "made": true } }), "mailboxes.records"),
        (json!({ "mailboxes": { "made": true, "more": 1 } }), "mailboxes.more"),
        (json!({ "mailboxes": [] }), "mailboxes"),
        (json!({ "forwarding_url": "https://acme.com" }), "forwarding_url"),
    ] {
        let refused = resolve(&rig, &action, &answer).await;
        assert_eq!((refused.status.as_u16(), &refused.body["error"]["field"]), (400, &json!(path)), "{}", refused.body);
        assert!(!refused.body.to_string().contains("hunter2"));
    }
    rig.work_off().await;
    assert_eq!(rig.order(&id).await["status"], "action_required");
    assert_eq!(open_actions(&rig).await, [action]);
}

#[tokio::test]
async fn a_worker_may_die_anywhere_before_and_after_the_answer() {
    for step in RunKind::Provision.steps() {
        for (point, fate) in FATES {
            let probe = Arc::new(Once { step: *step, point, fate, met: Mutex::new(false) });
            let mut rig = Rig::live(None, Some(probe.clone())).await;
            let context = format!("{} {point:?} {fate:?}", step.as_str());
            let id = rig.place(&order_body(&[NAME])).await;
            rig.work_off().await;
            let revive = async |rig: Rig| {
                let died = fate == Fate::Die && *probe.met.lock().unwrap();
                if died { restart(&rig).await } else { rig }
            };
            rig = revive(rig).await;
            soon(&rig).await;
            let action = open_actions(&rig).await.remove(0);
            assert_eq!(resolve(&rig, &action, &made(NAME)).await.status, 200, "{context}");
            rig.work_off().await;
            rig = revive(rig).await;
            rig.settle_all().await;
            assert!(*probe.met.lock().unwrap(), "{context}: the point was never reached");
            let order = rig.order(&id).await;
            assert_eq!(
                (&order["status"], &order["domains"][0]["inboxes"]),
                (&json!("completed"), &json!(2)),
                "{context}"
            );
            assert_eq!(rig.effects("registered", NAME).await, 1, "{context}");
        }
    }
}

#[tokio::test]
async fn mailboxes_made_by_hand_stay_when_the_domain_leaves_and_the_timeline_says_so() {
    let rig = Rig::live(None, None).await;
    let id = delivered(&rig).await;
    assert!(domain(&rig, &id).await.mail_logins.is_some());
    let cancelled = rig.call("POST", &format!("/orders/{id}/cancel"), None).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.body);
    rig.advance(32 * DAY).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "cancelled");
    assert_eq!(domain(&rig, &id).await.mail_logins, None, "nobody needs them any more");
    let timeline = rig.call("GET", &format!("/orders/{id}/timeline"), None).await.body.to_string();
    assert!(timeline.contains("made by hand and are not ours to delete"), "{timeline}");
}

#[tokio::test]
async fn what_is_given_up_asks_nobody_to_delete_anything_first() {
    let rig = Rig::live(None, None).await;
    let (id, action) = asking(&rig).await;
    assert_eq!(resolve(&rig, &action, &json!({ "give_up": true })).await.status, 200);
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "failed");
    assert_eq!(open_actions(&rig).await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_mailbox_that_is_renamed_is_renamed_by_hand() {
    let rig = Rig::live(None, None).await;
    let id = delivered(&rig).await;
    let before = domain(&rig, &id).await;
    let people = json!([
        { "first_name": "Kim", "last_name": "Ray", "profile_picture_url": null },
        { "first_name": "Sam", "last_name": "Lee", "profile_picture_url": null },
    ]);
    let body = json!({ "domain_id": before.id.as_str(), "personas": people });
    let swaps = rig.call("POST", "/swaps/user_names", Some(&body)).await;
    assert_eq!(swaps.status, 201, "{}", swaps.body);
    rig.work_off().await;
    let mut open = open_actions(&rig).await;
    assert_eq!(open.len(), 1, "one for all of the domain: {open:?}");
    let action = open.remove(0);
    let make = action["mailboxes"]["make"].as_array().unwrap();
    assert_eq!((make.len(), &action["mailboxes"]["records"]), (2, &json!([])));
    let old = format!("alex.rivera@{NAME}");
    let kim = make.iter().find(|one| one["in_place_of"] == old).unwrap();
    assert_eq!((&kim["email"], &kim["first_name"]), (&json!(format!("kim.ray@{NAME}")), &json!("Kim")));
    let more = resolve(&rig, &action, &made(NAME)).await;
    assert_eq!(more.body["error"]["field"], "mailboxes.records", "{}", more.body);
    assert_eq!(resolve(&rig, &action, &json!({ "mailboxes": { "made": true } })).await.status, 200);
    rig.settle_all().await;
    let inboxes = rig.call("GET", &format!("/inboxes?order_id={id}"), None).await.body;
    let emails: Vec<_> = inboxes["data"].as_array().unwrap().iter().map(|one| one["email"].clone()).collect();
    assert!(emails.contains(&json!(format!("kim.ray@{NAME}"))) && !emails.contains(&json!(old)), "{emails:?}");
    let kim = inboxes["data"].as_array().unwrap().iter().find(|one| one["email"] == format!("kim.ray@{NAME}")).unwrap();
    let access = rig.call("GET", &format!("/inboxes/{}/access", kim["id"].as_str().unwrap()), None).await.body;
    assert_eq!(
        access["data"]["kinds"],
        json!(["password"]),
        "the password goes with the address, however often that changes"
    );
}

#[tokio::test]
async fn the_operator_sees_what_is_to_be_made_and_says_that_it_is() {
    let rig = Rig::live(None, None).await;
    let (id, action) = asking(&rig).await;
    let (data, file, act) = (rig.folder.path(), rig.folder.path().join("made.json"), action["id"].as_str().unwrap());
    let path = file.display().to_string();
    let shown = run(data, &["actions", "show", act]).await;
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(text.contains(&format!("alex.rivera@{NAME}")) && text.contains("dkim"), "{text}");

    std::fs::write(&file, json!({ "mailboxes": { "made": true, "records": [] } }).to_string()).unwrap();
    let refused = run(data, &["actions", "resolve", act, "--file", &path]).await;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("MX record is missing"), "{said}");
    std::fs::write(&file, "[]").unwrap();
    let refused = run(data, &["actions", "resolve", act, "--file", &path]).await;
    assert_eq!(refused.status.code(), Some(2), "{}", String::from_utf8_lossy(&refused.stderr));
    std::fs::write(&file, made(NAME).to_string()).unwrap();
    let taken = run(data, &["actions", "resolve", act, "--file", &path]).await;
    assert!(taken.status.success(), "{}", String::from_utf8_lossy(&taken.stderr));
    let unknown = run(data, &["actions", "show", "act_none"]).await;
    assert_eq!(unknown.status.code(), Some(2));
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "completed");
    let acts = String::from_utf8_lossy(&run(data, &["audit", "--format", "json"]).await.stdout).into_owned();
    assert!(acts.contains("action.resolve") && acts.contains("actions resolve"), "{acts}");
}

#[tokio::test]
async fn inboxes_are_handed_out_as_a_file_that_only_the_operator_reads() {
    use std::os::unix::fs::PermissionsExt as _;

    let rig = Rig::live(None, None).await;
    let id = delivered(&rig).await;
    let answers = [
        rig.order(&id).await,
        rig.call("GET", &format!("/inboxes?order_id={id}"), None).await.body,
        json!(rig.events().await),
    ];
    assert!(answers.iter().all(|answer| !answer.to_string().contains(PASSWORD)));

    let (data, file) = (rig.folder.path(), rig.folder.path().join("inboxes.csv"));
    let shown = run(data, &["orders", "inboxes", &id]).await;
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.status.success() && text.contains("alex.rivera@") && !text.contains(PASSWORD), "{text}");
    let path = file.display().to_string();
    let written = run(data, &["orders", "inboxes", &id, "--csv", &path, "--passwords"]).await;
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    assert!(!String::from_utf8_lossy(&written.stdout).contains(PASSWORD));
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let csv = std::fs::read_to_string(&file).unwrap();
    assert_eq!(csv.lines().count(), 3, "{csv}");
    let alex = csv.lines().find(|line| line.starts_with("alex.rivera@")).unwrap();
    assert!(
        alex.starts_with("alex.rivera@acme-mail.com,Alex,Rivera,google,acme-mail.com,smtp.gmail.com,465,"),
        "{alex}"
    );
    assert!(alex.ends_with(PASSWORD));
    let again = run(data, &["orders", "inboxes", &id, "--csv", &path]).await;
    assert!(!again.status.success(), "never over a file that is there");
    let acts = run(data, &["--format", "json", "audit"]).await;
    assert!(String::from_utf8_lossy(&acts.stdout).contains("logins.hand_out"));
}
