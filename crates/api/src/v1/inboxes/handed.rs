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
            None if takes_csv(accepts) => Ok(Self::Csv),
            None => Ok(Self::Json),
        }
    }
}

/// Whether a sheet is named among what is accepted (RFC 9110, section 12.5.1): a weight of nothing says that it is not.
fn takes_csv(accepts: &str) -> bool {
    accepts.split(',').any(|range| {
        let mut parts = range.split(';').map(|part| part.trim().to_ascii_lowercase());
        let is_csv = parts.next().as_deref() == Some("text/csv");
        let weight = parts.find_map(|part| part.strip_prefix("q=").map(str::to_owned));
        is_csv && weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0))
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_sent_to_whoever_names_it_and_not_to_whoever_refuses_it() {
        for yes in ["text/csv", "application/json;q=0.5, Text/CSV; charset=utf-8; q=0.9"] {
            assert!(takes_csv(yes), "{yes}");
        }
        for no in ["", "*/*", "text/csv;q=0", "text/csv; q=0.000", "application/json, text/csv;q=0", "text/csv;q=much"]
        {
            assert!(!takes_csv(no), "{no}");
        }
    }
}
