//! What lists have told is kept for a moment for whoever looks, and never for whoever saves or deletes.

use doubles::smartlead::API_KEY;
use model::clock::MINUTE;
use providers::roles::Sequencer as _;
use providers::trouble::Trouble;

use super::stage::{Stage, call, login};

fn addresses(number: usize) -> Vec<String> {
    (0..number).map(|n| format!("n{n:02}@acme.com")).collect()
}

/// How many of these are accounts, and how often the vendor was asked about it.
async fn seen(stage: &Stage, emails: &[String]) -> (usize, usize) {
    let before = stage.double.server.asked().len();
    let links = stage.adapter.links(&call(), &login(None), emails).await.unwrap().unwrap();
    (links.len(), stage.double.server.asked().len() - before)
}

#[tokio::test]
async fn a_walk_serves_all_who_look_until_somebody_changes_what_they_look_for() {
    let stage = Stage::new().await;
    let (own, others) = (addresses(12), (0..300).map(|n| format!("m{n:03}@other.com")).collect::<Vec<_>>());
    others.iter().for_each(|email| _ = stage.double.add(API_KEY, email, None));
    own.iter().skip(1).for_each(|email| _ = stage.double.add(API_KEY, email, None));
    assert_eq!(seen(&stage, &own).await, (11, 5));
    assert_eq!((seen(&stage, &own).await, seen(&stage, &others[..20]).await), ((11, 0), (20, 0)));
    stage.linked(&stage.inbox(&own[0])).await;
    assert_eq!(seen(&stage, &others[..20]).await, (20, 0), "the others are as they were");
    assert_eq!(seen(&stage, &own).await, (12, 5), "and of what was changed nothing old is told");
    stage.unlink(&[&others[0]]).await.unwrap();
    assert_eq!(seen(&stage, &own).await, (12, 5), "what was taken away has moved all behind it");
    stage.reach(stage.now().plus(2 * MINUTE));
    assert_eq!(seen(&stage, &own).await, (12, 5), "and what is old is not gone by");
}

#[tokio::test]
async fn whoever_saves_or_deletes_sees_what_another_process_did_a_moment_ago() {
    let stage = Stage::new().await;
    let own = addresses(12);
    (0..120).for_each(|n| _ = stage.double.add(API_KEY, &format!("m{n:03}@other.com"), None));
    assert_eq!(seen(&stage, &own).await.0, 0);
    own.iter().for_each(|email| _ = stage.double.add(API_KEY, email, None));
    let inboxes: Vec<_> = own.iter().map(|email| stage.inbox(email)).collect();
    let part = stage.link(&inboxes).await;
    assert_eq!((part.done.len(), part.trouble), (12, None));
    assert!(own.iter().all(|email| stage.double.count("saved", email) == 0), "they were accounts already");
    assert_eq!(seen(&stage, &own).await.0, 12);
    let late = stage.double.add(API_KEY, &own[0], None);
    let emails: Vec<_> = own.iter().map(String::as_str).collect();
    stage.unlink(&emails).await.unwrap();
    assert!(stage.double.accounts(&own[0]).is_empty(), "the one that came late, {late}, is gone too");
}

/// Two domains of one key, both of which come whenever they are told.
#[tokio::test]
async fn nobody_looks_for_an_inbox_who_cannot_save_it() {
    let stage = Stage::usual().await;
    (0..150).for_each(|n| _ = stage.double.add(API_KEY, &format!("m{n:03}@other.com"), None));
    let mut left: Vec<Vec<_>> = ["one", "two"]
        .iter()
        .map(|name| (0..40).map(|n| stage.inbox(&format!("n{n:02}@{name}.com"))).collect())
        .collect();
    let mut tries = 0;
    while left.iter().any(|inboxes| !inboxes.is_empty()) {
        tries += 1;
        assert!(tries < 200, "it never ends");
        let mut told = None;
        for inboxes in &mut left {
            let part = stage.link(inboxes).await;
            inboxes.retain(|inbox| !part.done.iter().any(|(email, _)| *email == inbox.email));
            match part.trouble {
                Some(Trouble::Later(Some(when))) => told = told.max(Some(when)),
                other => assert_eq!(other, None),
            }
        }
        told.into_iter().for_each(|when| stage.reach(when));
    }
    let (looks, saved) = (stage.asked("GET", "/email-accounts/"), stage.asked("POST", "/save"));
    assert_eq!((looks, saved, stage.double.refused()), (1 + 80, 80, 0), "and one list");
}
