//! The collector: where spans are sent, as protobuf over HTTP.

use std::fmt;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;
use prost::Message as _;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response};
use url::Url;

/// How long a collector may take over a batch.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most that is read of its answer, in bytes.
const ANSWER: usize = 64 << 10;
/// Where traces are sent below the address of a collector.
const PATH: &str = "v1/traces";

/// Why no collector can be used at all.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The machine has no certificate roots.
    #[error("outgoing HTTPS cannot be set up; on a slim system, install the package ca-certificates")]
    Tls,
    /// The file of headers has something else in it.
    #[error("line {0} is no header; write each line as `Name: value`")]
    Header(usize),
}

/// What a collector wants in the head of each request, such as a key. It is never shown.
#[derive(Clone, Default)]
pub struct Headers(HeaderMap);

impl Headers {
    /// Reads lines of `Name: value`; empty ones and those that begin with `#` say nothing.
    ///
    /// # Errors
    /// The number of the first line that is none; not what it says, for it may be a secret.
    pub fn read(text: &str) -> Result<Self, Unusable> {
        let mut headers = HeaderMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, value) = line.split_once(':').ok_or(Unusable::Header(number))?;
            let name: HeaderName = name.trim().parse().map_err(|_| Unusable::Header(number))?;
            let mut value: HeaderValue = value.trim().parse().map_err(|_| Unusable::Header(number))?;
            value.set_sensitive(true);
            headers.append(name, value);
        }
        Ok(Self(headers))
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Headers({})", self.0.len())
    }
}

/// How a collector answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Greeting {
    /// It takes traces.
    Fine,
    /// It answered with this status.
    Refuses(u16),
    /// There was no answer.
    Silent,
}

impl Greeting {
    /// The same in words, after the name of a collector.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Fine => "takes traces".into(),
            Self::Refuses(status) => format!("answers {status}"),
            Self::Silent => "does not answer".into(),
        }
    }
}

/// A collector.
#[derive(Clone, Debug)]
pub struct Collector {
    client: Client,
    url: Url,
    headers: Headers,
}

impl Collector {
    /// The collector at this address; `/v1/traces` is added unless it is there.
    ///
    /// # Errors
    /// [`Unusable::Tls`].
    pub fn at(endpoint: &Url, headers: Headers) -> Result<Self, Unusable> {
        // Somebody may have installed it before us, which is just as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("Mailwright/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .map_err(|_| Unusable::Tls)?;
        Ok(Self { client, url: address(endpoint), headers })
    }

    /// Asks whether it would take anything.
    pub async fn greet(&self) -> Greeting {
        match self.post(&ExportTraceServiceRequest::default()).await {
            Ok(_) => Greeting::Fine,
            Err(greeting) => greeting,
        }
    }

    /// Sends spans; answers how many it did not want.
    pub(crate) async fn send(&self, spans: Vec<SpanData>, resource: &Resource) -> Result<u64, Greeting> {
        let resource = ResourceAttributesWithSchema::from(resource);
        let resource_spans = group_spans_by_resource_and_scope(spans, &resource);
        let answer = self.post(&ExportTraceServiceRequest { resource_spans }).await?;
        // Whoever says yes in other words has them all the same.
        let rejected = ExportTraceServiceResponse::decode(&*answer).ok().and_then(|answer| answer.partial_success);
        Ok(rejected.map_or(0, |partial| u64::try_from(partial.rejected_spans).unwrap_or(0)))
    }

    async fn post(&self, request: &ExportTraceServiceRequest) -> Result<Vec<u8>, Greeting> {
        let sending = self.client.post(self.url.clone()).headers(self.headers.0.clone());
        let sending = sending.header(CONTENT_TYPE, "application/x-protobuf").body(request.encode_to_vec());
        let answer = sending.send().await.map_err(|_| Greeting::Silent)?;
        match answer.status() {
            status if status.is_success() => Ok(beginning(answer).await),
            status => Err(Greeting::Refuses(status.as_u16())),
        }
    }
}

/// As much of an answer as counts.
async fn beginning(mut answer: Response) -> Vec<u8> {
    let mut read = vec![];
    while let Ok(Some(piece)) = answer.chunk().await {
        if read.len() + piece.len() > ANSWER {
            break;
        }
        read.extend_from_slice(&piece);
    }
    read
}

fn address(endpoint: &Url) -> Url {
    let mut url = endpoint.clone();
    let path = url.path().trim_end_matches('/').to_owned();
    if !path.ends_with(PATH) {
        url.set_path(&format!("{path}/{PATH}"));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_have_an_address_of_their_own_below_the_collectors() {
        for (given, meant) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("http://127.0.0.1:4318/", "http://127.0.0.1:4318/v1/traces"),
            ("https://otlp.example.com/one/two/", "https://otlp.example.com/one/two/v1/traces"),
            ("https://example.com/v1/traces", "https://example.com/v1/traces"),
            ("https://example.com/x?y=1", "https://example.com/x/v1/traces?y=1"),
        ] {
            assert_eq!(address(&Url::parse(given).unwrap()).as_str(), meant);
        }
    }

    #[test]
    fn headers_are_read_and_never_shown() {
        let headers = Headers::read("# ours\n\nAuthorization: Bearer very:secret\r\n x-team : mail \n").unwrap();
        assert!(headers.0["authorization"] == "Bearer very:secret" && headers.0["x-team"] == "mail");
        assert_eq!(format!("{headers:?} {:?}", headers.0["authorization"]), "Headers(2) Sensitive");
        for (text, line) in [("very-secret", "line 1"), ("a: b\nsecret name: x", "line 2"), ("a: \u{1}", "line 1")] {
            let error = Headers::read(text).unwrap_err().to_string();
            assert!(error.contains(line) && !error.contains("secret"), "{error}");
        }
    }
}
