//! The one endpoint of a partner and environment that the command line sets.

use model::audit::Act;
use model::change::Change;
use model::clock::{Now, Time};
use model::delivery::{self, Endpoint, OVERLAP};
use model::id::EndpointId;
use model::partner::Partner;
use model::refusal::{Code, Fault, Refusal};
use model::secret::Secret;
use model::world::Environment;
use secrecy::SecretString;
use store::{Halt, StoreError, Tx, endpoints};

use super::{Did, Operator, Prepared, Put};

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
        let fresh = Endpoint {
            id: old.map_or_else(|| self.ids.next(), |old| old.id),
            partner: partner.id.clone(),
            environment,
            url: url.to_owned(),
            events: None,
            disabled: None,
            from_cli: true,
            secret: Secret::Plain(secret.clone()),
            old_secret: None,
            old_secret_until: None,
            failing_since: None,
            created_at: now.partner(),
            version: 1,
        };
        let id = fresh.id.clone();
        Ok(PreparedEndpoint { id, secret, old_until: None, prepared: Prepared(Put::Endpoint(fresh)) })
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
        let (id, old_until) = (endpoint.id, Some(now.partner().plus(OVERLAP)));
        let put = Put::Secret { partner: partner.clone(), environment, secret: Secret::Plain(secret.clone()) };
        Ok(Some(PreparedEndpoint { id, secret, old_until, prepared: Prepared(put) }))
    }
}

/// The endpoint of the command line becomes this one: the one that is there, or it is made.
pub(super) async fn replaced(tx: &mut Tx, fresh: Endpoint) -> Result<(Change, Did), Halt> {
    let mut change = Change::default();
    let mut did = did(Act::EndpointSet, &fresh);
    match endpoints::from_cli(tx, &fresh.partner, fresh.environment).await? {
        Some(old) => {
            did.subject = Some(old.id.to_string());
            change.endpoints.update.push(Endpoint {
                id: old.id,
                events: old.events,
                created_at: old.created_at,
                version: old.version,
                ..fresh
            });
        }
        None => change.endpoints.insert.push(fresh),
    }
    Ok((change, did))
}

fn did(act: Act, endpoint: &Endpoint) -> Did {
    let (partner, environment) = (Some(endpoint.partner.clone()), Some(endpoint.environment));
    Did { act, partner, environment, subject: Some(endpoint.id.to_string()) }
}

/// It has another secret, and the old one also signs for a day.
pub(super) async fn rotated(
    tx: &mut Tx,
    partner: &Partner,
    environment: Environment,
    secret: Secret,
    now: Time,
) -> Result<(Change, Did), Halt> {
    let found = endpoints::from_cli(tx, &partner.id, environment).await?;
    let gone =
        || Refusal::from(Fault::new(Code::NotFound, "the endpoint is gone; make one with `mailwright webhooks set`"));
    let now = Now { server: now, offset: partner.offset(environment) };
    let endpoint = found.ok_or_else(gone)?;
    let did = did(Act::EndpointRotateSecret, &endpoint);
    Ok((delivery::rotate(&endpoint, secret, OVERLAP, now).change, did))
}
