//! An answer, and what every answer has to have.

use axum::body::to_bytes;
use axum::http::HeaderMap;
use axum::response::Response;
use model::refusal::Code;
use serde_json::Value;

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
}

impl Reply {
    /// Takes an answer in, and checks what every answer must have: one request id under both names,
    /// and the envelope when it is an error.
    pub(crate) async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a whole body");
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let reply = Self { status: parts.status.as_u16(), headers: parts.headers, json };
        let id = reply.header("peeker-request-id").expect("a request id");
        assert!(id.starts_with("req_") && id.len() == 30, "{id}");
        assert_eq!(reply.header("x-request-id"), Some(id));
        if reply.status >= 400 {
            reply.check_envelope();
        }
        reply
    }

    fn check_envelope(&self) {
        let error = &self.json["error"];
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        let code = Code::ALL.iter().find(|code| error["code"] == code.as_str());
        let code = code.unwrap_or_else(|| panic!("no code of ours: {self:?}"));
        assert!(code.status() == self.status || self.status == 503, "{self:?}");
        assert!(error["message"].as_str().is_some_and(|text| text.ends_with(['.', '?'])), "{self:?}");
        let allowed = ["code", "message", "field", "details"];
        let fields = error.as_object().expect("an object");
        assert!(fields.keys().all(|key| allowed.contains(&key.as_str())), "{self:?}");
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The same answer, when it has this status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.json);
        self
    }

    /// The error, when it has this status and code.
    #[track_caller]
    pub(crate) fn refuses(self, status: u16, code: &str) -> Value {
        let reply = self.is(status);
        assert_eq!(reply.json["error"]["code"], code, "{}", reply.json);
        reply.json["error"].clone()
    }

    /// The error, when it is an `invalid_request` at this field.
    #[track_caller]
    pub(crate) fn refuses_field(self, field: &str) -> Value {
        let error = self.refuses(400, "invalid_request");
        assert_eq!(error["field"], field, "{error}");
        error
    }

    pub(crate) fn data(&self) -> &Value {
        &self.json["data"]
    }
}
