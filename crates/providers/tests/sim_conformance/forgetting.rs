//! What is left of worlds that nobody lives in any more: nothing, in the end.

use futures_util::future::join_all;
use model::domain::{DomainName, Verdict};
use model::id::{Id, PartnerId};
use model::run::StepName;
use model::world::World;
use providers::roles::Purpose;

use crate::support::Sandbox;
use crate::until::Until as _;

/// A bound on the pieces of one forgetting.
const PIECES: usize = 50;

/// Buys so many names in an epoch of a partner.
async fn live(sandbox: &Sandbox, partner: &PartnerId, epoch: i64, names: usize) {
    for n in 0..names {
        let mut call = sandbox.call(&format!("acme{n}.com"), StepName::RegisterName);
        call.world = World::test(partner, epoch);
        sandbox.cast.registrar.ensure_registered(&call, 1_300).await.until().unwrap();
    }
}

/// Effects and known names of an epoch.
async fn left(sandbox: &Sandbox, partner: &PartnerId, epoch: i64) -> (usize, usize) {
    let world = World::test(partner, epoch);
    let names: Vec<_> = (0..10).map(|n| DomainName::stored(format!("acme{n}.com"))).collect();
    let answers = sandbox.cast.registrar.check(&world, &names, Purpose::Browse).await.unwrap();
    let known = answers.iter().filter(|answer| matches!(answer.verdict, Verdict::Not(_))).count();
    (sandbox.sim.ledger(Some(&world)).await.unwrap().len(), known)
}

/// Forgets piece by piece, and says how many pieces it took.
async fn forget(sandbox: &Sandbox, partner: &PartnerId, before: i64, rows: u32) -> usize {
    for piece in 1..PIECES {
        if !sandbox.sim.forget(partner, before, rows).await.unwrap() {
            return piece;
        }
    }
    panic!("there is always more to forget");
}

pub(crate) async fn forgets_old_worlds_only(sandbox: &Sandbox) {
    let [ours, neighbour, other] = ["org_f1", "org_f10", "org_f"].map(PartnerId::opaque);
    for epoch in 0..4 {
        live(sandbox, &ours, epoch, 3).await;
        live(sandbox, &neighbour, epoch, 2).await;
        live(sandbox, &other, epoch, 1).await;
    }
    forget(sandbox, &ours, 3, 100).await;
    for epoch in 0..3 {
        assert_eq!(left(sandbox, &ours, epoch).await, (0, 0));
    }
    assert_eq!(left(sandbox, &ours, 3).await, (3, 3));
    for epoch in 0..4 {
        assert_eq!(left(sandbox, &neighbour, epoch).await, (2, 2));
        assert_eq!(left(sandbox, &other, epoch).await, (1, 1));
    }
    assert_eq!(forget(sandbox, &ours, 3, 100).await, 1, "nothing is left to forget");
    assert!(!sandbox.sim.forget(&PartnerId::opaque("org_f_new"), 0, 100).await.unwrap());
}

pub(crate) async fn forgets_in_bounded_pieces(sandbox: &Sandbox) {
    let partner = PartnerId::opaque("org_f2");
    live(sandbox, &partner, 0, 5).await;
    live(sandbox, &partner, 1, 5).await;
    let rows = async || {
        let (one, two) = (left(sandbox, &partner, 0).await, left(sandbox, &partner, 1).await);
        one.0 + one.1 + two.0 + two.1
    };
    for expected in [17, 14, 11, 8, 5, 2] {
        assert!(sandbox.sim.forget(&partner, 2, 3).await.unwrap(), "there is more");
        assert_eq!(rows().await, expected, "no more than three rows went");
    }
    assert!(!sandbox.sim.forget(&partner, 2, 3).await.unwrap());
    assert_eq!(rows().await, 0);
    live(sandbox, &partner, 2, 1).await;
    for _ in 0..3 {
        sandbox.sim.forget(&partner, 3, 0).await.unwrap();
    }
    assert_eq!(left(sandbox, &partner, 2).await, (0, 0), "a piece of nothing is one row");
}

pub(crate) async fn forgets_what_comes_late_and_what_is_long_ago(sandbox: &Sandbox) {
    let partner = PartnerId::opaque("org_f3");
    for epoch in [0, 499, 500, 1_700, 1_999] {
        live(sandbox, &partner, epoch, 1).await;
    }
    let pieces = forget(sandbox, &partner, 2_000, 100).await;
    assert!(pieces <= 5, "{pieces} pieces");
    for epoch in [0, 499, 500, 1_700, 1_999] {
        assert_eq!(left(sandbox, &partner, epoch).await, (0, 0), "{epoch}");
    }
    live(sandbox, &partner, 1_999, 2).await;
    assert_eq!(forget(sandbox, &partner, 2_000, 100).await, 1, "what is long gone is not looked at again");
    assert_eq!(left(sandbox, &partner, 1_999).await, (0, 0), "a call that came late leaves nothing");
}

pub(crate) async fn forgets_while_others_live(sandbox: &Sandbox) {
    let partner = PartnerId::opaque("org_f4");
    for epoch in 0..5 {
        live(sandbox, &partner, epoch, 5).await;
    }
    let lives = (0..8).map(|n| {
        let mut call = sandbox.call(&format!("busy{n}.com"), StepName::RegisterName);
        call.world = World::test(&partner, 5);
        let registrar = sandbox.cast.registrar.clone();
        tokio::spawn(async move { registrar.ensure_registered(&call, 1_300).await.until().is_ok() })
    });
    let forgettings = (0..4).map(|_| {
        let (sim, partner) = (sandbox.sim.clone(), partner.clone());
        tokio::spawn(async move { while sim.forget(&partner, 5, 7).await.unwrap() {} })
    });
    let (lived, forgot) = tokio::join!(join_all(lives), join_all(forgettings));
    assert!(lived.into_iter().all(Result::unwrap));
    assert!(forgot.into_iter().all(|end| end.is_ok()));
    for epoch in 0..5 {
        assert_eq!(left(sandbox, &partner, epoch).await, (0, 0));
    }
    assert_eq!(left(sandbox, &partner, 5).await.0, 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn old_worlds_are_forgotten() {
    let sandbox = Sandbox::new().await;
    forgets_old_worlds_only(&sandbox).await;
    forgets_in_bounded_pieces(&sandbox).await;
    forgets_what_comes_late_and_what_is_long_ago(&sandbox).await;
    forgets_while_others_live(&sandbox).await;
}
