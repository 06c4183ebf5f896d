//! What has left the process, held: the API's description, the tables of the documentation, the
//! command line's help and the settings. `just docs` writes the files anew.

use std::fmt::Write as _;

use model::clock::{DAY, HOUR};
use model::event::EventKind;
use model::metric;
use model::notice::NoticeKind;
use model::refusal::Code;
use model::run::RunKind;
use providers::all::sim::words;

use crate::support::{golden, kept};

#[test]
fn the_api_description_is_current() {
    let text = api::openapi().to_pretty_json().expect("JSON");
    golden("openapi.json", &(text + "\n"));
}

fn page(title: &str, intro: &str, header: &[&str], rows: Vec<Vec<String>>) -> String {
    let table = table(header, rows);
    format!("# {title}\n\n{intro}\n\n{table}\n*This page is made from the code; a test holds it.*\n")
}

fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut text = format!("| {} |\n|{}\n", header.join(" | "), "---|".repeat(header.len()));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text
}

#[test]
fn the_table_of_errors_is_current() {
    let rows = Code::ALL
        .iter()
        .map(|code| vec![format!("`{}`", code.as_str()), code.status().to_string(), code.meaning().to_owned()]);
    let intro = "Every error has the shape `{\"error\": {\"code\", \"message\", \"field\"?, \"details\"?}}`. Branch on `code`; codes are never renamed or removed.";
    golden("docs/errors.md", &page("Error codes", intro, &["code", "HTTP", "when"], rows.collect()));
}

#[test]
fn the_table_of_events_is_current() {
    let rows = EventKind::ALL.iter().map(|kind| {
        let sent = if kind.published() { "to every endpoint" } else { "only to endpoints that name it" };
        vec![format!("`{}`", kind.as_str()), kind.meaning().trim_end_matches('.').to_owned(), sent.to_owned()]
    });
    let intro = "An event's body is `{id, type, created_at, data}`; `data` is the object that its GET showed at that moment. Where somebody has to act, something failed or was called off, it also has `reason`, `action_id` (the pending action to resolve, or null) and `message` (what to do). `mailwright trigger` causes each of them in the sandbox.";
    golden("docs/events.md", &page("Events", intro, &["type", "told when", "sent"], rows.collect()));
}

#[test]
fn the_table_of_notices_is_current() {
    let row = |kind: &NoticeKind| vec![format!("`{}`", kind.as_str()), kind.meaning().to_owned()];
    let rows = NoticeKind::ALL.iter().map(row).collect();
    let intro = "A notice says what only you can mend or should know, and closes by itself when it is not so any more: see [operating](operating.md#notices). Kinds are only ever added.";
    golden("docs/notices.md", &page("Notices", intro, &["kind", "open while"], rows));
}

#[test]
fn the_table_of_steps_is_current() {
    let rows = RunKind::ALL.iter().flat_map(|kind| {
        kind.steps().iter().enumerate().map(move |(n, step)| {
            vec![
                kind.as_str().to_owned(),
                (n + 1).to_string(),
                format!("`{}`", step.as_str()),
                kind.status_during(*step).map_or("unchanged", model::domain::DomainStatus::as_str).to_owned(),
                span(step.spec().usual),
                span(step.spec().longest()),
            ]
        })
    });
    let intro = "A workflow is a line of steps. While one is worked on, the domain has a status. A step that has to wait for longer than it usually does opens the notice `step_overdue`; one that waits still longer asks you (`step_parked`), and goes on looking.";
    let header = ["workflow", "", "step", "domain status", "usually within", "asks you after"];
    golden("docs/steps.md", &page("Steps", intro, &header, rows.collect()));
}

/// A span of so many microseconds, in whole hours or days.
fn span(micros: i64) -> String {
    match (micros / DAY, micros / HOUR) {
        (0, 1) => "an hour".into(),
        (0, hours) => format!("{hours} hours"),
        (1, _) => "a day".into(),
        (days, _) => format!("{days} days"),
    }
}

#[test]
fn the_tables_of_the_sandbox_are_current() {
    let row = |begins: &str, effect: &str| vec![begins.to_owned(), effect.to_owned()];
    let prefix = |one: &words::Prefix| row(&format!("`{}`", one.begins), &one.effect);
    let mut names: Vec<_> = words::names().iter().map(prefix).collect();
    names.push(row("anything else", &words::ordinary_name()));
    let targets = words::targets().iter().map(prefix).collect();
    let mut text = kept("docs/sandbox.md");
    for (mark, header, rows) in [("names", "first label begins", names), ("targets", "host begins", targets)] {
        let (begin, end) = (format!("<!-- {mark} -->"), format!("<!-- /{mark} -->"));
        let (before, rest) = text.split_once(&begin).expect("the table's place");
        let (_, after) = rest.split_once(&end).expect("the end of the table's place");
        text = format!("{before}{begin}\n\n{}\n{end}{after}", table(&[header, "what happens"], rows));
    }
    golden("docs/sandbox.md", &text);
}

#[test]
fn the_table_of_calls_is_current() {
    let description: serde_json::Value = serde_json::from_str(&api::openapi().to_json().expect("JSON")).expect("JSON");
    let mut rows = vec![];
    for (path, methods) in description["paths"].as_object().expect("paths") {
        for (method, call) in
            methods.as_object().expect("methods").iter().filter(|(_, call)| call["operationId"].is_string())
        {
            let summary = call["summary"].as_str().unwrap_or_default().to_owned();
            let call_text = format!("`{} {path}`", method.to_uppercase());
            let id = format!("`{}`", call["operationId"].as_str().unwrap_or_default());
            rows.push((path.clone(), vec![call_text, summary, id]));
        }
    }
    rows.sort();
    let intro = "Every call, with its id in `/openapi.json`.";
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    golden("docs/calls.md", &page("Calls", intro, &["call", "what it does", "id"], rows));
}

#[test]
fn the_settings_page_is_current() {
    let intro = "# Settings\n\nEvery setting with its default, as `mailwright check-config --defaults` prints it.\n";
    golden(
        "docs/settings.md",
        &format!(
            "{intro}\n```toml\n{}```\n\n*This page is made from the code; a test holds it.*\n",
            server::config::DEFAULTS
        ),
    );
}

#[test]
fn the_commands_page_is_current() {
    let mut text = "# Commands\n\nWhat `mailwright --help` and its commands say.\n".to_owned();
    help(&mut server::cli::definition().bin_name("mailwright"), "mailwright", &mut text);
    golden("docs/commands.md", &(text + "\n*This page is made from the code; a test holds it.*\n"));
}

fn help(command: &mut clap::Command, name: &str, text: &mut String) {
    let shown = command.clone().bin_name(name).term_width(100).render_long_help().to_string();
    let shown: Vec<_> = shown.lines().map(str::trim_end).collect();
    let _ = write!(text, "\n## `{name}`\n\n```text\n{}\n```\n", shown.join("\n").trim_end());
    for sub in command.get_subcommands_mut().filter(|sub| sub.get_name() != "help") {
        let name = format!("{name} {}", sub.get_name());
        help(sub, &name, text);
    }
}

#[test]
fn the_table_of_metrics_is_current() {
    let labels = |labels: &[&str]| labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
    let row = |one: &metric::Metric| {
        vec![format!("`{}`", one.name), one.kind.as_str().into(), labels(one.labels), one.help.to_owned()]
    };
    let intro = "`GET /metrics` on the operator's listener has them in the text format of Prometheus. Names and labels are only ever added; no label has the id or the name of anybody. A histogram has `_bucket`, `_sum` and `_count`. What is in no series yet has not happened since the process began.";
    let rows = metric::ALL.iter().map(row).collect();
    golden("docs/metrics.md", &page("Metrics", intro, &["name", "kind", "labels", "tells"], rows));
}
