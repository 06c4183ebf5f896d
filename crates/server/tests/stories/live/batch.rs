//! Several orders of one name each, brought to where a run of a kind is due: what goes wrong with one is its own.

use model::clock::DAY;
use model::run::RunKind;
use serde_json::{Value, json};

use super::ends::end_of;
use super::stage::Live;

/// The workflows that talk to vendors of names, zones and redirects, on an order's domain.
pub(crate) const KINDS: [RunKind; 4] = [RunKind::Provision, RunKind::Renew, RunKind::Close, RunKind::Forward];

/// An ending that the first account sells before the second, and one that only the second does.
pub(crate) const ENDINGS: [&str; 2] = ["com", "org"];

/// An order of one name.
pub(crate) struct Single {
    pub(crate) name: String,
    pub(crate) order: String,
}

/// Orders of so many new names, alternately of both endings.
pub(crate) async fn begin(live: &Live, kind: RunKind, count: usize) -> Vec<Single> {
    let taken = live.rig.call("GET", "/orders?per_page=100", None).await.body["data"].as_array().unwrap().len();
    let mut all = vec![];
    for n in 0..count {
        let name = format!("acme-{}x.{}", taken + n, ENDINGS[n % ENDINGS.len()]);
        let order = live.place(&[&name]).await;
        all.push(Single { name, order });
    }
    if kind != RunKind::Provision {
        live.rig.settle_all().await;
        lead_to(live, kind, &all).await;
    }
    all
}

async fn lead_to(live: &Live, kind: RunKind, all: &[Single]) {
    match kind {
        RunKind::Renew => live.rig.clock.advance(340 * DAY),
        RunKind::Close => {
            for one in all {
                cancel(live, &one.order).await;
            }
            live.rig.clock.advance(32 * DAY);
        }
        _ => {
            for one in all {
                let body = json!({ "domains": [one.name], "forwarding_url": "https://acme.com/offer" });
                let answer = live.rig.call("POST", "/domains/forwarding", Some(&body)).await;
                assert_eq!(answer.status, 202, "{}", answer.body);
            }
        }
    }
}

pub(crate) async fn cancel(live: &Live, order: &str) {
    let answer = live.rig.call("POST", &format!("/orders/{order}/cancel"), None).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Where an order of each ending comes to when nothing goes wrong.
pub(crate) async fn calm(kind: RunKind) -> Vec<Value> {
    let live = Live::new().await;
    let all = begin(&live, kind, ENDINGS.len()).await;
    live.rig.settle_all().await;
    ends(&live, &all).await
}

async fn ends(live: &Live, all: &[Single]) -> Vec<Value> {
    let mut ends = vec![];
    for one in all {
        ends.push(end_of(live, &one.order, &one.name).await);
    }
    ends
}

/// Each has come to the end that it comes to when nothing goes wrong, and no cent is lost.
pub(crate) async fn all_ended_well(live: &Live, all: &[Single], calm: &[Value], context: &str) {
    for (n, (one, end)) in all.iter().zip(ends(live, all).await).enumerate() {
        assert_eq!(end, calm[n % calm.len()], "{context}: {}", one.name);
    }
    assert_eq!(live.money_faults().await, Vec::<String>::new(), "{context}");
}
