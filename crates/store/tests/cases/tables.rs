//! What a table's declaration has to do: every field comes back as it was written, and every column is the schema's.

use std::collections::BTreeSet;

use model::clock::Time;
use model::id::PartnerId;
use model::idempotency::Said;
use model::secret::Secret;
use model::world::{Scope, World};
use secrecy::ExposeSecret as _;
use store::{
    TABLES, actions, bundles, consents, deliveries, domains, endpoints, events, evidence, forwardings, idempotency,
    imports, inboxes, intents, keys, ledger, notices, orders, partners, pauses, quotes, runs, swaps, tasks, users,
    zones,
};

use super::super::support::bench::Bench;
use super::super::support::filled::{self, ordered, worked};
use super::super::support::tried::Tried;

on_both! {
    every_field_of_every_table_comes_back
    every_column_is_declared
}

/// Columns that no declaration has: what the database works out, and what is no row of ours.
const BESIDE: &[&str] = &["events.position", "zones.mark", "tasks.clock", "meta.key", "meta.value"];

async fn every_column_is_declared(bench: Bench) {
    let schema = bench.schema().await;
    let columns = schema.iter().filter(|line| !line.starts_with("index ")).filter_map(|line| line.split(' ').next());
    // The audit trail is no table of things that change, and certificates and leave to mend are written by whoever asks for them: their own cases are
    // beside this.
    let own = ["audit", "acme_", "mendings"];
    let columns = columns.filter(|column| !own.iter().any(|beginning| column.starts_with(beginning)));
    let there: BTreeSet<_> = columns.map(ToOwned::to_owned).collect();
    let mut declared: Vec<_> = BESIDE.iter().map(ToString::to_string).collect();
    for table in TABLES {
        declared.extend(table.columns.iter().map(|column| format!("{}.{column}", table.name)));
    }
    assert_eq!(declared.iter().cloned().collect::<BTreeSet<_>>(), there);
    assert_eq!(declared.len(), there.len(), "no column is declared twice");
}

async fn every_field_of_every_table_comes_back(bench: Bench) {
    let tried = Tried::on(&bench);
    who_asks(&tried).await;
    what_is_ordered(&tried).await;
    what_is_worked_on(&tried).await;
    what_is_bought_and_noticed(&tried).await;
    what_is_only_written(&tried).await;
    let all: BTreeSet<_> = TABLES.iter().map(|table| table.name).collect();
    assert_eq!(tried.names(), all, "a table that is new has to be tried too");
}

fn scope(partner: &PartnerId, world: &World) -> Scope {
    Scope { partner: partner.clone(), world: world.clone() }
}

async fn who_asks(tried: &Tried<'_>) {
    tried
        .changes(
            "partners",
            filled::partner,
            |change| &mut change.partners,
            async |db, row| {
                let Some(mut read) = partners::get(db, &row.id).await? else { return Ok(None) };
                read.sequencer_key = partners::open_key(&db.vault(), &read)?.map(Secret::Plain);
                Ok(Some(read))
            },
        )
        .await;
    tried
        .changes("api_keys", filled::api_key, |change| &mut change.keys, async |db, row| keys::get(db, &row.id).await)
        .await;
    tried
        .changes(
            "endpoints",
            filled::endpoint,
            |change| &mut change.endpoints,
            async |db, row| {
                let Some(mut read) = endpoints::load(db, &row.id).await? else { return Ok(None) };
                let mut secrets = endpoints::open_secrets(&db.vault(), &read, Time(0))?.into_iter().map(Secret::Plain);
                (read.secret, read.old_secret) = (secrets.next().expect("a secret"), secrets.next());
                Ok(Some(read))
            },
        )
        .await;
    tried
        .changes(
            "users",
            filled::user,
            |change| &mut change.users,
            async |db, row| {
                let Some(mut read) = users::get(db, &scope(&row.partner, &row.world), &row.id).await? else {
                    return Ok(None);
                };
                read.sequencer_key = users::open_key(&db.vault(), &read)?.map(Secret::Plain);
                Ok(Some(read))
            },
        )
        .await;
    tried
        .changes(
            "bundles",
            filled::bundle,
            |change| &mut change.bundles,
            async |db, row| bundles::get(db, &scope(&row.partner, &row.world), &row.id).await,
        )
        .await;
}

async fn what_is_ordered(tried: &Tried<'_>) {
    tried
        .changes(
            "orders",
            ordered::order,
            |change| &mut change.orders,
            async |db, row| {
                let Some(mut read) = orders::load(db, &row.id).await? else { return Ok(None) };
                let (password, api_key) = orders::open_login(&db.vault(), &read)?;
                read.sequencer.login_password = password.map(Secret::Plain);
                read.sequencer.api_key = api_key.map(Secret::Plain);
                Ok(Some(read))
            },
        )
        .await;
    tried
        .changes(
            "domains",
            ordered::domain,
            |change| &mut change.domains,
            async |db, row| {
                let Some(mut read) = domains::load(db, &row.id).await? else { return Ok(None) };
                let logins = domains::open_mail_logins(&db.vault(), &read)?;
                let password = logins.get("a@acme.com").map(|password| password.expose_secret().to_owned());
                let kept = password.map(|password| format!(r#"{{"a@acme.com":"{password}"}}"#));
                read.mail_logins = kept.map(Secret::plain);
                Ok(Some(read))
            },
        )
        .await;
    tried
        .changes(
            "inboxes",
            ordered::inbox,
            |change| &mut change.inboxes,
            async |db, row| inboxes::get(db, &scope(&row.partner, &row.world), &row.id).await,
        )
        .await;
    tried
        .changes(
            "consents",
            ordered::consent,
            |change| &mut change.consents,
            async |db, row| {
                let Some(mut read) = consents::get(db, &row.inbox).await? else { return Ok(None) };
                read.code = consents::open_code(&db.vault(), &read)?.map(Secret::Plain);
                read.granted = consents::open_grant(&db.vault(), &read)?.map(Secret::Plain);
                Ok(Some(read))
            },
        )
        .await;
    tried
        .changes(
            "actions",
            ordered::action,
            |change| &mut change.actions,
            async |db, row| actions::get(db, &scope(&row.partner, &row.world), &row.id).await,
        )
        .await;
}

async fn what_is_worked_on(tried: &Tried<'_>) {
    tried.changes("runs", worked::run, |change| &mut change.runs, async |db, row| runs::load(db, &row.id).await).await;
    tried
        .changes("swaps", worked::swap, |change| &mut change.swaps, async |db, row| swaps::load(db, &row.id).await)
        .await;
    tried
        .changes(
            "imports",
            worked::import,
            |change| &mut change.imports,
            async |db, row| imports::get(db, &scope(&row.partner, &row.world), &row.id).await,
        )
        .await;
    tried
        .changes(
            "import_rows",
            worked::import_row,
            |change| &mut change.import_rows,
            async |db, row| Ok(imports::rows(db, &row.import).await?.pop()),
        )
        .await;
    tried
        .changes(
            "forwardings",
            worked::forwarding,
            |change| &mut change.forwardings,
            async |db, row| forwardings::get(db, &scope(&row.partner, &row.world), &row.id).await,
        )
        .await;
    tried
        .changes(
            "deliveries",
            worked::delivery,
            |change| &mut change.deliveries,
            async |db, row| Ok(deliveries::load_all(db, std::slice::from_ref(&row.id)).await?.pop()),
        )
        .await;
}

async fn what_is_bought_and_noticed(tried: &Tried<'_>) {
    tried
        .changes(
            "intents",
            worked::intent,
            |change| &mut change.intents,
            async |db, row| intents::load(db, &row.id).await,
        )
        .await;
    tried
        .changes("zones", worked::zone, |change| &mut change.zones, async |db, row| zones::load(db, &row.id).await)
        .await;
    tried
        .changes("pauses", worked::pause, |change| &mut change.pauses, async |db, row| pauses::load(db, &row.id).await)
        .await;
    tried
        .changes(
            "notices",
            worked::notice,
            |change| &mut change.notices,
            async |db, row| notices::load(db, &row.id).await,
        )
        .await;
    tried
        .changes(
            "notice_messages",
            worked::message,
            |change| &mut change.messages,
            async |db, row| notices::message(db, &row.id).await,
        )
        .await;
}

async fn what_is_only_written(tried: &Tried<'_>) {
    tried
        .stays(
            "quotes",
            filled::quote,
            |change, rows| change.quotes = rows,
            async |db, row| quotes::get(db, &scope(&row.partner, &row.world), &row.id).await,
        )
        .await;
    tried
        .stays(
            "ledger",
            ordered::line,
            |change, rows| change.lines = rows,
            async |db, row| Ok(ledger::of_order(db, &row.order).await?.pop()),
        )
        .await;
    tried
        .stays(
            "events",
            worked::event,
            |change, rows| change.events = rows,
            async |db, row| Ok(events::load_all(db, std::slice::from_ref(&row.id)).await?.pop()),
        )
        .await;
    tried
        .stays(
            "evidence",
            worked::look,
            |change, rows| change.evidence = rows,
            async |db, row| evidence::get(db, &scope(&row.partner, &row.world), &row.domain, row.which).await,
        )
        .await;
    tried
        .stays(
            "tasks",
            worked::task,
            |change, rows| change.tasks = rows,
            async |db, row| tasks::load(db, &row.id).await,
        )
        .await;
    tried
        .stays(
            "remembered",
            worked::remembered,
            |change, rows| change.remembered = rows,
            async |db, row| {
                let (scope, keys) = (scope(&row.partner, &row.world), [row.key.clone()]);
                let Some(mut read) = idempotency::peek(db, &scope, &keys).await?.pop() else { return Ok(None) };
                read.said = Said::Sealed(Secret::plain(idempotency::answer(db, &read)?));
                Ok(Some(read))
            },
        )
        .await;
}
