//! What a connection is at, and until when it may be.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// What is left to a stopping connection for anything but an answer that is being made: the rest of a request, or of an
/// answer that its client does not read.
pub(super) const PARTING: Duration = Duration::from_secs(2);

/// What is left to it for the answer to a request that arrived whole.
pub(super) const DRAIN: Duration = Duration::from_secs(30);

/// How long a connection may be at what it is at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    pub(super) head: Duration,
    pub(super) idle: Duration,
}

/// What a connection is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Its next request has begun to arrive, or it is new.
    Head,
    /// A request has its headers; its body is on its way.
    Body,
    /// An answer is being made, or told bit by bit.
    Answer,
    /// The last answer was handed over.
    Idle,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    since: Instant,
    /// Since when the client takes nothing of what we have for it.
    stalled: Option<Instant>,
}

/// Shared by all that sees a part of what happens on one connection.
#[derive(Clone, Debug)]
pub(super) struct Pulse(Arc<Mutex<State>>);

impl Pulse {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State { phase: Phase::Head, since: Instant::now(), stalled: None })))
    }

    /// A request has its headers.
    pub(super) fn begins(&self, has_body: bool) {
        self.enter(if has_body { Phase::Body } else { Phase::Answer });
    }

    /// Its body is there, or nobody wants it.
    pub(super) fn body_ends(&self) {
        let mut state = self.lock();
        if state.phase == Phase::Body {
            state.phase = Phase::Answer;
        }
    }

    /// The whole answer was handed over.
    pub(super) fn answered(&self) {
        self.enter(Phase::Idle);
    }

    /// When the connection is over, unless it comes to something else before; `parting` is when it was told to stop.
    pub(super) fn deadline(&self, patience: Patience, parting: Option<Instant>) -> Option<Instant> {
        let state = self.lock();
        let own = match state.phase {
            Phase::Head => Some(state.since + patience.head),
            Phase::Idle => Some(state.since + patience.idle),
            // The body has its own clock, so that its request is answered.
            Phase::Body | Phase::Answer => None,
        };
        let unread = state.stalled.map(|since| since + patience.idle);
        let is_answering = state.phase == Phase::Answer && state.stalled.is_none();
        let parting = parting.map(|at| at + if is_answering { DRAIN } else { PARTING });
        [own, unread, parting].into_iter().flatten().min()
    }

    fn enter(&self, phase: Phase) {
        let mut state = self.lock();
        (state.phase, state.since) = (phase, Instant::now());
    }

    fn heard(&self) {
        let mut state = self.lock();
        if state.phase == Phase::Idle {
            (state.phase, state.since) = (Phase::Head, Instant::now());
        }
    }

    fn told(&self, progress: bool) {
        let mut state = self.lock();
        match (progress, state.stalled) {
            (true, _) => state.stalled = None,
            (false, None) => state.stalled = Some(Instant::now()),
            (false, Some(_)) => {}
        }
        if progress && state.phase == Phase::Idle {
            state.since = Instant::now();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream whose traffic is noted.
pub(super) struct Watched<S> {
    pub(super) stream: S,
    pub(super) pulse: Pulse,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            self.pulse.heard();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.pulse.told(wrote.is_ready());
        wrote
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.pulse.told(wrote.is_ready());
        wrote
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
