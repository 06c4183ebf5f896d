//! `mailwright orders`.

use std::time::Duration;

use clap::Subcommand;
use model::id::{Id, OrderId};
use model::order::{Order, OrderStatus};
use model::view;
use store::{Store, StoreError};

use super::admin::Desk;
use super::progress::{self, Display};
use super::{Common, Fail, Output, out};

/// How often the live view looks.
const LOOK: Duration = Duration::from_millis(100);

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
    /// One order with its domains
    Show {
        /// The order's id
        id: String,
    },
    /// The live view of an order, until it has ended
    Watch {
        /// The order's id
        id: String,
    },
}

pub(super) async fn run(action: &Action, common: &Common) -> Result<(), Fail> {
    let desk = Desk::open(common).await?;
    match action {
        Action::List { partner, limit } => list(&desk, partner.as_deref(), *limit, common).await,
        Action::Show { id } => show(&desk, id, common).await,
        Action::Watch { id } => watch(&desk, id, common).await,
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

async fn show(desk: &Desk, id: &str, common: &Common) -> Result<(), Fail> {
    let order = find(desk, id).await?;
    let view = view_of(&desk.store, &order).await?;
    let rows = progress::read(&desk.store, &order.id).await?;
    out::either(common.format, &view, || {
        let head = format!(
            "{}  {}\n{}  {}  placed {}  renews {}\n",
            order.id,
            order.status.as_str(),
            order.email,
            dollars(order.total_cents),
            order.created_at,
            order.renews_at
        );
        let cells = rows.iter().map(|row| {
            vec![
                row.name.clone(),
                row.provider.into(),
                row.status.as_str().into(),
                format!("{}/{}", row.done, row.steps),
                row.inboxes.to_string(),
                row.at.clone(),
            ]
        });
        format!("{head}\n{}", out::table(&["DOMAIN", "PROVIDER", "STATUS", "STEPS", "INBOXES", "AT"], cells.collect()))
    });
    Ok(())
}

async fn watch(desk: &Desk, id: &str, common: &Common) -> Result<(), Fail> {
    let mut order = find(desk, id).await?;
    if common.format == Output::Json {
        return Err(Fail::refused("`orders watch` is for people; scripts read `orders show --format json`"));
    }
    let mut display = Display::new();
    let mut look = tokio::time::interval(LOOK);
    let mut said = None;
    loop {
        look.tick().await;
        if said != Some(order.status) {
            display.say(&format!("{}  {}", order.id, order.status.as_str()));
            said = Some(order.status);
        }
        display.update(&progress::read(&desk.store, &order.id).await?);
        if has_ended(order.status) {
            display.finish();
            return Ok(());
        }
        order = find(desk, id).await?;
    }
}

const fn has_ended(status: OrderStatus) -> bool {
    matches!(status, OrderStatus::Completed | OrderStatus::Failed | OrderStatus::Cancelled)
}
