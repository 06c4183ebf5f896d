//! Partners and their API keys.

use crate::clock::Time;
use crate::id::{KeyId, PartnerId};
use crate::money::Cents;
use crate::named::named;
use crate::order::Dkim;
use crate::secret::Secret;
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
    /// The API key at the sequencer that its orders are linked with where neither they nor their customers bring one.
    pub sequencer_key: Option<Secret>,
    /// Whether what is found to be wrong with its domains is put right where that is ours to do; otherwise it is only told.
    pub is_mended: bool,
    /// Whether its orders wait for their mail to be signed, where they do not say it.
    pub dkim: Dkim,
    /// When it was made.
    pub created_at: Time,
    /// The fence against lost updates.
    pub version: i64,
}

impl Partner {
    /// A partner of the lowest tier, without a limit, whose sandbox nothing has happened in.
    #[must_use]
    pub fn new(id: PartnerId, name: impl Into<String>, created_at: Time) -> Self {
        Self {
            id,
            name: name.into(),
            tier: Tier::Base,
            test_epoch: 1,
            test_offset: 0,
            spend_limit_cents: None,
            sequencer_key: None,
            is_mended: true,
            dkim: Dkim::Required,
            created_at,
            version: 1,
        }
    }

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

named! {
    /// What a partner has agreed on with the operator.
    #[expect(missing_docs, reason = "the names say it")]
    pub enum Tier {
        Base "base",
        Premium "premium",
        Vip "vip",
        VipPlus "vip_plus",
    }
}

impl Tier {
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
}

named! {
    /// What a key may do.
    pub enum Preset {
        /// Everything.
        Full "full",
        /// All reads; of the writes only availability and quotes.
        Limited "limited",
        /// Reads only.
        Read "read",
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

impl ApiKey {
    /// A key in force, without limits of its own; `hash` is that of its text.
    #[must_use]
    pub const fn new(
        id: KeyId,
        partner: PartnerId,
        environment: Environment,
        preset: Preset,
        hash: String,
        hint: String,
        created_at: Time,
    ) -> Self {
        let (spend_limit_cents, rate_per_minute, revoked_at) = (None, None, None);
        Self {
            id,
            partner,
            environment,
            preset,
            hash,
            hint,
            spend_limit_cents,
            rate_per_minute,
            created_at,
            revoked_at,
            version: 1,
        }
    }
}
