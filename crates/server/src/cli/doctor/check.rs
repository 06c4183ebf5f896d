//! What a check has found.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use serde::Serialize;
use tokio::time::timeout;

/// How long a check may take, unless it says otherwise.
pub(in crate::cli) const PATIENCE: Duration = Duration::from_secs(10);

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::cli) enum State {
    /// As it should be.
    Ok,
    /// Works, and is worth a look.
    Warn,
    /// Does not work, or will soon not work any more.
    Wrong,
}

impl State {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Wrong => "wrong",
        }
    }
}

/// A check and what it has found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct Check {
    /// Its name; names are only ever added.
    pub(in crate::cli) name: Cow<'static, str>,
    /// How it is.
    pub(in crate::cli) state: State,
    /// What was seen.
    pub(in crate::cli) seen: String,
    /// What to do; `None` when there is nothing.
    pub(in crate::cli) todo: Option<String>,
}

/// A state, what was seen and what to do, of a check whose name stands elsewhere.
#[derive(Debug)]
pub(super) struct Found(State, String, Option<String>);

/// As it should be.
pub(super) fn ok(seen: impl Into<String>) -> Found {
    Found(State::Ok, seen.into(), None)
}

/// Worth a look.
pub(super) fn warn(seen: impl Into<String>, todo: impl Into<String>) -> Found {
    Found(State::Warn, seen.into(), Some(todo.into()))
}

/// To be mended.
pub(super) fn wrong(seen: impl Into<String>, todo: impl Into<String>) -> Found {
    Found(State::Wrong, seen.into(), Some(todo.into()))
}

impl Found {
    /// The same, of this check.
    pub(super) fn of(self, name: impl Into<Cow<'static, str>>) -> Check {
        let Self(state, seen, todo) = self;
        Check { name: name.into(), state, seen: one_line(&seen), todo: todo.map(|todo| one_line(&todo)) }
    }

    /// One that an error speaks of, whose sentence says after the last semicolon what to do.
    pub(super) fn by(state: State, sentence: &str) -> Self {
        let (seen, todo) = sentence.split_once("; ").unwrap_or((sentence, "look into the log, or ask for help"));
        Self(state, seen.to_owned(), Some(todo.to_owned()))
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Runs a check for so long at most.
pub(super) async fn within(patience: Duration, name: &'static str, checking: impl Future<Output = Found>) -> Check {
    let seconds = patience.as_secs();
    let found = match timeout(patience, AssertUnwindSafe(checking).catch_unwind()).await {
        Ok(Ok(found)) => found,
        Ok(Err(_)) => wrong("the check itself broke", "report it with what standard error says"),
        Err(_) => wrong(format!("no answer within {seconds} seconds"), "find out what keeps it, and ask again"),
    };
    found.of(name)
}

/// The lines that people read.
pub(in crate::cli) fn lines(checks: &[Check]) -> String {
    let width = checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
    let line = |check: &Check| {
        let todo = check.todo.as_deref().map(|todo| format!(". To do: {todo}")).unwrap_or_default();
        format!("{:<5}  {:<width$}  {}{todo}", check.state.as_str(), check.name, check.seen)
    };
    checks.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_check_that_hangs_ends() {
        let check = within(PATIENCE, "hangs", std::future::pending()).await;
        assert_eq!((check.state, check.seen.as_str()), (State::Wrong, "no answer within 10 seconds"));
        let check = within(PATIENCE, "breaks", async { panic!("planted") }).await;
        assert_eq!((check.state, check.seen.as_str()), (State::Wrong, "the check itself broke"));
    }

    #[test]
    fn each_check_is_one_line_whatever_it_has_seen() {
        let checks = [
            wrong("broken\nin two", "mend it").of("a"),
            ok("fine").of("long"),
            Found::by(State::Warn, "so; do").of("b"),
        ];
        let said = "wrong  a     broken in two. To do: mend it\nok     long  fine\nwarn   b     so. To do: do";
        assert_eq!(lines(&checks), said);
    }
}
