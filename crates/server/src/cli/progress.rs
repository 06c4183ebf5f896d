//! How far an order's domains are, as a terminal shows it.

use std::collections::HashSet;
use std::io::IsTerminal as _;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use model::clock::Time;
use model::domain::{DomainStatus, MailProvider};
use model::id::OrderId;
use model::timeline::{Facts, Standing, standing};
use model::view::{Timeline, TimelineDomain};
use store::{Store, StoreError};

use super::{Fail, out, words};

/// How many bars are shown at most; the rest share one.
const BARS: usize = 16;

/// One domain's place in its workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Its name.
    pub(super) name: String,
    /// Who hosts its mailboxes.
    pub(super) provider: &'static str,
    /// Its status.
    pub(super) status: DomainStatus,
    /// Where it stands.
    pub(super) standing: Standing,
    /// Steps that are done.
    pub(super) done: usize,
    /// Steps in all.
    pub(super) steps: usize,
    /// The step it is at, or what it waits for.
    pub(super) at: String,
    /// Inboxes made.
    pub(super) inboxes: i64,
    /// How long its run has taken, in milliseconds, once it has ended.
    pub(super) took_ms: Option<i64>,
}

/// Reads how an order gets on; `None` when there is no such order.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn read(store: &Store, order: &OrderId) -> Result<Option<Facts>, StoreError> {
    store::operator::timeline(&mut store.read_at_once().await?, order).await
}

/// Reads where every domain of an order stands.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn read_rows(store: &Store, order: &OrderId, server: Time) -> Result<Vec<Row>, StoreError> {
    let facts = read(store, order).await?;
    Ok(facts.map_or_else(Vec::new, |facts| rows(&facts, &Timeline::of(&facts, server), server)))
}

/// Where every domain of an order stands at a moment of the server's time.
pub(super) fn rows(facts: &Facts, timeline: &Timeline, server: Time) -> Vec<Row> {
    let now = facts.now(server).partner();
    // The timeline has the very domains of the facts, in the same order.
    let inboxes = facts.domains.iter().map(|domain| domain.inboxes_made);
    timeline.domains.iter().zip(inboxes).map(|(domain, inboxes)| row(domain, inboxes, now)).collect()
}

fn row(domain: &TimelineDomain, inboxes: i64, now: Time) -> Row {
    let (standing, run) = standing(domain);
    Row {
        name: domain.domain.clone(),
        provider: domain.provider.map_or("", MailProvider::as_str),
        status: domain.status,
        standing,
        done: run.map_or(0, |run| run.steps_done()),
        steps: run.map_or(0, |run| run.steps.len()),
        at: run.map_or_else(String::new, |run| words::place(run, now)),
        inboxes,
        took_ms: run.and_then(|run| Some((run.finished_at?.0 - run.began_at().0) / 1000)),
    }
}

/// Shows rows: live bars on a terminal, a line for every domain that has got there elsewhere.
pub(super) struct Display {
    bars: Option<MultiProgress>,
    shown: Vec<(ProgressBar, Row)>,
    rest: Option<ProgressBar>,
    announced: HashSet<String>,
}

impl Display {
    /// A display that fits where standard output goes.
    #[must_use]
    pub(super) fn new() -> Self {
        let bars =
            std::io::stdout().is_terminal().then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stdout()));
        Self { bars, shown: vec![], rest: None, announced: HashSet::new() }
    }

    /// Whether it shows bars.
    #[must_use]
    pub(super) const fn is_live(&self) -> bool {
        self.bars.is_some()
    }

    /// A line above the bars.
    pub(super) fn say(&self, text: &str) -> Result<(), Fail> {
        match &self.bars {
            Some(bars) => Ok(bars.println(out::plain(text))?),
            None => out::line(text),
        }
    }

    /// Shows where the domains are now; when there are many, those that have furthest to go.
    pub(super) fn update(&mut self, rows: &[Row]) -> Result<(), Fail> {
        if self.bars.is_none() {
            return self.announce(rows);
        }
        let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
        let mut rows: Vec<_> = rows.iter().collect();
        if rows.len() > BARS {
            rows.sort_by_key(|row| row.standing);
        }
        let (first, rest) = rows.split_at(rows.len().min(BARS));
        for (place, row) in first.iter().enumerate() {
            self.show(place, row, width);
        }
        if !rest.is_empty() {
            self.show_rest(rest, width);
        }
        Ok(())
    }

    fn announce(&mut self, rows: &[Row]) -> Result<(), Fail> {
        for row in rows.iter().filter(|row| row.standing == Standing::Active) {
            if self.announced.insert(row.name.clone()) {
                out::line(&format!("     {} {}", row.name, row.at))?;
            }
        }
        Ok(())
    }

    fn show(&mut self, place: usize, row: &Row, width: usize) {
        match self.shown.get_mut(place) {
            // Drawing again what is there makes terminals flicker.
            Some((_, shown)) if shown == row => return,
            Some((_, shown)) => *shown = row.clone(),
            None => self.shown.push((bar(self.bars.as_ref()), row.clone())),
        }
        let (bar, _) = &self.shown[place];
        bar.set_style(style(row.standing));
        bar.set_length(row.steps as u64);
        bar.set_position(row.done as u64);
        bar.set_message(out::plain(&format!("{:<width$}  {:<9}  {}", row.name, row.provider, row.at)).into_owned());
    }

    fn show_rest(&mut self, rows: &[&Row], width: usize) {
        let bars = &self.bars;
        let bar = self.rest.get_or_insert_with(|| bar(bars.as_ref()));
        let active = rows.iter().filter(|row| row.standing == Standing::Active).count();
        bar.set_length(rows.iter().map(|row| row.steps as u64).sum());
        bar.set_position(rows.iter().map(|row| row.done as u64).sum());
        bar.set_message(format!("{:<width$}  {active} active", format!("and {} more", rows.len())));
    }

    /// Leaves the bars as they are.
    pub(super) fn finish(&self) -> Result<(), Fail> {
        for bar in self.shown.iter().map(|(bar, _)| bar).chain(&self.rest) {
            bar.abandon();
        }
        if self.bars.is_some() { out::line("") } else { Ok(()) }
    }
}

impl Default for Display {
    fn default() -> Self {
        Self::new()
    }
}

fn bar(bars: Option<&MultiProgress>) -> ProgressBar {
    bars.map_or_else(ProgressBar::hidden, |bars| bars.add(ProgressBar::new(0).with_style(style(Standing::AtWork))))
}

/// Green is fine, yellow waits for somebody, red has failed.
fn style(standing: Standing) -> ProgressStyle {
    let template = match standing {
        Standing::Operator | Standing::Partner => "     {bar:20.yellow/dim} {wide_msg}",
        Standing::Failed => "     {bar:20.red/dim} {wide_msg}",
        Standing::Provider | Standing::AtWork | Standing::Active | Standing::Gone => {
            "     {bar:20.green/dim} {wide_msg}"
        }
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━━─")
}
