//! `mailwright orders watch`: the same view that partners follow, read from the store.

use std::time::Duration;

use model::clock::Time;
use model::id::OrderId;
use model::order::OrderStatus;
use model::timeline::{Facts, Standing, Update, standing, updates};
use model::view::{Timeline, TimelineDomain, TimelineRun};
use model::world::Scope;
use serde::Serialize;
use store::operator::is_erased;
use store::{StoreError, timelines};

use super::find::{erased, find};
use super::{Common, Desk, Fail, Output};
use crate::cli::progress::{self, Display};
use crate::cli::{out, words};

/// How often the order is looked at.
const LOOK: Duration = Duration::from_millis(100);

pub(super) async fn run(desk: &Desk, id: &str, common: &Common) -> Result<(), Fail> {
    let order = find(desk, id).await?;
    let scope = Scope { partner: order.partner.clone(), world: order.world.clone() };
    let mut viewer = Viewer { format: common.format, display: Display::new(), known: None };
    let mut look = tokio::time::interval(LOOK);
    let mut seen: Option<Facts> = None;
    loop {
        look.tick().await;
        if is_erased(&mut desk.store.read().await?, &order).await? {
            return Err(erased(&order.id));
        }
        if is_changed(desk, &scope, &order.id, seen.as_ref()).await? {
            seen = progress::read(&desk.store, &order.id).await?;
        }
        let Some(facts) = &seen else { return Err(Fail::failed(format!("the order {} is gone", order.id))) };
        let timeline = viewer.show(facts, desk.now())?;
        if timeline.has_ended() {
            viewer.display.finish()?;
            return verdict(&timeline);
        }
    }
}

async fn is_changed(desk: &Desk, scope: &Scope, id: &OrderId, seen: Option<&Facts>) -> Result<bool, StoreError> {
    let Some(seen) = seen else { return Ok(true) };
    let change = timelines::change(&mut desk.store.read().await?, scope, id).await?;
    Ok(change != Some(seen.change()))
}

fn verdict(timeline: &Timeline) -> Result<(), Fail> {
    match timeline.status {
        OrderStatus::Completed => Ok(()),
        status => Err(Fail::failed(format!("the order {} is {}", timeline.order_id, status.as_str()))),
    }
}

/// Shows an order in one of three ways: live, a line of text for every change, a line of JSON for every change.
struct Viewer {
    format: Output,
    display: Display,
    known: Option<Timeline>,
}

/// A line of JSON: an event of the stream that partners follow.
#[derive(Serialize)]
struct Line<'a> {
    event: &'static str,
    change: i64,
    data: &'a Update<'a>,
}

impl Viewer {
    fn show(&mut self, facts: &Facts, server: Time) -> Result<Timeline, Fail> {
        let timeline = Timeline::of(facts, server);
        let now = facts.now(server).partner();
        let is_new = self.known.as_ref().is_none_or(|known| known.change != timeline.change);
        for one in is_new.then(|| updates(self.known.as_ref(), &timeline)).into_iter().flatten() {
            match (self.format, self.display.is_live()) {
                (Output::Json, _) => line(&Line { event: one.name(), change: timeline.change, data: &one })?,
                (Output::Text, live) => self.say(&one, &timeline, now, live)?,
            }
        }
        if self.format == Output::Text && self.display.is_live() {
            self.display.update(&progress::rows(facts, &timeline, server))?;
        }
        self.known = Some(timeline.clone());
        Ok(timeline)
    }

    /// Says what is new; beside bars only what they do not show.
    fn say(&self, updates: &Update<'_>, timeline: &Timeline, now: Time, live: bool) -> Result<(), Fail> {
        match updates {
            Update::Domain(domain) if !live => self.display.say(&out::within(&domain_line(domain, now))),
            Update::Domain(domain) => self.say_what_is_wrong(domain, now),
            Update::Order(_) => self.display.say(&order_line(timeline, now)),
            Update::End(order) => {
                self.display.say(&format!("{}  {}  nothing is left to do", words::clock(now), order.order_id))
            }
        }
    }

    fn say_what_is_wrong(&self, domain: &TimelineDomain, now: Time) -> Result<(), Fail> {
        if matches!(standing(domain).0, Standing::Operator | Standing::Partner | Standing::Failed) {
            self.display.say(&out::within(&domain_line(domain, now)))?;
        }
        Ok(())
    }
}

fn line(value: &impl Serialize) -> Result<(), Fail> {
    out::line(&serde_json::to_string(value).unwrap_or_else(|_| "null".into()))
}

fn order_line(timeline: &Timeline, now: Time) -> String {
    let expected = words::expected(timeline, now).map(|it| format!("  expected {it}")).unwrap_or_default();
    format!("{}  {}  {}{expected}", words::clock(now), timeline.order_id, timeline.status.as_str())
}

/// Where a domain is and what is wrong, on one line.
fn domain_line(domain: &TimelineDomain, now: Time) -> String {
    let (_, run) = standing(domain);
    let steps = run.map(|run| format!("{}/{}", run.steps_done(), run.steps.len())).unwrap_or_default();
    let at = run.map(|run| at(run, now)).unwrap_or_default();
    let status = domain.status.as_str();
    format!("{}  {:<24} {status:<15} {steps:>5}  {at}", words::clock(now), domain.domain)
}

/// Where a run is, for a line that will be read later.
fn at(run: &TimelineRun, now: Time) -> String {
    let step = run.current().filter(|step| step.trouble.is_some());
    let Some(step) = step else { return words::place(run, now) };
    let again = step.next_try_at.map(|at| format!(" (again at {})", words::clock(at)));
    format!("{}. {}{}", words::whose_turn(step), step.trouble.as_deref().unwrap_or_default(), again.unwrap_or_default())
}
