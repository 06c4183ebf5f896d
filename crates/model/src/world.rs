//! Whose reality a row belongs to.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{Id, PartnerId};
use crate::named::named;

named! {
    /// The two environments a key can speak for.
    pub enum Environment {
        /// The sandbox: no money, no outside call.
        Test "test",
        /// The real world.
        Live "live",
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

    /// Whose sandbox it is; `None` of the real world.
    #[must_use]
    pub fn owner(&self) -> Option<PartnerId> {
        let (partner, _) = self.0.strip_prefix("test:")?.rsplit_once(':')?;
        Some(PartnerId::opaque(partner))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_is_somebodys_and_the_real_world_is_nobodys() {
        let partner = PartnerId::opaque("org_1");
        assert_eq!(World::test(&partner, 7).owner(), Some(partner));
        assert_eq!(World::live().owner(), None);
    }
}
