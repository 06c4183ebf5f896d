//! The one endpoint of a partner and environment that the command line sets.

use model::change::Change;
use model::clock::{Now, Time};
use model::delivery::{self, Endpoint, OVERLAP};
use model::id::EndpointId;
use model::partner::Partner;
use model::secret::Secret;
use model::world::Environment;
use secrecy::SecretString;
use store::{StoreError, endpoints};

use super::{Operator, Prepared};

/// The endpoint, its new secret, and what puts both in force.
#[derive(Debug)]
pub struct PreparedEndpoint {
    /// Which it is.
    pub id: EndpointId,
    /// Its new secret.
    pub secret: SecretString,
    /// Until when the old one also signs, partner time; `None` when there is none.
    pub old_until: Option<Time>,
    /// What puts it in force.
    pub prepared: Prepared,
}

impl Operator {
    /// Makes or replaces the endpoint, at an address that was checked.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn new_endpoint(
        &self,
        partner: &Partner,
        environment: Environment,
        url: &str,
    ) -> Result<PreparedEndpoint, StoreError> {
        let now = Now { server: self.now(), offset: partner.offset(environment) };
        let old = endpoints::from_cli(&mut self.store.read().await?, &partner.id, environment).await?;
        let secret = delivery::new_secret(self.ids.random());
        let (mut change, is_new) = (Change::default(), old.is_none());
        let base = old.unwrap_or_else(|| Endpoint {
            id: self.ids.next(),
            partner: partner.id.clone(),
            environment,
            url: String::new(),
            events: None,
            disabled: None,
            from_cli: true,
            secret: Secret::Plain(secret.clone()),
            old_secret: None,
            old_secret_until: None,
            failing_since: None,
            created_at: now.partner(),
            version: 1,
        });
        let endpoint = Endpoint {
            url: url.to_owned(),
            disabled: None,
            failing_since: None,
            old_secret: None,
            old_secret_until: None,
            secret: Secret::Plain(secret.clone()),
            ..base
        };
        let id = endpoint.id.clone();
        let rows = if is_new { &mut change.endpoints.insert } else { &mut change.endpoints.update };
        rows.push(endpoint);
        Ok(PreparedEndpoint { id, secret, old_until: None, prepared: Prepared { change } })
    }

    /// Gives the endpoint a new secret; the old one also signs for a day. `None` when there is no endpoint.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn new_endpoint_secret(
        &self,
        partner: &Partner,
        environment: Environment,
    ) -> Result<Option<PreparedEndpoint>, StoreError> {
        let found = endpoints::from_cli(&mut self.store.read().await?, &partner.id, environment).await?;
        let Some(endpoint) = found else { return Ok(None) };
        let secret = delivery::new_secret(self.ids.random());
        let now = Now { server: self.now(), offset: partner.offset(environment) };
        let decided = delivery::rotate(&endpoint, Secret::Plain(secret.clone()), OVERLAP, now);
        let (id, old_until) = (decided.endpoint.id, Some(now.partner().plus(OVERLAP)));
        Ok(Some(PreparedEndpoint { id, secret, old_until, prepared: Prepared { change: decided.change } }))
    }
}
