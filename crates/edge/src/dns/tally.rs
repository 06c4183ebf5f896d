//! What is told about the server's work, to whoever counts.

use super::Transport;

/// Whoever counts what the server does. It is called in the middle of the work: it must not wait.
pub trait Tally: Send + Sync + 'static {
    /// A message was answered with a code (0 is fine, 3 is no such name, 5 refused; RFC 6895 §2.3).
    fn answered(&self, _transport: Transport, _rcode: u16) {}
    /// An answer over UDP was held back, because its network has had enough of it; `told` where an empty one leads it to
    /// TCP.
    fn held_back(&self, _told: bool) {}
    /// A message came that may not be answered, or an answer could not be sent.
    fn lost(&self, _transport: Transport) {}
    /// So many connections are open.
    fn connections(&self, _open: usize) {}
    /// A connection was turned away because no place was free.
    fn turned_away(&self) {}
}

/// Nobody counts.
impl Tally for () {}
