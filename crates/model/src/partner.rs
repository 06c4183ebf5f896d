//! Partners and their API keys.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::id::{KeyId, PartnerId};
use crate::money::Cents;
use crate::world::{Environment, Scope, World};

/// A reseller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// Its id.
    pub id: PartnerId,
    /// Its name, unique in the installation.
    pub name: String,
    /// Decides the premium swap quota.
    pub tier: Tier,
    /// Raised by every sandbox reset.
    pub test_epoch: i64,
    /// How far the sandbox clock is ahead, in microseconds.
    pub test_offset: i64,
    /// The most that its orders may cost in a calendar month (UTC), in cents; `None` is no limit.
    pub spend_limit_cents: Option<Cents>,
    /// When it was made.
    pub created_at: Time,
    /// The fence against lost updates.
    pub version: i64,
}

impl Partner {
    /// What a key of `environment` may see.
    #[must_use]
    pub fn scope(&self, environment: Environment) -> Scope {
        let world = match environment {
            Environment::Live => World::live(),
            Environment::Test => World::test(&self.id, self.test_epoch),
        };
        Scope { partner: self.id.clone(), world }
    }

    /// How far the clock of `environment` is ahead, in microseconds.
    #[must_use]
    pub const fn offset(&self, environment: Environment) -> i64 {
        match environment {
            Environment::Live => 0,
            Environment::Test => self.test_offset,
        }
    }
}

/// What a partner has agreed on with the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Tier {
    Base,
    Premium,
    Vip,
    VipPlus,
}

impl Tier {
    /// The name in rows and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Premium => "premium",
            Self::Vip => "vip",
            Self::VipPlus => "vip_plus",
        }
    }

    /// Which share of its active Microsoft domains a partner may swap by premium swaps in a rolling 30 days, in
    /// percent.
    #[must_use]
    pub const fn premium_swap_percent(self) -> i64 {
        match self {
            Self::Base => 20,
            Self::Premium => 30,
            Self::Vip => 40,
            Self::VipPlus => 60,
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Base, Self::Premium, Self::Vip, Self::VipPlus].into_iter().find(|one| one.as_str() == text)
    }
}

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Everything.
    Full,
    /// All reads; of the writes only availability and quotes.
    Limited,
    /// Reads only.
    Read,
}

impl Preset {
    /// The name in rows and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Limited => "limited",
            Self::Read => "read",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Full, Self::Limited, Self::Read].into_iter().find(|one| one.as_str() == text)
    }
}

/// The record of an API key; the key itself is shown once and never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The record's id.
    pub id: KeyId,
    /// Whose key it is.
    pub partner: PartnerId,
    /// The environment it speaks for.
    pub environment: Environment,
    /// What it may do.
    pub preset: Preset,
    /// Keyed hash of the key, lower-case hex.
    pub hash: String,
    /// The last four characters, so that people can tell keys apart.
    pub hint: String,
    /// The most that orders placed with it may cost in a calendar month (UTC), in cents; `None` is no limit.
    pub spend_limit_cents: Option<Cents>,
    /// Requests a minute; `None` is the configured default.
    pub rate_per_minute: Option<i64>,
    /// When it was made.
    pub created_at: Time,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
    /// The fence against lost updates.
    pub version: i64,
}
