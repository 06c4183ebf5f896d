//! `mailwright purchases`: what was bought, or may have been, where, and for at most how much.

use clap::{Args, ValueEnum};
use model::intent::{Intent, IntentState};
use model::money::dollars;
use serde_json::{Value, json};
use store::intents::{self, Filter};

use super::admin::Desk;
use super::{Common, Fail, out};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only what is known to be so; `open` is what may have been bought
    #[arg(long, value_enum)]
    state: Option<StateName>,
    /// Only this partner's, by id or name
    #[arg(long)]
    partner: Option<String>,
    /// How many at most, the newest first
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
enum StateName {
    Open,
    Bought,
    NotBought,
}

pub(super) async fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    let desk = Desk::open(common).await?;
    let partner = match &options.partner {
        Some(text) => Some(desk.partner(text).await?.id),
        None => None,
    };
    let state = options.state.map(|name| match name {
        StateName::Open => IntentState::Open,
        StateName::Bought => IntentState::Bought,
        StateName::NotBought => IntentState::NotBought,
    });
    let filter = Filter { state, partner };
    let found = intents::list(&mut desk.store.read().await?, &filter, options.limit).await?;
    let shown: Vec<_> = found.iter().map(shown).collect();
    out::either(common.format, &shown, || table(&found))
}

fn shown(intent: &Intent) -> Value {
    json!({
        "id": intent.id, "kind": intent.kind.as_str(), "name": intent.name, "account": intent.account,
        "state": intent.state.as_str(), "most_cents": intent.most_cents, "opened_at": intent.opened_at,
        "closed_at": intent.closed_at, "seats": intent.seats, "ended_at": intent.ended_at, "paid_until": intent.paid_until, "partner": intent.partner,
        "environment": intent.world.environment().as_str(), "order": intent.order, "domain": intent.domain,
    })
}

/// The name; of seats how many, and whether they were given back.
fn what(intent: &Intent) -> String {
    let Some(seats) = intent.seats else { return intent.name.clone() };
    let back = if intent.ended_at.is_some() { ", given back" } else { "" };
    format!("{} ({seats} seats a month{back})", intent.name)
}

fn table(intents: &[Intent]) -> String {
    let rows = intents.iter().map(|intent| {
        let text = |value: Option<String>| value.unwrap_or_default();
        vec![
            intent.opened_at.to_string(),
            intent.kind.as_str().to_owned(),
            what(intent),
            intent.account.clone(),
            dollars(intent.most_cents),
            intent.state.as_str().to_owned(),
            text(intent.paid_until.map(|at| at.to_string())),
            text(intent.order.as_ref().map(ToString::to_string)),
        ]
    });
    out::table(&["SINCE", "KIND", "NAME", "ACCOUNT", "AT MOST", "STATE", "PAID UNTIL", "ORDER"], rows.collect())
}
