//! Calls that make sense together only: of what is looked for before it is acted, the look is in vain without the act.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Vendor, locked, micros};
use crate::trouble::Trouble;

/// So many calls that may be sent: nobody else is let through meanwhile who would take their place. What is left of it is given back.
pub(crate) struct Promise {
    vendor: Arc<Vendor>,
    left: AtomicUsize,
}

impl Vendor {
    /// Promises so many calls, of which no more are than fit into the shortest of the limits. They are asked for beside `beside` others,
    /// for which room is left.
    ///
    /// # Errors
    /// `Later` with the time when there is room for them; nothing was sent.
    pub(crate) fn promise(self: &Arc<Self>, calls: usize, beside: usize) -> Result<Arc<Promise>, Trouble> {
        let (now, patience) = (self.clock.now(), self.patience());
        let calls = locked(&self.pacer).promise(calls, beside, now, patience);
        let left = calls.map_err(|at| Trouble::Later(Some(at)))?;
        Ok(Arc::new(Promise { vendor: self.clone(), left: AtomicUsize::new(left) }))
    }

    /// How long somebody may wait for a turn, in microseconds. Where the clock is moved by hand nobody waits.
    pub(super) fn patience(&self) -> i64 {
        if self.clock.runs() { micros(self.settings.patience) } else { 0 }
    }
}

impl Promise {
    /// Whether one of its calls was left, which is used now.
    pub(super) fn is_used(&self) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        locked(&self.vendor.pacer).keep(*self.left.get_mut());
    }
}
