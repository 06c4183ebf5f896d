//! The mail service's own console, as far as nothing else can do it: commands that are sent to where its PowerShell module sends them.
//! The vendor does not support this interface.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Microsoft;
use super::service::Service;
use super::wire::{No, User};
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Method, Request};

/// The mailbox of the system itself, which answers for a tenant.
const SYSTEM: &str = "SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}";

#[derive(Debug, Deserialize)]
struct Output {
    #[serde(default)]
    value: Vec<Value>,
}

/// A command and whether it changes something.
pub(super) struct Command {
    operation: &'static str,
    name: &'static str,
    writes: bool,
}

/// Looks at a domain's signing.
pub(super) const LOOK_AT_SIGNING: Command =
    Command { operation: "look_at_signing", name: "Get-DkimSigningConfig", writes: false };
/// Makes its keys.
pub(super) const MAKE_KEYS: Command = Command { operation: "make_keys", name: "New-DkimSigningConfig", writes: true };
/// Switches it on.
pub(super) const SIGN: Command = Command { operation: "sign", name: "Set-DkimSigningConfig", writes: true };
/// Looks at how a mailbox may be logged into.
pub(super) const LOOK_AT_LOGIN: Command = Command { operation: "look_at_login", name: "Get-CASMailbox", writes: false };
/// Changes that.
pub(super) const LET_LOG_IN: Command = Command { operation: "let_log_in", name: "Set-CASMailbox", writes: true };
/// Changes a mailbox.
const CHANGE_MAILBOX: Command = Command { operation: "drop_address", name: "Set-Mailbox", writes: true };

impl Microsoft {
    /// Sends a command, and answers what came out of it.
    pub(super) async fn command(&self, command: Command, parameters: Value) -> Result<Result<Vec<Value>, No>, Trouble> {
        let path = ["adminapi", "beta", &self.tenant, "InvokeCommand"];
        let body = json!({ "CmdletInput": { "CmdletName": command.name, "Parameters": parameters } });
        let request = Request::new(command.operation, Method::Post, &path).body(body);
        let request = request.header("x-cmdletname", command.name);
        let request = request.header("x-anchormailbox", format!("APP:{SYSTEM}@{}", self.tenant));
        let request = if command.writes { request } else { request.looks() };
        match self.ask(Service::Exchange, request).await? {
            Ok(answer) => Ok(Ok(answer.json::<Output>()?.value)),
            Err(no) if no.says("maximum number of concurrent requests") => Err(Trouble::Later(None)),
            Err(no) => Ok(Err(no)),
        }
    }

    /// Takes an address away from a user who has another. Nothing but the mail service can do that.
    pub(super) async fn drop_address(&self, holder: &User, email: &str) -> Result<(), Trouble> {
        if !self.has_exchange {
            return Err(Trouble::Refused(Refused::ForGood(format!(
                "{email} leads to {} at Microsoft: take it from that mailbox in the Exchange admin center, or choose another address.",
                holder.user_principal_name
            ))));
        }
        let removed = json!({ "@odata.type": "#Exchange.GenericHashTable", "remove": format!("smtp:{email}") });
        let parameters = json!({ "Identity": holder.id, "EmailAddresses": removed });
        match self.command(CHANGE_MAILBOX, parameters).await? {
            Ok(_) => Ok(()),
            Err(no) if no.status == 404 => Err(Trouble::Later(None)),
            Err(no) => Err(self.unmanaged(&no)),
        }
    }

    /// What a no of the mail service means where the adapter has no better word for it.
    pub(super) fn unmanaged(&self, no: &No) -> Trouble {
        match no.status {
            403 => Trouble::Misconfigured(format!(
                "The account {} may not manage Exchange Online: give its application the permission Exchange.ManageAsApp and the role \
                 Exchange Administrator, or set `exchange` to by_hand.",
                self.exchange.account()
            )),
            _ => Trouble::Refused(Refused::ForGood("Microsoft does not accept this; its words are in the log.".into())),
        }
    }
}
