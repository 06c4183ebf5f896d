//! A courier that records what it is given and answers as a story tells it to.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use engine::Courier;
use providers::egress::{EgressError, Reply, RetryAfter, Trust};
use serde_json::Value;
use tokio::sync::Notify;

/// A webhook as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) url: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Sent {
    pub(crate) fn event(&self) -> Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }

    pub(crate) fn kind(&self) -> String {
        self.event()["type"].as_str().expect("a type").to_owned()
    }
}

#[derive(Default)]
pub(crate) struct Recorder {
    sent: Mutex<Vec<Sent>>,
    answers: Mutex<HashMap<String, u16>>,
    waits: Mutex<HashMap<String, RetryAfter>>,
    bodies: Mutex<HashMap<String, Vec<u8>>>,
    held: Mutex<HashSet<String>>,
    unable: Mutex<HashSet<String>>,
    arrival: Notify,
}

impl Recorder {
    /// What an address answers from now on; 200 when nothing is said. 0: nobody listens there.
    pub(crate) fn answer(&self, url: &str, status: u16) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(url.into(), status);
    }

    /// What an address answers in its body from now on; `seen` when nothing is said.
    pub(crate) fn say(&self, url: &str, body: &[u8]) {
        self.bodies.lock().unwrap_or_else(PoisonError::into_inner).insert(url.into(), body.to_vec());
    }

    /// What an address asks for in `Retry-After` from now on.
    pub(crate) fn ask_to_wait(&self, url: &str, wait: RetryAfter) {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).insert(url.into(), wait);
    }

    /// Lets an address never answer.
    pub(crate) fn hold(&self, url: &str) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).insert(url.into());
    }

    /// Lets it answer again, whoever asks from now on.
    pub(crate) fn release(&self, url: &str) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).remove(url);
    }

    /// Lets this machine be unable to send to an address, until it is told otherwise.
    pub(crate) fn unable(&self, url: &str, unable: bool) {
        let mut set = self.unable.lock().unwrap_or_else(PoisonError::into_inner);
        if unable {
            set.insert(url.into())
        } else {
            set.remove(url)
        };
    }

    /// Waits until what was sent satisfies a condition.
    pub(crate) async fn until(&self, satisfied: impl Fn(&[Sent]) -> bool) {
        loop {
            let arrival = self.arrival.notified();
            if satisfied(&self.sent()) {
                return;
            }
            arrival.await;
        }
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Courier for Recorder {
    async fn post(
        &self,
        url: &str,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        _timeout: Duration,
        _trust: Trust,
    ) -> Result<Reply, EgressError> {
        if self.unable.lock().unwrap_or_else(PoisonError::into_inner).contains(url) {
            return Err(EgressError::Ours);
        }
        let status = self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(url).copied().unwrap_or(200);
        let sent = Sent {
            url: url.into(),
            headers: headers.into_iter().collect(),
            body: String::from_utf8_lossy(&body).into(),
        };
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
        self.arrival.notify_waiters();
        if self.held.lock().unwrap_or_else(PoisonError::into_inner).contains(url) {
            std::future::pending::<()>().await;
        }
        if status == 0 {
            return Err(EgressError::Connect);
        }
        let retry_after = self.waits.lock().unwrap_or_else(PoisonError::into_inner).get(url).copied();
        let said = self.bodies.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned();
        let body = said.unwrap_or_else(|| b"seen".to_vec());
        Ok(Reply { status, retry_after, content_type: None, body, complete: true })
    }
}
