//! What our rows say of the names in accounts, held against what the accounts say.

mod charges;

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::{DAY, Time};
use crate::domain::{Domain, DomainName, Source};
use crate::intent::{Intent, IntentKind, IntentState};
use crate::named::named;

pub use self::charges::Charge;

/// Registries and vendors tell the end of a registration in days, and not all in the same zone of time.
const SAME_DAY: i64 = 2 * DAY;

/// A name as an account has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The account.
    pub account: String,
    /// The name.
    pub name: DomainName,
    /// When it runs out, where the account says it.
    pub expires_at: Option<Time>,
    /// Whether the account renews it by itself; `None` when it does not say.
    pub renews_itself: Option<bool>,
}

/// A zone as an account has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldZone {
    /// The account.
    pub account: String,
    /// The name.
    pub name: DomainName,
}

/// Everything that is compared.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// Our live names that have not left.
    pub domains: Vec<Domain>,
    /// What may have been bought with live keys: what is open, and what was bought.
    pub intents: Vec<Intent>,
    /// What lies in the accounts that could be asked.
    pub holdings: Vec<Holding>,
    /// The zones of the accounts that could be asked.
    pub zones: Vec<HeldZone>,
    /// What was charged for names by the accounts that list it.
    pub charges: Vec<Charge>,
    /// The registrars' accounts that were asked.
    pub asked: BTreeSet<String>,
}

named! {
    /// What is not as it should be. Append-only: scripts read the names.
    pub enum Difference {
        /// An account has a name that we do not know.
        Unknown "unknown_name",
        /// We believe a name ours that its account does not have.
        Missing "missing_name",
        /// A name lies in another account than we believe.
        Elsewhere "other_account",
        /// A name was bought more than once.
        BoughtTwice "bought_twice",
        /// The account would renew a name by itself.
        RenewsItself "renews_itself",
        /// A name runs out on another day than we believe.
        Expiry "other_expiry",
        /// An account has a zone of a name that we do not know.
        ZoneAlone "zone_without_domain",
        /// A purchase may have come about, and the name lies in the account: it has.
        OpenPurchase "open_purchase_found",
        /// An account has charged more than once for one purchase.
        ChargedTwice "charged_twice",
        /// An account has charged for something that we do not know to have bought.
        UnknownCharge "unknown_charge",
        /// An account has charged another price than is written down.
        OtherPrice "other_price",
    }
}

impl Difference {
    /// Whether it may be that a purchase is not known here: whoever goes on buying might buy it again.
    #[must_use]
    pub const fn may_hide_a_purchase(self) -> bool {
        match self {
            Self::Unknown | Self::Elsewhere | Self::BoughtTwice | Self::OpenPurchase => true,
            Self::Missing
            | Self::RenewsItself
            | Self::Expiry
            | Self::ZoneAlone
            | Self::ChargedTwice
            | Self::UnknownCharge
            | Self::OtherPrice => false,
        }
    }
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What.
    pub difference: Difference,
    /// The name.
    pub name: DomainName,
    /// The account.
    pub account: String,
    /// In a sentence, for the operator.
    pub words: String,
}

/// Compares. Nothing that lies in an account that was not asked is missed.
#[must_use]
pub fn reconcile(books: &Books) -> Vec<Found> {
    let mut found = vec![];
    for holding in &books.holdings {
        found.extend(of_holding(books, holding));
    }
    found.extend(missing(books));
    found.extend(twice(books));
    found.extend(zones(books));
    found.extend(charges::charges(books));
    found.sort_by(|one, other| (&one.name, one.difference.as_str()).cmp(&(&other.name, other.difference.as_str())));
    found
}

fn of_holding(books: &Books, holding: &Holding) -> Vec<Found> {
    let Holding { account, name, .. } = holding;
    let say = |difference, words| Found { difference, name: name.clone(), account: account.clone(), words };
    let ours = books.domains.iter().find(|domain| domain.name == *name);
    let open = books.intents.iter().find(|one| one.name == name.as_str() && one.state == IntentState::Open);
    let mut found = vec![];
    match ours {
        _ if open.is_some_and(|one| one.kind == IntentKind::Register) && ours.is_none_or(|domain| !domain.held) => {
            found.push(say(
                Difference::OpenPurchase,
                format!("{name} lies in {account}, and whether we bought it is not known yet; its order finds it"),
            ));
        }
        None => found.push(say(
            Difference::Unknown,
            format!("{name} lies in {account}, and no row of ours knows it; --adopt takes it in"),
        )),
        Some(domain) => {
            match elsewhere(domain, account) {
                Some(words) => found.push(say(Difference::Elsewhere, words)),
                // The date of another registration is not this one's.
                None => found.extend(other_day(domain, holding).map(|words| say(Difference::Expiry, words))),
            }
        }
    }
    if holding.renews_itself == Some(true) && ours.is_some() {
        let words = format!("{account} would renew {name} by itself, past our caps; --fix switches that off");
        found.push(say(Difference::RenewsItself, words));
    }
    found
}

fn elsewhere(domain: &Domain, account: &str) -> Option<String> {
    let believed = domain.accounts.registrar.as_deref().filter(|believed| *believed != account)?;
    Some(format!("{} lies in {account}, and we renew it at {believed}", domain.name))
}

fn other_day(domain: &Domain, holding: &Holding) -> Option<String> {
    let (told, believed) = (holding.expires_at?, domain.expires_at?);
    ((told.0 - believed.0).abs() > SAME_DAY).then(|| {
        format!("{} runs out on {} and not on {}; --fix takes that over", domain.name, told.date(), believed.date())
    })
}

fn missing(books: &Books) -> Vec<Found> {
    let held: BTreeSet<_> = books.holdings.iter().map(|holding| &holding.name).collect();
    let ours = books.domains.iter().filter(|domain| domain.held && domain.source == Source::Registrar);
    let lost = ours.filter_map(|domain| {
        let account = domain.accounts.registrar.as_ref().filter(|account| books.asked.contains(*account))?;
        (!held.contains(&domain.name)).then(|| Found {
            difference: Difference::Missing,
            name: domain.name.clone(),
            account: account.clone(),
            words: format!("{} is ours by our rows, and {account} does not have it", domain.name),
        })
    });
    lost.collect()
}

fn twice(books: &Books) -> Vec<Found> {
    let mut bought: BTreeMap<&str, Vec<&Intent>> = BTreeMap::new();
    let purchases = books.intents.iter().filter(|one| one.kind == IntentKind::Register);
    for intent in purchases.filter(|one| one.state == IntentState::Bought) {
        bought.entry(&intent.name).or_default().push(intent);
    }
    let mut accounts: BTreeMap<&DomainName, BTreeSet<&str>> = BTreeMap::new();
    for holding in &books.holdings {
        accounts.entry(&holding.name).or_default().insert(&holding.account);
    }
    let paid = bought.into_iter().filter(|(_, intents)| overlap(intents)).map(|(name, intents)| {
        let at: Vec<_> = intents.iter().map(|one| one.account.as_str()).collect();
        (DomainName::stored(name), at.join(" and "))
    });
    let lies = accounts.into_iter().filter(|(_, of)| of.len() > 1).map(|(name, of)| {
        let of: Vec<_> = of.into_iter().collect();
        (name.clone(), of.join(" and "))
    });
    let all: BTreeMap<DomainName, String> = lies.chain(paid).collect();
    let say = |(name, at): (DomainName, String)| Found {
        difference: Difference::BoughtTwice,
        words: format!("{name} was bought more than once, at {at}; ask for the money of one of them"),
        account: at,
        name,
    };
    all.into_iter().map(say).collect()
}

/// Whether one was bought while another still ran: a name that was let go may be bought again.
fn overlap(intents: &[&Intent]) -> bool {
    intents.iter().enumerate().any(|(n, one)| {
        intents[n + 1..].iter().any(|other| {
            let (first, second) = if one.opened_at <= other.opened_at { (one, other) } else { (other, one) };
            first.paid_until.is_none_or(|until| second.opened_at < until)
        })
    })
}

fn zones(books: &Books) -> Vec<Found> {
    let known: BTreeSet<_> = books.domains.iter().map(|domain| &domain.name).collect();
    let alone = books.zones.iter().filter(|zone| !known.contains(&zone.name));
    let say = |zone: &HeldZone| Found {
        difference: Difference::ZoneAlone,
        name: zone.name.clone(),
        account: zone.account.clone(),
        words: format!("{} serves a zone of {}, which is no domain of ours", zone.account, zone.name),
    };
    alone.map(say).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DomainStatus;
    use crate::run::tests::domain;

    const UNTIL: Time = Time(400 * DAY);

    fn ours(name: &str) -> Domain {
        let mut domain =
            Domain { name: DomainName::stored(name), expires_at: Some(UNTIL), ..domain(DomainStatus::Active, true) };
        domain.accounts.give(crate::role::Role::Registrar, "one");
        domain
    }

    fn holding(account: &str, name: &str) -> Holding {
        let (account, name) = (account.to_owned(), DomainName::stored(name));
        Holding { account, name, expires_at: Some(UNTIL), renews_itself: Some(false) }
    }

    fn books(domains: Vec<Domain>, holdings: Vec<Holding>) -> Books {
        Books { domains, holdings, asked: BTreeSet::from(["one".into()]), ..Books::default() }
    }

    fn found(books: &Books) -> Vec<(&'static str, String)> {
        reconcile(books).into_iter().map(|one| (one.difference.as_str(), one.name.to_string())).collect()
    }

    #[test]
    fn what_agrees_is_not_told() {
        assert_eq!(found(&books(vec![ours("a.com")], vec![holding("one", "a.com")])), []);
        let day = Holding { expires_at: Some(UNTIL.plus(DAY)), ..holding("one", "a.com") };
        assert_eq!(found(&books(vec![ours("a.com")], vec![day])), [], "a day is how vendors round");
    }

    #[test]
    fn what_differs_is_told_by_name() {
        let holdings = vec![
            holding("one", "unknown.com"),
            Holding { renews_itself: Some(true), ..holding("one", "itself.com") },
            Holding { expires_at: Some(UNTIL.plus(30 * DAY)), ..holding("one", "later.com") },
            holding("two", "moved.com"),
        ];
        let domains = ["itself.com", "later.com", "moved.com", "lost.com"].map(ours).to_vec();
        let told = found(&books(domains, holdings));
        let expected = [
            ("renews_itself", "itself.com"),
            ("other_expiry", "later.com"),
            ("missing_name", "lost.com"),
            ("other_account", "moved.com"),
            ("unknown_name", "unknown.com"),
        ];
        assert_eq!(told, expected.map(|(what, name)| (what, name.to_owned())));
    }

    #[test]
    fn an_account_that_was_not_asked_lacks_nothing() {
        let mut silent = books(vec![ours("a.com")], vec![]);
        silent.asked.clear();
        assert_eq!(found(&silent), []);
    }

    #[test]
    fn a_name_in_two_accounts_was_bought_twice() {
        let told = found(&books(vec![ours("a.com")], vec![holding("one", "a.com"), holding("two", "a.com")]));
        assert!(told.contains(&("bought_twice", "a.com".to_owned())), "{told:?}");
    }

    #[test]
    fn a_zone_of_nobody_is_told() {
        let zones = ["a.com", "b.com"].map(|name| HeldZone { account: "dns".into(), name: DomainName::stored(name) });
        let mut books = books(vec![ours("a.com")], vec![holding("one", "a.com")]);
        books.zones = zones.to_vec();
        assert_eq!(found(&books), [("zone_without_domain", "b.com".to_owned())]);
    }
}
