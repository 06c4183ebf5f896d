//! How often a key may be used.

use serde_json::json;

use super::answers::{No, no};
use crate::server::Said;

/// The standard plan: so many calls in so many seconds.
const LIMITS: [(usize, i64); 3] = [(10, 1), (60, 60), (1_000, 3_600)];

/// When a key was used, in seconds since the epoch.
#[derive(Debug, Default)]
pub(super) struct Limits {
    used: Vec<i64>,
    pub(super) refused: usize,
}

impl Limits {
    /// Uses the key once, where there is room; otherwise says no.
    pub(super) fn take(&mut self, now: i64, shape: No) -> Result<(), Said> {
        let full = LIMITS.iter().filter(|(most, window)| self.within(now, *window) >= *most);
        let wait = full.map(|(most, window)| self.used[self.used.len() - most] + window - now).max();
        let Some(seconds) = wait else {
            self.used.push(now);
            return Ok(());
        };
        self.refused += 1;
        let mut said = no(shape, 429, "Rate limit exceeded. Please try again later.");
        match shape {
            No::Coded => said.body.iter_mut().for_each(|body| body["error"]["retry_after"] = json!(seconds)),
            No::Text | No::Message => said.headers.push(("retry-after".into(), seconds.to_string())),
        }
        Err(said)
    }

    fn within(&self, now: i64, window: i64) -> usize {
        self.used.iter().rev().take_while(|at| now - **at < window).count()
    }

    /// What is left of a minute.
    pub(super) fn headers(&self, now: i64) -> Vec<(String, String)> {
        let (most, window) = LIMITS[1];
        let text = |name: &str, value: String| (format!("x-ratelimit-{name}"), value);
        let first = self.used.iter().find(|at| now - **at < window).copied().unwrap_or(now);
        vec![
            text("limit", most.to_string()),
            text("remaining", most.saturating_sub(self.within(now, window)).to_string()),
            text("reset", (first + window).to_string()),
        ]
    }
}
