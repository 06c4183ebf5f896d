//! `mailwright orders inboxes`: an order's inboxes, for whoever links them at a sequencer by hand.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use model::access::{self, Shown, servers, sheet};
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
    /// Put the passwords in that are known, those that somebody has sent; it is put down in the audit trail
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
    #[serde(skip)]
    inbox: Inbox,
}

pub(super) async fn run(desk: &Desk, options: &Options, common: &Common) -> Result<(), Fail> {
    let order = find(desk, &options.id).await?;
    let rows = rows(desk, &order).await?;
    let Some(file) = &options.csv else { return out::either(common.format, &rows, || table(&rows)) };
    if options.passwords {
        desk.put_down_logins(&order).await?;
    }
    let text = sheet(rows.iter().map(Row::line), if options.passwords { Shown::Passwords } else { Shown::Usual });
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
    let servers = servers(inbox.provider);
    Row {
        email: inbox.email.clone(),
        first_name: inbox.first_name.clone(),
        last_name: inbox.last_name.clone(),
        provider: inbox.provider,
        domain: domain.to_owned(),
        smtp_host: servers.smtp.0,
        smtp_port: servers.smtp.1,
        imap_host: servers.imap.0,
        imap_port: servers.imap.1,
        has_password: password.is_some(),
        password,
        inbox,
    }
}

impl Row {
    fn line(&self) -> access::Row<'_> {
        access::Row { inbox: &self.inbox, domain: &self.domain, password: self.password.as_ref(), note: "" }
    }
}

fn table(rows: &[Row]) -> String {
    let name = |row: &Row| format!("{} {}", row.first_name, row.last_name).trim().to_owned();
    let known = |row: &Row| if row.has_password { "known" } else { "" }.to_owned();
    let cells = rows.iter().map(|row| vec![row.email.clone(), name(row), row.provider.as_str().into(), known(row)]);
    out::table(&["INBOX", "NAME", "PROVIDER", "PASSWORD"], cells.collect())
}

/// Never over a file that is there.
fn write(file: &Path, text: &SecretString) -> std::io::Result<()> {
    let mut new = file_modes::options().create_new(true).open(file)?;
    new.write_all(text.expose_secret().as_bytes())?;
    new.sync_all()
}
