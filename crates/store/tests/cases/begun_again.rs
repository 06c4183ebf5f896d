//! Writes that are committed together on SQLite: one that fails takes nothing else with it, and has others run again only when it
//! has left something behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use model::change::Change;
use model::id::BundleId;
use store::{Failure, Halt, Stopwatch, Writing, bundles};
use tokio::sync::Notify;

use crate::support::bench::{Bench, NOW};

/// What a write does after it may have written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Well,
    Lost,
    Panic,
}

/// Writes in one group, and how often the closures have run.
struct Group {
    bench: Bench,
    runs: Arc<AtomicUsize>,
}

impl Group {
    async fn new() -> Self {
        // No time passes: as many as fit are in one group.
        let writing = Writing { stopwatch: Stopwatch::new(|| Duration::ZERO), ..Writing::default() };
        Self { bench: Bench::writing(writing).await, runs: Arc::default() }
    }

    /// Inserts a bundle, or nothing, and ends.
    fn write(&self, writes: bool, end: End) -> (BundleId, BoxFuture<'static, Result<(), Failure>>) {
        let (store, runs, ids, bundle) =
            (self.bench.store.clone(), self.runs.clone(), self.bench.ids.clone(), self.bench.bundle());
        let id = bundle.id.clone();
        let mut change = Change::default();
        if writes {
            change.bundles.insert.push(bundle);
        }
        let writing = async move {
            let write = store.write(move |tx| {
                let (change, ids) = (change.clone(), ids.clone());
                runs.fetch_add(1, Ordering::SeqCst);
                async move {
                    tx.apply(change, &ids, NOW).await?;
                    match end {
                        End::Well => Ok(()),
                        End::Lost => Err(Halt::Lost),
                        End::Panic => panic!("a closure panics"),
                    }
                }
                .boxed()
            });
            write.await
        };
        (id, writing.boxed())
    }

    /// Lets writes gather behind one that stands still, and then all of them go together.
    async fn together(&self, writes: Vec<BoxFuture<'static, Result<(), Failure>>>) -> Vec<Result<(), Failure>> {
        let (entered, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (inside, opened) = (entered.clone(), gate.clone());
        let first = self.bench.store.settle(move |_| {
            let (inside, opened) = (inside.clone(), opened.clone());
            async move {
                inside.notify_one();
                opened.notified().await;
                Ok(())
            }
            .boxed()
        });
        let all = async {
            entered.notified().await;
            let mut waiting = Box::pin(join_all(writes));
            assert!((&mut waiting).now_or_never().is_none());
            // Twice: the first one runs again where all of them do.
            gate.notify_one();
            let again = async {
                loop {
                    entered.notified().await;
                    gate.notify_one();
                }
            };
            tokio::select! {
                results = waiting => results,
                () = again => unreachable!("it goes on for ever"),
            }
        };
        tokio::join!(first, all).1
    }

    async fn is_there(&self, id: &BundleId) -> bool {
        let mut db = self.bench.store.read().await.unwrap();
        bundles::get(&mut db, &self.bench.scope(), id).await.unwrap().is_some()
    }
}

#[tokio::test]
async fn who_fails_after_writing_is_taken_back_alone() {
    for end in [End::Lost, End::Panic] {
        let group = Group::new().await;
        let ((one, first), (two, second), (three, third)) =
            (group.write(true, End::Well), group.write(true, end), group.write(true, End::Well));
        let results = group.together(vec![first, second, third]).await;
        assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
        assert!(group.is_there(&one).await && group.is_there(&three).await && !group.is_there(&two).await);
        assert_eq!(group.runs.load(Ordering::SeqCst), 5, "the first two run again");
        // Now each has a savepoint, and nobody runs twice.
        let ((four, fourth), (five, fifth)) = (group.write(true, End::Well), group.write(true, end));
        let results = group.together(vec![fourth, fifth]).await;
        assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false]);
        assert!(group.is_there(&four).await && !group.is_there(&five).await);
        assert_eq!(group.runs.load(Ordering::SeqCst), 7);
    }
}

#[tokio::test]
async fn who_fails_before_writing_has_nobody_run_again() {
    let group = Group::new().await;
    let ((one, first), (_, second), (three, third)) =
        (group.write(true, End::Well), group.write(false, End::Lost), group.write(true, End::Well));
    let results = group.together(vec![first, second, third]).await;
    assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert!(group.is_there(&one).await && group.is_there(&three).await);
    assert_eq!(group.runs.load(Ordering::SeqCst), 3);
}
