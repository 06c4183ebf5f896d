//! A key of the standard plan: 10 calls in a second, 60 in a minute, 1,000 in an hour.

use doubles::Fault;
use doubles::smartlead::{API_KEY, No, OTHER_KEY};
use model::clock::{MINUTE, SECOND};
use providers::roles::{Sequencer as _, SequencerLogin};
use providers::trouble::Trouble;

use super::stage::{Stage, call, login};
use crate::support::start;

/// The statuses of everything that was answered.
fn refused(stage: &Stage) -> usize {
    let answered = stage.heard.exchanges().into_iter().filter_map(|exchange| exchange.answer);
    answered.filter(|answer| answer.status == 429).count()
}

#[tokio::test]
async fn hundreds_of_inboxes_are_linked_as_fast_as_the_plan_allows_and_no_faster() {
    let stage = Stage::usual().await;
    let inboxes: Vec<_> = (0..90).map(|n| stage.inbox(&format!("n{n:02}@acme.com"))).collect();
    let (mut left, mut tries) = (inboxes.clone(), 0);
    while !left.is_empty() {
        tries += 1;
        assert!(tries < 50, "{} are left", left.len());
        let part = stage.link(&left).await;
        left.retain(|inbox| !part.done.iter().any(|(email, _)| *email == inbox.email));
        match part.trouble {
            Some(Trouble::Later(Some(when))) => stage.reach(when),
            other => assert_eq!((other, left.len()), (None, 0)),
        }
    }
    assert!(inboxes.iter().all(|inbox| stage.double.count("saved", &inbox.email) == 1));
    assert_eq!(refused(&stage), 0, "a limit that is known is not overdrawn");
    assert!(stage.now() < start().plus(3 * MINUTE), "{:?}", stage.now());
}

/// Whoever unlinks many asks for all of them at every try.
#[tokio::test]
async fn many_of_a_key_with_hundreds_of_accounts_come_to_an_end_within_its_limits() {
    let stage = Stage::usual().await;
    let emails: Vec<_> = (0..90).map(|n| format!("n{n:02}@acme.com")).collect();
    for n in 0..150 {
        stage.double.add(API_KEY, &format!("other{n}@elsewhere.com"), None);
    }
    emails.iter().for_each(|email| _ = stage.double.add(API_KEY, email, None));
    for n in 0..150 {
        stage.double.add(API_KEY, &format!("more{n}@elsewhere.com"), None);
    }
    let links = stage.adapter.links(&call(), &login(None), &emails).await.unwrap().unwrap();
    assert_eq!(links.len(), 90);
    let mut tries = 0;
    while let Err(told) = stage.adapter.ensure_unlinked(&call(), &login(None), &emails).await {
        let Trouble::Later(Some(when)) = told else { panic!("{told:?}") };
        stage.reach(when);
        tries += 1;
        assert!(tries < 50, "it never ends");
    }
    assert!(emails.iter().all(|email| stage.double.count("deleted", email) == 1));
    assert_eq!((stage.double.ledger().len(), refused(&stage)), (90, 0));
}

#[tokio::test]
async fn one_key_that_is_used_up_keeps_no_other_waiting() {
    let stage = Stage::usual().await;
    let other = SequencerLogin { api_key: Some(OTHER_KEY.into()), ..login(None) };
    let emails = |n: usize| vec![format!("n{n}@acme.com")];
    let mut held = None;
    for n in 0..11 {
        held = stage.adapter.links(&call(), &login(None), &emails(n)).await.err();
    }
    assert_eq!(held, Some(Trouble::Later(Some(start().plus(SECOND + SECOND / 20)))));
    assert!(stage.adapter.links(&call(), &other, &emails(0)).await.is_ok());
}

#[tokio::test]
async fn who_is_told_to_wait_waits_as_long_as_that() {
    for shape in No::ALL {
        let stage = Stage::new().await;
        stage.double.say_no_as(shape);
        let inbox = [stage.inbox("jane@acme.com")];
        for (fault, wait) in [(Fault::TooMany(Some(7)), 7 * SECOND), (Fault::TooMany(None), MINUTE)] {
            stage.double.server.fail("POST", "/save", fault);
            let until = stage.now().plus(wait);
            assert_eq!(stage.link(&inbox).await.trouble, Some(Trouble::Later(Some(until))), "certainly not linked");
            let asked = stage.double.server.asked().len();
            assert_eq!(stage.link(&inbox).await.trouble, Some(Trouble::Later(Some(until))));
            assert_eq!(stage.double.server.asked().len(), asked, "nor asked");
            stage.reach(until);
        }
        assert_eq!(stage.link(&inbox).await.trouble, None);
    }
}

/// Where it is coded, the answer says it in its body.
#[tokio::test]
async fn a_key_that_is_overdrawn_is_left_alone_for_as_long_as_the_vendor_says() {
    for shape in No::ALL {
        let stage = Stage::hasty().await;
        stage.double.say_no_as(shape);
        let mut told = None;
        for n in 0..11 {
            told = stage.adapter.links(&call(), &login(None), &[format!("n{n}@acme.com")]).await.err();
        }
        assert_eq!((told, refused(&stage)), (Some(Trouble::Later(Some(start().plus(SECOND)))), 1), "{shape:?}");
    }
}
