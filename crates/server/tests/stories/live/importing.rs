//! A name that works elsewhere is taken over with all that it has.

use model::clock::HOUR;
use model::dns::RrType;
use model::id::{DomainId, Id as _};
use serde_json::{Value, json};

use super::stage::Live;
use super::status;

const NAME: &str = "customer.com";
const SERVERS: [&str; 4] = ["ns1.dnsimple.com", "ns2.dnsimple-edge.net", "ns3.dnsimple.com", "ns4.dnsimple-edge.org"];

/// What the name's present servers say.
fn there(live: &Live, below: &str, rtype: RrType, values: &[&str]) {
    let name = if below.is_empty() { NAME.to_owned() } else { format!("{below}.{NAME}") };
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    live.elsewhere.lock().unwrap().insert((name, rtype), values);
}

async fn import(live: &Live, replace: bool) -> Value {
    let body = json!({ "domains": [NAME], "replace_live_mail": replace });
    let begun = live.rig.call("POST", "/domains/import/jobs", Some(&body)).await;
    live.rig.work_off().await;
    let path = format!("/domains/import/jobs/{}", begun.body["data"]["id"].as_str().unwrap());
    live.rig.call("GET", &path, None).await.body["data"].clone()
}

async fn zone(live: &Live, job: &Value) -> Value {
    let path = format!("/domains/{}", job["domains"][0]["id"].as_str().unwrap());
    live.rig.call("GET", &path, None).await.body["data"]["zone"].clone()
}

#[tokio::test]
async fn what_a_name_has_moves_along_before_it_is_delegated() {
    let live = Live::new().await;
    there(&live, "", RrType::Ns, &["ns1.old.example"]);
    there(&live, "", RrType::Mx, &["10 mx.old.example"]);
    there(&live, "", RrType::Txt, &["v=spf1 include:old.example -all", "v=spf1 include:news.example ~all", "proof=1"]);
    there(&live, "", RrType::Caa, &["0 issue \"ca.example\""]);
    there(&live, "www", RrType::Cname, &["shop.example"]);
    there(&live, "_sip._tls", RrType::Srv, &["100 1 443 sip.example"]);
    there(&live, "_dmarc", RrType::Txt, &["v=DMARC1; p=reject"]);
    assert_eq!(import(&live, false).await["domains"][0]["reason"], "live_mail");
    assert!(live.dnsimple.hosted(NAME, "TXT").is_empty(), "nothing was changed");
    let job = import(&live, true).await;
    assert_eq!(job["status"], "in_progress", "{job:#}");
    let spf = "v=spf1 include:old.example include:news.example -all";
    let hosted = |name: &str, rtype: &str| live.dnsimple.hosted(name, rtype);
    let mut texts = hosted(NAME, "TXT");
    texts.sort();
    assert_eq!(texts, ["proof=1", spf], "two records of who may send are one");
    assert_eq!(hosted(NAME, "MX"), ["10 mx.old.example"], "mail goes on until an order wants it");
    assert_eq!(hosted("www.customer.com", "CNAME"), ["shop.example"]);
    assert_eq!(hosted("_sip._tls.customer.com", "SRV"), ["100 1 443 sip.example"]);
    assert_eq!(hosted(NAME, "CAA"), ["0 issue \"ca.example\""]);
    let told = zone(&live, &job).await;
    let customers = told["records"].as_array().unwrap().iter().filter(|one| one["purpose"] == "customer").count();
    assert_eq!((customers, told["published"].as_bool()), (6, Some(true)), "{told:#}");
    assert!(told["notes"][0].as_str().unwrap().contains(spf), "the change is said: {told:#}");

    live.elsewhere.lock().unwrap().clear();
    there(&live, "", RrType::Ns, &SERVERS);
    live.rig.advance(HOUR).await;
    let id = live.place(&[NAME]).await;
    live.rig.settle_all().await;
    let order = live.rig.order(&id).await;
    assert_eq!(status(&order), "completed", "{order:#}");
    assert_eq!(hosted(NAME, "MX"), ["1 smtp.google.com"]);
    let whole = "v=spf1 include:_spf.google.com include:old.example include:news.example ~all";
    assert!(hosted(NAME, "TXT").contains(&whole.to_owned()), "{:?}", hosted(NAME, "TXT"));
    assert_eq!(hosted("_dmarc.customer.com", "TXT"), ["v=DMARC1; p=reject"], "their own policy stays");
    let notes = zone(&live, &job).await["notes"].to_string();
    assert!(notes.contains("keeps the policy") && notes.contains("10 mx.old.example"), "{notes}");
}

#[tokio::test]
async fn a_zone_that_is_at_the_host_already_is_taken_over_as_it_is() {
    let live = Live::new().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let base = format!("{}/v2/1385", live.dnsimple.server.base());
    let post = |path: String, body: Value| {
        client.post(format!("{base}{path}")).bearer_auth(doubles::dnsimple::TOKEN).json(&body).send()
    };
    assert!(post("/domains".into(), json!({ "name": NAME })).await.unwrap().status().is_success());
    let record = json!({ "creates": [{ "name": "shop", "type": "A", "content": "192.0.2.7", "ttl": 300 }] });
    assert!(post(format!("/zones/{NAME}/batch"), record).await.unwrap().status().is_success());
    there(&live, "", RrType::Ns, &SERVERS);
    let job = import(&live, false).await;
    assert_eq!(job["status"], "completed", "{job:#}");
    let told = zone(&live, &job).await;
    assert_eq!(told["records"][0]["name"], "shop.customer.com", "{told:#}");
    assert_eq!(live.dnsimple.hosted("shop.customer.com", "A"), ["192.0.2.7"]);
}

#[tokio::test]
async fn what_a_registry_holds_fast_is_found_before_anything_is_changed() {
    let live = Live::new().await;
    there(&live, "", RrType::Ns, &["ns1.old.example"]);
    for (said, reason) in [("client update prohibited", "locked"), ("pending delete", "suspended")] {
        live.registry.says(NAME, &["client transfer prohibited", said]);
        let job = import(&live, false).await;
        assert_eq!((&job["status"], &job["domains"][0]["reason"]), (&json!("failed"), &json!(reason)));
        assert!(live.dnsimple.hosted(NAME, "NS").is_empty(), "{reason}");
    }
    live.registry.says(NAME, &["client transfer prohibited"]);
    assert_eq!(import(&live, false).await["status"], "in_progress", "the lock is gone, and the name was sent again");
}

#[tokio::test]
async fn a_registry_that_does_not_answer_keeps_nobody_and_that_is_said() {
    let live = Live::new().await;
    there(&live, "", RrType::Ns, &["ns1.old.example"]);
    live.registry.says(NAME, &["client update prohibited"]);
    live.registry.server.fail_about(NAME, 0, doubles::Fault::RequestLost);
    let job = import(&live, false).await;
    assert_eq!(job["status"], "in_progress", "{job:#}");
    let id = DomainId::opaque(job["domains"][0]["id"].as_str().unwrap());
    let runs = store::runs::of_domain(&mut live.rig.wired.store.read().await.unwrap(), &id).await.unwrap();
    let looked = &runs[0].steps[0];
    assert!(looked.trouble.as_deref().is_some_and(|words| words.contains("RDAP")), "{looked:?}");
}
