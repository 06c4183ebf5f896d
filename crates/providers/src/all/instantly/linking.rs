//! Making an inbox an account, and an account no account: look, act, look.

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::accounts::{Accounts, Wrote, key};
use super::wire::Account;
use crate::roles::{Access, Link, MailLogin, Reachable};
use crate::several::Miss;
use crate::trouble::{Refused, Trouble};

/// Words of a no that say that a server was not found or did not answer, or that the mailbox was not opened: both pass.
const PASSING: [&str; 8] = ["enotfound", "getaddrinfo", "timeout", "timed out", "econn", "login", "auth", "credential"];

/// An inbox that is an account.
pub(super) struct Linked {
    /// Its address, as it was asked for.
    pub(super) email: String,
    /// Whether it is warmed up already.
    pub(super) is_warming: bool,
}

impl Accounts<'_> {
    /// Makes an inbox an account.
    pub(super) async fn ensure(&self, inbox: &Reachable) -> Result<Linked, Miss> {
        let account = match self.show(inbox).await? {
            Some(account) => self.mend(account, inbox).await?,
            None => self.add(inbox).await?,
        };
        match account.is_shut() {
            true => Err(shut(inbox)),
            false => Ok(Linked { email: inbox.email.clone(), is_warming: account.is_warming() }),
        }
    }

    async fn add(&self, inbox: &Reachable) -> Result<Account, Miss> {
        let Some(Access::Password(login)) = &inbox.access else { return Err(shut(inbox)) };
        match self.create(self.described(inbox, login), inbox).await? {
            Wrote::Yes(answer) => Ok(answer.json()?),
            Wrote::No(words) if words.contains("already") => self.shown(inbox).await,
            Wrote::No(words) => Err(refusal(&words, inbox)),
            Wrote::Unclear | Wrote::NotThere => self.shown(inbox).await,
        }
    }

    /// Makes an account be as it should be, as far as that is not left to whoever has it.
    async fn mend(&self, account: Account, inbox: &Reachable) -> Result<Account, Miss> {
        let account = match account {
            account if account.is_paused() => self.after(self.resume(inbox).await?, inbox).await?,
            account if account.is_in_trouble() => self.after(self.try_again(inbox).await?, inbox).await?,
            account => account,
        };
        if !account.is_shut() || inbox.access.is_none() {
            return Ok(account);
        }
        // There is no other way to tell it another password. What cannot log in sends nothing that could be lost.
        self.ensure_gone(&inbox.email).await?;
        self.add(inbox).await
    }

    /// The account after a change.
    async fn after(&self, wrote: Wrote, inbox: &Reachable) -> Result<Account, Miss> {
        match wrote {
            Wrote::Yes(answer) => Ok(answer.json()?),
            Wrote::Unclear | Wrote::NotThere => self.shown(inbox).await,
            Wrote::No(words) => Err(refusal(&words, inbox)),
        }
    }

    async fn shown(&self, inbox: &Reachable) -> Result<Account, Miss> {
        self.show(inbox).await?.ok_or_else(|| Trouble::Unknown.into())
    }

    fn described(&self, inbox: &Reachable, login: &MailLogin) -> Value {
        let mut body = json!({
            "email": inbox.email, "first_name": inbox.first_name, "last_name": inbox.last_name,
            "provider_code": self.knobs.code(inbox.provider), "daily_limit": self.knobs.daily_limit,
            "enable_slow_ramp": self.knobs.ramps_up,
            "smtp_username": login.user_name, "smtp_password": login.password.expose_secret(),
            "smtp_host": login.smtp.host, "smtp_port": login.smtp.port,
            "imap_username": login.user_name, "imap_password": login.password.expose_secret(),
            "imap_host": login.imap.host, "imap_port": login.imap.port,
        });
        if let Some(warmup) = self.knobs.warmup {
            body["warmup"] = json!({ "limit": warmup.a_day, "increment": warmup.ramp_up.to_string() });
        }
        body
    }

    /// Makes an address no account.
    pub(super) async fn ensure_gone(&self, email: &str) -> Result<(), Miss> {
        match self.delete(email).await? {
            Wrote::Yes(_) | Wrote::NotThere => Ok(()),
            Wrote::Unclear | Wrote::No(_) if self.show_address(email).await?.is_none() => Ok(()),
            Wrote::Unclear | Wrote::No(_) => Err(Trouble::Unknown.into()),
        }
    }

    /// How it is with an address; `None` when it is no account.
    pub(super) async fn link_of(&self, email: &str) -> Result<Option<Link>, Miss> {
        let account = self.show_address(email).await?;
        Ok(account.map(|account| Link {
            email: email.into(),
            account: key(email),
            sends: account.works(),
            receives: account.works(),
        }))
    }
}

/// What it means that an inbox was not taken.
fn refusal(words: &str, inbox: &Reachable) -> Miss {
    match PASSING.iter().any(|word| words.contains(word)) {
        true => shut(inbox),
        false => Miss::One(Trouble::Refused(Refused::ForGood(format!(
            "Instantly does not accept {}; its words are in the log.",
            inbox.email
        )))),
    }
}

/// The vendor cannot log in. Mailboxes let nobody in for a while after they were made, and passwords are put right.
fn shut(inbox: &Reachable) -> Miss {
    tracing::warn!(inbox = inbox.email, "Instantly cannot log into an inbox; it is tried again");
    Miss::One(Trouble::Refused(Refused::ShutOut))
}
