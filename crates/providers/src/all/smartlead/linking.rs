//! Making an inbox an account, and an account no account: look, act, look.

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::KEY_REFUSED;
use super::accounts::{Accounts, Known, Wrote};
use super::wire::{Account, Id, No, Saved};
use crate::roles::{Access, Link, MailLogin, OauthGrant, Reachable};
use crate::several::Miss;
use crate::trouble::{Refused, Trouble};
use model::domain::MailProvider;

/// Words of a no that say that a server was not found or did not answer: names that were published just now are not known
/// everywhere.
const NOT_THERE_YET: [&str; 9] = [
    "enotfound",
    "getaddrinfo",
    "eai_again",
    "etimedout",
    "econn",
    "timeout",
    "timed out",
    "dns",
    "greeting never received",
];
/// Words of a no that say that the mailbox was not opened.
const SHUT: [&str; 10] =
    ["login", "535", "auth", "password", "credential", "invalid_grant", "token", "smtp", "imap", "mailbox"];
/// Words of a no that say that the address is an account already.
const TWICE: [&str; 2] = ["already", "duplicate"];
/// Words of a no that say that nobody knows the client.
const NO_CLIENT: [&str; 3] = ["client not found", "client_id", "invalid client"];

impl Accounts<'_> {
    /// Makes an inbox an account, and says which.
    pub(super) async fn ensure(
        &self,
        inbox: &Reachable,
        client: Option<i64>,
        known: &Known,
    ) -> Result<(String, String), Miss> {
        let _changing = self.lists.changing(&inbox.email, false);
        let own = match known {
            Known::All(_) => None,
            Known::TooMany => Some(self.for_one()?),
        };
        let accounts = own.as_ref().unwrap_or(self);
        let id = match best(accounts.found(&inbox.email, known).await?, client) {
            Some(account) => accounts.mend(account.id, inbox, client).await?,
            None => accounts.add(inbox, client).await?,
        };
        Ok((inbox.email.clone(), id.text()))
    }

    /// How it is with an address; `None` when it is no account.
    pub(super) async fn link_of(&self, email: &str, client: Option<i64>, known: &Known) -> Result<Option<Link>, Miss> {
        let account = best(self.found(email, known).await?, client);
        Ok(account.map(|account| Link {
            email: email.into(),
            account: account.id.text(),
            sends: account.sends(),
            receives: account.receives(),
        }))
    }

    async fn found(&self, email: &str, known: &Known) -> Result<Vec<Account>, Miss> {
        match known.of(email) {
            Some(found) => Ok(found),
            None => self.of(email).await,
        }
    }

    async fn add(&self, inbox: &Reachable, client: Option<i64>) -> Result<Id, Miss> {
        let mut is_twice = false;
        let saved = match self.tell(inbox, client, None).await? {
            Wrote::No(no) if no.speaks_of(&TWICE) => {
                is_twice = true;
                None
            }
            Wrote::No(no) => return Err(refusal(&no, inbox)),
            Wrote::Yes(answer) => Some(Saved::of(&answer)),
            Wrote::Unclear => None,
        };
        if saved.as_ref().is_some_and(Saved::is_no) {
            return Err(shut(inbox));
        }
        let Some(id) = saved.and_then(Saved::id) else {
            let found = best(self.of(&inbox.email).await?, client);
            let missing = || if is_twice { elsewhere(inbox) } else { Trouble::Unknown.into() };
            return self.mend(found.ok_or_else(missing)?.id, inbox, client).await;
        };
        if self.knobs.warmup.is_some() && is_by_consent(inbox) && !matches!(self.warm_up(&id).await?, Wrote::Yes(_)) {
            return self.mend(id, inbox, client).await;
        }
        Ok(id)
    }

    /// Makes an account be as it should be, as far as that is not left to whoever has it.
    async fn mend(&self, id: Id, inbox: &Reachable, client: Option<i64>) -> Result<Id, Miss> {
        let account = self.shown(&id).await?;
        let changes = changes(&account, client);
        for change in &changes {
            changed(self.change(&id, change, inbox, client).await?, inbox)?;
        }
        if self.knobs.warmup.is_some() && !account.is_warming() {
            // It shows when the vendor has begun with it, and is not waited for.
            changed(self.warm_up(&id).await?, inbox)?;
        }
        if changes.is_empty() {
            return Ok(id);
        }
        let account = self.shown(&id).await?;
        match self::changes(&account, client).is_empty() {
            true => Ok(id),
            false if account.is_shut() => Err(shut(inbox)),
            false => Err(Trouble::Unknown.into()),
        }
    }

    async fn shown(&self, id: &Id) -> Result<Account, Miss> {
        // One that is gone in between is told of at the next try.
        self.show(id).await?.ok_or(Miss::One(Trouble::Later(None)))
    }

    async fn change(&self, id: &Id, change: &Change, inbox: &Reachable, client: Option<i64>) -> Result<Wrote, Miss> {
        match change {
            Change::Unsuspend => self.unsuspend(id).await,
            Change::GiveTo(client) => self.give_to(id, *client).await,
            Change::LogIn => self.tell(inbox, client, Some(id)).await,
        }
    }

    /// Tells the vendor of an inbox, or of an account's new login.
    async fn tell(&self, inbox: &Reachable, client: Option<i64>, id: Option<&Id>) -> Result<Wrote, Miss> {
        let mut body = json!({
            "from_name": name(inbox), "from_email": inbox.email, "max_email_per_day": self.knobs.daily_limit,
        });
        let mut add = |more: Value| {
            if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
                body.extend(more);
            }
        };
        client.into_iter().for_each(|client| add(json!({ "client_id": client })));
        id.into_iter().filter_map(Id::number).for_each(|id| add(json!({ "id": id })));
        match &inbox.access {
            None => Err(shut(inbox)),
            Some(Access::Password(login)) => {
                add(self.knobs.warming());
                add(by_password(login));
                self.save("save", body, inbox).await
            }
            Some(Access::Oauth(grant)) => {
                // That is switched on afterwards, with its numbers: what is not on yet shows that it was not come to.
                add(json!({ "username": inbox.email, "warmup_enabled": false }));
                add(json!({ "use_whitelabel_credentials": self.knobs.is_own_application }));
                add(json!({ "type": self.knobs.oauth_types[usize::from(inbox.provider == MailProvider::Microsoft)] }));
                add(json!({ "token": token(grant) }));
                self.save("save-oauth", body, inbox).await
            }
        }
    }

    /// Makes an address no account.
    pub(super) async fn ensure_gone(&self, email: &str, known: &Known) -> Result<(), Miss> {
        let _changing = self.lists.changing(email, true);
        let mut is_unclear = false;
        for account in self.found(email, known).await? {
            match self.delete(&account.id).await? {
                Wrote::Yes(_) => {}
                // Somebody else may have been first.
                Wrote::Unclear | Wrote::No(_) => is_unclear = true,
            }
        }
        match is_unclear && !self.of(email).await?.is_empty() {
            true => Err(Trouble::Unknown.into()),
            false => Ok(()),
        }
    }
}

/// What is wrong with an account.
enum Change {
    /// It is suspended.
    Unsuspend,
    /// It is another client's.
    GiveTo(i64),
    /// Its login fails.
    LogIn,
}

fn changes(account: &Account, client: Option<i64>) -> Vec<Change> {
    let elsewhere = client.filter(|client| account.client_id != Some(*client));
    let suspended = (account.is_suspended == Some(true)).then_some(Change::Unsuspend);
    let shut = account.is_shut().then_some(Change::LogIn);
    suspended.into_iter().chain(elsewhere.map(Change::GiveTo)).chain(shut).collect()
}

const fn is_by_consent(inbox: &Reachable) -> bool {
    matches!(inbox.access, Some(Access::Oauth(_)))
}

/// The account to keep of several of one address: the one that belongs where it should and works; of these the oldest.
fn best(accounts: Vec<Account>, client: Option<i64>) -> Option<Account> {
    let is_elsewhere = |account: &Account| client.is_some() && account.client_id != client;
    accounts.into_iter().min_by_key(|account| (account.is_shut(), is_elsewhere(account), account.id.text()))
}

/// What a change came to that is looked at afterwards.
fn changed(wrote: Wrote, inbox: &Reachable) -> Result<(), Miss> {
    match wrote {
        Wrote::Yes(_) | Wrote::Unclear => Ok(()),
        Wrote::No(no) => Err(refusal(&no, inbox)),
    }
}

/// What it means that an inbox was not taken.
fn refusal(no: &No, inbox: &Reachable) -> Miss {
    if no.speaks_of(&NO_CLIENT) {
        return Miss::All(KEY_REFUSED);
    }
    if no.speaks_of(&NOT_THERE_YET) {
        return Miss::One(Trouble::Later(None));
    }
    if no.speaks_of(&SHUT) {
        return shut(inbox);
    }
    Miss::One(Trouble::Refused(Refused::ForGood(format!(
        "Smartlead does not accept {}; its words are in the log.",
        inbox.email
    ))))
}

/// The vendor cannot log in. Mailboxes let nobody in for a while after they were made, and passwords are put right.
fn shut(inbox: &Reachable) -> Miss {
    tracing::warn!(inbox = inbox.email, "Smartlead cannot log into an inbox; it is tried again");
    Miss::One(Trouble::Refused(Refused::ShutOut))
}

/// It is an account of another key, which nobody here can see or remove.
fn elsewhere(inbox: &Reachable) -> Miss {
    tracing::warn!(
        inbox = inbox.email,
        "Smartlead has an inbox in another of its customers' accounts; it is tried again"
    );
    Miss::One(Trouble::Later(None))
}

fn name(inbox: &Reachable) -> String {
    let name = format!("{} {}", inbox.first_name, inbox.last_name);
    match name.trim() {
        "" => inbox.email.clone(),
        name => name.to_owned(),
    }
}

fn by_password(login: &MailLogin) -> Value {
    json!({
        "user_name": login.user_name, "password": login.password.expose_secret(), "smtp_host": login.smtp.host,
        "smtp_port": login.smtp.port, "imap_host": login.imap.host, "imap_port": login.imap.port,
    })
}

fn token(grant: &OauthGrant) -> Value {
    json!({
        "access_token": grant.access_token.expose_secret(), "refresh_token": grant.refresh_token.expose_secret(),
        "token_type": "Bearer", "expiry_date": grant.expires_at.0 / 1_000, "scope": grant.scope,
    })
}
