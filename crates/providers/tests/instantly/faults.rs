//! Everything that goes wrong between us and the vendor: nothing is lost, and nothing is told too early.

use doubles::Fault;
use model::clock::{MINUTE, SECOND};
use providers::trouble::Trouble;

use super::stage::Stage;
use crate::support::start;

/// What was done when nobody heard of it.
const DONE: [Fault; 5] = [Fault::ReplyLost, Fault::PageInstead, Fault::HalfAnAnswer, Fault::Silence, Fault::Drip];
/// What was not done when nobody heard of it.
const NOT_DONE: [Fault; 2] = [Fault::RequestLost, Fault::Broken];

/// The clock goes on when nothing else does.
#[tokio::test(start_paused = true)]
async fn an_inbox_that_was_taken_unheard_is_found_at_once() {
    for fault in DONE {
        let stage = Stage::new().await;
        stage.double.server.fail("POST", "/accounts", fault);
        stage.linked(&stage.inbox("jane@acme.com")).await;
        assert_eq!(
            (stage.double.count("created", "jane@acme.com"), stage.double.server.faults_left()),
            (1, 0),
            "{fault:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_inbox_that_was_not_taken_is_unknown_and_told_of_once_more() {
    for fault in NOT_DONE {
        let stage = Stage::new().await;
        let inbox = [stage.inbox("jane@acme.com")];
        stage.double.server.fail("POST", "/accounts", fault);
        assert_eq!(stage.link(&inbox).await.trouble, Some(Trouble::Unknown), "{fault:?}");
        assert_eq!(stage.link(&inbox).await.trouble, None);
        assert_eq!(stage.double.count("created", "jane@acme.com"), 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_inbox_is_linked_when_it_is_warmed_up_whatever_was_heard() {
    for fault in DONE.into_iter().chain(NOT_DONE) {
        let stage = Stage::new().await;
        let inbox = [stage.inbox("jane@acme.com")];
        stage.double.server.fail("POST", "/warmup/enable", fault);
        let part = stage.link(&inbox).await;
        assert_eq!((part.done, part.trouble), (vec![], Some(Trouble::Unknown)), "{fault:?}");
        assert_eq!(stage.link(&inbox).await.done.len(), 1, "{fault:?}");
        assert_eq!(stage.double.account("jane@acme.com").unwrap().warmup_status, 1, "{fault:?}");
        assert_eq!(stage.double.count("created", "jane@acme.com"), 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_is_brought_back_whatever_was_heard() {
    for fault in DONE.into_iter().chain(NOT_DONE) {
        let stage = Stage::new().await;
        let inbox = stage.inbox("jane@acme.com");
        stage.linked(&inbox).await;
        stage.double.alter("jane@acme.com", |account| account.status = 2);
        stage.double.server.fail("POST", "/resume", fault);
        // Whether it is paused still is looked at, and whoever is linked and paused is brought back at the next try.
        stage.link(std::slice::from_ref(&inbox)).await;
        stage.linked(&inbox).await;
        assert_eq!(stage.double.account("jane@acme.com").unwrap().status, 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_removed_unheard_is_gone_and_nothing_is_said_too_early() {
    for (fault, told) in
        DONE.map(|fault| (fault, Ok(()))).into_iter().chain(NOT_DONE.map(|fault| (fault, Err(Trouble::Unknown))))
    {
        let stage = Stage::new().await;
        stage.linked(&stage.inbox("jane@acme.com")).await;
        stage.double.server.fail("DELETE", "/jane@acme.com", fault);
        assert_eq!(stage.unlink(&["jane@acme.com"]).await, told, "{fault:?}");
        assert_eq!(stage.unlink(&["jane@acme.com"]).await, Ok(()), "{fault:?}");
        assert!(stage.double.account("jane@acme.com").is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_that_says_nothing_decides_nothing() {
    for fault in DONE.into_iter().chain(NOT_DONE) {
        let stage = Stage::new().await;
        stage.double.server.fail("GET", "/jane@acme.com", fault);
        let part = stage.link(&[stage.inbox("jane@acme.com")]).await;
        assert_eq!((part.done, part.trouble), (vec![], Some(Trouble::Later(None))), "{fault:?}");
        assert!(stage.double.ledger().is_empty());
    }
}

#[tokio::test]
async fn a_vendor_that_was_asked_too_often_is_left_alone() {
    for (after, micros) in [(Some(7), 7 * SECOND), (None, MINUTE)] {
        let stage = Stage::new().await;
        let inbox = [stage.inbox("jane@acme.com")];
        stage.double.server.fail("POST", "/accounts", Fault::TooMany(after));
        let until = start().plus(micros);
        assert_eq!(stage.link(&inbox).await.trouble, Some(Trouble::Later(Some(until))), "certainly not linked");
        let asked = stage.double.server.asked().len();
        assert_eq!(stage.link(&inbox).await.trouble, Some(Trouble::Later(Some(until))));
        assert_eq!(stage.double.server.asked().len(), asked, "nor asked");
        stage.clock.set(until);
        assert_eq!(stage.link(&inbox).await.trouble, None);
    }
}
