//! The ceiling: the product's own client and signatures, and nothing that is remembered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use engine::signature;
use providers::egress::{Egress, Trust};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::receiver::Receiver;

/// So many are under way at once.
const TOGETHER: usize = 64;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Posts a second that this machine signs and sends, each with its answer.
pub(super) async fn rate(receiver: &Receiver, posts: usize, body: &str) -> anyhow::Result<f64> {
    receiver.came.clear();
    let (egress, next) = (Egress::new(true)?, Arc::new(AtomicUsize::new(0)));
    let (url, body) = (format!("{}/fast", receiver.url), body.to_owned());
    let began = Instant::now();
    let mut senders = JoinSet::new();
    for _ in 0..TOGETHER {
        let (egress, next, url, body) = (egress.clone(), next.clone(), url.clone(), body.clone());
        senders.spawn(async move {
            let secrets = [signature::new_secret([7; 32])];
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= posts {
                    return anyhow::Ok(());
                }
                let headers = signature::headers(&format!("evt_{number}"), 1_700_000_000, &body, &secrets);
                egress.post(&url, headers, body.clone().into_bytes(), TIMEOUT, Trust::Development).await?;
            }
        });
    }
    while let Some(ended) = senders.join_next().await {
        ended??;
    }
    let rate = posts as f64 / began.elapsed().as_secs_f64();
    receiver.came.clear();
    Ok(rate)
}
