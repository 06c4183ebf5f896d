//! How often an account may ask for what.

use serde_json::{Value, json};

use crate::server::Said;

/// One limit, and when it was last made use of, in seconds since the epoch.
#[derive(Debug)]
struct Limit {
    most: usize,
    window: i64,
    used: Vec<i64>,
}

impl Limit {
    const fn new(most: usize, window: i64) -> Self {
        Self { most, window, used: vec![] }
    }

    /// Whether there is room for one more; else in how many seconds.
    fn room(&mut self, now: i64) -> Result<(), i64> {
        self.used.retain(|at| now - at < self.window);
        match self.used.len() < self.most {
            true => Ok(()),
            false => Err(self.used.first().map_or(0, |first| first + self.window - now)),
        }
    }

    fn told(&self) -> Value {
        json!({
            "TTL": self.window, "limit": self.most, "used": self.used.len(),
            "naturalLanguage": format!("{} out of {} within {} seconds used.", self.used.len(), self.most, self.window),
        })
    }
}

/// The limits of an account.
#[derive(Debug)]
pub(super) struct Limits {
    checks: Limit,
    tries: Limit,
    bought: Limit,
    renewed: Limit,
}

impl Limits {
    /// What every account begins with.
    pub(super) const fn usual() -> Self {
        Self {
            checks: Limit::new(1, 10),
            tries: Limit::new(1, 10),
            bought: Limit::new(10, 86_400),
            renewed: Limit::new(25, 86_400),
        }
    }

    pub(super) const fn none() -> Self {
        const MANY: usize = 1_000_000;
        Self {
            checks: Limit::new(MANY, 10),
            tries: Limit::new(MANY, 10),
            bought: Limit::new(MANY, 86_400),
            renewed: Limit::new(MANY, 86_400),
        }
    }

    pub(super) fn check(&mut self, now: i64) -> Result<Value, Said> {
        self.checks.room(now).map_err(|seconds| too_many(seconds, now))?;
        self.checks.used.push(now);
        Ok(self.checks.told())
    }

    /// A try to buy or to renew.
    pub(super) fn try_it(&mut self, renews: bool, now: i64) -> Result<(), Said> {
        self.tries.room(now).map_err(|seconds| too_many(seconds, now))?;
        let successes = if renews { &mut self.renewed } else { &mut self.bought };
        successes.room(now).map_err(|seconds| too_many(seconds, now))?;
        self.tries.used.push(now);
        Ok(())
    }

    /// It was bought or renewed.
    pub(super) fn succeed(&mut self, renews: bool, now: i64) -> Value {
        let successes = if renews { &mut self.renewed } else { &mut self.bought };
        successes.used.push(now);
        json!({ "attempts": self.tries.told(), "success": successes.told() })
    }

    /// The headers of an answer about names: the limit is used up, and is one of this operation alone.
    pub(super) fn check_headers(&mut self, now: i64) -> Vec<(String, String)> {
        let left = self.checks.most.saturating_sub(self.checks.used.len());
        let text = |name: &str, value: String| (name.to_owned(), value);
        vec![
            text("x-ratelimit-limit", self.checks.most.to_string()),
            text("x-ratelimit-remaining", left.to_string()),
            text("x-ratelimit-reset", (now + self.checks.window).to_string()),
        ]
    }
}

fn too_many(seconds: i64, now: i64) -> Said {
    let body = json!({
        "status": "ERROR", "code": "RATE_LIMIT_EXCEEDED", "message": "Rate limit exceeded. Please try again later.",
        "ttlRemaining": seconds,
    });
    let headers = vec![("x-ratelimit-reset".to_owned(), (now + seconds).to_string())];
    Said { status: 429, headers, body: Some(body) }
}
