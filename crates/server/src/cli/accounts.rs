//! `mailwright accounts`: the kinds of accounts at vendors, and those that are configured. No secret is read, and nobody asked.

use std::collections::BTreeMap;

use clap::Subcommand;
use model::caps::{Span, Usage};
use model::money::{Cents, dollars};
use model::role::Role;
use providers::all::KINDS;
use providers::descriptor::{Descriptor, Field};
use serde::Serialize;
use serde_json::{Value, json};
use store::{domains, intents};

use super::admin::Desk;
use super::{Common, Fail, out};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Every kind of account that can be configured, with the roles it plays and the fields it has
    Kinds,
    /// The accounts of the configuration: kind, roles for live keys, domains and money at each; never a secret
    List,
}

pub(super) async fn run(action: &Action, common: &Common) -> Result<(), Fail> {
    match action {
        Action::Kinds => {
            let kinds: Vec<_> = KINDS.iter().map(|kind| kind_value(&kind.descriptor)).collect();
            out::either(common.format, &kinds, kinds_text)
        }
        Action::List => list(common).await,
    }
}

fn names(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().map(|role| role.as_str()).collect()
}

fn kind_value(kind: &Descriptor) -> Value {
    let field = |field: &Field| json!({ "key": field.key, "label": field.label, "secret": field.secret, "optional": field.optional });
    let fields: Vec<_> = kind.fields.iter().map(field).collect();
    json!({ "kind": kind.name, "title": kind.title, "roles": names(kind.roles), "fields": fields, "docs": kind.guide.docs })
}

fn kinds_text() -> String {
    let blocks: Vec<_> = KINDS.iter().map(|kind| kind_text(&kind.descriptor)).collect();
    blocks.join("\n\n")
}

fn kind_text(kind: &Descriptor) -> String {
    let line = |field: &Field| {
        let mark = match (field.secret, field.optional) {
            (true, true) => "secret, may be left out",
            (true, false) => "secret",
            (false, true) => "may be left out",
            (false, false) => "",
        };
        format!("  {:<15} {:<16} {}", field.key, mark, field.label).trim_end().to_owned()
    };
    let first = format!("{}: {} ({})", kind.name, kind.title, names(kind.roles).join(", "));
    [vec![first], kind.fields.iter().map(line).collect()].concat().join("\n")
}

/// One account, as far as it may be shown.
#[derive(Debug, Serialize)]
struct Row {
    account: String,
    /// `None` where domains are at it and the configuration does not have it.
    kind: Option<String>,
    sandbox: bool,
    /// The roles that it plays: for live keys, or in a vendor's sandbox for test keys of single partners.
    roles: Vec<&'static str>,
    tlds: Vec<String>,
    most_domains: Option<i64>,
    most_users: Option<i64>,
    /// How many users it has as a mail tenant, or is to have.
    users: i64,
    /// How many domains are at it, by role.
    domains: BTreeMap<&'static str, i64>,
    caps: BTreeMap<&'static str, Money>,
}

/// A cap, and what is spent of it.
#[derive(Debug, Serialize)]
struct Money {
    cap_cents: Cents,
    spent_cents: Cents,
}

async fn list(common: &Common) -> Result<(), Fail> {
    let desk = Desk::open(common).await?;
    let mut db = desk.store.read().await?;
    let mut rows: BTreeMap<String, Row> = configured(&desk.config);
    for role in Role::ALL {
        for (account, count) in domains::in_accounts(&mut db, *role).await? {
            let row = rows.entry(account.clone()).or_insert_with(|| vanished(account));
            row.domains.insert(role.as_str(), count);
        }
    }
    for (account, has) in domains::in_tenants(&mut db, None).await? {
        if let Some(row) = rows.get_mut(&account) {
            row.users = has.users;
        }
    }
    let used = intents::usage(&mut db, &desk.config.caps().every(), desk.now()).await?;
    for Usage { account, span, cap_cents, spent_cents } in used {
        if let Some(row) = account.and_then(|account| rows.get_mut(&account)) {
            row.caps.insert(span.as_str(), Money { cap_cents, spent_cents });
        }
    }
    let rows: Vec<_> = rows.into_values().collect();
    out::either(common.format, &rows, || table(&rows))
}

fn configured(config: &Config) -> BTreeMap<String, Row> {
    let row = |(name, said): (&String, &crate::account_settings::AccountConfig)| {
        let (live, cast) = (&config.live, &config.sandbox.cast);
        let plays = |role: &&Role| live.of(**role).contains(name) || cast.of(**role).contains(name);
        let row = Row {
            account: name.clone(),
            kind: Some(said.kind.clone()),
            sandbox: said.sandbox,
            roles: Role::ALL.iter().filter(plays).map(|role| role.as_str()).collect(),
            tlds: said.tlds.clone(),
            most_domains: said.most_domains,
            most_users: said.most_users,
            users: 0,
            domains: BTreeMap::new(),
            caps: BTreeMap::new(),
        };
        (name.clone(), row)
    };
    config.accounts.iter().map(row).collect()
}

/// An account that domains are at and that the configuration does not have: a server does not start without it.
fn vanished(account: String) -> Row {
    let (roles, tlds, domains, caps) = (vec![], vec![], BTreeMap::new(), BTreeMap::new());
    Row {
        account,
        kind: None,
        sandbox: false,
        roles,
        tlds,
        most_domains: None,
        most_users: None,
        users: 0,
        domains,
        caps,
    }
}

fn table(rows: &[Row]) -> String {
    if rows.is_empty() {
        return "There are no accounts: see `mailwright accounts kinds`, and [accounts] in the configuration.".into();
    }
    let cells = |row: &Row| {
        let domains: Vec<_> = row.domains.iter().map(|(role, count)| format!("{count} {role}")).collect();
        vec![
            row.account.clone(),
            row.kind.clone().unwrap_or_else(|| "not configured".into()),
            plays(row),
            domains.join(", "),
            row.most_domains.map(|most| most.to_string()).unwrap_or_default(),
            of_most(row.users, row.most_users),
            spent(row, Span::Day),
            spent(row, Span::Month),
        ]
    };
    let header = ["ACCOUNT", "KIND", "PLAYS", "DOMAINS", "AT MOST", "USERS", "SPENT TODAY", "THIS MONTH"];
    out::table(&header, rows.iter().map(cells).collect())
}

fn of_most(users: i64, most: Option<i64>) -> String {
    match (users, most) {
        (0, None) => String::new(),
        (users, None) => users.to_string(),
        (users, Some(most)) => format!("{users} of {most}"),
    }
}

fn plays(row: &Row) -> String {
    let roles = row.roles.join(", ");
    match (row.sandbox, roles.is_empty()) {
        (true, true) => "sandbox".into(),
        (true, false) => format!("{roles} (sandbox)"),
        (false, _) => roles,
    }
}

fn spent(row: &Row, span: Span) -> String {
    let of = |money: &Money| format!("{} of {}", dollars(money.spent_cents), dollars(money.cap_cents));
    row.caps.get(span.as_str()).map(of).unwrap_or_default()
}
