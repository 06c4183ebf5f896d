//! `mailwright costs`: what names and seats cost the operator, what the partners pay for them, and what is left, by order, month or line.

use clap::{Args, ValueEnum};
use model::id::Id as _;
use model::money::dollars;
use serde_json::{Value, json};
use store::costs::{self, By, Paid, Sum};

use super::admin::Desk;
use super::{Common, Fail, out};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// What is added up
    #[arg(long, value_enum, default_value_t = ByName::Month)]
    by: ByName,
    /// Sandboxes, where nothing costs anything, instead of live keys
    #[arg(long)]
    test: bool,
    /// Only this partner's, by id or name
    #[arg(long)]
    partner: Option<String>,
    /// How many at most, the newest first
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ByName {
    Month,
    Order,
    /// Each charge for a name, or for licences whose seats are bought, by itself
    Line,
}

pub(super) async fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    let desk = Desk::open(common).await?;
    let partner = match &options.partner {
        Some(text) => Some(desk.partner(text).await?.id),
        None => None,
    };
    let filter = costs::Filter { live: !options.test, partner, limit: options.limit };
    let (by, first) = match options.by {
        ByName::Month => (By::Month, "MONTH"),
        ByName::Order => (By::Order, "ORDER"),
        ByName::Line => {
            let lines = costs::of_lines(&mut desk.store.read().await?, &filter).await?;
            let shown: Vec<_> = lines.iter().map(line).collect();
            return out::either(common.format, &shown, || table_of_lines(&lines));
        }
    };
    let sums = costs::sums(&mut desk.store.read().await?, by, &filter).await?;
    let shown: Vec<_> = sums.iter().map(shown).collect();
    out::either(common.format, &shown, || table(&sums, first))
}

fn shown(sum: &Sum) -> Value {
    json!({
        "of": sum.of, "price_cents": sum.price_cents, "cost_cents": sum.cost_cents,
        "margin_cents": sum.margin_cents(), "at_most_cents": sum.open_cents,
    })
}

/// What is said where there is nothing to show.
const NOTHING: &str = "Nothing was bought and nothing charged.";

fn line(paid: &Paid) -> Value {
    json!({
        "line": paid.line.as_str(), "order": paid.order.as_str(), "name": paid.name, "kind": paid.kind.as_str(),
        "booked_at": paid.booked_at, "price_cents": paid.price_cents, "cost_cents": paid.cost_cents,
        "margin_cents": paid.margin_cents(), "at_most_cents": paid.open_cents,
    })
}

fn table_of_lines(lines: &[Paid]) -> String {
    if lines.is_empty() {
        return NOTHING.into();
    }
    let rows = lines.iter().map(|paid| {
        let money = |cents: Option<_>| cents.map(dollars).unwrap_or_default();
        let what = [paid.line.as_str(), &paid.booked_at.date(), &paid.name, paid.kind.as_str()].map(str::to_owned);
        let money = [Some(paid.price_cents), paid.cost_cents, paid.margin_cents(), paid.open_cents].map(money);
        [what, money].concat()
    });
    let heads = ["LINE", "BOOKED", "NAME", "WHAT", "PRICE", "COST", "MARGIN", "OPEN, AT MOST"];
    out::table(&heads, rows.collect())
}

fn table(sums: &[Sum], first: &str) -> String {
    if sums.is_empty() {
        return NOTHING.into();
    }
    let rows = sums.iter().map(|sum| {
        let money = [sum.price_cents, sum.cost_cents, sum.margin_cents(), sum.open_cents].map(dollars);
        [vec![sum.of.clone()], money.to_vec()].concat()
    });
    out::table(&[first, "PRICE", "COST", "MARGIN", "OPEN, AT MOST"], rows.collect())
}
