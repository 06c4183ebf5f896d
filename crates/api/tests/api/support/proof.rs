//! What a test proves of the contract. A test says it itself, in its first line:
//! `proves!("POST /orders", "Receipt", "error already_exists", "event order.in_progress");`
//! It fails when it ends without having seen every part that it names: the call answered well, each field of the
//! object in an answer, the code in a refusal, the event in the feed. `docs/conformance.md` is made of
//! these lines, so a row names the test that is about it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::Value;

/// Says what this test proves; the guard that it leaves looks at the end whether the test has seen it.
macro_rules! proves {
    ($($part:literal),+ $(,)?) => {
        let _proof = $crate::support::proof::Proof::begin(&[$($part),+]);
    };
}

static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    let text = api::openapi().to_json().expect("a description");
    serde_json::from_str(&text).expect("JSON")
});

thread_local! {
    /// What the test on this thread has seen, while it proves something.
    static SEEN: RefCell<Option<BTreeSet<String>>> = const { RefCell::new(None) };
}

/// A test's claim, looked at when it is dropped.
pub(crate) struct Proof(&'static [&'static str]);

impl Proof {
    pub(crate) fn begin(parts: &'static [&'static str]) -> Self {
        SEEN.set(Some(BTreeSet::new()));
        Self(parts)
    }
}

impl Drop for Proof {
    fn drop(&mut self) {
        let seen = SEEN.take().unwrap_or_default();
        if std::thread::panicking() {
            return;
        }
        let never: Vec<_> = self.0.iter().flat_map(|part| whole(part)).filter(|part| !seen.contains(part)).collect();
        assert!(never.is_empty(), "this test says that it proves what it has never seen: {never:?}");
    }
}

/// A part, or the fields of an object that is named as a whole.
pub(crate) fn whole(part: &str) -> Vec<String> {
    match DESCRIPTION["components"]["schemas"][part]["properties"].as_object() {
        Some(fields) => fields.keys().map(|field| format!("{part}.{field}")).collect(),
        None => vec![part.to_owned()],
    }
}

/// Takes down an answer that a test was given.
pub(crate) fn answered(method: &str, path: &str, status: u16, body: &Value) {
    SEEN.with_borrow_mut(|seen| {
        let Some(seen) = seen else { return };
        if status >= 400 {
            seen.extend(body["error"]["code"].as_str().map(|code| format!("error {code}")));
            look("ErrorBody", body, seen);
        } else if let Some((template, call)) = called(method, path) {
            seen.insert(format!("{method} {}", template.trim_start_matches("/partner/v1")));
            let answer = &call["responses"][status.to_string()];
            walk(&answer["content"]["application/json"]["schema"], body, seen);
        }
    });
}

/// The call of the description that a request is: of several that fit, the one with the fewest gaps.
fn called(method: &str, path: &str) -> Option<(&'static str, &'static Value)> {
    let path = path.split('?').next().unwrap_or_default();
    let path = path.strip_prefix("/api").unwrap_or(path);
    let paths = DESCRIPTION["paths"].as_object()?;
    let fitting = paths.iter().filter(|(template, _)| fits(path, template));
    let (template, calls) = fitting.min_by_key(|(template, _)| template.matches('{').count())?;
    calls.get(method.to_lowercase()).map(|call| (template.as_str(), call))
}

fn fits(path: &str, template: &str) -> bool {
    let (given, wanted): (Vec<_>, Vec<_>) = (path.split('/').collect(), template.split('/').collect());
    given.len() == wanted.len()
        && given.iter().zip(wanted).all(|(given, wanted)| wanted.starts_with('{') || *given == wanted)
}

/// Notes the fields of an object that has a name.
fn look(name: &str, value: &Value, seen: &mut BTreeSet<String>) {
    let schema = &DESCRIPTION["components"]["schemas"][name];
    let there = value.as_object().into_iter().flat_map(|fields| fields.keys());
    seen.extend(there.filter(|field| !schema["properties"][field].is_null()).map(|field| format!("{name}.{field}")));
    if name == "Event" {
        seen.extend(value["type"].as_str().map(|kind| format!("event {kind}")));
    }
    walk(schema, value, seen);
}

/// Goes through a value along its schema.
fn walk(schema: &Value, value: &Value, seen: &mut BTreeSet<String>) {
    if value.is_null() {
        return;
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return look(name, value, seen);
    }
    let either = ["oneOf", "anyOf", "allOf"].iter().filter_map(|word| schema[word].as_array()).flatten();
    either.for_each(|one| walk(one, value, seen));
    for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
        walk(schema, &value[field], seen);
    }
    for item in value.as_array().into_iter().flatten() {
        walk(&schema["items"], item, seen);
    }
}
