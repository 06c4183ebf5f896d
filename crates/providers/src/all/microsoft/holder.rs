//! Which tenant has a name. Where people log in, everybody is told, without a token: a tenant's addresses there may be written with
//! any name that it has verified, and answer with its number. See <https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc>.

use model::domain::DomainName;
use serde::Deserialize;

use super::tokens::{Fault, Tokens};
use crate::trouble::Trouble;
use crate::vendor::{Answer, Method, Request};

/// That no tenant has the name.
const NOBODY: &str = "AADSTS90002";

#[derive(Deserialize)]
struct Endpoints {
    issuer: String,
}

impl Tokens {
    /// The number of the tenant that has verified the name; `None` where none has.
    pub(super) async fn holder(&self, name: &DomainName) -> Result<Option<String>, Trouble> {
        let path = [name.as_str(), "v2.0", ".well-known", "openid-configuration"];
        let answer = self.vendor.call(Request::new("look_for_tenant", Method::Get, &path)).await?;
        match answer.is_success() {
            true => number(&answer.json::<Endpoints>()?.issuer).map(Some).ok_or_else(|| answer.unclear()),
            false if is_nobodys(&answer) => Ok(None),
            false => Err(answer.unclear()),
        }
    }
}

/// The number in the address of whoever vouches for a tenant's people.
fn number(issuer: &str) -> Option<String> {
    let is_number = |part: &&str| part.len() == 36 && part.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    issuer.split('/').find(is_number).map(str::to_owned)
}

fn is_nobodys(answer: &Answer) -> bool {
    let says = |fault: Fault| fault.error == "invalid_tenant" || fault.error_description.contains(NOBODY);
    answer.status == 400 && answer.json::<Fault>().is_ok_and(says)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenants_number_is_in_its_issuer_and_nothing_else_is_taken_for_one() {
        let tenant = "84841066-274d-4ec0-a5c1-276be684bdd3";
        assert_eq!(number(&format!("https://login.microsoftonline.com/{tenant}/v2.0")).as_deref(), Some(tenant));
        assert_eq!(number(&format!("https://sts.windows.net/{tenant}/")).as_deref(), Some(tenant));
        assert_eq!(number("https://login.microsoftonline.com/{tenantid}/v2.0"), None);
    }
}
