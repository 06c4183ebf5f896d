//! Query parameters that a call does not know: passed over and said so, or refused where the operator wants it.
//!
//! What a call knows is what its description says.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use model::refusal::{Fault, Refusal};
use model::shown::cut;
use url::form_urlencoded;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::{OpenApi, RefOr};

use crate::near::meant;
use crate::problem::Problem;
use crate::routes::BASE;

/// Says which parameters were passed over: each percent-encoded, and behind a near one which was meant.
const IGNORED: HeaderName = HeaderName::from_static("mailwright-ignored-parameters");

/// At most this many parameters of one request are told, and at most this many characters of each name.
const MOST: usize = 20;
const LONGEST: usize = 64;

/// The parameters of every call, and what happens to others.
pub(crate) struct Parameters {
    known: HashMap<(Method, String), Vec<String>>,
    refuse: bool,
}

/// A parameter that a call does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stranger {
    /// Its name, fit for a sentence.
    pub(crate) name: String,
    /// The known one that was probably meant.
    pub(crate) meant: Option<String>,
}

/// Those of one request.
#[derive(Clone)]
pub(crate) struct Strangers(pub(crate) Arc<[Stranger]>);

impl Parameters {
    /// As the description of the calls below the published base path has them.
    pub(crate) fn of(document: &OpenApi, refuse: bool) -> Self {
        let of_path = |(path, item): (&String, &PathItem)| {
            let path = format!("{BASE}{path}");
            let operations = [
                (Method::GET, item.get.as_ref()),
                (Method::POST, item.post.as_ref()),
                (Method::PATCH, item.patch.as_ref()),
                (Method::DELETE, item.delete.as_ref()),
            ];
            operations
                .into_iter()
                .filter_map(|(method, operation)| Some((method, operation?)))
                .map(move |(method, operation)| ((method, path.clone()), names(operation)))
                .collect::<Vec<_>>()
        };
        Self { known: document.paths.paths.iter().flat_map(of_path).collect(), refuse }
    }

    /// What a query has that the call does not know, each name once. `HEAD` is answered as `GET` is.
    fn strangers(&self, method: &Method, path: &str, query: &str) -> Vec<Stranger> {
        let method = if method == Method::HEAD { Method::GET } else { method.clone() };
        let known = self.known.get(&(method, path.to_owned())).map(Vec::as_slice).unwrap_or_default();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let mut found: Vec<Stranger> = vec![];
        for (sent, _) in form_urlencoded::parse(query.as_bytes()).filter(|(sent, _)| !known.contains(&sent.as_ref())) {
            if found.len() == MOST {
                break;
            }
            let name = cut(&sent, LONGEST);
            if !found.iter().any(|stranger| stranger.name == name) {
                let meant = meant(&name, &known).map(str::to_owned);
                found.push(Stranger { name: name.into_owned(), meant });
            }
        }
        found
    }
}

fn names(operation: &Operation) -> Vec<String> {
    let name = |parameter: &RefOr<Parameter>| match parameter {
        RefOr::T(one) if one.parameter_in == ParameterIn::Query => Some(one.name.clone()),
        _ => None,
    };
    operation.parameters.iter().flatten().filter_map(name).collect()
}

/// Looks at the query of a call before anything is read for it.
pub(crate) async fn look(State(known): State<Arc<Parameters>>, mut request: Request, next: Next) -> Response {
    let strangers = match (request.uri().query(), request.extensions().get::<MatchedPath>()) {
        (Some(query), Some(path)) => known.strangers(request.method(), &published(path.as_str()), query),
        _ => vec![],
    };
    if strangers.is_empty() {
        return next.run(request).await;
    }
    if known.refuse {
        return refused(&strangers).into_response();
    }
    let said = header(&strangers);
    request.extensions_mut().insert(Strangers(strangers.into()));
    let mut response = next.run(request).await;
    response.headers_mut().extend(said.map(|value| (IGNORED, value)));
    response
}

/// The path as it is described, whichever base it was reached by.
pub(crate) fn published(path: &str) -> Cow<'_, str> {
    path.strip_prefix(crate::routes::ALSO).map_or(Cow::Borrowed(path), |rest| Cow::Owned(format!("{BASE}{rest}")))
}

fn refused(strangers: &[Stranger]) -> Problem {
    let fault = |stranger: &Stranger| {
        let hint = match &stranger.meant {
            Some(right) => format!("did you mean `{right}`?"),
            None => "leave it out, or correct its name.".to_owned(),
        };
        Fault::invalid(&stranger.name, format!("There is no query parameter `{}` here; {hint}", stranger.name))
    };
    match Refusal::unless_empty(strangers.iter().map(fault).collect()) {
        Err(refusal) => refusal.into(),
        Ok(()) => Fault::invalid("", "There is a query parameter that this call does not know.").into(),
    }
}

fn header(strangers: &[Stranger]) -> Option<HeaderValue> {
    let mut said = String::new();
    for stranger in strangers {
        let between = if said.is_empty() { "" } else { ", " };
        let name: String = form_urlencoded::byte_serialize(stranger.name.as_bytes()).collect();
        // Writing to a text does not fail.
        let _ = write!(said, "{between}{name}");
        if let Some(meant) = &stranger.meant {
            let _ = write!(said, "; did-you-mean={meant}");
        }
    }
    HeaderValue::try_from(said).ok()
}
