//! The pages for owners of inboxes: a link leads to the first, which sends them to their mail host, and that sends them back. No key is
//! needed: whoever holds a link may follow it. What they come back with is stored, and not looked at here.

mod page;

use std::sync::Arc;

use app::consents::{self, Back, Standing, Visit, Visitor};
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{any, get};
use model::audit::Origin;
use model::consent::{Answer, NotNow};
use model::id::RequestId;
use model::secret::Secret;
use store::{Failure, Kind, on_behalf_of};
use url::{Url, form_urlencoded};

use crate::failed::{ClientAddress, Failures};
use crate::state::App;
use page::{Show, show};

/// What stands before the links.
pub(crate) const PATH: &str = "/consent/";
/// The longest that a mail host's code is, in bytes.
const LONGEST_CODE: usize = 4_096;

/// The pages.
pub(crate) fn routes(failures: Arc<Failures>) -> Router<Arc<App>> {
    Router::new()
        .route("/consent/callback", get(back))
        .route("/consent/{link}", get(open).post(go))
        .route("/consent/{link}/", any(none))
        .route("/consent/{link}/{*rest}", any(none))
        .route_layer(from_fn_with_state(failures, bound))
        .route_layer(from_fn(page::guard))
}

/// Counts links and answers that are none of ours, with the calls that come without a good key: whoever guesses is told less often.
async fn bound(State(failures): State<Arc<Failures>>, request: Request, next: Next) -> Response {
    let address = request.extensions().get::<ClientAddress>().copied();
    let response = next.run(request).await;
    if !matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST) {
        return response;
    }
    match failures.count(address) {
        Ok(()) => response,
        Err(seconds) => {
            let mut refused = show(StatusCode::TOO_MANY_REQUESTS, &Show::TooOften);
            refused.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            refused
        }
    }
}

/// What a link is about, and what to do. Programs that look at every link of a mail change nothing by it.
async fn open(State(app): State<Arc<App>>, Path(link): Path<String>) -> Response {
    match consents::visit(&app, &link).await {
        Ok(visit) => stands(&app, visit.as_ref()),
        Err(error) => broken(error.into()),
    }
}

/// A link that was not copied as it is.
async fn none() -> Response {
    show(StatusCode::NOT_FOUND, &Show::Unknown)
}

/// Goes to the mail host.
async fn go(State(app): State<Arc<App>>, Path(link): Path<String>, request: Request) -> Response {
    if app.store.is_full() {
        return show(StatusCode::SERVICE_UNAVAILABLE, &Show::Busy);
    }
    let visit = match consents::visit(&app, &link).await {
        Ok(Some(visit)) => visit,
        Ok(None) => return stands(&app, None),
        Err(error) => return broken(error.into()),
    };
    let inbox = visit.inbox.clone();
    let begun = consents::begin(&app, visitor(&app, &request), &visit);
    let environment = inbox.world.environment();
    match on_behalf_of(Kind::Request, Some((&inbox.partner, environment)), begun).await {
        Ok(Ok(page)) => Redirect::to(&page).into_response(),
        Ok(Err(NotNow::NotNeeded | NotNow::Over | NotNow::Checking | NotNow::Granted)) => {
            let path = format!("{PATH}{link}");
            Redirect::to(&path).into_response()
        }
        Ok(Err(NotNow::TooOften)) => show(StatusCode::TOO_MANY_REQUESTS, &Show::TooOften),
        Err(failure) => broken(failure),
    }
}

/// Comes back from the mail host. The address that they came with has the code in it: they are sent on to one that has not.
async fn back(State(app): State<Arc<App>>, request: Request) -> Response {
    if request.method() != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    if app.store.is_full() {
        return show(StatusCode::SERVICE_UNAVAILABLE, &Show::Busy);
    }
    let query = request.uri().query().unwrap_or_default();
    let Some((state, answer)) = said(query) else { return show(StatusCode::BAD_REQUEST, &Show::Unknown) };
    match consents::answer(&app, visitor(&app, &request), &state, answer).await {
        Ok(Back::To(link)) => Redirect::to(&format!("{PATH}{link}")).into_response(),
        Ok(Back::Done(email)) => show(StatusCode::OK, &Show::Done { email: &email }),
        Ok(Back::Checking(email)) => show(StatusCode::OK, &Show::Checking { email: &email, is_long: true }),
        Ok(Back::Over) => show(StatusCode::OK, &Show::Over),
        Ok(Back::Unknown) => show(StatusCode::BAD_REQUEST, &Show::Unknown),
        Err(failure) => broken(failure),
    }
}

/// The state and the answer in it; `None` when it is no answer, or says something twice.
fn said(query: &str) -> Option<(String, Answer)> {
    let (mut state, mut code, mut error) = (None, None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let place = match &*name {
            "state" => &mut state,
            "code" => &mut code,
            "error" => &mut error,
            _ => continue,
        };
        if place.replace(value.into_owned()).is_some() {
            return None;
        }
    }
    let answer = match (code, error.as_deref()) {
        (Some(code), None) if !code.is_empty() && code.len() <= LONGEST_CODE => Answer::Code(Secret::plain(code)),
        (None, Some("access_denied")) => Answer::Declined,
        (None, Some(_)) => Answer::Failed,
        _ => return None,
    };
    Some((state?, answer))
}

fn visitor(app: &App, request: &Request) -> Visitor {
    let extensions = request.extensions();
    let origin = Origin {
        request: extensions.get::<RequestId>().cloned(),
        address: extensions.get::<ClientAddress>().map(|client| client.0),
        ..Origin::default()
    };
    Visitor { origin, clock: app.clock.clone(), ids: app.ids.clone() }
}

fn stands(app: &App, visit: Option<&Visit>) -> Response {
    let Some(visit) = visit else { return show(StatusCode::NOT_FOUND, &Show::Unknown) };
    let email = visit.inbox.email.as_str();
    let (provider, asker, sequencer) = (visit.inbox.provider, visit.asker.as_str(), visit.sequencer());
    match visit.standing(app) {
        Standing::Asked(status) => {
            let goes_to = consents::page_of(app, visit).as_deref().and_then(origin_of);
            let mut answer = show(StatusCode::OK, &Show::Asked { email, provider, status, asker, sequencer });
            if let Some(policy) = goes_to.and_then(|origin| page::policy(&origin)) {
                answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
            }
            answer
        }
        Standing::Done => show(StatusCode::OK, &Show::Done { email }),
        Standing::Checking => {
            let is_long = visit.is_checked_long(app.clock.now());
            let mut answer = show(StatusCode::OK, &Show::Checking { email, is_long });
            let again = HeaderValue::from_static(if is_long { "60" } else { "3" });
            answer.headers_mut().insert("refresh", again);
            answer
        }
        Standing::Over => show(StatusCode::GONE, &Show::Over),
    }
}

/// Scheme and authority of a page.
fn origin_of(page: &str) -> Option<String> {
    Some(Url::parse(page).ok()?.origin().ascii_serialization())
}

fn broken(failure: Failure) -> Response {
    match failure {
        Failure::Refused(_) => show(StatusCode::GONE, &Show::Over),
        Failure::Broken(error) if !error.is_busy() => {
            tracing::error!(%error, "the consent of an inbox's owner cannot be read or written");
            show(StatusCode::INTERNAL_SERVER_ERROR, &Show::Busy)
        }
        Failure::Broken(_) | Failure::Lost => show(StatusCode::SERVICE_UNAVAILABLE, &Show::Busy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_mail_host_says_is_a_code_or_a_no_and_nothing_that_is_said_twice() {
        let code = |text: &str| Some(("s".to_owned(), Answer::Code(Secret::plain(text))));
        assert_eq!(said("code=4%2Fab&state=s&scope=x"), code("4/ab"));
        assert_eq!(said("error=access_denied&state=s"), Some(("s".into(), Answer::Declined)));
        assert_eq!(said("error=server_error&state=s"), Some(("s".into(), Answer::Failed)));
        let long = format!("code={}&state=s", "a".repeat(LONGEST_CODE + 1));
        for none in ["", "state=s", "code=a", "code=&state=s", "code=a&error=b&state=s", "code=a&code=b&state=s", &long]
        {
            assert_eq!(said(none), None, "{none}");
        }
    }
}
