//! How often a tenant of the smallest kind may be asked: units that fill up, and a window of writes.

use super::no;
use crate::server::{Asked, Said};

/// How many units there are, and fill up again in [`FILLS`].
pub const UNITS: i64 = 3_500;
/// How long they take to fill up, in seconds.
pub const FILLS: i64 = 10;
/// How many writes it takes in [`WINDOW`].
pub const WRITES: usize = 3_000;
/// The length of the window of writes, in seconds.
pub const WINDOW: i64 = 150;

/// What was used.
#[derive(Debug)]
pub(super) struct Limits {
    units: i64,
    filled_at: i64,
    /// When something was written, in seconds since the epoch.
    written: Vec<i64>,
    pub(super) refused: usize,
}

impl Limits {
    pub(super) const fn full(now: i64) -> Self {
        Self { units: UNITS, filled_at: now, written: vec![], refused: 0 }
    }

    /// Uses what a request costs, where that is left; otherwise says no.
    pub(super) fn take(&mut self, asked: &Asked, now: i64) -> Result<(), Said> {
        self.units = UNITS.min(self.units + (now - self.filled_at) * UNITS / FILLS);
        self.filled_at = now;
        let (cost, writes) = (cost(asked), asked.method != "GET");
        let lately = self.written.iter().rev().take_while(|at| now - **at < WINDOW).count();
        let wait = match () {
            () if writes && lately >= WRITES => self.written[self.written.len() - WRITES] + WINDOW - now,
            () if self.units < cost => 1,
            () => {
                self.units -= cost;
                self.written.extend(writes.then_some(now));
                return Ok(());
            }
        };
        self.refused += 1;
        let mut said = no(429, "TooManyRequests", "Too many requests");
        said.headers.push(("retry-after".into(), wait.to_string()));
        Err(said)
    }
}

/// In units, never less than one: a list of users costs two, who says what to tell of it pays one less.
fn cost(asked: &Asked) -> i64 {
    let base = if asked.method == "GET" && asked.path == "/v1.0/users" { 2 } else { 1 };
    let less = i64::from(asked.parameter("$select").is_some());
    (base - less).max(1)
}
