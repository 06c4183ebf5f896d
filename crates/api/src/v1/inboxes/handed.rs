//! The two forms in which logins are handed out.

use app::Told;
use app::access::{HandOut, Handed};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use model::idempotency::Said;
use model::refusal::Fault;
use model::secret::Secret;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::call::Call;
use crate::caller::Full;
use crate::problem::Problem;
use crate::repeat::respond;
use crate::told;

/// How they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AccessFormat)]
pub(crate) enum Form {
    /// As everything else.
    Json,
    /// As a sheet: comma-separated values, a line an inbox.
    Csv,
}

impl Form {
    /// The form that a call asks for.
    pub(crate) fn wanted(query: Option<&str>, headers: &HeaderMap) -> Result<Self, Problem> {
        let mut said =
            form_urlencoded::parse(query.unwrap_or_default().as_bytes()).filter(|(name, _)| name == "format");
        let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        match said.next().map(|(_, format)| format.into_owned()).as_deref() {
            Some("csv") => Ok(Self::Csv),
            Some("json") => Ok(Self::Json),
            Some(_) => Err(Fault::invalid("format", "`format` is `json` or `csv`.").into()),
            None if accepts.to_ascii_lowercase().contains("text/csv") => Ok(Self::Csv),
            None => Ok(Self::Json),
        }
    }
}

/// Puts it down, and then says it. The call has no memory: nothing of it is kept.
pub(crate) async fn answer<T: Serialize>(
    call: &Call<Full>,
    case: HandOut,
    form: Form,
    view: impl Fn(&Handed) -> T + Send + Sync + 'static,
) -> Answer {
    let tell = move |done: app::Done<Handed>| match form {
        Form::Json => told::secret(told::created(view(&done.value))),
        Form::Csv => {
            let said = Said::Sealed(Secret::Plain(done.value.sheet()));
            Told { status: StatusCode::CREATED.as_u16(), said, again: false }
        }
    };
    let mut response = respond(call.decide(case, tell).await?);
    if form == Form::Csv {
        let kind = HeaderValue::from_static("text/csv; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    Ok(response)
}
