//! Everything that goes wrong between us and the vendor: nothing is paid for twice, and nothing that was paid for is lost.

use doubles::Fault;
use doubles::namecom::{PRICE, RENEWAL};
use model::clock::{DAY, HOUR, MINUTE, SECOND};
use model::domain::{DomainName, Unavailable, Verdict};
use providers::call::Call;
use providers::roles::{Purpose, Registrar as _};
use providers::trouble::{Trouble, UnderWay};

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
        let stage = Stage::spoilt().await;
        stage.double.server.fail("POST", "/v1/domains", fault);
        let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await;
        assert_eq!(told, Err(Trouble::Unknown), "{fault:?}");
        let bought = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
        assert_eq!((bought.expires_at, bought.paid_cents), (years_later(start(), 1), Some(PRICE)), "{fault:?}");
        assert_eq!(stage.paid("acme.com"), (1, 0), "{fault:?}");
        assert_eq!(stage.double.server.faults_left(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_purchase_that_nobody_heard_of_and_that_does_not_show_is_waited_for() {
    for fault in [Fault::ReplyLost, Fault::HalfAnAnswer, Fault::Silence] {
        let stage = Stage::spoilt().await;
        stage.double.be_slow();
        stage.double.server.fail("POST", "/v1/domains", fault);
        assert_eq!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await, Err(Trouble::Unknown));
        let looked = stage.adapter.registered(&call("acme.com")).await;
        assert!(matches!(looked, Err(Trouble::UnderWay(..))), "its order is there: {looked:?}");
        stage.double.finish();
        let looked = stage.adapter.registered(&call("acme.com")).await.unwrap().unwrap();
        assert_eq!((looked.paid_cents, stage.paid("acme.com")), (Some(PRICE), (1, 0)), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_nobody_heard_of_is_unknown_and_paid_for_once() {
    for fault in UNHEARD {
        let stage = Stage::spoilt().await;
        let before = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until().unwrap();
        stage.double.server.fail("POST", ":renew", fault);
        let told = stage.adapter.ensure_renewed(&call("acme.com"), before, RENEWAL).await;
        assert_eq!(told, Err(Trouble::Unknown), "{fault:?}");
        let after = stage.adapter.ensure_renewed(&call("acme.com"), before, RENEWAL).await.until();
        assert_eq!((after, stage.paid("acme.com")), (Ok(years_later(before, 1)), (1, 1)), "{fault:?}");
    }
}

/// Until the vendor says how it ended, the name may come.
#[tokio::test]
async fn an_order_without_an_end_is_under_way_however_old_it_is() {
    let stage = Stage::spoilt().await;
    stage.double.be_slow();
    assert!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.is_err());
    let weeks = Call { now: start().plus(40 * DAY), ..call("acme.com") };
    for told in [
        stage.adapter.registered(&weeks).await.map(drop),
        stage.adapter.ensure_registered(&weeks, PRICE).await.map(drop),
    ] {
        assert!(matches!(told, Err(Trouble::UnderWay(UnderWay::Registration, _))), "{told:?}");
    }
    stage.double.finish();
    assert!(stage.adapter.registered(&weeks).await.unwrap().is_some());
    assert_eq!(stage.paid("acme.com"), (1, 0));
}

/// The vendor would renew it again.
#[tokio::test]
async fn a_renewal_that_does_not_show_yet_is_not_bought_again() {
    let stage = Stage::spoilt().await;
    let before = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until().unwrap();
    stage.double.show_renewals_late();
    stage.double.server.fail("POST", ":renew", Fault::ReplyLost);
    assert_eq!(stage.adapter.ensure_renewed(&call("acme.com"), before, RENEWAL).await, Err(Trouble::Unknown));
    for _ in 0..3 {
        let told = stage.adapter.ensure_renewed(&call("acme.com"), before, RENEWAL).await;
        assert_eq!(told, Err(Trouble::UnderWay(UnderWay::Renewal, start().plus(HOUR))));
    }
    stage.double.finish();
    let after = stage.adapter.ensure_renewed(&call("acme.com"), before, RENEWAL).await.until();
    assert_eq!((after, stage.paid("acme.com")), (Ok(years_later(before, 1)), (1, 1)));
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
async fn an_order_of_long_ago_keeps_nobody_waiting() {
    let stage = Stage::new().await;
    stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
    stage.double.lose("acme.com");
    let soon = Call { now: start().plus(HOUR - SECOND), ..call("acme.com") };
    assert!(matches!(stage.adapter.registered(&soon).await, Err(Trouble::UnderWay(..))), "it may show yet");
    let later = Call { now: start().plus(HOUR), ..call("acme.com") };
    assert_eq!(stage.adapter.registered(&later).await, Ok(None));
}

#[tokio::test]
async fn an_answer_under_a_wrong_name_is_read_all_the_same() {
    let stage = Stage::new().await;
    stage.double.server.fail("POST", "/v1/domains", Fault::WrongType);
    assert!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.is_ok());
}

#[tokio::test]
async fn a_vendor_that_was_asked_too_often_is_left_alone_as_long_as_it_says() {
    let stage = Stage::new().await;
    stage.double.limit(7);
    let until = start().plus(7 * SECOND);
    let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await;
    assert_eq!(told, Err(Trouble::Later(Some(until))), "it names a time of its clock");
    let asked = stage.double.server.asked().len();
    assert_eq!(stage.adapter.registered(&call("acme.com")).await, Err(Trouble::Later(Some(until))));
    assert_eq!(stage.double.server.asked().len(), asked, "nor asked");
    stage.clock.set(until);
    assert!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.is_ok());
}

#[tokio::test]
async fn without_a_word_about_how_long_it_is_left_alone_for_a_minute() {
    for (after, micros) in [(Some(9), 9 * SECOND), (None, MINUTE)] {
        let stage = Stage::spoilt().await;
        stage.double.server.fail("POST", "/v1/domains", Fault::TooMany(after));
        let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await;
        assert_eq!(told, Err(Trouble::Later(Some(start().plus(micros)))), "certainly not bought");
        assert!(stage.double.ledger().is_empty());
    }
}

#[tokio::test]
async fn a_look_that_says_nothing_decides_nothing() {
    let stage = Stage::spoilt().await;
    stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
    for fault in [Fault::RequestLost, Fault::Broken, Fault::PageInstead] {
        stage.double.server.fail("GET", "/domains/acme.com", fault);
        assert_eq!(stage.adapter.registered(&call("acme.com")).await, Err(Trouble::Later(None)), "{fault:?}");
        stage.double.server.fail("GET", "/domains/acme.com", fault);
        assert_eq!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await, Err(Trouble::Later(None)));
        stage.double.server.fail("GET", "/orders", fault);
        assert_eq!(stage.adapter.registered(&call("other.com")).await, Err(Trouble::Later(None)), "no certain no");
    }
    assert_eq!(stage.paid("acme.com"), (1, 0));
}

#[tokio::test]
async fn names_whose_answer_is_lost_are_told_as_such_and_the_others_answered() {
    let stage = Stage::spoilt().await;
    stage.double.server.fail("POST", ":checkAvailability", Fault::Broken);
    let names: Vec<_> = (0..60).map(|n| DomainName::stored(format!("free-{n}.com"))).collect();
    let answers = stage.adapter.check(&call("any.com").world, &names, Purpose::Browse).await.unwrap();
    let errored = answers.iter().filter(|one| one.verdict == Verdict::Not(Unavailable::Errored)).count();
    assert!(answers.len() == 60 && (errored == 50 || errored == 10), "{errored} of {}", answers.len());
}

#[tokio::test(start_paused = true)]
async fn a_delegation_that_nobody_heard_of_is_looked_at_and_set_once() {
    for fault in UNHEARD {
        let stage = Stage::spoilt().await;
        stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
        let servers = ["ns1.acme.example", "ns2.acme.example"].map(str::to_owned);
        stage.double.server.fail("POST", ":setNameservers", fault);
        let told = stage.adapter.ensure_nameservers(&call("acme.com"), &servers).await;
        assert_eq!(told, Err(Trouble::Unknown), "{fault:?}");
        assert_eq!(stage.adapter.ensure_nameservers(&call("acme.com"), &servers).await, Ok(()), "{fault:?}");
        assert_eq!(stage.double.delegation("acme.com"), servers, "{fault:?}");
    }
}
