//! How it is with the tenant.

use async_trait::async_trait;
use serde::de::IgnoredAny;
use serde_json::json;

use super::Microsoft;
use super::exchange::LOOK_AT_SIGNING;
use super::service::Service;
use super::wire::Many;
use crate::roles::{Account, Examined};
use crate::trouble::Trouble;
use crate::vendor::{Method, Request};

/// Each thing that is done is asked for by itself, so that each permission that is missing is said, and only a tenant that cannot be
/// used at all is trouble.
#[async_trait]
impl Account for Microsoft {
    async fn examine(&self) -> Result<Examined, Trouble> {
        let answer = self.ask(Service::Graph, Self::domains("list_domains", Method::Get, &[])).await?;
        let answer = answer.map_err(|no| self.refused(&no))?;
        let domains = answer.json::<Many<IgnoredAny>>()?.value.len();
        let mut examined = Examined { clock: answer.date(), limits: self.graph.limits(), ..Examined::default() };
        examined.known_as = Some(format!("tenant {}", self.tenant));
        examined.remarks.push(format!("It has {domains} domains."));
        examined.remarks.push(self.licences_left().await?);
        let users =
            Request::new("list_users", Method::Get, &["v1.0", "users"]).query("$top", "1").query("$select", "id");
        let mut asked = vec![self.look::<IgnoredAny>(users).await.map(|_| ())];
        if self.has_exchange {
            let signing = self.command(LOOK_AT_SIGNING, json!({ "ResultSize": 1 })).await?;
            asked.push(signing.map(|_| ()).map_err(|no| self.unmanaged(&no)));
        }
        for said in asked {
            match said {
                Ok(()) => {}
                Err(Trouble::Misconfigured(words)) => examined.remarks.push(words),
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(examined)
    }
}

impl Microsoft {
    async fn licences_left(&self) -> Result<String, Trouble> {
        let skus = match self.skus().await {
            Err(Trouble::Misconfigured(words)) => return Ok(words),
            skus => skus?,
        };
        Ok(match skus.iter().find(|sku| self.is_ours(sku)) {
            Some(sku) => {
                format!("{} licences {} of {} are left.", sku.free(), sku.sku_part_number, sku.prepaid_units.enabled)
            }
            None => format!("It has no subscription called {}: set `licence` to one that it has.", self.licence),
        })
    }
}
