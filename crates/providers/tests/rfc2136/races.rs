//! Two at once.

use futures_util::future::join_all;
use model::dns::RrType;
use providers::roles::DnsHost as _;
use providers::trouble::{Refused, Trouble};

use super::stage::{KEY, SECRET, Stage, adapter, call, set};
use crate::servers::proxy::Proxy;

/// Somebody reads the zone, and is held up; when it comes to write, the set is another one. That is the prerequisite.
#[tokio::test]
async fn nothing_is_written_over_what_was_not_read() {
    for stage in Stage::each(&["acme.com"], "") {
        let acme = call("acme.com");
        let proxy = Proxy::with_gate(stage.server, 1).await;
        let slow = adapter(proxy.address, KEY, SECRET, 0);
        let text = [set("acme.com", RrType::Txt, &["slow"])];
        let quick = async {
            // The second connection is the write.
            proxy.has_come(2).await;
            stage.adapter.ensure_records(&acme, &[set("acme.com", RrType::Txt, &["quick"])]).await.unwrap();
            proxy.open();
        };
        let (told, ()) = tokio::join!(slow.ensure_records(&acme, &text), quick);
        assert_eq!(told, Err(Trouble::Later(None)), "{}", stage.what);
        assert_eq!(stage.dig.values("acme.com", RrType::Txt), ["quick"], "{}", stage.what);
        assert_eq!(slow.ensure_records(&acme, &text).await, Ok(()), "{}", stage.what);
        assert_eq!(stage.dig.values("acme.com", RrType::Txt), ["slow"], "{}", stage.what);
    }
}

/// As above, and the zone is closed meanwhile.
#[tokio::test]
async fn nothing_is_written_to_a_zone_that_was_closed_meanwhile() {
    for stage in Stage::each(&["acme.com"], "") {
        let acme = call("acme.com");
        let proxy = Proxy::with_gate(stage.server, 1).await;
        let slow = adapter(proxy.address, KEY, SECRET, 0);
        let text = [set("acme.com", RrType::Txt, &["late"])];
        let quick = async {
            proxy.has_come(2).await;
            stage.adapter.ensure_no_zone(&acme).await.unwrap();
            proxy.open();
        };
        let (told, ()) = tokio::join!(slow.ensure_records(&acme, &text), quick);
        assert_eq!(told, Err(Trouble::Later(None)), "{}", stage.what);
        let told = slow.ensure_records(&acme, &text).await;
        assert!(matches!(told, Err(Trouble::Refused(Refused::ForGood(_)))), "{}: {told:?}", stage.what);
        assert!(stage.dig.values("acme.com", RrType::Txt).is_empty(), "{}", stage.what);
    }
}

#[tokio::test]
async fn of_many_at_once_one_is_last_and_whole() {
    for stage in Stage::each(&["acme.com"], "") {
        let acme = &call("acme.com");
        let texts = [set("acme.com", RrType::Txt, &["one", "two"]), set("acme.com", RrType::Txt, &["three"])];
        let (texts, stage) = (&texts, &stage);
        let write = |n: usize| async move {
            let text = &texts[n % 2..=n % 2];
            for _ in 0..50 {
                match stage.adapter.ensure_records(acme, text).await {
                    Ok(()) => return,
                    Err(Trouble::Later(_)) => {}
                    other => panic!("{other:?}"),
                }
            }
            panic!("it came to no end");
        };
        join_all((0..8).map(write)).await;
        let seen = stage.dig.values("acme.com", RrType::Txt);
        assert!(seen == ["one", "two"] || seen == ["three"], "{}: {seen:?}", stage.what);
    }
}
