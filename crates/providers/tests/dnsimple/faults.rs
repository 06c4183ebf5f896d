//! Everything that goes wrong between us and the vendor: nothing is paid for twice, and nothing that was paid for is lost.

use doubles::Fault;
use doubles::dnsimple::{PRICE, RENEWAL};
use model::clock::{MINUTE, SECOND};
use model::dns::{RrSet, RrType};
use providers::roles::{DnsHost as _, Registrar as _};
use providers::trouble::Trouble;

use super::stage::{Stage, call, years_later};
use crate::support::start;
use crate::until::Until as _;

/// What may have been done when nobody heard of it, and what is heard then.
const UNHEARD: [Fault; 6] =
    [Fault::ReplyLost, Fault::RequestLost, Fault::Broken, Fault::PageInstead, Fault::HalfAnAnswer, Fault::Silence];

/// The clock goes on when nothing else does.
#[tokio::test(start_paused = true)]
async fn a_purchase_that_nobody_heard_of_is_unknown_and_paid_for_once() {
    for fault in UNHEARD.into_iter().chain([Fault::Drip]) {
        let stage = Stage::new().await;
        stage.double.server.fail("POST", "/registrations", fault);
        let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until();
        assert_eq!(told, Err(Trouble::Unknown), "{fault:?}");
        let expires = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until();
        assert_eq!((expires, stage.paid("acme.com")), (Ok(years_later(start(), 1)), (1, 0)), "{fault:?}");
        assert_eq!(stage.double.server.faults_left(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_nobody_heard_of_is_unknown_and_paid_for_once() {
    for fault in UNHEARD {
        let stage = Stage::new().await;
        let before = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until().unwrap();
        stage.double.server.fail("POST", "/renewals", fault);
        let told = stage.adapter.ensure_renewed(&call("acme.com"), before, RENEWAL).await.until();
        assert_eq!(told, Err(Trouble::Unknown), "{fault:?}");
        let after = stage.adapter.ensure_renewed(&call("acme.com"), before, RENEWAL).await.until();
        assert_eq!((after, stage.paid("acme.com")), (Ok(years_later(before, 1)), (1, 1)), "{fault:?}");
    }
}

#[tokio::test]
async fn an_answer_under_a_wrong_name_is_read_all_the_same() {
    let stage = Stage::new().await;
    stage.double.server.fail("POST", "/registrations", Fault::WrongType);
    assert!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until().is_ok());
}

#[tokio::test]
async fn a_vendor_that_was_asked_too_often_is_left_alone() {
    for (after, micros) in [(Some(7), 7 * SECOND), (None, MINUTE)] {
        let stage = Stage::new().await;
        stage.double.server.fail("POST", "/registrations", Fault::TooMany(after));
        let until = start().plus(micros);
        let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until();
        assert_eq!(told, Err(Trouble::Later(Some(until))), "certainly not bought");
        let asked = stage.double.server.asked().len();
        assert_eq!(stage.adapter.registered(&call("acme.com")).await.until(), Err(Trouble::Later(Some(until))));
        assert_eq!(stage.double.server.asked().len(), asked, "nor asked");
        stage.clock.set(until);
        assert!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until().is_ok());
    }
}

#[tokio::test]
async fn a_look_that_says_nothing_decides_nothing() {
    let stage = Stage::new().await;
    stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until().unwrap();
    for fault in [Fault::RequestLost, Fault::Broken, Fault::PageInstead] {
        stage.double.server.fail("GET", "/domains/acme.com", fault);
        assert_eq!(stage.adapter.registered(&call("acme.com")).await.until(), Err(Trouble::Later(None)), "{fault:?}");
        stage.double.server.fail("GET", "/domains/acme.com", fault);
        assert_eq!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until(), Err(Trouble::Later(None)));
    }
    assert_eq!(stage.paid("acme.com"), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn records_are_written_once_whatever_was_heard() {
    for fault in UNHEARD {
        let stage = Stage::new().await;
        stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until().unwrap();
        let values = vec!["v=spf1 -all".to_owned()];
        let set = RrSet { name: "acme.com".into(), rtype: RrType::Txt, ttl: 300, values };
        stage.double.server.fail("POST", "/batch", fault);
        let told = stage.adapter.ensure_records(&call("acme.com"), std::slice::from_ref(&set)).await;
        assert_eq!(told, Err(Trouble::Unknown), "{fault:?}");
        assert_eq!(stage.adapter.ensure_records(&call("acme.com"), &[set]).await, Ok(()), "{fault:?}");
        assert_eq!(stage.double.served("acme.com", "TXT"), ["v=spf1 -all"], "{fault:?}");
    }
}
