//! Times each call among few and many rows, in turn.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use server::cli::out;
use tokio::time::Instant;
use tower::ServiceExt as _;

use crate::calls::calls;
use crate::place::Place;
use crate::size::Size;

/// How much slower a list among many rows may be.
const MOST: f64 = 1.5;

/// Requests before the time is taken.
const WARM_UP: usize = 30;

/// Prints a table of both, and says whether every list stays flat.
pub(crate) async fn compare(
    name: &str,
    (small, few): (&Place, Size),
    (large, many): (&Place, Size),
    requests: usize,
) -> anyhow::Result<bool> {
    let (mut rows, mut flat) = (vec![], true);
    for (here, there) in calls(few).into_iter().zip(calls(many)) {
        let (mut one, mut other) = (vec![], vec![]);
        for n in 0..WARM_UP + requests {
            let (a, b) = (time(small, &here).await?, time(large, &there).await?);
            if n >= WARM_UP {
                one.push(a);
                other.push(b);
            }
        }
        let (one, other) = (Times::of(one), Times::of(other));
        let ratio = other.p99 / one.p99;
        flat &= ratio <= MOST;
        let verdict = if ratio <= MOST { "flat" } else { "SLOWER" };
        let cells = [one.p50, one.p99, other.p50, other.p99].map(|ms| format!("{ms:.2}"));
        rows.push([vec![there], cells.to_vec(), vec![format!("{ratio:.2}"), verdict.into()]].concat());
    }
    out::line(&format!("\n{name}: {} and {} orders, milliseconds\n", few.orders, many.orders));
    out::line(&out::table(&["CALL", "FEW p50", "p99", "MANY p50", "p99", "RATIO", ""], rows));
    Ok(flat)
}

struct Times {
    p50: f64,
    p99: f64,
}

impl Times {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
        Self { p50: at(0.5), p99: at(0.99) }
    }
}

async fn time(place: &Place, path: &str) -> anyhow::Result<Duration> {
    let request = Request::get(format!("/partner/v1{path}"))
        .header("authorization", format!("Bearer {}", place.key()))
        .body(Body::empty())?;
    let began = Instant::now();
    let response = place.router.clone().oneshot(request).await?;
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await?;
    anyhow::ensure!(status == StatusCode::OK, "{path}: {status}: {}", String::from_utf8_lossy(&body));
    Ok(began.elapsed())
}
