//! The page that says which test proves which part of the contract. A part that no test looks at fails here, so
//! the page has no row without a test.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use model::event::EventKind;
use model::refusal::Code;
use serde_json::Value;

use crate::support::golden;

/// A test, as its source stands.
struct Test {
    file: String,
    name: String,
    text: String,
}

/// The answers that partners read, and whose tests are to look at their fields: a part of the file's name.
const OBJECTS: &[(&str, &[&str])] = &[
    ("User", &["users"]),
    ("Bundle", &["bundles", "one_order"]),
    ("Domain", &["domains", "importing", "forwarding", "drift"]),
    ("Import", &["imports", "importing"]),
    ("ImportedDomain", &["imports", "importing"]),
    ("NameserverGroup", &["imports", "importing"]),
    ("Forwarding", &["forwarding"]),
    ("FailedForwarding", &["forwarding"]),
    ("Receipt", &["orders", "one_order"]),
    ("Order", &["orders", "one_order", "cancelling", "one_year"]),
    ("Costs", &["orders", "one_order", "one_year", "cancelling", "spend"]),
    ("LineItem", &["orders", "one_year", "cancelling", "pending", "quotes"]),
    ("LedgerLine", &["ledger"]),
    ("LedgerPeriod", &["ledger"]),
    ("OrderDomain", &["orders", "one_order", "cancelling", "pending"]),
    ("SequencerView", &["orders", "one_order"]),
    ("Cancelled", &["cancelling"]),
    ("Cancellation", &["cancelling"]),
    ("LeavingDomain", &["cancelling"]),
    ("PendingAction", &["pending"]),
    ("Quote", &["quotes"]),
    ("QuoteCosts", &["quotes"]),
    ("Assignment", &["quotes"]),
    ("Problem", &["quotes"]),
    ("Swap", &["swap"]),
    ("Inbox", &["inboxes", "renam", "swap"]),
    ("InboxLink", &["inboxes"]),
    ("Event", &["webhooks", "events", "witness"]),
    ("WebhookEndpoint", &["endpoints", "webhook"]),
    ("WebhookDelivery", &["endpoints", "webhook"]),
    ("Attempt", &["endpoints", "webhook"]),
    ("Timeline", &["timeline"]),
    ("TimelineDomain", &["timeline"]),
    ("TimelineStep", &["timeline"]),
    ("Estimate", &["timeline"]),
    ("Error", &["errors", "orders", "cancelling", "pending"]),
];

/// Calls whose tests put the path together in a way that is not read here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("GET /domains/import/jobs/{id}", "a_job_is_answered_with_a_row_for_each_name_and_read_in_every_way"),
    ("GET /webhook_endpoints/{id}", "an_endpoint_is_made_read_changed_and_deleted"),
    ("PATCH /webhook_endpoints/{id}", "an_endpoint_is_made_read_changed_and_deleted"),
    ("DELETE /webhook_endpoints/{id}", "an_endpoint_is_made_read_changed_and_deleted"),
    ("POST /webhook_endpoints/{id}/rotate_secret", "a_rotated_secret_is_shown_once_and_the_old_one_overlaps"),
    ("POST /webhook_endpoints/{id}/replay", "a_replay_queues_what_was_missed_and_says_where_to_go_on"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The tests of the API and of the whole server. What a test calls in its own file counts as its own.
fn tests() -> Vec<Test> {
    let mut files = vec![];
    for folder in ["crates/api/tests/api", "crates/server/tests/stories"] {
        sources(&root().join(folder), &mut files);
    }
    files.sort();
    files.retain(|file| !file.ends_with("conformance.rs"));
    files.iter().flat_map(|file| tests_in(file)).collect()
}

fn tests_in(file: &Path) -> Vec<Test> {
    let text = with_constants(&std::fs::read_to_string(file).expect("a source"));
    let name = file.strip_prefix(root()).unwrap_or(file).display().to_string();
    let functions: Vec<_> = functions(&text);
    let tests = functions.iter().filter(|(_, _, is_test)| *is_test);
    tests
        .map(|(function, body, _)| {
            let helpers = functions.iter().filter(|(helper, _, is_test)| !is_test && calls(&functions, body, helper));
            let text = helpers.fold(body.clone(), |all, (_, helper, _)| all + helper);
            Test { file: name.clone(), name: function.clone(), text }
        })
        .collect()
}

/// A source with its text constants put in where they are used, and paths without the base that all have.
fn with_constants(source: &str) -> String {
    let mut text = source.to_owned();
    for line in source.lines() {
        let Some((name, value)) = line.trim().strip_prefix("const ").and_then(|rest| rest.split_once(": &str = "))
        else {
            continue;
        };
        let value = value.trim_end_matches(';');
        text = text.replace(&format!("{{{name}}}"), value.trim_matches('"'));
        for end in [",", ")", ".", ";"] {
            text = text.replace(&format!("({name}{end}"), &format!("({value}{end}"));
            text = text.replace(&format!(" {name}{end}"), &format!(" {value}{end}"));
        }
    }
    text.replace("\"/partner/v1/", "\"/")
}

/// Whether a text calls a function of its file, itself or through another.
fn calls(functions: &[(String, String, bool)], text: &str, name: &str) -> bool {
    let mentions = |text: &str, name: &str| text.contains(&format!("{name}("));
    mentions(text, name)
        || functions
            .iter()
            .any(|(other, body, is_test)| !is_test && mentions(text, other) && mentions(body, name) && other != name)
}

/// The functions of a file: name, text, and whether it is a test.
fn functions(text: &str) -> Vec<(String, String, bool)> {
    let mut found = vec![];
    let lines: Vec<_> = text.lines().collect();
    // A macro makes two tests of each name in such a list.
    let listed = text.split("\non_both! {").nth(1).and_then(|rest| rest.split('}').next()).unwrap_or_default();
    let on_both: Vec<_> = listed.split_whitespace().collect();
    let mut n = 0;
    while n < lines.len() {
        let line = lines[n].trim_start();
        let declared = line.split_once("fn ").filter(|(before, _)| {
            before.split_whitespace().all(|word| ["async", "const"].contains(&word) || word.starts_with("pub"))
        });
        let Some((_, rest)) = declared else {
            n += 1;
            continue;
        };
        let indent = lines[n].len() - line.len();
        let end = (n + 1..lines.len())
            .find(|m| {
                lines[*m].starts_with(&format!("{}}}", " ".repeat(indent))) || (*m == n + 1 && line.ends_with('}'))
            })
            .unwrap_or(lines.len() - 1);
        let name = rest.split(['(', '<']).next().unwrap_or_default().to_owned();
        let is_test = (n > 0 && lines[n - 1].contains("test")) || on_both.contains(&name.as_str());
        found.push((name, lines[n..=end].join("\n"), is_test));
        n = end + 1;
    }
    found
}

impl Test {
    fn cite(&self) -> String {
        format!("`{}` {}", self.file.trim_start_matches("crates/"), self.name)
    }

    fn says(&self, word: &str) -> bool {
        self.text.contains(&format!("\"{word}\"")) || self.text.contains(&format!("\"{word}="))
    }

    /// Whether the test sends this request: a literal path that fits, with the method before it.
    fn sends(&self, method: &str, template: &str) -> bool {
        let starts = self.text.match_indices("\"/").map(|(at, _)| at);
        starts.into_iter().any(|at| {
            let literal = self.text[at + 1..].split('"').next().unwrap_or_default();
            let before: String = self.text[..at].chars().rev().take(90).collect::<Vec<_>>().into_iter().rev().collect();
            fits(literal, template) && has_method(&before, method)
        })
    }
}

fn fits(literal: &str, template: &str) -> bool {
    let path = literal.split('?').next().unwrap_or_default();
    // What follows a name directly, as in `/users{query}`, is a query.
    let path = path
        .char_indices()
        .find(|(at, c)| *c == '{' && !path[..*at].ends_with('/'))
        .map_or(path, |(at, _)| &path[..at]);
    let (given, wanted): (Vec<_>, Vec<_>) = (path.split('/').collect(), template.split('/').collect());
    given.len() == wanted.len()
        && given
            .iter()
            .zip(&wanted)
            .all(|(given, wanted)| wanted.starts_with('{') && !given.is_empty() || given == wanted)
}

/// Whether the nearest method before a path is this one.
fn has_method(before: &str, method: &str) -> bool {
    let nearest = |method: &str| {
        let lower = method.to_lowercase();
        let mut spellings = vec![format!("\"{method}\""), format!("{lower}("), format!("{lower}_as(")];
        if method == "GET" {
            spellings.extend(["text(".to_owned(), "uri(".to_owned()]);
        }
        spellings.iter().filter_map(|spelling| before.rfind(spelling.as_str())).max()
    };
    let methods = ["GET", "POST", "PATCH", "DELETE"];
    let here = nearest(method);
    here.is_some() && methods.iter().all(|other| nearest(other) <= here)
}

/// A row, or what is missing.
fn row(subject: String, proof: Option<&Test>, rows: &mut Vec<(String, String)>, missing: &mut Vec<String>) {
    match proof {
        Some(test) => rows.push((subject, test.cite())),
        None => missing.push(subject),
    }
}

fn table(page: &mut String, title: &str, rows: &[(String, String)]) {
    write!(page, "\n## {title}\n\n| | proved by |\n|---|---|\n").expect("text can be written");
    for (subject, proof) in rows {
        writeln!(page, "| {subject} | {proof} |").expect("text can be written");
    }
}

#[test]
fn every_part_of_the_contract_has_a_test() {
    let tests = tests();
    let description: Value = serde_json::from_str(&api::openapi().to_json().expect("JSON")).expect("JSON");
    let mut page =
        "# Conformance\n\nWhich test proves which part of the contract. This page is made by a test, which fails \
                    when a part has none.\n"
            .to_owned();
    let (mut rows, mut missing) = (vec![], vec![]);
    for (path, methods) in description["paths"].as_object().expect("paths") {
        let calls = methods.as_object().expect("methods").iter().filter(|(_, call)| call["operationId"].is_string());
        for (method, _) in calls {
            let (method, template) = (method.to_uppercase(), path.trim_start_matches("/partner/v1"));
            let call = format!("{method} {template}");
            let named = ELSEWHERE.iter().find(|(one, _)| *one == call).map(|(_, name)| *name);
            let proof = tests.iter().find(|test| match named {
                Some(name) => test.name == name,
                None => test.sends(&method, template),
            });
            row(format!("`{call}`"), proof, &mut rows, &mut missing);
        }
    }
    table(&mut page, "Calls", &rows);

    rows.clear();
    for (object, files) in OBJECTS {
        let schema = &description["components"]["schemas"][object];
        let Some(properties) = schema["properties"].as_object() else {
            missing.push(format!("the object {object}"));
            continue;
        };
        for field in properties.keys() {
            let at_home = |test: &&Test| files.iter().any(|file| test.file.contains(file));
            let proof = tests.iter().filter(at_home).find(|test| test.says(field));
            row(format!("`{object}.{field}`"), proof, &mut rows, &mut missing);
        }
    }
    table(&mut page, "Fields", &rows);

    rows.clear();
    for kind in EventKind::ALL {
        let proof = tests.iter().find(|test| test.says(kind.as_str()));
        row(format!("`{}`", kind.as_str()), proof, &mut rows, &mut missing);
    }
    table(&mut page, "Events", &rows);

    rows.clear();
    for code in Code::ALL {
        let proof = tests.iter().find(|test| test.says(code.as_str()));
        row(format!("`{}`", code.as_str()), proof, &mut rows, &mut missing);
    }
    table(&mut page, "Errors", &rows);

    assert!(missing.is_empty(), "no test looks at:\n{}", missing.join("\n"));
    golden("docs/conformance.md", &page);
}
