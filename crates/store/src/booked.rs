//! Money that was booked, counted once it is committed: what a transaction that was rolled back had booked is nothing.

use model::id::PartnerId;
use model::ledger::{Line, LineKind};
use model::metric;

/// What a transaction has booked so far.
#[derive(Debug, Default)]
pub(crate) struct Booked(Vec<(PartnerId, LineKind, u64)>);

impl Booked {
    /// Nothing.
    pub(crate) const fn none() -> Self {
        Self(vec![])
    }

    /// Adds lines.
    pub(crate) fn add(&mut self, lines: &[Line]) {
        self.0.extend(lines.iter().map(|line| (line.partner.clone(), line.kind, line.amount_cents.unsigned_abs())));
    }

    /// Adds what another has.
    pub(crate) fn join(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Counts it: it is committed.
    pub(crate) fn count(self) {
        for (partner, kind, cents) in self.0 {
            let (partner, kind) = (partner.to_string(), kind.as_str());
            metrics::counter!(metric::BOOKED_CENTS, "kind" => kind).increment(cents);
            metrics::counter!(metric::PARTNER_BOOKED_CENTS, "partner" => partner, "kind" => kind).increment(cents);
        }
    }
}
