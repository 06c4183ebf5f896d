//! The fields of an object.

use std::cell::RefCell;

use model::refusal::Fault;
use serde_json::{Map, Value};

use super::report::Report;
use super::spot::Spot;
use crate::near;

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
        Self::new(map, String::new(), report).read(read)
    }

    pub(super) const fn new(map: &'a Map<String, Value>, path: String, report: &'a Report) -> Self {
        Self { map, path, report, known: RefCell::new(vec![]) }
    }

    /// Reads them with `read`; those that it does not ask for are told as unknown.
    pub(super) fn read<T>(self, read: impl FnOnce(&Self) -> Option<T>) -> Option<T> {
        let value = read(&self);
        let known = self.known.borrow();
        for name in self.map.keys().filter(|name| !known.contains(&name.as_str())) {
            self.report.stranger(|| self.no_such(name, &known));
        }
        value
    }

    fn no_such(&self, name: &str, known: &[&'static str]) -> Fault {
        let hint = match near::meant(shortened(name), known) {
            Some(right) => format!("did you mean `{right}`?"),
            None => "leave it out, or correct its name.".to_owned(),
        };
        let message = format!("There is no field `{}` here; {hint}", shortened(name));
        Fault::invalid(below(&self.path, name), message)
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
        self.report.fault(fault);
        None
    }

    fn spot(&self, name: &'static str) -> Option<Spot<'a>> {
        self.present(name);
        let value = self.map.get(name).filter(|value| !value.is_null())?;
        Some(Spot::new(value, below(&self.path, name), self.report))
    }
}

/// The path of a field.
pub(super) fn below(path: &str, name: &str) -> String {
    let name = shortened(name);
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A name of the sender's, cut to what a message can carry.
fn shortened(name: &str) -> &str {
    name.char_indices().nth(64).map_or(name, |(end, _)| &name[..end])
}
