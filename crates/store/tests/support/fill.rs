//! Values that are all different, to fill the fields of a row with.

use std::cell::Cell;

use model::clock::{SECOND, Time};
use model::domain::DomainName;
use model::id::Id;
use model::world::World;

/// Fills one row, the same way each time.
pub(crate) struct Fill {
    row: &'static str,
    turn: i64,
    version: i64,
    filled: Cell<i64>,
}

/// Values that stay, or those of a turn.
pub(crate) struct Values<'a> {
    fill: &'a Fill,
    turn: i64,
}

impl Fill {
    /// What the row of this name holds after so many changes.
    pub(crate) const fn of(row: &'static str, turn: i64, version: i64) -> Self {
        Self { row, turn, version, filled: Cell::new(1) }
    }

    /// Values for what never changes and for what does.
    pub(crate) const fn values(&self) -> (Values<'_>, Values<'_>) {
        (Values { fill: self, turn: 0 }, Values { fill: self, turn: self.turn })
    }

    pub(crate) const fn version(&self) -> i64 {
        self.version
    }

    /// What every text of a row has in it.
    pub(crate) fn mark(row: &str) -> String {
        format!("_{row}_")
    }
}

impl Values<'_> {
    fn next(&self) -> i64 {
        self.fill.filled.set(self.fill.filled.get() + 1);
        self.fill.filled.get()
    }

    /// A number of one or two digits.
    pub(crate) fn small<N: TryFrom<i64>>(&self) -> N {
        N::try_from(self.next()).ok().expect("a small number")
    }

    pub(crate) fn number(&self) -> i64 {
        1_000 * (self.turn + 1) + self.next()
    }

    /// A whole second: JSON has no more.
    pub(crate) fn time(&self) -> Time {
        Time(self.number() * SECOND)
    }

    /// With a capital letter, so that it is not what it is folded to.
    pub(crate) fn text(&self) -> String {
        format!("Text{}{}_{}", Fill::mark(self.fill.row), self.next(), self.turn)
    }

    pub(crate) fn id<I: Id>(&self) -> I {
        I::opaque(format!("{}{}{}_{}", I::PREFIX, Fill::mark(self.fill.row), self.next(), self.turn))
    }

    pub(crate) fn world(&self) -> World {
        World::stored(self.text())
    }

    pub(crate) fn name(&self) -> DomainName {
        DomainName::stored(self.text())
    }

    /// The one, and the other after every second change.
    pub(crate) fn pick<T>(&self, one: T, other: T) -> T {
        if self.turn % 2 == 0 { one } else { other }
    }
}
