//! Imports: names that customers bring, from the first look to the order on them.

use model::change::Change;
use model::clock::{HOUR, MINUTE, SECOND};
use model::domain::{Domain, DomainName, DomainStatus, MailProvider, Source};
use model::id::{DomainId, Id};
use model::run::RunKind;
use serde_json::{Value, json};
use store::{actions, domains, runs};

use crate::support::{NOW, Rig, order_body, postgres, write};

async fn import(rig: &Rig, names: &[&str]) -> Value {
    import_with(rig, names, false).await
}

async fn import_with(rig: &Rig, names: &[&str], replace_live_mail: bool) -> Value {
    let body = json!({ "domains": names, "replace_live_mail": replace_live_mail });
    let answer = rig.call("POST", "/domains/import/jobs", Some(&body)).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.body["data"].clone()
}

async fn job(rig: &Rig, id: &Value) -> Value {
    let answer = rig.call("GET", &format!("/domains/import/{}", id.as_str().unwrap()), None).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"].clone()
}

/// The status and reason of each name.
fn ends(job: &Value) -> Vec<(&str, &str)> {
    let rows = job["domains"].as_array().unwrap().iter();
    rows.map(|row| (row["status"].as_str().unwrap(), row["reason"].as_str().unwrap_or_default())).collect()
}

async fn domain(rig: &Rig, id: &Value) -> Domain {
    let id = DomainId::opaque(id.as_str().unwrap());
    domains::load(&mut rig.wired.store.read().await.unwrap(), &id).await.unwrap().unwrap()
}

/// The data of the last event, and its type.
async fn last_event(rig: &Rig) -> (Value, Value) {
    let answer = rig.call("GET", "/events", None).await;
    let event = &answer.body["data"][0];
    (event["type"].clone(), event["data"].clone())
}

/// The job as an event shows it that says why it was told, and the reason.
fn told_why((kind, mut data): (Value, Value)) -> (Value, Value, Value) {
    let fields = data.as_object_mut().unwrap();
    assert!(fields.remove("message").unwrap().is_string());
    assert_eq!(fields.remove("action_id").unwrap().is_string(), kind == "domain_import.action_required");
    let reason = fields.remove("reason").unwrap();
    (kind, reason, data)
}

/// The call answers when the zones are there, while the workers run beside it.
async fn at_once(rig: Rig) {
    let engine = rig.wired.engine.clone();
    let working = tokio::spawn(async move { engine.run().await });
    let names = ["acme.com", "bravo.com", "charlie.com", "delta.com", "unreg-echo.com", "www.acme.com"];
    let answer = rig.call("POST", "/domains/import", Some(&json!({ "domains": names }))).await;
    rig.wired.stop.cancel();
    working.await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    let job = &answer.body["data"];
    assert_eq!((&job["status"], &job["failed_count"]), (&json!("in_progress"), &json!(2)));
    let waiting = ("waiting_for_nameservers", "");
    let expected = [waiting, waiting, waiting, waiting, ("failed", "not_registered"), ("failed", "not_root")];
    assert_eq!(ends(job), expected);
    let groups = job["nameserver_groups"].as_array().unwrap();
    let mut grouped: Vec<_> = groups.iter().flat_map(|group| group["domains"].as_array().unwrap()).collect();
    grouped.sort_by_key(|name| name.as_str());
    assert_eq!(grouped, ["acme.com", "bravo.com", "charlie.com", "delta.com"]);
    assert!(groups.len() > 1 && groups.iter().all(|group| group["nameservers"].as_array().unwrap().len() == 2));
}

#[tokio::test]
async fn a_synchronous_import_answers_when_the_zones_exist_on_sqlite() {
    at_once(Rig::waiting(None, 60).await).await;
}

#[tokio::test]
async fn a_synchronous_import_answers_when_the_zones_exist_on_postgresql() {
    if let Some(server) = postgres::server() {
        at_once(Rig::waiting(Some(server.fresh_schema().await), 60).await).await;
    }
}

/// From the names to an order on them.
async fn whole(rig: Rig) {
    let begun = import(&rig, &["acme-one.com", "Acme-Two.com", "unreg-acme.com", "zoneref-acme.com"]).await;
    let id = &begun["id"];
    rig.work_off().await;
    let now = job(&rig, id).await;
    let waiting = ("waiting_for_nameservers", "");
    assert_eq!(ends(&now), [waiting, waiting, ("failed", "not_registered"), ("failed", "zone_refused")]);
    assert_eq!((&now["status"], &now["failed_count"]), (&json!("in_progress"), &json!(2)));
    let one = &now["domains"][0]["id"];
    assert_eq!(domain(&rig, one).await.status, DomainStatus::Configuring);
    assert_eq!(domain(&rig, &now["domains"][3]["id"]).await.status, DomainStatus::Failed);

    // The sandbox's owners set our nameservers when the zone is a minute old: at the first look after that.
    rig.advance(MINUTE - SECOND).await;
    assert_eq!(ends(&job(&rig, id).await)[0], waiting);
    rig.advance(SECOND).await;
    let done = job(&rig, id).await;
    assert_eq!(ends(&done)[..2], [("connected", ""), ("connected", "")]);
    assert_eq!((&done["status"], &done["completed_count"]), (&json!("completed"), &json!(2)));
    assert_eq!(done["completed_at"], "2026-05-08T12:01:00Z");
    assert_eq!(rig.event_types().await, ["domain_import.completed"]);
    assert_eq!(last_event(&rig).await, (json!("domain_import.completed"), done.clone()));
    let imported = domain(&rig, one).await;
    assert_eq!((imported.status, imported.source, imported.held), (DomainStatus::Available, Source::Imported, true));
    assert_eq!(imported.usable_for, [MailProvider::Google, MailProvider::Microsoft]);

    // An order on them buys nothing.
    let order = rig.place(&order_body(&["acme-one.com", "acme-two.com"])).await;
    assert_eq!(rig.order(&order).await["costs"]["total_cents"], 4200);
    rig.settle_all().await;
    let order = rig.order(&order).await;
    assert_eq!(
        (order["status"].as_str(), order["domains"][0]["source"].as_str()),
        (Some("completed"), Some("imported"))
    );
    assert_eq!(order["domains"][0]["id"], *one);
    let kinds: Vec<_> = order["costs"]["line_items"].as_array().unwrap().iter().map(|line| &line["type"]).collect();
    assert!(!kinds.contains(&&json!("domain_registration")), "{kinds:?}");
    for name in ["acme-one.com", "acme-two.com"] {
        assert_eq!((rig.effects("registered", name).await, rig.effects("zone_created", name).await), (0, 1), "{name}");
    }
    let again = import(&rig, &["acme-one.com"]).await;
    assert_eq!(ends(&again), [("failed", "already_imported")]);
    // A failed name is free: it can be brought again.
    let again = import(&rig, &["zoneref-acme.com"]).await;
    assert_eq!(again["status"], "in_progress");
}

#[tokio::test]
async fn names_are_brought_and_ordered_on_sqlite() {
    proves!("event domain_import.completed");
    whole(Rig::sqlite().await).await;
}

#[tokio::test]
async fn names_are_brought_and_ordered_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        whole(rig).await;
    }
}

#[tokio::test]
async fn mail_that_is_received_is_not_taken_over_unasked() {
    proves!("event domain_import.failed");
    let rig = Rig::sqlite().await;
    let first = import(&rig, &["livemx-acme.com"]).await;
    rig.settle_all().await;
    let failed = job(&rig, &first["id"]).await;
    assert_eq!((ends(&failed), &failed["status"]), (vec![("failed", "live_mail")], &json!("failed")));
    let told = told_why(last_event(&rig).await);
    assert_eq!(told, (json!("domain_import.failed"), json!("nothing_imported"), failed.clone()));
    assert_eq!(rig.effects("zone_created", "livemx-acme.com").await, 0);
    assert_eq!(import(&rig, &["livemx-acme.com"]).await, failed, "the same answer for a day");

    let second = import_with(&rig, &["livemx-acme.com"], true).await;
    assert_ne!(second["id"], first["id"]);
    rig.settle_all().await;
    assert_eq!(job(&rig, &second["id"]).await["status"], "completed");
    assert_eq!(import_with(&rig, &["livemx-acme.com"], true).await["id"], second["id"]);
    assert_eq!(rig.event_types().await, ["domain_import.failed", "domain_import.completed"]);
}

#[tokio::test]
async fn a_name_whose_zone_is_signed_is_told_before_anything_is_changed() {
    let rig = Rig::sqlite().await;
    let first = import(&rig, &["signed-acme.com"]).await;
    rig.settle_all().await;
    let failed = job(&rig, &first["id"]).await;
    assert_eq!((ends(&failed), &failed["status"]), (vec![("failed", "signed")], &json!("failed")));
    assert_eq!(rig.effects("zone_created", "signed-acme.com").await, 0);
}

#[tokio::test]
async fn a_name_that_its_registry_holds_fast_is_told_before_anything_is_changed_and_tried_anew() {
    let rig = Rig::sqlite().await;
    let names = ["locked-acme.com", "hold-acme.com"];
    let first = import(&rig, &names).await;
    rig.settle_all().await;
    let failed = job(&rig, &first["id"]).await;
    assert_eq!(ends(&failed), [("failed", "locked"), ("failed", "suspended")]);
    for name in names {
        assert_eq!(rig.effects("zone_created", name).await, 0, "{name}");
    }
    assert_ne!(import(&rig, &names).await["id"], first["id"], "it may be mended by now");
}

#[tokio::test]
async fn awkward_providers_are_lived_with() {
    let rig = Rig::sqlite().await;
    let names = ["flaky-acme.com", "lost-acme.com", "slow-acme.com"];
    let begun = import(&rig, &names).await;
    rig.settle_all().await;
    assert_eq!(job(&rig, &begun["id"]).await["completed_count"], 3);
    for name in names {
        assert_eq!(rig.effects("zone_created", name).await, 1, "{name}");
    }
}

/// Nameservers that nobody sets for a day are asked for.
async fn asked(rig: &Rig, id: &Value) -> DomainId {
    rig.work_off().await;
    rig.advance(MINUTE).await;
    let waiting = job(rig, id).await;
    assert_eq!(ends(&waiting), [("waiting_for_nameservers", ""), ("connected", "")]);
    rig.advance(24 * HOUR - MINUTE - SECOND).await;
    assert_eq!(job(rig, id).await["status"], "in_progress");
    assert_eq!(rig.event_types().await, Vec::<String>::new());
    rig.advance(MINUTE).await;
    let asking = job(rig, id).await;
    assert_eq!((&asking["status"], &asking["completed_at"]), (&json!("action_required"), &Value::Null));
    assert_eq!(ends(&asking), ends(&waiting));
    assert_eq!(rig.event_types().await, ["domain.action_required", "domain_import.action_required"]);
    let told = told_why(last_event(rig).await);
    assert_eq!(told, (json!("domain_import.action_required"), json!("nameservers_not_pointed"), asking.clone()));
    let domain = domain(rig, &asking["domains"][0]["id"]).await;
    assert_eq!(domain.status, DomainStatus::ActionRequired);
    let mut db = rig.wired.store.read().await.unwrap();
    let action = actions::open_of_domain(&mut db, &domain.id).await.unwrap().unwrap();
    assert_eq!((action.reason.as_str(), action.order, action.user), ("nameservers_not_pointed", None, None));
    domain.id
}

async fn connected_after_all(rig: &Rig, id: &Value, asked: &DomainId) {
    let done = job(rig, id).await;
    assert_eq!((&done["status"], &done["completed_count"]), (&json!("completed"), &json!(2)));
    let mut db = rig.wired.store.read().await.unwrap();
    assert!(actions::open_of_domain(&mut db, asked).await.unwrap().is_none());
    let domain = domains::load(&mut db, asked).await.unwrap().unwrap();
    assert_eq!((domain.status, domain.held), (DomainStatus::Available, true));
    let told = ["domain.action_required", "domain_import.action_required", "domain_import.completed"];
    assert_eq!(rig.event_types().await, told);
    assert_eq!(last_event(rig).await.1, done);
    let order = rig.place(&order_body(&["nons-acme.com", "acme-two.com"])).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&order).await["status"], "completed");
}

/// They come by themselves after two days, and looking goes on every ten minutes.
async fn nameservers_come_late(rig: Rig) {
    let id = &import(&rig, &["nons-acme.com", "acme-two.com"]).await["id"];
    let domain = asked(&rig, id).await;
    rig.advance(23 * HOUR).await;
    assert_eq!(job(&rig, id).await["status"], "action_required");
    rig.advance(HOUR + 10 * MINUTE).await;
    connected_after_all(&rig, id, &domain).await;
}

#[tokio::test]
async fn nameservers_that_come_late_are_asked_for_and_found_on_sqlite() {
    proves!("event domain_import.action_required");
    nameservers_come_late(Rig::sqlite().await).await;
}

#[tokio::test]
async fn nameservers_that_come_late_are_asked_for_and_found_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        nameservers_come_late(rig).await;
    }
}

#[tokio::test]
async fn a_person_who_says_that_they_are_set_is_believed_at_once() {
    let rig = Rig::sqlite().await;
    let id = &import(&rig, &["nons-acme.com", "acme-two.com"]).await["id"];
    let domain = asked(&rig, id).await;
    let mut db = rig.wired.store.read().await.unwrap();
    let mut run = runs::open_of_domain(&mut db, &domain, RunKind::Import).await.unwrap().remove(0);
    run.memory.nudges += 1;
    let mut change = Change::default();
    change.make_due.push(run.id.clone());
    change.runs.update.push(run);
    write(&rig.wired, change).await;
    rig.work_off().await;
    connected_after_all(&rig, id, &domain).await;
}

#[tokio::test]
async fn an_order_on_a_name_that_lost_its_delegation_asks_for_it() {
    let rig = Rig::sqlite().await;
    let domain = Domain {
        status: DomainStatus::Available,
        held: true,
        usable_for: vec![MailProvider::Google, MailProvider::Microsoft],
        ..Domain::new(
            rig.wired.app.ids.next(),
            &rig.scope(),
            DomainName::stored("nons-acme.com"),
            Source::Imported,
            NOW,
        )
    };
    let mut change = Change::default();
    change.domains.insert.push(domain);
    write(&rig.wired, change).await;
    let order = rig.place(&order_body(&["nons-acme.com"])).await;
    rig.work_off().await;
    rig.advance(24 * HOUR - SECOND).await;
    assert_eq!(rig.order(&order).await["status"], "in_progress");
    rig.advance(MINUTE).await;
    assert_eq!(rig.order(&order).await["status"], "action_required");
    assert_eq!(rig.event_types().await[1..], ["domain.action_required", "order.action_required"]);
    rig.advance(24 * HOUR).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&order).await["status"], "completed");
}

/// As many names as a job may have, each taken over once.
async fn five_hundred(rig: Rig) {
    let names: Vec<_> = (0..500).map(|n| format!("acme-{n}.com")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let begun = import(&rig, &names).await;
    assert_eq!((&begun["status"], &begun["domain_count"]), (&json!("in_progress"), &json!(500)));
    rig.settle_all().await;
    let done = job(&rig, &begun["id"]).await;
    assert_eq!((&done["status"], &done["completed_count"]), (&json!("completed"), &json!(500)));
    assert_eq!(last_event(&rig).await, (json!("domain_import.completed"), done.clone()));
    let groups = done["nameserver_groups"].as_array().unwrap();
    let grouped: usize = groups.iter().map(|group| group["domains"].as_array().unwrap().len()).sum();
    assert_eq!((groups.len(), grouped), (4, 500));
    let ledger = rig.wired.sim.ledger(None).await.unwrap();
    assert_eq!(ledger.len(), 500);
    assert!(ledger.iter().all(|effect| effect.effect == "zone_created"));
}

#[tokio::test]
async fn a_job_of_five_hundred_names_on_sqlite() {
    five_hundred(Rig::sqlite().await).await;
}

#[tokio::test]
async fn a_job_of_five_hundred_names_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        five_hundred(rig).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_set_twice_at_one_moment_is_one_job_on_postgresql() {
    let Some(rig) = Rig::postgres().await else { return };
    let other = rig.another(None).await;
    for names in [["acme-one.com", "acme-two.com"], ["www.acme.com", "co.uk"]] {
        let (a, b, c, d) =
            tokio::join!(import(&rig, &names), import(&other, &names), import(&rig, &names), import(&other, &names));
        assert!([b, c, d].iter().all(|other| other["id"] == a["id"]), "{names:?}");
    }
    // Sets that overlap: each name is taken over once.
    let names = [["acme-a.com", "acme-b.com"], ["acme-b.com", "acme-c.com"], ["acme-c.com", "acme-a.com"]];
    let jobs = tokio::join!(import(&rig, &names[0]), import(&other, &names[1]), import(&rig, &names[2]));
    tokio::join!(rig.settle_all(), other.settle_all());
    let mut completed = 0;
    for begun in [jobs.0, jobs.1, jobs.2] {
        completed += job(&rig, &begun["id"]).await["completed_count"].as_i64().unwrap();
    }
    assert_eq!(completed, 3);
    for name in ["acme-a.com", "acme-b.com", "acme-c.com"] {
        assert_eq!(rig.effects("zone_created", name).await, 1, "{name}");
    }
}
