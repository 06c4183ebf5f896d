//! Whose turn it is at the writer, counted in turns: time passes only by what a write is said to cost.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use model::id::{Id as _, PartnerId};
use model::world::Environment;
use store::{Failure, Kind, Stopwatch, StoreError, Writing, on_behalf_of};
use tokio::sync::Notify;

use crate::support::bench::Bench;

/// A writer whose time is moved by hand, and who had turns at it.
struct Turns {
    bench: Bench,
    time: Arc<AtomicU64>,
    had: Arc<Mutex<Vec<&'static str>>>,
}

impl Turns {
    async fn new(waiting: usize, waiting_of_one: usize) -> Self {
        let time = Arc::new(AtomicU64::new(0));
        let hand = time.clone();
        let stopwatch = Stopwatch::new(move || Duration::from_millis(hand.load(Ordering::SeqCst)));
        let bench = Bench::writing(Writing { waiting, waiting_of_one, stopwatch, witness: None }).await;
        Self { bench, time, had: Arc::default() }
    }

    /// A write of somebody that takes so many milliseconds.
    fn write(&self, kind: Kind, who: &'static str, cost: u64) -> BoxFuture<'static, Result<(), Failure>> {
        let (store, time, had) = (self.bench.store.clone(), self.time.clone(), self.had.clone());
        async move {
            let writing = store.write(move |_| {
                let (time, had) = (time.clone(), had.clone());
                async move {
                    time.fetch_add(cost, Ordering::SeqCst);
                    had.lock().unwrap().push(who);
                    Ok(())
                }
                .boxed()
            });
            on_behalf_of(kind, Some((&PartnerId::opaque(who), Environment::Live)), writing).await
        }
        .boxed()
    }

    /// Lets writes gather behind one that stands still, and then all of them go.
    async fn gathered(&self, writes: Vec<BoxFuture<'static, Result<(), Failure>>>) -> Vec<&'static str> {
        let (entered, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let first = self.stands_still(&entered, &gate);
        let all = async {
            entered.notified().await;
            let mut waiting = Box::pin(join_all(writes));
            assert!((&mut waiting).now_or_never().is_none());
            gate.notify_one();
            waiting.await
        };
        let (_, results) = tokio::join!(first, all);
        assert!(results.iter().all(Result::is_ok));
        std::mem::take(&mut self.had.lock().unwrap())
    }

    fn stands_still(&self, entered: &Arc<Notify>, gate: &Arc<Notify>) -> BoxFuture<'static, Result<(), Failure>> {
        let (store, entered, gate) = (self.bench.store.clone(), entered.clone(), gate.clone());
        async move {
            let writing = store.settle(move |_| {
                let (entered, gate) = (entered.clone(), gate.clone());
                async move {
                    entered.notify_one();
                    gate.notified().await;
                    Ok(())
                }
                .boxed()
            });
            writing.await
        }
        .boxed()
    }
}

#[tokio::test]
async fn every_kind_goes_on_under_a_flood_of_every_other() {
    let turns = Turns::new(1024, 1024).await;
    for flood in Kind::ALL {
        for other in Kind::ALL.into_iter().filter(|other| *other != flood) {
            let mut writes: Vec<_> = (0..100).map(|_| turns.write(flood, "flood", 10)).collect();
            writes.extend((0..10).map(|_| turns.write(other, "other", 10)));
            let had = turns.gathered(writes).await;
            // The least weight beside the greatest: one turn in five.
            let last = had.iter().rposition(|who| *who == "other").unwrap();
            assert!(last < 55, "{other:?} under a flood of {flood:?}: the tenth at turn {last}");
        }
    }
}

#[tokio::test]
async fn partners_have_the_same_time_and_not_the_same_number() {
    let turns = Turns::new(1024, 1024).await;
    let mut writes: Vec<_> = (0..50).map(|_| turns.write(Kind::Request, "heavy", 50)).collect();
    writes.extend((0..100).map(|_| turns.write(Kind::Request, "light", 1)));
    let had = turns.gathered(writes).await;
    let last = had.iter().rposition(|who| *who == "light").unwrap();
    let heavy = had[..last].iter().filter(|who| **who == "heavy").count();
    assert!(heavy <= 3, "{heavy} long writes went before a hundred short ones had their share");
}

#[tokio::test]
async fn a_group_is_committed_before_it_has_taken_long() {
    let turns = Turns::new(1024, 1024).await;
    let (inside, answered) = (turns.time.clone(), Arc::new(Answered::new(turns.time.clone())));
    let seen = answered.clone();
    let mut writes: Vec<_> = (0..20).map(|_| turns.write(Kind::Request, "flood", 10)).collect();
    let store = turns.bench.store.clone();
    let other = async move {
        let writing = store.write(move |_| {
            inside.fetch_add(10, Ordering::SeqCst);
            async { Ok(()) }.boxed()
        });
        on_behalf_of(Kind::Request, Some((&PartnerId::opaque("other"), Environment::Live)), writing).await
    };
    writes.push(seen.watch(other.boxed()));
    turns.gathered(writes).await;
    // Its answer came with the commit of its group, and not with that of the flood.
    let at = answered.at.load(Ordering::SeqCst);
    assert!(at <= 100, "answered at {at}");
}

#[tokio::test]
async fn nobody_waits_for_a_long_write_that_comes_after_its_own() {
    let turns = Turns::new(1024, 1024).await;
    turns.write(Kind::Request, "flood", 30).await.unwrap();
    let (inside, answered) = (turns.time.clone(), Arc::new(Answered::new(turns.time.clone())));
    let seen = answered.clone();
    let mut writes: Vec<_> = (0..5).map(|_| turns.write(Kind::Request, "flood", 30)).collect();
    let store = turns.bench.store.clone();
    let other = async move {
        let writing = store.write(move |_| {
            inside.fetch_add(1, Ordering::SeqCst);
            async { Ok(()) }.boxed()
        });
        on_behalf_of(Kind::Request, Some((&PartnerId::opaque("another"), Environment::Live)), writing).await
    };
    writes.push(seen.watch(other.boxed()));
    turns.gathered(writes).await;
    let at = answered.at.load(Ordering::SeqCst);
    assert_eq!(at, 31, "answered before the next long one began");
}

/// Notes the time at which a write is answered, and not when whoever waited for it is let go on.
struct Answered {
    time: Arc<AtomicU64>,
    at: AtomicU64,
    waiting: Mutex<Option<Waker>>,
}

impl Answered {
    fn new(time: Arc<AtomicU64>) -> Self {
        Self { time, at: AtomicU64::new(u64::MAX), waiting: Mutex::default() }
    }

    fn watch(
        self: Arc<Self>,
        mut writing: BoxFuture<'static, Result<(), Failure>>,
    ) -> BoxFuture<'static, Result<(), Failure>> {
        std::future::poll_fn(move |cx| {
            *self.waiting.lock().unwrap() = Some(cx.waker().clone());
            writing.as_mut().poll(&mut Context::from_waker(&Waker::from(self.clone())))
        })
        .boxed()
    }
}

impl Wake for Answered {
    fn wake(self: Arc<Self>) {
        self.at.fetch_min(self.time.load(Ordering::SeqCst), Ordering::SeqCst);
        if let Some(waiting) = self.waiting.lock().unwrap().take() {
            waiting.wake();
        }
    }
}

#[tokio::test]
async fn past_the_bound_a_request_is_refused_and_work_inside_waits() {
    let turns = Turns::new(3, 2).await;
    let (entered, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let first = turns.stands_still(&entered, &gate);
    let all = async {
        entered.notified().await;
        let wait = |who| {
            let mut write = turns.write(Kind::Request, who, 1);
            assert!((&mut write).now_or_never().is_none(), "{who} waits");
            write
        };
        let waiting = [wait("one"), wait("one")];
        let is_busy =
            async |who| matches!(turns.write(Kind::Request, who, 1).await, Err(Failure::Broken(StoreError::Busy)));
        assert!(is_busy("one").await && !turns.bench.store.has_place(&PartnerId::opaque("one"), Environment::Live));
        assert!(turns.bench.store.has_place(&PartnerId::opaque("two"), Environment::Live));
        let other = wait("two");
        assert!(is_busy("three").await && turns.bench.store.is_full());
        let mut inside = turns.write(Kind::Delivery, "one", 1);
        assert!((&mut inside).now_or_never().is_none(), "work inside is never refused");
        gate.notify_one();
        join_all(waiting.into_iter().chain([other, inside])).await
    };
    let (_, results) = tokio::join!(first, all);
    assert!(results.iter().all(Result::is_ok));
    turns.write(Kind::Request, "one", 1).await.unwrap();
}
