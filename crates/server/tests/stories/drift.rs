//! Domains that work are looked after: what drifts is told, asked about, and told again when it is right.

use model::clock::{DAY, HOUR};

use crate::support::{Rig, order_body};

#[tokio::test]
async fn records_that_drift_are_told_and_asked_about() {
    proves!("event domain.dns_drifted", "event domain.dns_restored");
    for resolved in [true, false] {
        let rig = Rig::sqlite().await;
        let id = rig.place(&order_body(&["drift-acme.com", "acme-steady.com"])).await;
        rig.settle_all().await;
        rig.advance(40 * DAY + HOUR).await;
        let open = rig.call("GET", "/orders/pending", None).await.body["data"].clone();
        assert_eq!(
            (open[0]["reason"].as_str(), open[0]["domain"].as_str()),
            (Some("nameservers_not_pointed"), Some("drift-acme.com"))
        );
        let domain = |order: &serde_json::Value| order["domains"][0]["status"].as_str().unwrap().to_owned();
        assert_eq!(domain(&rig.order(&id).await), "action_required");
        assert_eq!(rig.order(&id).await["status"], "completed", "the order stays what it is");
        if resolved {
            let act = open[0]["id"].as_str().unwrap();
            rig.call("POST", &format!("/orders/pending/{act}/resolve"), None).await;
            rig.work_off().await;
        } else {
            rig.advance(2 * DAY).await;
        }
        assert_eq!(domain(&rig.order(&id).await), "active");
        let told: Vec<_> = rig.event_types().await.into_iter().filter(|kind| kind.starts_with("domain.")).collect();
        assert_eq!(
            told[told.len() - 3..],
            ["domain.dns_drifted", "domain.action_required", "domain.dns_restored"],
            "resolved: {resolved}"
        );
    }
}

#[tokio::test]
async fn a_domain_is_looked_at_every_day_until_it_leaves() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["acme-steady.com"])).await;
    rig.settle_all().await;
    let checked = async || {
        let domain = rig.order(&id).await["domains"][0]["id"].as_str().unwrap().to_owned();
        rig.call("GET", &format!("/domains/{domain}"), None).await.body["data"]["dns"]["checked_at"].clone()
    };
    let first = checked().await;
    rig.advance(25 * HOUR).await;
    assert_ne!(checked().await, first);
    rig.call("POST", &format!("/orders/{id}/cancel"), None).await;
    rig.advance(32 * DAY).await;
    rig.advance(2 * DAY).await;
    let mut db = rig.wired.store.read().await.unwrap();
    // A renewal that will find that nobody wants it, and the day on which the name of the inventory runs out.
    assert_eq!(store::tasks::count(&mut db).await.unwrap(), 2);
}

#[tokio::test]
async fn nobody_is_asked_about_a_domain_that_has_left() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["drift-acme.com", "acme-steady.com"])).await;
    rig.settle_all().await;
    let body = serde_json::json!({ "domains": ["drift-acme.com"] });
    assert_eq!(rig.call("POST", &format!("/orders/{id}/cancel"), Some(&body)).await.status, 200);
    // Nothing was done for long: the look that finds the drift and the end of the period come together.
    rig.advance(40 * DAY + HOUR).await;
    assert_eq!(rig.call("GET", "/domains?status=released", None).await.body["data"][0]["domain"], "drift-acme.com");
    assert_eq!(rig.call("GET", "/orders/pending", None).await.body["data"], serde_json::json!([]));
}
