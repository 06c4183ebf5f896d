//! Inboxes and how they are named.

use std::collections::HashSet;

use crate::clock::Time;
use crate::domain::{DomainName, MailProvider};
use crate::id::{DomainId, InboxId, OrderId, PartnerId, UserId};
use crate::named::named;
use crate::persona::{Persona, local_parts};
use crate::world::World;

/// An inbox that exists, or is being made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbox {
    /// Its id.
    pub id: InboxId,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// The domain it is on.
    pub domain: DomainId,
    /// The order it was made for.
    pub order: OrderId,
    /// The customer it belongs to.
    pub user: UserId,
    /// Its address.
    pub email: String,
    /// Given name shown to receivers.
    pub first_name: String,
    /// Family name shown to receivers.
    pub last_name: String,
    /// Who hosts it.
    pub provider: MailProvider,
    /// Where it stands.
    pub status: InboxStatus,
    /// Where its link to the sequencer stands.
    pub link: LinkStatus,
    /// The account's id at the sequencer.
    pub account_id: Option<String>,
    /// When it was made, partner time.
    pub created_at: Time,
    /// The fence against lost updates.
    pub version: i64,
}

named! {
    /// Where an inbox stands.
    #[expect(missing_docs, reason = "the names say it")]
    pub enum InboxStatus {
        Creating "creating",
        Active "active",
        Suspended "suspended",
        Deleted "deleted",
    }
}

named! {
    /// Where an inbox's link to the sequencer stands.
    #[expect(missing_docs, reason = "the names say it")]
    pub enum LinkStatus {
        Waiting "waiting",
        Linked "linked",
        Failed "failed",
    }
}

/// An inbox that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Its address.
    pub email: String,
    /// Which of the order's personas it carries.
    pub persona: usize,
}

/// Names the inboxes of one domain: the same input gives the same names.
///
/// `offset` is how many inboxes the order's earlier domains carry, so that personas take turns over
/// the whole order and not only within a domain. Addresses that are `kept` for somebody who was deleted go to nobody: whoever
/// would have had one has the next of their pattern.
#[must_use]
pub fn plan(domain: &DomainName, personas: &[Persona], count: i64, offset: i64, kept: &[String]) -> Vec<Planned> {
    let own = |email: &String| email.strip_suffix(domain.as_str())?.strip_suffix('@').map(str::to_owned);
    let mut used: HashSet<String> = kept.iter().filter_map(own).collect();
    let turns = usize::try_from(offset).unwrap_or(0);
    let count = usize::try_from(count).unwrap_or(0);
    (0..count)
        .filter_map(|n| {
            let persona = (turns + n).checked_rem(personas.len())?;
            let local = local_parts(&personas[persona]).find(|local| !used.contains(local))?;
            used.insert(local.clone());
            Some(Planned { email: format!("{local}@{domain}"), persona })
        })
        .collect()
}

/// Those that are still to be made beside the ones that are there: never more in all than are planned, should an older
/// version have named some of them otherwise.
#[must_use]
pub fn missing<'a>(planned: &'a [Planned], made: &[Inbox]) -> Vec<&'a Planned> {
    let unmade = planned.iter().filter(|one| made.iter().all(|inbox| inbox.email != one.email));
    unmade.take(planned.len().saturating_sub(made.len())).collect()
}

/// Names the inboxes of one domain anew, in their order: personas take turns as in [`plan`].
///
/// Nobody gets an address that another inbox of the domain has now, be that one renamed too: renames run side by
/// side, and an old address may live on as an alias.
#[must_use]
pub fn plan_anew(domain: &DomainName, personas: &[Persona], current: &[&str], offset: i64) -> Vec<Planned> {
    let mut used: HashSet<String> = current.iter().map(ToString::to_string).collect();
    let turns = usize::try_from(offset).unwrap_or(0);
    let name = |(n, own): (usize, &&str)| {
        let persona = (turns + n).checked_rem(personas.len())?;
        let addresses = local_parts(&personas[persona]).map(|local| format!("{local}@{domain}"));
        let email = { addresses }.find(|email| email == own || !used.contains(email))?;
        used.insert(email.clone());
        Some(Planned { email, persona })
    };
    current.iter().enumerate().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::Id as _;

    fn people(names: &[&str]) -> Vec<Persona> {
        names
            .iter()
            .map(|name| Persona {
                first_name: (*name).into(),
                last_name: "Lee".into(),
                profile_picture_url: None,
                addresses: vec![],
            })
            .collect()
    }

    #[test]
    fn an_address_that_is_kept_for_somebody_goes_to_nobody() {
        let domain = DomainName::stored("acme.com");
        let kept = ["ann.lee@acme.com".to_owned(), "bob@other.com".to_owned()];
        let planned = plan(&domain, &people(&["Ann", "Bob"]), 3, 0, &kept);
        let emails: Vec<_> = planned.into_iter().map(|one| one.email).collect();
        assert_eq!(emails, ["ann@acme.com", "bob.lee@acme.com", "annlee@acme.com"]);
    }

    #[test]
    fn personas_take_turns_over_the_order() {
        let people = people(&["Ann", "Bob", "Cy"]);
        let domain = DomainName::stored("acme.com");
        let emails = |offset| plan(&domain, &people, 2, offset, &[]).into_iter().map(|p| p.email).collect::<Vec<_>>();
        assert_eq!(emails(0), ["ann.lee@acme.com", "bob.lee@acme.com"]);
        assert_eq!(emails(2), ["cy.lee@acme.com", "ann.lee@acme.com"]);
    }

    #[test]
    fn new_names_change_only_what_differs_and_take_nobodys_address() {
        let domain = DomainName::stored("acme.com");
        let anew = |people: &[Persona], current: &[&str]| {
            plan_anew(&domain, people, current, 0).into_iter().map(|p| p.email).collect::<Vec<_>>()
        };
        let (ann, bob) = ("ann.lee@acme.com", "bob.lee@acme.com");
        assert_eq!(anew(&people(&["Ann", "Bob"]), &[ann, bob]), [ann, bob]);
        assert_eq!(anew(&people(&["Bob", "Ann"]), &[ann, bob]), ["bob@acme.com", "ann@acme.com"]);
        assert_eq!(anew(&people(&["Cy"]), &[ann, bob]), ["cy.lee@acme.com", "cy@acme.com"]);
        assert_eq!(anew(&people(&["Ann"]), &[ann, bob]), [ann, "ann@acme.com"]);
    }

    #[test]
    fn what_an_older_version_named_otherwise_takes_the_place_of_one_that_is_planned() {
        let planned = plan(&DomainName::stored("acme.com"), &people(&["Ann"]), 3, 0, &[]);
        let made = |email: &str| Inbox {
            id: InboxId::opaque("inb_1"),
            partner: PartnerId::opaque("org_1"),
            world: World::live(),
            domain: DomainId::opaque("dom_1"),
            order: OrderId::opaque("ord_1"),
            user: UserId::opaque("usr_1"),
            email: email.into(),
            first_name: String::new(),
            last_name: String::new(),
            provider: MailProvider::Google,
            status: InboxStatus::Active,
            link: LinkStatus::Waiting,
            account_id: None,
            created_at: Time(0),
            version: 1,
        };
        let left =
            |made: &[Inbox]| missing(&planned, made).into_iter().map(|one| one.email.clone()).collect::<Vec<_>>();
        assert_eq!(left(&[made("ann.lee@acme.com")]), ["ann@acme.com", "annlee@acme.com"]);
        assert_eq!(left(&[made("ann.lee@acme.com"), made("sales@acme.com")]), ["ann@acme.com"]);
        assert!(left(&[made("a@acme.com"), made("b@acme.com"), made("c@acme.com")]).is_empty());
    }

    proptest! {
        #[test]
        fn new_names_are_unique_also_against_the_old_ones(count in 1..30_i64, before in 1..4_usize, after in 1..4_usize) {
            let (domain, names) = (DomainName::stored("acme.com"), ["Ann", "Bob", "Cy"]);
            let old = plan(&domain, &people(&names[..before]), count, 0, &[]);
            let old: Vec<_> = old.iter().map(|one| one.email.as_str()).collect();
            let new = plan_anew(&domain, &people(&names[..after]), &old, 0);
            let unique: HashSet<_> = new.iter().map(|one| one.email.as_str()).collect();
            prop_assert_eq!(unique.len(), old.len());
            for (n, one) in new.iter().enumerate() {
                prop_assert!(old.iter().enumerate().all(|(m, other)| m == n || *other != one.email));
            }
        }

        #[test]
        fn names_are_unique_on_a_domain(first in "[A-Z][a-zé]{1,5}", count in 1..60_i64, people_count in 1..10_usize) {
            let names = vec![first.as_str(); people_count];
            let planned = plan(&DomainName::stored("acme.com"), &people(&names), count, 0, &[]);
            let unique: HashSet<_> = planned.iter().map(|p| &p.email).collect();
            prop_assert_eq!(unique.len(), usize::try_from(count).unwrap());
        }
    }
}
