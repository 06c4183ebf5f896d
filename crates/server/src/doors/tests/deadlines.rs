//! How long a connection may take over what it is at.

use tokio::time::Instant;

use super::*;

const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

fn post(length: usize) -> String {
    format!("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n")
}

#[tokio::test(start_paused = true)]
async fn half_a_head_is_held_for_ten_seconds_however_it_drips() {
    let house = house(|_| ());
    for beginning in ["", "G", "GET / HTTP/1.1\r\nHost: x\r\nX-Half"] {
        let (mut visitor, held) = house.visitor(1_024);
        let began = Instant::now();
        say(&mut visitor, beginning).await;
        assert_eq!(rest(&mut visitor).await, "", "{beginning:?}");
        assert_eq!(began.elapsed(), Duration::from_secs(10), "{beginning:?}");
        held.await.expect("nothing of it is left");
    }
    let (mut visitor, _) = house.visitor(1_024);
    let began = Instant::now();
    while visitor.write_all(b"G").await.is_ok() {
        sleep(Duration::from_secs(3)).await;
    }
    assert_eq!(began.elapsed(), Duration::from_secs(12), "noticed by the drop after the tenth second");
}

#[tokio::test(start_paused = true)]
async fn a_head_after_an_answer_has_its_ten_seconds_too() {
    let house = house(|_| ());
    let (mut visitor, _) = house.visitor(1_024);
    say(&mut visitor, GET).await;
    until(&mut visitor, "well").await;
    sleep(Duration::from_secs(60)).await;
    say(&mut visitor, "GET").await;
    let began = Instant::now();
    assert_eq!(rest(&mut visitor).await, "");
    assert_eq!(began.elapsed(), Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn a_connection_may_be_idle_for_75_seconds_between_requests() {
    let house = house(|_| ());
    let (mut visitor, _) = house.visitor(1_024);
    for _ in 0..3 {
        say(&mut visitor, GET).await;
        assert!(until(&mut visitor, "well").await.starts_with("HTTP/1.1 200 OK\r\n"));
        sleep(Duration::from_secs(70)).await;
    }
    let began = Instant::now();
    assert_eq!(rest(&mut visitor).await, "");
    assert_eq!(began.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn headers_are_small() {
    let house = house(|_| ());
    let (mut visitor, _) = house.visitor(64 * 1_024);
    say(&mut visitor, &format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "a".repeat(15_000))).await;
    assert!(until(&mut visitor, "well").await.starts_with("HTTP/1.1 200"));
    say(&mut visitor, &format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}", "a".repeat(20_000))).await;
    assert!(rest(&mut visitor).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_answered_after_ten_seconds() {
    let house = house(|_| ());
    let (mut visitor, held) = house.visitor(1_024);
    let began = Instant::now();
    say(&mut visitor, &(post(2_000) + &"x".repeat(1_279))).await;
    assert!(rest(&mut visitor).await.starts_with("HTTP/1.1 400"));
    assert_eq!(began.elapsed(), Duration::from_secs(10), "128 bytes a second were not reached");
    held.await.expect("nothing of it is left");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_drips_fast_enough_has_thirty_seconds_in_all() {
    for (drops, answer, took) in [(29, "HTTP/1.1 200", 29), (1_000, "HTTP/1.1 400", 30)] {
        let house = house(|_| ());
        let (mut visitor, _) = house.visitor(1_024);
        let (began, length) = (Instant::now(), 200 * drops);
        say(&mut visitor, &post(length)).await;
        let (mut reading, mut writing) = tokio::io::split(visitor);
        tokio::spawn(async move {
            for _ in 0..drops {
                sleep(Duration::from_secs(1)).await;
                if writing.write_all(&[b'x'; 200]).await.is_err() {
                    return;
                }
            }
        });
        let mut status = [0; 12];
        reading.read_exact(&mut status).await.expect("an answer");
        assert_eq!((std::str::from_utf8(&status), began.elapsed().as_secs()), (Ok(answer), took));
    }
}

#[tokio::test(start_paused = true)]
async fn what_we_are_slow_at_is_not_the_clients_fault() {
    let router = Router::new().route(
        "/",
        axum::routing::post(async |request: axum::extract::Request| {
            sleep(Duration::from_secs(300)).await;
            axum::body::to_bytes(request.into_body(), 100).await.expect("the body is here").len().to_string()
        }),
    );
    let mut house = house(|_| ());
    let door = Arc::get_mut(&mut house.door).expect("nobody else has it");
    door.router = router;
    let (mut visitor, _) = house.visitor(1_024);
    say(&mut visitor, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nping").await;
    assert!(rest(&mut visitor).await.ends_with("\r\n\r\n4"));
}

#[tokio::test(start_paused = true)]
async fn an_event_stream_lasts_as_long_as_it_is_read() {
    let house = house(|_| ());
    let (mut visitor, _) = house.visitor(1_024);
    say(&mut visitor, "GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    let began = Instant::now();
    assert_eq!(rest(&mut visitor).await.matches("data: tick").count(), 240);
    assert!(began.elapsed() >= Duration::from_secs(3_600));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_reads_is_held_for_75_seconds() {
    let house = house(|_| ());
    for path in ["/long", "/stream"] {
        let (mut visitor, held) = house.visitor(256);
        say(&mut visitor, &format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
        let began = Instant::now();
        held.await.expect("it is given up");
        let limit = Duration::from_secs(if path == "/long" { 75 } else { 15 * 20 });
        assert!(began.elapsed() <= limit, "{path}: {:?}", began.elapsed());
    }
    let (mut visitor, _) = house.visitor(256);
    say(&mut visitor, "GET /long HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    let mut read = 0;
    loop {
        let mut buffer = [0; 1_024];
        match visitor.read(&mut buffer).await.expect("more") {
            0 => break,
            count => read += count,
        }
        // Slow, and not at a standstill.
        sleep(Duration::from_millis(500)).await;
    }
    assert!(read > 1 << 20, "all of it came: {read}");
}
