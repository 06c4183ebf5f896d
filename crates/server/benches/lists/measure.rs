//! Times each call among few and many rows, in turn.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use server::cli::out;
use tokio::time::Instant;
use tower::ServiceExt as _;

use crate::calls::calls;
use crate::place::Place;
use crate::seeding::Size;

/// How much slower a list among many rows may be.
const MOST: f64 = 1.5;

/// About how many rows each list is asked for. All are read once before the time is taken: what is measured is how
/// much there is to do, not whether the machine's memory holds the whole database.
const ROWS: usize = 100;

/// How often a list that seems slower is measured, when all others have been: one that is, is slower every time, while
/// a database that still puts away what was seeded is not.
const TRIES: usize = 3;

/// Prints a table of both, and says whether every list stays flat.
pub(crate) async fn compare(name: &str, here: Side<'_>, there: Side<'_>, requests: usize) -> anyhow::Result<bool> {
    let mut measured = vec![];
    for call in 0..calls(here.size, 0).len() {
        measure(here, there, call, ROWS).await?;
        measured.push(measure(here, there, call, requests).await?);
    }
    for _ in 1..TRIES {
        for (call, times) in measured.iter_mut().enumerate().filter(|(_, times)| ratio(times) > MOST) {
            *times = measure(here, there, call, requests).await?;
        }
    }
    let paths = calls(there.size, there.size.orders / 2);
    let rows = paths.into_iter().zip(&measured).map(|(path, times)| row(path, times)).collect();
    out::line(&format!("\n{name}: {} and {} orders, milliseconds\n", here.size.orders, there.size.orders))
        .expect("standard output takes it");
    out::line(&out::table(&["CALL", "FEW p50", "p99", "MANY p50", "p99", "RATIO", ""], rows))
        .expect("standard output takes it");
    let mut ratios: Vec<_> = measured.iter().map(ratio).collect();
    ratios.sort_by(f64::total_cmp);
    let (middle, worst) = (ratios[ratios.len() / 2], ratios[ratios.len() - 1]);
    out::line(&format!("\n{} lists: {middle:.2} times as slow in the middle, {worst:.2} at worst\n", ratios.len()))
        .expect("standard output takes it");
    Ok(worst <= MOST)
}

fn ratio((one, other): &(Times, Times)) -> f64 {
    other.p99 / one.p99
}

fn row(path: String, times: &(Times, Times)) -> Vec<String> {
    let (one, other) = times;
    let verdict = if ratio(times) <= MOST { "flat" } else { "SLOWER" };
    let cells = [one.p50, one.p99, other.p50, other.p99].map(|ms| format!("{ms:.2}"));
    [vec![path], cells.to_vec(), vec![format!("{:.2}", ratio(times)), verdict.into()]].concat()
}

/// A place, and what was seeded there.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    pub(crate) place: &'a Place,
    pub(crate) size: Size,
}

/// One call in turn among few and many rows, about one row after the other.
async fn measure(here: Side<'_>, there: Side<'_>, call: usize, requests: usize) -> anyhow::Result<(Times, Times)> {
    let (mut one, mut other) = (vec![], vec![]);
    for n in 0..requests {
        one.push(time(here, call, n % ROWS).await?);
        other.push(time(there, call, n % ROWS).await?);
    }
    Ok((Times::of(one), Times::of(other)))
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

async fn time(side: Side<'_>, call: usize, n: usize) -> anyhow::Result<Duration> {
    let Side { place, size } = side;
    // Far from each other, and the same ones on every run.
    let row = i64::try_from(n)?.wrapping_mul(2_654_435_761) % size.orders;
    let path = calls(size, row).swap_remove(call);
    let request = Request::get(format!("/partner/v1{path}"))
        .header("authorization", format!("Bearer {}", place.key()))
        .body(Body::empty())?;
    let began = Instant::now();
    let response = place.router.clone().oneshot(request).await?;
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await?;
    let took = began.elapsed();
    anyhow::ensure!(status == StatusCode::OK, "{path}: {status}: {}", String::from_utf8_lossy(&body));
    anyhow::ensure!(!body.windows(9).any(|part| part == b"\"data\":[]"), "{path}: nothing was found");
    Ok(took)
}
