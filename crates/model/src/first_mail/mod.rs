//! The first mail of a domain: one that an inbox of it sends to a mailbox of the operator's before the domain is said to be
//! connected, and what the server that received it has found.
//!
//! That one is to be sent is put down before it is sent. Whoever has put it down sends it; whoever finds it put down looks whether it
//! has arrived, and waits for that before there is another.

use serde::{Deserialize, Serialize};

use crate::clock::{HOUR, MINUTE, Time};
use crate::evidence::Verdict;

mod headers;
mod judge;
mod letter;
mod results;
#[cfg(test)]
mod tests;

pub use judge::{Receiver, judge};
pub use letter::{TOKEN_HEADER, letter};
pub use results::{Method, Results};

/// How long a mail may be on its way before it is said not to arrive, in microseconds.
pub const PATIENCE: i64 = 15 * MINUTE;
/// How soon it is looked for again, in microseconds.
pub const AGAIN: i64 = MINUTE;

/// A mail that was put down to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstMail {
    /// By which it is found in the mailbox.
    pub token: String,
    /// The inbox that sends it.
    pub from: String,
    /// When it was put down, partner time.
    pub at: Time,
    /// How many there were with it.
    pub number: i64,
    /// What is known of it.
    pub sending: Sending,
}

/// What is known of a mail that is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sending {
    /// It may have been sent.
    PutDown,
    /// The inbox's server has taken it.
    Taken,
    /// It is certain that it was not sent.
    Not(NotSent),
}

/// Why a mail was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotSent {
    /// The inbox's server is not reached, or does not go on.
    Unreached,
    /// It does not let the inbox's login in.
    LoginRefused,
    /// It lets it in, and does not take the mail.
    MailRefused,
}

impl NotSent {
    /// In words for the evidence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Unreached => {
                "The server that sends the inbox's mail could not be reached, or did not go on: the first mail is sent later."
            }
            Self::LoginRefused => {
                "The server that sends the inbox's mail does not let its login in: the first mail could not be sent. See that sending by SMTP is allowed for it."
            }
            Self::MailRefused => {
                "The server that sends the inbox's mail did not take the first mail: see there whether the inbox may send."
            }
        }
    }
}

impl FirstMail {
    /// The first one of an inbox.
    #[must_use]
    pub const fn new(token: String, from: String, at: Time) -> Self {
        Self { token, from, at, number: 1, sending: Sending::PutDown }
    }

    /// Another one of the same inbox, with the same token: whichever arrives will do.
    #[must_use]
    pub fn another(&self, at: Time) -> Self {
        Self { at, number: self.number + 1, sending: Sending::PutDown, ..self.clone() }
    }

    /// From when on there may be another, partner time: what was sent has had time to arrive, or was seen, or is known not to be on its
    /// way; and whoever has to mend something has had time for it.
    #[must_use]
    pub const fn lasts_until(&self) -> Time {
        let pause = match (self.sending, self.number) {
            (Sending::Not(_), 1 | 2) => 2 * MINUTE,
            (_, 1) => PATIENCE,
            (_, 2) => HOUR,
            _ => 4 * HOUR,
        };
        self.at.plus(pause)
    }
}

/// What happens with a mail that has not been found to be what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another one is put down, and sent.
    Another(FirstMail),
    /// It is looked again then.
    Wait(Time),
    /// The same, and the operator is told: one more mail has not helped.
    Operator,
}

/// What is done about a mail that has come to this.
#[must_use]
pub fn next(mail: &FirstMail, verdict: Verdict, now: Time) -> Next {
    let is_over = verdict == Verdict::Failed || matches!(mail.sending, Sending::Not(_));
    match (is_over, now >= mail.lasts_until()) {
        (true, true) => Next::Another(mail.another(now)),
        (true, false) if mail.number > 1 => Next::Operator,
        (_, _) => Next::Wait(now.plus(AGAIN)),
    }
}
