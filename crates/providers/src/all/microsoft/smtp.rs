//! Whether a mailbox may be logged into over SMTP with a password: where the tenant has that switched off, as new ones have, one
//! mailbox after the other is let. See
//! <https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission>.

use serde::Deserialize;
use serde_json::json;

use super::Microsoft;
use super::exchange::{LET_LOG_IN, LOOK_AT_LOGIN};
use super::wire::User;
use crate::trouble::Trouble;

/// How a mailbox may be logged into.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Logins {
    /// `None` where it is as the tenant says for all.
    #[serde(default)]
    smtp_client_authentication_disabled: Option<bool>,
}

impl Microsoft {
    /// Lets a mailbox be logged into over SMTP, where the operator wants that and it may not be yet. Without the mail service's console
    /// a person is asked once the sequencer is seen not to get in.
    pub(super) async fn let_smtp(&self, user: &User) -> Result<(), Trouble> {
        if !(self.lets_smtp && self.has_exchange) || self.may_log_in(user).await? {
            return Ok(());
        }
        let parameters = json!({ "Identity": user.id, "SmtpClientAuthenticationDisabled": false });
        match self.command(LET_LOG_IN, parameters).await? {
            Ok(_) => Ok(()),
            // It was made a moment ago, which is not known everywhere.
            Err(no) if no.status == 404 || no.says("ManagementObjectNotFound") => Err(Trouble::Later(None)),
            Err(no) => Err(self.unmanaged(&no)),
        }
    }

    async fn may_log_in(&self, user: &User) -> Result<bool, Trouble> {
        match self.command(LOOK_AT_LOGIN, json!({ "Identity": user.id })).await? {
            Ok(value) => {
                let found = value.into_iter().next().and_then(|one| serde_json::from_value::<Logins>(one).ok());
                Ok(found.is_some_and(|found| found.smtp_client_authentication_disabled == Some(false)))
            }
            Err(no) if no.status == 404 || no.says("ManagementObjectNotFound") => Err(Trouble::Later(None)),
            Err(no) => Err(self.unmanaged(&no)),
        }
    }
}
