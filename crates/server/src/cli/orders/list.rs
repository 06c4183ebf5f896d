//! `mailwright orders list`.

use std::collections::HashMap;

use clap::Args;
use clap::builder::PossibleValuesParser;
use model::money::dollars;
use model::order::{Order, OrderStatus};
use model::partner::Partner;
use model::view;
use model::world::Environment;
use serde::Serialize;
use store::operator::{Sought, newest_orders};
use store::orders::Filter;
use store::partners;

use super::{Common, Desk, Fail, find};
use crate::cli::keys::{EnvironmentName, environment_of};
use crate::cli::out;

#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Only this partner's, by id or name
    #[arg(long)]
    partner: Option<String>,
    /// Only those of this environment
    #[arg(long, value_enum)]
    environment: Option<EnvironmentName>,
    /// Only those with this status
    #[arg(long, value_parser = PossibleValuesParser::new(OrderStatus::ALL.iter().map(|status| status.as_str())))]
    status: Option<String>,
    /// Only those that have, or had, a domain of this name
    #[arg(long, value_name = "NAME")]
    domain: Option<String>,
    /// Only those with this reference
    #[arg(long)]
    reference: Option<String>,
    /// Only those of the customer with this address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
}

/// An order in short, and whose it is.
#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    receipt: view::Receipt,
    partner_id: String,
    partner: String,
    environment: Environment,
}

pub(super) async fn run(desk: &Desk, options: &Options, common: &Common) -> Result<(), Fail> {
    let partner = match &options.partner {
        Some(text) => Some(desk.partner(text).await?),
        None => None,
    };
    let sought = Sought {
        partner,
        environment: options.environment.map(environment_of),
        domain: options.domain.as_deref().map(find::domain_name),
        filter: Filter {
            status: options.status.as_deref().and_then(OrderStatus::parse),
            reference: options.reference.clone(),
            email: options.email.clone(),
            ..Filter::default()
        },
    };
    let orders = newest_orders(&mut desk.store.read().await?, &sought, options.limit).await?;
    let partners = partners::all(&mut desk.store.read().await?).await?;
    let rows: Vec<_> = rows(&orders, &partners);
    out::either(common.format, &rows, || table(&rows))
}

fn rows(orders: &[Order], partners: &[Partner]) -> Vec<Row> {
    let names: HashMap<_, _> = partners.iter().map(|partner| (&partner.id, partner.name.as_str())).collect();
    let row = |order: &Order| Row {
        receipt: view::Receipt::of(order),
        partner_id: order.partner.to_string(),
        partner: names.get(&order.partner).copied().unwrap_or_default().to_owned(),
        environment: order.world.environment(),
    };
    orders.iter().map(row).collect()
}

fn table(rows: &[Row]) -> String {
    let cells = rows.iter().map(|row| {
        let receipt = &row.receipt;
        vec![
            receipt.id.clone(),
            receipt.status.as_str().into(),
            receipt.domain_count.to_string(),
            dollars(receipt.costs.total_cents),
            receipt.email.clone(),
            receipt.created_at.to_string(),
            row.partner.clone(),
            row.environment.as_str().into(),
            receipt.reference.clone().unwrap_or_default(),
        ]
    });
    let header = ["ID", "STATUS", "DOMAINS", "TOTAL", "CUSTOMER", "PLACED", "PARTNER", "ENVIRONMENT", "REFERENCE"];
    out::table(&header, cells.collect())
}

/// These orders, as a list shows them.
pub(super) async fn shown(desk: &Desk, orders: &[Order]) -> Result<String, Fail> {
    let partners = partners::all(&mut desk.store.read().await?).await?;
    Ok(table(&rows(orders, &partners)))
}
