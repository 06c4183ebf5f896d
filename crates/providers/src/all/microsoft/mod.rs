//! Microsoft 365: hosts mailboxes. See <https://learn.microsoft.com/graph/api/overview>.
//!
//! An application of the tenant's own acts in its name. Records are never made up here: what a domain wants is answered, some of it
//! only once the domain is verified. A mailbox exists when its addresses have come back from the mail service, minutes after its
//! user was licensed. What only the mail service can do (the signing key, taking an address from somebody) goes through the
//! interface that its own console uses, which the vendor does not support: it is behind a switch.

mod account;
mod closing;
mod cloud;
mod consent;
mod domain;
mod exchange;
mod guide;
mod holder;
mod licence;
mod mail_host;
mod mailbox;
mod photo;
mod renaming;
mod service;
mod signing;
mod smtp;
mod tokens;
mod users;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use model::action::ActionReason;
use model::clock::Clock;
use model::role::Role;
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;

use self::cloud::Hosts;
use self::service::Service;
use self::tokens::Tokens;
use self::wire::No;
use crate::consent::Application;
use crate::descriptor::{Descriptor, Field};
use crate::kind::{Kind, Opened, Said};
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Answer, Auth, Pace, Request, Vendor, VendorSettings};

/// What Microsoft 365 is.
pub const DESCRIPTOR: Descriptor = Descriptor {
    name: "microsoft",
    title: "Microsoft 365",
    roles: &[Role::Mail],
    fields: &[
        Field::plain("tenant", "The tenant's number (directory ID)"),
        Field::plain("client", "The number of an application that is registered in it (client ID)"),
        Field::secret("secret", "A client secret of that application"),
        Field::plain("usage_location", "The country that its users are licensed for, two letters"),
        Field::plain("licence", "What each user is licensed for: the SKU's name, such as `EXCHANGESTANDARD`, or its number"),
        Field::plain(
            "exchange",
            "`automatic` where the application may manage Exchange Online, `by_hand` where people switch DKIM on; `by_hand` where left out",
        )
        .or_none(),
        Field::plain(
            "smtp_auth",
            "`true` where mailboxes are to be logged into over SMTP, by whichever way `exchange` says; `false` where left out",
        )
        .or_none(),
        Field::plain("cloud", "`global`, `us_government` or `china`; `global` where left out").or_none(),
        Field::plain("login_url", "Where tokens are asked for, if elsewhere than in that cloud").or_none(),
        Field::plain("graph_url", "Where domains and users are, if elsewhere than in that cloud").or_none(),
        Field::plain("exchange_url", "Where the mail service is managed, if elsewhere than in that cloud").or_none(),
        Field::plain(
            "oauth_client_id",
            "The number of a web application that owners of inboxes consent to; left out where sequencers get in otherwise",
        )
        .or_none(),
        Field::secret("oauth_client_secret", "A client secret of that application").or_none(),
    ],
    max_in_flight: MAX_IN_FLIGHT,
    guide: guide::GUIDE,
};

/// How tenants of Microsoft 365 are made.
pub const KIND: Kind = Kind { descriptor: DESCRIPTOR, open };

/// Where tokens are asked for.
pub const LOGIN_URL: &str = "https://login.microsoftonline.com";
/// Where domains and users are.
pub const GRAPH_URL: &str = "https://graph.microsoft.com";
/// Where the mail service is managed.
pub const EXCHANGE_URL: &str = "https://outlook.office365.com";

const MAX_IN_FLIGHT: usize = 8;

fn open(said: &Said) -> Result<Opened, String> {
    let value = |key| said.value(key).to_owned();
    let fields = Fields {
        tenant: value("tenant"),
        client: value("client"),
        secret: said.secret("secret"),
        usage_location: value("usage_location"),
        licence: value("licence"),
        exchange: value("exchange"),
        smtp_auth: value("smtp_auth"),
        cloud: value("cloud"),
        login_url: value("login_url"),
        graph_url: value("graph_url"),
        exchange_url: value("exchange_url"),
        oauth_client_id: value("oauth_client_id"),
        oauth_client_secret: said.secret("oauth_client_secret"),
    };
    let base = said.base_url.as_deref();
    let account = Microsoft::open(said.name, base, &fields, said.clock.clone(), |settings| said.client(settings))?;
    let account = Arc::new(account);
    Ok(Opened { microsoft: Some(account.clone()), account: Some(account), ..Opened::default() })
}

/// What an operator says of a tenant; empty is left out.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the descriptor says it")]
pub struct Fields {
    pub tenant: String,
    pub client: String,
    pub secret: SecretString,
    pub usage_location: String,
    pub licence: String,
    pub exchange: String,
    pub smtp_auth: String,
    pub cloud: String,
    pub login_url: String,
    pub graph_url: String,
    pub exchange_url: String,
    pub oauth_client_id: String,
    pub oauth_client_secret: SecretString,
}

impl Fields {
    /// What of it will not do, in a sentence that begins with its key.
    fn fault(&self) -> Option<&'static str> {
        let is_number = |text: &str| text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        let is_country = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
        match self {
            _ if !is_number(&self.tenant) => {
                Some("tenant is not a number of 36 characters, as its overview page shows it")
            }
            _ if !is_number(&self.client) => {
                Some("client is not a number of 36 characters, as the application's page shows it")
            }
            _ if !is_country(&self.usage_location) => {
                Some("usage_location is not a country of two letters, such as DE or US")
            }
            _ if !matches!(self.exchange.as_str(), "" | "automatic" | "by_hand") => {
                Some("exchange is neither automatic nor by_hand")
            }
            _ if !matches!(self.smtp_auth.as_str(), "" | "true" | "false") => {
                Some("smtp_auth is neither true nor false")
            }
            _ => None,
        }
    }
}

/// A tenant of Microsoft 365.
pub struct Microsoft {
    graph: Arc<Vendor>,
    exchange: Arc<Vendor>,
    tokens: Tokens,
    tenant: String,
    usage_location: String,
    licence: String,
    has_exchange: bool,
    lets_smtp: bool,
    application: Option<Application>,
}

impl Microsoft {
    /// The tenant of these fields, through clients that `client` makes: each of the vendor's services has an address, or all of
    /// them `base_url`.
    ///
    /// # Errors
    /// A sentence that begins with the field that will not do.
    pub fn open(
        name: &str,
        base_url: Option<&str>,
        fields: &Fields,
        clock: Arc<dyn Clock>,
        client: impl Fn(VendorSettings) -> Result<Arc<Vendor>, String>,
    ) -> Result<Self, String> {
        if let Some(fault) = fields.fault() {
            return Err(fault.into());
        }
        let hosts = Hosts::of(fields).ok_or("cloud is none of global, us_government and china")?;
        let at = |usual: &str| client(Self::settings(name, base_url.unwrap_or(usual)));
        let login = VendorSettings {
            meaning: tokens::meaning,
            ..VendorSettings::new(name, base_url.unwrap_or(&hosts.login), Auth::Nobody)
        };
        let application = consent::application(name, base_url, fields, &clock, &client)?;
        Ok(Self {
            graph: at(&hosts.graph)?,
            exchange: at(&hosts.exchange)?,
            tokens: Tokens::new(client(login)?, hosts, fields, clock),
            tenant: fields.tenant.clone(),
            usage_location: fields.usage_location.clone(),
            licence: fields.licence.clone(),
            has_exchange: fields.exchange == "automatic",
            lets_smtp: fields.smtp_auth == "true",
            application,
        })
    }

    /// How a client of such an account is to be. What the vendor has published for the smallest tenants: 3,500 units in 10 seconds,
    /// of which nothing that is asked here costs more than two, and 3,000 writes in 150 seconds, see
    /// <https://learn.microsoft.com/graph/throttling-limits>. Its answers tell the rest.
    fn settings(name: &str, base_url: &str) -> VendorSettings {
        VendorSettings {
            paces: vec![Pace::of_all(1_750, Duration::from_secs(10)), Pace::of_writes(3_000, Duration::from_secs(150))],
            max_in_flight: MAX_IN_FLIGHT,
            meaning: wire::meaning,
            ..VendorSettings::new(name, base_url, Auth::Nobody)
        }
    }

    /// Asks a service, with a token for it.
    async fn ask(&self, service: Service, request: Request) -> Result<Result<Answer, No>, Trouble> {
        let vendor = match service {
            Service::Graph => &self.graph,
            Service::Exchange => &self.exchange,
        };
        let token = self.tokens.get(service).await?;
        let request = request.header("authorization", format!("Bearer {}", token.expose_secret()));
        let answer = vendor.call(request).await?;
        if answer.is_success() {
            return Ok(Ok(answer));
        }
        let no = wire::no(&answer).ok_or_else(|| answer.unclear())?;
        match no.status {
            401 => {
                // Nothing was done. The next try has a new token, or is told why there is none.
                self.tokens.forget(service, &token).await;
                Err(Trouble::Later(None))
            }
            // Two have changed the same thing at once, and this one lost.
            409 => Err(Trouble::Later(None)),
            _ => Ok(Err(no)),
        }
    }

    /// What was asked for; `None` when there is none.
    async fn look<T: DeserializeOwned>(&self, request: Request) -> Result<Option<T>, Trouble> {
        match self.ask(Service::Graph, request).await? {
            Ok(answer) => answer.json().map(Some),
            Err(no) if no.status == 404 => Ok(None),
            Err(no) => Err(self.refused(&no)),
        }
    }

    /// What a no of Graph's means where the adapter has no better word for it.
    fn refused(&self, no: &No) -> Trouble {
        let account = self.graph.account();
        match no.status {
            403 => Trouble::Misconfigured(format!(
                "The account {account} may not do this at Microsoft: give its application the permissions Domain.ReadWrite.All, \
                 User.ReadWrite.All and Organization.Read.All (of type Application), and grant them for the tenant."
            )),
            _ if no.says("does not have any available licenses") => {
                Trouble::Refused(Refused::Ask(ActionReason::LicenceCapacity))
            }
            _ => Trouble::Refused(Refused::ForGood("Microsoft does not accept this; its words are in the log.".into())),
        }
    }
}
