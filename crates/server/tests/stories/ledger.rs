//! A year in which everything happens that costs something, reconciled to the cent from `GET /ledger` alone.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use model::change::Change;
use model::clock::{DAY, SECOND, Time};
use model::domain::Domain;
use model::id::{DomainId, Id as _};
use serde_json::{Value, json};
use store::domains;

use crate::support::swapping::{ask, cancel_swap, domain_id};
use crate::support::{Rig, order_body, write};

const MARGIN: i64 = 200;
const SWAP: i64 = 500;

/// The same server with a margin on names and a price of swaps.
async fn with_prices(mut rig: Rig, margin: i64) -> Rig {
    rig.config.prices.domain_margin_cents = margin;
    rig.config.prices.swap_cents = SWAP;
    rig.another(None).await
}

/// Moves the sandbox's clock as a partner does, and does what is due.
async fn advance(rig: &Rig, days: i64) {
    let moved = rig.call("POST", "/test/clock/advance", Some(&json!({ "seconds": days * DAY / SECOND }))).await;
    assert_eq!(moved.status, StatusCode::OK, "{}", moved.body);
    rig.work_off().await;
}

/// Answers the one open question of an order.
async fn answer(rig: &Rig, order: &str, body: &Value) {
    let open = rig.call("GET", &format!("/orders/pending?order_id={order}"), None).await.body;
    let path = format!("/orders/pending/{}/resolve", open["data"][0]["id"].as_str().expect("a question"));
    let resolved = rig.call("POST", &path, Some(body)).await;
    assert_eq!(resolved.status, StatusCode::OK, "{}", resolved.body);
}

async fn lines(rig: &Rig, query: &str) -> Vec<Value> {
    let (mut lines, mut next) = (vec![], Some(format!("/ledger?per_page=7{query}")));
    while let Some(path) = next {
        let page = rig.call("GET", &path, None).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        lines.extend(page.body["data"].as_array().expect("a list").clone());
        next = page.body["links"]["next"].as_str().map(|link| link.split("/partner/v1").nth(1).unwrap().to_owned());
    }
    lines
}

fn text<'a>(line: &'a Value, field: &str) -> &'a str {
    line[field].as_str().unwrap_or_default()
}

fn time(value: &Value) -> Time {
    Time::parse(value.as_str().expect("a time")).expect("a time")
}

fn sum<'a>(lines: impl IntoIterator<Item = &'a Value>) -> i64 {
    lines.into_iter().map(|line| line["amount_cents"].as_i64().expect("a number")).sum()
}

/// Four orders and their year; answers their ids.
async fn a_year(rig: &Rig, dearer: &Rig) -> [String; 4] {
    let swapped = rig.place(&order_body(&["acme-micro.com", "acme-goog.com"])).await;
    let given_up = rig.place(&order_body(&["action-taken-acme.com", "acme-two.com"])).await;
    let raised = rig.place(&order_body(&["action-price-acme.com"])).await;
    let cancelled = rig.place(&order_body(&["acme-three.com", "acme-four.com"])).await;
    rig.work_off().await;
    answer(rig, &given_up, &json!({ "give_up": true })).await;
    answer(dearer, &raised, &json!({ "max_total_cents": 10_000 })).await;
    rig.work_off().await;

    advance(rig, 10).await;
    let body = json!({ "domains": ["acme-four.com"] });
    let cancels = rig.call("POST", &format!("/orders/{cancelled}/cancel"), Some(&body)).await;
    assert_eq!(cancels.status, StatusCode::OK, "{}", cancels.body);
    advance(rig, 52).await;
    ask(rig, "standard", &domain_id(rig, &swapped, "acme-micro.com").await, "acme-fresh.com").await;
    let lost = ask(rig, "standard", &domain_id(rig, &swapped, "acme-goog.com").await, "taken-new.com").await;
    rig.work_off().await;
    cancel_swap(rig, &lost["id"]).await;
    rig.work_off().await;
    for days in [100, 150, 24, 34] {
        advance(rig, days).await;
    }
    [swapped, given_up, raised, cancelled]
}

/// What each order costs in that year: names at 1300 and a margin of 200, renewed at 1500 and the margin.
fn expected() -> [i64; 4] {
    let (name, renewal, google, microsoft) = (1_300 + MARGIN, 1_500 + MARGIN, 13 * 2 * 600, 13 * 3_000);
    [
        // A name more, by a swap; another swap came to nothing. The new name is not a year old.
        3 * name + google + microsoft + SWAP + renewal,
        // Of two names one was given up.
        name + google + renewal,
        // The name is dearer by 300 than when it was looked at, and the margin had risen by 100 when that was answered.
        name + 300 + 100 + google + renewal + 100,
        // One of two names was cancelled in its first month.
        2 * name + 2 * 600 + microsoft + renewal,
    ]
}

async fn every_cent_is_followed(rig: &Rig, orders: &[String; 4]) {
    let all = lines(rig, "").await;
    for (order, cents) in orders.iter().zip(expected()) {
        let of_order = lines(rig, &format!("&order_id={order}")).await;
        assert_eq!(sum(&of_order), cents, "{of_order:#?}");
        let shown = rig.order(order).await;
        assert_eq!(shown["costs"]["charged_cents"], cents);
        assert_eq!(sum(shown["costs"]["line_items"].as_array().unwrap()), cents);
        assert_eq!(all.iter().filter(|line| text(line, "order_id") == order).count(), of_order.len());
    }
    let unique: BTreeSet<_> = all.iter().map(|line| text(line, "id")).collect();
    assert_eq!((unique.len(), sum(&all)), (all.len(), expected().iter().sum()));
    let newest_first = all.windows(2).all(|two| text(&two[0], "id") > text(&two[1], "id"));
    assert!(newest_first);
}

/// Every credit takes back one line, wholly, and no line is taken back twice.
fn credits_name_their_lines(all: &[Value]) {
    let by_id: BTreeMap<_, _> = all.iter().map(|line| (text(line, "id"), line)).collect();
    let (credits, charges): (Vec<_>, Vec<_>) = all.iter().partition(|line| line["kind"] == "credit");
    assert!(charges.iter().all(|line| line["reverses"].is_null()));
    for credit in &credits {
        let charge = by_id[text(credit, "reverses")];
        for field in ["order_id", "domain_id", "domain", "quantity", "period"] {
            assert_eq!(credit[field], charge[field], "{credit} {charge}");
        }
        assert_eq!(sum([*credit, charge]), 0);
    }
    let mut taken_back: Vec<_> = credits.iter().map(|credit| text(by_id[text(credit, "reverses")], "kind")).collect();
    taken_back.sort_unstable();
    assert_eq!(taken_back, ["domain_registration", "microsoft_license", "swap"]);
    assert_eq!(credits.iter().map(|credit| text(credit, "reverses")).collect::<BTreeSet<_>>().len(), 3);
}

/// Months follow each other without a gap, across a swap too; what is charged once has no period.
fn periods_are_whole(all: &[Value], orders: &[String; 4]) {
    for order in orders {
        for kind in ["google_license", "microsoft_license"] {
            let mut months: Vec<_> = all
                .iter()
                .filter(|line| text(line, "order_id") == order && text(line, "kind") == kind)
                .map(|line| (time(&line["period"]["start"]), time(&line["period"]["end"])))
                .collect();
            months.sort_unstable();
            assert!(months.windows(2).all(|two| two[0].1 == two[1].0), "{order} {kind}: {months:?}");
            assert!(months.iter().all(|(start, end)| *end == start.next_month(8)), "{months:?}");
        }
    }
    for line in all {
        let once = matches!(text(line, "kind"), "domain_registration" | "swap");
        assert!(!once || line["period"].is_null(), "{line}");
    }
}

/// A renewal pays for the year by which the name runs out later, is told, and is what the sandbox's registrar took.
async fn renewals_pay_for_their_year(rig: &Rig, all: &[Value]) {
    let renewals: Vec<_> = all.iter().filter(|line| line["kind"] == "domain_renewal").collect();
    let names: BTreeSet<_> = renewals.iter().map(|line| text(line, "domain")).collect();
    assert_eq!(
        names.into_iter().collect::<Vec<_>>(),
        ["acme-goog.com", "acme-three.com", "acme-two.com", "action-price-acme.com"]
    );
    let told: Vec<_> = rig.events().await.into_iter().filter(|event| event["type"] == "domain.renewed").collect();
    let vendor = rig.wired.sim.ledger(Some(&rig.scope().world)).await.unwrap();
    for line in &renewals {
        let domain = rig.call("GET", &format!("/domains/{}", text(line, "domain_id")), None).await.body;
        assert_eq!(line["period"]["end"], domain["data"]["expires_at"]);
        assert_eq!(time(&line["period"]["end"]), time(&line["period"]["start"]).plus(365 * DAY));
        let event = told.iter().find(|event| event["data"]["id"] == line["domain_id"]).expect("it is told");
        assert_eq!(event["data"]["expires_at"], line["period"]["end"]);
        let took = vendor.iter().find(|one| one.effect == "renewed" && one.subject == text(line, "domain")).unwrap();
        assert_eq!(took.price_cents, Some(1_500));
        assert_eq!(took.partner_at.map(|at| at.to_string()).as_deref(), line["booked_at"].as_str());
        assert!(took.at < time(&line["booked_at"]).plus(-300 * DAY), "the server's time stands beside it");
    }
    assert_eq!(told.len(), renewals.len());
    let cost: i64 = vendor.iter().filter_map(|one| one.price_cents).sum();
    assert_eq!(cost, 7 * 1_300 + 300 + 4 * 1_500);
}

async fn filters_cut_the_ledger_into_pieces(rig: &Rig, all: &[Value]) {
    let domains: BTreeSet<_> = all.iter().map(|line| text(line, "domain_id")).collect();
    let mut pieces = vec![vec![], vec![], vec![]];
    for domain in domains {
        pieces[0].extend(lines(rig, &format!("&domain_id={domain}")).await);
    }
    for kind in all.iter().map(|line| text(line, "kind")).collect::<BTreeSet<_>>() {
        pieces[1].extend(lines(rig, &format!("&kind={kind}")).await);
    }
    let mut from = Time::parse("2026-05-01T00:00:00Z").unwrap();
    for _ in 0..14 {
        let to = from.next_month(1);
        pieces[2].extend(lines(rig, &format!("&after={from}&before={to}")).await);
        from = to;
    }
    for mut piece in pieces {
        piece.sort_by(|one, other| text(other, "id").cmp(text(one, "id")));
        assert_eq!(piece, all);
    }
    let user = rig.call("GET", "/users?email=alex@acme.com", None).await.body["data"][0]["id"].clone();
    assert_eq!(lines(rig, &format!("&user_id={}", user.as_str().unwrap())).await, all);
}

/// The ledger without its ids.
fn transcript(all: &[Value]) -> Vec<String> {
    let fields = ["domain", "kind", "quantity", "unit_cents", "period", "booked_at"];
    let row = |line: &Value| fields.map(|field| line[field].to_string()).join(" ");
    let mut rows: Vec<_> = all.iter().map(row).collect();
    rows.sort_unstable();
    rows
}

async fn reconciled(rig: Rig) -> Vec<String> {
    let rig = with_prices(rig, MARGIN).await;
    let mut other = rig.another(None).await;
    other.config.prices.domain_margin_cents = MARGIN;
    let dearer = with_prices(other, MARGIN + 100).await;
    let orders = a_year(&rig, &dearer).await;
    every_cent_is_followed(&rig, &orders).await;
    let all = lines(&rig, "").await;
    credits_name_their_lines(&all);
    periods_are_whole(&all, &orders);
    renewals_pay_for_their_year(&rig, &all).await;
    filters_cut_the_ledger_into_pieces(&rig, &all).await;
    transcript(&all)
}

#[tokio::test]
async fn a_year_is_reconciled_to_the_cent_on_both_databases_alike() {
    let on_sqlite = reconciled(Rig::sqlite().await).await;
    if let Some(rig) = Rig::postgres().await {
        assert_eq!(reconciled(rig).await, on_sqlite);
    }
}

#[tokio::test]
async fn a_registrar_that_asks_more_than_it_did_is_not_paid_out_of_the_margin() {
    let rig = with_prices(Rig::sqlite().await, MARGIN).await;
    let id = rig.place(&order_body(&["acme-mail.com"])).await;
    rig.work_off().await;
    let domain = DomainId::opaque(domain_id(&rig, &id, "acme-mail.com").await);
    let bought = domains::load(&mut rig.wired.store.read().await.unwrap(), &domain).await.unwrap().unwrap();
    assert_eq!((bought.renewal_price_cents, bought.renewal_cost_cents), (1_500 + MARGIN, 1_500));
    // It said 1450 when the name was bought, and asks 1500 now: less than the partner pays.
    let mut change = Change::default();
    change.domains.update.push(Domain { renewal_cost_cents: 1_450, ..bought });
    write(&rig.wired, change).await;
    advance(&rig, 336).await;
    assert_eq!(rig.effects("renewed", "acme-mail.com").await, 0);
    assert_eq!(lines(&rig, "&kind=domain_renewal").await, Vec::<Value>::new());
    let open = rig.call("GET", &format!("/orders/pending?order_id={id}"), None).await.body;
    assert_eq!(open["data"][0]["reason"], "price_changed", "{open}");
}
