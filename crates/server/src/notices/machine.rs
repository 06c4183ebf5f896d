//! What can be seen from this process alone: its machine, its files, itself.

use std::sync::Arc;

use engine::{Accounts, Standing};
use model::clock::{Clock, HOUR, MINUTE, NOTED, SECOND, Time};
use model::notice::{Finding, NoticeKind, Reach};
use store::file_modes;

use super::board::Look;
use crate::config::Config;
use crate::disk;
use crate::lost_future::Ahead;
use crate::telemetry;
use crate::timekeeper::Steps;

/// An account that has not answered clearly for so long, in microseconds, and so often, is told of.
const SILENT: i64 = MINUTE;
const OFTEN: u64 = 3;

/// What was last asked longer ago says nothing any more, in microseconds: a step that is parked is tried again before.
const STALE: i64 = HOUR;

/// For how long it is found that the clock was put somewhere else, in microseconds: a few looks. How long that is told is
/// said where notices are.
const STEPPED: i64 = MINUTE;

/// What this process can see.
pub(super) struct Machine {
    config: Config,
    clock: Arc<dyn Clock>,
    accounts: Arc<Accounts>,
    steps: Arc<Steps>,
    /// Lines of the log that were lost, and panics that were caught, when it was last looked.
    lost: u64,
    panics: u64,
    /// What the start has found, until it is told.
    pub(super) ahead: Option<Option<Ahead>>,
    host: String,
}

impl Machine {
    pub(super) fn new(config: &Config, clock: Arc<dyn Clock>, accounts: Arc<Accounts>, steps: Arc<Steps>) -> Self {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let config = config.clone();
        Self { config, clock, accounts, steps, lost: 0, panics: 0, ahead: None, host }
    }

    /// Looks at all of it.
    pub(super) fn look(&mut self) -> Vec<Look> {
        let mut looks = vec![self.disk(), self.file_modes(), self.clock()];
        looks.extend(self.accounts());
        looks.extend([self.log(), self.panics()]);
        looks.extend(self.world());
        looks
    }

    /// A look at one thing, which is as it should be or not.
    fn one(&self, kind: NoticeKind, subject: String, found: Option<(String, String)>) -> Look {
        let found = found.map(|(message, todo)| self.finding(kind, &subject, message, todo));
        Look { kind, reach: Reach::Only(subject), found: found.into_iter().collect() }
    }

    fn finding(&self, kind: NoticeKind, subject: &str, message: String, todo: String) -> (Finding, Time) {
        let subject = subject.to_owned();
        (Finding { kind, subject, partner: None, environment: None, message, todo }, self.clock.now())
    }

    /// The folder that fills up, as other processes on this machine call it too.
    fn folder(&self) -> String {
        let folder = std::fs::canonicalize(&self.config.data).unwrap_or_else(|_| self.config.data.clone());
        format!("{}:{}", self.host, folder.display())
    }

    fn disk(&self) -> Look {
        let database = file_modes::sqlite_file(&self.config.database());
        let folder = database.as_deref().map_or(self.config.data.as_path(), file_modes::folder_of);
        let free = disk::free(folder).ok().filter(|free| *free < disk::FEW);
        let todo = "Make room on that disk: without any, nothing can be written, and no order is accepted.";
        let found = free
            .map(|free| (format!("{} were left on the disk of the data folder.", disk::size(free)), todo.to_owned()));
        self.one(NoticeKind::DiskLow, self.folder(), found)
    }

    fn file_modes(&self) -> Look {
        let remedies: Vec<_> = self.config.private_paths().iter().filter_map(|path| file_modes::remedy(path)).collect();
        let found = (!remedies.is_empty()).then(|| {
            let message =
                format!("Others on this machine can get at {} of the server's files and folders.", remedies.len());
            (message, format!("Run `{}`.", remedies.join(" && ")))
        });
        self.one(NoticeKind::FileModes, self.folder(), found)
    }

    fn clock(&self) -> Look {
        let now = self.clock.now();
        let ahead = now.0 - self.clock.wall().0;
        let step = self.steps.last().filter(|(at, _)| now.0 - at.0 < STEPPED);
        let message = match step {
            _ if ahead > NOTED => Some(format!(
                "The machine's clock is {} seconds behind server time, which goes on, a tenth slower, until it has caught up.",
                ahead / SECOND
            )),
            Some((at, step)) => {
                let way = if step > 0 { "forward" } else { "back" };
                Some(format!("The machine's clock was put {way} by {} seconds at {at}.", step.abs() / SECOND))
            }
            None => None,
        };
        let todo = "See that the clock is right and kept right by NTP: webhooks are signed with its time.";
        let look =
            self.one(NoticeKind::ClockStep, self.host.clone(), message.map(|message| (message, todo.to_owned())));
        Look { reach: Reach::Nothing, ..look }
    }

    fn accounts(&self) -> Vec<Look> {
        let now = self.clock.now();
        let standings = self.accounts.standings();
        standings
            .into_iter()
            .filter_map(|(account, role, standing)| self.account(account, role, standing, now))
            .collect()
    }

    /// Nothing where nothing is known for certain.
    fn account(&self, account: &str, role: &str, standing: Standing, now: Time) -> Option<Look> {
        let (kind, subject) = (NoticeKind::AccountRefuses, format!("{account}/{role}"));
        let Standing { failing_since, failed_at, failures, refuses, .. } = standing;
        let Some((since, last)) = failing_since.zip(failed_at) else { return Some(self.one(kind, subject, None)) };
        let is_old = now.0 - last.0 > STALE;
        let is_long = now.0 - since.0 >= SILENT && failures >= OFTEN;
        if is_old || !(refuses || is_long) {
            return None;
        }
        let what = if refuses { "refuses what it is asked" } else { "has not answered clearly" };
        let message = format!("The account `{account}` as {role} {what} since {since}.");
        let todo = "See whether the vendor has an outage, and whether the account is open, paid and its credentials are right. What waits for it goes on by itself.";
        let (finding, _) = self.finding(kind, &subject, message, todo.to_owned());
        Some(Look { kind, reach: Reach::Nothing, found: vec![(finding, last)] })
    }

    fn log(&mut self) -> Look {
        let all = telemetry::lost();
        let lost = all - std::mem::replace(&mut self.lost, all);
        let message = format!("{lost} lines of the log could not be written.");
        let todo = "See whether the disk of the log is full, or whoever reads standard error has gone; the server itself goes on.";
        self.passing(NoticeKind::LogLost, lost, message, todo)
    }

    fn panics(&mut self) -> Look {
        let all = telemetry::panics();
        let panics = all - std::mem::replace(&mut self.panics, all);
        let message = "Something broke inside and was caught; what it was about is tried again.".to_owned();
        let todo = "Report it with the lines of the log that begin with `a panic`.";
        self.passing(NoticeKind::PanicCaught, panics, message, todo)
    }

    fn passing(&self, kind: NoticeKind, count: u64, message: String, todo: &str) -> Look {
        let found = (count > 0).then(|| self.finding(kind, &self.host, message, todo.to_owned()));
        Look { kind, reach: Reach::Nothing, found: found.into_iter().collect() }
    }

    /// What the start has found of the sandbox: the first look says whether it is so, later ones only that it still is.
    fn world(&mut self) -> Option<Look> {
        let kind = NoticeKind::DatabaseOlder;
        let ahead = self.ahead.as_mut()?;
        let todo = "See docs/operating.md, \"Backup and restore\": `mailwright sim ledger --unknown` lists what is not known here.";
        let message = ahead.as_ref().map(|ahead| ahead.warning().message);
        let was_found = message.is_some();
        let found = message.map(|message| self.finding(kind, "sandbox", message, todo.to_owned()));
        if !was_found {
            self.ahead = None;
        }
        Some(Look { kind, reach: Reach::Whole, found: found.into_iter().collect() })
    }
}
