//! How far an order's domains are, as a terminal shows it.

use std::collections::HashMap;
use std::io::IsTerminal as _;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use model::domain::{Domain, DomainStatus, MailProvider};
use model::id::OrderId;
use model::run::{Run, RunState, StepName, StepRecord, StepState, Who};
use store::{Store, StoreError};

use super::out;

/// How many bars are shown at most; the rest share one.
const BARS: usize = 16;

/// One domain's place in its workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Its name.
    pub(super) name: String,
    /// Who hosts its mailboxes.
    pub(super) provider: &'static str,
    /// Where it stands.
    pub(super) status: DomainStatus,
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

/// Reads where every domain of an order stands.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn read(store: &Store, order: &OrderId) -> Result<Vec<Row>, StoreError> {
    let mut db = store.read().await?;
    let domains = store::domains::of_order(&mut db, order).await?;
    let runs = store::runs::of_order(&mut db, order).await?;
    let by_domain: HashMap<_, _> = runs.into_iter().map(|run| (run.domain.clone(), run)).collect();
    Ok(domains.iter().map(|domain| row(domain, by_domain.get(&domain.id))).collect())
}

fn row(domain: &Domain, run: Option<&Run>) -> Row {
    let steps = run.map_or(0, |run| run.kind.steps().len());
    let done = run.map_or(0, |run| run.steps.iter().filter(|one| one.state == StepState::Done).count());
    Row {
        name: domain.name.to_string(),
        provider: domain.provider.map_or("", MailProvider::as_str),
        status: domain.status,
        done,
        steps,
        at: run.map_or_else(String::new, at),
        inboxes: domain.inboxes_made,
        took_ms: run.and_then(|run| Some((run.finished_at?.0 - run.created_at.0) / 1000)),
    }
}

fn at(run: &Run) -> String {
    let current = run.steps.iter().find(|one| one.step == run.step);
    match (run.state, current) {
        (RunState::Done, _) => "connected".into(),
        (_, Some(record @ StepRecord { trouble: Some(trouble), .. })) => {
            let who = match record.who {
                Some(Who::Operator) => "; the operator has to act",
                Some(Who::Partner) => "; the partner has to act",
                None => "",
            };
            let next = record.next_try_at.map_or(String::new(), |at| format!(" (again at {at})"));
            format!("{}: {trouble}{who}{next}", words(run.step))
        }
        _ => words(run.step),
    }
}

fn words(step: StepName) -> String {
    step.as_str().replace('_', " ")
}

/// Shows rows: live bars on a terminal, a line for every change elsewhere.
pub(super) struct Display {
    bars: Option<MultiProgress>,
    shown: HashMap<String, (ProgressBar, String)>,
    rest: Option<ProgressBar>,
}

impl Display {
    /// A display that fits where standard output goes.
    #[must_use]
    pub(super) fn new() -> Self {
        let bars =
            std::io::stdout().is_terminal().then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stdout()));
        Self { bars, shown: HashMap::new(), rest: None }
    }

    /// A line above the bars.
    pub(super) fn say(&self, text: &str) {
        match &self.bars {
            Some(bars) => drop(bars.println(text)),
            None => out::line(text),
        }
    }

    /// Shows where the domains are now.
    pub(super) fn update(&mut self, rows: &[Row]) {
        let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
        for row in rows.iter().take(BARS) {
            self.show(row, width);
        }
        if rows.len() > BARS {
            self.show_rest(&rows[BARS..], width);
        }
    }

    fn show(&mut self, row: &Row, width: usize) {
        let text = format!("{:<width$}  {:<9}  {}", row.name, row.provider, row.at);
        let bars = &self.bars;
        let (bar, last) =
            self.shown.entry(row.name.clone()).or_insert_with(|| (bar(bars.as_ref(), row.steps), String::new()));
        bar.set_position(row.done as u64);
        if *last != text {
            bar.set_message(text.clone());
            if bars.is_none() && row.status == DomainStatus::Active && *last != text {
                out::line(&format!("     {} {}", row.name, row.at));
            }
            *last = text;
        }
    }

    fn show_rest(&mut self, rows: &[Row], width: usize) {
        let steps: usize = rows.iter().map(|row| row.steps).sum();
        let connected = rows.iter().filter(|row| row.status == DomainStatus::Active).count();
        let bars = &self.bars;
        let bar = self.rest.get_or_insert_with(|| bar(bars.as_ref(), steps));
        bar.set_position(rows.iter().map(|row| row.done as u64).sum());
        bar.set_message(format!("{:<width$}  {connected} connected", format!("and {} more", rows.len())));
    }

    /// Leaves the bars as they are.
    pub(super) fn finish(&self) {
        for bar in self.shown.values().map(|(bar, _)| bar).chain(&self.rest) {
            bar.abandon();
        }
        if self.bars.is_some() {
            out::line("");
        }
    }
}

impl Default for Display {
    fn default() -> Self {
        Self::new()
    }
}

fn bar(bars: Option<&MultiProgress>, steps: usize) -> ProgressBar {
    let Some(bars) = bars else { return ProgressBar::hidden() };
    let style =
        ProgressStyle::with_template("     {bar:20.green/dim} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    bars.add(ProgressBar::new(steps as u64).with_style(style.progress_chars("━━─")))
}
