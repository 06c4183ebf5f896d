//! What was answered under a key, for an hour.

use std::collections::BTreeMap;

use serde_json::Value;

use super::no;
use crate::server::Said;

/// How long an answer is kept, in seconds.
const KEPT: i64 = 3_600;

#[derive(Debug, Default)]
pub(super) struct Replays(BTreeMap<String, (Value, Said, i64)>);

impl Replays {
    /// What was said to this before, under this key; a no where that was something else.
    pub(super) fn known(&self, key: &str, body: &Value, now: i64) -> Option<Said> {
        let (asked, said, _) = self.0.get(key).filter(|(.., at)| now - at < KEPT)?;
        if asked != body {
            return Some(no(409, "Idempotency key has been reused for a different request"));
        }
        let mut said = said.clone();
        said.headers.push(("x-idempotent-replay".into(), "1".into()));
        Some(said)
    }

    /// Whatever was said is kept, a no too.
    pub(super) fn keep(&mut self, key: String, body: Value, mut said: Said, now: i64) -> Said {
        said.headers.push(("x-idempotency-key".into(), key.clone()));
        self.0.insert(key, (body, said.clone(), now));
        said
    }
}
