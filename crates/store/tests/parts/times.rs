//! The newest time that is known.

use futures_util::FutureExt as _;
use model::clock::{HOUR, Time};
use store::times;

use super::super::support::bench::{Bench, NOW};

on_both! {
    a_known_time_only_goes_on_unless_it_is_corrected
}

async fn passed(bench: &Bench, now: Time) -> Option<Time> {
    bench.store.settle(move |tx| async move { Ok(times::pass(tx, now).await?) }.boxed()).await.unwrap()
}

async fn a_known_time_only_goes_on_unless_it_is_corrected(bench: Bench) {
    assert_eq!(times::known(&mut bench.store.read().await.unwrap()).await.unwrap(), None);
    assert_eq!(passed(&bench, NOW).await, None);
    assert_eq!(passed(&bench, NOW.plus(HOUR)).await, Some(NOW));
    assert_eq!(passed(&bench, NOW).await, Some(NOW.plus(HOUR)));
    // More digits and fewer: it is a number that is compared, and not a text.
    assert_eq!(passed(&bench, Time(9)).await, Some(NOW.plus(HOUR)));
    let correct = bench.store.settle(|tx| async move { Ok(times::correct(tx, NOW).await?) }.boxed());
    correct.await.unwrap();
    assert_eq!(times::known(&mut bench.store.read().await.unwrap()).await.unwrap(), Some(NOW));
}
