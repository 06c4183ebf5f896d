//! What strangers may take.

use std::time::Duration;

/// What strangers may take of the server.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Answers over UDP a second to one network about one thing; zero: no bound. See [`super::Service`].
    pub answers_per_second: u32,
    /// Of the answers beyond that, every how many-eth one sends its asker to TCP, instead of none; zero: never.
    pub slip: u32,
    /// Connections in all.
    pub connections: usize,
    /// Connections from one network.
    pub connections_per_network: usize,
    /// How long a connection may be without a question.
    pub idle: Duration,
    /// How long a question may take to arrive, once it has begun, and an answer to be taken.
    pub message: Duration,
    /// How long a connection may be there at all, so that those who wait get a place.
    pub connection: Duration,
    /// Whole zones that are on their way at once.
    pub transfers: usize,
    /// Those to one network.
    pub transfers_per_network: usize,
    /// How long one may take. Whoever takes it slowly has to be done by then.
    pub transfer: Duration,
    /// How long a stop waits for answers that are under way.
    pub grace: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            answers_per_second: 20,
            slip: 2,
            connections: 1000,
            connections_per_network: 50,
            idle: Duration::from_secs(10),
            message: Duration::from_secs(5),
            connection: Duration::from_mins(2),
            transfers: 64,
            transfers_per_network: 16,
            transfer: Duration::from_mins(1),
            grace: Duration::from_secs(5),
        }
    }
}
