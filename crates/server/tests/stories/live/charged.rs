//! What vendors have charged, held against what is written down, and beside what partners are charged.

use std::process::Output;

use model::clock::DAY;
use serde_json::Value;

use super::stage::Live;
use crate::program::run;

async fn command(live: &Live, args: &[&str]) -> Output {
    let config = live.rig.config.data.join("beside.toml");
    std::fs::write(&config, live.configured()).unwrap();
    run(&live.rig.config.data, &[&["--config", config.to_str().unwrap()], args].concat()).await
}

/// What a command tells scripts.
async fn told(live: &Live, args: &[&str]) -> Value {
    let output = command(live, &[args, &["--format", "json"]].concat()).await;
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

/// What was found: each difference with its name.
async fn found(live: &Live) -> (Value, Vec<(String, String)>) {
    let told = told(live, &["reconcile"]).await;
    let text = |one: &Value, field: &str| one[field].as_str().unwrap().to_owned();
    let all = told["found"].as_array().unwrap().iter();
    let all = all.map(|one| (text(one, "difference"), text(one, "name"))).collect();
    (told, all)
}

#[tokio::test]
async fn charges_are_held_against_what_was_bought() {
    let live = Live::new().await;
    live.namecom.hold_name("elsewhere.com");
    live.place(&["acme-one.com", "elsewhere.com"]).await;
    live.rig.settle_all().await;
    live.namecom.lose("elsewhere.com");
    let (told, all) = found(&live).await;
    assert_eq!((all.as_slice(), &told["charges"]), (&[][..], &Value::from(2)), "{told:#}");
    assert_eq!(told["charges_unlisted"], serde_json::json!([]));
    live.namecom.charge("acme-one.com", "registration", doubles::namecom::PRICE);
    live.dnsimple.charge("elsewhere.com", "renewal", 1_525);
    live.dnsimple.charge("stranger.com", "restore", 20_000);
    let (told, all) = found(&live).await;
    let expected =
        [("charged_twice", "acme-one.com"), ("unknown_charge", "elsewhere.com"), ("unknown_charge", "stranger.com")];
    assert_eq!(all, expected.map(|(what, name)| (what.to_owned(), name.to_owned())), "{told:#}");
    assert!(told["found"][0]["words"].as_str().unwrap().contains("first has charged 10.99 USD for acme-one.com"));
}

#[tokio::test]
async fn an_account_that_does_not_show_its_charges_is_named() {
    let live = Live::with(|text| {
        let third = "[accounts.third]\nkind = \"porkbun\"\nbase_url = \"http://127.0.0.1:1\"\napi_key = { env = \"HOME\" }\n\
                     secret_api_key = { env = \"HOME\" }\n\n[accounts.first]";
        text.replace("[accounts.first]", third)
    })
    .await;
    live.dnsimple.hide_billing();
    let output = command(&live, &["reconcile"]).await;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("third lists no charges"), "{told}");
    assert!(told.contains("second: The account second may not do this at its vendor (list_charges, 403)"), "{told}");
    assert!(!output.status.success(), "not every account has answered");
}

#[tokio::test]
async fn each_charge_to_a_partner_has_what_its_own_purchase_cost() {
    let live = Live::new().await;
    live.place(&["acme-one.com"]).await;
    live.rig.settle_all().await;
    live.rig.advance(337 * DAY).await;
    let lines = told(&live, &["costs", "--by", "line"]).await;
    let cents = |line: &Value| ["price_cents", "cost_cents", "margin_cents"].map(|field| line[field].as_i64().unwrap());
    let row = |line: &Value| {
        (line["name"].as_str().unwrap().to_owned(), line["kind"].as_str().unwrap().to_owned(), cents(line))
    };
    let rows: Vec<_> = lines.as_array().unwrap().iter().map(row).collect();
    let of = |kind: &str, cents| ("acme-one.com".to_owned(), kind.to_owned(), cents);
    let expected = [of("domain_renewal", [1_499, 1_299, 200]), of("domain_registration", [1_299, 1_099, 200])];
    assert_eq!(rows, expected, "{lines:#}");
    let text = command(&live, &["costs", "--by", "line"]).await;
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("LINE") && text.contains("12.99 USD"), "{text}");
}
