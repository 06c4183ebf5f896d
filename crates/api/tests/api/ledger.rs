//! Charges and credits, line by line.

use model::change::Change;
use model::clock::{DAY, HOUR, Now};
use model::id::Id as _;
use model::ledger::{Charge, Line, LineKind};
use model::partner::Preset;
use model::world::Environment;
use serde_json::{Value, json};
use store::{ledger, orders};

use crate::support::{Api, NOON, order};

const PATH: &str = "/partner/v1/ledger";
const ORDERS: &str = "/partner/v1/orders";

/// Places the published order, and answers it in full.
async fn placed(api: &Api) -> Value {
    let bundle = api.small_bundle().await;
    let id = api.post(ORDERS, &order(&bundle)).await.is(200).data()["id"].clone();
    api.get(&format!("{ORDERS}/{}", id.as_str().expect("an id"))).await.is(200).data().clone()
}

async fn lines(api: &Api, query: &str) -> Vec<Value> {
    api.get(&format!("{PATH}{query}")).await.is(200).data().as_array().expect("a list").clone()
}

fn ids(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["id"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn every_charge_is_a_line_that_names_domain_and_period() {
    proves!("LedgerLine", "LedgerPeriod");
    let api = Api::start().await;
    let order = placed(&api).await;
    let all = lines(&api, "").await;
    assert_eq!(all.len(), 4);
    let sum: i64 = all.iter().map(|line| line["amount_cents"].as_i64().unwrap()).sum();
    assert_eq!(json!(sum), order["costs"]["charged_cents"]);
    let domain = |name: &str| order["domains"].as_array().unwrap().iter().find(|one| one["domain"] == name).unwrap();
    let month = json!({ "start": NOON, "end": "2026-06-08T12:00:00Z" });
    for (name, kind, quantity, unit, period) in [
        ("acme-mail.com", "domain_registration", 1, 1300, Value::Null),
        ("acme-mail.com", "microsoft_license", 1, 3000, month.clone()),
        ("team-acme.com", "domain_registration", 1, 1300, Value::Null),
        ("team-acme.com", "google_license", 2, 600, month),
    ] {
        let line = all.iter().find(|line| line["domain"] == name && line["kind"] == kind).expect("a line");
        assert_eq!(
            *line,
            json!({
                "id": line["id"], "order_id": order["id"], "domain_id": domain(name)["id"], "domain": name,
                "kind": kind, "quantity": quantity, "unit_cents": unit, "amount_cents": quantity * unit,
                "currency": "usd", "period": period, "reverses": null, "booked_at": NOON,
            })
        );
    }
}

#[tokio::test]
async fn a_credit_names_the_line_that_it_takes_back() {
    let api = Api::start().await;
    let order = placed(&api).await;
    let mut db = api.store.read().await.unwrap();
    let id = model::id::OrderId::opaque(order["id"].as_str().unwrap());
    let charges = ledger::of_order(&mut db, &id).await.unwrap();
    let charge = charges.iter().find(|line| line.kind == LineKind::GoogleLicense).unwrap();
    let now = Now { server: charge.created_at.plus(HOUR), offset: 0 };
    api.write(Change { lines: vec![charge.taken_back(now, &api.ids)], ..Change::default() }).await;
    let credit = lines(&api, "?kind=credit").await.remove(0);
    assert_eq!(credit["reverses"], charge.id.as_str());
    assert_eq!(
        (&credit["quantity"], &credit["unit_cents"], &credit["amount_cents"]),
        (&json!(2), &json!(-600), &json!(-1200))
    );
    assert_eq!(credit["period"], json!({ "start": NOON, "end": "2026-06-08T12:00:00Z" }));
    let again = Change { lines: vec![charge.taken_back(now, &api.ids)], ..Change::default() };
    let ids = api.ids.clone();
    let twice = api.store.write(move |tx| {
        let (again, ids) = (again.clone(), ids.clone());
        Box::pin(async move { tx.apply(again, &ids, now.server).await })
    });
    assert!(twice.await.is_err(), "the key in the schema lets nobody take a line back twice");
}

#[tokio::test]
async fn the_ledger_is_narrowed_by_every_filter_and_paged_newest_first() {
    proves!("GET /ledger");
    let api = Api::start().await;
    let order = placed(&api).await;
    let mut db = api.store.read().await.unwrap();
    let row = orders::load(&mut db, &model::id::OrderId::opaque(order["id"].as_str().unwrap())).await.unwrap().unwrap();
    let domain = model::id::DomainId::opaque(order["domains"][0]["id"].as_str().unwrap());
    // A day later, by a clock that goes: ids rise with time.
    api.clock.advance(DAY);
    let now = Now { server: model::clock::Clock::now(&*api.clock), offset: 0 };
    let swap = Charge { period: "once swp_1".into(), ..Charge::once(LineKind::Swap, 500) };
    let swap = Line::of(&row, &domain, swap, now, &api.ids);
    let swap_id = swap.id.to_string();
    api.write(Change { lines: vec![swap], ..Change::default() }).await;

    let all = lines(&api, "").await;
    let mut sorted = ids(&all);
    sorted.sort_unstable_by(|one, other| other.cmp(one));
    assert_eq!((ids(&all), all.len(), all[0]["id"].as_str()), (sorted, 5, Some(swap_id.as_str())));
    let (order, domain, user) = (row.id.as_str(), domain.as_str(), row.user.as_str());
    for (query, expected) in [
        (format!("?order_id={order}"), 5),
        ("?order_id=ord_1".into(), 0),
        (format!("?domain_id={domain}"), 3),
        (format!("?user_id={user}"), 5),
        ("?user_id=usr_1".into(), 0),
        ("?kind=domain_registration".into(), 2),
        ("?kind=domain_renewal".into(), 0),
        (format!("?kind=swap&domain_id={domain}&order_id={order}&user_id={user}"), 1),
        // From that moment on, and before that moment.
        ("?after=2026-05-08T12:00:00Z".into(), 5),
        ("?after=2026-05-08T12:00:01Z".into(), 1),
        ("?before=2026-05-09T12:00:00Z".into(), 4),
        ("?before=2026-05-08T12:00:00Z".into(), 0),
        ("?after=2026-05-08T12:00:00Z&before=2026-05-09T12:00:00Z".into(), 4),
        ("?after=2026-05-09T12:00:00Z&before=2026-05-10T12:00:00Z&kind=swap".into(), 1),
    ] {
        assert_eq!(lines(&api, &query).await.len(), expected, "{query}");
    }
    let mut walked = vec![];
    let mut next = Some(format!("{PATH}?per_page=2&order_id={order}"));
    while let Some(path) = next {
        let page = api.get(&path).await.is(200);
        walked.extend(page.data().as_array().unwrap().clone());
        next = page.json["links"]["next"].as_str().map(|link| link.replace("https://api.mailwright.test", ""));
    }
    assert_eq!(walked, all);
    for (query, field) in
        [("?kind=free", "kind"), ("?after=today", "after"), ("?before=", "before"), ("?user_id=", "user_id")]
    {
        api.get(&format!("{PATH}{query}")).await.refuses_field(field);
    }
}

#[tokio::test]
async fn every_preset_reads_the_ledger_of_its_own_world() {
    let api = Api::start().await;
    placed(&api).await;
    for preset in [Preset::Read, Preset::Limited, Preset::Full] {
        let key = api.add_key(Environment::Test, preset).await;
        assert_eq!(api.get_as(&key, PATH).await.is(200).json["meta"]["returned"], 4);
    }
    let live = api.add_key(Environment::Live, Preset::Read).await;
    assert_eq!(api.get_as(&live, PATH).await.is(200).json["meta"]["returned"], 0);
    let stranger = api.add_partner("Somebody Else").await;
    let key = api.add_key_of(&stranger, Environment::Test, Preset::Full, |_| ()).await;
    assert_eq!(api.get_as(&key, PATH).await.is(200).json["meta"]["returned"], 0);
}
