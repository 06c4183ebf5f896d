//! Logs: text for people, JSON for machines, always on standard error.

use std::io::IsTerminal as _;

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

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
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).with_target(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    drop(started);
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
