//! `mailwright orders show --evidence`: what was seen of an order's domains.

use std::fmt::Write as _;

use model::evidence::Verdict;
use model::view::Evidence;
use serde_json::Value;

use super::find::find;
use super::{Common, Desk, Fail};
use crate::cli::out;

pub(super) async fn run(desk: &Desk, id: &str, common: &Common) -> Result<(), Fail> {
    let order = find(desk, id).await?;
    let looks = store::evidence::of_order(&mut desk.store.read().await?, &order.id).await?;
    let signed: Vec<Value> = looks.iter().filter_map(|look| serde_json::from_str(&look.document).ok()).collect();
    out::either(common.format, &signed, || {
        let read = looks.iter().filter_map(|look| serde_json::from_str::<Evidence>(&look.document).ok());
        let texts: Vec<_> = read.map(|look| text(&look)).collect();
        if texts.is_empty() { "None of its domains was looked at yet.".into() } else { texts.join("\n\n") }
    })
}

fn text(look: &Evidence) -> String {
    let mut text = format!("{}  looked at {}, signed by key {}", look.domain, look.checked_at, look.signature.key_id);
    for check in &look.checks {
        let _ = write!(text, "\n  {:<7} {:<10}", short(check.verdict), check.check.as_str());
        if let Some(reason) = &check.reason {
            let _ = write!(text, " {}", out::within(reason));
        }
        for seen in &check.seen {
            let answer = if seen.answer.is_empty() { "nothing".into() } else { seen.answer.join(", ") };
            let said = format!("{}: {answer}", seen.subject);
            let _ =
                write!(text, "\n            {} ({})", shortened(&out::within(&said)), out::within(&seen.answered_by));
        }
    }
    text
}

const fn short(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed => "FAILED",
        Verdict::Unknown => "unknown",
        Verdict::DoesNotApply => "n/a",
    }
}

/// Keys are long, and nobody reads them here.
fn shortened(text: &str) -> String {
    const MOST: usize = 100;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
