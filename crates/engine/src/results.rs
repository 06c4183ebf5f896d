//! What came of work and is not written yet.

use std::fmt;

use model::delivery::DisabledReason;
use store::Kind;

use crate::deliver::Attempted;
use crate::gathering::Gathering;
use crate::settle::Steps;
use crate::settle::Waiting;

/// So many deliveries are settled together at most.
const DELIVERIES: usize = 128;

/// What came of work and is not written yet.
pub struct Results {
    /// Of deliveries: why an endpoint gets nothing from now on, when that is decided by one.
    pub(crate) deliveries: Gathering<Attempted, Option<DisabledReason>>,
    /// Of steps that tell nobody anything.
    pub(crate) steps: Steps<Waiting>,
}

impl Default for Results {
    fn default() -> Self {
        Self { deliveries: Gathering::new(Kind::Delivery, DELIVERIES), steps: Steps::default() }
    }
}

impl fmt::Debug for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Results")
    }
}
