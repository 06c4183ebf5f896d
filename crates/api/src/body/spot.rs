//! One value of a body, with its path; and the fields of an object.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use model::refusal::Fault;
use serde_json::{Map, Value};

use super::near;

/// At most this many faults are told of one body.
const MOST_FAULTS: usize = 50;

/// The faults of a body, unknown fields apart: they come first, because a misspelt name also makes
/// its right one missing.
#[derive(Default)]
pub(super) struct Report {
    strangers: RefCell<Vec<Fault>>,
    faults: RefCell<Vec<Fault>>,
}

impl Report {
    pub(super) fn parts(self) -> (Vec<Fault>, Vec<Fault>) {
        (self.strangers.into_inner(), self.faults.into_inner())
    }
}

fn note(list: &RefCell<Vec<Fault>>, fault: Fault) {
    let mut list = list.borrow_mut();
    if list.len() < MOST_FAULTS {
        list.push(fault);
    }
}

/// What a value is, for a message.
pub(super) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A value at its path. Every reader tells what is wrong with it and then answers `None`.
pub(crate) struct Spot<'a> {
    value: &'a Value,
    path: String,
    report: &'a Report,
}

impl<'a> Spot<'a> {
    /// Tells what is wrong here and what to send.
    pub(crate) fn refuse<T>(&self, message: impl Into<String>) -> Option<T> {
        note(&self.report.faults, Fault::invalid(self.path.as_str(), message));
        None
    }

    fn wrong_kind<T>(&self, wanted: &str) -> Option<T> {
        self.refuse(format!("Send {wanted}; {} was sent.", kind(self.value)))
    }

    /// The value as it was sent.
    pub(crate) const fn value(&self) -> &'a Value {
        self.value
    }

    /// A text, whatever it holds.
    pub(crate) fn any_text(&self) -> Option<&'a str> {
        self.value.as_str().or_else(|| self.wrong_kind("a text"))
    }

    /// A text of so many characters, none of them a control character.
    pub(crate) fn text(&self, length: RangeInclusive<usize>) -> Option<&'a str> {
        let text = self.any_text()?;
        if !length.contains(&text.chars().count()) {
            return self.refuse(format!("Send a text of {} to {} characters.", length.start(), length.end()));
        }
        if text.chars().any(char::is_control) {
            return self.refuse("Send a text without control characters.");
        }
        Some(text)
    }

    /// A whole number in a range. `2.0`, `"2"` and `true` are none.
    pub(crate) fn integer(&self, range: RangeInclusive<i64>) -> Option<i64> {
        let wanted = || format!("a whole number from {} to {}", range.start(), range.end());
        match (self.value, self.value.as_i64()) {
            (_, Some(number)) if range.contains(&number) => Some(number),
            (Value::Number(number), _) => self.refuse(format!("Send {}; {number} was sent.", wanted())),
            _ => self.wrong_kind(&wanted()),
        }
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self) -> Option<bool> {
        self.value.as_bool().or_else(|| self.wrong_kind("true or false"))
    }

    /// A text that is one of a set of names.
    pub(crate) fn one_of<T>(&self, names: &[&str], parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.value.as_str().and_then(parse).or_else(|| self.refuse(format!("Send one of: {}.", names.join(", "))))
    }

    /// A list of so many entries; the ones that can be read.
    pub(crate) fn list<T>(
        &self,
        length: RangeInclusive<usize>,
        mut read: impl FnMut(&Spot<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some(items) = self.value.as_array() else { return self.wrong_kind("a list") };
        if !length.contains(&items.len()) {
            let (least, most) = length.into_inner();
            return self.refuse(format!("Send {least} to {most} entries; there are {}.", items.len()));
        }
        let spot = |(n, value)| Spot { value, path: format!("{}[{n}]", self.path), report: self.report };
        Some(items.iter().enumerate().filter_map(|item| read(&spot(item))).collect())
    }

    /// An object's fields; those that `read` does not ask for are told as unknown.
    pub(crate) fn object<T>(&self, read: impl FnOnce(&Fields<'a>) -> Option<T>) -> Option<T> {
        let Some(map) = self.value.as_object() else { return self.wrong_kind("an object") };
        Fields { map, path: self.path.clone(), report: self.report, known: RefCell::default() }.read(read)
    }

    /// An object whose names are the sender's own: each with the spot of its value.
    pub(crate) fn entries(&self, most: usize) -> Option<Vec<(&'a str, Spot<'a>)>> {
        let Some(map) = self.value.as_object() else { return self.wrong_kind("an object") };
        if map.len() > most {
            return self.refuse(format!("Send at most {most} pairs; there are {}.", map.len()));
        }
        let spot = |name: &str, value| Spot { value, path: below(&self.path, name), report: self.report };
        Some(map.iter().map(|(name, value)| (name.as_str(), spot(name, value))).collect())
    }
}

/// The fields of an object. Asking for one makes it known.
pub(crate) struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: String,
    report: &'a Report,
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Fields<'a> {
    /// Reads the body's own fields.
    pub(super) fn top<T>(
        map: &'a Map<String, Value>,
        report: &'a Report,
        read: impl FnOnce(&Self) -> Option<T>,
    ) -> Option<T> {
        Self { map, path: String::new(), report, known: RefCell::default() }.read(read)
    }

    fn read<T>(self, read: impl FnOnce(&Self) -> Option<T>) -> Option<T> {
        let value = read(&self);
        let known = self.known.borrow();
        let room = MOST_FAULTS.saturating_sub(self.report.strangers.borrow().len());
        for name in self.map.keys().filter(|name| !known.contains(&name.as_str())).take(room) {
            let hint = match near::meant(shortened(name), &known) {
                Some(right) => format!("did you mean `{right}`?"),
                None => "leave it out, or correct its name.".to_owned(),
            };
            let message = format!("There is no field `{}` here; {hint}", shortened(name));
            note(&self.report.strangers, Fault::invalid(below(&self.path, name), message));
        }
        value
    }

    /// A field that has to be there and not be null.
    pub(crate) fn required<T>(&self, name: &'static str, read: impl FnOnce(&Spot<'a>) -> Option<T>) -> Option<T> {
        match self.spot(name) {
            Some(spot) => read(&spot),
            None => self.refuse(name, format!("`{name}` is required.")),
        }
    }

    /// A field that may be absent or null.
    pub(crate) fn optional<T>(&self, name: &'static str, read: impl FnOnce(&Spot<'a>) -> Option<T>) -> Option<T> {
        self.spot(name).and_then(|spot| read(&spot))
    }

    /// A required field when `needed`, otherwise an optional one.
    pub(crate) fn required_if<T>(
        &self,
        needed: bool,
        name: &'static str,
        read: impl FnOnce(&Spot<'a>) -> Option<T>,
    ) -> Option<T> {
        if needed { self.required(name, read) } else { self.optional(name, read) }
    }

    /// Whether a field is there and not null.
    pub(crate) fn given(&self, name: &'static str) -> bool {
        self.spot(name).is_some()
    }

    /// Whether a field is there, be it null.
    pub(crate) fn present(&self, name: &'static str) -> bool {
        self.known.borrow_mut().push(name);
        self.map.contains_key(name)
    }

    /// Tells what is wrong with a field that cannot be read.
    pub(crate) fn refuse<T>(&self, name: &str, message: impl Into<String>) -> Option<T> {
        self.fault(Fault::invalid(below(&self.path, name), message))
    }

    /// Tells a fault of another kind.
    pub(crate) fn fault<T>(&self, fault: Fault) -> Option<T> {
        note(&self.report.faults, fault);
        None
    }

    fn spot(&self, name: &'static str) -> Option<Spot<'a>> {
        self.present(name);
        let value = self.map.get(name).filter(|value| !value.is_null())?;
        Some(Spot { value, path: below(&self.path, name), report: self.report })
    }
}

fn below(path: &str, name: &str) -> String {
    let name = shortened(name);
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A name of the sender's, cut to what a message can carry.
fn shortened(name: &str) -> &str {
    name.char_indices().nth(64).map_or(name, |(end, _)| &name[..end])
}
