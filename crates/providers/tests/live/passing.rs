//! How time passes while a vendor is waited for: for real, or by hand where the vendor is a double.

use std::sync::Arc;
use std::time::Duration;

use model::clock::{Clock, HandClock, SECOND, SystemClock, Time};
use providers::call::Call;
use providers::trouble::Trouble;

/// Tries before a vendor counts as stuck.
const TRIES: usize = 40;
/// How long is waited where nobody has said it, in microseconds.
const USUAL: i64 = 5 * SECOND;
/// The longest that is waited before a try, in microseconds.
const MOST: i64 = 120 * SECOND;
/// How long a try takes by hand: Porkbun is asked for a price, and sells, once in ten seconds.
const A_TRY: i64 = 31 * SECOND;

pub(crate) enum Passing {
    Really,
    /// On a clock that the double is told.
    ByHand(Arc<HandClock>, Box<dyn Fn(Time) + Send + Sync>),
}

impl Passing {
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        match self {
            Self::Really => Arc::new(SystemClock),
            Self::ByHand(clock, _) => clock.clone(),
        }
    }

    pub(crate) fn now(&self) -> Time {
        self.clock().now()
    }

    /// By hand a try takes longer than any pace of a vendor, so that nobody stands in line for real seconds.
    async fn take_a_try(&self) {
        if matches!(self, Self::ByHand(..)) {
            self.wait(A_TRY).await;
        }
    }

    async fn wait(&self, micros: i64) {
        match self {
            Self::Really => tokio::time::sleep(Duration::from_micros(micros.unsigned_abs())).await,
            Self::ByHand(clock, tell) => {
                clock.advance(micros);
                tell(clock.now());
            }
        }
    }

    /// What a call comes to, when it is tried as often as the vendor wants.
    ///
    /// # Panics
    /// When the vendor does not come to an end.
    pub(crate) async fn decided<T>(
        &self,
        call: &Call,
        attempt: impl AsyncFn(&Call) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let mut call = call.clone();
        for _ in 0..TRIES {
            self.take_a_try().await;
            call.now = self.now();
            let until = match attempt(&call).await {
                Err(Trouble::Later(Some(at)) | Trouble::UnderWay(_, at)) => at,
                Err(Trouble::Later(None) | Trouble::Unknown) => call.now.plus(USUAL),
                decided => return decided,
            };
            call.asked_at.get_or_insert(call.now);
            self.wait((until.0 - self.now().0).clamp(SECOND, MOST)).await;
        }
        panic!("{} was neither done nor refused in {TRIES} tries", call.reference)
    }

    /// The same, of what has to work.
    ///
    /// # Panics
    /// When the vendor refuses it too.
    pub(crate) async fn done<T>(&self, call: &Call, attempt: impl AsyncFn(&Call) -> Result<T, Trouble>) -> T {
        let told = self.decided(call, attempt).await;
        told.unwrap_or_else(|trouble| panic!("{} has to work, and ended with {trouble:?}", call.reference))
    }
}
