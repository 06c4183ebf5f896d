//! The alert rules and the board in `ops/`: they speak of metrics that there are, lead to paragraphs that there are, and fire.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use model::metric::{self, Kind};
use serde_json::Value;

use crate::support::kept;

/// Metrics that no rule and no board needs: only to look at.
const ONLY_TO_LOOK_AT: &[&str] = &[
    "mailwright_partner_requests_total",
    "mailwright_partner_steps_total",
    "mailwright_partner_delivery_attempts_total",
    "mailwright_partner_booked_cents_total",
];

/// Every word of a text that may be a metric of ours.
fn words(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("mailwright_")).collect()
}

/// The metric of a series.
fn metric(series: &str) -> Option<&'static str> {
    let histogram = ["_bucket", "_sum", "_count"].iter().find_map(|end| series.strip_suffix(end));
    let histogram = histogram.and_then(metric::find).filter(|metric| metric.kind == Kind::Histogram);
    histogram.or_else(|| metric::find(series)).map(|metric| metric.name)
}

fn alerts() -> Vec<String> {
    let text = kept("ops/alerts.yml");
    text.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).map(str::to_owned).collect()
}

/// The expressions of the board.
fn expressions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("expr").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|inner| expressions(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| expressions(inner, found)),
        _ => {}
    }
}

#[test]
fn rules_and_board_speak_of_metrics_that_there_are_and_leave_none_out() {
    let board: Value = serde_json::from_str(&kept("ops/grafana.json")).expect("JSON");
    let mut shown = vec![];
    expressions(&board, &mut shown);
    assert!(shown.len() > 20, "the board shows something");
    let (rules, shown) = (kept("ops/alerts.yml"), shown.join("\n"));
    let mut used = BTreeSet::new();
    for word in words(&rules).union(&words(&shown)) {
        let known = metric(word);
        assert!(known.is_some(), "{word} is no metric");
        used.extend(known);
    }
    for one in metric::ALL {
        let is_looked_at = ONLY_TO_LOOK_AT.contains(&one.name);
        assert!(used.contains(one.name) != is_looked_at, "{}: in a rule or on the board, or only to look at", one.name);
    }
}

/// How GitHub and others make an anchor of a heading.
fn anchor(heading: &str) -> String {
    let heading = heading.trim().to_lowercase().replace(' ', "-");
    heading.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_')).collect()
}

#[test]
fn every_alert_has_a_severity_and_leads_to_a_paragraph_of_its_own() {
    let (rules, page) = (kept("ops/alerts.yml"), kept("docs/operating.md"));
    let section = page.split("\n## ").find(|part| part.starts_with("When an alert fires\n")).expect("the section");
    let mut headings: Vec<_> = section.lines().filter_map(|line| line.strip_prefix("### ")).map(anchor).collect();
    let blocks: Vec<_> = rules.split("- alert: ").skip(1).collect();
    let mut linked = vec![];
    for block in &blocks {
        let fields: Vec<_> = block.lines().map(str::trim).collect();
        let severity = fields.iter().find_map(|line| line.strip_prefix("labels: { severity: ")).expect("a severity");
        assert!(["critical }", "warning }"].contains(&severity), "{block}");
        assert!(fields.iter().any(|line| line.starts_with("summary: ")), "{block}");
        let link = fields.iter().find_map(|line| line.strip_prefix("runbook_url: docs/operating.md#"));
        linked.push(link.unwrap_or_else(|| panic!("no link in {block}")).to_owned());
    }
    headings.sort();
    linked.sort();
    assert_eq!(linked, headings, "one paragraph for each alert");
}

#[test]
fn every_alert_is_fired_once_and_quiet_once() {
    let tests = kept("ops/alerts.test.yml");
    let alerts = alerts();
    assert!(alerts.len() > 15);
    for alert in alerts {
        let tried: Vec<_> = tests.split(&format!("alertname: {alert}\n")).skip(1).collect();
        let is_quiet = |after: &&str| after.trim_start().starts_with("exp_alerts: []");
        assert!(tried.iter().any(is_quiet), "{alert} is never quiet");
        assert!(tried.iter().any(|after| !is_quiet(after)), "{alert} never fires");
    }
}

fn promtool(args: &[&str]) -> Option<std::process::Output> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../ops");
    Command::new("promtool").args(args).current_dir(folder).output().ok()
}

#[expect(clippy::print_stderr, reason = "a skipped test that says nothing looks like a passed one")]
#[expect(clippy::disallowed_methods, reason = "CI is a word between the build server and the tests")]
fn skipped() {
    let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!in_ci, "promtool is not installed, and in CI its tests must run: it is in the package prometheus");
    eprintln!("promtool is not installed: the alert rules are not tried");
}

#[test]
fn prometheus_loads_the_rules_and_fires_each() {
    for args in [["check", "rules", "alerts.yml"], ["test", "rules", "alerts.test.yml"]] {
        let Some(output) = promtool(&args) else { return skipped() };
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{said}");
    }
}
