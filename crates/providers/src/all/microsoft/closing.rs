//! A domain that is given up: its users, and then the domain itself. What they were licensed for is free with them.

use model::clock::MINUTE;
use model::domain::DomainName;

use super::Microsoft;
use super::service::Service;
use super::wire::{Many, Reference};
use crate::call::Call;
use crate::trouble::{Refused, Trouble};
use crate::vendor::Method;

/// How long the vendor takes to see that nobody is left, in microseconds.
const SEES: i64 = 5 * MINUTE;
/// A list that is longer never ends.
const MOST_PAGES: usize = 1_000;
/// What a user is called among what uses a domain.
const USER: &str = "#microsoft.graph.user";
/// Where a page of a list says how to go on.
const SKIP: &str = "$skiptoken";

impl Microsoft {
    pub(super) async fn close_domain(&self, call: &Call) -> Result<(), Trouble> {
        let name = &call.subject;
        let Some(domain) = self.domain(name).await? else { return Ok(()) };
        if domain.is_default || domain.is_initial {
            return Err(Trouble::Refused(Refused::ForGood(format!(
                "{name} is the first or the usual domain of its Microsoft tenant: make another one the usual there."
            ))));
        }
        for one in self.references(name).await?.iter().filter(|one| one.kind == USER) {
            self.delete_user(&one.id).await?;
        }
        match self.ask(Service::Graph, Self::domains("remove_domain", Method::Delete, &[name.as_str()])).await? {
            Ok(_) => Ok(()),
            Err(no) if no.status == 404 => Ok(()),
            // The users are gone, and not seen to be.
            Err(no) if no.status == 400 => Err(Trouble::Later(Some(call.now.plus(SEES)))),
            Err(no) => Err(self.refused(&no)),
        }
    }

    /// Everything that has an address of the name.
    async fn references(&self, name: &DomainName) -> Result<Vec<Reference>, Trouble> {
        let (mut all, mut next) = (vec![], None::<String>);
        for _ in 0..MOST_PAGES {
            let request = Self::domains("list_references", Method::Get, &[name.as_str(), "domainNameReferences"]);
            let request = next.into_iter().fold(request, |request, token| request.query(SKIP, token));
            let Some(page) = self.look::<Many<Reference>>(request).await? else { return Ok(all) };
            all.extend(page.value);
            next = page.next.as_deref().and_then(token);
            if next.is_none() {
                return Ok(all);
            }
        }
        Err(Trouble::Later(None))
    }

    async fn delete_user(&self, id: &str) -> Result<(), Trouble> {
        match self.ask(Service::Graph, Self::users("delete_user", Method::Delete, &[id])).await? {
            Ok(_) => Ok(()),
            Err(no) if no.status == 404 => Ok(()),
            Err(no) => Err(self.refused(&no)),
        }
    }
}

/// How a list goes on: only the token of the address is taken, so that nobody leads us elsewhere.
fn token(link: &str) -> Option<String> {
    let url = url::Url::parse(link).ok()?;
    url.query_pairs().find(|(name, _)| name == SKIP).map(|(_, value)| value.into_owned())
}
