//! How the inboxes of a domain are reached by whoever sends from them.

use std::collections::BTreeMap;

use model::access::servers;
use model::inbox::{Inbox, InboxStatus};
use model::run::Then;
use providers::roles::{Access, MailLogin, MailServer, Reachable};
use secrecy::SecretString;

use crate::consents::grant_of;
use crate::cx::Cx;
use crate::party::Fault;

/// These inboxes, with the ways into them that are known.
pub(crate) fn reachable(cx: &Cx<'_>, inboxes: &[&Inbox]) -> Result<Vec<Reachable>, Fault> {
    let mut logins = logins(cx)?;
    inboxes.iter().map(|inbox| reached(cx, inbox, logins.remove(&inbox.email))).collect()
}

/// An inbox that had another address: its password is the same, and may be known by that.
pub(crate) fn reachable_as(cx: &Cx<'_>, inbox: &Inbox, old: &str) -> Result<Reachable, Fault> {
    let mut logins = logins(cx)?;
    let password = logins.remove(&inbox.email).or_else(|| logins.remove(old));
    reached(cx, inbox, password)
}

/// Those that the sequencer can be let into, or that it need not be let into, and those that it cannot.
pub(crate) fn enterable(cx: &Cx<'_>, inboxes: Vec<Reachable>) -> Result<(Vec<Reachable>, Vec<Reachable>), Fault> {
    let sequencer = cx.sequencer().player;
    let takes = sequencer.takes();
    let is_free = takes.is_empty() || !(sequencer.insists() || cx.mail_host()?.player.wants_passwords_made());
    let is_open = |access: &Access| takes.contains(&access.kind());
    Ok(inboxes.into_iter().partition(|inbox| is_free || inbox.access.as_ref().is_some_and(is_open)))
}

/// An inbox of the domain into which we could log in ourselves, and how; `None` where nobody has given us a password.
pub(crate) fn with_password(cx: &Cx<'_>, email: Option<&str>) -> Result<Option<MailLogin>, Fault> {
    let mut logins = logins(cx)?;
    let lives = |inbox: &&Inbox| inbox.status != InboxStatus::Deleted && email.is_none_or(|email| inbox.email == email);
    let mut inboxes: Vec<_> = cx.inboxes.iter().filter(lives).collect();
    inboxes.sort_by(|one, other| one.email.cmp(&other.email));
    Ok(inboxes.into_iter().find_map(|inbox| Some(login(inbox, logins.remove(&inbox.email)?))))
}

fn logins(cx: &Cx<'_>) -> Result<BTreeMap<String, SecretString>, Fault> {
    store::domains::open_mail_logins(cx.vault, cx.domain).map_err(|_| {
        let words = "The inboxes' logins cannot be opened with this installation's master key.".into();
        Fault::Ours(Then::Operator { words })
    })
}

fn reached(cx: &Cx<'_>, inbox: &Inbox, password: Option<SecretString>) -> Result<Reachable, Fault> {
    let by_password = password.map(|password| Access::Password(login(inbox, password)));
    let ways: Vec<_> = grant_of(cx, inbox)?.map(Access::Oauth).into_iter().chain(by_password).collect();
    // A grant is never older than the password: it is given up for one that is sent after it.
    let takes = cx.sequencer().player.takes();
    let rank = |way: &Access| takes.iter().position(|kind| *kind == way.kind()).unwrap_or(usize::MAX);
    Ok(Reachable {
        email: inbox.email.clone(),
        first_name: inbox.first_name.clone(),
        last_name: inbox.last_name.clone(),
        provider: inbox.provider,
        access: ways.into_iter().min_by_key(rank),
    })
}

fn login(inbox: &Inbox, password: SecretString) -> MailLogin {
    let servers = servers(inbox.provider);
    let server = |(host, port): (&str, u16)| MailServer { host: host.to_owned(), port };
    MailLogin { user_name: inbox.email.clone(), password, smtp: server(servers.smtp), imap: server(servers.imap) }
}
