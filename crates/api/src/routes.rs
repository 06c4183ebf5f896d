//! Every route.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::{self, Gate};
use crate::failed::Failures;
use crate::limit::Limiter;
use crate::query::{self, Parameters};
use crate::request_id::Tagger;
use crate::state::App;
use crate::{body, consent, docs, guard, health, keys, openapi, problem, request_id, v1};

/// The published base path.
pub(crate) const BASE: &str = "/partner/v1";
/// The same, as some integrations spell it.
pub(crate) const ALSO: &str = "/api/partner/v1";

fn partner() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(v1::me::get::handler))
        .routes(routes!(v1::users::list::handler, v1::users::create::handler))
        .routes(routes!(v1::users::get::handler, v1::users::change::handler, v1::users::remove::handler))
        .routes(routes!(v1::bundles::list::handler, v1::bundles::create::handler))
        .routes(routes!(v1::bundles::get::handler, v1::bundles::change::handler, v1::bundles::remove::handler))
        .routes(routes!(v1::domains::availability::handler))
        .routes(routes!(v1::domains::list::handler))
        .routes(routes!(v1::domains::get::handler))
        .routes(routes!(v1::domains::evidence::handler))
        .routes(routes!(v1::imports::find::handler, v1::imports::create::handler))
        .routes(routes!(v1::imports::create_job::handler))
        .routes(routes!(v1::imports::get_job::handler))
        .routes(routes!(v1::imports::get::handler))
        .routes(routes!(v1::forwarding::create::handler))
        .routes(routes!(v1::forwarding::get::handler))
        .routes(routes!(v1::orders::quote::handler))
        .routes(routes!(v1::orders::pending::list::handler))
        .routes(routes!(v1::orders::pending::resolve::handler))
        .routes(routes!(v1::orders::list::handler, v1::orders::create::handler))
        .routes(routes!(v1::orders::get::handler))
        .routes(routes!(v1::orders::cancel::handler, v1::orders::undo_cancel::handler))
        .routes(routes!(v1::swaps::list::handler, v1::swaps::create::handler))
        .routes(routes!(v1::swaps::create_user_names::handler))
        .routes(routes!(v1::swaps::get::handler))
        .routes(routes!(v1::swaps::cancel::handler))
        .routes(routes!(v1::orders::timeline::handler))
        .routes(routes!(v1::inboxes::list::handler))
        .routes(routes!(v1::inboxes::get::handler))
        .routes(routes!(v1::inboxes::access::handler, v1::inboxes::hand_out::handler))
        .routes(routes!(v1::orders::hand_out::handler))
        .routes(routes!(v1::ledger::list::handler))
        .routes(routes!(v1::events::list::handler))
        .routes(routes!(v1::events::get::handler))
        .routes(routes!(v1::sandbox::advance::handler))
        .routes(routes!(v1::sandbox::reset::handler))
        .routes(routes!(v1::webhook_endpoints::list::handler, v1::webhook_endpoints::create::handler))
        .routes(routes!(
            v1::webhook_endpoints::get::handler,
            v1::webhook_endpoints::change::handler,
            v1::webhook_endpoints::remove::handler
        ))
        .routes(routes!(v1::webhook_endpoints::rotate_secret::handler))
        .routes(routes!(v1::webhook_endpoints::test::handler))
        .routes(routes!(v1::webhook_endpoints::replay::handler))
        .routes(routes!(v1::webhook_deliveries::list::handler))
        .routes(routes!(v1::webhook_deliveries::get::handler))
        .routes(routes!(v1::webhook_deliveries::redeliver::handler))
}

fn open() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(health::alive)).routes(routes!(health::ready)).routes(routes!(keys::handler))
}

/// The description of every call, as it is served at `/openapi.json`.
#[must_use]
pub fn document() -> OpenApi {
    let routes = OpenApiRouter::with_openapi(openapi::frame()).nest(BASE, partner()).merge(open());
    openapi::finished(routes.into_openapi())
}

/// Whether the process is up and can do its work, alone: for a listener of its own.
pub fn probes(app: impl Into<Arc<App>>) -> Router {
    let app = app.into();
    let probes = OpenApiRouter::new().routes(routes!(health::alive)).routes(routes!(health::ready));
    Router::from(probes).layer(from_fn(problem::envelop)).layer(from_fn(guard::every)).with_state(app)
}

/// The whole API.
pub fn router(app: impl Into<Arc<App>>) -> Router {
    let app = app.into();
    let failures = Arc::new(Failures::new(app.settings.failed_per_minute, app.clock.clone()));
    let gate =
        Gate { app: app.clone(), limiter: Arc::new(Limiter::new(app.clock.clone())), failures: failures.clone() };
    // Not of the whole description: that is large, and is made when somebody asks for it.
    let (partner, described) = partner().split_for_parts();
    let parameters = Arc::new(Parameters::of(&described, app.settings.refuse_unknown_parameters));
    let partner = partner
        .route_layer(from_fn_with_state(parameters, query::look))
        .route_layer(from_fn_with_state(gate, caller::admit));
    let pages = docs::routes(&app.settings.public_url).route_layer(from_fn(guard::page));
    Router::from(open())
        .merge(pages)
        .merge(consent::routes(failures))
        .nest(BASE, partner.clone())
        .nest(ALSO, partner)
        .layer(DefaultBodyLimit::max(body::LIMIT))
        .layer(from_fn(body::limit))
        .layer(from_fn(problem::envelop))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(from_fn(guard::every))
        .layer(from_fn_with_state(Tagger::new(app.clone()), request_id::tag))
        .with_state(app)
}
