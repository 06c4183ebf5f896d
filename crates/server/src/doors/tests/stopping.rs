//! What a stop waits for, and what not.

use tokio::time::Instant;

use super::*;

/// Whether a connection that was begun like this ends so many seconds after the stop, and what it was told.
async fn after_the_stop(said: &str, buffer: usize) -> (Duration, String) {
    let house = house(|_| ());
    let (mut visitor, held) = house.visitor(buffer);
    say(&mut visitor, said).await;
    // All that can happen without time passing has happened when the clock moves.
    sleep(Duration::from_millis(1)).await;
    house.stop.cancel();
    let began = Instant::now();
    held.await.expect("it ends");
    (began.elapsed(), rest(&mut visitor).await)
}

#[tokio::test(start_paused = true)]
async fn half_a_request_and_an_unread_answer_do_not_hold_up_a_stop() {
    let two = Duration::from_secs(2);
    assert_eq!(after_the_stop("", 1_024).await, (Duration::ZERO, String::new()), "who has said nothing loses nothing");
    for said in ["GET / HT", "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"] {
        let (took, told) = after_the_stop(said, 1_024).await;
        assert_eq!((took, told.as_str()), (two, ""), "{said:?}");
    }
    let (took, _) = after_the_stop("GET /long HTTP/1.1\r\nHost: x\r\n\r\n", 256).await;
    assert_eq!(took, two);
}

#[tokio::test(start_paused = true)]
async fn what_is_being_answered_is_answered_within_thirty_seconds() {
    let (took, told) = after_the_stop("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n", 1_024).await;
    assert!(told.starts_with("HTTP/1.1 200") && told.contains("connection: close"), "{told}");
    assert!(took < Duration::from_secs(20), "{took:?}");
    let (took, told) = after_the_stop("GET /never HTTP/1.1\r\nHost: x\r\n\r\n", 1_024).await;
    assert_eq!((took, told.as_str()), (Duration::from_secs(30), ""));
    let (took, _) = after_the_stop("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1_024).await;
    assert_eq!(took, Duration::ZERO, "whoever has an answer is not waited for");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_complete_in_time_is_still_answered() {
    let house = house(|_| ());
    let (mut visitor, _) = house.visitor(1_024);
    say(&mut visitor, "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nhalf").await;
    sleep(Duration::from_millis(1)).await;
    house.stop.cancel();
    sleep(Duration::from_secs(1)).await;
    say(&mut visitor, "half").await;
    let told = rest(&mut visitor).await;
    assert!(told.starts_with("HTTP/1.1 200") && told.ends_with("\r\n\r\n8"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn whoever_is_answered_while_others_take_over_is_sent_away() {
    let house = house(|_| ());
    let (mut visitor, held) = house.visitor(1_024);
    say(&mut visitor, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(!until(&mut visitor, "well").await.contains("connection: close"));
    house.leaving.cancel();
    say(&mut visitor, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let told = rest(&mut visitor).await;
    assert!(told.starts_with("HTTP/1.1 200") && told.contains("connection: close"), "{told}");
    held.await.expect("it ends");
    let (mut another, _) = house.visitor(1_024);
    say(&mut another, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(rest(&mut another).await.ends_with("well"), "others are still served");
}
