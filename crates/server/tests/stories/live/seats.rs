//! Seats in mail tenants are purchases: written down before they are asked for, counted against caps, and given back.

use std::collections::BTreeMap;

use model::clock::DAY;
use model::intent::{Intent, IntentKind, IntentState};
use serde_json::json;
use store::costs;

use super::purchases;
use super::tenants::{GOOGLE, MICROSOFT, Tenants};

async fn seats(tenants: &Tenants) -> Vec<Intent> {
    purchases(&tenants.live).await.into_iter().filter(|one| one.kind == IntentKind::Seat).collect()
}

/// The seats that are paid for, by account.
pub(super) async fn held(tenants: &Tenants) -> Vec<(String, i64)> {
    let mut all: BTreeMap<String, i64> = BTreeMap::new();
    for one in seats(tenants).await.iter().filter(|one| one.ended_at.is_none()) {
        assert_ne!(one.state, IntentState::Open, "{one:?}");
        if one.state == IntentState::Bought {
            *all.entry(one.account.clone()).or_default() += one.seats.unwrap();
        }
    }
    all.into_iter().collect()
}

#[tokio::test]
async fn seats_are_bought_once_for_each_domain_and_given_back_with_its_inboxes() {
    let tenants = Tenants::new().await;
    let id = tenants.delivered().await;
    let bought = seats(&tenants).await;
    let told: Vec<_> = bought.iter().map(|one| (one.name.as_str(), one.state, one.seats, one.most_cents)).collect();
    let sure = IntentState::Bought;
    assert_eq!(
        told,
        [(GOOGLE, sure, Some(2), 0), (MICROSOFT, sure, Some(25), 10_000)],
        "a price that nobody has said is 0"
    );
    let filter = costs::Filter { live: true, partner: None, limit: 20 };
    let mut db = tenants.live.rig.wired.store.read().await.unwrap();
    let lines = costs::of_lines(&mut db, &filter).await.unwrap();
    drop(db);
    let of =
        |kind: &str| lines.iter().find(|one| one.kind.as_str() == kind).map(|one| (one.price_cents, one.cost_cents));
    assert_eq!(of("microsoft_license"), Some((3_000, Some(10_000))), "beside what is charged for it");
    assert_eq!(of("google_license").map(|(_, cost)| cost), Some(None), "which nobody knows");
    let cancelled = tenants.live.rig.call("POST", &format!("/orders/{id}/cancel"), Some(&json!({}))).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.body);
    assert_eq!(held(&tenants).await.len(), 2, "they are paid for until the period ends");
    tenants.live.rig.advance(40 * DAY).await;
    tenants.pass().await;
    assert_eq!(held(&tenants).await, []);
    assert!(seats(&tenants).await.iter().all(|one| one.ended_at.is_some()));
}

#[tokio::test]
async fn beyond_a_cap_no_seat_is_taken_and_below_it_they_are() {
    let tenants =
        Tenants::said(|text| text.replace("seat_cents = 400\n", "seat_cents = 400\nday_cap_cents = 9999\n")).await;
    tenants.place().await;
    tenants.pass().await;
    assert!(!tenants.graph.ledger().iter().any(|entry| entry.what == "user_made"), "25 seats cost 10,000 cents");
    assert_eq!(held(&tenants).await, [("workspace".to_owned(), 2)], "the other tenant has a cap of its own");
    let id = tenants.place().await;
    let timeline = tenants.live.rig.call("GET", &format!("/orders/{id}/timeline"), None).await.body.to_string();
    assert!(timeline.contains("The operator's limit for buying is reached"), "{timeline}");
}

#[tokio::test]
async fn a_host_that_has_fewer_seats_is_asked_for_the_rest_by_a_new_purchase() {
    let tenants = Tenants::new().await;
    tenants.place().await;
    tenants.live.rig.work_off().await;
    // Others take them after the domain was given its tenant.
    tenants.graph.limit_seats(10);
    tenants.pass().await;
    let action = tenants.asked(MICROSOFT).await.expect("a question");
    assert_eq!(action["reason"], "licence_capacity");
    let office =
        |all: Vec<(String, i64)>| all.into_iter().find(|(account, _)| account == "office").map(|(_, seats)| seats);
    assert_eq!(office(held(&tenants).await), Some(10), "no more than there are");
    let cents = seats(&tenants).await.iter().filter_map(|one| one.paid_cents).sum::<i64>();
    assert_eq!(cents, 4_000);
    tenants.graph.limit_seats(1_000);
    tenants.resolve(&action, &json!({})).await;
    tenants.pass().await;
    assert_eq!(office(held(&tenants).await), Some(25));
}
