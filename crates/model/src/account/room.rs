//! How much accounts have already, and whether they have room for more.

use std::collections::HashMap;

use super::{Customers, Entrant, Lineup, Spread};
use crate::role::Role;
use crate::seat::Seats;

/// What an account has in a role now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Has {
    /// Domains.
    pub domains: i64,
    /// Users that these have or are to have; counted of mail tenants.
    pub users: i64,
    /// Domains of the customer whose domain is given a place; counted of mail tenants.
    pub of_customer: i64,
    /// The most users that it can have by what its host says; counted of mail tenants, and `None` of those that do not say it.
    pub most_users: Option<i64>,
}

/// What accounts have in their roles now. One that is not there has nothing.
pub type Load = HashMap<(Role, String), Has>;

impl Has {
    /// So many domains, where nothing else counts.
    #[must_use]
    pub const fn domains(domains: i64) -> Self {
        Self { domains, users: 0, of_customer: 0, most_users: None }
    }
}

impl Entrant {
    pub(super) fn has(&self, role: Role, load: &Load) -> Has {
        load.get(&(role, self.account.clone())).copied().unwrap_or_default()
    }

    /// Whether it may have one more domain, with so many users.
    pub(super) fn has_room_for(&self, role: Role, users: i64, load: &Load) -> bool {
        let has = self.has(role, load);
        // What the operator lets it and what the vendor sold it: the lower of both counts.
        let most = self.most_users.into_iter().chain(has.most_users).min();
        let has_seats = role != Role::Mail || most.is_none_or(|most| has.users.saturating_add(users) <= most);
        self.most_domains.is_none_or(|most| has.domains < most) && has_seats
    }
}

impl Lineup {
    /// Whether what accounts have decides who plays a role.
    #[must_use]
    pub fn counts(&self, role: Role) -> bool {
        let entrants = self.of(role);
        let bounded = entrants.iter().any(|one| one.most_domains.is_some() || one.most_users.is_some());
        let by_customer = role == Role::Mail && self.customers.is_some_and(|how| how != Customers::Any);
        bounded || entrants.len() > 1 && (by_customer || self.spread == Some(Spread::Even))
    }

    /// Whether an account in a role may have one more domain.
    #[must_use]
    pub fn has_room(&self, role: Role, account: &str, load: &Load) -> bool {
        self.of(role).iter().any(|one| one.account == account && one.has_room_for(role, 0, load))
    }

    /// So many seats in a mail tenant; `None` where it has none that cost anything: it hosts mailboxes of every kind, made by hand.
    #[must_use]
    pub fn seats(&self, account: &str, count: i64) -> Option<Seats> {
        let tenant = self.of(Role::Mail).iter().find(|one| one.account == account)?;
        let sells = tenant.hosts.is_some() || tenant.seat_cents.is_some();
        sells.then_some(Seats { count, cents: tenant.seat_cents })
    }

    /// How far behind a tenant comes for what it has of the customer; the least comes first.
    pub(super) fn rank_for_customer(&self, role: Role, has: Has) -> i64 {
        match self.customers.filter(|_| role == Role::Mail) {
            Some(Customers::Together) => i64::from(has.of_customer == 0),
            Some(Customers::Apart) => has.of_customer,
            Some(Customers::Any) | None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Need, choose};
    use crate::domain::{Assigned, DomainName, MailProvider};

    /// A domain of a customer, and how many users it is to have.
    type Wanted = (usize, i64);

    fn tenants(most: &[(Option<i64>, Option<i64>)], customers: Customers, spread: Spread) -> Lineup {
        let entrant = |(n, (most_domains, most_users)): (usize, &(Option<i64>, Option<i64>))| Entrant {
            account: format!("tenant-{n}"),
            hosts: Some(MailProvider::Google),
            sends: None,
            tlds: vec![],
            most_domains: *most_domains,
            most_users: *most_users,
            seat_cents: None,
            serves_what_it_sells: false,
        };
        let roles = HashMap::from([(Role::Mail, most.iter().enumerate().map(entrant).collect())]);
        Lineup { roles, choice: None, spread: Some(spread), customers: Some(customers) }
    }

    /// Who has what after these have come, one after the other: for each the tenant that it was given.
    fn placed(lineup: &Lineup, wanted: &[Wanted]) -> Vec<Option<String>> {
        let name = DomainName::stored("acme.com");
        let mut placed: Vec<Option<String>> = vec![];
        for (n, (customer, users)) in wanted.iter().enumerate() {
            let mut load = Load::new();
            for ((owner, has), account) in wanted[..n].iter().zip(&placed) {
                let Some(account) = account else { continue };
                let entry: &mut Has = load.entry((Role::Mail, account.clone())).or_default();
                entry.domains += 1;
                entry.users += has;
                entry.of_customer += i64::from(owner == customer);
            }
            let have = Assigned::default();
            let need =
                Need { name: &name, mail: Some(MailProvider::Google), users: *users, sequencer: None, have: &have };
            placed.push(choose(lineup, Role::Mail, need, &load).map(str::to_owned));
        }
        placed
    }

    fn of(wanted: &[Wanted], placed: &[Option<String>], account: &str, customer: Option<usize>) -> (i64, i64) {
        let here = wanted.iter().zip(placed).filter(|((owner, _), at)| {
            at.as_deref() == Some(account) && customer.is_none_or(|customer| *owner == customer)
        });
        here.fold((0, 0), |(domains, users), ((_, more), _)| (domains + 1, users + more))
    }

    #[test]
    fn a_tenant_without_room_for_the_users_is_passed_over_and_where_none_has_it_nobody_is_given() {
        let lineup = tenants(&[(None, Some(30)), (Some(1), None)], Customers::Any, Spread::Fill);
        let wanted = [(0, 25), (0, 6), (0, 5), (0, 1)];
        let told: Vec<_> = placed(&lineup, &wanted).into_iter().collect();
        let at = |name: &str| Some(name.to_owned());
        assert_eq!(told, [at("tenant-0"), at("tenant-1"), at("tenant-0"), None]);
    }

    #[test]
    fn what_the_operator_lets_a_tenant_and_what_its_host_says_both_bound_it() {
        for (lets, says, most) in [(Some(5), Some(9), 5), (Some(9), Some(5), 5), (None, Some(5), 5), (Some(5), None, 5)]
        {
            let lineup = tenants(&[(None, lets)], Customers::Any, Spread::Fill);
            let entrant = &lineup.of(Role::Mail)[0];
            let has = Has { users: 3, most_users: says, ..Has::default() };
            let load = Load::from([((Role::Mail, "tenant-0".to_owned()), has)]);
            let has_room = |users| entrant.has_room_for(Role::Mail, users, &load);
            assert!(has_room(most - 3) && !has_room(most - 2), "{lets:?} {says:?}");
        }
    }

    #[test]
    fn users_count_in_mail_tenants_alone() {
        let lineup = tenants(&[(None, Some(1))], Customers::Any, Spread::Fill);
        let entrant = &lineup.of(Role::Mail)[0];
        assert!(!entrant.has_room_for(Role::Mail, 2, &Load::new()));
        assert!(entrant.has_room_for(Role::Dns, 2, &Load::new()));
    }

    mod whoever_comes {
        use proptest::prelude::*;

        use super::*;

        fn most() -> impl Strategy<Value = Vec<(Option<i64>, Option<i64>)>> {
            prop::collection::vec((prop::option::of(0_i64..6), prop::option::of(0_i64..120)), 1..5)
        }

        fn wanted() -> impl Strategy<Value = Vec<Wanted>> {
            prop::collection::vec((0_usize..4, 1_i64..40), 0..30)
        }

        fn how() -> impl Strategy<Value = Customers> {
            prop::sample::select(Customers::ALL)
        }

        proptest! {
            #[test]
            fn no_tenant_has_more_than_it_may_and_nobody_waits_while_one_has_room(
                most in most(), wanted in wanted(), customers in how(), even in any::<bool>(),
            ) {
                let spread = if even { Spread::Even } else { Spread::Fill };
                let placed = placed(&tenants(&most, customers, spread), &wanted);
                for (n, (domains, users)) in most.iter().enumerate() {
                    let has = of(&wanted, &placed, &format!("tenant-{n}"), None);
                    prop_assert!(domains.is_none_or(|most| has.0 <= most) && users.is_none_or(|most| has.1 <= most));
                }
                for (at, (_, users)) in wanted.iter().enumerate().filter(|(at, _)| placed[*at].is_none()) {
                    for (n, (domains, most_users)) in most.iter().enumerate() {
                        let has = of(&wanted[..at], &placed[..at], &format!("tenant-{n}"), None);
                        let fits = domains.is_none_or(|most| has.0 < most)
                            && most_users.is_none_or(|most| has.1 + users <= most);
                        prop_assert!(!fits, "{wanted:?} {placed:?}");
                    }
                }
            }

            #[test]
            fn together_goes_where_the_customer_is_while_there_is_room(most in most(), wanted in wanted()) {
                let placed = placed(&tenants(&most, Customers::Together, Spread::Even), &wanted);
                for (at, (customer, users)) in wanted.iter().enumerate() {
                    let Some(given) = &placed[at] else { continue };
                    let before = |account: &str, whose| of(&wanted[..at], &placed[..at], account, whose);
                    if before(given, Some(*customer)).0 > 0 {
                        continue;
                    }
                    for (n, (domains, most_users)) in most.iter().enumerate() {
                        let account = format!("tenant-{n}");
                        let has = before(&account, None);
                        let fits = domains.is_none_or(|most| has.0 < most)
                            && most_users.is_none_or(|most| has.1 + users <= most);
                        prop_assert!(!fits || before(&account, Some(*customer)).0 == 0, "{wanted:?} {placed:?}");
                    }
                }
            }

            #[test]
            fn apart_is_even_where_all_have_room(count in 1_usize..5, wanted in wanted()) {
                let placed = placed(&tenants(&vec![(None, None); count], Customers::Apart, Spread::Fill), &wanted);
                for customer in 0..4 {
                    let each = (0..count).map(|n| of(&wanted, &placed, &format!("tenant-{n}"), Some(customer)).0);
                    let each: Vec<_> = each.collect();
                    prop_assert!(each.iter().max().zip(each.iter().min()).is_some_and(|(most, least)| most - least <= 1));
                }
            }
        }
    }
}
