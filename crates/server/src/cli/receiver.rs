//! The demo's webhook receiver: what a reseller's own code would be.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use engine::signature;
use secrecy::SecretString;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

/// A webhook as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Received {
    /// Its body.
    pub(super) event: Value,
    /// Whether both signatures fit the bytes.
    pub(super) verified: bool,
}

#[derive(Clone)]
struct Desk {
    secret: watch::Receiver<SecretString>,
    received: mpsc::UnboundedSender<Received>,
}

/// Receives on a listener until the program ends. The secret may come later than the address.
pub(super) fn start(listener: TcpListener, secret: watch::Receiver<SecretString>) -> mpsc::UnboundedReceiver<Received> {
    let (sender, received) = mpsc::unbounded_channel();
    let router = Router::new().route("/hooks", post(receive)).with_state(Desk { secret, received: sender });
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the demo's receiver stopped");
        }
    });
    received
}

async fn receive(State(desk): State<Desk>, headers: HeaderMap, body: String) -> StatusCode {
    let verified = verify(&desk.secret.borrow(), &headers, &body);
    let event = serde_json::from_str(&body).unwrap_or_default();
    // The demo may have ended already.
    let _ = desk.received.send(Received { event, verified });
    if verified { StatusCode::NO_CONTENT } else { StatusCode::UNAUTHORIZED }
}

/// Checks both header families before anything in the body is believed.
fn verify(secret: &SecretString, headers: &HeaderMap, body: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let seconds = |name: &str| text(name).parse().unwrap_or(0);
    signature::verify_peeker(secret, seconds("peeker-timestamp"), body, text("peeker-signature"))
        && signature::verify_standard(
            secret,
            text("webhook-id"),
            seconds("webhook-timestamp"),
            body,
            text("webhook-signature"),
        )
}
