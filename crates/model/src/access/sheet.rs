//! Inboxes as a sheet for whoever links them by hand: comma-separated values (RFC 4180).

use secrecy::{ExposeSecret as _, SecretString};

use super::servers;
use crate::inbox::Inbox;

/// An inbox in a sheet.
#[derive(Debug)]
pub struct Row<'a> {
    /// It.
    pub inbox: &'a Inbox,
    /// The name of its domain.
    pub domain: &'a str,
    /// Its password, where it is known.
    pub password: Option<&'a SecretString>,
    /// What is said where it is not.
    pub note: &'a str,
}

/// Which columns a sheet has beside the usual ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// None.
    Usual,
    /// Passwords.
    Passwords,
    /// Passwords, and why some are missing.
    PasswordsAndNotes,
}

const COLUMNS: &str = "email,first_name,last_name,provider,domain,smtp_host,smtp_port,imap_host,imap_port,login";

/// The sheet.
#[must_use]
pub fn sheet<'a>(rows: impl IntoIterator<Item = Row<'a>>, shown: Shown) -> SecretString {
    let mut text = COLUMNS.to_owned();
    text.push_str(match shown {
        Shown::Usual => "\r\n",
        Shown::Passwords => ",password\r\n",
        Shown::PasswordsAndNotes => ",password,note\r\n",
    });
    for row in rows {
        let (inbox, servers) = (row.inbox, servers(row.inbox.provider));
        let ports = [servers.smtp.1.to_string(), servers.imap.1.to_string()];
        let (first_name, last_name) = (harmless(&inbox.first_name), harmless(&inbox.last_name));
        let mut cells = vec![inbox.email.as_str(), &first_name, &last_name, inbox.provider.as_str(), row.domain];
        cells.extend([servers.smtp.0, &ports[0], servers.imap.0, &ports[1], &inbox.email]);
        if shown != Shown::Usual {
            cells.push(row.password.map_or("", |password| password.expose_secret()));
        }
        if shown == Shown::PasswordsAndNotes {
            cells.push(row.note);
        }
        let cells: Vec<_> = cells.into_iter().map(quoted).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    SecretString::from(text)
}

fn quoted(cell: &str) -> String {
    match cell.contains(['"', ',', '\r', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

/// A name that a table calculator does not take for something to calculate: somebody outside has chosen it.
fn harmless(name: &str) -> String {
    if name.starts_with(['=', '+', '-', '@']) { format!("'{name}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Time;
    use crate::domain::MailProvider;
    use crate::id::{DomainId, Id as _, InboxId, OrderId, PartnerId, UserId};
    use crate::inbox::{InboxStatus, LinkStatus};
    use crate::world::World;

    fn inbox(name: &str) -> Inbox {
        Inbox {
            id: InboxId::opaque("inb_1"),
            partner: PartnerId::opaque("org_1"),
            world: World::live(),
            domain: DomainId::opaque("dom_1"),
            order: OrderId::opaque("ord_1"),
            user: UserId::opaque("usr_1"),
            email: "a@acme.com".into(),
            first_name: name.into(),
            last_name: String::new(),
            provider: MailProvider::Google,
            status: InboxStatus::Active,
            link: LinkStatus::Waiting,
            account_id: None,
            created_at: Time(0),
            version: 1,
        }
    }

    #[test]
    fn whatever_a_cell_holds_it_stays_one() {
        let (odd, ann, password) = (inbox("=1+1, \"x\""), inbox("Ann"), SecretString::from("=p\"w,d"));
        let rows = || {
            [
                Row { inbox: &odd, domain: "acme.com", password: Some(&password), note: "" },
                Row { inbox: &ann, domain: "acme.com", password: None, note: "none, yet" },
            ]
        };
        let text = sheet(rows(), Shown::PasswordsAndNotes);
        let lines: Vec<_> = text.expose_secret().split("\r\n").collect();
        assert_eq!(lines[0], format!("{COLUMNS},password,note"));
        let middle = "google,acme.com,smtp.gmail.com,465,imap.gmail.com,993,a@acme.com";
        assert_eq!(lines[1], format!("a@acme.com,\"'=1+1, \"\"x\"\"\",,{middle},\"=p\"\"w,d\","));
        assert_eq!(lines[2], format!("a@acme.com,Ann,,{middle},,\"none, yet\""));
        assert!(sheet(rows(), Shown::Passwords).expose_secret().contains("=p"));
        assert!(!sheet(rows(), Shown::Usual).expose_secret().contains("=p"));
    }
}
