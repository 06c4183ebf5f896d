//! Licences, where the tenant does not give them by itself.

use serde_json::json;

use super::scope::Scope;
use super::wire::User;
use super::{Google, is_full};
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Method, Request};
use model::action::ActionReason;

/// What a user is licensed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Licence {
    pub(super) product: String,
    pub(super) sku: String,
}

impl Licence {
    /// As the operator says it; `None` where the tenant gives licences by itself.
    ///
    /// # Errors
    /// A sentence that begins with the setting.
    pub(super) fn read(said: &str) -> Result<Option<Self>, String> {
        if matches!(said, "" | "automatic") {
            return Ok(None);
        }
        match said.split_once('/') {
            Some((product, sku)) if !product.is_empty() && !sku.is_empty() && !sku.contains('/') => {
                Ok(Some(Self { product: product.to_owned(), sku: sku.to_owned() }))
            }
            _ => Err("licence is neither `automatic` nor a product and a SKU, such as `Google-Apps/1010020027`".into()),
        }
    }

    pub(super) fn request(&self, operation: &'static str, method: Method, path: &[&str]) -> Request {
        let licence = ["apps", "licensing", "v1", "product", &self.product, "sku", &self.sku];
        Request::new(operation, method, &[&licence, path].concat())
    }
}

impl Google {
    /// Whether a user has the licence; where the tenant gives licences by itself, that is its business.
    pub(super) async fn is_licensed(&self, user: &User) -> Result<bool, Trouble> {
        let Some(licence) = &self.licence else { return Ok(true) };
        let look = licence.request("look_at_licence", Method::Get, &["user", &user.primary_email]);
        Ok(self.look::<serde::de::IgnoredAny>(Scope::Licences, look).await?.is_some())
    }

    /// Gives a user the licence, unless they have it. It is what a mailbox costs money by.
    pub(super) async fn license(&self, user: &User) -> Result<(), Trouble> {
        let Some(licence) = &self.licence else { return Ok(()) };
        if self.is_licensed(user).await? {
            return Ok(());
        }
        let give = licence.request("give_licence", Method::Post, &["user"]);
        match self.ask(Scope::Licences, give.body(json!({ "userId": user.primary_email }))).await? {
            Ok(_) => Ok(()),
            // Somebody was faster.
            Err(no) if no.status == 409 || no.says("already has") => Ok(()),
            // A user who was made a moment ago is not known everywhere.
            Err(no) if no.status == 404 => Err(Trouble::Later(None)),
            Err(no) if no.status == 412 || is_full(&no) => {
                Err(Trouble::Refused(Refused::Ask(ActionReason::LicenceCapacity)))
            }
            Err(no) => Err(self.refused(&no, Scope::Licences)),
        }
    }

    /// Takes the licence back.
    pub(super) async fn unlicense(&self, user: &User) -> Result<(), Trouble> {
        let Some(licence) = &self.licence else { return Ok(()) };
        let take = licence.request("take_licence", Method::Delete, &["user", &user.primary_email]);
        match self.ask(Scope::Licences, take).await? {
            Ok(_) => Ok(()),
            Err(no) if no.status == 404 => Ok(()),
            Err(no) => Err(self.refused(&no, Scope::Licences)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_is_a_product_and_a_sku_or_the_tenants_business() {
        assert_eq!(Licence::read(""), Ok(None));
        assert_eq!(Licence::read("automatic"), Ok(None));
        let known = Licence { product: "Google-Apps".into(), sku: "1010020027".into() };
        assert_eq!(Licence::read("Google-Apps/1010020027"), Ok(Some(known)));
        for none in ["Google-Apps", "/1", "a/", "a/b/c", "Automatic"] {
            assert!(Licence::read(none).unwrap_err().starts_with("licence "), "{none}");
        }
    }
}
