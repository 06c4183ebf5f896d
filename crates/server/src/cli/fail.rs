//! How a command ends when it does not succeed.

use std::process::ExitCode;

use store::{Failure, OpenError, StoreError};

use super::out;

/// Why a command did not succeed.
#[derive(Debug)]
pub enum Fail {
    /// Refused before anything changed: exit code 2.
    Refused(String),
    /// Failed: exit code 1.
    Failed(String),
    /// Nobody reads on: there is nothing left to do, and nothing to say. Exit code 0.
    Unread,
}

impl Fail {
    /// Refused, with what to do.
    pub fn refused(text: impl Into<String>) -> Self {
        Self::Refused(text.into())
    }

    /// Failed, with what to do.
    pub fn failed(text: impl Into<String>) -> Self {
        Self::Failed(text.into())
    }

    /// Says it on standard error.
    #[must_use]
    pub fn report(&self) -> ExitCode {
        let (text, code) = match self {
            Self::Refused(text) => (text, 2),
            Self::Failed(text) => (text, 1),
            Self::Unread => return ExitCode::SUCCESS,
        };
        for line in text.lines() {
            out::error(&format!("mailwright: {line}"));
        }
        ExitCode::from(code)
    }
}

impl std::fmt::Display for Fail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Refused(text) | Self::Failed(text) => text,
            Self::Unread => "nobody reads on",
        })
    }
}

impl std::error::Error for Fail {}

impl From<OpenError> for Fail {
    fn from(error: OpenError) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<StoreError> for Fail {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<Failure> for Fail {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::Refused(refusal.first().message.clone()),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<anyhow::Error> for Fail {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(format!("{error:#}"))
    }
}

impl From<std::io::Error> for Fail {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}
