//! Everything that goes wrong between us and the vendor: nothing is paid for twice, and nothing that was paid for is lost.

use doubles::Fault;
use doubles::cloudflare::{LIMIT, PRICE, RENEWAL};
use model::clock::{MINUTE, SECOND};
use model::dns::RrType;
use providers::roles::{DnsHost as _, Redirector as _, Registrar as _};
use providers::trouble::Trouble;

use super::stage::{Stage, call, set, years_later};
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

/// The look before the order found nothing, and the order is there all the same.
#[tokio::test]
async fn an_order_that_is_made_twice_at_once_is_paid_for_once() {
    let stage = Stage::new().await;
    let (one, other) = (call("acme.com"), call("acme.com"));
    let (one, other) =
        tokio::join!(stage.adapter.ensure_registered(&one, PRICE), stage.adapter.ensure_registered(&other, PRICE));
    for told in [one, other] {
        let is_fine = matches!(told, Ok(_) | Err(Trouble::Later(Some(_)) | Trouble::UnderWay(..)));
        assert!(is_fine, "nobody else has it: {told:?}");
    }
    assert_eq!(stage.paid("acme.com"), (1, 0));
    stage.double.say_no("POST", "/registrations", 409, 10_007, "A registration of this name is in progress");
    let told = stage.adapter.ensure_registered(&call("free.com"), PRICE).await;
    assert_eq!(told, Err(Trouble::Later(Some(start().plus(MINUTE)))), "the look says which");
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_nobody_heard_of_is_paid_for_once() {
    for fault in UNHEARD {
        let stage = Stage::new().await;
        let before = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until().unwrap();
        let due = providers::call::Call { now: before.plus(-9 * model::clock::DAY), ..call("acme.com") };
        stage.double.pass_to(due.now.seconds());
        stage.double.server.fail("PATCH", "/acme.com", fault);
        let told = stage.adapter.ensure_renewed(&due, before, RENEWAL).await.until();
        assert_eq!(told, Err(Trouble::Unknown), "{fault:?}");
        let mut told = stage.adapter.ensure_renewed(&due, before, RENEWAL).await.until();
        if told.is_err() {
            told = stage.adapter.ensure_renewed(&due, before, RENEWAL).await.until();
        }
        assert_eq!((told, stage.paid("acme.com")), (Ok(years_later(before, 1)), (1, 1)), "{fault:?}");
        assert!(!stage.double.renews_by_itself("acme.com"), "{fault:?}");
    }
}

#[tokio::test]
async fn an_answer_under_a_wrong_name_is_read_all_the_same() {
    let stage = Stage::new().await;
    stage.double.server.fail("POST", "/registrations", Fault::WrongType);
    assert!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.is_ok());
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
        assert_eq!(stage.adapter.registered(&call("acme.com")).await, Err(Trouble::Later(Some(until))));
        assert_eq!(stage.double.server.asked().len(), asked, "nor asked");
        stage.clock.set(until);
        assert!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.is_ok());
    }
}

#[tokio::test]
async fn too_often_in_the_vendors_own_words_is_too_often_whatever_the_status() {
    let stage = Stage::new().await;
    stage.double.say_no("POST", "/zones", 400, 971, "Please wait and consider throttling your request speed");
    assert_eq!(
        stage.adapter.ensure_zone(&call("acme.com")).await,
        Err(Trouble::Later(Some(start().plus(MINUTE)))),
        "certainly not made"
    );
}

/// As many as it lets us is as many as we ask, on a clock that does not go on.
#[tokio::test]
async fn the_vendor_never_has_to_refuse_for_being_asked_too_often() {
    let stage = Stage::new().await;
    let mut looks = 0;
    let told = loop {
        match stage.adapter.registered(&call("acme.com")).await {
            Ok(None) => looks += 1,
            told => break told,
        }
    };
    let Err(Trouble::Later(Some(until))) = told else { panic!("{told:?}") };
    assert_eq!((looks, stage.double.server.asked().len()), (LIMIT / 2, usize::try_from(LIMIT).unwrap()));
    stage.clock.set(until);
    stage.double.pass_to(until.seconds());
    assert_eq!(stage.adapter.registered(&call("acme.com")).await, Ok(None));
}

#[tokio::test]
async fn a_look_that_says_nothing_decides_nothing() {
    let stage = Stage::new().await;
    stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
    for fault in [Fault::RequestLost, Fault::Broken, Fault::PageInstead] {
        for ending in ["/registrations/acme.com", "/registrations/free.com", "/registration-status"] {
            let name = if ending.ends_with("acme.com") { "acme.com" } else { "free.com" };
            stage.double.server.fail("GET", ending, fault);
            assert_eq!(stage.adapter.registered(&call(name)).await, Err(Trouble::Later(None)), "{fault:?}");
            stage.double.server.fail("GET", ending, fault);
            assert_eq!(stage.adapter.ensure_registered(&call(name), PRICE).await, Err(Trouble::Later(None)));
        }
        stage.clock.advance(model::clock::HOUR);
    }
    assert_eq!((stage.paid("acme.com"), stage.paid("free.com")), ((1, 0), (0, 0)));
}

/// Somebody in between says that there is no such thing, and the vendor has not said so.
#[tokio::test]
async fn a_not_found_that_is_not_the_vendors_is_no_certain_no() {
    let (base, _serving) = doubles::replay(vec![
        ("GET".into(), "/acme.com".into(), b"HTTP/1.1 404 X\r\ncontent-length: 2\r\n\r\n{}".to_vec()),
        ("GET".into(), "/zones".into(), b"HTTP/1.1 200 X\r\ncontent-length: 16\r\n\r\n{\"success\":true}".to_vec()),
    ])
    .await;
    let (adapter, _) = super::stage::adapter(&base, "any", None);
    assert_eq!(adapter.registered(&call("acme.com")).await, Err(Trouble::Later(None)));
    assert_eq!(adapter.records(&call("acme.com")).await, Err(Trouble::Later(None)));
}

#[tokio::test(start_paused = true)]
async fn zones_records_and_redirects_are_made_once_whatever_was_heard() {
    for fault in UNHEARD {
        let stage = Stage::new().await;
        stage.double.server.fail("POST", "/zones", fault);
        assert_eq!(stage.adapter.ensure_zone(&call("acme.com")).await, Err(Trouble::Unknown), "{fault:?}");
        assert!(stage.adapter.ensure_zone(&call("acme.com")).await.is_ok(), "{fault:?}");
        let sets = [set("acme.com", RrType::Txt, &["v=spf1 -all"])];
        stage.double.server.fail("POST", "/batch", fault);
        assert_eq!(stage.adapter.ensure_records(&call("acme.com"), &sets).await, Err(Trouble::Unknown), "{fault:?}");
        assert_eq!(stage.adapter.ensure_records(&call("acme.com"), &sets).await, Ok(()), "{fault:?}");
        assert_eq!(stage.double.served("acme.com", "TXT"), ["v=spf1 -all"], "{fault:?}");
        for path in ["/rulesets", "/rules"] {
            let target = format!("https://a.example{path}");
            stage.double.forget_rule("acme.com", "mailwright_redirect");
            stage.double.server.fail("POST", path, fault);
            let told = stage.adapter.ensure_redirect(&call("acme.com"), &target).await;
            assert_eq!(told, Err(Trouble::Unknown), "{fault:?} {path}");
            assert_eq!(stage.adapter.ensure_redirect(&call("acme.com"), &target).await, Ok(vec![]), "{fault:?}");
            assert_eq!(stage.double.redirected("acme.com"), Some(target), "{fault:?}");
            let ours = stage.double.rules("acme.com").iter().filter(|one| one["ref"] == "mailwright_redirect").count();
            assert_eq!(ours, 1, "{fault:?}");
        }
        assert_eq!(stage.double.server.faults_left(), 0);
    }
}
