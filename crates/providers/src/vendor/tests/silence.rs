//! An account that does not answer.

use futures_util::FutureExt as _;
use model::clock::SECOND;
use tokio::task::JoinSet;

use super::stub::json;
use super::*;

/// As many calls without an answer are enough.
const ENOUGH: usize = 5;

fn ok() -> Act {
    json(200, "", "{}")
}

#[tokio::test]
async fn who_does_not_answer_is_asked_again_in_a_while() {
    let silent = vec![Act::HangUp; ENOUGH + 1].into_iter().chain([ok()]).collect();
    let stub = Stub::new(silent).await;
    let (vendor, clock) = account_with(stub.port, |_| {});
    for _ in 0..ENOUGH {
        assert_eq!(vendor.call(buy()).await.unwrap_err(), Trouble::Unknown);
    }
    assert!(vendor.is_silent());
    for _ in 0..10 {
        assert_eq!(vendor.call(buy()).await.unwrap_err(), Trouble::Later(None), "certainly not sent");
    }
    assert_eq!(stub.seen().len(), ENOUGH);
    clock.advance(30 * SECOND);
    assert_eq!(vendor.call(look()).await.unwrap_err(), Trouble::Later(None));
    assert_eq!(vendor.call(look()).await.unwrap_err(), Trouble::Later(None));
    assert_eq!(stub.seen().len(), ENOUGH + 1, "one found out");
    clock.advance(60 * SECOND);
    assert!(vendor.call(look()).await.is_ok() && !vendor.is_silent());
}

#[tokio::test]
async fn one_call_finds_out_while_the_others_do_not_wait() {
    let mut acts = vec![Act::HangUp; ENOUGH];
    acts.extend([Act::Wait(answer(200, "", "{}")), ok()]);
    let stub = Stub::new(acts).await;
    let (vendor, clock) = account_with(stub.port, |_| {});
    for _ in 0..ENOUGH {
        vendor.call(look()).await.unwrap_err();
    }
    clock.advance(30 * SECOND);
    stub.arrived.acquire_many(5).await.unwrap().forget();
    let mut probe = JoinSet::new();
    let asked = vendor.clone();
    probe.spawn(async move { asked.call(look()).await.is_ok() });
    stub.arrived.acquire().await.unwrap().forget();
    for _ in 0..500 {
        let told = vendor.call(buy()).now_or_never().expect("at once");
        assert_eq!(told.unwrap_err(), Trouble::Later(None));
    }
    stub.let_go.add_permits(1);
    assert!(probe.join_next().await.unwrap().unwrap());
    assert!(vendor.call(buy()).await.is_ok());
}

#[tokio::test]
async fn a_clear_no_is_an_answer() {
    let stub = Stub::new(vec![json(400, "", "{}"), json(401, "", "{}")]).await;
    let vendor = account(&stub);
    for _ in 0..3 * ENOUGH {
        let _ = vendor.call(look()).await;
    }
    assert!(!vendor.is_silent() && stub.seen().len() == 3 * ENOUGH);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_leaves_its_place_and_says_nothing_of_the_vendor_at_once() {
    let stub = Stub::new(vec![Act::Stall("")]).await;
    let vendor = account_with(stub.port, |settings| settings.max_in_flight = 1).0;
    for _ in 0..3 * ENOUGH {
        let (arrived, asked) = (stub.arrived.clone(), vendor.clone());
        let call = tokio::spawn(async move { asked.call(buy()).await.is_ok() });
        arrived.acquire().await.unwrap().forget();
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
    }
    assert!(!vendor.is_silent(), "each of them was dropped at once");
    for _ in 0..ENOUGH {
        let patience = Duration::from_secs(20);
        tokio::time::timeout(patience, vendor.call(buy())).await.unwrap_err();
    }
    assert!(vendor.is_silent(), "who was waited for in vain does not answer");
}
