//! Zones and their records.

use doubles::cloudflare::{PRICE, Permission};
use model::dns::RrType;
use providers::roles::{DnsHost as _, Redirector as _, Registrar as _};
use providers::trouble::{Refused, Trouble};
use serde_json::json;

use super::stage::{Stage, call, set};

#[tokio::test]
async fn a_zone_is_adopted_where_there_is_one_and_has_servers_of_its_own() {
    let stage = Stage::new().await;
    stage.double.zone_by_hand("theirs.com");
    let theirs = stage.adapter.ensure_zone(&call("theirs.com")).await.unwrap();
    let ours = stage.adapter.ensure_zone(&call("ours.com")).await.unwrap();
    assert_eq!(ours, ["ada.ns.cloudflare.com", "rob.ns.cloudflare.com"], "sorted, in lower case");
    assert_ne!(theirs, ours, "two zones may have different servers");
    assert_eq!(stage.asked("POST", "/zones"), 1);
}

#[tokio::test]
async fn two_calls_at_once_make_one_zone() {
    let stage = Stage::new().await;
    let (one, other) = (call("acme.com"), call("acme.com"));
    let (one, other) = tokio::join!(stage.adapter.ensure_zone(&one), stage.adapter.ensure_zone(&other));
    assert_eq!(one, other);
    assert!(one.is_ok());
}

#[tokio::test]
async fn an_account_that_is_full_or_another_ones_zone_is_the_operators_trouble() {
    let stage = Stage::new().await;
    stage.double.limit_zones(1);
    stage.adapter.ensure_zone(&call("one.com")).await.unwrap();
    for (name, word) in [("two.com", "as many zones"), ("elsewhere-one.com", "another account has it")] {
        let told = stage.adapter.ensure_zone(&call(name)).await;
        let Err(Trouble::Misconfigured(words)) = told else { panic!("{told:?}") };
        assert!(words.contains("main") && words.contains(word), "{words}");
    }
    stage.adapter.ensure_zone(&call("one.com")).await.unwrap();
    let told = stage.adapter.ensure_zone(&call("banned-one.com")).await;
    assert!(matches!(told, Err(Trouble::Refused(Refused::ForGood(_)))), "{told:?}");
}

#[tokio::test]
async fn a_name_that_the_registry_does_not_know_yet_is_waited_for() {
    let stage = Stage::new().await;
    for code in [1_049, 1_105] {
        stage.double.say_no("POST", "/zones", 400, code, "acme.com is not a registered domain");
        assert!(matches!(stage.adapter.ensure_zone(&call("acme.com")).await, Err(Trouble::Later(Some(_)))), "{code}");
    }
}

#[tokio::test]
async fn every_type_of_record_is_written_read_and_left_alone_when_it_is_right() {
    let stage = Stage::new().await;
    stage.adapter.ensure_zone(&call("acme.com")).await.unwrap();
    let key = format!("v=DKIM1; k=rsa; p={}", "AbCd+/".repeat(100));
    let sets = [
        set("acme.com", RrType::A, &["192.0.2.7", "192.0.2.8"]),
        set("acme.com", RrType::Aaaa, &["2001:db8::7"]),
        set("acme.com", RrType::Mx, &["1 smtp.google.com"]),
        set("acme.com", RrType::Txt, &["v=spf1 include:_spf.google.com ~all", "MS=ms12345678"]),
        set("google._domainkey.acme.com", RrType::Txt, &[&key]),
        set("autodiscover.acme.com", RrType::Cname, &["autodiscover.outlook.com"]),
        set("_sip._tls.acme.com", RrType::Srv, &["100 1 443 sipdir.online.lync.com"]),
        set("acme.com", RrType::Caa, &["0 issue \"letsencrypt.org\""]),
        set("lab.acme.com", RrType::Ns, &["ns1.example.net"]),
    ];
    for _ in 0..2 {
        stage.adapter.ensure_records(&call("acme.com"), &sets).await.unwrap();
    }
    assert_eq!(stage.asked("POST", "/batch"), 1, "what is right is not written");
    let mut read = stage.adapter.records(&call("acme.com")).await.unwrap().unwrap();
    let mut sets = sets.to_vec();
    let order = |one: &model::dns::RrSet| (one.name.clone(), one.rtype.as_str());
    read.sort_by_key(order);
    sets.sort_by_key(order);
    assert_eq!(read, sets);
    assert_eq!(stage.double.served("google._domainkey.acme.com", "TXT"), [key], "one text, whatever its strings");
}

#[tokio::test]
async fn texts_that_differ_in_case_differ() {
    let stage = Stage::new().await;
    stage.adapter.ensure_zone(&call("acme.com")).await.unwrap();
    for value in ["p=AbC", "p=aBc"] {
        stage.adapter.ensure_records(&call("acme.com"), &[set("acme.com", RrType::Txt, &[value])]).await.unwrap();
        assert_eq!(stage.double.served("acme.com", "TXT"), [value]);
    }
    stage.adapter.ensure_records(&call("acme.com"), &[set("acme.com", RrType::Txt, &["p=aBc"])]).await.unwrap();
    assert_eq!(stage.asked("POST", "/batch"), 2);
}

#[tokio::test]
async fn what_others_have_in_the_zone_stays() {
    let stage = Stage::new().await;
    stage.double.zone_by_hand("acme.com");
    let ds = json!({ "name": "lab.acme.com", "type": "DS", "content": "x", "ttl": 1 });
    let text = json!({ "name": "acme.com", "type": "TXT", "content": "unquoted Text", "ttl": 3_600 });
    stage.double.record_by_hand("acme.com", &ds);
    stage.double.record_by_hand("acme.com", &text);
    let read = stage.adapter.records(&call("acme.com")).await.unwrap().unwrap();
    assert_eq!(read.len(), 1, "what zones of ours do not have is not shown");
    assert_eq!((read[0].ttl, &*read[0].values[0]), (3_600, "unquoted Text"));
    stage.adapter.ensure_records(&call("acme.com"), &[set("acme.com", RrType::Mx, &["1 a.example"])]).await.unwrap();
    assert_eq!(stage.double.records("acme.com").len(), 3);
    let kept = model::dns::RrSet { ttl: 3_600, ..set("acme.com", RrType::Txt, &["unquoted Text"]) };
    stage.adapter.ensure_records(&call("acme.com"), &[kept]).await.unwrap();
    assert_eq!(stage.asked("POST", "/batch"), 1, "a text without quotes is the same text");
}

#[tokio::test]
async fn an_alias_gives_way_to_addresses_in_one_change() {
    let stage = Stage::new().await;
    stage.adapter.ensure_zone(&call("acme.com")).await.unwrap();
    let alias = set("shop.acme.com", RrType::Cname, &["shop.example.net"]);
    stage.adapter.ensure_records(&call("acme.com"), &[alias]).await.unwrap();
    let sets = [set("shop.acme.com", RrType::A, &["192.0.2.9"]), set("shop.acme.com", RrType::Cname, &[])];
    stage.adapter.ensure_records(&call("acme.com"), &sets).await.unwrap();
    assert_eq!(stage.double.served("shop.acme.com", "A"), ["192.0.2.9"]);
}

#[tokio::test]
async fn five_hundred_records_are_written_in_batches_that_a_free_zone_takes() {
    let stage = Stage::new().await;
    stage.adapter.ensure_zone(&call("acme.com")).await.unwrap();
    let sets: Vec<_> = (0..500).map(|n| set(&format!("h{n}.acme.com"), RrType::A, &["192.0.2.9"])).collect();
    stage.adapter.ensure_records(&call("acme.com"), &sets).await.unwrap();
    assert_eq!((stage.double.records("acme.com").len(), stage.asked("POST", "/batch")), (500, 3));
    assert_eq!(stage.adapter.records(&call("acme.com")).await.unwrap().unwrap().len(), 500);
    stage.adapter.ensure_records(&call("acme.com"), &sets).await.unwrap();
    assert_eq!(stage.asked("POST", "/batch"), 3);
}

#[tokio::test]
async fn records_that_somebody_else_changed_meanwhile_are_looked_at_once_more() {
    let stage = Stage::new().await;
    stage.adapter.ensure_zone(&call("acme.com")).await.unwrap();
    let sets = [set("acme.com", RrType::Txt, &["one"])];
    stage.double.say_no("POST", "/batch", 400, 81_058, "An identical record already exists.");
    assert_eq!(stage.adapter.ensure_records(&call("acme.com"), &sets).await, Ok(()));
    assert_eq!(stage.double.served("acme.com", "TXT"), ["one"]);
    for _ in 0..2 {
        stage.double.say_no("POST", "/batch", 400, 81_044, "Record does not exist.");
    }
    let other = [set("acme.com", RrType::Txt, &["two"])];
    assert_eq!(stage.adapter.ensure_records(&call("acme.com"), &other).await, Err(Trouble::Later(None)));
}

#[tokio::test]
async fn a_no_under_a_status_that_says_yes_is_a_no() {
    let stage = Stage::new().await;
    stage.adapter.ensure_zone(&call("acme.com")).await.unwrap();
    stage.double.say_no("POST", "/batch", 200, 9_005, "Content for A record must be a valid IPv4 address.");
    let told = stage.adapter.ensure_records(&call("acme.com"), &[set("acme.com", RrType::Txt, &["one"])]).await;
    assert!(matches!(told, Err(Trouble::Refused(Refused::ForGood(_)))), "{told:?}");
    stage.double.say_no("POST", "/registrations", 200, 10_008, "The name is not available for registration");
    assert!(stage.adapter.ensure_registered(&call("free.com"), PRICE).await.is_err());
    assert!(stage.double.ledger().is_empty());
}

#[tokio::test]
async fn a_permission_that_is_missing_is_named() {
    for (permission, words) in [(Permission::Zones, "Zone › Zone"), (Permission::Redirects, "Single Redirect")] {
        let stage = Stage::new().await;
        stage.double.zone_by_hand("acme.com");
        stage.double.withhold(permission);
        let told = stage.adapter.ensure_redirect(&call("acme.com"), "https://acme.example/").await;
        let Err(Trouble::Misconfigured(told)) = told else { panic!("{told:?}") };
        assert!(told.contains("main") && told.contains(words), "{told}");
    }
}

#[tokio::test]
async fn the_zone_of_a_name_that_is_registered_here_is_emptied_and_paused() {
    let stage = Stage::new().await;
    stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
    stage.adapter.ensure_zone(&call("acme.com")).await.unwrap();
    stage.adapter.ensure_records(&call("acme.com"), &[set("acme.com", RrType::Txt, &["one"])]).await.unwrap();
    stage.adapter.ensure_redirect(&call("acme.com"), "https://acme.example/").await.unwrap();
    for _ in 0..2 {
        assert_eq!(stage.adapter.ensure_no_zone(&call("acme.com")).await, Ok(()));
    }
    assert!(stage.double.records("acme.com").is_empty() && stage.double.rules("acme.com").is_empty());
    assert_eq!(stage.double.zone("acme.com").unwrap()["paused"], true);
    assert!(stage.adapter.registered(&call("acme.com")).await.unwrap().is_some(), "the name is still ours");
    stage.adapter.ensure_zone(&call("acme.com")).await.unwrap();
    assert_eq!(stage.double.zone("acme.com").unwrap()["paused"], false);
    stage.adapter.ensure_zone(&call("theirs.com")).await.unwrap();
    stage.adapter.ensure_no_zone(&call("theirs.com")).await.unwrap();
    assert_eq!(stage.double.zone("theirs.com"), None, "any other is removed");
}

#[tokio::test]
async fn a_zone_that_the_vendor_keeps_for_another_reason_is_not_emptied() {
    let stage = Stage::new().await;
    stage.adapter.ensure_zone(&call("theirs.com")).await.unwrap();
    stage.adapter.ensure_records(&call("theirs.com"), &[set("theirs.com", RrType::Txt, &["one"])]).await.unwrap();
    let id = stage.double.zone("theirs.com").unwrap()["id"].as_str().unwrap().to_owned();
    stage.double.say_no("DELETE", &id, 400, 1_099, "The zone is on hold");
    let told = stage.adapter.ensure_no_zone(&call("theirs.com")).await;
    assert!(matches!(told, Err(Trouble::Refused(Refused::ForGood(_)))), "{told:?}");
    assert_eq!(stage.double.served("theirs.com", "TXT"), ["one"]);
}
