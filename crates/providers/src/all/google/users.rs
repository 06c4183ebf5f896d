//! Users: found by their address, which may be one that leads to somebody who has another.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use model::domain::DomainName;
use model::id::{Id as _, UserId};
use rustls::crypto::ring::default_provider;
use serde_json::{Value, json};

use super::Google;
use super::scope::Scope;
use super::wire::{Name, User, Users};
use crate::call::Call;
use crate::roles::MailboxSpec;
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Method, Request};

/// The mark of users that are ours, and not made by somebody in the tenant.
pub(super) const MARK: &str = "mailwright";
/// The longest that a given or a family name may be, in characters.
const LONGEST_NAME: usize = 60;
/// As many users as a page may have.
const A_PAGE: &str = "500";
/// A list that is longer never ends.
const MOST_PAGES: usize = 200;
/// How many bytes a SHA-1 has.
const DIGEST: usize = 20;

impl Google {
    pub(super) fn users(operation: &'static str, method: Method, path: &[&str]) -> Request {
        Request::new(operation, method, &[&["admin", "directory", "v1", "users"], path].concat())
    }

    /// Whoever is at an address, or has it as another one.
    pub(super) async fn user(&self, email: &str) -> Result<Option<User>, Trouble> {
        self.look(Scope::Users, Self::users("look_at_user", Method::Get, &[email])).await
    }

    /// The users of a name, or those of it who were deleted and are kept for a while.
    pub(super) async fn users_of(&self, name: &DomainName, deleted: bool) -> Result<Vec<User>, Trouble> {
        let (mut all, mut next) = (vec![], None::<String>);
        for _ in 0..MOST_PAGES {
            let request = Self::users("list_users", Method::Get, &[]).query("domain", name.as_str());
            let request = request.query("maxResults", A_PAGE).query("showDeleted", deleted.to_string());
            let request = next.into_iter().fold(request, |request, token| request.query("pageToken", token));
            let Some(page) = self.look::<Users>(Scope::Users, request).await? else { return Ok(all) };
            all.extend(page.users);
            match page.next_page_token {
                Some(token) if !token.is_empty() => next = Some(token),
                Some(_) | None => return Ok(all),
            }
        }
        Err(Trouble::Later(None))
    }

    /// Whoever was deleted and had an address, while it is kept for them.
    pub(super) async fn deleted(&self, call: &Call, email: &str) -> Result<Option<User>, Trouble> {
        let deleted = self.users_of(&call.subject, true).await?;
        Ok(deleted.into_iter().find(|user| user.is_at(email)))
    }

    /// Takes an address away that leads to somebody who has another.
    pub(super) async fn drop_alias(&self, user: &User, alias: &str) -> Result<(), Trouble> {
        let request = Self::users("drop_alias", Method::Delete, &[&user.id, "aliases", alias]);
        match self.ask(Scope::Users, request).await? {
            Ok(_) => Ok(()),
            Err(no) if no.status == 404 => Ok(()),
            Err(no) => Err(self.refused(&no, Scope::Users)),
        }
    }

    /// How a user is described who is to be made.
    pub(super) fn described(&self, call: &Call, email: &str, spec: &MailboxSpec) -> Result<Value, Trouble> {
        let customer = call.customer.as_ref().map_or(MARK, UserId::as_str);
        Ok(json!({
            "primaryEmail": email,
            "name": described(&name_of(spec)),
            "password": nobodys_password()?,
            "hashFunction": "SHA-1",
            "changePasswordAtNextLogin": false,
            "orgUnitPath": self.org_unit,
            "externalIds": [{ "type": "custom", "customType": MARK, "value": customer }],
        }))
    }
}

/// A name as the vendor takes it.
pub(super) fn name_of(spec: &MailboxSpec) -> Name {
    let cut = |text: &str| text.chars().take(LONGEST_NAME).collect::<String>().trim_end().to_owned();
    Name { given_name: cut(&spec.first_name), family_name: cut(&spec.last_name) }
}

pub(super) fn described(name: &Name) -> Value {
    json!({ "givenName": name.given_name, "familyName": name.family_name })
}

/// An address of the name, in the form that it is compared in.
pub(super) fn address(name: &DomainName, email: &str) -> Result<String, Trouble> {
    let email = email.to_ascii_lowercase();
    let local = email.strip_suffix(name.as_str()).and_then(|rest| rest.strip_suffix('@'));
    let fits = |local: &str| !local.is_empty() && local.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'@');
    match local.is_some_and(fits) {
        true => Ok(email),
        false => Err(Trouble::Refused(Refused::ForGood(format!("{email} is not an address of {name}.")))),
    }
}

/// A password as its SHA-1. It is the digest that is drawn, so that there is no password for anybody to know, ourselves
/// included: mailboxes are entered by delegation.
fn nobodys_password() -> Result<String, Trouble> {
    let mut digest = [0; DIGEST];
    default_provider().secure_random.fill(&mut digest).map_err(|_| Trouble::Later(None))?;
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Bytes as the vendor wants a picture's: in letters that an address may have. What it pads with is described in two ways that
/// exclude each other, and it does without.
pub(super) fn web_safe(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_to_what_the_vendor_takes() {
        let spec = MailboxSpec {
            email: String::new(),
            first_name: "é".repeat(61),
            last_name: format!("{} b", "a".repeat(59)),
            picture: None,
        };
        let name = name_of(&spec);
        assert_eq!((name.given_name, name.family_name), ("é".repeat(60), "a".repeat(59)));
    }

    #[test]
    fn an_address_is_one_of_the_name() {
        let name = DomainName::stored("acme.com");
        assert_eq!(address(&name, "Jane.Doe@Acme.com").as_deref(), Ok("jane.doe@acme.com"));
        for none in ["jane@other.com", "@acme.com", "jane@x@acme.com", "jane@sub.acme.com", "ja ne@acme.com", "jane"] {
            assert!(address(&name, none).is_err(), "{none}");
        }
    }

    #[test]
    fn no_two_passwords_are_alike() {
        let (one, other) = (nobodys_password().unwrap(), nobodys_password().unwrap());
        assert_eq!((one.len(), one == other), (40, false));
    }

    #[test]
    fn a_picture_travels_in_letters_that_an_address_may_have() {
        assert_eq!(web_safe(&[0xfb, 0xff, 0xfe]), "-__-");
        assert_eq!(web_safe(&[0xff]), "_w");
    }
}
