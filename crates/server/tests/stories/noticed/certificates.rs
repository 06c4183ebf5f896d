//! A certificate that cannot be had.

use futures_util::FutureExt as _;
use model::certificate::{Certificate, Failure, FailureKind, Limits, Made};
use model::clock::{Clock as _, DAY, MINUTE};
use model::id::LeaseId;
use model::world::Environment;
use store::acme::{self, Claimed, Settled};
use store::zones::Served;

use super::Watched;
use crate::support::{Rig, order_body};

const DIRECTORY: &str = "https://localhost:14000/dir";

/// Orders the one that is due, with this end.
async fn ordered(rig: &Rig, end: impl FnOnce(&Certificate) -> Settled) {
    let (now, token): (_, LeaseId) = (rig.clock.now(), rig.wired.app.ids.next());
    let own = token.clone();
    let claimed = rig.wired.store.settle(move |tx| {
        let token = own.clone();
        async move {
            let (whose, limits) = ((DIRECTORY, &Served::Sandbox), Limits::default());
            acme::claim(tx, whose, &limits, (now, now.plus(10 * MINUTE)), &token).await
        }
        .boxed()
    });
    let Claimed::Now(held) = claimed.await.unwrap() else { panic!("it is due") };
    let settled = end(&held.certificate);
    let written = rig.wired.store.settle(move |tx| {
        let (token, settled) = (token.clone(), settled.clone());
        async move { acme::settle(tx, DIRECTORY, &token, &settled).await }.boxed()
    });
    assert!(written.await.unwrap());
}

#[tokio::test]
async fn a_certificate_that_cannot_be_had_is_told_until_it_is() {
    let mut watched = Watched::new().await;
    watched.rig.place(&order_body(&["acme-one.com"])).await;
    watched.rig.settle_all().await;
    assert!(watched.look().await.is_empty());
    let now = watched.rig.clock.now();
    let wanted = watched.rig.wired.store.settle(move |tx| {
        async move { acme::want(tx, (DIRECTORY, Environment::Test), &["acme-one.com".to_owned()], now).await }.boxed()
    });
    wanted.await.unwrap();
    for failures in 1..=5 {
        let now = watched.rig.clock.now();
        ordered(&watched.rig, |certificate| {
            let sentence = "The certificate authority said no: it knows why.".into();
            let failure = Failure { kind: FailureKind::Refused, sentence, refused: vec![], not_before: None };
            Settled { certificate: certificate.failed(&failure, now), kept: None, paused_until: None }
        })
        .await;
        let expected: &[&str] = if failures < 5 { &[] } else { &["certificate_fails"] };
        assert_eq!(watched.look().await, expected, "after {failures} times");
        if failures < 5 {
            watched.rig.clock.advance(DAY / 8);
        }
    }
    let finding = watched.rows(Some(true)).await.remove(0).finding;
    assert!(finding.message.contains("acme-one.com") && finding.message.ends_with("it knows why."), "{finding:?}");
    assert!(finding.todo.contains("It is tried again at "), "{finding:?}");
    watched.rig.clock.advance(DAY / 2);
    let now = watched.rig.clock.now();
    ordered(&watched.rig, |certificate| {
        let names = certificate.next_names();
        let made = Made { names, begins_at: now, ends_at: now.plus(90 * DAY), suggested: None };
        let kept = Some(("a chain".to_owned(), "a key".to_owned().into()));
        Settled { certificate: certificate.made(&made), kept, paused_until: None }
    })
    .await;
    assert!(watched.look().await.is_empty());
}
