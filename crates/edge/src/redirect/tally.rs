//! What is told about the server's work, to whoever counts.

use super::Scheme;

/// Whoever counts what the server does. It is called in the middle of the work: it must not wait.
pub trait Tally: Send + Sync + 'static {
    /// A request was answered with a status (301 or 302 leads on, 404 and 421 are for addresses that are no site's).
    fn answered(&self, _scheme: Scheme, _status: u16) {}
    /// A handshake of TLS was refused, because nobody is here by the name that was asked for, or by none.
    fn refused(&self) {}
    /// A handshake of TLS failed: it was no TLS, took too long, or the other side did not want ours.
    fn failed(&self) {}
    /// An authority was answered that looked whether a name leads here (RFC 8555 §8, RFC 8737).
    fn challenged(&self) {}
    /// So many connections are open.
    fn connections(&self, _open: usize) {}
    /// A connection was turned away because no place was free.
    fn turned_away(&self) {}
}

/// Nobody counts.
impl Tally for () {}
