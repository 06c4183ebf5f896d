//! What the operator's webhook is told: the same envelope and headers as a partner's.

use crate::clock::{HOUR, MINUTE, SECOND, Time};
use crate::id::{EventId, NoticeId};
use crate::named::named;

/// Attempts before a message is given up.
pub const ATTEMPTS: i64 = 5;

/// How long one attempt may take, in microseconds.
pub const TIMEOUT: i64 = 15 * SECOND;

/// From one attempt to the next, in microseconds. Shorter than a partner's: it is about something that hurts now, and what
/// stays so is told again a day later.
const GAPS: [i64; ATTEMPTS as usize - 1] = [10 * SECOND, MINUTE, 10 * MINUTE, 2 * HOUR];

/// Whoever has taken a message and died leaves it to others after this, in microseconds: longer than an attempt takes.
const LEASE: i64 = 2 * MINUTE;

named! {
    /// What is told. Append-only: the names have left the process.
    pub enum MessageKind {
        /// It is so now.
        Opened "notice.opened",
        /// It is still so, a day later.
        Reminded "notice.reminded",
        /// It is not so any more.
        Closed "notice.closed",
    }
}

/// One thing that the operator's webhook is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The id that the receiver sees: the same with every attempt.
    pub id: EventId,
    /// What it tells of.
    pub notice: NoticeId,
    /// What it tells.
    pub kind: MessageKind,
    /// The exact body that is sent and signed.
    pub body: String,
    /// How often it was tried in vain.
    pub attempts: i64,
    /// When it is tried, server time; `None` when it was received or given up.
    pub due_at: Option<Time>,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// The fence against lost updates: of two processes one takes it.
    pub version: i64,
}

impl Message {
    /// A message that is due now.
    #[must_use]
    pub fn new(id: EventId, notice: NoticeId, kind: MessageKind, data: &str, now: Time) -> Self {
        let body = format!(r#"{{"id":"{id}","type":"{}","created_at":"{now}","data":{data}}}"#, kind.as_str());
        Self { id, notice, kind, body, attempts: 0, due_at: Some(now), error: None, version: 1 }
    }

    /// The row of whoever takes it to send it.
    #[must_use]
    pub fn taken(&self, now: Time) -> Self {
        Self { due_at: Some(now.plus(LEASE)), ..self.clone() }
    }

    /// The row after an attempt: received, to be tried again, or given up.
    #[must_use]
    pub fn tried(&self, error: Option<String>, now: Time) -> Self {
        let Some(error) = error else { return Self { due_at: None, error: None, ..self.clone() } };
        let gap = usize::try_from(self.attempts).ok().and_then(|attempt| GAPS.get(attempt));
        Self { attempts: self.attempts + 1, due_at: gap.map(|gap| now.plus(*gap)), error: Some(error), ..self.clone() }
    }

    /// Whether it was given up.
    #[must_use]
    pub const fn is_lost(&self) -> bool {
        self.due_at.is_none() && self.error.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id as _;

    #[test]
    fn a_message_is_tried_five_times_and_then_given_up() {
        let (id, notice) = (EventId::opaque("evt_1"), NoticeId::opaque("ntc_1"));
        let mut message = Message::new(id, notice, MessageKind::Opened, r#"{"kind":"disk_low"}"#, Time(0));
        assert_eq!(
            message.body,
            r#"{"id":"evt_1","type":"notice.opened","created_at":"1970-01-01T00:00:00Z","data":{"kind":"disk_low"}}"#
        );
        for attempt in 1..=ATTEMPTS {
            assert!(!message.is_lost());
            message = message.tried(Some("500".into()), Time(0));
            assert_eq!(message.attempts, attempt);
        }
        assert!(message.is_lost());
        let received = message.tried(None, Time(0));
        assert!(!received.is_lost() && received.due_at.is_none());
    }

    #[test]
    fn whoever_takes_it_has_it_for_longer_than_an_attempt() {
        const { assert!(LEASE > TIMEOUT) };
        let message =
            Message::new(EventId::opaque("evt_1"), NoticeId::opaque("ntc_1"), MessageKind::Closed, "{}", Time(0));
        assert_eq!(message.taken(Time(7)).due_at, Some(Time(7 + LEASE)));
    }
}
