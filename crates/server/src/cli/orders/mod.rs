//! `mailwright orders`.

use clap::Subcommand;
use model::id::{Id, OrderId};
use model::order::Order;
use model::view;
use store::{Store, StoreError};

use super::admin::Desk;
use super::{Common, Fail, Output, out};

mod show;
mod watch;

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// The newest orders
    List {
        /// Only this partner's, by id or name
        #[arg(long)]
        partner: Option<String>,
        /// How many at most
        #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
    },
    /// Where an order is: its domains, what they wait for, and who has to act
    Show {
        /// The order's id
        id: String,
    },
    /// An order as it gets on, until nothing is left to do: live on a terminal, elsewhere a line for every
    /// change, with `--format json` a line of JSON; ends with 0 when the order is completed and with 1 otherwise
    Watch {
        /// The order's id
        id: String,
    },
}

pub(super) async fn run(action: &Action, common: &Common) -> Result<(), Fail> {
    let desk = Desk::open(common).await?;
    match action {
        Action::List { partner, limit } => list(&desk, partner.as_deref(), *limit, common).await,
        Action::Show { id } => show::run(&desk, id, common).await,
        Action::Watch { id } => watch::run(&desk, id, common).await,
    }
}

async fn list(desk: &Desk, partner: Option<&str>, limit: i64, common: &Common) -> Result<(), Fail> {
    let partner = match partner {
        Some(text) => Some(desk.partner(text).await?.id),
        None => None,
    };
    let orders = store::operator::newest_orders(&mut desk.store.read().await?, partner.as_ref(), limit).await?;
    let receipts: Vec<_> = orders.iter().map(view::Receipt::of).collect();
    out::either(common.format, &receipts, || {
        let rows = orders.iter().map(|one| {
            let domains = one.domain_count.to_string();
            vec![
                one.id.to_string(),
                one.status.as_str().into(),
                domains,
                dollars(one.total_cents),
                one.email.clone(),
                one.created_at.to_string(),
            ]
        });
        out::table(&["ID", "STATUS", "DOMAINS", "TOTAL", "CUSTOMER", "PLACED"], rows.collect())
    });
    Ok(())
}

/// Cents as people read them.
pub(super) fn dollars(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02} USD", cents.abs() / 100, cents.abs() % 100)
}

async fn find(desk: &Desk, id: &str) -> Result<Order, Fail> {
    let order = store::operator::order(&mut desk.store.read().await?, &OrderId::opaque(id)).await?;
    order.ok_or_else(|| Fail::refused(format!("there is no order {id}; `mailwright orders list` shows the newest")))
}

/// An order as the API shows it.
pub(super) async fn view_of(store: &Store, order: &Order) -> Result<view::Order, StoreError> {
    let mut db = store.read().await?;
    let (order, domains, lines) = store::orders::in_full(&mut db, order.clone()).await?;
    Ok(view::Order::of(&order, &domains, &lines))
}
