//! The accounts of a key: looking at them, and changing them one request at a time.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::knobs::Knobs;
use super::wire::{Account, Id, No, is_its_own, is_yes};
use super::{KEY_REFUSED, LOGGING_IN};
use crate::roles::Reachable;
use crate::several::Miss;
use crate::trouble::Trouble;
use crate::vendor::{Answer, Method, Request, Vendor};

/// As many accounts as a list has at most.
const PAGE: usize = 100;
/// More pages than anybody's accounts have.
const MOST_PAGES: usize = 200;
/// More addresses than this are looked for in all pages rather than one by one: what is looked for again at every try must fit
/// into what a key may be used for.
const FEW: usize = 10;
/// By so many accounts pages overlap: accounts that vanish meanwhile draw others over their edges.
const OVERLAP: usize = 10;

/// The accounts of a key.
pub(super) struct Accounts<'a> {
    pub(super) vendor: Arc<Vendor>,
    pub(super) knobs: &'a Knobs,
}

/// What came of a change.
pub(super) enum Wrote {
    /// It was made, and this was said.
    Yes(Answer),
    /// Nobody said clearly whether it was made.
    Unclear,
    /// It was not made.
    No(No),
}

/// Which accounts there are, as far as one look tells it.
pub(super) enum Known {
    /// All of them.
    All(Vec<Account>),
    /// There are more than a list has: each address has to be looked for.
    TooMany,
}

impl Known {
    /// The accounts of an address; `None` where it has to be looked for.
    pub(super) fn of(&self, email: &str) -> Option<Vec<Account>> {
        match self {
            Self::All(all) => Some(all.iter().filter(|account| account.is_of(email)).cloned().collect()),
            Self::TooMany => None,
        }
    }
}

impl Accounts<'_> {
    /// What one list tells about several addresses. One alone is better looked for.
    pub(super) async fn known(&self, addresses: usize) -> Result<Known, Miss> {
        if addresses < 2 {
            return Ok(Known::TooMany);
        }
        let all = self.page(None, 0).await?;
        // Lists may be shorter than was asked for: only nothing behind it makes one whole.
        let is_whole = all.is_empty() || (all.len() < PAGE && self.page(None, all.len()).await?.is_empty());
        Ok(if is_whole { Known::All(all) } else { Known::TooMany })
    }

    /// What all lists tell about many addresses, for whoever has to ask for all of them at every try.
    pub(super) async fn known_whole(&self, addresses: usize) -> Result<Known, Miss> {
        match self.known(addresses).await? {
            Known::TooMany if addresses > FEW => Ok(Known::All(self.walked().await?)),
            known => Ok(known),
        }
    }

    async fn walked(&self) -> Result<Vec<Account>, Miss> {
        let (mut all, mut seen, mut offset) = (vec![], BTreeSet::new(), 0);
        for _ in 0..MOST_PAGES {
            let some = self.page(None, offset).await?;
            offset += some.len().saturating_sub(OVERLAP).max(1);
            let known = all.len();
            all.extend(some.into_iter().filter(|account| seen.insert(account.id.text())));
            if all.len() == known {
                return Ok(all);
            }
        }
        Err(self.too_many())
    }

    fn too_many(&self) -> Miss {
        tracing::warn!(account = self.vendor.account(), "a key has more accounts than can be looked through");
        Trouble::Later(None).into()
    }

    /// The accounts of an address: it may be there more than once. The filter is only a help, and an address is not always what
    /// it filters by.
    pub(super) async fn of(&self, email: &str) -> Result<Vec<Account>, Miss> {
        let mut offset = 0;
        for _ in 0..MOST_PAGES {
            let some = self.page(Some(email), offset).await?;
            offset += some.len();
            let is_last = some.is_empty();
            let found: Vec<_> = some.into_iter().filter(|account| account.is_of(email)).collect();
            if is_last || !found.is_empty() {
                return Ok(found);
            }
        }
        Err(self.too_many())
    }

    async fn page(&self, username: Option<&str>, offset: usize) -> Result<Vec<Account>, Miss> {
        let request = Request::new("list_accounts", Method::Get, &["v1", "email-accounts"]).with_slash().private();
        let request = request.query("offset", offset.to_string()).query("limit", PAGE.to_string());
        let request = match username {
            Some(username) => request.query("username", username),
            None => request,
        };
        match self.look(request).await? {
            Some(answer) => Ok(answer.json()?),
            None => Err(Trouble::Later(None).into()),
        }
    }

    /// An account as it shows itself; `None` when it is gone.
    pub(super) async fn show(&self, id: &Id) -> Result<Option<Account>, Miss> {
        let request = Request::new("look_at_account", Method::Get, &["v1", "email-accounts", &id.text()]);
        match self.look(request.with_slash().private()).await? {
            Some(answer) => Ok(Some(answer.json()?)),
            None => Ok(None),
        }
    }

    /// Looks; `None` when it is not there.
    async fn look(&self, request: Request) -> Result<Option<Answer>, Miss> {
        let answer = self.vendor.call(request).await?;
        match answer.status {
            401 | 403 => Err(Miss::All(KEY_REFUSED)),
            404 if is_its_own(&answer) => Ok(None),
            _ if answer.is_success() => Ok(Some(answer)),
            _ => Err(answer.unclear().into()),
        }
    }

    /// Saves an account. It logs in meanwhile.
    pub(super) async fn save(&self, path: &str, body: Value, inbox: &Reachable) -> Result<Wrote, Miss> {
        let request = Request::new("link", Method::Post, &["v1", "email-accounts", path]).body(body);
        self.write(request.within(LOGGING_IN).hides(inbox.secrets())).await
    }

    pub(super) async fn delete(&self, id: &Id) -> Result<Wrote, Miss> {
        self.write(Request::new("unlink", Method::Delete, &["v1", "email-accounts", &id.text()])).await
    }

    /// Has it send again that was suspended.
    pub(super) async fn unsuspend(&self, id: &Id) -> Result<Wrote, Miss> {
        let path = ["v1", "email-accounts", "unsuspend", &id.text()];
        self.write(Request::new("unsuspend", Method::Delete, &path)).await
    }

    /// Moves it to a client.
    pub(super) async fn give_to(&self, id: &Id, client: i64) -> Result<Wrote, Miss> {
        let path = ["v1", "email-accounts", &id.text()];
        self.write(Request::new("give_to_client", Method::Post, &path).body(json!({ "client_id": client }))).await
    }

    pub(super) async fn warm_up(&self, id: &Id) -> Result<Wrote, Miss> {
        let path = ["v1", "email-accounts", &id.text(), "warmup"];
        self.write(Request::new("warm_up", Method::Post, &path).body(self.knobs.warming())).await
    }

    async fn write(&self, request: Request) -> Result<Wrote, Miss> {
        let answer = match self.vendor.call(request).await {
            Err(Trouble::Unknown) => return Ok(Wrote::Unclear),
            answer => answer?,
        };
        match answer.status {
            401 | 403 => Err(Miss::All(KEY_REFUSED)),
            _ if is_yes(&answer) => Ok(Wrote::Yes(answer)),
            _ if answer.is_success() && !is_its_own(&answer) => Ok(Wrote::Unclear),
            _ => Ok(Wrote::No(No::of(&answer))),
        }
    }
}
