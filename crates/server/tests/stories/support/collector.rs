//! A collector of traces, and a receiver of webhooks, for servers that are processes of their own.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// A span, and which process it is of.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) process: String,
    pub(crate) name: String,
    pub(crate) trace: String,
    pub(crate) id: String,
    /// Empty for a root.
    pub(crate) parent: String,
    pub(crate) kind: i32,
    pub(crate) links: usize,
    pub(crate) fields: HashMap<String, String>,
}

/// What somebody on this machine was sent.
pub(crate) struct Listening<T> {
    pub(crate) url: String,
    got: Arc<Got<T>>,
}

struct Got<T> {
    all: Mutex<Vec<T>>,
    news: Notify,
}

impl<T: Clone + Send + 'static> Listening<T> {
    async fn start(
        answer: impl Fn(&Uri, &HeaderMap, Bytes) -> (StatusCode, Vec<T>) + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let got = Arc::new(Got { all: Mutex::new(vec![]), news: Notify::new() });
        let ours = got.clone();
        let router = Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let (status, new) = answer(&uri, &headers, body);
            ours.all.lock().unwrap_or_else(PoisonError::into_inner).extend(new);
            ours.news.notify_waiters();
            async move { status }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, got }
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.got.all.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until what has come satisfies a condition.
    pub(crate) async fn until(&self, satisfied: impl Fn(&[T]) -> bool) -> Vec<T> {
        loop {
            let news = self.got.news.notified();
            tokio::pin!(news);
            news.as_mut().enable();
            let all = self.all();
            if satisfied(&all) {
                return all;
            }
            news.await;
        }
    }
}

/// A collector that takes traces from whoever has its key.
pub(crate) async fn collector(key: &'static str) -> Listening<Told> {
    Listening::start(move |uri, headers, body| {
        let is_right = uri.path() == "/v1/traces"
            && headers["content-type"] == "application/x-protobuf"
            && headers.get("x-collector-key").is_some_and(|sent| sent == key);
        let request = ExportTraceServiceRequest::decode(body).expect("protobuf");
        if is_right { (StatusCode::OK, told(request)) } else { (StatusCode::FORBIDDEN, vec![]) }
    })
    .await
}

/// A receiver of webhooks that keeps their headers and bodies.
pub(crate) async fn receiver() -> Listening<(HeaderMap, String)> {
    Listening::start(|_, headers, body| {
        (StatusCode::OK, vec![(headers.clone(), String::from_utf8_lossy(&body).into_owned())])
    })
    .await
}

fn told(request: ExportTraceServiceRequest) -> Vec<Told> {
    let mut all = vec![];
    for group in request.resource_spans {
        let about = fields(group.resource.expect("a resource").attributes);
        assert_eq!(about["service.name"], "mailwright");
        let spans = group.scope_spans.into_iter().flat_map(|scope| scope.spans);
        all.extend(spans.map(|span| read(span, &about["service.instance.id"])));
    }
    all
}

fn read(span: Span, process: &str) -> Told {
    assert!(span.events.is_empty(), "the log is no part of it");
    Told {
        process: process.to_owned(),
        name: span.name,
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        kind: span.kind,
        links: span.links.len(),
        fields: fields(span.attributes),
    }
}

fn fields(list: Vec<KeyValue>) -> HashMap<String, String> {
    list.into_iter().map(|one| (one.key, text(one.value))).collect()
}

fn text(value: Option<AnyValue>) -> String {
    match value.and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a text takes it");
        text
    })
}
