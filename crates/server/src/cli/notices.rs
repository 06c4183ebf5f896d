//! `mailwright notices`: what only the operator can mend or should know, and when that ends.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use model::id::Id as _;
use model::notice::{Notice, Shown};
use serde_json::Value;
use store::notices::{self, Filter};
use tokio::signal::unix::{SignalKind, signal};

use super::admin::Desk;
use super::{Common, Fail, Output, out};
use crate::operator::notices::{MOST, USUAL};

/// How often it is looked for something new.
const LOOK: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Those that are closed too
    #[arg(long, conflicts_with = "watch")]
    all: bool,
    /// Say what opens and closes, as it happens
    #[arg(long)]
    watch: bool,
    /// How many at most, the newest first
    #[arg(long, default_value_t = USUAL, value_parser = clap::value_parser!(i64).range(1..=MOST), conflicts_with = "watch")]
    limit: i64,
}

pub(super) async fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    let desk = Desk::open(common).await?;
    if options.watch {
        return watch(&desk, common.format).await;
    }
    let filter = Filter { is_open: (!options.all).then_some(true), before: None };
    let listed = notices::list(&mut desk.store.read().await?, &filter, options.limit).await?;
    let shown: Vec<_> = listed.iter().map(Notice::shown).collect();
    out::either(common.format, &shown, || text(&shown, options.all))
}

/// A block for each: what is so is a sentence, and a table would break it.
fn text(shown: &[Shown<'_>], all: bool) -> String {
    if shown.is_empty() {
        let none = "There is nothing that only you can mend.";
        return if all { format!("{none} Nothing is remembered either.") } else { none.to_owned() };
    }
    shown.iter().map(block).collect::<Vec<_>>().join("\n\n")
}

fn block(one: &Shown<'_>) -> String {
    let closed = one.closed_at.map(|at| format!(", closed {at}")).unwrap_or_default();
    let (kind, subject) = (one.kind, out::within(one.subject));
    let whose = one.partner.zip(one.environment).map(|(partner, environment)| format!("  ({partner}, {environment})"));
    let head = format!("{kind}  {subject}{}\n  since {}{closed}", whose.unwrap_or_default(), one.opened_at);
    let (message, todo) = (out::within(one.message), out::within(one.todo));
    if one.closed_at.is_some() {
        return format!("{head}\n  {message}");
    }
    format!("{head}\n  {message}\n  To do: {todo}")
}

async fn watch(desk: &Desk, format: Output) -> Result<(), Fail> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut known: BTreeMap<String, Notice> = BTreeMap::new();
    let mut is_first = true;
    loop {
        let open = notices::open(&mut desk.store.read().await?).await?;
        if is_first && format == Output::Text {
            let count = open.len();
            out::line(&format!("{count} open; what opens and closes is said as it happens, Ctrl-C ends it"))?;
        }
        is_first = false;
        for notice in open.iter().filter(|notice| !known.contains_key(notice.id.as_str())) {
            say(&notice.shown(), format)?;
        }
        let still = |id: &str| open.iter().any(|notice| notice.id.as_str() == id);
        let gone: Vec<_> = known.keys().filter(|id| !still(id)).cloned().collect();
        for id in gone {
            let Some(before) = known.remove(&id) else { continue };
            // Its row says when; a row that is gone was closed long ago.
            let closed = notices::load(&mut desk.store.read().await?, &before.id).await?.unwrap_or(before);
            say(&closed.shown(), format)?;
        }
        known.extend(open.into_iter().map(|notice| (notice.id.as_str().to_owned(), notice)));
        tokio::select! {
            biased;
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// One line each: what goes on for ever has no end to wait for.
fn say(one: &Shown<'_>, format: Output) -> Result<(), Fail> {
    if format == Output::Json {
        return out::line(&serde_json::to_value(one).unwrap_or(Value::Null).to_string());
    }
    let (at, what) = match one.closed_at {
        Some(at) => (at, "closed"),
        None => (one.opened_at, "open  "),
    };
    let todo = if one.closed_at.is_none() { format!(" To do: {}", one.todo) } else { String::new() };
    out::line(&out::within(&format!("{at}  {what}  {}  {}  {}{todo}", one.kind, one.subject, one.message)))
}
