//! `mailwright orders show`: where is this order?

use std::fmt::Write as _;

use model::action::{Action, fields_for};
use model::clock::Time;
use model::money::dollars;
use model::order::OrderStatus;
use model::partner::Partner;
use model::timeline::{Facts, Standing, standing};
use model::view::{Timeline, TimelineDomain, TimelineRun, TimelineStep};
use store::partners;

use super::find::find;
use super::{Common, Desk, Fail, view_of};
use crate::cli::progress::{self, Row};
use crate::cli::{out, words};

/// From how many domains on those that are fine are only counted.
const MANY: usize = 30;

/// How many domains are named that wait for the same party.
const NAMED: usize = 10;

pub(super) async fn run(desk: &Desk, id: &str, common: &Common) -> Result<(), Fail> {
    let order = find(desk, id).await?;
    let view = view_of(&desk.store, &order).await?;
    let partner = partners::get(&mut desk.store.read().await?, &order.partner).await?;
    let facts = progress::read(&desk.store, &order.id).await?;
    out::either(common.format, &view, || {
        facts.map(|facts| text(&facts, partner.as_ref(), desk.now())).unwrap_or_default()
    })
}

fn text(facts: &Facts, partner: Option<&Partner>, server: Time) -> String {
    let (timeline, now) = (Timeline::of(facts, server), facts.now(server).partner());
    let rows = progress::rows(facts, &timeline, server);
    let mut text = format!("{}\n\n{}", head(facts, &timeline, partner, now), table(&rows));
    for (wanted, title) in [
        (Standing::Operator, "The operator has to act"),
        (Standing::Partner, "The partner has to act"),
        (Standing::Failed, "Given up"),
        (Standing::Provider, "A provider is not ready yet; it is looked at again by itself"),
    ] {
        let waiting: Vec<_> = timeline.domains.iter().filter(|domain| standing(domain).0 == wanted).collect();
        if !waiting.is_empty() {
            let _ = write!(text, "\n\n{title}\n{}", reasons(facts, &waiting, now));
        }
    }
    text + &without_https(&timeline)
}

/// Which web addresses do not redirect over HTTPS, and why.
fn without_https(timeline: &Timeline) -> String {
    let without: Vec<_> =
        timeline.domains.iter().filter_map(|one| Some((&one.domain, one.https_trouble.as_ref()?))).collect();
    let mut text = String::new();
    if !without.is_empty() {
        text.push_str("\n\nNo HTTPS for the web address yet; HTTP redirects, and it is tried again by itself");
    }
    for (domain, trouble) in without.iter().take(NAMED) {
        let _ = write!(text, "\n  {domain}: {}", out::within(trouble));
    }
    if without.len() > NAMED {
        let _ = write!(text, "\n  and {} more", without.len() - NAMED);
    }
    text
}

fn head(facts: &Facts, timeline: &Timeline, partner: Option<&Partner>, now: Time) -> String {
    let order = &facts.order;
    let whose = partner.map_or_else(|| order.partner.to_string(), |partner| partner.name.clone());
    let environment = order.world.environment().as_str();
    let mut head = format!("{}  {}\n{}\n", order.id, order.status.as_str(), words::summary(timeline));
    let mut say = |name: &str, text: String| {
        let _ = write!(head, "\n  {name:<9} {}", out::within(&text));
    };
    if let Some(expected) = words::expected(timeline, now) {
        say("expected", expected);
    }
    say("placed", format!("{}, {} by {whose} ({environment})", order.created_at, words::ago(order.created_at, now)));
    if let Some(at) = finished_at(facts) {
        say("finished", format!("{at}, {} after it was placed", words::span(at.0 - order.created_at.0)));
    }
    say("customer", order.email.clone());
    let goes_on = !matches!(order.status, OrderStatus::Failed | OrderStatus::Cancelled) && order.cancels_at.is_none();
    let renews = if goes_on { format!(", renews {}", order.renews_at.date()) } else { String::new() };
    say("costs", format!("{}{renews}", dollars(order.total_cents)));
    if let Some(reference) = &order.reference {
        say("reference", reference.clone());
    }
    if let Some(at) = order.cancels_at {
        let verb = if order.status == OrderStatus::Cancelled { "ended" } else { "ends" };
        say("cancelled", format!("{verb} {at}"));
    }
    head
}

/// When nothing was left to do for what was ordered: it worked, or the last of it had gone.
fn finished_at(facts: &Facts) -> Option<Time> {
    let gone = || {
        let left = facts.domains.iter().filter_map(|domain| domain.left_at);
        left.chain(facts.runs.iter().filter_map(|run| run.finished_at)).max()
    };
    match facts.order.status {
        OrderStatus::Completed => facts.order.completed_at,
        OrderStatus::Failed | OrderStatus::Cancelled => gone(),
        OrderStatus::InProgress | OrderStatus::ActionRequired | OrderStatus::CancelScheduled => None,
    }
}

fn table(rows: &[Row]) -> String {
    let is_told = |row: &&Row| rows.len() < MANY || row.standing != Standing::Active;
    let cells = rows.iter().filter(is_told).map(|row| {
        vec![
            row.name.clone(),
            row.provider.into(),
            row.status.as_str().into(),
            format!("{}/{}", row.done, row.steps),
            row.inboxes.to_string(),
            row.at.clone(),
        ]
    });
    let cells: Vec<_> = cells.collect();
    let left_out = rows.len() - cells.len();
    let table = out::table(&["DOMAIN", "PROVIDER", "STATUS", "STEPS", "INBOXES", "AT"], cells);
    if left_out == 0 { table } else { format!("{table}\nand {left_out} that are active") }
}

/// What each of these domains waits for.
fn reasons(facts: &Facts, domains: &[&TimelineDomain], now: Time) -> String {
    let named = domains.iter().take(NAMED).map(|domain| reason(facts, domain, now));
    let mut lines: Vec<_> = named.collect();
    if domains.len() > NAMED {
        lines.push(format!("  and {} more", domains.len() - NAMED));
    }
    lines.join("\n")
}

fn reason(facts: &Facts, domain: &TimelineDomain, now: Time) -> String {
    let (_, run) = standing(domain);
    let Some(step) = run.and_then(TimelineRun::current) else { return format!("  {}", domain.domain) };
    let mut text = format!("  {}  {}", domain.domain, step.title);
    for more in [words::tries(step, now), action(facts, step)] {
        if !more.is_empty() {
            let _ = write!(text, ", {more}");
        }
    }
    if let Some(trouble) = run.and_then(trouble) {
        let _ = write!(text, "\n    {}", out::within(trouble));
    }
    text
}

/// Which call answers, and with what.
fn action(facts: &Facts, step: &TimelineStep) -> String {
    let Some(id) = &step.action_id else { return String::new() };
    let action = facts.actions.iter().find(|action| action.id.to_string() == *id);
    let worked = |action: &Action| {
        facts.domains.iter().any(|domain| domain.id == action.domain && domain.connected_at.is_some())
    };
    let fields = action.map(|action| fields_for(action, worked(action)).join(" or ")).unwrap_or_default();
    let with = if fields.is_empty() { fields } else { format!("with {fields}, or ") };
    format!("waits for POST /orders/pending/{id}/resolve {with}with {{}} to look again at once")
}

/// What is wrong with the step that a run is at.
fn trouble(run: &TimelineRun) -> Option<&str> {
    run.current().and_then(|step| step.trouble.as_deref())
}
