//! The account itself.

use std::collections::BTreeMap;

use doubles::cloudflare::{ACCOUNT, ACCOUNT_NAME, Permission, TOKEN};
use model::clock::HandClock;
use providers::all::cloudflare::KIND;
use providers::kind::{Opened, Said};
use providers::roles::Account as _;
use providers::trouble::Trouble;

use super::stage::{Stage, adapter, call};
use crate::support::start;

#[tokio::test]
async fn an_account_says_as_whom_it_is_known_and_what_it_may_not_do() {
    let stage = Stage::new().await;
    let examined = stage.adapter.examine().await.unwrap();
    assert_eq!(examined.known_as.as_deref(), Some(ACCOUNT_NAME));
    stage.double.withhold(Permission::Account);
    stage.double.zone_by_hand("acme.com");
    assert_eq!(stage.adapter.examine().await.unwrap().known_as.as_deref(), Some(ACCOUNT_NAME), "as its zones say");
    stage.double.withhold(Permission::Registrar);
    let remarks = stage.adapter.examine().await.unwrap().remarks.join(" ");
    assert!(remarks.contains("Registrar › Edit") && remarks.contains("1 zones"), "{remarks}");
    stage.double.withhold(Permission::Zones);
    assert!(matches!(stage.adapter.examine().await, Err(Trouble::Misconfigured(_))), "it may do nothing");
    let (stranger, _) = adapter(&stage.double.server.base(), "wrong", None);
    assert!(matches!(stranger.examine().await, Err(Trouble::Misconfigured(words)) if words.contains("credentials")));
}

fn said(base: &str, account: &str, is_sandbox: bool) -> Said {
    Said {
        name: "main",
        base_url: Some(format!("{base}/client/v4")),
        values: BTreeMap::from([("account".to_owned(), account.to_owned())]),
        secrets: BTreeMap::from([("token".to_owned(), TOKEN.into())]),
        is_sandbox,
        clock: HandClock::at(start()),
    }
}

#[tokio::test]
async fn an_account_is_made_of_what_the_configuration_says() {
    let stage = Stage::new().await;
    let base = stage.double.server.base();
    let Opened { registrar, dns, redirector, account, .. } = (KIND.open)(&said(&base, ACCOUNT, false)).unwrap();
    assert!(registrar.is_some() && dns.is_some() && redirector.is_some());
    assert!(account.unwrap().examine().await.is_ok());
    for wrong in ["", "acme", "../../x", &ACCOUNT[1..]] {
        let told = (KIND.open)(&said(&base, wrong, false)).err().unwrap();
        assert!(told.starts_with("account "), "{told}");
    }
}

#[tokio::test]
async fn an_account_of_the_sandbox_orders_there_and_hosts_nothing() {
    let stage = Stage::new().await;
    let opened = (KIND.open)(&said(&stage.double.server.base(), ACCOUNT, true)).unwrap();
    assert!(opened.dns.is_none() && opened.redirector.is_none());
    let registrar = opened.registrar.unwrap();
    assert_eq!(registrar.registered(&call("acme.com")).await, Ok(None));
    let servers = ["ns1.example.net".to_owned()];
    assert_eq!(registrar.ensure_nameservers(&call("acme.com"), &servers).await, Ok(()), "it delegates nothing");
    assert!(opened.account.unwrap().examine().await.is_ok());
    let asked = stage.double.server.asked();
    assert!(asked.iter().all(|one| !one.path.contains("/registrar/")), "no real name is asked about");
}
