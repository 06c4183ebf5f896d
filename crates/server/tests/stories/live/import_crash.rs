//! Workers that die while a name is taken over, before a call to the host, after it, or that call twice: what the name has
//! elsewhere is all there in the end, once, and nothing of it was served before.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use engine::{Fate, Point, Probe};
use model::clock::HOUR;
use model::dns::RrType;
use model::run::{RunKind, StepName};
use serde_json::{Value, json};

use super::stage::Live;
use crate::crash::FATES;
use crate::support::Rig;

/// Lets whoever works on the n-th name meet the n-th fate, once, in one step.
struct Fates {
    step: StepName,
    names: Vec<String>,
    met: Mutex<BTreeSet<String>>,
}

impl Probe for Fates {
    fn fate(&self, domain: &str, step: StepName, point: Point) -> Fate {
        let at = self.names.iter().position(|name| name == domain).filter(|_| step == self.step);
        match at.map(|at| FATES[at]) {
            Some((here, fate)) if here == point && self.met.lock().unwrap().insert(domain.to_owned()) => fate,
            _ => Fate::Live,
        }
    }
}

fn names() -> Vec<String> {
    (0..FATES.len()).map(|n| format!("customer-{n}x.com")).collect()
}

/// What the names' present servers say.
fn there(live: &Live, servers: &[&str]) {
    let mut said = live.elsewhere.lock().unwrap();
    for name in names() {
        let values = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
        said.insert((name.clone(), RrType::Ns), values(servers));
        said.insert((name.clone(), RrType::Txt), values(&["v=spf1 include:old.example -all", "proof=1"]));
        said.insert((name.clone(), RrType::Caa), values(&["0 issue \"ca.example\""]));
        said.insert((format!("www.{name}"), RrType::Cname), values(&["shop.example"]));
    }
}

/// Takes them over by workers with this probe, and answers where each has come to.
async fn taken_over(probe: Option<Arc<Fates>>) -> Vec<Value> {
    let live = Live::new().await;
    there(&live, &["ns1.old.example"]);
    let body = json!({ "domains": names() });
    let job = live.rig.call("POST", "/domains/import/jobs", Some(&body)).await.body;
    let job = job["data"]["id"].as_str().unwrap().to_owned();
    let worker = live.another(probe.clone().map(|probe| probe as _)).await;
    worker.work_off().await;
    let next = live.restart().await;
    next.work_off().await;
    // Their owner sets the nameservers when the job has told which.
    there(&live, &["ns1.dnsimple.com", "ns2.dnsimple-edge.net", "ns3.dnsimple.com", "ns4.dnsimple-edge.org"]);
    next.advance(HOUR).await;
    if let Some(probe) = probe {
        assert_eq!(probe.met.lock().unwrap().len(), FATES.len(), "{:?}: the point was not reached by all", probe.step);
    }
    next.settle_all().await;
    ends(&live, &next, &job).await
}

async fn ends(live: &Live, rig: &Rig, job: &str) -> Vec<Value> {
    let job = rig.call("GET", &format!("/domains/import/jobs/{job}"), None).await.body["data"].clone();
    let mut ends = vec![];
    for one in job["domains"].as_array().unwrap() {
        let path = format!("/domains/{}", one["id"].as_str().unwrap());
        let domain = rig.call("GET", &path, None).await.body["data"].clone();
        let name = domain["domain"].as_str().unwrap();
        let mut hosted: Vec<_> = [("", "TXT"), ("", "CAA"), ("www.", "CNAME")]
            .iter()
            .flat_map(|(below, rtype)| live.dnsimple.hosted(&format!("{below}{name}"), rtype))
            .collect();
        hosted.sort();
        let records = domain["zone"]["records"].as_array().unwrap().len();
        ends.push(json!({
            "status": domain["status"], "hosted": hosted, "records": records, "published": domain["zone"]["published"]
        }));
    }
    ends
}

#[tokio::test]
async fn a_worker_may_die_anywhere_while_a_name_is_taken_over() {
    let calm = taken_over(None).await;
    assert!(calm.iter().all(|end| end["status"] == "available" && *end == calm[0]), "{calm:#?}");
    assert_eq!(calm[0]["hosted"].as_array().unwrap().len(), 4, "{calm:#?}");
    for step in RunKind::Import.steps() {
        let probe = Fates { step: *step, names: names(), met: Mutex::default() };
        assert_eq!(taken_over(Some(Arc::new(probe))).await, calm, "{step:?}");
    }
}
