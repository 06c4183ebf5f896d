//! Licences: what a mailbox is there by, and costs money by.

use serde_json::json;

use super::Microsoft;
use super::service::Service;
use super::wire::{Many, Sku, User};
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Method, Request};
use model::action::ActionReason;

impl Microsoft {
    /// What the tenant has licences for.
    pub(super) async fn skus(&self) -> Result<Vec<Sku>, Trouble> {
        let request = Request::new("list_licences", Method::Get, &["v1.0", "subscribedSkus"]);
        Ok(self.look::<Many<Sku>>(request).await?.map(|many| many.value).unwrap_or_default())
    }

    /// What users are licensed for, of that.
    pub(super) fn is_ours(&self, sku: &Sku) -> bool {
        [&sku.sku_id, &sku.sku_part_number].iter().any(|name| name.eq_ignore_ascii_case(&self.licence))
    }

    /// What users are licensed for.
    pub(super) async fn sku(&self) -> Result<Sku, Trouble> {
        let found = self.skus().await?.into_iter().find(|sku| self.is_ours(sku));
        found.ok_or_else(|| {
            Trouble::Misconfigured(format!(
                "The tenant of the account {} has no subscription called {}: set `licence` to one that it has.",
                self.graph.account(),
                self.licence
            ))
        })
    }

    /// Gives a user the licence, unless they have it.
    pub(super) async fn license(&self, user: &User, sku: &Sku) -> Result<(), Trouble> {
        if user.assigned_licenses.iter().any(|one| one.sku_id.eq_ignore_ascii_case(&sku.sku_id)) {
            return Ok(());
        }
        if sku.free() <= 0 {
            return Err(Trouble::Refused(Refused::Ask(ActionReason::LicenceCapacity)));
        }
        let body = json!({ "addLicenses": [{ "skuId": sku.sku_id, "disabledPlans": [] }], "removeLicenses": [] });
        let request = Self::users("give_licence", Method::Post, &[&user.id, "assignLicense"]).body(body);
        match self.ask(Service::Graph, request).await? {
            Ok(_) => Ok(()),
            // A user who was made a moment ago is not known everywhere.
            Err(no) if no.status == 404 => Err(Trouble::Later(None)),
            Err(no) => Err(self.refused(&no)),
        }
    }
}
