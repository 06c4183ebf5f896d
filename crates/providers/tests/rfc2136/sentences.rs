//! Each way in which a server does not let us in is one clear sentence, and changes nothing.

use std::collections::BTreeMap;

use model::clock::{Clock as _, MINUTE, SECOND, SystemClock};
use model::dns::RrType;
use providers::all::rfc2136::{KIND, Rfc2136};
use providers::kind::Said;
use providers::roles::{Account as _, DnsHost as _};
use providers::trouble::Trouble;

use super::stage::{KEY, LOOKER, SECRET, Stage, adapter, call, set};

/// What is said of a look, a write, and an examination.
async fn said(adapter: &Rfc2136) -> [String; 3] {
    let words = |told: Result<(), Trouble>| match told {
        Err(Trouble::Misconfigured(words)) => words,
        other => panic!("{other:?}"),
    };
    let (acme, text) = (call("acme.com"), [set("acme.com", RrType::Txt, &["one"])]);
    [
        words(adapter.ensure_zone(&acme).await.map(|_| ())),
        words(adapter.ensure_records(&acme, &text).await),
        words(adapter.examine().await.map(|_| ())),
    ]
}

#[tokio::test]
async fn a_wrong_secret() {
    for stage in Stage::each(&["acme.com"], "") {
        for words in said(&adapter(stage.server, KEY, "d3JvbmcgYnV0IGxvbmcgZW5vdWdoIHRvIGJlIG9uZQ==", 0)).await {
            assert!(words.contains("main") && words.contains(KEY) && words.contains("another secret"), "{words}");
            assert!(!words.contains(SECRET), "{words}");
        }
        assert!(stage.dig.values("acme.com", RrType::Txt).is_empty(), "{}", stage.what);
    }
}

#[tokio::test]
async fn a_key_that_is_not_known() {
    for stage in Stage::each(&["acme.com"], "") {
        for words in said(&adapter(stage.server, "nobodys.key", SECRET, 0)).await {
            assert!(words.contains("does not know the key nobodys.key with hmac-sha256"), "{}: {words}", stage.what);
        }
    }
}

#[tokio::test]
async fn a_clock_that_is_off_by_ten_minutes() {
    for stage in Stage::each(&["acme.com"], "") {
        for off in [-10 * MINUTE, 10 * MINUTE] {
            for words in said(&adapter(stage.server, KEY, SECRET, off)).await {
                let is_about = |seconds: i64| words.contains(&format!("differ by {seconds} seconds"));
                assert!((590..=660).any(is_about) && words.contains("NTP"), "{}: {words}", stage.what);
            }
        }
        let little = adapter(stage.server, KEY, SECRET, 2 * MINUTE);
        assert!(little.ensure_zone(&call("acme.com")).await.is_ok(), "{}: two minutes are allowed", stage.what);
    }
}

#[tokio::test]
async fn a_key_that_may_not_update() {
    for stage in Stage::each(&["acme.com"], "") {
        let looker = adapter(stage.server, LOOKER, SECRET, 0);
        assert!(looker.ensure_zone(&call("acme.com")).await.is_ok(), "{}", stage.what);
        let told = looker.ensure_records(&call("acme.com"), &[set("acme.com", RrType::Txt, &["one"])]).await;
        let Err(Trouble::Misconfigured(words)) = told else { panic!("{}: {told:?}", stage.what) };
        assert!(words.contains(LOOKER) && words.contains("update"), "{}: {words}", stage.what);
        assert!(stage.dig.values("acme.com", RrType::Txt).is_empty(), "{}", stage.what);
    }
}

#[tokio::test]
async fn an_account_that_is_as_it_should_be_tells_its_key_and_its_clock() {
    for stage in Stage::each(&["acme.com"], "") {
        let values = [
            ("server", stage.server.to_string()),
            ("key_name", KEY.to_owned()),
            ("probe_zone", "acme.com.".to_owned()),
        ];
        let said = Said {
            name: "main",
            base_url: None,
            values: values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
            secrets: BTreeMap::from([("secret".to_owned(), SECRET.into())]),
            is_sandbox: false,
            clock: std::sync::Arc::new(SystemClock),
        };
        let opened = (KIND.open)(&said).unwrap();
        let examined = opened.account.unwrap().examine().await.unwrap();
        assert_eq!(examined.known_as.as_deref(), Some(KEY), "{}", stage.what);
        let apart = (examined.clock.unwrap().0 - SystemClock.now().0).abs();
        assert!(apart < 60 * SECOND, "{}: {apart}", stage.what);
        assert_eq!(opened.dns.unwrap().ensure_zone(&call("acme.com")).await.unwrap().len(), 2, "{}", stage.what);
    }
}

#[tokio::test]
async fn a_key_that_could_not_be_tried_is_told_with_what_to_do() {
    for stage in Stage::each(&["acme.com"], "").into_iter().filter(|stage| stage.what == "Knot") {
        for (probe, what) in [(None, "set probe_zone"), (Some("other.com".to_owned()), "does not have the zone")] {
            let examined = adapter(stage.server, KEY, SECRET, 0).with_probe(probe).examine().await.unwrap();
            assert_eq!((examined.known_as, examined.clock), (None, None));
            assert!(examined.remarks.iter().any(|remark| remark.contains(what)), "{:?}", examined.remarks);
        }
    }
}

#[test]
fn what_will_not_do_is_told_with_its_field() {
    for (server, key, algorithm, secret, field) in [
        ("ns1.example.com", KEY, "", SECRET, "server"),
        ("192.0.2.1:99999", KEY, "", SECRET, "server"),
        ("192.0.2.1", "", "", SECRET, "key_name"),
        ("192.0.2.1:5353", KEY, "hmac-md5", SECRET, "algorithm"),
        ("2001:db8::1", KEY, "hmac-sha512", "not base64", "secret"),
    ] {
        let values = [("server", server), ("key_name", key), ("algorithm", algorithm)];
        let said = Said {
            name: "main",
            base_url: None,
            values: values.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            secrets: BTreeMap::from([("secret".to_owned(), secret.into())]),
            is_sandbox: false,
            clock: std::sync::Arc::new(SystemClock),
        };
        let fault = (KIND.open)(&said).err().unwrap();
        assert!(fault.starts_with(field) && !fault.contains(SECRET), "{fault}");
    }
}
