//! The one way out of a request: looking at names. It changes nothing, and it is never used while a
//! transaction is open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use model::clock::Time;
use model::domain::{DomainName, NameAnswer, Unavailable, Verdict};
use model::refusal::{Code, Fault};
use model::world::World;
use store::Failure;

mod shelf;

use shelf::Shelf;

/// Says of names whether they can be bought. The server fills it in with a registrar.
#[async_trait]
pub trait NameSource: Send + Sync {
    /// One answer for each name, in any order.
    ///
    /// # Errors
    /// When nothing can be said about any of them.
    async fn check(
        &self,
        world: &World,
        names: &[DomainName],
        looking: Looking<'_>,
    ) -> Result<Vec<NameAnswer>, CatalogError>;
}

/// Why names are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looking<'a> {
    /// Somebody is choosing.
    Browsing,
    /// They are about to be bought, wherever they are sold: past every cache.
    Buying,
    /// They are about to be bought at this account.
    BuyingAt(&'a str),
}

/// Why nothing can be said about names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatalogError {
    /// The operator has configured nobody to ask for this world.
    NotConfigured,
    /// Nobody answers now.
    Unreachable,
}

/// Nobody to ask: the only reason why the catalog itself says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotConfigured;

impl From<NotConfigured> for Failure {
    fn from(_: NotConfigured) -> Self {
        let message =
            "The operator has configured no registrar for this environment. Use a test key, or ask the operator.";
        Fault::new(Code::ProviderNotConfigured, message).into()
    }
}

/// How long somebody who is choosing waits for the registrar.
const BROWSING: Duration = Duration::from_secs(8);
/// How long an order waits for it.
const CONFIRMING: Duration = Duration::from_secs(30);

/// What is known about names, and the port behind it. Cheap to clone.
#[derive(Clone)]
pub struct Catalog {
    source: Arc<dyn NameSource>,
    shelf: Arc<Mutex<Shelf>>,
}

impl Catalog {
    /// A catalog that asks `source`.
    #[must_use]
    pub fn new(source: Arc<dyn NameSource>) -> Self {
        Self { source, shelf: Arc::default() }
    }

    /// What is known about names, for somebody who is choosing: at most five minutes old by the
    /// partner's clock. Where a newer answer does not come, an old one is told as `stale` and a
    /// missing one as `errored`, each with when to ask again.
    ///
    /// # Errors
    /// When there is nobody to ask.
    pub async fn browse(
        &self,
        world: &World,
        names: &[DomainName],
        partner_now: Time,
    ) -> Result<Vec<NameAnswer>, NotConfigured> {
        let wanting: Vec<_> = {
            let shelf = self.shelf();
            names.iter().filter(|name| shelf.fresh(world, name, partner_now).is_none()).cloned().collect()
        };
        let fetched = self.fetch(world, &wanting, Looking::Browsing).await?;
        let mut shelf = self.shelf();
        let answers = names.iter().map(|name| match (fetched.get(name), shelf.fresh(world, name, partner_now)) {
            // Who says when to come back has said nothing of the name.
            (Some(NameAnswer { verdict: Verdict::Not(Unavailable::Errored), retry_at, .. }), None)
                if shelf.knows(world, name) =>
            {
                NameAnswer { retry_at: *retry_at, ..NameAnswer::not(name.clone(), Unavailable::Stale) }
            }
            (Some(answer), _) | (None, Some(answer)) => answer.clone(),
            (None, None) if shelf.knows(world, name) => NameAnswer::not(name.clone(), Unavailable::Stale),
            (None, None) => NameAnswer::errored(name.clone(), None),
        });
        let answers = answers.map(|answer| answer.told_at(partner_now)).collect();
        shelf.keep(world, fetched, partner_now);
        Ok(answers)
    }

    /// What the registrar says now about names that are about to be bought: never from the cache.
    /// Names that it says nothing about are `errored`, with when to ask again.
    ///
    /// # Errors
    /// When there is nobody to ask.
    pub async fn confirm(
        &self,
        world: &World,
        names: &[DomainName],
        partner_now: Time,
    ) -> Result<Vec<NameAnswer>, NotConfigured> {
        self.confirm_at(world, names, None, partner_now).await
    }

    /// The same of one account, where a domain has been given it: others may say something else.
    ///
    /// # Errors
    /// When there is nobody to ask.
    pub async fn confirm_at(
        &self,
        world: &World,
        names: &[DomainName],
        account: Option<&str>,
        partner_now: Time,
    ) -> Result<Vec<NameAnswer>, NotConfigured> {
        let fetched = self.fetch(world, names, account.map_or(Looking::Buying, Looking::BuyingAt)).await?;
        let errored = |name: &DomainName| NameAnswer::errored(name.clone(), None);
        let answer = |name: &DomainName| fetched.get(name).cloned().unwrap_or_else(|| errored(name));
        Ok(names.iter().map(|name| answer(name).told_at(partner_now)).collect())
    }

    async fn fetch(
        &self,
        world: &World,
        names: &[DomainName],
        looking: Looking<'_>,
    ) -> Result<HashMap<DomainName, NameAnswer>, NotConfigured> {
        // Nobody is asked for what nobody sells.
        let (sold, other): (Vec<_>, Vec<_>) = names.iter().cloned().partition(DomainName::is_sold);
        let invalid = |name: DomainName| (name.clone(), NameAnswer::not(name, Unavailable::Invalid));
        let mut all: HashMap<_, _> = other.into_iter().map(invalid).collect();
        if sold.is_empty() {
            return Ok(all);
        }
        let patience = if looking == Looking::Browsing { BROWSING } else { CONFIRMING };
        match tokio::time::timeout(patience, self.source.check(world, &sold, looking)).await {
            Ok(Ok(answers)) => all.extend(answers.into_iter().map(|answer| (answer.name.clone(), answer))),
            Ok(Err(CatalogError::NotConfigured)) => return Err(NotConfigured),
            Ok(Err(CatalogError::Unreachable)) | Err(_) => {
                tracing::warn!(names = sold.len(), ?looking, "the registrar does not answer");
            }
        }
        Ok(all)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Catalog")
    }
}

#[cfg(test)]
mod tests;
