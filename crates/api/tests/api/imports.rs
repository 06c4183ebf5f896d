//! Imports, as far as requests go; what the workers do is told in the server's stories.

use std::time::Duration;

use model::change::Change;
use model::clock::{DAY, HOUR};
use model::import::ImportRowStatus;
use model::partner::Preset;
use model::world::Environment;
use serde_json::{Value, json};
use store::imports;

use crate::support::{Api, NOON, Reply, order, settings, with};

const PATH: &str = "/partner/v1/domains/import";

fn names(names: &[&str]) -> Value {
    json!({ "domains": names })
}

fn id(reply: &Reply) -> String {
    reply.data()["id"].as_str().expect("an id").to_owned()
}

fn jobs(path: &str) -> String {
    format!("{PATH}/jobs{path}")
}

#[tokio::test]
async fn a_job_is_answered_with_a_row_for_each_name_and_read_in_every_way() {
    proves!(
        "POST /domains/import/jobs",
        "GET /domains/import",
        "GET /domains/import/{id}",
        "GET /domains/import/jobs/{id}",
        "Import",
        "ImportedDomain",
    );
    let api = Api::start().await;
    let sent = names(&["Acme-Mail.com.", "www.acme.com", "acme-mail.com", "not a name"]);
    let reply = api.post(&jobs(""), &sent).await.is(202);
    let id = id(&reply);
    assert!(id.starts_with("imp_") && id.len() == 30);
    let domain = reply.data()["domains"][0]["id"].as_str().unwrap();
    assert!(domain.starts_with("dom_"));
    assert_eq!(
        *reply.data(),
        json!({
            "id": id,
            "status": "in_progress",
            "domain_count": 3,
            "completed_count": 0,
            "failed_count": 2,
            "nameserver_groups": [],
            "domains": [
                { "id": domain, "domain": "acme-mail.com", "status": "waiting_for_nameservers", "reason": null },
                { "id": null, "domain": "www.acme.com", "status": "failed", "reason": "not_root" },
                { "id": null, "domain": "not a name", "status": "failed", "reason": "invalid" }
            ],
            "created_at": NOON,
            "completed_at": null
        })
    );
    assert_eq!(api.nudges(), 1);
    for path in [
        format!("{PATH}/{id}"),
        jobs(&format!("/{id}")),
        format!("{PATH}?domains=acme-mail.com"),
        format!("{PATH}?domains=not%20a%20name,ACME-MAIL.com,www.acme.com,acme-mail.com"),
        format!("{PATH}?domains=acme-mail.com&domains=www.acme.com"),
    ] {
        assert_eq!(api.get(&path).await.is(200).json, reply.json, "{path}");
    }
}

#[tokio::test]
async fn the_synchronous_call_answers_with_the_job_as_it_is_when_its_time_is_up() {
    let api = Api::start().await;
    let reply = api.post(PATH, &names(&["acme.com"])).await.is(200);
    assert_eq!(reply.data()["status"], "in_progress");
    assert_eq!(api.get(&format!("{PATH}/{}", id(&reply))).await.is(200).json, reply.json);
}

/// An API that waits for an hour, unless what it waits for comes first.
async fn patient() -> Api {
    Api::with(api::Settings { import_wait: Duration::from_secs(3_600), ..settings() }).await
}

#[tokio::test]
async fn a_server_that_stops_answers_with_the_job_as_it_is() {
    let api = patient().await;
    let wanted = names(&["acme.com"]);
    let (reply, ()) = tokio::join!(api.post(PATH, &wanted), async { api.stop.cancel() });
    assert_eq!(reply.is(200).data()["status"], "in_progress");
}

#[tokio::test]
async fn it_answers_as_soon_as_every_name_has_its_nameservers_or_has_ended() {
    proves!("POST /domains/import", "NameserverGroup");
    let api = patient().await;
    let failed = api.post(PATH, &names(&["www.acme.com"])).await.is(200);
    assert_eq!(failed.data()["status"], "failed", "nothing to wait for");

    let (first, wanted) = (names(&["acme.com", "bravo.com", "charlie.com"]), ["ns2.x.example", "ns1.x.example"]);
    let job = api.post(&jobs(""), &first).await.is(202);
    let (reply, ()) = tokio::join!(api.post(PATH, &first), async {
        let mut db = api.store.read().await.unwrap();
        let mut rows = imports::rows(&mut db, &model::id::Id::opaque(id(&job))).await.unwrap();
        for (n, row) in rows.iter_mut().enumerate() {
            row.nameservers = wanted.map(str::to_owned).to_vec();
            row.nameservers.rotate_left(n % 2);
        }
        rows[2].status = ImportRowStatus::Failed;
        let mut change = Change::default();
        change.import_rows.update = rows;
        api.write(change).await;
    });
    let group = json!({ "nameservers": ["ns1.x.example", "ns2.x.example"], "domains": ["acme.com", "bravo.com"] });
    assert_eq!(reply.is(200).data()["nameserver_groups"], json!([group]));
}

#[tokio::test]
async fn the_same_set_is_the_same_job_in_whatever_order_and_by_whichever_call() {
    let api = Api::start().await;
    let first = api.post(&jobs(""), &names(&["acme.com", "bravo.com", "www.acme.com"])).await.is(202);
    for again in [["WWW.acme.com", "bravo.com", "acme.com"], ["bravo.com", "acme.com.", "www.acme.com"]] {
        assert_eq!(api.post(&jobs(""), &names(&again)).await.is(202).json, first.json);
        assert_eq!(api.post(PATH, &names(&again)).await.is(200).json, first.json);
    }
    api.clock.advance(9 * DAY);
    assert_eq!(api.post(&jobs(""), &names(&["bravo.com", "acme.com", "www.acme.com"])).await.is(202).json, first.json);

    let part = api.post(&jobs(""), &names(&["acme.com", "charlie.com"])).await.is(202);
    let reasons: Vec<_> = part.data()["domains"].as_array().unwrap().iter().map(|row| row["reason"].clone()).collect();
    assert_eq!(reasons, [json!("already_imported"), Value::Null]);
    let newest = api.get(&format!("{PATH}?domains=acme.com")).await.is(200);
    assert_eq!(newest.data()["id"], part.data()["id"], "the newest job that holds it");
    let other = api.get(&format!("{PATH}?domains=bravo.com,acme.com")).await.is(200);
    assert_eq!(other.data()["id"], first.data()["id"]);
}

#[tokio::test]
async fn a_job_that_has_ended_answers_for_a_day() {
    let api = Api::start().await;
    let first = api.post(&jobs(""), &names(&["www.acme.com"])).await.is(202);
    assert_eq!((&first.data()["status"], &first.data()["completed_at"]), (&json!("failed"), &json!(NOON)));
    api.clock.advance(24 * HOUR - 1);
    assert_eq!(api.post(&jobs(""), &names(&["www.acme.com"])).await.is(202).json, first.json);
    api.clock.advance(1);
    let second = api.post(&jobs(""), &names(&["www.acme.com"])).await.is(202);
    assert_ne!(second.data()["id"], first.data()["id"]);
    assert_eq!(api.post(&jobs(""), &names(&["www.acme.com"])).await.is(202).json, second.json);
    let events = api.get("/partner/v1/events").await.is(200);
    let rows = events.data().as_array().unwrap();
    assert_eq!(rows.len(), 2);
    let message =
        "None of the names could be imported; `domains[].reason` says why for each. Mend that, and import them again.";
    let why = [("reason", json!("nothing_imported")), ("action_id", Value::Null), ("message", json!(message))];
    assert_eq!((&rows[1]["type"], &rows[1]["data"]), (&json!("domain_import.failed"), &with(first.data(), &why)));
}

#[tokio::test]
async fn the_same_set_twice_at_the_same_moment_is_one_job() {
    let api = Api::start().await;
    for set in [["acme.com", "bravo.com"], ["www.acme.com", "co.uk"]] {
        let body = names(&set);
        let path = jobs("");
        let call = || api.post(&path, &body);
        let (a, b, c, d) = tokio::join!(call(), call(), call(), call());
        for other in [b, c, d] {
            assert_eq!(other.is(202).json, a.json);
        }
    }
    assert_eq!(api.get("/partner/v1/events").await.is(200).data().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn names_that_are_here_already_fail_whatever_they_are_here_for() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    api.post("/partner/v1/orders", &order(&bundle)).await.is(200);
    let reply = api.post(&jobs(""), &names(&["acme-mail.com", "team-acme.com"])).await.is(202);
    let rows = reply.data()["domains"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["reason"] == "already_imported" && row["id"].is_null()), "{rows:?}");

    // A name that is being imported cannot be bought meanwhile.
    api.post(&jobs(""), &names(&["acme-two.com"])).await.is(202);
    let body = with(&order(&bundle), &[("domains", json!(["acme-two.com", "acme-three.com"]))]);
    let error = api.post("/partner/v1/orders", &body).await.refuses(409, "domain_unavailable");
    assert_eq!(error["details"]["domains"], json!([{ "domain": "acme-two.com", "reason": "import_in_progress" }]));
}

#[tokio::test]
async fn every_fault_of_the_body_and_of_the_query_is_told_at_its_place() {
    let api = Api::start().await;
    for (path, most) in [(PATH.to_owned(), 25), (jobs(""), 500)] {
        let many: Vec<_> = (0..=most).map(|n| format!("acme-{n}.com")).collect();
        for (body, field) in [
            (json!({}), "domains"),
            (json!({ "domains": [] }), "domains"),
            (json!({ "domains": "acme.com" }), "domains"),
            (json!({ "domains": many }), "domains"),
            (json!({ "domains": ["acme.com", 7] }), "domains[1]"),
            (json!({ "domains": [{ "domain": "acme.com" }] }), "domains[0]"),
            (json!({ "domains": ["acme.com"], "replace_live_mail": "yes" }), "replace_live_mail"),
            (json!({ "domains": ["acme.com"], "replace_mail": true }), "replace_mail"),
        ] {
            api.post(&path, &body).await.refuses_field(field);
        }
        api.post(&path, &json!({ "domains": &many[..most], "replace_live_mail": null })).await.is(if most == 25 {
            200
        } else {
            202
        });
    }
    let many =
        vec!["a.com"; 501].iter().enumerate().map(|(n, name)| format!("{n}{name}")).collect::<Vec<_>>().join(",");
    for query in ["", "?domains=", "?domains=,%20,", "?names=acme.com", &format!("?domains={many}")] {
        api.get(&format!("{PATH}{query}")).await.refuses_field("domains");
    }
    assert_eq!(
        api.get(&format!("{PATH}?domains=acme-1.com,nobody.com")).await.refuses(404, "not_found")["field"],
        "domains"
    );
    api.get(&format!("{PATH}/imp_nothing")).await.refuses(404, "not_found");
    api.get(&jobs("/imp_nothing")).await.refuses(404, "not_found");
    api.get(&jobs("")).await.refuses(405, "method_not_allowed");
}

#[tokio::test]
async fn a_text_that_no_database_takes_becomes_a_row_too() {
    let api = Api::start().await;
    let long = "x".repeat(100_000);
    let reply = api.post(&jobs(""), &names(&["a\u{0}b", &long, ""])).await.is(202);
    let rows = reply.data()["domains"].as_array().unwrap();
    assert_eq!((&rows[0]["domain"], rows[1]["domain"].as_str().unwrap().len()), (&json!("a\u{fffd}b"), 255));
    assert!(rows.iter().all(|row| row["reason"] == "invalid"));
}

#[tokio::test]
async fn jobs_are_their_partners_and_their_environments_own() {
    let api = Api::live().await;
    let job = api.post(&jobs(""), &names(&["acme.com"])).await.is(202);
    let live = api.add_key(Environment::Live, Preset::Full).await;
    let other = api.add_partner("Other").await;
    let others = api.add_key_of(&other, Environment::Test, Preset::Full, |_| ()).await;
    let others_live = api.add_key_of(&other, Environment::Live, Preset::Full, |_| ()).await;
    for key in [&live, &others] {
        for path in [format!("{PATH}/{}", id(&job)), format!("{PATH}?domains=acme.com")] {
            api.get_as(key, &path).await.refuses(404, "not_found");
        }
        let own = api.json_as(key, "POST", &jobs(""), &names(&["acme.com"])).await.is(202);
        assert_eq!(own.data()["status"], "in_progress");
    }
    // In the real world a name is somebody's, and it is not said whose.
    let taken = api.json_as(&others_live, "POST", &jobs(""), &names(&["acme.com"])).await.is(202);
    let row = json!([{ "id": null, "domain": "acme.com", "status": "failed", "reason": "already_imported" }]);
    assert_eq!(taken.data()["domains"], row);
}

#[tokio::test]
async fn live_names_need_a_dns_host() {
    let api = Api::start().await;
    let live = api.add_key(Environment::Live, Preset::Full).await;
    for path in [PATH.to_owned(), jobs("")] {
        api.json_as(&live, "POST", &path, &names(&["acme.com"])).await.refuses(503, "provider_not_configured");
    }
}
