//! `mailwright orders inboxes`: an order's inboxes, for whoever links them at a sequencer by hand.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use model::domain::MailProvider;
use model::inbox::{Inbox, InboxStatus};
use model::order::Order;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use store::{domains, file_modes, inboxes};

use super::find::find;
use super::{Common, Desk, Fail};
use crate::cli::out;

#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// The order's id, or the name of a domain of it, its reference, or its customer's e-mail address; the
    /// newest order that fits is taken
    #[arg(value_name = "ORDER")]
    id: String,
    /// Write a new file of comma-separated values that only you can read; `-` prints them
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Put the passwords in that are known, of mailboxes that were made by hand; it is put down in the audit trail
    #[arg(long, requires = "csv")]
    passwords: bool,
}

/// An inbox, and where mail programs find it.
#[derive(Serialize)]
struct Row {
    email: String,
    first_name: String,
    last_name: String,
    provider: MailProvider,
    domain: String,
    smtp_host: &'static str,
    smtp_port: u16,
    imap_host: &'static str,
    imap_port: u16,
    /// Whether a password is known.
    has_password: bool,
    #[serde(skip)]
    password: Option<SecretString>,
}

pub(super) async fn run(desk: &Desk, options: &Options, common: &Common) -> Result<(), Fail> {
    let order = find(desk, &options.id).await?;
    let rows = rows(desk, &order).await?;
    let Some(file) = &options.csv else { return out::either(common.format, &rows, || table(&rows)) };
    if options.passwords {
        desk.put_down_logins(&order).await?;
    }
    let text = csv(&rows, options.passwords);
    if file == Path::new("-") {
        return out::exact(text.expose_secret().trim_end());
    }
    write(file, &text).map_err(|error| Fail::failed(format!("{} cannot be written: {error}", file.display())))?;
    out::line(&format!("{}: {} inboxes", file.display(), rows.len()))
}

async fn rows(desk: &Desk, order: &Order) -> Result<Vec<Row>, Fail> {
    let mut db = desk.store.read().await?;
    let mut rows = vec![];
    for domain in domains::of_order(&mut db, &order.id).await? {
        let mut passwords = domains::open_mail_logins(desk.store.vault(), &domain)?;
        let live = |inbox: &Inbox| inbox.status != InboxStatus::Deleted;
        for inbox in inboxes::of_domain(&mut db, &domain.id).await?.into_iter().filter(live) {
            rows.push(row(inbox, domain.name.as_str(), &mut passwords));
        }
    }
    Ok(rows)
}

fn row(inbox: Inbox, domain: &str, passwords: &mut BTreeMap<String, SecretString>) -> Row {
    let password = passwords.remove(&inbox.email.to_lowercase());
    let (smtp_host, smtp_port, imap_host) = servers(inbox.provider);
    Row {
        email: inbox.email,
        first_name: inbox.first_name,
        last_name: inbox.last_name,
        provider: inbox.provider,
        domain: domain.to_owned(),
        smtp_host,
        smtp_port,
        imap_host,
        imap_port: 993,
        has_password: password.is_some(),
        password,
    }
}

/// Where mail programs find mailboxes; see <https://support.google.com/a/answer/9003945> and
/// <https://support.microsoft.com/office/d088b986-291d-42b8-9564-9c414e2aa040>.
const fn servers(provider: MailProvider) -> (&'static str, u16, &'static str) {
    match provider {
        MailProvider::Google => ("smtp.gmail.com", 465, "imap.gmail.com"),
        MailProvider::Microsoft => ("smtp.office365.com", 587, "outlook.office365.com"),
    }
}

fn table(rows: &[Row]) -> String {
    let name = |row: &Row| format!("{} {}", row.first_name, row.last_name).trim().to_owned();
    let known = |row: &Row| if row.has_password { "known" } else { "" }.to_owned();
    let cells = rows.iter().map(|row| vec![row.email.clone(), name(row), row.provider.as_str().into(), known(row)]);
    out::table(&["INBOX", "NAME", "PROVIDER", "PASSWORD"], cells.collect())
}

const COLUMNS: &str = "email,first_name,last_name,provider,domain,smtp_host,smtp_port,imap_host,imap_port,login";

/// Comma-separated values (RFC 4180).
fn csv(rows: &[Row], passwords: bool) -> SecretString {
    let mut text = COLUMNS.to_owned();
    text.push_str(if passwords { ",password\r\n" } else { "\r\n" });
    for row in rows {
        let port = row.smtp_port.to_string();
        let imap_port = row.imap_port.to_string();
        let (first_name, last_name) = (harmless(&row.first_name), harmless(&row.last_name));
        let mut cells = vec![row.email.as_str(), &first_name, &last_name, row.provider.as_str(), &row.domain];
        cells.extend([row.smtp_host, &port, row.imap_host, &imap_port, &row.email]);
        if passwords {
            cells.push(row.password.as_ref().map_or("", |password| password.expose_secret()));
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

/// Never over a file that is there.
fn write(file: &Path, text: &SecretString) -> std::io::Result<()> {
    let mut new = file_modes::options().create_new(true).open(file)?;
    new.write_all(text.expose_secret().as_bytes())?;
    new.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_cell_holds_it_stays_one() {
        let row = |name: &str, password: Option<&str>| Row {
            email: "a@acme.com".into(),
            first_name: name.into(),
            last_name: String::new(),
            provider: MailProvider::Google,
            domain: "acme.com".into(),
            smtp_host: "s",
            smtp_port: 465,
            imap_host: "i",
            imap_port: 993,
            has_password: password.is_some(),
            password: password.map(SecretString::from),
        };
        let rows = [row("=1+1, \"x\"", Some("=p\"w,d")), row("Ann", None)];
        let text = csv(&rows, true);
        let lines: Vec<_> = text.expose_secret().split("\r\n").collect();
        assert_eq!(lines[0], format!("{COLUMNS},password"));
        let middle = "google,acme.com,s,465,i,993,a@acme.com";
        assert_eq!(lines[1], format!("a@acme.com,\"'=1+1, \"\"x\"\"\",,{middle},\"=p\"\"w,d\""));
        assert_eq!(lines[2], format!("a@acme.com,Ann,,{middle},"));
        assert!(!csv(&rows, false).expose_secret().contains("=p"));
    }
}
