//! Everything that goes wrong between us and the vendor: nothing is made twice.

use doubles::Fault;
use doubles::graph::UNITS;
use model::clock::{HOUR, MINUTE, SECOND};
use providers::roles::MailHost as _;
use providers::trouble::Trouble;

use super::stage::{Stage, call, spec};
use crate::support::start;

/// What may have been done when nobody heard of it, and what is heard then.
const UNHEARD: [Fault; 6] =
    [Fault::ReplyLost, Fault::RequestLost, Fault::Broken, Fault::PageInstead, Fault::HalfAnAnswer, Fault::Silence];

const JANE: &str = "jane@acme.com";

/// The clock goes on when nothing else does.
#[tokio::test(start_paused = true)]
async fn what_nobody_heard_of_is_unknown_and_done_once() {
    for fault in UNHEARD {
        let stage = Stage::prompt().await;
        stage.double.server.fail("POST", "/domains", fault);
        assert_eq!(stage.adapter.ensure_domain(&call("acme.com")).await, Err(Trouble::Unknown), "{fault:?}");
        let call = stage.opened("acme.com").await;
        assert_eq!(stage.double.count("domain_added", "acme.com"), 1, "{fault:?}");
        for ending in ["/users", "/assignLicense"] {
            stage.double.server.fail("POST", ending, fault);
            let part = stage.adapter.ensure_mailboxes(&call, &[spec(JANE)]).await;
            assert_eq!(part.trouble, Some(Trouble::Unknown), "{fault:?} {ending}");
        }
        stage.filled(&call, &[spec(JANE)]).await;
        assert_eq!(
            (stage.double.count("user_made", JANE), stage.double.count("licence_given", JANE)),
            (1, 1),
            "{fault:?}"
        );
        let id = stage.double.user(JANE).unwrap()["id"].as_str().unwrap().to_owned();
        let rename = async || stage.adapter.ensure_renamed(&call, JANE, &spec("joan@acme.com")).await;
        // An answer without a body has no half, and a page in its place is nobody's word.
        stage.double.server.fail("PATCH", &id, fault);
        assert!(matches!(rename().await, Err(Trouble::Unknown) | Ok(())), "{fault:?}");
        assert_eq!(rename().await, Ok(()), "{fault:?}");
        assert_eq!(stage.double.count("user_renamed", "joan@acme.com"), 1, "{fault:?}");
        for ending in [id.as_str(), "/domains/acme.com"] {
            stage.double.server.fail("DELETE", ending, fault);
            let told = stage.adapter.ensure_no_domain(&call).await;
            assert!(matches!(told, Err(Trouble::Unknown) | Ok(())), "{fault:?} {ending}");
        }
        let closed = stage.adapter.ensure_no_domain(&call).await;
        assert!(closed.is_ok() || stage.adapter.ensure_no_domain(&call).await.is_ok(), "{fault:?}");
        assert_eq!(stage.double.count("user_deleted", "joan@acme.com"), 1, "{fault:?}");
        assert_eq!(stage.double.count("domain_removed", "acme.com"), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_look_that_says_nothing_decides_nothing() {
    let stage = Stage::prompt().await;
    for fault in [Fault::RequestLost, Fault::Broken, Fault::PageInstead, Fault::HalfAnAnswer] {
        stage.double.server.fail("GET", "/acme.com", fault);
        assert_eq!(stage.adapter.ensure_domain(&call("acme.com")).await, Err(Trouble::Later(None)), "{fault:?}");
        stage.clock.advance(HOUR / 2);
        stage.double.pass_to(stage.clock_seconds());
    }
    assert_eq!(stage.double.count("domain_added", "acme.com"), 0);
}

#[tokio::test]
async fn too_often_is_waited_out_for_as_long_as_it_says() {
    for (after, micros) in [(Some(7), 7 * SECOND), (None, MINUTE)] {
        let stage = Stage::prompt().await;
        stage.double.server.fail("POST", "/domains", Fault::TooMany(after));
        let until = start().plus(micros);
        assert_eq!(stage.adapter.ensure_domain(&call("acme.com")).await, Err(Trouble::Later(Some(until))));
        let asked = stage.double.server.asked().len();
        assert_eq!(stage.adapter.ensure_no_domain(&call("acme.com")).await, Err(Trouble::Later(Some(until))));
        assert_eq!(stage.double.server.asked().len(), asked, "nobody is asked in the meantime");
        stage.clock.set(until);
        assert!(stage.adapter.ensure_domain(&call("acme.com")).await.is_ok());
    }
}

#[tokio::test]
async fn two_changes_at_once_are_tried_again() {
    let stage = Stage::prompt().await;
    stage.double.say_no("POST", "/domains", 409, "Request_ConcurrencyViolation", "Concurrent change");
    assert_eq!(stage.adapter.ensure_domain(&call("acme.com")).await, Err(Trouble::Later(None)));
    assert!(stage.adapter.ensure_domain(&call("acme.com")).await.is_ok());
}

#[tokio::test]
async fn a_permission_that_is_missing_is_the_operators() {
    let stage = Stage::prompt().await;
    stage.double.withhold(doubles::graph::Permission::Domains);
    let told = stage.adapter.ensure_domain(&call("acme.com")).await;
    assert!(matches!(&told, Err(Trouble::Misconfigured(words)) if words.contains("Domain.ReadWrite.All")), "{told:?}");
}

/// As many as it lets us is as many as we ask, on a clock that does not go on.
#[tokio::test]
async fn the_vendor_never_has_to_refuse_for_being_asked_too_often() {
    let stage = Stage::prompt().await;
    let mut looks = 0;
    let told = loop {
        match stage.adapter.ensure_no_domain(&call("acme.com")).await {
            Ok(()) => looks += 1,
            told => break told,
        }
    };
    let Err(Trouble::Later(Some(until))) = told else { panic!("{told:?}") };
    assert_eq!(looks, UNITS / 2, "of which each may cost two");
    stage.clock.set(until);
    stage.double.pass_to(until.seconds());
    assert_eq!(stage.adapter.ensure_no_domain(&call("acme.com")).await, Ok(()));
}
