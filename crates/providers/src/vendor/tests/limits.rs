//! How often and how many at once.

use model::clock::SECOND;
use tokio::task::JoinSet;

use super::stub::json;
use super::*;

fn ok() -> Act {
    json(200, "", "{}")
}

#[tokio::test]
async fn who_asked_too_often_is_left_alone_for_as_long_as_was_said() {
    for (headers, seconds) in [("Retry-After: 7\r\n", 7), ("", 60), ("Retry-After: 999999999\r\n", 3_600)] {
        let stub = Stub::new(vec![json(429, headers, "{}"), ok()]).await;
        let (vendor, clock) = account_with(stub.port, |_| {});
        let until = NOON.plus(seconds * SECOND);
        assert_eq!(vendor.call(buy()).await.unwrap_err(), Trouble::Later(Some(until)), "{headers}");
        assert_eq!(vendor.call(look()).await.unwrap_err(), Trouble::Later(Some(until)), "for everything");
        assert_eq!(stub.seen().len(), 1, "and without being asked");
        clock.set(until);
        assert!(vendor.call(buy()).await.is_ok());
    }
}

#[tokio::test]
async fn an_unavailable_service_is_left_alone_too_and_a_write_stays_unknown() {
    let stub = Stub::new(vec![json(503, "Retry-After: 30\r\n", "{}"), ok()]).await;
    let (vendor, clock) = account_with(stub.port, |_| {});
    assert_eq!(vendor.call(buy()).await.unwrap_err(), Trouble::Unknown);
    assert_eq!(vendor.call(look()).await.unwrap_err(), Trouble::Later(Some(NOON.plus(30 * SECOND))));
    clock.advance(30 * SECOND);
    assert!(vendor.call(look()).await.is_ok());
}

#[tokio::test]
async fn an_operation_that_is_used_up_leaves_the_others() {
    let spent = |answer: &Answer| match answer.json::<Value>() {
        Ok(body) if body["status"] == "ERROR" => Meaning::Spent(Some(Duration::from_secs(600))),
        _ => by_status(answer),
    };
    let stub = Stub::new(vec![json(200, "", r#"{"status":"ERROR"}"#), ok()]).await;
    let vendor = account_with(stub.port, |settings| settings.meaning = spent).0;
    let until = Some(NOON.plus(600 * SECOND));
    assert_eq!(vendor.call(buy()).await.unwrap_err(), Trouble::Later(until), "a 200 that is an error");
    assert!(vendor.call(look()).await.is_ok());
    assert_eq!(vendor.call(buy()).await.unwrap_err(), Trouble::Later(until));
}

#[tokio::test]
async fn what_an_answer_leaves_is_not_overdrawn() {
    let stub = Stub::new(vec![json(200, "RateLimit: \"default\";r=1;t=20\r\n", "{}"), ok()]).await;
    let (vendor, clock) = account_with(stub.port, |_| {});
    assert!(vendor.call(look()).await.is_ok());
    assert!(vendor.call(look()).await.is_ok(), "one was left");
    assert_eq!(vendor.call(look()).await.unwrap_err(), Trouble::Later(Some(NOON.plus(21 * SECOND))));
    clock.advance(21 * SECOND);
    assert!(vendor.call(look()).await.is_ok());
}

#[tokio::test]
async fn a_limit_of_one_operation_that_an_answer_tells_leaves_the_others() {
    let stub = Stub::new(vec![json(200, "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 9\r\n", "{}"), ok()]).await;
    let (vendor, clock) = account_with(stub.port, |settings| settings.counted = Counted::Operation);
    assert!(vendor.call(look()).await.is_ok());
    assert!(vendor.call(buy()).await.is_ok(), "nothing was said of it");
    assert_eq!(vendor.call(look()).await.unwrap_err(), Trouble::Later(Some(NOON.plus(10 * SECOND))));
    clock.advance(10 * SECOND);
    assert!(vendor.call(look()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_published_pace_is_kept_by_waiting_a_little_or_by_coming_back() {
    let stub = Stub::new(vec![ok()]).await;
    let paces = vec![Pace::of_all(2, Duration::from_secs(1)), Pace::of("buy", 1, Duration::from_secs(3_600))];
    let (vendor, clock) = account_with(stub.port, |settings| settings.paces = paces);
    let began = tokio::time::Instant::now();
    vendor.call(buy()).await.unwrap();
    vendor.call(look()).await.unwrap();
    assert!(began.elapsed() < Duration::from_millis(10));
    vendor.call(look()).await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(1_050), "the third waits for its turn");
    let Err(Trouble::Later(Some(until))) = vendor.call(buy()).await else { panic!("an hour is too long to wait") };
    assert_eq!((until, stub.seen().len()), (NOON.plus(3_601 * SECOND), 3));
    clock.set(until);
    assert!(vendor.call(buy()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_are_under_way_than_allowed() {
    let stub = Stub::new(vec![Act::Wait(answer(200, "", "{}"))]).await;
    let vendor = account_with(stub.port, |settings| settings.max_in_flight = 2).0;
    let mut calls = JoinSet::new();
    for _ in 0..2 {
        let vendor = vendor.clone();
        calls.spawn(async move { vendor.call(look()).await.is_ok() });
    }
    stub.arrived.acquire_many(2).await.unwrap().forget();
    assert_eq!(vendor.call(look()).await.unwrap_err(), Trouble::Later(Some(NOON.plus(2 * SECOND))));
    assert_eq!(stub.seen().len(), 2, "the third was not sent");
    stub.let_go.add_permits(3);
    while let Some(done) = calls.join_next().await {
        assert!(done.unwrap());
    }
    assert!(vendor.call(look()).await.is_ok(), "their places are free again");
}
