//! What strangers may take.

use std::time::Duration;

/// What strangers may take of the server.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Connections in all, over HTTP and HTTPS together.
    pub connections: usize,
    /// Connections from one network.
    pub connections_per_network: usize,
    /// How long a handshake of TLS may take.
    pub handshake: Duration,
    /// How long it may take until a request is here whole, from when it could have begun.
    pub request: Duration,
    /// How long a connection may be there at all, so that those who wait get a place, and those who take no answers leave.
    pub connection: Duration,
    /// How many bytes a request may have before its body, from 8192 on.
    pub head: usize,
    /// How many are looked up at once for authorities, where the answers to their challenges are kept.
    pub challenges: usize,
    /// How long a stop waits for answers that are under way.
    pub grace: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 4_096,
            connections_per_network: 128,
            handshake: Duration::from_secs(5),
            request: Duration::from_secs(10),
            connection: Duration::from_mins(2),
            head: 16 * 1024,
            challenges: 8,
            grace: Duration::from_secs(5),
        }
    }
}
