//! The operator's own listener: how the server is, for whoever runs it. It stands apart from the API, so that it answers when
//! the API's doors are full, and needs a token of its own.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::config::{Access, Config};
use crate::doors::Door;
use crate::wire::Wired;

pub mod audit;
mod chosen;
mod gate;
pub mod kept;
mod metrics;
pub mod notices;

use gate::Gate;

/// Its name in metrics.
const NAME: &str = "operator";
/// How many connections it takes: a handful of programs look.
pub(crate) const PLACES: usize = 64;

/// Where the operator's listener is, and who gets in.
#[derive(Debug)]
pub struct Entrance {
    listener: TcpListener,
    /// The file of its token; `None` when everybody who reaches it gets in.
    pub token_file: Option<PathBuf>,
}

impl Entrance {
    /// Takes the port. `None` when the configuration wants no listener.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub async fn open(config: &Config) -> io::Result<Option<Self>> {
        if config.operator_listen.is_empty() {
            return Ok(None);
        }
        let listener = TcpListener::bind(&config.operator_listen).await?;
        let token_file = (config.operator.access == Access::Token).then(|| config.operator_token_file());
        Ok(Some(Self { listener, token_file }))
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until the server has stopped. Every process has one of its own, whatever its part is.
    ///
    /// # Errors
    /// When the token cannot be read or made.
    pub fn serving(self, config: &Config, wired: &Wired) -> Result<impl Future<Output = ()> + use<>, kept::KeptError> {
        let ids = wired.app.ids.clone();
        let token = match &self.token_file {
            Some(file) => Some(kept::read_or_make(file, &kept::TOKEN, &ids)?),
            None => None,
        };
        let gate = Gate::new(&wired.store, token.as_ref(), self.token_file.as_deref());
        let source = metrics::Source::new(config, metrics::start(config.operator.partner_labels), wired);
        let router = router(wired, gate, source);
        let door = Arc::new(Door::new((NAME, PLACES), config, router, ids, wired.stop.clone(), wired.stop.clone()));
        Ok(door.serve(self.listener))
    }
}

/// What there is to read.
fn router(wired: &Wired, gate: Gate, source: metrics::Source) -> Router {
    let behind = Router::new()
        .route("/", get(contents))
        .route("/metrics", get(metrics::handler))
        .with_state(Arc::new(source))
        .merge(Router::new().route("/audit", get(audit::handler)).with_state(wired.store.clone()))
        .merge(Router::new().route("/notices", get(notices::handler)).with_state(wired.clone()))
        .route_layer(from_fn_with_state(Arc::new(gate), gate::admit));
    api::probes(wired.app.clone()).merge(behind)
}

async fn contents() -> Json<Value> {
    Json(json!({ "paths": ["/audit", "/healthz", "/metrics", "/notices", "/readyz"] }))
}
