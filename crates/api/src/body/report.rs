//! What is wrong with a body.

use std::cell::RefCell;

use model::refusal::Fault;

/// At most this many faults of each kind are told of one body. More than the five hundred names of an order; a body of a mebibyte could have a hundred thousand.
const MOST: usize = 1000;

/// The faults of a body, unknown fields apart: they come first, because a misspelt name also makes
/// its right one missing.
#[derive(Default)]
pub(super) struct Report {
    strangers: RefCell<Vec<Fault>>,
    faults: RefCell<Vec<Fault>>,
}

impl Report {
    /// Unknown fields, then all other faults.
    pub(super) fn parts(self) -> (Vec<Fault>, Vec<Fault>) {
        (self.strangers.into_inner(), self.faults.into_inner())
    }

    /// How many more unknown fields are told.
    pub(super) fn room_for_strangers(&self) -> usize {
        MOST.saturating_sub(self.strangers.borrow().len())
    }

    /// Takes an unknown field down.
    pub(super) fn stranger(&self, fault: Fault) {
        note(&self.strangers, fault);
    }

    /// Takes any other fault down.
    pub(super) fn fault(&self, fault: Fault) {
        note(&self.faults, fault);
    }
}

fn note(list: &RefCell<Vec<Fault>>, fault: Fault) {
    let mut list = list.borrow_mut();
    if list.len() < MOST {
        list.push(fault);
    }
}
