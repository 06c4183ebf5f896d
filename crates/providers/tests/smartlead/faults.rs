//! Everything that goes wrong between us and the vendor: no mailbox is there twice, and none that is there is lost.

use doubles::Fault;
use model::domain::MailProvider;
use providers::trouble::Trouble;

use super::stage::{REFRESH, Stage, by_consent, shut_inbox};

/// What was done when nobody heard of it.
const DONE: [Fault; 5] = [Fault::ReplyLost, Fault::PageInstead, Fault::HalfAnAnswer, Fault::Silence, Fault::Drip];
/// What was not done when nobody heard of it.
const NOT_DONE: [Fault; 2] = [Fault::RequestLost, Fault::Broken];

/// The clock goes on when nothing else does.
#[tokio::test(start_paused = true)]
async fn an_inbox_that_was_taken_unheard_is_found_at_once() {
    for fault in DONE {
        let stage = Stage::new().await.spoilt();
        let inbox = [stage.inbox("jane@acme.com")];
        stage.double.server.fail("POST", "/save", fault);
        let part = stage.link(&inbox).await;
        assert_eq!((part.done.len(), part.trouble), (1, None), "{fault:?}");
        assert_eq!(
            (stage.double.count("saved", "jane@acme.com"), stage.double.server.faults_left()),
            (1, 0),
            "{fault:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_inbox_that_was_not_taken_is_unknown_and_told_of_once_more() {
    for fault in NOT_DONE {
        let stage = Stage::new().await.spoilt();
        let inbox = [stage.inbox("jane@acme.com")];
        stage.double.server.fail("POST", "/save", fault);
        assert_eq!(stage.link(&inbox).await.trouble, Some(Trouble::Unknown), "{fault:?}");
        assert_eq!(stage.link(&inbox).await.trouble, None);
        assert_eq!(stage.double.count("saved", "jane@acme.com"), 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn consent_is_told_once_and_warmed_up_whatever_was_heard() {
    for fault in DONE.into_iter().chain(NOT_DONE) {
        for ending in ["/save-oauth", "/warmup"] {
            let stage = Stage::new().await.spoilt();
            stage.double.open_mailbox("jane@acme.com", REFRESH);
            let inbox = [by_consent(shut_inbox("jane@acme.com"), MailProvider::Google)];
            stage.double.server.fail("POST", ending, fault);
            let mut tries = 0;
            while stage.link(&inbox).await.trouble.is_some() {
                tries += 1;
                assert!(tries < 3, "{fault:?} {ending}");
            }
            assert_eq!(stage.double.count("saved", "jane@acme.com"), 1, "{fault:?} {ending}");
            assert_eq!(stage.double.accounts("jane@acme.com")[0].warmup["daily_rampup"], 5, "{fault:?} {ending}");
        }
    }
}

/// It logs in at two mail servers meanwhile, which take their time.
#[tokio::test(start_paused = true)]
async fn a_vendor_that_takes_long_to_log_in_is_waited_for() {
    let stage = Stage::new().await;
    stage.double.server.fail("POST", "/save", Fault::Late(100));
    stage.linked(&stage.inbox("jane@acme.com")).await;
    assert_eq!((stage.asked("GET", "/email-accounts/"), stage.asked("POST", "/save")), (1, 1), "and not looked after");
}

#[tokio::test(start_paused = true)]
async fn what_was_removed_unheard_is_gone_and_nothing_is_said_too_early() {
    for fault in DONE {
        let stage = Stage::new().await.spoilt();
        stage.linked(&stage.inbox("jane@acme.com")).await;
        let id = stage.double.accounts("jane@acme.com")[0].id.to_string();
        stage.double.server.fail("DELETE", &id, fault);
        assert_eq!(stage.unlink(&["jane@acme.com"]).await, Ok(()), "{fault:?}");
        assert!(stage.double.accounts("jane@acme.com").is_empty());
    }
    for fault in NOT_DONE {
        let stage = Stage::new().await.spoilt();
        stage.linked(&stage.inbox("jane@acme.com")).await;
        let id = stage.double.accounts("jane@acme.com")[0].id.to_string();
        stage.double.server.fail("DELETE", &id, fault);
        assert_eq!(stage.unlink(&["jane@acme.com"]).await, Err(Trouble::Unknown), "{fault:?}");
        assert_eq!(stage.unlink(&["jane@acme.com"]).await, Ok(()), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_that_says_nothing_decides_nothing() {
    for fault in DONE.into_iter().chain(NOT_DONE) {
        let stage = Stage::new().await.spoilt();
        let inboxes = [stage.inbox("jane@acme.com"), stage.inbox("john@acme.com")];
        stage.linked(&inboxes[0]).await;
        for inboxes in [&inboxes[..1], &inboxes[..]] {
            stage.double.server.fail("GET", "/email-accounts/", fault);
            let part = stage.link(inboxes).await;
            assert_eq!((part.done, part.trouble), (vec![], Some(Trouble::Later(None))), "{fault:?}");
        }
        stage.double.server.fail("GET", "/email-accounts/", fault);
        assert_eq!(stage.unlink(&["jane@acme.com"]).await, Err(Trouble::Later(None)), "{fault:?}");
        assert_eq!((stage.double.count("saved", "john@acme.com"), stage.double.ledger().len()), (0, 1), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_many_only_the_one_whose_answer_was_lost_is_not_known() {
    let stage = Stage::new().await.spoilt();
    let inboxes: Vec<_> = (0..12).map(|n| stage.inbox(&format!("n{n:02}@acme.com"))).collect();
    stage.double.server.fail_about("n05@acme.com", 0, Fault::RequestLost);
    let part = stage.link(&inboxes).await;
    assert_eq!((part.done.len(), part.trouble), (11, Some(Trouble::Unknown)));
    assert_eq!(stage.link(&inboxes).await.trouble, None);
    assert!(inboxes.iter().all(|inbox| stage.double.count("saved", &inbox.email) == 1));
}
