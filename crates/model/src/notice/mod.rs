//! Notices: what only the operator can mend or should know. A notice is opened when something is found, and closed when it
//! is not found any more; nobody has to tick it off.

use serde::Serialize;

use crate::clock::{DAY, HOUR, Time};
use crate::id::{EventId, Id as _, NoticeId, PartnerId};
use crate::named::named;
use crate::world::Environment;

mod decide;
mod message;

pub use decide::{Known, Looked, Reach, Seen, Sighting, decide};
pub use message::{ATTEMPTS, Message, MessageKind, TIMEOUT};

/// How long a notice that is closed is kept, in microseconds.
pub const KEPT: i64 = 90 * DAY;

/// How often the operator is reminded of one that is open, in microseconds.
pub const REMIND: i64 = DAY;

/// An open one that nobody has seen for so long, in microseconds, is closed: the process that could see it is gone.
pub const UNSEEN: i64 = DAY;

/// How often it is written down that an open one is still so, in microseconds.
pub const RENEW: i64 = HOUR;

/// So many of a kind are open at most; one of its own says that there are more.
pub const MOST: usize = 100;

named! {
    /// What it is about. Append-only: the names have left the process.
    pub enum NoticeKind {
        /// A step waits until the operator has mended something.
        StepParked "step_parked",
        /// A step waits for longer than it usually takes.
        StepOverdue "step_overdue",
        /// A provider's account refuses what it is asked, or does not answer.
        AccountRefuses "account_refuses",
        /// An endpoint is switched off, because it has failed for too long or said that it is gone.
        EndpointDisabled "endpoint_disabled",
        /// Work is due and is not done.
        WorkWaits "work_waits",
        /// The event feed waits for a transaction that does not end.
        FeedWaits "feed_waits",
        /// Nothing can be written into the database, or nothing read.
        DatabaseUnusable "database_unusable",
        /// There is little room left on a disk.
        DiskLow "disk_low",
        /// The machine's clock was put forward or back.
        ClockStep "clock_step",
        /// The last backup is too old.
        BackupOld "backup_old",
        /// Others on the machine can get at the server's files.
        FileModes "file_modes",
        /// Something broke inside and was caught.
        PanicCaught "panic_caught",
        /// Lines of the log could not be written.
        LogLost "log_lost",
        /// The sandbox knows of things that the database does not: it was restored from a backup.
        DatabaseOlder "database_older_than_world",
        /// The operator has stopped buying.
        BuyingPaused "buying_paused",
        /// Four fifths of a cap on spending are spent.
        CapNear "cap_near",
        /// A purchase may have come about, and nothing is known for certain.
        PurchaseUnclear "purchase_unclear",
        /// An account at a vendor has what may be a purchase that the database does not know.
        AccountsDiffer "accounts_differ",
        /// A registrant has to answer a mail, or a registry takes names off the net.
        RegistrantUnverified "registrant_unverified",
        /// A site's certificate cannot be had for long.
        CertificateFails "certificate_fails",
        /// A mail host has shut mailboxes, or taken their licences.
        InboxesSuspended "inboxes_suspended",
        /// So many domains were put right in an hour that no more are.
        MendingHeld "mending_held",
        /// The operator's webhook does not take what it is sent.
        WebhookFails "operator_webhook_fails",
    }
}

impl NoticeKind {
    /// For how long after it was last seen one stays open, in microseconds; `None` for what is so or is not so, and can be
    /// looked at.
    #[must_use]
    pub const fn lasts(self) -> Option<i64> {
        match self {
            Self::PanicCaught => Some(DAY),
            // Only whoever ran then knows of it: others that see nothing know no better.
            Self::LogLost | Self::ClockStep => Some(HOUR),
            Self::StepParked
            | Self::StepOverdue
            | Self::AccountRefuses
            | Self::EndpointDisabled
            | Self::WorkWaits
            | Self::FeedWaits
            | Self::DatabaseUnusable
            | Self::DiskLow
            | Self::BackupOld
            | Self::FileModes
            | Self::DatabaseOlder
            | Self::BuyingPaused
            | Self::CapNear
            | Self::PurchaseUnclear
            | Self::AccountsDiffer
            | Self::RegistrantUnverified
            | Self::CertificateFails
            | Self::InboxesSuspended
            | Self::MendingHeld
            | Self::WebhookFails => None,
        }
    }

    /// Whether the operator's webhook is told: what is wrong with it, it cannot take.
    #[must_use]
    pub const fn is_told(self) -> bool {
        !matches!(self, Self::WebhookFails)
    }

    /// What it is, in a sentence.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::StepParked => "A step waits until you have mended something: an account, a setting, a name.",
            Self::StepOverdue => "A step waits for longer than it usually takes.",
            Self::AccountRefuses => "A provider's account refuses what it is asked, or does not answer clearly.",
            Self::EndpointDisabled => {
                "A partner's endpoint is switched off: it failed for too long, or said that it is gone."
            }
            Self::WorkWaits => "Work is due and is not done.",
            Self::FeedWaits => "The event feed waits for a transaction that does not end (PostgreSQL only).",
            Self::DatabaseUnusable => "Nothing can be written into the database, or nothing read.",
            Self::DiskLow => "There is little room left on the disk of the database or the data folder.",
            Self::ClockStep => {
                "The machine's clock was put forward or back, or is behind server time. Closes an hour after that."
            }
            Self::BackupOld => "The last `mailwright backup` is more than a week old, or there is none (SQLite only).",
            Self::FileModes => "Others on the machine can get at files of the server.",
            Self::PanicCaught => {
                "Something broke inside and was caught; the server goes on. Closes a day after the last one."
            }
            Self::LogLost => "Lines of the log could not be written. Closes an hour after the last one.",
            Self::DatabaseOlder => {
                "The sandbox knows of things that the database does not: it was restored from a backup."
            }
            Self::BuyingPaused => "You have stopped buying, everywhere or at one account (`mailwright pause`).",
            Self::CapNear => "Four fifths of a cap on spending are spent; what is beyond the cap waits.",
            Self::PurchaseUnclear => {
                "A purchase may have come about, and for longer than usual nothing is known for certain."
            }
            Self::AccountsDiffer => {
                "An account at a vendor has names that the database does not know: a backup was restored, or others buy there too."
            }
            Self::RegistrantUnverified => {
                "A registrant has not answered the mail that asks to confirm the address, and a registry takes the names off the net if that stays so."
            }
            Self::CertificateFails => {
                "A site's certificate could not be had several times in a row: it redirects over HTTP only, or its certificate runs out."
            }
            Self::InboxesSuspended => {
                "A mail host has shut mailboxes of a domain that works, or taken their licences, or they are gone."
            }
            Self::MendingHeld => {
                "So many domains were found to be wrong and put right in this hour that no more are: see `engine.most_mended_percent`."
            }
            Self::WebhookFails => {
                "`operator.webhook_url` does not take what it is sent. The webhook is not told of this one."
            }
        }
    }
}

/// Something that is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub kind: NoticeKind,
    /// What it is about: an id, a lane, a machine and folder. There is one open notice for each kind and subject.
    pub subject: String,
    /// Whose it is.
    pub partner: Option<PartnerId>,
    /// In which environment.
    pub environment: Option<Environment>,
    /// What is so, in words for the operator.
    pub message: String,
    /// What to do.
    pub todo: String,
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// What was found; its words are those of when it was opened or last told.
    pub finding: Finding,
    /// Since when, server time.
    pub opened_at: Time,
    /// When it was last written down that it is still so, server time.
    pub seen_at: Time,
    /// When the operator was last told that it is so, server time.
    pub told_at: Time,
    /// When it was not so any more, server time.
    pub closed_at: Option<Time>,
    /// The fence against lost updates.
    pub version: i64,
}

/// A notice as the operator sees it: in the list, in the command, and as the `data` of what the webhook is told.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "see `Notice` and `Finding`")]
pub struct Shown<'a> {
    /// `None` while it could not be written down.
    pub id: Option<&'a str>,
    pub kind: &'static str,
    pub subject: &'a str,
    pub status: &'static str,
    pub partner: Option<&'a str>,
    pub environment: Option<&'static str>,
    pub message: &'a str,
    pub todo: &'a str,
    pub opened_at: Time,
    pub closed_at: Option<Time>,
}

impl Finding {
    /// The view of something that has no row yet.
    #[must_use]
    pub fn shown(&self, since: Time) -> Shown<'_> {
        Shown {
            id: None,
            kind: self.kind.as_str(),
            subject: &self.subject,
            status: "open",
            partner: self.partner.as_ref().map(|id| id.as_str()),
            environment: self.environment.map(Environment::as_str),
            message: &self.message,
            todo: &self.todo,
            opened_at: since,
            closed_at: None,
        }
    }

    /// Whether both are about the same.
    #[must_use]
    pub fn is_about(&self, other: &Self) -> bool {
        self.kind == other.kind && self.subject == other.subject
    }
}

impl Notice {
    /// Whether it is so.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// The view of it.
    #[must_use]
    pub fn shown(&self) -> Shown<'_> {
        let status = if self.is_open() { "open" } else { "closed" };
        Shown { id: Some(self.id.as_str()), status, closed_at: self.closed_at, ..self.finding.shown(self.opened_at) }
    }

    /// What the operator's webhook is told of it.
    #[must_use]
    pub fn message(&self, id: EventId, kind: MessageKind, now: Time) -> Message {
        let data = serde_json::to_string(&self.shown()).unwrap_or_default();
        Message::new(id, self.id.clone(), kind, &data, now)
    }
}
