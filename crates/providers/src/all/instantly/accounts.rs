//! The accounts of a key: looking at them, and changing them one request at a time.

use std::sync::Arc;

use serde_json::{Value, json};

use super::KEY_REFUSED;
use super::knobs::Knobs;
use super::wire::{Account, words};
use crate::roles::Reachable;
use crate::several::Miss;
use crate::trouble::Trouble;
use crate::vendor::{Answer, Method, Request, Vendor};

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
    /// There is no such account.
    NotThere,
    /// It was not made, and these were the words.
    No(String),
}

impl Accounts<'_> {
    /// The account of an inbox.
    pub(super) async fn show(&self, inbox: &Reachable) -> Result<Option<Account>, Miss> {
        self.look(about("look_at_account", Method::Get, &inbox.email, &[]).hides(inbox.secrets())).await
    }

    /// The account of an address.
    pub(super) async fn show_address(&self, email: &str) -> Result<Option<Account>, Miss> {
        self.look(about("look_at_account", Method::Get, email, &[])).await
    }

    async fn look(&self, request: Request) -> Result<Option<Account>, Miss> {
        let answer = self.vendor.call(request).await?;
        match answer.status {
            401..=403 => Err(Miss::All(KEY_REFUSED)),
            404 => Ok(None),
            _ if answer.is_success() => Ok(Some(answer.json()?)),
            _ => Err(answer.unclear().into()),
        }
    }

    pub(super) async fn create(&self, body: Value, inbox: &Reachable) -> Result<Wrote, Miss> {
        self.write(Request::new("link", Method::Post, &["accounts"]).body(body).hides(inbox.secrets())).await
    }

    pub(super) async fn delete(&self, email: &str) -> Result<Wrote, Miss> {
        self.write(about("unlink", Method::Delete, email, &[])).await
    }

    /// Has an account send again that somebody has paused.
    pub(super) async fn resume(&self, inbox: &Reachable) -> Result<Wrote, Miss> {
        self.write(about("resume", Method::Post, &inbox.email, &["resume"]).hides(inbox.secrets())).await
    }

    /// Has the vendor try an account again that it has given up.
    pub(super) async fn try_again(&self, inbox: &Reachable) -> Result<Wrote, Miss> {
        self.write(about("try_again", Method::Post, &inbox.email, &["mark-fixed"]).hides(inbox.secrets())).await
    }

    /// Switches warming up on, for no more than a hundred.
    pub(super) async fn warm_up(&self, emails: &[String]) -> Result<Wrote, Miss> {
        let emails: Vec<_> = emails.iter().map(|email| key(email)).collect();
        let path = ["accounts", "warmup", "enable"];
        self.write(Request::new("warm_up", Method::Post, &path).body(json!({ "emails": emails }))).await
    }

    async fn write(&self, request: Request) -> Result<Wrote, Miss> {
        let answer = match self.vendor.call(request).await {
            Err(Trouble::Unknown) => return Ok(Wrote::Unclear),
            answer => answer?,
        };
        match answer.status {
            401..=403 => Err(Miss::All(KEY_REFUSED)),
            404 => Ok(Wrote::NotThere),
            _ if answer.is_success() => Ok(Wrote::Yes(answer)),
            _ => Ok(Wrote::No(words(&answer))),
        }
    }
}

/// A request about an account. What it answers tells the vendor's last words with a mail server.
fn about(operation: &'static str, method: Method, email: &str, more: &[&str]) -> Request {
    let email = key(email);
    let path: Vec<_> = ["accounts", &email].into_iter().chain(more.iter().copied()).collect();
    Request::new(operation, method, &path).private()
}

/// Its id: the vendor keeps addresses in small letters.
pub(super) fn key(email: &str) -> String {
    email.to_ascii_lowercase()
}
