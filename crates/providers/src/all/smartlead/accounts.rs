//! The accounts of a key: looking at them, and changing them one request at a time.

use std::sync::Arc;

use serde_json::{Value, json};

use super::knobs::Knobs;
use super::lists::{Lists, Walk};
use super::wire::{Account, Id, No, is_its_own, is_yes};
use super::{KEY_REFUSED, LOGGING_IN};
use crate::roles::Reachable;
use crate::several::Miss;
use crate::trouble::Trouble;
use crate::vendor::{Answer, Method, Promise, Request, Vendor};

/// As many accounts as a list has at most.
pub(super) const PAGE: usize = 100;
/// More pages than anybody's accounts have.
const MOST_PAGES: usize = 200;
/// More addresses than this are looked for in all pages rather than one by one: what is looked for again at every try must fit
/// into what a key may be used for.
const FEW: usize = 10;
/// An inbox is looked for and saved.
const FOR_AN_INBOX: usize = 2;
/// A list is looked at, and what is behind it.
const FOR_A_LIST: usize = 2;
/// As many calls go together at most.
const TOGETHER: usize = 10;

/// The accounts of a key.
pub(super) struct Accounts<'a> {
    pub(super) vendor: Arc<Vendor>,
    pub(super) lists: Arc<Lists>,
    pub(super) knobs: &'a Knobs,
    /// What was promised for what is done with it.
    pub(super) promise: Option<Arc<Promise>>,
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
    /// What one list tells about several addresses. One alone is better looked for, and so is each where there are more than a list has.
    pub(super) async fn known(&self, addresses: usize) -> Result<Known, Miss> {
        if addresses < 2 || self.lists.has_many() {
            return Ok(Known::TooMany);
        }
        let all = self.page(None, 0).await?;
        if all.is_empty() {
            return Ok(Known::All(all));
        }
        // Lists may be shorter than was asked for: only nothing behind it makes one whole. Somebody may have saved some in between.
        let behind = if all.len() < PAGE { self.page(None, all.len()).await?.len() } else { 0 };
        let is_full = all.len() + behind >= PAGE;
        self.lists.found(is_full);
        Ok(if behind == 0 && !is_full { Known::All(all) } else { Known::TooMany })
    }

    /// What all lists tell about many addresses, for whoever has to ask for all of them at every try.
    pub(super) async fn known_whole(&self, addresses: usize) -> Result<Known, Miss> {
        if addresses <= FEW {
            return self.known(addresses).await;
        }
        let mut walk = Walk::default();
        while !walk.is_whole {
            self.go_on(&mut walk).await?;
        }
        Ok(Known::All(walk.all))
    }

    /// The same for whoever only looks: they may have what others have found a moment ago, and what they themselves have at a try before.
    pub(super) async fn seen(&self, emails: &[String]) -> Result<Known, Miss> {
        if emails.len() <= FEW {
            return self.known(emails.len()).await;
        }
        let mut walk = self.lists.walk.lock().await;
        if !self.lists.counts(&walk, emails, self.vendor.now()) {
            *walk = self.lists.new_walk(self.vendor.now());
        }
        while !walk.is_whole {
            self.lists.note(&walk);
            self.go_on(&mut walk).await?;
        }
        self.lists.note(&walk);
        let wanted = |account: &&Account| emails.iter().any(|email| account.is_of(email));
        Ok(Known::All(walk.all.iter().filter(wanted).cloned().collect()))
    }

    async fn go_on(&self, walk: &mut Walk) -> Result<(), Miss> {
        if walk.pages >= MOST_PAGES {
            return Err(self.too_many());
        }
        walk.add(self.page(None, walk.offset).await?);
        Ok(())
    }

    /// They, with leave for what goes together of so many inboxes: a list and what is done after it.
    pub(super) fn for_several(self, inboxes: usize) -> Result<Self, Miss> {
        let calls = if inboxes < 2 || self.lists.has_many() { 0 } else { FOR_A_LIST + inboxes };
        self.promised(calls.min(TOGETHER))
    }

    /// The same for looking at so many: a look that is stopped half-way was in vain.
    pub(super) fn for_a_look(self, addresses: usize) -> Result<Self, Miss> {
        match (addresses <= FEW, self.lists.has_many()) {
            (true, true) => self.promised(addresses),
            (true, false) => self.promised(addresses.min(FOR_A_LIST)),
            // It is gone on with.
            (false, _) => Ok(self),
        }
    }

    /// The same for taking so many away.
    pub(super) fn for_taking(self, addresses: usize) -> Result<Self, Miss> {
        let calls = if addresses > FEW { self.lists.pages() } else { FOR_AN_INBOX };
        self.promised(calls.min(TOGETHER))
    }

    /// The same for one inbox, of which nothing is known: whoever looks for it can save it.
    pub(super) fn for_one(&self) -> Result<Self, Miss> {
        let own = Self { vendor: self.vendor.clone(), lists: self.lists.clone(), knobs: self.knobs, promise: None };
        own.promised(FOR_AN_INBOX)
    }

    fn promised(self, calls: usize) -> Result<Self, Miss> {
        let promise = match calls {
            0 => None,
            calls => Some(self.vendor.promise(calls, self.lists.lacking(|| self.vendor.now()))?),
        };
        Ok(Self { promise, ..self })
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
        let answer = self.vendor.call(request.promised(self.promise.as_ref())).await?;
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
        let answer = match self.vendor.call(request.promised(self.promise.as_ref())).await {
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
