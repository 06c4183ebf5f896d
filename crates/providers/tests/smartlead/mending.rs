//! What is there already, and not as it should be.

use doubles::smartlead::{API_KEY, No, OTHER_KEY};
use providers::roles::Sequencer as _;
use providers::trouble::Trouble;

use super::stage::{PASSWORD, Stage, call, login, shut_inbox};

#[tokio::test]
async fn what_is_right_is_left_alone() {
    let stage = Stage::new().await;
    let id = stage.double.add(API_KEY, "jane@acme.com", Some(5));
    let part = stage.adapter.ensure_linked(&call(), &login(None), &[stage.inbox("jane@acme.com")]).await;
    assert_eq!((part.done[0].1.clone(), stage.double.ledger()), (id.to_string(), vec![]), "whosever client it is");
}

#[tokio::test]
async fn a_suspended_account_is_brought_back_whatever_the_shape_of_the_yes() {
    for is_wordy in [false, true] {
        let stage = Stage::new().await;
        let id = stage.double.add(API_KEY, "jane@acme.com", None);
        stage.double.alter(id, |account| account.is_suspended = true);
        let stage = if is_wordy {
            stage.double.be_wordy();
            stage.spoilt()
        } else {
            stage
        };
        assert_eq!(stage.linked(&stage.inbox("jane@acme.com")).await, id.to_string());
        assert!(!stage.double.accounts("jane@acme.com")[0].is_suspended);
        assert_eq!(stage.unlink(&["jane@acme.com"]).await, Ok(()));
        assert_eq!(stage.double.count("deleted", "jane@acme.com"), 1);
    }
}

#[tokio::test]
async fn an_account_of_another_client_is_moved() {
    let stage = Stage::new().await;
    let id = stage.double.add(API_KEY, "jane@acme.com", Some(5));
    let part = stage.adapter.ensure_linked(&call(), &login(Some(6)), &[stage.inbox("jane@acme.com")]).await;
    assert_eq!((part.done[0].1.clone(), part.trouble), (id.to_string(), None));
    assert_eq!(stage.double.accounts("jane@acme.com")[0].client_id, Some(6));
}

#[tokio::test]
async fn a_login_that_fails_is_replaced_and_the_account_stays() {
    let stage = Stage::new().await;
    let id = stage.double.add(API_KEY, "jane@acme.com", None);
    stage.double.alter(id, |account| account.failure = Some("535".into()));
    assert!(stage.link(&[shut_inbox("jane@acme.com")]).await.trouble.is_some(), "and no sooner than it works");
    assert_eq!(stage.linked(&stage.inbox("jane@acme.com")).await, id.to_string());
    let account = stage.double.accounts("jane@acme.com").remove(0);
    assert_eq!((account.failure, account.password.as_deref()), (None, Some(PASSWORD)));
    assert_eq!(stage.double.accounts("jane@acme.com").len(), 1);
}

#[tokio::test]
async fn of_two_accounts_of_an_address_the_one_that_works_is_kept() {
    let stage = Stage::new().await;
    let bad = stage.double.add(API_KEY, "jane@acme.com", None);
    stage.double.alter(bad, |account| account.failure = Some("535".into()));
    let good = stage.double.add(API_KEY, "jane@acme.com", None);
    assert_eq!(stage.linked(&stage.inbox("jane@acme.com")).await, good.to_string());
    assert_eq!(stage.double.ledger(), vec![]);
}

#[tokio::test]
async fn a_client_that_nobody_knows_is_a_question() {
    for shape in No::ALL {
        let stage = Stage::new().await;
        stage.double.say_no_as(shape);
        stage.double.know_clients(&[1]);
        let inboxes = ["a@acme.com", "b@acme.com"].map(|email| stage.inbox(email));
        let part = stage.adapter.ensure_linked(&call(), &login(Some(2)), &inboxes).await;
        assert!(matches!(part.trouble, Some(Trouble::Refused(_))), "{shape:?}");
        assert!(stage.double.ledger().is_empty());
    }
}

#[tokio::test]
async fn an_inbox_that_is_somebody_elses_account_is_tried_again_until_they_let_it_go() {
    let stage = Stage::new().await;
    stage.double.take_once();
    let theirs = stage.double.add(OTHER_KEY, "jane@acme.com", None);
    let inboxes = ["jane@acme.com", "john@acme.com"].map(|email| stage.inbox(email));
    let part = stage.link(&inboxes).await;
    assert_eq!((part.done.len(), part.trouble), (1, Some(Trouble::Later(None))));
    stage.double.alter(theirs, |account| account.from_email = "gone@acme.com".into());
    assert_eq!(stage.link(&inboxes).await.done.len(), 2);
}
