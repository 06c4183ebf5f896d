//! What is wrong with a body.

use std::cell::{Cell, RefCell};

use model::refusal::Fault;

/// At most this many unknown fields of one body are told, and compared with the known ones to say which was meant. A
/// typo in a list of objects is understood by then, and a body of a mebibyte could have hundreds of thousands.
const MOST_STRANGERS: usize = 50;
/// At most this many other faults of one body are told: twice the names of the largest order.
const MOST_FAULTS: usize = 1000;

/// The faults of a body, unknown fields apart: they come first, because a misspelt name also makes
/// its right one missing.
#[derive(Default)]
pub(super) struct Report {
    strangers: List,
    faults: List,
}

/// Faults of one kind.
#[derive(Default)]
struct List {
    told: RefCell<Vec<Fault>>,
    left_out: Cell<usize>,
}

/// What was found, and how much more there was.
#[derive(Default)]
pub(super) struct Found {
    /// What is told.
    pub(super) told: Vec<Fault>,
    /// How many more there are.
    pub(super) left_out: usize,
}

impl Report {
    /// Unknown fields, then all other faults.
    pub(super) fn parts(self) -> (Found, Found) {
        (self.strangers.found(), self.faults.found())
    }

    /// Takes an unknown field down; what is wrong with it is worked out only when it is told.
    pub(super) fn stranger(&self, fault: impl FnOnce() -> Fault) {
        self.strangers.note(MOST_STRANGERS, fault);
    }

    /// Takes any other fault down.
    pub(super) fn fault(&self, fault: Fault) {
        self.faults.note(MOST_FAULTS, || fault);
    }
}

impl List {
    fn note(&self, most: usize, fault: impl FnOnce() -> Fault) {
        let mut told = self.told.borrow_mut();
        if told.len() < most {
            told.push(fault());
        } else {
            self.left_out.set(self.left_out.get() + 1);
        }
    }

    fn found(self) -> Found {
        Found { told: self.told.into_inner(), left_out: self.left_out.get() }
    }
}

impl Found {
    /// What is told of this, then of the other. The first fault says how many more there are than are told.
    pub(super) fn and(self, other: Self) -> Vec<Fault> {
        let left_out = self.left_out + other.left_out;
        let mut faults: Vec<_> = self.told.into_iter().chain(other.told).collect();
        if let Some(first) = faults.first_mut().filter(|_| left_out > 0) {
            *first = first.clone().with("errors_left_out", left_out);
        }
        faults
    }
}
