//! The two bodies of an exchange, watched: the request's must come in time, the answer's end is noted.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::places::Place;
use super::pulse::Pulse;

/// Over how long the least rate is measured: one lost packet is no slow client.
const WINDOW: Duration = Duration::from_secs(10);

/// How fast a body must come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// The time for all of it.
    pub(super) in_all: Duration,
    /// What must come of it meanwhile, a second.
    pub(super) bytes_per_second: u64,
}

/// A body that did not come in time.
#[derive(Debug, thiserror::Error)]
#[error("the body came too slowly")]
pub(super) struct TooSlow;

/// A request's body. Its time begins when somebody wants it, not when its request arrived: what we are slow at is not
/// the client's fault.
pub(super) struct Arriving<B> {
    body: B,
    pulse: Pulse,
    pace: Pace,
    clock: Option<Clock>,
}

struct Clock {
    end: Instant,
    window: Instant,
    bytes: u64,
    timer: Pin<Box<Sleep>>,
}

impl<B> Arriving<B> {
    pub(super) fn new(body: B, pulse: Pulse, pace: Pace) -> Self {
        Self { body, pulse, pace, clock: None }
    }
}

impl Clock {
    fn start(pace: Pace) -> Self {
        let now = Instant::now();
        let (end, window) = (now + pace.in_all, now + WINDOW);
        Self { end, window, bytes: 0, timer: Box::pin(sleep_until(end.min(window))) }
    }

    /// Ready when the time is up.
    fn poll(&mut self, pace: Pace, cx: &mut Context<'_>) -> Poll<()> {
        while self.timer.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            if now >= self.end || self.bytes < pace.bytes_per_second * WINDOW.as_secs() {
                return Poll::Ready(());
            }
            (self.window, self.bytes) = (now + WINDOW, 0);
            self.timer.as_mut().reset(self.end.min(self.window));
        }
        Poll::Pending
    }
}

impl<B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin> Body for Arriving<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        let pace = this.pace;
        let clock = this.clock.get_or_insert_with(|| Clock::start(pace));
        let frame = Pin::new(&mut this.body).poll_frame(cx).map_err(Into::into);
        if let Poll::Ready(Some(Ok(frame))) = &frame {
            clock.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        match frame {
            // All of it is here, or the connection broke: no clock can change that.
            Poll::Ready(None | Some(Err(_))) => {
                this.pulse.body_ends();
                frame
            }
            _ if clock.poll(pace, cx).is_ready() => Poll::Ready(Some(Err(TooSlow.into()))),
            arrived => arrived,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for Arriving<B> {
    fn drop(&mut self) {
        self.pulse.body_ends();
    }
}

/// An answer's body; when it is dropped, it was handed over, or nobody wants it any more.
pub(super) struct Leaving<B> {
    pub(super) body: B,
    pub(super) pulse: Pulse,
    /// The sender's place, where requests are counted and not connections.
    pub(super) _place: Option<Place>,
}

impl<B: Body + Unpin> Body for Leaving<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for Leaving<B> {
    fn drop(&mut self) {
        self.pulse.answered();
    }
}
