//! One value of a body, with its path.

use std::ops::RangeInclusive;

use model::domain::DomainName;
use model::refusal::Fault;
use model::shown::{is_hidden, short};
use serde_json::Value;

use super::fields::{Fields, below};
use super::report::Report;
use crate::near;

/// The largest whole number that every reader of JSON keeps exactly (RFC 8259 §6).
pub(crate) const LARGEST: i64 = (1 << 53) - 1;

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

/// The whole number that a value is, however it is spelled.
pub(super) fn whole(value: &Value) -> Option<i64> {
    let with_a_point = || value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() <= LARGEST as f64);
    value.as_i64().or_else(|| with_a_point().map(|number| number as i64))
}

/// A value at its path. Every reader tells what is wrong with it and then answers `None`.
pub(crate) struct Spot<'a> {
    value: &'a Value,
    path: String,
    report: &'a Report,
}

impl<'a> Spot<'a> {
    pub(super) const fn new(value: &'a Value, path: String, report: &'a Report) -> Self {
        Self { value, path, report }
    }

    /// Tells what is wrong here and what to send.
    pub(crate) fn refuse<T>(&self, message: impl Into<String>) -> Option<T> {
        self.report.fault(Fault::invalid(self.path.as_str(), message));
        None
    }

    fn wrong_kind<T>(&self, wanted: &str) -> Option<T> {
        self.refuse(format!("Send {wanted}; {} was sent.", kind(self.value)))
    }

    /// The value as it was sent.
    pub(crate) const fn value(&self) -> &'a Value {
        self.value
    }

    /// The name of a domain.
    pub(crate) fn domain_name(&self) -> Option<DomainName> {
        // White space around a name is nobody's name, wherever it is sent.
        let text = self.any_text()?.trim();
        if !(1..=255).contains(&text.chars().count()) || text.contains(is_hidden) {
            return self.refuse(
                "Send a name of 1 to 255 characters, without control characters and marks of writing direction.",
            );
        }
        DomainName::parse(text).map_or_else(|fault| self.refuse(format!("{} {}.", short(text), fault.sentence())), Some)
    }

    /// A text, whatever it holds.
    pub(crate) fn any_text(&self) -> Option<&'a str> {
        self.value.as_str().or_else(|| self.wrong_kind("a text"))
    }

    /// A text of so many characters, all of which can be seen.
    pub(crate) fn text(&self, length: RangeInclusive<usize>) -> Option<&'a str> {
        let text = self.any_text()?;
        if !length.contains(&text.chars().count()) {
            return self.refuse(format!("Send a text of {} to {} characters.", length.start(), length.end()));
        }
        if text.contains(is_hidden) {
            return self.refuse("Send a text without control characters and without marks of writing direction.");
        }
        Some(text)
    }

    /// A whole number in a range. `2.0` is one, as JSON Schema has it; `"2"` and `true` are none.
    pub(crate) fn integer(&self, range: RangeInclusive<i64>) -> Option<i64> {
        let wanted = || format!("a whole number from {} to {}", range.start(), range.end());
        match (self.value, whole(self.value)) {
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

    /// A text that is one of so many names that listing them all would not help.
    pub(crate) fn name_of<T>(&self, what: &str, names: &[&str], parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(1..=120)?;
        parse(text).or_else(|| match near::meant(text, names) {
            Some(right) => self.refuse(format!("There is no {what} `{}`; did you mean `{right}`?", short(text))),
            None => self.refuse(format!("There is no {what} `{}`. Send one of: {}.", short(text), names.join(", "))),
        })
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
        Fields::new(map, self.path.clone(), self.report).read(read)
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
