//! Everything that goes wrong between us and the vendor: nothing is paid for twice, and nothing that was paid for is lost.

use doubles::Fault;
use doubles::porkbun::{PRICE, RENEWAL};
use model::clock::{MINUTE, SECOND};
use providers::call::Call;
use providers::roles::Registrar as _;
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
        let stage = Stage::new().await.spoilt();
        stage.double.server.fail("POST", "/create/acme.com", fault);
        let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await;
        assert_eq!(told, Err(Trouble::Unknown), "{fault:?}");
        let expires = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until();
        assert_eq!((expires, stage.paid("acme.com")), (Ok(years_later(start(), 1)), (1, 0)), "{fault:?}");
        assert_eq!(stage.double.server.faults_left(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_purchase_that_nobody_heard_of_and_that_does_not_show_is_replayed_by_its_key() {
    let stage = Stage::new().await.spoilt();
    stage.double.server.fail("POST", "/create/acme.com", Fault::ReplyLost);
    assert_eq!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await, Err(Trouble::Unknown));
    stage.double.hide("acme.com");
    let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await;
    assert!(matches!(told, Err(Trouble::UnderWay(..))), "its key knows it: {told:?}");
    assert_eq!(stage.double.ledger().len(), 1);
}

/// The vendor has no list of orders: only time says that a purchase has not come about.
#[tokio::test]
async fn a_name_that_was_asked_for_lately_is_not_said_to_be_nobodys() {
    let stage = Stage::new().await;
    let asked = Call { asked_at: Some(start().plus(-29 * MINUTE)), ..call("acme.com") };
    assert_eq!(stage.adapter.registered(&asked).await, Err(Trouble::Later(Some(start().plus(MINUTE)))));
    let long_ago = Call { asked_at: Some(start().plus(-30 * MINUTE)), ..call("acme.com") };
    for sure in [long_ago, call("acme.com")] {
        assert_eq!(stage.adapter.registered(&sure).await, Ok(None));
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_nobody_heard_of_is_unknown_and_paid_for_once() {
    for fault in UNHEARD {
        let stage = Stage::new().await.spoilt();
        let before = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until().unwrap();
        stage.double.server.fail("POST", "/renew/acme.com", fault);
        let told = stage.adapter.ensure_renewed(&call("acme.com"), before, RENEWAL).await;
        assert_eq!(told, Err(Trouble::Unknown), "{fault:?}");
        let after = stage.adapter.ensure_renewed(&call("acme.com"), before, RENEWAL).await.until();
        assert_eq!((after, stage.paid("acme.com")), (Ok(years_later(before, 1)), (1, 1)), "{fault:?}");
    }
}

#[tokio::test]
async fn two_at_once_buy_a_name_once() {
    let stage = Stage::new().await;
    let call = call("acme.com");
    let both =
        tokio::join!(stage.adapter.ensure_registered(&call, PRICE), stage.adapter.ensure_registered(&call, PRICE));
    assert!(both.0.is_ok() || both.1.is_ok(), "{both:?}");
    assert_eq!(stage.paid("acme.com"), (1, 0));
}

#[tokio::test]
async fn an_answer_under_a_wrong_name_is_read_all_the_same() {
    let stage = Stage::new().await;
    stage.double.server.fail("POST", "/create/acme.com", Fault::WrongType);
    assert!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.is_ok());
}

#[tokio::test]
async fn who_has_bought_too_often_may_still_look_and_comes_back_when_told() {
    for (after, micros) in [(Some(7), 7 * SECOND), (None, MINUTE)] {
        let stage = Stage::new().await.spoilt();
        stage.double.server.fail("POST", "/create/acme.com", Fault::TooMany(after));
        let until = start().plus(micros);
        let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await;
        assert_eq!(told, Err(Trouble::Later(Some(until))), "certainly not bought");
        assert_eq!(stage.adapter.registered(&call("acme.com")).await, Ok(None), "looking is another matter");
        stage.clock.set(until);
        assert!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.is_ok());
    }
}

#[tokio::test]
async fn a_look_that_says_nothing_decides_nothing() {
    let stage = Stage::new().await.spoilt();
    stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
    for fault in [Fault::RequestLost, Fault::Broken, Fault::PageInstead, Fault::HalfAnAnswer] {
        stage.double.server.fail("GET", "/get/acme.com", fault);
        assert_eq!(stage.adapter.registered(&call("acme.com")).await, Err(Trouble::Later(None)), "{fault:?}");
        stage.double.server.fail("GET", "/get/acme.com", fault);
        assert_eq!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await, Err(Trouble::Later(None)));
    }
    assert_eq!(stage.paid("acme.com"), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_delegation_that_nobody_heard_of_is_looked_at_and_set_once() {
    for fault in UNHEARD {
        let stage = Stage::new().await.spoilt();
        stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
        let servers = ["ns1.acme.example", "ns2.acme.example"].map(str::to_owned);
        stage.double.server.fail("POST", "/updateNs/acme.com", fault);
        let told = stage.adapter.ensure_nameservers(&call("acme.com"), &servers).await;
        assert_eq!(told, Err(Trouble::Unknown), "{fault:?}");
        assert_eq!(stage.adapter.ensure_nameservers(&call("acme.com"), &servers).await, Ok(()), "{fault:?}");
        assert_eq!(stage.double.delegation("acme.com"), servers, "{fault:?}");
    }
}
