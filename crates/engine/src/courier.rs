//! Who carries webhooks out: the guarded client, or a test's own.

use std::time::Duration;

use async_trait::async_trait;
use providers::egress::{Egress, EgressError, Reply, Trust};

/// Sends one signed body to one address.
#[async_trait]
pub trait Courier: Send + Sync {
    /// Sends, as far as `trust` reaches.
    ///
    /// # Errors
    /// When there was no answer, or the address must not be asked.
    async fn post(
        &self,
        url: &str,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        timeout: Duration,
        trust: Trust,
    ) -> Result<Reply, EgressError>;
}

#[async_trait]
impl Courier for Egress {
    async fn post(
        &self,
        url: &str,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        timeout: Duration,
        trust: Trust,
    ) -> Result<Reply, EgressError> {
        Self::post(self, url, headers, body, timeout, trust).await
    }
}
