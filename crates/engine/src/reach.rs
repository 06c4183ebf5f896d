//! How the inboxes of a domain are reached by whoever sends from them.

use model::access::servers;
use model::inbox::Inbox;
use model::run::Then;
use providers::roles::{Access, MailLogin, MailServer, Reachable};
use secrecy::SecretString;

use crate::cx::Cx;
use crate::party::Fault;

/// These inboxes, with the ways into them that are known.
pub(crate) fn reachable(cx: &Cx<'_>, inboxes: &[&Inbox]) -> Result<Vec<Reachable>, Fault> {
    let mut logins = store::domains::open_mail_logins(cx.vault, cx.domain).map_err(|_| {
        let words = "The inboxes' logins cannot be opened with this installation's master key.".into();
        Fault::Ours(Then::Operator { words })
    })?;
    let one = |inbox: &&Inbox| Reachable {
        email: inbox.email.clone(),
        first_name: inbox.first_name.clone(),
        last_name: inbox.last_name.clone(),
        provider: inbox.provider,
        access: logins.remove(&inbox.email).map(|password| Access::Password(login(inbox, password))),
    };
    Ok(inboxes.iter().map(one).collect())
}

fn login(inbox: &Inbox, password: SecretString) -> MailLogin {
    let servers = servers(inbox.provider);
    let server = |(host, port): (&str, u16)| MailServer { host: host.to_owned(), port };
    MailLogin { user_name: inbox.email.clone(), password, smtp: server(servers.smtp), imap: server(servers.imap) }
}
