//! A domain that is cancelled while its inboxes are made: nobody is kept waiting by a tenant that does not say what there is.

use doubles::Fault;
use doubles::graph::Lag;
use model::clock::MINUTE;
use serde_json::json;

use super::houses::Houses;
use super::stage::Live;
use crate::support::order_body;

/// An order whose users are made, and have no mailboxes for hours.
struct Making {
    live: Live,
    houses: Houses,
    order: String,
}

impl Making {
    async fn begin() -> Self {
        let houses = Houses::new(1).await;
        houses.smartlead.raise_limits();
        houses.graph[0].be_late(Lag { mailbox: 60, records: 1, users: 1 });
        let live = houses.live(|text| format!("[sizing]\nmicrosoft_inboxes_per_domain = 2\n\n{text}")).await;
        let mut body = order_body(&["acme-1.com"]);
        (body["google_licenses"], body["microsoft_licenses"]) = (json!(0), json!(1));
        body["sequencer"] = json!({ "provider": "smartlead", "api_key": doubles::smartlead::API_KEY });
        let order = live.rig.place(&body).await;
        let making = Self { live, houses, order };
        making.pass(20).await;
        assert_eq!(making.houses.graph[0].addresses().len(), 2, "both are made");
        assert_eq!(making.shown().await, 0, "and none can be used yet");
        making
    }

    async fn cancel(&self) {
        let path = format!("/orders/{}/cancel", self.order);
        let cancelled = self.live.rig.call("POST", &path, Some(&json!({}))).await;
        assert_eq!(cancelled.status, 200, "{}", cancelled.body);
    }

    async fn pass(&self, minutes: usize) {
        for _ in 0..minutes {
            self.live.rig.advance(MINUTE).await;
        }
    }

    /// How many inboxes the partner sees.
    async fn shown(&self) -> usize {
        self.live.rig.call("GET", "/inboxes", None).await.body["data"].as_array().unwrap().len()
    }

    /// What becomes of the domain, and how many questions about it are open.
    async fn domain(&self) -> (String, usize) {
        let domains = self.live.rig.call("GET", "/domains", None).await.body["data"].clone();
        let asked = self.live.rig.call("GET", "/orders/pending", None).await.body["data"].clone();
        (domains[0]["status"].as_str().unwrap().to_owned(), asked.as_array().unwrap().len())
    }
}

#[tokio::test]
async fn a_tenant_that_says_nothing_neither_keeps_a_cancellation_nor_fails_it() {
    for fault in [Fault::NotLetIn(403), Fault::Broken, Fault::TooMany(Some(7))] {
        let making = Making::begin().await;
        making.houses.graph[0].server.fail_always(Some(fault));
        making.cancel().await;
        making.pass(60).await;
        assert_eq!(making.domain().await, ("releasing".to_owned(), 0));
    }
}
