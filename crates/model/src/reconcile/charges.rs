//! What accounts have charged for names, held against what we know to have bought or may have.

use std::collections::{BTreeMap, BTreeSet};

use super::{Books, Difference, Found};
use crate::clock::{DAY, Time};
use crate::domain::DomainName;
use crate::id::IntentId;
use crate::intent::{Intent, IntentKind, IntentState};
use crate::money::{Cents, dollars};

/// How far apart a purchase and its charge may be: registries take days, vendors write invoices by the month, and a year is far away.
const NEAR: i64 = 60 * DAY;

/// Something that an account has charged for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The account.
    pub account: String,
    /// The name.
    pub name: DomainName,
    /// Which kind of purchase it is for; `None` where it is for another thing, such as a restored name.
    pub kind: Option<IntentKind>,
    /// How much, in cents.
    pub cents: Cents,
    /// When, by the vendor's clock.
    pub at: Time,
    /// How the vendor calls it.
    pub vendor_id: String,
}

/// Purchases by account and name.
type Bought<'a> = BTreeMap<(&'a str, &'a str), Vec<&'a Intent>>;

/// Each purchase answers for one charge: of two charges for one, the second is too much.
pub(super) fn charges(books: &Books) -> Vec<Found> {
    let mut bought = Bought::new();
    for intent in books.intents.iter().filter(|one| one.state != IntentState::NotBought) {
        bought.entry((&intent.account, &intent.name)).or_default().push(intent);
    }
    let mut charges: Vec<_> = books.charges.iter().collect();
    // Those that the vendor calls as we do find their own first.
    charges.sort_by_key(|charge| (!of(&bought, charge).iter().any(|intent| is_called(intent, charge)), charge.at));
    let mut answered = BTreeSet::new();
    charges.into_iter().filter_map(|charge| of_charge(books, charge, of(&bought, charge), &mut answered)).collect()
}

fn of<'b, 'a>(bought: &'b Bought<'a>, charge: &'b Charge) -> &'b [&'a Intent] {
    bought.get(&(charge.account.as_str(), charge.name.as_str())).map_or(&[], Vec::as_slice)
}

fn of_charge<'a>(
    books: &Books,
    charge: &Charge,
    bought: &[&'a Intent],
    answered: &mut BTreeSet<&'a IntentId>,
) -> Option<Found> {
    let apart = |intent: &Intent| (charge.at.0 - intent.opened_at.0).abs();
    let fitting = bought.iter().filter(|one| charge.kind == Some(one.kind) && apart(one) <= NEAR);
    let fitting: Vec<&'a Intent> = fitting.copied().collect();
    let free = fitting.iter().filter(|one| !answered.contains(&one.id));
    let its = free.copied().min_by_key(|one| (!is_called(one, charge), apart(one)));
    let Charge { account, name, cents, at, vendor_id, .. } = charge;
    let what = format!("{account} has charged {} for {name} on {} ({vendor_id})", dollars(*cents), at.date());
    let (difference, words) = match its {
        Some(intent) => {
            answered.insert(&intent.id);
            (Difference::OtherPrice, format!("{what}, and {}", other_price(intent, *cents)?))
        }
        None if !fitting.is_empty() => {
            (Difference::ChargedTwice, format!("{what}, a second time for one purchase; ask for that money back"))
        }
        None if is_from_before(books, charge) => return None,
        None => (Difference::UnknownCharge, format!("{what}, and no purchase of ours is known for it")),
    };
    Some(Found { difference, name: name.clone(), account: account.clone(), words })
}

fn is_called(intent: &Intent, charge: &Charge) -> bool {
    intent.vendor_id.as_deref() == Some(charge.vendor_id.as_str())
}

/// What is written down in place of what was charged; `None` where it agrees.
fn other_price(intent: &Intent, cents: Cents) -> Option<String> {
    match intent.paid_cents {
        Some(paid) if paid != cents => Some(format!("{} are written down", dollars(paid))),
        None if cents > intent.most_cents => {
            Some(format!("{} were the most that was agreed", dollars(intent.most_cents)))
        }
        _ => None,
    }
}

/// Whether it is from before the name was ours: such a name was taken in later.
fn is_from_before(books: &Books, charge: &Charge) -> bool {
    books.domains.iter().any(|domain| domain.name == charge.name && charge.at < domain.created_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::HandClock;
    use crate::domain::{Domain, DomainStatus};
    use crate::id::{Id as _, Ids};
    use crate::reconcile::reconcile;
    use crate::run::tests::{NOW, domain};

    fn intent(n: u64, name: &str, kind: IntentKind, paid_cents: Option<Cents>) -> Intent {
        let ids = Ids::seeded(HandClock::at(NOW.server), n);
        let ours = domain(DomainStatus::Active, true);
        Intent {
            id: ids.next(),
            partner: ours.partner,
            world: ours.world,
            kind,
            account: "one".into(),
            name: name.into(),
            seats: None,
            domain: ours.id,
            order: None,
            run: crate::id::RunId::opaque("run_1"),
            reference: format!("run_{n}/buy"),
            most_cents: 1_000,
            opened_at: NOW.server,
            asked_at: None,
            state: IntentState::Bought,
            paid_until: None,
            vendor_id: Some(n.to_string()),
            paid_cents,
            closed_at: None,
            ended_at: None,
            version: 1,
        }
    }

    fn charge(name: &str, kind: Option<IntentKind>, cents: Cents, after: i64, vendor_id: &str) -> Charge {
        let (account, name) = ("one".into(), DomainName::stored(name));
        Charge { account, name, kind, cents, at: NOW.server.plus(after), vendor_id: vendor_id.into() }
    }

    fn told(intents: Vec<Intent>, charges: Vec<Charge>) -> Vec<&'static str> {
        let books = Books { intents, charges, ..Books::default() };
        reconcile(&books).into_iter().map(|one| one.difference.as_str()).collect()
    }

    const BUYS: Option<IntentKind> = Some(IntentKind::Register);

    #[test]
    fn what_was_bought_is_charged_once_at_its_price() {
        let bought = || vec![intent(1, "a.com", IntentKind::Register, Some(900))];
        let its = || charge("a.com", BUYS, 900, DAY, "1");
        assert!(told(bought(), vec![its()]).is_empty());
        assert!(told(bought(), vec![]).is_empty(), "not every charge is listed at once");
        assert_eq!(told(bought(), vec![charge("a.com", BUYS, 900, 0, "2"), its()]), ["charged_twice"]);
        assert_eq!(told(bought(), vec![charge("a.com", BUYS, 901, DAY, "1")]), ["other_price"]);
        assert_eq!(told(bought(), vec![its(), charge("b.com", BUYS, 900, DAY, "3")]), ["unknown_charge"]);
        let renewal = Some(IntentKind::Renew);
        assert_eq!(told(bought(), vec![its(), charge("a.com", renewal, 900, 300 * DAY, "4")]), ["unknown_charge"]);
        assert_eq!(told(bought(), vec![its(), charge("a.com", None, 20_000, DAY, "5")]), ["unknown_charge"]);
        assert_eq!(told(bought(), vec![its(), charge("a.com", BUYS, 900, 400 * DAY, "6")]), ["unknown_charge"]);
    }

    #[test]
    fn where_no_price_is_written_the_most_is() {
        let bought = || vec![intent(1, "a.com", IntentKind::Register, None)];
        assert!(told(bought(), vec![charge("a.com", BUYS, 1_000, 0, "x")]).is_empty());
        assert_eq!(told(bought(), vec![charge("a.com", BUYS, 1_001, 0, "x")]), ["other_price"]);
        let open = vec![Intent { state: IntentState::Open, vendor_id: None, ..bought().remove(0) }];
        assert!(told(open, vec![charge("a.com", BUYS, 1_000, 0, "x")]).is_empty(), "it may be that one");
        let not = vec![Intent { state: IntentState::NotBought, ..bought().remove(0) }];
        assert_eq!(told(not, vec![charge("a.com", BUYS, 1_000, 0, "x")]), ["unknown_charge"]);
    }

    #[test]
    fn each_of_several_purchases_answers_for_its_own_charge() {
        let year = |n, days| Intent {
            opened_at: NOW.server.plus(days * DAY),
            ..intent(n, "a.com", IntentKind::Renew, Some(900))
        };
        let charges = |more: Option<Charge>| {
            let renewal = Some(IntentKind::Renew);
            let years = [charge("a.com", renewal, 900, DAY, "x"), charge("a.com", renewal, 900, 366 * DAY, "y")];
            years.into_iter().chain(more).collect::<Vec<_>>()
        };
        assert!(told(vec![year(1, 0), year(2, 365)], charges(None)).is_empty());
        let again = charge("a.com", Some(IntentKind::Renew), 900, 367 * DAY, "z");
        assert_eq!(told(vec![year(1, 0), year(2, 365)], charges(Some(again))), ["charged_twice"]);
    }

    #[test]
    fn what_was_paid_before_a_name_was_taken_in_is_nobodys_fault() {
        let ours =
            Domain { name: DomainName::stored("a.com"), created_at: NOW.server, ..domain(DomainStatus::Active, true) };
        let tell = |after| {
            let charges = vec![charge("a.com", BUYS, 900, after, "1")];
            charges_of(&Books { domains: vec![ours.clone()], charges, ..Books::default() })
        };
        assert_eq!((tell(-DAY), tell(DAY)), (0, 1));
    }

    fn charges_of(books: &Books) -> usize {
        charges(books).len()
    }
}
