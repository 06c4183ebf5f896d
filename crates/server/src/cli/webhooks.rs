//! `mailwright webhooks`.

use app::operator::PreparedEndpoint;
use clap::Subcommand;
use model::delivery::Endpoint;
use model::shown::{is_hidden, short};
use model::world::Environment;
use providers::egress::{Trust, UrlFault, check_url};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::admin::Desk;
use super::keys::{EnvironmentName, environment_of};
use super::{Common, Fail, out, verify};

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Make or replace the endpoint that the command line sets, and print its secret once
    Set {
        /// The partner's id or name
        #[arg(long)]
        partner: String,
        /// Whose events
        #[arg(long, value_enum)]
        environment: EnvironmentName,
        /// Where they are sent
        #[arg(long)]
        url: String,
    },
    /// List a partner's endpoints
    List {
        /// The partner's id or name
        #[arg(long)]
        partner: String,
    },
    /// Give the endpoint a new secret; the old one also signs for a day
    Rotate {
        /// The partner's id or name
        #[arg(long)]
        partner: String,
        /// Whose events
        #[arg(long, value_enum)]
        environment: EnvironmentName,
    },
    /// Say whether the signature of a webhook fits, and if not, which mistake was made
    Verify(verify::Options),
}

pub(super) async fn run(action: &Action, common: &Common) -> Result<(), Fail> {
    match action {
        Action::Set { partner, environment, url } => {
            let desk = Desk::open(common).await?;
            let new = prepare(&desk, partner, environment_of(*environment), url).await?;
            let (id, secret) = (&new.id, new.secret.expose_secret());
            let value = json!({ "id": id, "url": url, "secret": secret });
            out::either_secret(common.format, &value, || {
                format!("{secret}\n\nThis is the only time the secret is shown. Endpoint {id} gets events at {url}.")
            })?;
            desk.put_in_force(new.prepared).await
        }
        Action::List { partner } => list(&Desk::open(common).await?, partner, common).await,
        Action::Rotate { partner, environment } => {
            rotate(&Desk::open(common).await?, partner, environment_of(*environment), common).await
        }
        Action::Verify(options) => verify::run(options, common),
    }
}

/// Makes or replaces the one endpoint that the command line sets; answers its new secret.
pub(super) async fn set(desk: &Desk, partner: &str, environment: Environment, url: &str) -> Result<String, Fail> {
    let new = prepare(desk, partner, environment, url).await?;
    desk.put_in_force(new.prepared).await?;
    Ok(new.secret.expose_secret().to_owned())
}

/// The same, not in force yet.
async fn prepare(desk: &Desk, partner: &str, environment: Environment, url: &str) -> Result<PreparedEndpoint, Fail> {
    if url.contains(is_hidden) {
        let words = "has characters that cannot be seen; write it out by hand";
        return Err(Fail::refused(format!("{:?} {words}", short(url))));
    }
    let checked = check_url(url, Trust::of(environment, desk.config.development));
    let checked = checked.map_err(|fault| cannot_be_used(url, environment, &fault))?;
    let partner = desk.partner(partner).await?;
    Ok(desk.new_endpoint(&partner, environment, checked.as_str()).await?)
}

fn cannot_be_used(url: &str, environment: Environment, fault: &UrlFault) -> Fail {
    let help = match (fault, environment) {
        (UrlFault::NotPublic, Environment::Test) => {
            "; on your own machine use `mailwright listen --forward-to` with it, or set development = true (MAILWRIGHT_DEVELOPMENT=true) for the server and for this command too"
        }
        _ => "",
    };
    Fail::refused(format!("{:?} cannot be a webhook address: {fault}{help}", short(url)))
}

async fn list(desk: &Desk, partner: &str, common: &Common) -> Result<(), Fail> {
    let partner = desk.partner(partner).await?;
    let mut db = desk.store.read().await?;
    let mut endpoints = store::endpoints::of_partner(&mut db, &partner.id, Environment::Test).await?;
    endpoints.extend(store::endpoints::of_partner(&mut db, &partner.id, Environment::Live).await?);
    let status = |one: &Endpoint| if one.is_active() { "active" } else { "disabled" };
    let row = |one: &Endpoint| json!({ "id": one.id, "environment": one.environment, "url": one.url, "events": one.events, "status": status(one), "disabled_reason": one.disabled, "created_at": one.created_at });
    let values: Vec<_> = endpoints.iter().map(row).collect();
    out::either(common.format, &values, || {
        let said = |one: &Endpoint| match one.disabled {
            Some(reason) => format!("disabled ({})", reason.as_str()),
            None => "active".to_owned(),
        };
        let rows = endpoints
            .iter()
            .map(|one| vec![one.id.to_string(), one.environment.as_str().into(), said(one), one.url.clone()]);
        out::table(&["ID", "ENVIRONMENT", "STATUS", "URL"], rows.collect())
    })
}

async fn rotate(desk: &Desk, partner: &str, environment: Environment, common: &Common) -> Result<(), Fail> {
    let partner = desk.partner(partner).await?;
    let Some(new) = desk.new_endpoint_secret(&partner, environment).await? else {
        return Err(Fail::refused("there is no endpoint to rotate; make one with `mailwright webhooks set`"));
    };
    let secret = new.secret.expose_secret();
    let value = json!({ "id": new.id, "secret": secret, "old_secret_until": new.old_until });
    out::either_secret(common.format, &value, || {
        let until = new.old_until.map(|until| until.to_string()).unwrap_or_default();
        format!("{secret}\n\nThis is the only time the secret is shown. The old one also signs until {until}.")
    })?;
    desk.put_in_force(new.prepared).await
}
