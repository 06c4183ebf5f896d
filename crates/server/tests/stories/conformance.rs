//! The page that says which test proves which part of the contract. Each test says it itself, by `proves!` in its first
//! line, and fails when it has not seen what it names. Here a claim about something unknown fails, and a part without one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use model::event::EventKind;
use model::refusal::Code;
use serde_json::Value;

use crate::support::{golden, proof};

/// A test that proves something, as its source stands.
struct Test {
    file: String,
    name: String,
    text: String,
}

/// The answers that partners read, and whose every field is to be looked at by a test.
const OBJECTS: &[&str] = &[
    "User",
    "Bundle",
    "Domain",
    "Zone",
    "ZoneRecord",
    "Evidence",
    "EvidenceCheck",
    "EvidenceSighting",
    "EvidenceSignature",
    "CheckSummary",
    "Import",
    "ImportedDomain",
    "NameserverGroup",
    "Forwarding",
    "FailedForwarding",
    "Receipt",
    "Order",
    "Costs",
    "LineItem",
    "LedgerLine",
    "LedgerPeriod",
    "OrderDomain",
    "SequencerView",
    "Cancelled",
    "Cancellation",
    "LeavingDomain",
    "PendingAction",
    "MailboxesToMake",
    "MailboxToMake",
    "RecordWanted",
    "Quote",
    "QuoteCosts",
    "Assignment",
    "Problem",
    "Swap",
    "Inbox",
    "InboxLink",
    "Event",
    "WebhookEndpoint",
    "WebhookDelivery",
    "Attempt",
    "Timeline",
    "TimelineDomain",
    "TimelineStep",
    "Estimate",
    "Error",
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

/// The tests of the API and of the whole server that prove something. What a test calls in its own file counts as its own.
fn tests() -> Vec<Test> {
    let mut files = vec![];
    for folder in ["crates/api/tests/api", "crates/server/tests/stories"] {
        sources(&root().join(folder), &mut files);
    }
    files.sort();
    files.retain(|file| !file.ends_with("conformance.rs") && !file.ends_with("proof.rs"));
    files.iter().flat_map(|file| tests_in(file)).collect()
}

fn tests_in(file: &Path) -> Vec<Test> {
    let text = std::fs::read_to_string(file).expect("a source");
    let name = file.strip_prefix(root()).unwrap_or(file).display().to_string();
    let functions: Vec<_> = functions(&text);
    let claiming = functions.iter().filter(|(_, body, _)| body.contains("proves!("));
    let tests: Vec<_> = claiming
        .map(|(function, body, is_test)| {
            assert!(is_test, "{name}: {function} proves something and is no test");
            let helpers = functions.iter().filter(|(helper, _, is_test)| !is_test && calls(&functions, body, helper));
            let text = helpers.fold(body.clone(), |all, (_, helper, _)| all + helper);
            Test { file: name.clone(), name: function.clone(), text }
        })
        .collect();
    assert_eq!(tests.len(), text.matches("proves!(").count(), "{name}: a claim a test, in the test itself");
    tests
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
        let is_test = (n > 0 && is_attribute_of_test(lines[n - 1])) || on_both.contains(&name.as_str());
        found.push((name, lines[n..=end].join("\n"), is_test));
        n = end + 1;
    }
    found
}

fn is_attribute_of_test(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("#[test]") || line.starts_with("#[tokio::test")
}

impl Test {
    fn cite(&self) -> String {
        format!("`{}` {}", self.file.trim_start_matches("crates/"), self.name)
    }

    /// The parts that it says it proves; the fields of an object that it names as a whole.
    fn claims(&self) -> Vec<String> {
        let list = self.text.split("proves!(").nth(1).and_then(|rest| rest.split(");").next()).unwrap_or_default();
        list.split('"').skip(1).step_by(2).flat_map(proof::whole).collect()
    }

    fn says(&self, word: &str) -> bool {
        self.text.contains(&format!("\"{word}\"")) || self.text.contains(&format!("\"{word}="))
    }
}

/// The parts of the contract, as tests name them: what a heading of the page has below it.
fn contract() -> Vec<(&'static str, Vec<String>)> {
    let description: Value = serde_json::from_str(&api::openapi().to_json().expect("JSON")).expect("JSON");
    let mut calls = vec![];
    for (path, methods) in description["paths"].as_object().expect("paths") {
        let described =
            methods.as_object().expect("methods").iter().filter(|(_, call)| call["operationId"].is_string());
        let path = path.trim_start_matches("/partner/v1");
        calls.extend(described.map(|(method, _)| format!("{} {path}", method.to_uppercase())));
    }
    let fields = OBJECTS.iter().flat_map(|object| {
        let fields = proof::whole(object);
        assert!(fields.iter().all(|field| field != object), "{object} is no object");
        fields
    });
    let events = EventKind::ALL.iter().map(|kind| format!("event {}", kind.as_str()));
    let errors = Code::ALL.iter().map(|code| format!("error {}", code.as_str()));
    vec![("Calls", calls), ("Fields", fields.collect()), ("Events", events.collect()), ("Errors", errors.collect())]
}

/// What a test that proves a part has to name: the field, the event, the code. A call is only made.
fn word_of(part: &str) -> Option<&str> {
    let named = part.strip_prefix("event ").or_else(|| part.strip_prefix("error "));
    named.or_else(|| part.split_once('.').filter(|(object, _)| OBJECTS.contains(object)).map(|(_, field)| field))
}

fn table(page: &mut String, title: &str, parts: &[String], proofs: &BTreeMap<String, Vec<String>>) {
    write!(page, "\n## {title}\n\n| | proved by |\n|---|---|\n").expect("text can be written");
    for part in parts {
        let subject = part.trim_start_matches("event ").trim_start_matches("error ");
        writeln!(page, "| `{subject}` | {} |", proofs[part].join("; ")).expect("text can be written");
    }
}

#[test]
#[should_panic(expected = "what it has never seen: [\"GET /me\"]")]
fn whoever_claims_what_it_has_not_seen_fails() {
    proves!("GET /me");
}

#[test]
fn every_part_of_the_contract_has_a_test_that_is_about_it() {
    let contract = contract();
    let known = |part: &str| contract.iter().any(|(_, parts)| parts.iter().any(|one| one == part));
    let (mut proofs, mut wrong) = (BTreeMap::<String, Vec<String>>::new(), vec![]);
    for test in tests() {
        for part in test.claims() {
            let word = word_of(&part);
            if !known(&part) {
                wrong.push(format!("{} proves something unknown: {part}", test.cite()));
            } else if word.is_some_and(|word| !test.says(word)) {
                wrong.push(format!("{} proves {part} and never says it", test.cite()));
            }
            proofs.entry(part).or_default().push(test.cite());
        }
    }
    let parts = contract.iter().flat_map(|(_, parts)| parts);
    wrong.extend(parts.filter(|part| !proofs.contains_key(*part)).map(|part| format!("no test proves {part}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let mut page =
        "# Conformance\n\nWhich test proves which part of the contract. Each test says itself what it proves \
                    (`proves!`), and fails when it\nhas not seen it. This page is made of that; a part that no test \
                    proves fails.\n"
            .to_owned();
    for (title, parts) in &contract {
        table(&mut page, title, parts, &proofs);
    }
    golden("docs/conformance.md", &page);
}
