//! Deliveries that are claimed and wait for a place on the way to their endpoint.

use std::collections::{HashMap, VecDeque};

use model::task::Task;
use tokio::time::Instant;

use super::gather::Found;

/// A delivery that may be sent.
pub(crate) struct Ready {
    pub(crate) task: Task,
    pub(crate) found: Found,
    /// From before it was asked for: its lease is no longer.
    pub(crate) claimed_at: Instant,
}

/// What is on its way to one endpoint, and what is next.
#[derive(Default)]
struct Line {
    under_way: usize,
    waiting: VecDeque<Ready>,
}

/// What is on its way, and what is next, by endpoint.
#[derive(Default)]
pub(crate) struct Outbox(HashMap<String, Line>);

impl Outbox {
    /// Puts a delivery behind the others to its endpoint.
    pub(crate) fn put(&mut self, ready: Ready) {
        self.0.entry(ready.task.bucket.clone()).or_default().waiting.push_back(ready);
    }

    /// Takes out what waits for an endpoint.
    pub(crate) fn take(&mut self, endpoint: &str) -> Vec<Task> {
        let waiting = self.0.get_mut(endpoint).map(|line| std::mem::take(&mut line.waiting));
        waiting.into_iter().flatten().map(|ready| ready.task).collect()
    }

    /// The next one to an endpoint that may have so many on their way; it has a place from now on.
    pub(crate) fn next(&mut self, endpoint: &str, places: usize) -> Option<Ready> {
        let line = self.0.get_mut(endpoint).filter(|line| line.under_way < places)?;
        let ready = line.waiting.pop_front()?;
        line.under_way += 1;
        Some(ready)
    }

    /// One has arrived, or never will: its place is free.
    pub(crate) fn sent(&mut self, endpoint: &str) {
        if let Some(line) = self.0.get_mut(endpoint) {
            line.under_way = line.under_way.saturating_sub(1);
            if line.under_way == 0 && line.waiting.is_empty() {
                self.0.remove(endpoint);
            }
        }
    }

    /// Whether fewer wait for an endpoint than are on their way to it: more should be claimed before it runs dry.
    pub(crate) fn is_low(&self, endpoint: &str) -> bool {
        self.0.get(endpoint).is_none_or(|line| line.waiting.len() < line.under_way.max(1))
    }

    /// Those that have not been sent and will not be.
    pub(crate) fn give_up(&mut self) -> Vec<Task> {
        let waiting = self.0.values_mut().flat_map(|line| line.waiting.drain(..));
        waiting.map(|ready| ready.task).collect()
    }
}

#[cfg(test)]
mod tests {
    use model::clock::Time;
    use model::id::{Id as _, PartnerId, TaskId};
    use model::task::Lane;
    use model::world::World;

    use super::*;

    fn put(outbox: &mut Outbox, id: &str, endpoint: &str) {
        let task = Task {
            id: TaskId::opaque(id),
            lane: Lane::Delivery,
            partner: PartnerId::opaque("org_1"),
            world: World::live(),
            bucket: endpoint.into(),
            subject: "dlv_1".into(),
            due_at: Time(0),
            lease: None,
            attempts: 0,
        };
        outbox.put(Ready { task, found: Found::Nothing, claimed_at: Instant::now() });
    }

    fn next(outbox: &mut Outbox, endpoint: &str, places: usize) -> Option<String> {
        outbox.next(endpoint, places).map(|ready| ready.task.id.to_string())
    }

    #[tokio::test]
    async fn what_was_claimed_first_goes_first_as_far_as_there_are_places() {
        let mut outbox = Outbox::default();
        for id in ["one", "two", "three"] {
            put(&mut outbox, id, "whe_1");
        }
        put(&mut outbox, "other", "whe_2");
        assert_eq!(next(&mut outbox, "whe_1", 2).as_deref(), Some("one"));
        assert_eq!(next(&mut outbox, "whe_1", 2).as_deref(), Some("two"));
        assert_eq!(next(&mut outbox, "whe_1", 2), None, "two are on their way");
        assert_eq!(next(&mut outbox, "whe_2", 2).as_deref(), Some("other"));
        outbox.sent("whe_1");
        assert_eq!(next(&mut outbox, "whe_1", 1), None, "it has slowed down: one is still on its way");
        outbox.sent("whe_1");
        assert_eq!(next(&mut outbox, "whe_1", 1).as_deref(), Some("three"));
    }

    #[tokio::test]
    async fn more_is_wanted_before_there_is_nothing_left() {
        let mut outbox = Outbox::default();
        assert!(outbox.is_low("whe_1"));
        for id in ["one", "two", "three"] {
            put(&mut outbox, id, "whe_1");
        }
        assert_eq!(next(&mut outbox, "whe_1", 8).as_deref(), Some("one"));
        assert!(!outbox.is_low("whe_1"), "two wait and one is on its way");
        assert_eq!(next(&mut outbox, "whe_1", 8).as_deref(), Some("two"));
        assert!(outbox.is_low("whe_1"));
        put(&mut outbox, "four", "whe_1");
        assert_eq!(outbox.take("whe_1").len(), 2, "whoever has stopped answering is not sent what waits");
        assert!(outbox.take("whe_1").is_empty() && outbox.take("whe_none").is_empty());
        put(&mut outbox, "five", "whe_1");
        assert_eq!(outbox.give_up().len(), 1, "what is on its way is not given up");
    }
}
