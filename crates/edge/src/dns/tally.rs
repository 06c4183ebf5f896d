//! What is told about the server's work, to whoever counts.

use super::Transport;

/// How a transfer of a whole zone ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transferred {
    /// It was taken.
    Done,
    /// It was not taken, or not in time.
    Broken,
    /// It was put off, because too many are on their way.
    PutOff,
}

/// How a secondary was told of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notified {
    /// It has heard it.
    Answered,
    /// It does not want to hear it: it does not serve that zone, or does not believe us.
    Refused,
    /// It has not answered, as often as it was told.
    GivenUp,
}

/// Whoever counts what the server does. It is called in the middle of the work: it must not wait.
pub trait Tally: Send + Sync + 'static {
    /// A message was answered with a code (0 is fine, 3 is no such name, 5 refused; RFC 6895 §2.3).
    fn answered(&self, _transport: Transport, _rcode: u16) {}
    /// An answer over UDP was held back, because its network has had enough of it; `told` where an empty one leads it to
    /// TCP.
    fn held_back(&self, _told: bool) {}
    /// A message came that may not be answered, or an answer could not be sent.
    fn lost(&self, _transport: Transport) {}
    /// A whole zone was asked for by somebody who may have it.
    fn transferred(&self, _ended: Transferred) {}
    /// A secondary was told of a zone.
    fn notified(&self, _ended: Notified) {}
    /// So many connections are open.
    fn connections(&self, _open: usize) {}
    /// A connection was turned away because no place was free.
    fn turned_away(&self) {}
}

/// Nobody counts.
impl Tally for () {}
