//! Bundles: saved order sizes, and the arithmetic behind them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::id::{BundleId, PartnerId};
use crate::named::named;
use crate::world::World;

mod edit;

pub use edit::{Decided, Removed, Wish, change, create, remove};

/// A saved order size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Its id.
    pub id: BundleId,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// What it contains.
    pub terms: Terms,
    /// Whether it takes new orders.
    pub status: BundleStatus,
    /// When it was made, partner time.
    pub created_at: Time,
    /// The fence against lost updates.
    pub version: i64,
}

/// What a partner chooses in a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Shown to people, 1–120 characters.
    pub name: String,
    /// E-mails a month, 1–10,000,000.
    pub monthly_sending_volume: i64,
    /// Google's share in percent, 0–100; `None` is the recommended split.
    pub google_percent: Option<i64>,
    /// Whether mail goes out at weekends too.
    pub send_on_weekends: bool,
    /// 2 or 3.
    pub google_inboxes_per_domain: i64,
}

named! {
    /// Whether a bundle takes new orders.
    #[expect(missing_docs, reason = "the names say it")]
    pub enum BundleStatus {
        Active "active",
        Archived "archived",
    }
}

/// How much one inbox and one domain carry, from the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sizing {
    /// E-mails a day from one Google inbox.
    pub google_daily_per_inbox: i64,
    /// E-mails a day from one Microsoft domain.
    pub microsoft_daily_per_domain: i64,
    /// Inboxes that one Microsoft domain carries.
    pub microsoft_inboxes_per_domain: i64,
    /// Google's share when a bundle names none, in percent.
    pub recommended_google_percent: i64,
    /// The most domains one order may have.
    pub max_domains: i64,
}

impl Default for Sizing {
    fn default() -> Self {
        Self {
            google_daily_per_inbox: 20,
            microsoft_daily_per_domain: 150,
            microsoft_inboxes_per_domain: 25,
            recommended_google_percent: 50,
            max_domains: 500,
        }
    }
}

/// How many domains each provider needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Required {
    /// Domains for Google.
    #[schema(minimum = 0, maximum = 500, example = 15)]
    pub google: i64,
    /// Domains for Microsoft.
    #[schema(minimum = 0, maximum = 500, example = 4)]
    pub microsoft: i64,
    /// Both together.
    #[schema(minimum = 1, maximum = 500, example = 19)]
    pub total: i64,
}

impl Terms {
    /// The split in force, in percent: Google, Microsoft.
    #[must_use]
    pub fn effective(&self, sizing: &Sizing) -> (i64, i64) {
        let google = self.google_percent.unwrap_or(sizing.recommended_google_percent);
        (google, 100 - google)
    }

    /// How many domains the volume needs.
    #[must_use]
    pub fn required(&self, sizing: &Sizing) -> Required {
        let days = if self.send_on_weekends { 30 } else { 22 };
        let (google_percent, microsoft_percent) = self.effective(sizing);
        let google_daily = sizing.google_daily_per_inbox * self.google_inboxes_per_domain;
        let google = domains(self.monthly_sending_volume, google_percent, days * google_daily);
        let microsoft =
            domains(self.monthly_sending_volume, microsoft_percent, days * sizing.microsoft_daily_per_domain);
        Required { google, microsoft, total: google + microsoft }
    }

    /// The largest volume that still fits one order, for a message.
    #[must_use]
    pub fn largest_volume(&self, sizing: &Sizing) -> i64 {
        let fits = |volume: i64| {
            let terms = Self { monthly_sending_volume: volume, ..self.clone() };
            terms.required(sizing).total <= sizing.max_domains
        };
        let (mut low, mut high) = (1, MAX_VOLUME);
        while low < high {
            let middle = low + (high - low + 1) / 2;
            if fits(middle) { low = middle } else { high = middle - 1 }
        }
        low
    }
}

/// The most e-mails a month that a bundle may ask for.
pub const MAX_VOLUME: i64 = 10_000_000;

fn domains(volume: i64, percent: i64, monthly_per_domain: i64) -> i64 {
    let needed = volume * percent;
    let carried = 100 * monthly_per_domain;
    (needed + carried - 1) / carried
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn terms(volume: i64, google_percent: Option<i64>) -> Terms {
        Terms {
            name: "Starter".into(),
            monthly_sending_volume: volume,
            google_percent,
            send_on_weekends: false,
            google_inboxes_per_domain: 2,
        }
    }

    #[test]
    fn the_published_examples_come_out() {
        let sizing = Sizing::default();
        assert_eq!(terms(25_000, None).required(&sizing), Required { google: 15, microsoft: 4, total: 19 });
        assert_eq!(terms(100_000, Some(70)).required(&sizing), Required { google: 80, microsoft: 10, total: 90 });
        assert_eq!(terms(880, None).required(&sizing), Required { google: 1, microsoft: 1, total: 2 });
    }

    #[test]
    fn a_side_at_zero_percent_needs_no_domain() {
        assert_eq!(terms(10_000, Some(0)).required(&Sizing::default()).google, 0);
        assert_eq!(terms(10_000, Some(100)).required(&Sizing::default()).microsoft, 0);
    }

    proptest! {
        #[test]
        fn the_domains_carry_the_volume_and_one_less_would_not(volume in 1..MAX_VOLUME, percent in 1..100_i64) {
            let sizing = Sizing::default();
            let required = terms(volume, Some(percent)).required(&sizing);
            let carried = |domains: i64| domains * 22 * 40 * 100;
            prop_assert!(carried(required.google) >= volume * percent);
            prop_assert!(carried(required.google - 1) < volume * percent);
        }

        #[test]
        fn the_largest_volume_fits_and_the_next_does_not(percent in 0..=100_i64) {
            let sizing = Sizing::default();
            let largest = terms(1, Some(percent)).largest_volume(&sizing);
            prop_assert!(terms(largest, Some(percent)).required(&sizing).total <= sizing.max_domains);
            prop_assert!(terms(largest + 1, Some(percent)).required(&sizing).total > sizing.max_domains);
        }
    }
}
