//! What an operator may write into the configuration, and what is said of it.

use std::collections::BTreeMap;

use model::clock::HandClock;
use providers::kind::Said;

use super::stage::{KIND, Stage};
use crate::servers::powerdns::API_KEY;
use crate::support::start;

fn said(base_url: Option<String>, values: &[(&str, &str)]) -> Said {
    Said {
        name: "main",
        base_url,
        values: values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        secrets: BTreeMap::from([("api_key".to_owned(), API_KEY.into())]),
        is_sandbox: false,
        clock: HandClock::at(start()),
    }
}

#[tokio::test]
async fn an_account_is_made_of_the_configuration_and_examined() {
    let Some(stage) = Stage::new().await else { return };
    let said =
        said(Some(format!("http://{}", stage.server.api)), &[("nameservers", "NS1.host.example, ns2.host.example.")]);
    let opened = (KIND.open)(&said).unwrap();
    let examined = opened.account.unwrap().examine().await.unwrap();
    assert!(examined.known_as.unwrap().starts_with("PowerDNS "));
    assert_eq!(examined.remarks, Vec::<String>::new());
    let servers = opened.dns.unwrap().ensure_zone(&super::stage::call("acme.com")).await.unwrap();
    assert_eq!(servers, ["ns1.host.example", "ns2.host.example"]);
}

#[test]
fn what_will_not_do_is_told_with_its_field() {
    for (base_url, values, field) in [
        (None, &[("nameservers", "")][..], "nameservers"),
        (None, &[("nameservers", "ns1 host")], "nameservers"),
        (None, &[("nameservers", "ns1.host.example"), ("zone_kind", "Slave")], "zone_kind"),
        (Some("http://dns.example.com"), &[("nameservers", "ns1.host.example")], "base_url"),
    ] {
        let fault = (KIND.open)(&said(base_url.map(str::to_owned), values)).err().unwrap();
        assert!(fault.starts_with(field) && !fault.contains(API_KEY), "{fault}");
    }
}
