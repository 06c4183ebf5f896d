//! How an authority is asked: in time, in answers of bounded length, without following anybody elsewhere.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::Bytes;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use model::clock::{Clock, SECOND, Time};

/// How long an answer may take.
const DEADLINE: Duration = Duration::from_secs(30);
/// How long an answer may be, in bytes: chains of certificates are a few thousand.
const LONGEST: usize = 1 << 20;

/// Asks an authority. Clones share what it has said last.
#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    not_before: Arc<AtomicI64>,
}

impl Client {
    /// Trusts whom the machine trusts, or `root` where it is given, in PEM.
    pub(super) fn new(root: Option<&str>, clock: Arc<dyn Clock>) -> Result<Self, reqwest::Error> {
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .https_only(true)
            .connect_timeout(DEADLINE)
            .timeout(DEADLINE);
        if let Some(root) = root {
            builder = builder.tls_certs_only(reqwest::Certificate::from_pem_bundle(root.as_bytes())?);
        }
        Ok(Self { http: builder.build()?, clock, not_before: Arc::default() })
    }

    /// Before when the authority wants to hear nothing, where it has said so since this was last asked.
    pub(super) fn not_before(&self) -> Option<Time> {
        Some(Time(self.not_before.swap(0, Ordering::Relaxed))).filter(|time| time.0 > 0)
    }

    async fn ask(self, request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, Error> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(other)?.to_bytes();
        let request = self.http.request(head.method, head.uri.to_string()).headers(head.headers).body(body);
        let mut response = request.send().await.map_err(other)?;
        let mut answer = http::Response::new(());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = response.headers().clone();
        self.note(response.status(), response.headers());
        let mut bytes = vec![];
        while let Some(chunk) = response.chunk().await.map_err(other)? {
            if bytes.len() + chunk.len() > LONGEST {
                return Err(Error::Str("an answer of bounded length"));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(answer.map(|()| http_body_util::Full::<Bytes>::from(bytes)).into())
    }

    /// Keeps when it is asked again, where it has refused to hear more now (RFC 8555 §6.6).
    fn note(&self, status: StatusCode, headers: &http::HeaderMap) {
        if !matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            return;
        }
        let said = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let seconds = said.trim().parse::<u32>().ok().map(|seconds| self.clock.now().plus(i64::from(seconds) * SECOND));
        if let Some(time) = seconds.or_else(|| Time::parse_http(said)) {
            self.not_before.store(time.0, Ordering::Relaxed);
        }
    }
}

impl HttpClient for Client {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        Box::pin(self.clone().ask(request))
    }
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Other(Box::new(error))
}
