//! Answers that go on: server-sent events from something that is looked at again and again.
//!
//! See <https://html.spec.whatwg.org/multipage/server-sent-events.html>. A batch of events carries its `id`
//! on the last one only: a client that was cut off in the middle of a batch comes back with the id of the
//! batch before, and is told the whole batch again. Events that stand for themselves carry ids of their own.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use futures_util::stream::unfold;
use model::id::KeyId;
use model::refusal::{Code, Fault};
use store::StoreError;
use tokio::time::{Interval, MissedTickBehavior, Sleep, interval, sleep};
use tokio_util::sync::CancellationToken;
use utoipa::IntoParams;

/// How often something is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// After how much silence a comment is sent, so that proxies keep the connection.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The longest that one stream lasts. Its client comes back with where it was.
const LIFETIME: Duration = Duration::from_secs(3_600);

/// How many streams a key may have open at one process.
const MOST_PER_KEY: usize = 16;

/// After how many seconds a key that has too many should look whether one has ended.
const RETRY_SECONDS: u64 = 5;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    /// Its own `id:`, where a client can go on after it alone.
    pub(crate) id: Option<String>,
    /// Its `event:`; an empty one tells nothing but the id.
    pub(crate) name: &'static str,
    /// Its `data:`, JSON on one line.
    pub(crate) data: String,
}

/// What a look at something brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Update {
    /// What is new, in telling order.
    pub(crate) messages: Vec<Message>,
    /// Where a client is that has been told all of it.
    pub(crate) id: String,
    /// Whether nothing can follow.
    pub(crate) last: bool,
    /// Whether there is more already, so that the next look need not wait.
    pub(crate) more: bool,
}

/// Something that changes, and can be followed.
pub(crate) trait Source: Send + 'static {
    /// What is new since the last look; nothing new costs little.
    fn look(&mut self) -> impl Future<Output = Result<Update, StoreError>> + Send;
}

/// Every stream that is open at this process.
#[derive(Clone, Debug)]
pub struct Streams {
    open: Arc<Mutex<HashMap<KeyId, usize>>>,
    stop: CancellationToken,
}

impl Streams {
    /// None yet. All of them end when `stop` is cancelled.
    #[must_use]
    pub fn new(stop: CancellationToken) -> Self {
        Self { open: Arc::default(), stop }
    }

    /// Takes one of a key's places.
    pub(crate) fn enter(&self, key: &KeyId) -> Result<Place, Fault> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(key.clone()).or_default();
        if *count >= MOST_PER_KEY {
            let message = format!("This key has {MOST_PER_KEY} streams open. Close one, then open another.");
            return Err(Fault::new(Code::RateLimited, message).with("retry_after_seconds", RETRY_SECONDS));
        }
        *count += 1;
        Ok(Place { key: key.clone(), streams: self.clone() })
    }
}

/// A place for one stream, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    key: KeyId,
    streams: Streams,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.key);
            }
        }
    }
}

/// Answers with the first news and then with what a source brings, until it ends, the client goes away or
/// the server stops.
pub(crate) fn answer(first: Update, source: impl Source, place: Place) -> Response {
    let heartbeat = KeepAlive::new().interval(HEARTBEAT).text("heartbeat");
    let mut response = Sse::new(events(first, source, place)).keep_alive(heartbeat).into_response();
    // Otherwise nginx keeps events back until its buffer is full.
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

struct Open<S> {
    source: S,
    told: VecDeque<Event>,
    ended: bool,
    more: bool,
    looks: Interval,
    over: std::pin::Pin<Box<Sleep>>,
    place: Place,
}

fn events(first: Update, source: impl Source, place: Place) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (ended, more, told, over) = (first.last, first.more, told(first), Box::pin(sleep(LIFETIME)));
    let open = Open { source, told, ended, more, looks, over, place };
    unfold(open, |mut open| async move {
        let event = open.next().await?;
        Some((Ok(event), open))
    })
}

impl<S: Source> Open<S> {
    /// The next event; `None` at the end. What was begun is told to its end.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.told.pop_front() {
                return Some(event);
            }
            if self.ended {
                return None;
            }
            tokio::select! {
                biased;
                () = self.place.streams.stop.cancelled() => return None,
                () = &mut self.over => return None,
                () = std::future::ready(()), if self.more => {}
                _ = self.looks.tick() => {}
            }
            self.look().await;
        }
    }

    async fn look(&mut self) {
        match self.source.look().await {
            Ok(news) => {
                (self.ended, self.more) = (news.last, news.more);
                self.told = told(news);
            }
            Err(error) => {
                tracing::error!(%error, "a stream ends because the store failed");
                self.ended = true;
            }
        }
    }
}

fn told(news: Update) -> VecDeque<Event> {
    let count = news.messages.len();
    let numbered = news.messages.into_iter().enumerate().map(|(n, message)| {
        let event = match message.name {
            "" => Event::default(),
            name => Event::default().event(name).data(message.data),
        };
        let at_the_end = (n + 1 == count).then_some(news.id.as_str());
        match message.id.as_deref().or(at_the_end) {
            Some(id) => event.id(id),
            None => event,
        }
    });
    numbered.collect()
}

/// Where a client was when it was cut off, as it says itself.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct Resumption {
    /// The last `id` that a stream told before it was cut off.
    #[param(rename = "Last-Event-ID", nullable = false, example = "812")]
    last_event_id: Option<String>,
}

impl Resumption {
    /// Reads the header; what cannot be read is no place that we have told.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let value = headers.get("last-event-id").and_then(|value| value.to_str().ok());
        Self { last_event_id: value.map(ToOwned::to_owned) }
    }

    /// The place, when one is said.
    pub(crate) fn id(&self) -> Option<&str> {
        self.last_event_id.as_deref().filter(|id| !id.is_empty())
    }

    /// Whether the client was told everything up to here.
    pub(crate) fn is_at(&self, id: &str) -> bool {
        self.last_event_id.as_deref() == Some(id)
    }
}

/// Whether a request asks for events rather than for JSON: they are named in `Accept`, and not less wished
/// for than JSON that is named as well (RFC 9110, section 12.5.1). Of two that are wished for alike the first counts.
pub(crate) fn is_asked_for(headers: &HeaderMap) -> bool {
    let ranges: Vec<_> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(range)
        .collect();
    let wish = |name: &str| ranges.iter().enumerate().find(|(_, (range, _))| range.eq_ignore_ascii_case(name));
    match (wish("text/event-stream"), wish("application/json")) {
        (Some((_, (_, weight))), None) => *weight > 0.0,
        (Some((place, (_, events))), Some((other, (_, json)))) => {
            *events > 0.0 && (events > json || (place < other && events >= json))
        }
        (None, _) => false,
    }
}

/// Says that the answer depends on what is asked for: caches must not give the one form to those who ask for the other.
pub(crate) fn varying(mut response: Response) -> Response {
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    response
}

/// A media range and its weight.
fn range(text: &str) -> Option<(&str, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next()?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    Some((name, weight.map_or(Some(1.0), |text| text.parse().ok()).unwrap_or(0.0)))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use futures_util::StreamExt as _;
    use model::id::Id;
    use tokio::time::{Instant, advance};

    use super::*;

    /// Tells what it is given, one piece of news a look.
    struct Script(VecDeque<Update>);

    impl Source for Script {
        async fn look(&mut self) -> Result<Update, StoreError> {
            Ok(self.0.pop_front().unwrap_or_default())
        }
    }

    fn news(id: &str, names: &[&'static str], last: bool) -> Update {
        let messages = names.iter().map(|name| Message { id: None, name, data: "{}".into() });
        Update { messages: messages.collect(), id: id.into(), last, more: false }
    }

    fn open(streams: &Streams, script: Vec<Update>) -> axum::body::BodyDataStream {
        let place = streams.enter(&KeyId::opaque("key_1")).expect("a place");
        let body: Body = answer(Update::default(), Script(script.into()), place).into_body();
        body.into_data_stream()
    }

    async fn next(body: &mut axum::body::BodyDataStream) -> Option<String> {
        let bytes = body.next().await?.expect("a frame");
        Some(String::from_utf8(bytes.to_vec()).expect("text"))
    }

    #[tokio::test(start_paused = true)]
    async fn a_batch_says_its_id_at_its_end_and_the_last_one_closes_the_stream() {
        let streams = Streams::new(CancellationToken::new());
        let mut body = open(&streams, vec![news("7", &["domain", "order"], false), news("9", &["end"], true)]);
        assert_eq!(next(&mut body).await.as_deref(), Some("event: domain\ndata: {}\n\n"));
        assert_eq!(next(&mut body).await.as_deref(), Some("event: order\ndata: {}\nid: 7\n\n"));
        let began = Instant::now();
        assert_eq!(next(&mut body).await.as_deref(), Some("event: end\ndata: {}\nid: 9\n\n"));
        assert_eq!(began.elapsed(), LOOK);
        assert_eq!(next(&mut body).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_broken_by_comments_and_no_stream_lasts_for_ever() {
        let streams = Streams::new(CancellationToken::new());
        let (mut body, began) = (open(&streams, vec![]), Instant::now());
        let mut heartbeats = 0;
        while let Some(text) = next(&mut body).await {
            assert_eq!(text, ": heartbeat\n\n");
            heartbeats += 1;
            assert_eq!(began.elapsed(), HEARTBEAT * heartbeats);
        }
        assert_eq!((began.elapsed(), heartbeats), (LIFETIME, 239));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_stops_tells_what_it_has_begun_and_ends_every_stream() {
        let stop = CancellationToken::new();
        let streams = Streams::new(stop.clone());
        let mut quiet = open(&streams, vec![]);
        let mut busy = open(&streams, vec![news("2", &["domain", "order"], false)]);
        assert!(next(&mut busy).await.is_some());
        stop.cancel();
        assert_eq!(next(&mut busy).await.as_deref(), Some("event: order\ndata: {}\nid: 2\n\n"));
        assert_eq!((next(&mut busy).await, next(&mut quiet).await), (None, None));
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_has_sixteen_places_and_gets_them_back() {
        let streams = Streams::new(CancellationToken::new());
        let mut bodies: Vec<_> = (0..MOST_PER_KEY).map(|_| open(&streams, vec![])).collect();
        let refused = streams.enter(&KeyId::opaque("key_1")).expect_err("no place");
        assert_eq!((refused.code, &refused.details["retry_after_seconds"]), (Code::RateLimited, &5.into()));
        assert!(streams.enter(&KeyId::opaque("key_2")).is_ok(), "other keys have their own");
        advance(LOOK).await;
        bodies.pop();
        assert!(streams.enter(&KeyId::opaque("key_1")).is_ok());
        bodies.clear();
        assert!(streams.open.lock().expect("not poisoned").is_empty());
    }

    #[test]
    fn events_are_told_to_those_who_ask_for_them() {
        for (accept, events) in [
            (&["text/event-stream"][..], true),
            (&["Text/Event-Stream; q=0.5, text/html"], true),
            (&["text/html", "text/event-stream"], true),
            (&["text/event-stream, application/json;q=0.9"], true),
            (&["text/event-stream, application/json"], true),
            (&["application/json, text/event-stream"], false),
            (&["application/json;q=0.1, text/event-stream;q=0.2"], true),
            (&["text/event-stream;q=0"], false),
            (&["text/event-stream;q=x"], false),
            (&["text/event-streams"], false),
            (&["*/*"], false),
            (&["text/*"], false),
            (&["application/json"], false),
            (&[""], false),
            (&[], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in accept {
                headers.append(header::ACCEPT, HeaderValue::from_static(value));
            }
            assert_eq!(is_asked_for(&headers), events, "{accept:?}");
        }
    }
}
