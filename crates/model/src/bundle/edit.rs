//! Decisions about bundles.

use super::{Bundle, BundleStatus, Sizing, Terms};
use crate::change::Change;
use crate::clock::Now;
use crate::id::{BundleId, Ids};
use crate::refusal::{Code, Fault, Refusal};
use crate::world::Scope;

/// A bundle as it is from now on, and what to write.
#[derive(Debug)]
pub struct Decided {
    /// The bundle.
    pub bundle: Bundle,
    /// Everything to write.
    pub change: Change,
}

/// What a change names; `None` leaves a value as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// See [`Terms::name`].
    pub name: Option<String>,
    /// See [`Terms::monthly_sending_volume`].
    pub monthly_sending_volume: Option<i64>,
    /// See [`Terms::google_percent`]; `Some(None)` goes back to the recommended split.
    pub google_percent: Option<Option<i64>>,
    /// See [`Terms::send_on_weekends`].
    pub send_on_weekends: Option<bool>,
    /// See [`Terms::google_inboxes_per_domain`].
    pub google_inboxes_per_domain: Option<i64>,
}

impl Wish {
    fn applied_to(self, terms: Terms) -> Terms {
        Terms {
            name: self.name.unwrap_or(terms.name),
            monthly_sending_volume: self.monthly_sending_volume.unwrap_or(terms.monthly_sending_volume),
            google_percent: self.google_percent.unwrap_or(terms.google_percent),
            send_on_weekends: self.send_on_weekends.unwrap_or(terms.send_on_weekends),
            google_inboxes_per_domain: self.google_inboxes_per_domain.unwrap_or(terms.google_inboxes_per_domain),
        }
    }
}

/// Makes a bundle.
///
/// # Errors
/// `invalid_request` when one order could not have as many domains as the volume needs.
pub fn create(scope: &Scope, terms: Terms, sizing: &Sizing, now: Now, ids: &Ids) -> Result<Decided, Refusal> {
    check_size(&terms, sizing)?;
    let bundle = Bundle {
        id: ids.next(),
        partner: scope.partner.clone(),
        world: scope.world.clone(),
        terms,
        status: BundleStatus::Active,
        created_at: now.partner(),
        version: 1,
    };
    let mut change = Change::default();
    change.bundles.insert.push(bundle.clone());
    Ok(Decided { bundle, change })
}

/// Changes a bundle. Orders that were placed with it stay as they are.
///
/// # Errors
/// `bundle_archived` when it takes no new orders, or as for [`create`].
pub fn change(bundle: Bundle, wish: Wish, sizing: &Sizing) -> Result<Decided, Refusal> {
    if bundle.status == BundleStatus::Archived {
        let message = format!("Bundle {} is archived and stays as it is. Create a new bundle instead.", bundle.id);
        return Err(Fault::new(Code::BundleArchived, message).into());
    }
    let terms = wish.applied_to(bundle.terms.clone());
    check_size(&terms, sizing)?;
    let changed = Bundle { terms, ..bundle.clone() };
    let mut change = Change::default();
    if changed != bundle {
        change.bundles.update.push(changed.clone());
    }
    Ok(Decided { bundle: changed, change })
}

/// What becomes of a bundle that is no longer wanted.
#[derive(Debug)]
pub enum Removed {
    /// Orders refer to it: it stays, and takes no new ones.
    Archived(Decided),
    /// Nothing refers to it: it goes.
    Gone(BundleId, Change),
}

impl Removed {
    /// Everything to write.
    #[must_use]
    pub const fn change(&self) -> &Change {
        match self {
            Self::Archived(decided) => &decided.change,
            Self::Gone(_, change) => change,
        }
    }
}

/// Removes a bundle that was never used, and archives one that was.
#[must_use]
pub fn remove(bundle: Bundle, used: bool) -> Removed {
    let mut change = Change::default();
    if !used {
        change.bundles_removed.push(bundle.id.clone());
        return Removed::Gone(bundle.id, change);
    }
    let archived = Bundle { status: BundleStatus::Archived, ..bundle.clone() };
    if archived != bundle {
        change.bundles.update.push(archived.clone());
    }
    Removed::Archived(Decided { bundle: archived, change })
}

fn check_size(terms: &Terms, sizing: &Sizing) -> Result<(), Refusal> {
    let needed = terms.required(sizing).total;
    if needed <= sizing.max_domains {
        return Ok(());
    }
    let largest = terms.largest_volume(sizing);
    let message = format!(
        "This volume needs {needed} domains and one order takes at most {}. The largest volume that fits is {largest}.",
        sizing.max_domains
    );
    Err(Fault::invalid("monthly_sending_volume", message).with("largest_volume", largest).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{HandClock, Time};
    use crate::id::{Id, PartnerId};
    use crate::world::World;

    fn terms(volume: i64) -> Terms {
        Terms {
            name: "Starter".into(),
            monthly_sending_volume: volume,
            google_percent: Some(70),
            send_on_weekends: false,
            google_inboxes_per_domain: 2,
        }
    }

    fn made() -> Bundle {
        let now = Now { server: Time::from_millis(1_000), offset: 0 };
        let scope = Scope { partner: PartnerId::opaque("org_1"), world: World::live() };
        let ids = Ids::seeded(HandClock::at(now.server), 1);
        create(&scope, terms(25_000), &Sizing::default(), now, &ids).unwrap().bundle
    }

    #[test]
    fn a_volume_over_the_limit_is_refused_with_the_largest_that_fits() {
        let wish = Wish { monthly_sending_volume: Some(10_000_000), ..Wish::default() };
        let refusal = change(made(), wish, &Sizing::default()).unwrap_err();
        let largest = refusal.first().details["largest_volume"].as_i64().unwrap();
        assert_eq!(refusal.first().field.as_deref(), Some("monthly_sending_volume"));
        let wish = Wish { monthly_sending_volume: Some(largest), ..Wish::default() };
        assert!(change(made(), wish, &Sizing::default()).is_ok());
    }

    #[test]
    fn a_change_keeps_what_it_does_not_name() {
        let wish = Wish { google_percent: Some(None), ..Wish::default() };
        let decided = change(made(), wish, &Sizing::default()).unwrap();
        assert_eq!(decided.bundle.terms, Terms { google_percent: None, ..terms(25_000) });
        assert_eq!(decided.change.bundles.update, [decided.bundle]);
    }

    #[test]
    fn a_change_of_nothing_writes_nothing() {
        let decided = change(made(), Wish::default(), &Sizing::default()).unwrap();
        assert_eq!(decided.change, Change::default());
    }

    #[test]
    fn an_unused_bundle_goes_and_a_used_one_is_archived_once() {
        assert!(matches!(remove(made(), false), Removed::Gone(..)));
        let Removed::Archived(first) = remove(made(), true) else { panic!("a used bundle stays") };
        assert_eq!(first.bundle.status, BundleStatus::Archived);
        let refusal = change(first.bundle.clone(), Wish::default(), &Sizing::default()).unwrap_err();
        assert_eq!(refusal.first().code, Code::BundleArchived);
        let Removed::Archived(second) = remove(first.bundle, true) else { panic!("a used bundle stays") };
        assert_eq!(second.change, Change::default());
    }
}
