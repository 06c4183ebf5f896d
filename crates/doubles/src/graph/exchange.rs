//! The console of the mail service: the commands that an adapter may send.

use serde_json::{Value, json};

use super::{Estate, Graph, TENANT, locked, no, yes};
use crate::server::{Asked, Said};

/// What requests for a tenant have to be sent to, with one @.
const ANCHOR: &str = "APP:SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}@";

#[derive(Clone, Debug)]
pub(super) struct Signing {
    pub(super) enabled: bool,
}

impl Graph {
    /// Nobody is let in over SMTP, as in new tenants.
    pub fn shut_smtp(&self) {
        locked(&self.estate).is_smtp_on = false;
    }

    /// Whether a mailbox of the tenant's may be logged into over SMTP; `None` of one that it does not have.
    #[must_use]
    pub fn lets_smtp(&self, email: &str) -> Option<bool> {
        let estate = locked(&self.estate);
        let is_there = estate.users.iter().any(|user| user.upn == email);
        is_there.then(|| estate.is_smtp_on || estate.smtp.contains(email))
    }
}

impl Estate {
    pub(super) fn command(&mut self, asked: &Asked) -> Said {
        let input = &asked.body["CmdletInput"];
        let (name, parameters) = (input["CmdletName"].as_str().unwrap_or_default(), &input["Parameters"]);
        let is_addressed = asked.header("x-anchormailbox") == Some(&format!("{ANCHOR}{TENANT}"));
        if !is_addressed || asked.header("x-cmdletname") != Some(name) || !parameters.is_object() {
            return no(400, "BadRequest", "The request is not addressed.");
        }
        match name {
            "Get-DkimSigningConfig" => self.look_at_signing(parameters),
            "New-DkimSigningConfig" => self.make_keys(parameters),
            "Set-DkimSigningConfig" => self.switch(parameters),
            "Get-CASMailbox" => self.look_at_login(parameters),
            "Set-CASMailbox" => self.change_login(parameters),
            "Set-Mailbox" => self.change_mailbox(parameters),
            _ => no(403, "Forbidden", "The role assigned to the application is not supported for this command."),
        }
    }

    fn look_at_signing(&self, parameters: &Value) -> Said {
        match parameters["Identity"].as_str() {
            None => output(&self.signing.iter().map(|(name, one)| described(name, one)).collect::<Vec<_>>()),
            Some(name) => match self.signing.get(name) {
                Some(one) => output(&[described(name, one)]),
                None => none(name),
            },
        }
    }

    fn make_keys(&mut self, parameters: &Value) -> Said {
        let name = parameters["DomainName"].as_str().unwrap_or_default();
        let is_whole = parameters["KeySize"] == 2048 && parameters["Enabled"] == false;
        if !self.domains.get(name).is_some_and(|domain| domain.is_verified) || !is_whole {
            return none(name);
        }
        if self.signing.contains_key(name) {
            return no(400, "BadRequest", "|Microsoft.Exchange.Management.Tasks.DkimSigningConfigAlreadyExists|");
        }
        self.signing.insert(name.into(), Signing { enabled: false });
        self.note("keys_made", name);
        output(&[described(name, &Signing { enabled: false })])
    }

    /// It is switched on when both names lead where they should.
    fn switch(&mut self, parameters: &Value) -> Said {
        let name = parameters["Identity"].as_str().unwrap_or_default();
        let sees = |n: u8| self.visible.at(&format!("selector{n}._domainkey.{name}")).contains(&target(name, n));
        if !self.signing.contains_key(name) {
            return none(name);
        }
        if !(sees(1) && sees(2)) {
            let words = format!(
                "|CnameMissing| CNAME record does not exist for this config. Please publish {}",
                target(name, 1)
            );
            return no(400, "BadRequest", &words);
        }
        self.signing.insert(name.into(), Signing { enabled: parameters["Enabled"] == true });
        self.note("signed", name);
        output(&[])
    }

    fn look_at_login(&self, parameters: &Value) -> Said {
        let id = parameters["Identity"].as_str().unwrap_or_default();
        let Some(at) = self.at(id).filter(|at| !self.users[*at].proxies.is_empty()) else { return none(id) };
        // Where nobody has said it of the mailbox, it is as the tenant says.
        let off = if self.smtp.contains(&self.users[at].upn) { json!(false) } else { Value::Null };
        output(&[json!({ "@odata.type": "#Exchange.CASMailbox", "SmtpClientAuthenticationDisabled": off })])
    }

    fn change_login(&mut self, parameters: &Value) -> Said {
        let id = parameters["Identity"].as_str().unwrap_or_default();
        let Some(at) = self.at(id).filter(|at| !self.users[*at].proxies.is_empty()) else { return none(id) };
        if parameters["SmtpClientAuthenticationDisabled"] != false {
            return no(400, "BadRequest", "Cannot process argument transformation on parameter.");
        }
        let email = self.users[at].upn.clone();
        self.smtp.insert(email.clone());
        self.note("smtp_let", &email);
        output(&[])
    }

    fn change_mailbox(&mut self, parameters: &Value) -> Said {
        let (id, change) = (parameters["Identity"].as_str().unwrap_or_default(), &parameters["EmailAddresses"]);
        let Some(at) = self.at(id).filter(|at| !self.users[*at].proxies.is_empty()) else { return none(id) };
        let Some(removed) = change["remove"].as_str().filter(|_| change["@odata.type"] == "#Exchange.GenericHashTable")
        else {
            return no(400, "BadRequest", "Cannot process argument transformation on parameter 'EmailAddresses'.");
        };
        self.users[at].proxies.retain(|one| one != removed);
        let email = removed.trim_start_matches("smtp:").to_owned();
        self.note("address_dropped", &email);
        output(&[])
    }
}

/// Where a name leads: the letter is the vendor's choice.
pub(super) fn target(name: &str, n: u8) -> String {
    format!("selector{n}-{}._domainkey.acme.r-v1.dkim.mail.microsoft", name.replace('.', "-"))
}

fn described(name: &str, signing: &Signing) -> Value {
    json!({
        "@odata.type": "#Exchange.DkimSigningConfig", "Domain": name, "Enabled": signing.enabled, "Status": "CnameMissing",
        "Selector1CNAME": target(name, 1), "Selector2CNAME": target(name, 2), "Selector1KeySize": 2048,
    })
}

fn output(all: &[Value]) -> Said {
    yes(200, json!({ "@odata.context": "https://outlook.office365.com/adminapi/beta/$metadata", "value": all }))
}

fn none(name: &str) -> Said {
    let words = format!(
        "Ex6F9304|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|{name} is not there"
    );
    no(404, "NotFound", &words)
}
