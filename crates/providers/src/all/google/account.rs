//! How it is with the tenant.

use async_trait::async_trait;
use serde::de::IgnoredAny;

use super::Google;
use super::scope::Scope;
use super::wire::{Domains, User};
use crate::roles::{Account, Examined};
use crate::trouble::Trouble;
use crate::vendor::{Method, Request};

/// As many domains as a tenant may have, see <https://support.google.com/a/answer/182081>.
const MOST_DOMAINS: usize = 600;

/// Everything that is done is asked for by itself, so that each permission that is missing is said, and only a tenant that
/// cannot be used at all is trouble.
#[async_trait]
impl Account for Google {
    async fn examine(&self) -> Result<Examined, Trouble> {
        let request = self.domains("list_domains", Method::Get, &[]);
        let (clock, domains) = match self.ask(Scope::Domains, request).await? {
            Ok(answer) => (answer.date(), answer.json::<Domains>()?.domains.len()),
            Err(no) => return Err(self.refused(&no, Scope::Domains)),
        };
        let admin = self.tokens.subject();
        let mut examined = Examined { clock, limits: self.directory.limits(), ..Examined::default() };
        examined.known_as = Some(admin.to_owned());
        examined.remarks.push(format!("It has {domains} domains of at most {MOST_DOMAINS}."));
        let known = self.user(admin).await?;
        match &known {
            Some(User { is_admin: true, .. }) => {}
            Some(_) | None => {
                examined.remarks.push(format!("{admin} is no super administrator: what it may do is not sure."))
            }
        }
        let customer = known.and_then(|user| user.customer_id).unwrap_or_else(|| self.customer.clone());
        examined.remarks.extend(self.lacking(&customer).await?);
        Ok(examined)
    }
}

impl Google {
    /// What else is missing, in sentences. Licences are listed by the tenant's own number only.
    async fn lacking(&self, customer: &str) -> Result<Vec<String>, Trouble> {
        let sites = Request::new("list_sites", Method::Get, &["siteVerification", "v1", "webResource"]);
        let mut asked = vec![self.look::<IgnoredAny>(Scope::Sites, sites).await];
        if let Some(licence) = &self.licence {
            let users = licence.request("list_licences", Method::Get, &["users"]).query("maxResults", "1");
            let users = users.query("customerId", customer);
            asked.push(self.look::<IgnoredAny>(Scope::Licences, users).await);
        }
        let said = asked.into_iter().map(|asked| match asked {
            Ok(_) => Ok(None),
            Err(Trouble::Misconfigured(words)) => Ok(Some(words)),
            Err(trouble) => Err(trouble),
        });
        Ok(said.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }
}
