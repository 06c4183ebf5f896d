//! Google Workspace: hosts mailboxes. See <https://developers.google.com/workspace/admin/directory/v1/guides>.
//!
//! A service account acts in the name of an administrator of the tenant, whom somebody has once allowed to be acted for. Four
//! things about it that no other vendor has: a name is proved to another interface than the one that keeps it, and the proof
//! belongs to whoever asked for it; a mailbox exists when `isMailboxSetup` says so and not when its user was made; a user who was
//! deleted keeps the address for twenty days; and "too often" is said with a 403. Its DKIM keys have no interface at all: who
//! makes them is a person, and what they paste comes from elsewhere.

mod account;
mod closing;
mod consent;
mod domain;
mod guide;
mod key;
mod licence;
mod mail_host;
mod mailbox;
mod photo;
mod renaming;
mod scope;
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

use self::key::ServiceKey;
use self::licence::Licence;
use self::scope::Scope;
use self::tokens::Tokens;
use self::wire::No;
use crate::consent::Application;
use crate::descriptor::{Descriptor, Field};
use crate::kind::{Kind, Opened, Said};
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Answer, Auth, Pace, Request, Vendor, VendorSettings};

/// What Google Workspace is.
pub const DESCRIPTOR: Descriptor = Descriptor {
    name: "google",
    title: "Google Workspace",
    roles: &[Role::Mail],
    fields: &[
        Field::secret("key", "The JSON key file of a service account with domain-wide delegation"),
        Field::plain("admin", "The address of a super administrator of the tenant, in whose name everything is done"),
        Field::plain("customer", "The tenant's customer number, `my_customer` where left out: the administrator's own").or_none(),
        Field::plain("org_unit", "The organisational unit that users are made in, `/` where left out").or_none(),
        Field::plain(
            "licence",
            "`automatic`, or the product and the SKU that each user gets, such as `Google-Apps/1010020027`; `automatic` where left \
             out",
        )
        .or_none(),
        Field::plain(
            "oauth_client_id",
            "The client ID of a web application that owners of inboxes consent to; left out where sequencers get in otherwise",
        )
        .or_none(),
        Field::secret("oauth_client_secret", "Its client secret").or_none(),
    ],
    max_in_flight: MAX_IN_FLIGHT,
    guide: guide::GUIDE,
};

/// How tenants of Google Workspace are made.
pub const KIND: Kind = Kind { descriptor: DESCRIPTOR, open };

/// Where domains and users are asked for.
pub const DIRECTORY_URL: &str = "https://admin.googleapis.com";
/// Where names are proved.
pub const SITES_URL: &str = "https://www.googleapis.com";
/// Where licences are given.
pub const LICENCES_URL: &str = "https://licensing.googleapis.com";

const MAX_IN_FLIGHT: usize = 8;

fn open(said: &Said) -> Result<Opened, String> {
    let fields = Fields {
        key: said.secret("key"),
        admin: said.value("admin").to_owned(),
        customer: said.value("customer").to_owned(),
        org_unit: said.value("org_unit").to_owned(),
        licence: said.value("licence").to_owned(),
        oauth_client_id: said.value("oauth_client_id").to_owned(),
        oauth_client_secret: said.secret("oauth_client_secret"),
    };
    let base = said.base_url.as_deref();
    let account = Google::open(said.name, base, &fields, said.clock.clone(), |settings| said.client(settings))?;
    let account = Arc::new(account);
    Ok(Opened { google: Some(account.clone()), account: Some(account), ..Opened::default() })
}

/// What an operator says of a tenant; empty is left out.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the descriptor says it")]
pub struct Fields {
    pub key: SecretString,
    pub admin: String,
    pub customer: String,
    pub org_unit: String,
    pub licence: String,
    pub oauth_client_id: String,
    pub oauth_client_secret: SecretString,
}

/// A tenant of Google Workspace.
pub struct Google {
    directory: Arc<Vendor>,
    sites: Arc<Vendor>,
    licences: Arc<Vendor>,
    tokens: Tokens,
    customer: String,
    org_unit: String,
    licence: Option<Licence>,
    application: Option<Application>,
}

impl Google {
    /// The tenant of these fields, through clients that `client` makes: the vendor's interfaces have an address each, or all of
    /// them `base_url`, and tokens come from where the key file says.
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
        let or = |value: &str, usual: &str| if value.is_empty() { usual } else { value }.to_owned();
        let key = ServiceKey::read(&fields.key)?;
        let token_client = client(VendorSettings {
            meaning: tokens::meaning,
            ..VendorSettings::new(name, key.token_uri.as_str(), Auth::Nobody)
        });
        let token_client =
            token_client.map_err(|_| "key has a token_uri that cannot be asked: it begins with https://")?;
        let at = |usual: &str| client(Self::settings(name, base_url.unwrap_or(usual)));
        let org_unit = or(&fields.org_unit, "/");
        if !org_unit.starts_with('/') {
            return Err("org_unit is not the path of an organisational unit: it begins with /".into());
        }
        if !fields.admin.contains('@') {
            return Err("admin is not the address of an administrator".into());
        }
        let application = consent::application(name, base_url, fields, &clock, &client)?;
        Ok(Self {
            directory: at(DIRECTORY_URL)?,
            sites: at(SITES_URL)?,
            licences: at(LICENCES_URL)?,
            tokens: Tokens::new(token_client, key, fields.admin.to_lowercase(), clock),
            customer: or(&fields.customer, "my_customer"),
            org_unit,
            licence: Licence::read(&fields.licence)?,
            application,
        })
    }

    /// How a client of such an account is to be. What the vendor has published: 2,400 requests a minute for each user and
    /// project, see <https://developers.google.com/workspace/admin/directory/v1/limits>.
    fn settings(name: &str, base_url: &str) -> VendorSettings {
        VendorSettings {
            paces: vec![Pace::of_all(2_400, Duration::from_secs(60))],
            max_in_flight: MAX_IN_FLIGHT,
            meaning: wire::meaning,
            ..VendorSettings::new(name, base_url, Auth::Nobody)
        }
    }

    /// Asks, with a token for its scope.
    async fn ask(&self, scope: Scope, request: Request) -> Result<Result<Answer, No>, Trouble> {
        let vendor = match scope {
            Scope::Domains | Scope::Users => &self.directory,
            Scope::Sites => &self.sites,
            Scope::Licences => &self.licences,
        };
        let token = self.tokens.get(scope).await?;
        let request = request.header("authorization", format!("Bearer {}", token.expose_secret()));
        let answer = vendor.call(request).await?;
        if answer.is_success() {
            return Ok(Ok(answer));
        }
        let no = wire::no(&answer).ok_or_else(|| answer.unclear())?;
        if no.status == 401 {
            // Nothing was done. The next try has a new token, or is told why there is none.
            self.tokens.forget(scope, &token).await;
            return Err(Trouble::Later(None));
        }
        Ok(Err(no))
    }

    /// What was asked for; `None` when there is none.
    async fn look<T: DeserializeOwned>(&self, scope: Scope, request: Request) -> Result<Option<T>, Trouble> {
        match self.ask(scope, request).await? {
            Ok(answer) => answer.json().map(Some),
            Err(no) if no.status == 404 => Ok(None),
            Err(no) => Err(self.refused(&no, scope)),
        }
    }

    /// What a no means where the adapter has no better word for it.
    fn refused(&self, no: &No, scope: Scope) -> Trouble {
        let (account, admin) = (self.directory.account(), self.tokens.subject());
        match no.status {
            403 if no.has("accessNotConfigured") || no.says("has not been used in project") => {
                Trouble::Misconfigured(format!(
                    "The {} is not switched on in the Google Cloud project of the account {account}'s service account: enable it \
                     there.",
                    scope.interface()
                ))
            }
            _ if is_full(no) => Trouble::Refused(Refused::Ask(ActionReason::LicenceCapacity)),
            403 => Trouble::Misconfigured(format!(
                "The account {account} may not do this at Google: {admin} has to be a super administrator, and its service \
                 account allowed {}.",
                scope.address()
            )),
            _ => Trouble::Refused(Refused::ForGood("Google does not accept this; its words are in the log.".into())),
        }
    }
}

/// Whether a tenant has no room: for users, or of licences.
fn is_full(no: &No) -> bool {
    matches!(no.status, 403 | 412)
        && (no.has("limitExceeded") || no.has("LimitExceeded") || no.says("available licenses"))
        || no.status == 403 && no.says("user limit")
}
