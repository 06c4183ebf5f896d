//! Users: found by their address, which may be one that leads to somebody who has another.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use model::domain::DomainName;
use rustls::crypto::ring::default_provider;
use serde_json::{Value, json};

use super::Microsoft;
use super::wire::{Many, User};
use crate::call::Call;
use crate::roles::MailboxSpec;
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Method, Request};

/// The mark of users that are ours, and not made by somebody in the tenant.
const MARK: &str = "mailwright";
/// What is asked of a user: a look tells only the usual otherwise.
const FIELDS: &str = "id,userPrincipalName,displayName,accountEnabled,usageLocation,employeeType,assignedLicenses,assignedPlans,proxyAddresses";
/// The longest that a given or a family name may be, in characters.
const LONGEST_NAME: usize = 64;

impl Microsoft {
    pub(super) fn users(operation: &'static str, method: Method, path: &[&str]) -> Request {
        Request::new(operation, method, &[&["v1.0", "users"], path].concat())
    }

    /// Whoever is at an address.
    pub(super) async fn user(&self, email: &str) -> Result<Option<User>, Trouble> {
        self.look(Self::users("look_at_user", Method::Get, &[email]).query("$select", FIELDS)).await
    }

    /// Whoever has an address as another one.
    pub(super) async fn holder(&self, email: &str) -> Result<Option<User>, Trouble> {
        // An address has been checked to have no quote in it.
        let filter = format!("proxyAddresses/any(p:p eq 'smtp:{email}')");
        let request = Self::users("find_holder", Method::Get, &[]).query("$filter", filter).query("$select", FIELDS);
        let found = self.look::<Many<User>>(request).await?;
        Ok(found.and_then(|many| many.value.into_iter().find(|user| !user.is_at(email))))
    }

    /// Whoever was deleted and had an address. The vendor puts their number before it.
    pub(super) async fn deleted(&self, email: &str) -> Result<Option<User>, Trouble> {
        let path = ["v1.0", "directory", "deletedItems", "microsoft.graph.user"];
        let filter = format!("endsWith(userPrincipalName,'{email}')");
        let request = Request::new("find_deleted", Method::Get, &path).header("consistencylevel", "eventual");
        let request = request.query("$filter", filter).query("$count", "true").query("$select", FIELDS);
        let found = self.look::<Many<User>>(request).await?.map(|many| many.value).unwrap_or_default();
        Ok(found.into_iter().find(|user| {
            let number = user.id.replace('-', "");
            user.user_principal_name.to_lowercase() == format!("{}{email}", number.to_lowercase())
        }))
    }

    /// How a user is described who is to be made.
    pub(super) fn described(&self, call: &Call, email: &str, spec: &MailboxSpec) -> Result<Value, Trouble> {
        Ok(json!({
            "accountEnabled": true,
            "displayName": shown(spec),
            "givenName": cut(&spec.first_name),
            "surname": cut(&spec.last_name),
            "mailNickname": nickname(email),
            "userPrincipalName": email,
            "usageLocation": self.usage_location,
            "employeeType": mark(call),
            "passwordProfile": { "password": password()?, "forceChangePasswordNextSignIn": false },
        }))
    }
}

/// The mark of users that are made here, and for whom.
pub(super) fn mark(call: &Call) -> String {
    call.customer.as_ref().map_or_else(|| MARK.to_owned(), |customer| format!("{MARK} {customer}"))
}

/// The name that receivers see.
pub(super) fn shown(spec: &MailboxSpec) -> String {
    format!("{} {}", cut(&spec.first_name), cut(&spec.last_name))
}

pub(super) fn cut(text: &str) -> String {
    text.chars().take(LONGEST_NAME).collect::<String>().trim_end().to_owned()
}

/// What stands before the @, as far as the vendor takes it.
pub(super) fn nickname(email: &str) -> &str {
    email.split_once('@').map_or(email, |(local, _)| local)
}

/// An address of the name, in the form that it is compared in. What is no letter, digit or one of `.-_` the vendor does not take.
pub(super) fn address(name: &DomainName, email: &str) -> Result<String, Trouble> {
    let email = email.to_ascii_lowercase();
    let local = email.strip_suffix(name.as_str()).and_then(|rest| rest.strip_suffix('@'));
    let fits = |local: &str| {
        let is_whole = local.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
        is_whole && (1..=64).contains(&local.len())
    };
    match local.is_some_and(fits) {
        true => Ok(email),
        false => Err(Trouble::Refused(Refused::ForGood(format!("{email} is not an address of {name}.")))),
    }
}

/// A password that nobody keeps: mailboxes are entered by the application. It has each kind of letter that the vendor asks for.
fn password() -> Result<String, Trouble> {
    let mut drawn = [0; 30];
    default_provider().secure_random.fill(&mut drawn).map_err(|_| Trouble::Later(None))?;
    Ok(format!("aA1-{}", BASE64_URL_SAFE_NO_PAD.encode(drawn)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_of_the_name_and_can_stand_in_a_filter() {
        let name = DomainName::stored("acme.com");
        assert_eq!(address(&name, "Jane.Doe@Acme.com").as_deref(), Ok("jane.doe@acme.com"));
        for none in ["jane@other.com", "@acme.com", "o'neil@acme.com", "jane@sub.acme.com", "ja ne@acme.com", "jane"] {
            assert!(address(&name, none).is_err(), "{none}");
        }
    }

    #[test]
    fn no_two_passwords_are_alike() {
        let (one, other) = (password().unwrap(), password().unwrap());
        assert!(one.len() == 44 && one != other);
    }
}
