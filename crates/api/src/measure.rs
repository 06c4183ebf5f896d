//! How often each call is made, what it is answered, and how long that takes.

use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use model::id::PartnerId;
use model::metric;

use crate::query::published;

/// What a request is counted under. Only what our routes say: a stranger's path would be a series of its own.
pub(crate) struct Measure {
    method: &'static str,
    route: String,
}

impl Measure {
    /// Of a request that has found its route.
    pub(crate) fn of(request: &Request) -> Self {
        let route = request.extensions().get::<MatchedPath>();
        let route = route.map_or_else(|| "none".to_owned(), |path| published(path.as_str()).into_owned());
        Self { method: method(request.method()), route }
    }

    /// The route, as our routes spell it.
    pub(crate) fn route(&self) -> &str {
        &self.route
    }

    /// Counts its answer, and whose it is.
    pub(crate) fn answered(self, status: StatusCode, took: Duration, partner: Option<&PartnerId>) {
        let (Self { method, route }, status) = (self, status.as_u16().to_string());
        if let Some(partner) = partner {
            let (partner, status) = (partner.to_string(), status.clone());
            metrics::counter!(metric::PARTNER_REQUESTS, "partner" => partner, "status" => status).increment(1);
        }
        metrics::histogram!(metric::REQUEST_SECONDS, "method" => method, "route" => route.clone()).record(took);
        metrics::counter!(metric::REQUESTS, "method" => method, "route" => route, "status" => status).increment(1);
    }
}

const fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
