//! Something that is done for each of several things, a few at a time, where one that fails keeps no other back.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::BoxFuture;
use futures_util::{StreamExt as _, stream};

use crate::roles::Part;
use crate::trouble::Trouble;

/// Why something was not done for one of several things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Miss {
    /// It is the thing's own trouble.
    One(Trouble),
    /// The others would fare no better: none is begun any more.
    All(Trouble),
}

impl Miss {
    pub(crate) fn trouble(self) -> Trouble {
        match self {
            Self::One(trouble) | Self::All(trouble) => trouble,
        }
    }

    /// Which of two is told. What passes by itself comes before what a person is asked for: as long as others of the things still
    /// get on, nobody has to wait for a person.
    fn first(self, other: Self) -> Self {
        if other.rank() < self.rank() { other } else { self }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::All(_) => 0,
            Self::One(Trouble::Later(_) | Trouble::UnderWay(..)) => 1,
            Self::One(Trouble::Unknown) => 2,
            Self::One(Trouble::Refused(_) | Trouble::Misconfigured(_)) => 3,
        }
    }
}

/// What came of several things.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tried<R> {
    /// Those that were done.
    pub(crate) done: Vec<R>,
    /// Why some were not.
    pub(crate) missed: Option<Miss>,
}

impl<R> Tried<R> {
    /// Something was not done.
    pub(crate) fn miss(&mut self, miss: Miss) {
        self.missed = Some(match self.missed.take() {
            Some(known) => known.first(miss),
            None => miss,
        });
    }

    /// Whether the others would fare no better.
    pub(crate) const fn is_over(&self) -> bool {
        matches!(self.missed, Some(Miss::All(_)))
    }

    pub(crate) fn part(self) -> Part<R> {
        Part { done: self.done, trouble: self.missed.map(Miss::trouble) }
    }

    /// All of them, or none.
    pub(crate) fn all(self) -> Result<Vec<R>, Miss> {
        self.missed.map_or(Ok(self.done), Err)
    }
}

impl<R> Default for Tried<R> {
    fn default() -> Self {
        Self { done: vec![], missed: None }
    }
}

impl From<Trouble> for Miss {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Later(_) | Trouble::Misconfigured(_) => Self::All(trouble),
            Trouble::UnderWay(..) | Trouble::Refused(_) | Trouble::Unknown => Self::One(trouble),
        }
    }
}

/// Does each of these, a few at a time; what came of them is in their order.
pub(crate) async fn each<'a, R: Send + 'a>(things: Vec<BoxFuture<'a, Result<R, Miss>>>, at_once: usize) -> Tried<R> {
    let is_over = AtomicBool::new(false);
    let mut tried = Vec::with_capacity(things.len());
    for thing in things {
        tried.push(unless_over(&is_over, thing));
    }
    let tried: Vec<_> = stream::iter(tried).buffered(at_once.max(1)).collect().await;
    let mut all = Tried::default();
    for tried in tried.into_iter().flatten() {
        match tried {
            Ok(thing) => all.done.push(thing),
            Err(miss) => all.miss(miss),
        }
    }
    all
}

async fn unless_over<R>(is_over: &AtomicBool, thing: BoxFuture<'_, Result<R, Miss>>) -> Option<Result<R, Miss>> {
    if is_over.load(Ordering::Relaxed) {
        return None;
    }
    let tried = thing.await;
    is_over.fetch_or(matches!(tried, Err(Miss::All(_))), Ordering::Relaxed);
    Some(tried)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use futures_util::FutureExt as _;
    use model::action::ActionReason;

    use super::*;
    use crate::trouble::Refused;

    const NO: Trouble = Trouble::Refused(Refused::Ask(ActionReason::CredentialsRejected));

    async fn tried(at_once: usize, what: impl IntoIterator<Item = Result<u8, Trouble>>) -> (Part<u8>, usize) {
        let begun = &AtomicUsize::new(0);
        let one = |result: Result<u8, Trouble>| {
            let one = async move {
                begun.fetch_add(1, Ordering::Relaxed);
                // Whoever asks a vendor waits.
                tokio::task::yield_now().await;
                Ok(result?)
            };
            one.boxed()
        };
        let part = each(what.into_iter().map(one).collect(), at_once).await;
        (part.part(), begun.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn one_that_fails_keeps_no_other_back_and_the_order_stays() {
        let part = tried(2, [Err(NO), Ok(2), Err(NO), Ok(4)]).await;
        assert_eq!(part, (Part { done: vec![2, 4], trouble: Some(NO) }, 4));
    }

    #[tokio::test]
    async fn what_stops_all_is_not_tried_on_the_others() {
        let (part, begun) = tried(2, [Err(NO), Err(Trouble::Later(None)), Ok(3), Ok(4), Ok(5)]).await;
        assert_eq!(part.trouble, Some(Trouble::Later(None)), "nobody is asked while it passes by itself");
        assert!(begun < 5, "{begun}");
    }

    #[tokio::test]
    async fn what_is_not_known_is_told_before_what_a_person_is_asked_for() {
        let (part, _) = tried(1, [Err(NO), Err(Trouble::Unknown)]).await;
        assert_eq!(part, Part { done: vec![], trouble: Some(Trouble::Unknown) });
    }
}
