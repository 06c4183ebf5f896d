//! Logs: text for people, JSON for machines, always on standard error; and traces, where somebody collects them.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;
use std::panic::PanicHookInfo;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::traces::Exporting;
use clap::ValueEnum;
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, filter_fn};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry, fmt};

use log::{Lines, Log};

mod log;
mod traces;

pub use self::traces::Traces;

/// How long the end of the program waits for the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

/// What everything goes through that is said on standard error, once logging has started.
static LOG: OnceLock<Log> = OnceLock::new();

/// How many panics there have been.
static PANICS: AtomicU64 = AtomicU64::new(0);

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the names say it")]
pub enum LogFormat {
    Text,
    Json,
}

/// Whether a text is a filter that somebody can have meant. A word alone that is no level would be taken for
/// the name of a part of the program, and silence everything else.
#[must_use]
pub fn is_filter(text: &str) -> bool {
    let levels = ["error", "warn", "info", "debug", "trace", "off"];
    let is_fine = |part: &str| part.contains(['=', '[']) || levels.contains(&part.to_lowercase().as_str());
    text.split(',').all(is_fine) && EnvFilter::try_new(text).is_ok()
}

/// Starts logging. A second start in one process changes nothing.
pub fn start(filter: &str, format: LogFormat) {
    // Without a collector nothing can go wrong.
    drop(start_with(filter, format, None));
}

/// The same, and records traces for whoever collects them.
///
/// # Errors
/// A sentence that says which setting makes it impossible.
pub fn start_all(filter: &str, format: LogFormat, traces: &Traces) -> Result<Option<Exporting>, String> {
    let collector = traces.collector()?;
    Ok(start_with(filter, format, collector.map(|collector| (collector, traces.sample_ratio))))
}

fn start_with(filter: &str, format: LogFormat, traces: Option<(::traces::Collector, f64)>) -> Option<Exporting> {
    let log = standard_error(format).ok()?;
    if LOG.set(log.clone()).is_err() {
        return None;
    }
    let (recording, exporting) = traces.map(|(collector, ratio)| ::traces::start(collector, ratio)).unzip();
    let subscriber = Registry::default().with(recording).with(lines(log, filter, format));
    // Somebody else's subscriber is a test's.
    drop(subscriber.try_init());
    std::panic::set_hook(Box::new(say_panic));
    exporting
}

/// Everything that writes lines.
fn lines<S>(log: Log, filter: &str, format: LogFormat) -> Box<dyn tracing_subscriber::Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'span> tracing_subscriber::registry::LookupSpan<'span> + Send + Sync,
{
    // What PostgreSQL says about tables that are there already is nobody's business; who wants it names it.
    let filter =
        EnvFilter::try_new(format!("sqlx::postgres::notice=warn,{filter}")).unwrap_or_else(|_| EnvFilter::new("info"));
    // However few lines there are, each says what it is about.
    let is_about = filter_fn(|metadata| {
        let is_ours = ["api", "engine"].contains(&metadata.target().split("::").next().unwrap_or_default());
        metadata.is_span() && is_ours && *metadata.level() <= tracing::Level::INFO
    });
    let filter = filter.or(is_about.with_max_level_hint(LevelFilter::INFO));
    let is_coloured = format == LogFormat::Text && io::stderr().is_terminal();
    // Its own complaints would be written past the log, and panic when that fails.
    let layer = fmt::layer().log_internal_errors(false).with_writer(Lines::new(log, is_coloured, format));
    match format {
        LogFormat::Text => layer.with_ansi(is_coloured).with_target(false).with_filter(filter).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).with_filter(filter).boxed(),
    }
}

/// A log on a standard error of our own: whoever holds the shared one keeps others waiting.
fn standard_error(format: LogFormat) -> io::Result<Log> {
    let sink = File::from(io::stderr().as_fd().try_clone_to_owned()?);
    Log::to(
        sink,
        match format {
            LogFormat::Text => |lost| format!("{} ERROR {}\n", moment(), losses(lost)),
            LogFormat::Json => |lost| {
                let line = serde_json::json!({
                    "timestamp": moment(), "level": "ERROR", "message": losses(lost), "lost": lost,
                    "target": "server::telemetry",
                });
                format!("{line}\n")
            },
        },
    )
}

fn losses(lost: u64) -> String {
    let lines = if lost == 1 { "1 line was" } else { &format!("{lost} lines were") };
    format!("{lines} lost here: the log could not be written; nothing else was held up")
}

fn moment() -> String {
    let mut text = String::new();
    match SystemTime.format_time(&mut Writer::new(&mut text)) {
        Ok(()) => text,
        Err(_) => String::new(),
    }
}

/// A line on standard error. It goes where the log goes, and like the log it holds nobody up.
pub fn say(line: &str) {
    match LOG.get() {
        Some(log) => log.push(format!("{line}\n").as_bytes()),
        // Nobody is left to tell when standard error is closed.
        None => drop(writeln!(io::stderr(), "{line}")),
    }
}

/// How many lines of the log could not be written since the start.
#[must_use]
pub fn lost() -> u64 {
    LOG.get().map_or(0, Log::lost)
}

/// How many panics there have been since the start. Whoever can still ask has survived them.
#[must_use]
pub fn panics() -> u64 {
    PANICS.load(Ordering::Relaxed)
}

/// Waits for the last lines, as long as they get on within a second.
pub fn finish() {
    if let Some(log) = LOG.get() {
        log.flush(LAST_LINES);
    }
}

fn say_panic(panic: &PanicHookInfo<'_>) {
    PANICS.fetch_add(1, Ordering::Relaxed);
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let words = model::shown::cut(panic.payload_as_str().unwrap_or("of an unknown kind"), 500);
    tracing::error!(place, "a panic: {words}");
    let trace = std::backtrace::Backtrace::capture();
    if trace.status() == std::backtrace::BacktraceStatus::Captured {
        trace.to_string().lines().for_each(|line| tracing::error!("{line}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_level_is_no_filter() {
        for text in ["info", "WARN", "off", "info,engine=debug", "warn,store[apply]=trace"] {
            assert!(is_filter(text), "{text}");
        }
        for text in ["", "verbose", "info,verbose", "engine=loud"] {
            assert!(!is_filter(text), "{text}");
        }
    }
}
