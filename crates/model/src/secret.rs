//! Text that must not be read by accident.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A secret on its way to a row, or as a row holds it.
#[derive(Clone)]
pub enum Secret {
    /// As it came in; the store seals it when it writes.
    Plain(SecretString),
    /// As the store keeps it; only the store's vault can open it.
    Sealed(String),
}

impl Secret {
    /// A secret in plain text.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self::Plain(SecretString::from(text.into()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Plain(a), Self::Plain(b)) => a.expose_secret() == b.expose_secret(),
            (Self::Sealed(a), Self::Sealed(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Secret {}
