//! Asking for swaps and reading them.

use model::change::Change;
use model::clock::Clock as _;
use model::domain::{Domain, DomainStatus};
use model::id::{Id as _, OrderId};
use model::inbox::{Inbox, InboxStatus, LinkStatus};
use model::partner::Preset;
use model::world::Environment;
use serde_json::{Value, json};
use store::domains;

use crate::support::{Api, order, with, without};

/// An API with a delivered order: a Microsoft domain and a Google domain with one inbox.
pub(crate) async fn delivered() -> (Api, Vec<Domain>) {
    let api = Api::start().await;
    let id = api.post("/partner/v1/orders", &order(&api.small_bundle().await)).await.is(200).data()["id"].clone();
    let rows = of_order(&api, &id).await;
    let mut change = Change::default();
    change.domains.update.extend(rows.iter().map(|row| Domain { status: DomainStatus::Active, ..row.clone() }));
    change.inboxes.insert.push(inbox(&api, &rows[1]));
    api.write(change).await;
    let rows = of_order(&api, &id).await;
    (api, rows)
}

async fn of_order(api: &Api, id: &Value) -> Vec<Domain> {
    let id = OrderId::opaque(id.as_str().expect("an id"));
    let mut db = api.store.read().await.expect("the store can be read");
    domains::of_order(&mut db, &id).await.expect("domains can be read")
}

fn inbox(api: &Api, domain: &Domain) -> Inbox {
    Inbox {
        id: model::id::InboxId::opaque("inb_01JTZ8A1B2C3D4E5F6G7H8J9K0"),
        partner: domain.partner.clone(),
        world: domain.world.clone(),
        domain: domain.id.clone(),
        order: domain.order.clone().expect("an order"),
        user: domain.user.clone().expect("a user"),
        email: format!("alex.rivera@{}", domain.name),
        first_name: "Alex".into(),
        last_name: "Rivera".into(),
        provider: domain.provider.expect("a provider"),
        status: InboxStatus::Active,
        link: LinkStatus::Linked,
        account_id: Some("1".into()),
        created_at: api.clock.now(),
        version: 1,
    }
}

fn wish(domain: &Domain) -> Value {
    json!({ "type": "standard", "domain_id": domain.id.to_string(), "replacement_domain": "acme-post.com" })
}

fn names(domain: &Domain) -> Value {
    let person = json!({ "first_name": "Kim", "last_name": "Ray", "profile_picture_url": null });
    json!({ "domain_id": domain.id.to_string(), "personas": [person] })
}

const SWAPS: &str = "/partner/v1/swaps";
const NAMES: &str = "/partner/v1/swaps/user_names";

#[tokio::test]
async fn a_swap_has_exactly_the_published_shape_and_ours_after_it() {
    proves!("POST /swaps", "GET /swaps/{id}", "POST /swaps/{id}/cancel", "Swap");
    let (api, rows) = delivered().await;
    let reply = api.post(SWAPS, &wish(&rows[1])).await.is(201);
    assert_eq!(reply.header("idempotent-replayed"), None);
    let id = reply.data()["id"].as_str().unwrap().to_owned();
    let expected = json!({
        "id": id,
        "type": "standard",
        "domain_id": rows[1].id.to_string(),
        "replacement_domain": "acme-post.com",
        "status": "created",
        "reason": null,
        "created_at": "2026-05-08T12:00:00Z",
        "order_id": rows[1].order.as_ref().unwrap().to_string(),
        "user_id": rows[1].user.as_ref().unwrap().to_string(),
        "replacement_domain_id": null,
        "inbox_id": null,
        "warm_until": null,
        "loses": null,
        "finished_at": null,
    });
    let asked = with(&expected, &[("loses", reply.data()["loses"].clone())]);
    assert_eq!(*reply.data(), asked);
    assert!(id.starts_with("swp_") && id.len() == 30);
    assert_eq!(*api.get(&format!("{SWAPS}/{id}")).await.is(200).data(), expected);
    assert_eq!(api.nudges(), 2);
    let event = api.get("/partner/v1/events?type=swap.created").await.is(200).data()[0].clone();
    assert_eq!(event["data"], expected);

    // The same again is the same; cancelled, it can be asked for anew.
    let again = api.post(SWAPS, &without(&wish(&rows[1]), "type")).await.is(201);
    assert_eq!((again.header("idempotent-replayed"), again.data()), (Some("true"), &asked));
    let cancelled = api.json("POST", &format!("{SWAPS}/{id}/cancel"), &json!({})).await.is(200);
    assert_eq!(
        (&cancelled.data()["status"], &cancelled.data()["reason"]),
        (&json!("cancelled"), &json!("cancel_requested"))
    );
    let told = api.get("/partner/v1/events?type=swap.cancelled").await.is(200).data()[0]["data"].clone();
    let message = "The swap was cancelled as you asked. The domain stays as it is.";
    assert_eq!(told, with(cancelled.data(), &[("action_id", Value::Null), ("message", json!(message))]));
    assert_eq!(cancelled.data()["finished_at"], "2026-05-08T12:00:00Z");
    let error = api.post(&format!("{SWAPS}/{id}/cancel"), &json!({})).await.refuses(409, "conflict");
    assert_eq!(error["details"]["reason"], "swap_cancelled");
    assert_ne!(api.post(SWAPS, &wish(&rows[1])).await.is(201).data()["id"], id.as_str());
}

#[tokio::test]
async fn a_swap_and_a_renaming_say_what_they_lose_at_the_sequencer_before_it_is_lost() {
    proves!("POST /swaps/user_names", "Loses", "LostAccount");
    let (api, rows) = delivered().await;
    let lost = inbox(&api, &rows[1]);
    let account = json!({ "inbox_id": lost.id.as_str(), "email": lost.email, "account_id": "1" });
    let swap = api.post(SWAPS, &wish(&rows[1])).await.is(201);
    assert_eq!(swap.data()["loses"]["accounts"], json!([account]));
    assert!(swap.data()["loses"]["message"].as_str().unwrap().contains("campaigns that send from them stop"));
    let path = format!("{SWAPS}/{}/cancel", swap.data()["id"].as_str().unwrap());
    assert_eq!(api.json("POST", &path, &json!({})).await.is(200).data()["loses"], Value::Null);

    let same = json!({ "first_name": "Alex", "last_name": "Rivera", "profile_picture_url": null });
    for (person, accounts) in [(None, json!([account])), (Some(same), json!([]))] {
        let (api, rows) = delivered().await;
        let body = names(&rows[1]);
        let body = person.map_or(body.clone(), |person| with(&body, &[("personas", json!([person]))]));
        for _ in 0..2 {
            let renamed = api.post(NAMES, &body).await.is(201);
            let loses = &renamed.data()["swaps"][0]["loses"];
            assert_eq!(loses["accounts"], accounts, "an address that stays keeps its account");
            assert_eq!(loses["message"].as_str().unwrap().contains("No account"), accounts == json!([]));
        }
    }
}

#[tokio::test]
async fn bodies_are_checked_field_by_field() {
    let (api, rows) = delivered().await;
    let good = wish(&rows[1]);
    for (field, value) in [
        ("type", json!("user_names")),
        ("type", json!("quick")),
        ("type", json!(1)),
        ("domain_id", json!(7)),
        ("domain_id", json!("")),
        ("replacement_domain", json!("www.acme-post.com")),
        ("replacement_domain", json!("co.uk")),
        ("replacement_domain", json!("nonsense")),
        ("replacement_domain", json!(["acme-post.com"])),
    ] {
        api.post(SWAPS, &with(&good, &[(field, value)])).await.refuses_field(field);
    }
    for field in ["domain_id", "replacement_domain"] {
        api.post(SWAPS, &without(&good, field)).await.refuses_field(field);
        api.post(SWAPS, &with(&good, &[(field, Value::Null)])).await.refuses_field(field);
    }
    let error = api.post(SWAPS, &with(&good, &[("domain", json!("a.com"))])).await.refuses_field("domain");
    assert!(error["message"].as_str().unwrap().contains("`domain_id`"), "{error}");

    let person = |fields: &[(&str, Value)]| with(&names(&rows[1])["personas"][0], fields);
    for (personas, field) in [
        (json!([]), "personas"),
        (json!(vec![person(&[]); 11]), "personas"),
        (json!("Kim"), "personas"),
        (json!([person(&[("first_name", json!("…"))])]), "personas[0].first_name"),
        (
            json!([person(&[("profile_picture_url", json!("http://10.0.0.1/a.png"))])]),
            "personas[0].profile_picture_url",
        ),
        (json!([without(&person(&[]), "profile_picture_url")]), "personas[0].profile_picture_url"),
        (json!([person(&[("email", json!("a@b.com"))])]), "personas[0].email"),
    ] {
        api.post(NAMES, &with(&names(&rows[1]), &[("personas", personas)])).await.refuses_field(field);
    }
    api.post(NAMES, &json!({})).await.refuses_field("domain_id");
}

#[tokio::test]
async fn what_cannot_be_swapped_is_refused_with_a_reason() {
    proves!("error conflict");
    let (api, rows) = delivered().await;
    let unknown = [("domain_id", json!("dom_1"))];
    for (path, body) in [(SWAPS, wish(&rows[1])), (NAMES, names(&rows[1]))] {
        let error = api.post(path, &with(&body, &unknown)).await.refuses(404, "not_found");
        assert_eq!(error["field"], "domain_id");
    }
    // Another partner's, and another world's, are not there either.
    let other = api.add_partner("Other").await;
    let other = api.add_key_of(&other, Environment::Test, Preset::Full, |_| ()).await;
    let live = api.add_key(Environment::Live, Preset::Full).await;
    for key in [other, live] {
        api.json_as(&key, "POST", SWAPS, &wish(&rows[1])).await.refuses(404, "not_found");
        api.json_as(&key, "POST", NAMES, &names(&rows[1])).await.refuses(404, "not_found");
    }
    let conflict = async |path: &str, body: Value| {
        api.post(path, &body).await.refuses(409, "conflict")["details"]["reason"].as_str().unwrap().to_owned()
    };
    let replaced_by = |name: &str| with(&wish(&rows[1]), &[("replacement_domain", json!(name))]);
    assert_eq!(conflict(SWAPS, replaced_by(rows[1].name.as_str())).await, "same_domain");
    assert_eq!(conflict(SWAPS, replaced_by(rows[0].name.as_str())).await, "in_your_order");
    assert_eq!(conflict(SWAPS, with(&wish(&rows[1]), &[("type", json!("premium"))])).await, "microsoft_only");
    assert_eq!(conflict(NAMES, names(&rows[0])).await, "no_inboxes");

    let mut change = Change::default();
    let free = Domain { status: DomainStatus::Available, order: None, ..rows[0].clone() };
    change.domains.update.push(free);
    api.write(change).await;
    for (path, body) in [(SWAPS, wish(&rows[0])), (NAMES, names(&rows[0]))] {
        assert_eq!(conflict(path, body).await, "not_active");
    }
    let order = rows[1].order.as_ref().unwrap();
    api.post(&format!("/partner/v1/orders/{order}/cancel"), &json!({})).await.is(200);
    for (path, body) in [(SWAPS, wish(&rows[1])), (NAMES, names(&rows[1]))] {
        assert_eq!(conflict(path, body).await, "order_cancel_scheduled");
    }
    assert_eq!(api.get(SWAPS).await.is(200).data(), &json!([]));
}

#[tokio::test]
async fn inboxes_are_renamed_by_swaps_of_their_own() {
    proves!("POST /swaps/user_names");
    let (api, rows) = delivered().await;
    let reply = api.post(NAMES, &names(&rows[1])).await.is(201);
    let swap = reply.data()["swaps"][0].clone();
    assert_eq!((&swap["type"], &swap["inbox_id"]), (&json!("user_names"), &json!("inb_01JTZ8A1B2C3D4E5F6G7H8J9K0")));
    assert_eq!((&swap["replacement_domain"], &swap["status"]), (&Value::Null, &json!("created")));
    let again = api.post(NAMES, &names(&rows[1])).await.is(201);
    assert_eq!((again.header("idempotent-replayed"), again.data()), (Some("true"), reply.data()));
    let error = api.post(SWAPS, &wish(&rows[1])).await.refuses(409, "conflict");
    assert_eq!((&error["details"]["reason"], &error["details"]["swap_id"]), (&json!("swap_open"), &swap["id"]));
    let cancel = format!("{SWAPS}/{}/cancel", swap["id"].as_str().unwrap());
    assert_eq!(api.post(&cancel, &json!({})).await.refuses(409, "conflict")["details"]["reason"], "being_renamed");
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    proves!("GET /swaps");
    let (api, rows) = delivered().await;
    let first = api.post(SWAPS, &wish(&rows[1])).await.is(201).data().clone();
    api.post(&format!("{SWAPS}/{}/cancel", first["id"].as_str().unwrap()), &json!({})).await.is(200);
    let body = with(&wish(&rows[0]), &[("type", json!("premium"))]);
    let second = api.post(SWAPS, &body).await.is(201).data().clone();
    // As if the second had found its replacement in the other domain.
    let mut db = api.store.read().await.unwrap();
    let id = model::id::SwapId::opaque(second["id"].as_str().unwrap());
    let found = store::swaps::get(&mut db, &api.scope(), &id).await.unwrap().unwrap();
    let mut change = Change::default();
    change.swaps.update.push(model::swap::Swap { replacement: Some(rows[1].id.clone()), ..found });
    api.write(change).await;

    let (one, two) = (first["id"].as_str().unwrap(), second["id"].as_str().unwrap());
    let (order, user) = (rows[0].order.as_ref().unwrap(), rows[0].user.as_ref().unwrap());
    for (query, expected) in [
        (String::new(), vec![two, one]),
        (format!("?domain_id={}", rows[0].id), vec![two]),
        (format!("?domain_id={}", rows[1].id), vec![two, one]),
        (format!("?domain_id={}&status=cancelled", rows[1].id), vec![one]),
        ("?domain_id=dom_1".into(), vec![]),
        (format!("?order_id={order}"), vec![two, one]),
        ("?order_id=ord_1".into(), vec![]),
        (format!("?user_id={user}&status=created"), vec![two]),
        ("?status=completed".into(), vec![]),
    ] {
        let listed = api.get(&format!("{SWAPS}{query}")).await.is(200);
        let ids: Vec<_> = listed.data().as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{query}");
    }
    // A page of either side, one after the other.
    let page = api.get(&format!("{SWAPS}?domain_id={}&per_page=1", rows[1].id)).await.is(200);
    assert_eq!(page.data()[0]["id"], two);
    let next = page.json["links"]["next"].as_str().unwrap().strip_prefix("https://api.mailwright.test").unwrap();
    let page = api.get(next).await.is(200);
    assert_eq!((&page.data()[0]["id"], &page.json["links"]["next"]), (&json!(one), &Value::Null));

    api.get(&format!("{SWAPS}?status=open")).await.refuses_field("status");
    for path in ["swp_1", "user_names"] {
        api.get(&format!("{SWAPS}/{path}")).await.refuses(
            if path == "swp_1" { 404 } else { 405 },
            match path {
                "swp_1" => "not_found",
                _ => "method_not_allowed",
            },
        );
    }
    api.post(&format!("{SWAPS}/swp_1/cancel"), &json!({})).await.refuses(404, "not_found");
}

#[tokio::test]
async fn a_domain_is_meant_by_its_name_too() {
    let (api, rows) = delivered().await;
    let named = |body: Value, name: &str| with(&body, &[("domain_id", json!(name))]);
    let name = rows[1].name.to_string();
    let renamed = api.post(NAMES, &named(names(&rows[1]), &format!(" {} ", name.to_uppercase()))).await.is(201);
    assert_eq!(renamed.data()["swaps"][0]["domain_id"], rows[1].id.to_string());
    assert_eq!(api.post(NAMES, &names(&rows[1])).await.is(201).data(), renamed.data(), "the id asks for the same");

    let first = api.post(SWAPS, &named(wish(&rows[0]), rows[0].name.as_str())).await.is(201);
    assert_eq!(first.data()["domain_id"], rows[0].id.to_string());
    let again = api.post(SWAPS, &wish(&rows[0])).await.is(201);
    assert_eq!((again.header("idempotent-replayed"), again.data()), (Some("true"), first.data()));

    for path in [SWAPS, NAMES] {
        let body = |name| named(if path == SWAPS { wish(&rows[0]) } else { names(&rows[0]) }, name);
        let error = api.post(path, &body("nobody-has.com")).await.refuses(404, "not_found");
        assert_eq!(error["field"], "domain_id");
        api.post(path, &body("www.acme.com")).await.refuses_field("domain_id");
    }
    // Another partner's name is nobody's.
    let other = api.add_partner("Other").await;
    let key = api.add_key_of(&other, Environment::Test, Preset::Full, |_| ()).await;
    let body = named(wish(&rows[0]), rows[0].name.as_str());
    api.json_as(&key, "POST", SWAPS, &body).await.refuses(404, "not_found");
}
