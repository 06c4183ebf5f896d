//! The accounts at vendors that play the roles, and which of them plays a role for a domain.

use std::collections::HashMap;

use crate::domain::{Assigned, DomainName, MailProvider, NameAnswer, Unavailable, Verdict};
use crate::money::Cents;
use crate::named::named;
use crate::order::SequencerProvider;
use crate::role::Role;

mod room;

pub use room::{Has, Load};

named! {
    /// Which of several registrars sells a name that more than one would sell.
    pub enum Choice {
        /// The first that would, in the operator's order.
        Preference "preference",
        /// The one where the first year and the first renewal cost least together.
        LowestTotal "lowest_total",
    }
}

named! {
    /// Which of several accounts with room a new domain goes to.
    pub enum Spread {
        /// The first, in the operator's order, until it is full.
        Fill "fill",
        /// The one that has fewest.
        Even "even",
    }
}

named! {
    /// How the domains of one customer go to several mail tenants with room.
    pub enum Customers {
        /// As any domains do.
        Any "any",
        /// To the one that has domains of the customer already, while it has room.
        Together "together",
        /// To the one that has fewest of the customer's.
        Apart "apart",
    }
}

/// An account that may play a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entrant {
    /// Its name in the configuration.
    pub account: String,
    /// Which mailboxes it hosts; `None` where it plays another role.
    pub hosts: Option<MailProvider>,
    /// Which sequencer it is; `None` where it plays another role, or stands for any.
    pub sends: Option<SequencerProvider>,
    /// The endings of names that it comes first for, such as `io` or `co.uk`; it may have others too.
    pub tlds: Vec<String>,
    /// The most domains that it may have in a role; `None`: as many as the vendor lets it.
    pub most_domains: Option<i64>,
    /// The most users that it may have as a mail tenant; `None`: as many as the vendor lets it.
    pub most_users: Option<i64>,
    /// What a user costs a month in it as a mail tenant, in cents; `None` where the operator has not said it.
    pub seat_cents: Option<Cents>,
    /// Whether what it sells can only be served by its own DNS host.
    pub serves_what_it_sells: bool,
}

/// The accounts that play the roles, each role's in the operator's order of preference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lineup {
    /// By role.
    pub roles: HashMap<Role, Vec<Entrant>>,
    /// Who sells what several would sell.
    pub choice: Option<Choice>,
    /// Where new domains go.
    pub spread: Option<Spread>,
    /// How one customer's domains go to mail tenants.
    pub customers: Option<Customers>,
}

/// What a domain needs an account for.
#[derive(Clone, Copy, Debug)]
pub struct Need<'a> {
    /// Its name.
    pub name: &'a DomainName,
    /// Whose mailboxes it is to have.
    pub mail: Option<MailProvider>,
    /// How many users it is to have in a mail tenant.
    pub users: i64,
    /// Which sequencer its inboxes are to be linked to.
    pub sequencer: Option<SequencerProvider>,
    /// What it has already.
    pub have: &'a Assigned,
}

/// The account that is to play a role for a domain; `None` when no account can: the operator has configured none, or all are
/// full.
#[must_use]
pub fn choose<'a>(lineup: &'a Lineup, role: Role, need: Need<'_>, load: &Load) -> Option<&'a str> {
    let entrants = lineup.of(role);
    if role == Role::Dns
        && let Some(seller) = need.have.registrar.as_deref()
        && lineup.of(Role::Registrar).iter().any(|one| one.account == seller && one.serves_what_it_sells)
    {
        return entrants.iter().find(|one| one.account == seller).map(|one| one.account.as_str());
    }
    let can = |one: &&Entrant| {
        one.can_host(need.mail)
            && lineup.is_meant(role, one, need.sequencer)
            && one.has_room_for(role, need.users, load)
    };
    // Whoever is there for such names comes before whoever is there for all.
    let rank = |one: &&Entrant| {
        let has = one.has(role, load);
        let spread = if lineup.spread == Some(Spread::Even) { has.domains } else { 0 };
        (!one.comes_first_for(need.name), lineup.rank_for_customer(role, has), spread)
    };
    entrants.iter().filter(can).min_by_key(rank).map(|one| one.account.as_str())
}

impl Entrant {
    fn can_host(&self, mail: Option<MailProvider>) -> bool {
        self.hosts.is_none() || self.hosts == mail
    }

    fn comes_first_for(&self, name: &DomainName) -> bool {
        self.tlds.iter().any(|tld| name.as_str().strip_suffix(tld.as_str()).is_some_and(|rest| rest.ends_with('.')))
    }
}

impl Lineup {
    /// The accounts in a role, in the operator's order.
    #[must_use]
    pub fn of(&self, role: Role) -> &[Entrant] {
        self.roles.get(&role).map_or(&[], Vec::as_slice)
    }

    /// Whether an account is the sequencer that somebody wants. The usual one is whoever plays the role, where none of them is it.
    fn is_meant(&self, role: Role, one: &Entrant, wanted: Option<SequencerProvider>) -> bool {
        let Some(wanted) = wanted.filter(|_| role == Role::Sequencer) else { return true };
        let stands_for_any = wanted == SequencerProvider::Smartlead
            && self.of(role).iter().all(|one| one.sends != Some(SequencerProvider::Smartlead));
        one.sends == Some(wanted) || one.sends.is_none() || stands_for_any
    }

    /// Whether inboxes can be linked to a sequencer.
    #[must_use]
    pub fn sends(&self, wanted: SequencerProvider) -> bool {
        self.of(Role::Sequencer).iter().any(|one| self.is_meant(Role::Sequencer, one, Some(wanted)))
    }

    /// Whether some mail tenant could host such mailboxes, had it room.
    #[must_use]
    pub fn hosts(&self, mail: MailProvider) -> bool {
        self.of(Role::Mail).iter().any(|one| one.can_host(Some(mail)))
    }

    /// Whether anybody plays a role.
    #[must_use]
    pub fn plays(&self, role: Role) -> bool {
        !self.of(role).is_empty()
    }

    /// One answer for a name, of what several registrars say of it: who sells it if anybody does, and otherwise what is
    /// certain.
    #[must_use]
    pub fn merge(&self, name: &DomainName, answers: Vec<NameAnswer>) -> NameAnswer {
        let (sold, refused): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|answer| matches!(answer.verdict, Verdict::Buyable { .. }));
        if let Some(best) = sold.into_iter().min_by_key(|answer| self.rank(answer)) {
            return best;
        }
        let sure = refused.into_iter().min_by_key(|answer| (certainty(&answer.verdict), answer.retry_at));
        sure.unwrap_or_else(|| NameAnswer::errored(name.clone(), None))
    }

    fn rank(&self, answer: &NameAnswer) -> (bool, i64, usize) {
        let entrants = self.of(Role::Registrar);
        let place = entrants.iter().position(|one| Some(&one.account) == answer.account.as_ref());
        let first = place.is_some_and(|place| entrants[place].comes_first_for(&answer.name));
        let total = match &answer.verdict {
            Verdict::Buyable { price_cents, renewal_price_cents, .. } if self.choice == Some(Choice::LowestTotal) => {
                price_cents.saturating_add(*renewal_price_cents)
            }
            _ => 0,
        };
        (!first, total, place.unwrap_or(usize::MAX))
    }
}

/// How much a no says: what one registrar cannot tell another may know.
const fn certainty(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Buyable { .. } => 0,
        Verdict::Not(Unavailable::Taken) => 1,
        Verdict::Not(Unavailable::Premium) => 2,
        Verdict::Not(Unavailable::Invalid) => 3,
        Verdict::Not(Unavailable::Stale) => 4,
        Verdict::Not(Unavailable::Errored) => 5,
    }
}

#[cfg(test)]
mod tests;
