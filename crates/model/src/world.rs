//! Whose reality a row belongs to.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::id::{Id, PartnerId};

/// The two environments a key can speak for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// The sandbox: no money, no outside call.
    Test,
    /// The real world.
    Live,
}

impl Environment {
    /// `test` or `live`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }

    /// Reads `test` or `live`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Test, Self::Live].into_iter().find(|one| one.as_str() == text)
    }
}

/// `live`, or `test:<partner>:<epoch>`. Names are unique within a world.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct World(String);

impl World {
    /// The one real world.
    #[must_use]
    pub fn live() -> Self {
        Self("live".into())
    }

    /// A partner's sandbox; a reset raises the epoch and so begins an empty one.
    #[must_use]
    pub fn test(partner: &PartnerId, epoch: i64) -> Self {
        Self(format!("test:{}:{epoch}", partner.as_str()))
    }

    /// A world as a row names it.
    #[must_use]
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The name in rows.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Which environment's keys see this world.
    #[must_use]
    pub fn environment(&self) -> Environment {
        if self.0 == "live" { Environment::Live } else { Environment::Test }
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose rows a request may see. Every read for a request demands one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The partner.
    pub partner: PartnerId,
    /// The world of the key's environment.
    pub world: World,
}
