//! What a vendor is asked.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;
use url::Url;
use url::form_urlencoded;

use super::Promise;

/// One request, as an adapter makes it: without address, credentials, or when it may be sent.
#[derive(Clone)]
pub struct Request {
    pub(super) operation: &'static str,
    pub(super) method: reqwest::Method,
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Body>,
    pub(super) writes: bool,
    pub(super) deadline: Option<Duration>,
    pub(super) hidden: Vec<SecretString>,
    pub(super) ends_with_slash: bool,
    pub(super) is_private: bool,
    pub(super) promise: Option<Arc<Promise>>,
}

/// What is sent.
#[derive(Clone)]
pub(super) enum Body {
    Json(Value),
    /// Fields by their names, as pages send them.
    Form(Vec<(&'static str, String)>),
    /// Of a media type.
    Bytes(&'static str, Vec<u8>),
}

impl Body {
    pub(super) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Json(value) => value.to_string().into_bytes(),
            Self::Form(fields) => {
                form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes()
            }
            Self::Bytes(_, bytes) => bytes.clone(),
        }
    }

    pub(super) const fn media_type(&self) -> &'static str {
        match self {
            Self::Json(_) => "application/json",
            Self::Form(_) => "application/x-www-form-urlencoded",
            Self::Bytes(media_type, _) => media_type,
        }
    }
}

/// The methods that vendors' interfaces have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Looks.
    Get,
    /// Makes, or asks with a body.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    const fn http(self) -> reqwest::Method {
        match self {
            Self::Get => reqwest::Method::GET,
            Self::Post => reqwest::Method::POST,
            Self::Put => reqwest::Method::PUT,
            Self::Patch => reqwest::Method::PATCH,
            Self::Delete => reqwest::Method::DELETE,
        }
    }
}

impl Request {
    /// `operation` is what it is for, in a word that metrics, logs and paces know: `check`, `register`. `path` are the
    /// segments behind the base address; what stands in one cannot leave it. Everything but a GET writes, unless it
    /// [`looks`](Self::looks).
    #[must_use]
    pub fn new(operation: &'static str, method: Method, path: &[&str]) -> Self {
        Self {
            operation,
            method: method.http(),
            path: path.iter().map(|segment| (*segment).to_owned()).collect(),
            query: vec![],
            headers: vec![],
            body: None,
            writes: method != Method::Get,
            deadline: None,
            hidden: vec![],
            ends_with_slash: false,
            is_private: false,
            promise: None,
        }
    }

    /// It changes nothing, whatever its method.
    #[must_use]
    pub fn looks(self) -> Self {
        Self { writes: false, ..self }
    }

    /// It changes something, although it is a GET.
    #[must_use]
    pub fn writes(self) -> Self {
        Self { writes: true, ..self }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Adds a header, such as a key that makes it repeatable.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// What is sent, as JSON.
    #[must_use]
    pub fn body(self, body: Value) -> Self {
        Self { body: Some(Body::Json(body)), ..self }
    }

    /// What is sent, as a form (RFC 6749 has tokens asked for so).
    #[must_use]
    pub fn form(self, fields: Vec<(&'static str, String)>) -> Self {
        Self { body: Some(Body::Form(fields)), ..self }
    }

    /// What is sent, as it is: a picture.
    #[must_use]
    pub fn bytes(self, media_type: &'static str, bytes: Vec<u8>) -> Self {
        Self { body: Some(Body::Bytes(media_type, bytes)), ..self }
    }

    /// It is one of the calls that were promised, while any of these is left.
    #[must_use]
    pub(crate) fn promised(self, promise: Option<&Arc<Promise>>) -> Self {
        Self { promise: promise.cloned(), ..self }
    }

    /// The end of this exchange, where it is not the usual one.
    #[must_use]
    pub fn within(self, deadline: Duration) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// What is secret of what it is about, beside the account's credentials: it is shown nowhere, be it that the vendor repeats
    /// it in its own words.
    #[must_use]
    pub fn hides<'a>(mut self, secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        self.hidden.extend(secrets.into_iter().cloned());
        self
    }

    /// What is answered may hold somebody's secrets in the vendor's own words: none of them are logged.
    #[must_use]
    pub fn private(self) -> Self {
        Self { is_private: true, ..self }
    }

    /// Its path ends with a slash, as some vendors have it.
    #[must_use]
    pub fn with_slash(self) -> Self {
        Self { ends_with_slash: true, ..self }
    }

    /// Its address; `None` when a segment is none: an empty one would ask for what stands before it, and be far more than
    /// was meant.
    pub(super) fn url(&self, base: &Url) -> Option<Url> {
        let is_none = |segment: &str| matches!(segment, "" | "." | "..") || segment.contains(char::is_control);
        if self.path.iter().any(|segment| is_none(segment)) {
            return None;
        }
        let mut url = base.clone();
        url.path_segments_mut().ok()?.pop_if_empty().extend(&self.path).extend(self.ends_with_slash.then_some(""));
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Some(url)
    }
}

/// Neither parameters nor headers nor the body are shown: each may hold a secret.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("path", &self.path)
            .field("writes", &self.writes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn url(path: &[&str]) -> Option<String> {
        let base = Url::parse("https://api.example.com/v2/").unwrap();
        Request::new("check", Method::Get, path).url(&base).map(Into::into)
    }

    #[test]
    fn a_path_is_what_its_segments_say() {
        assert_eq!(url(&["domains", "a.com"]).as_deref(), Some("https://api.example.com/v2/domains/a.com"));
        let colon = "https://api.example.com/v2/domains:checkAvailability";
        assert_eq!(url(&["domains:checkAvailability"]).as_deref(), Some(colon), "some vendors refuse %3A");
        assert_eq!(url(&["a/../b?c#d"]).as_deref(), Some("https://api.example.com/v2/a%2F..%2Fb%3Fc%23d"));
        for none in ["", ".", "..", ".\t."] {
            assert_eq!(url(&["zones", none]), None, "{none}");
        }
    }

    #[test]
    fn a_slash_at_the_end_is_there_only_where_it_is_wanted() {
        let base = Url::parse("https://api.example.com/v2/").unwrap();
        let request = Request::new("look", Method::Get, &["accounts"]).with_slash().query("page", "1");
        assert_eq!(request.url(&base).unwrap().as_str(), "https://api.example.com/v2/accounts/?page=1");
    }

    #[test]
    fn parameters_are_escaped_and_not_shown() {
        let request = Request::new("look", Method::Get, &["a"]).query("name", "x&y=z").header("k", "hush");
        let base = Url::parse("https://api.example.com").unwrap();
        assert_eq!(request.url(&base).unwrap().as_str(), "https://api.example.com/a?name=x%26y%3Dz");
        let shown = format!("{:?}", request.body(serde_json::json!({ "password": "hush" })));
        assert!(shown.contains("look") && !shown.contains("hush") && !shown.contains("x&y"), "{shown}");
    }

    #[test]
    fn a_form_is_escaped_and_a_picture_is_sent_as_it_is() {
        let request = Request::new("x", Method::Post, &["a"]);
        let form = request.clone().form(vec![("scope", "a b&c".into())]).body.unwrap();
        assert_eq!((form.bytes(), form.media_type()), (b"scope=a+b%26c".to_vec(), "application/x-www-form-urlencoded"));
        let picture = request.bytes("image/png", vec![0, 255]).body.unwrap();
        assert_eq!((picture.bytes(), picture.media_type()), (vec![0, 255], "image/png"));
    }

    #[test]
    fn what_writes_is_said_where_the_method_does_not() {
        let writes = |method| Request::new("x", method, &["a"]).writes;
        assert!(!writes(Method::Get) && writes(Method::Post) && writes(Method::Delete));
        assert!(!Request::new("x", Method::Post, &["a"]).looks().writes);
        assert!(Request::new("x", Method::Get, &["a"]).writes().writes);
    }

    proptest! {
        #[test]
        fn nothing_in_a_segment_leaves_it(segment in "\\PC{1,40}") {
            prop_assume!(segment != "." && segment != "..");
            let base = Url::parse("https://api.example.com/v2").unwrap();
            let url = Request::new("x", Method::Delete, &["zones", &segment, "records"]).url(&base).unwrap();
            prop_assert_eq!(url.host_str(), Some("api.example.com"));
            prop_assert!(url.query().is_none() && url.fragment().is_none());
            let segments: Vec<_> = url.path_segments().unwrap().collect();
            prop_assert_eq!(segments.len(), 4, "{}", url);
        }
    }
}
