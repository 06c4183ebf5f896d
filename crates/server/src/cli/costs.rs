//! `mailwright costs`: what names cost the operator, what the partners pay for them, and what is left, by order or month.

use clap::{Args, ValueEnum};
use model::money::dollars;
use serde_json::{Value, json};
use store::costs::{self, By, Sum};

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
}

pub(super) async fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    let desk = Desk::open(common).await?;
    let partner = match &options.partner {
        Some(text) => Some(desk.partner(text).await?.id),
        None => None,
    };
    let by = match options.by {
        ByName::Month => By::Month,
        ByName::Order => By::Order,
    };
    let filter = costs::Filter { live: !options.test, partner, limit: options.limit };
    let sums = costs::sums(&mut desk.store.read().await?, by, &filter).await?;
    let shown: Vec<_> = sums.iter().map(shown).collect();
    out::either(common.format, &shown, || table(&sums, options.by))
}

fn shown(sum: &Sum) -> Value {
    json!({
        "of": sum.of, "price_cents": sum.price_cents, "cost_cents": sum.cost_cents,
        "margin_cents": sum.margin_cents(), "at_most_cents": sum.open_cents,
    })
}

fn table(sums: &[Sum], by: ByName) -> String {
    if sums.is_empty() {
        return "Nothing was bought and nothing charged.".into();
    }
    let rows = sums.iter().map(|sum| {
        let money = [sum.price_cents, sum.cost_cents, sum.margin_cents(), sum.open_cents].map(dollars);
        [vec![sum.of.clone()], money.to_vec()].concat()
    });
    let first = match by {
        ByName::Month => "MONTH",
        ByName::Order => "ORDER",
    };
    out::table(&[first, "PRICE", "COST", "MARGIN", "OPEN, AT MOST"], rows.collect())
}
