//! What must be true of money, whatever happened: the vendors' ledgers held against our rows.

use std::collections::BTreeMap;

use model::clock::{Clock as _, Time};
use model::domain::{Domain, Source};
use model::intent::{Intent, IntentKind, IntentState};
use model::world::World;
use store::{domains, intents};

use super::stage::Live;

/// Something that a vendor was paid for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Paid {
    pub(crate) name: String,
    pub(crate) account: &'static str,
    pub(crate) what: &'static str,
    pub(crate) years: i64,
    pub(crate) cents: i64,
}

impl Live {
    /// What both vendors were paid for, by name.
    pub(crate) fn paid(&self) -> Vec<Paid> {
        let of = |account, what, name: &String, years, cents| Paid { name: name.clone(), account, what, years, cents };
        let (first, second) = (self.namecom.ledger(), self.dnsimple.ledger());
        let first = first.iter().map(|one| of("first", one.what, &one.name, one.years, one.cents));
        let second = second.iter().map(|one| of("second", one.what, &one.name, one.years, one.cents));
        let mut all: Vec<_> = first.chain(second).collect();
        all.sort();
        all
    }

    /// What was bought more than once by now.
    pub(crate) fn twice(&self) -> Vec<String> {
        let mut faults = vec![];
        nothing_is_bought_twice(&self.paid(), &mut faults);
        faults
    }

    /// The zones of names that were bought, where mail is served still, when every order has left.
    pub(crate) fn served_to_nobody(&self) -> Vec<String> {
        let is_served = |one: &Paid| one.what == "registered" && !self.dnsimple.hosted(&one.name, "MX").is_empty();
        let served = self.paid().into_iter().filter(is_served);
        served.map(|one| format!("{} is served to nobody", one.name)).collect()
    }

    /// What is not true of what was paid, when nothing is being done.
    pub(crate) async fn money_faults(&self) -> Vec<String> {
        let mut db = self.rig.wired.store.read().await.unwrap();
        let intents = intents::certain(&mut db).await.unwrap();
        let domains = domains::living(&mut db, &World::live()).await.unwrap();
        judge(&self.paid(), &intents, &domains, self.rig.clock.now())
    }
}

/// Everything that is not true of the vendors' ledgers, our intents and our names. `intents` are those that were bought or
/// may have been, `domains` those that have not left.
pub(crate) fn judge(paid: &[Paid], intents: &[Intent], domains: &[Domain], now: Time) -> Vec<String> {
    let mut faults = vec![];
    nothing_is_bought_twice(paid, &mut faults);
    nothing_is_unknown(intents, &mut faults);
    what_is_paid_is_written_down(paid, intents, &mut faults);
    prices_are_those_that_were_paid(paid, intents, &mut faults);
    years_are_bought_once(intents, &mut faults);
    what_is_bought_is_ours(intents, domains, now, &mut faults);
    what_is_ours_was_bought(paid, domains, &mut faults);
    faults
}

fn nothing_is_bought_twice(paid: &[Paid], faults: &mut Vec<String>) {
    let mut sold: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in paid.iter().filter(|one| one.what == "registered") {
        sold.entry(&one.name).or_default().push(one.account);
    }
    for (name, accounts) in sold.iter().filter(|(_, accounts)| accounts.len() > 1) {
        faults.push(format!("{name} was bought at {accounts:?}"));
    }
}

fn nothing_is_unknown(intents: &[Intent], faults: &mut Vec<String>) {
    for open in intents.iter().filter(|one| one.state == IntentState::Open) {
        faults.push(format!("it is not known whether this was bought: {open:?}"));
    }
}

const fn said(kind: IntentKind) -> &'static str {
    match kind {
        IntentKind::Register => "registered",
        IntentKind::Renew => "renewed",
        IntentKind::Seat => "seated",
    }
}

/// As many purchases of a kind, at an account, of a name, as we know of.
fn what_is_paid_is_written_down(paid: &[Paid], intents: &[Intent], faults: &mut Vec<String>) {
    let mut balance: BTreeMap<(&str, &str, &str), i64> = BTreeMap::new();
    for one in paid {
        *balance.entry((&one.name, one.account, one.what)).or_default() += 1;
    }
    for one in intents.iter().filter(|one| one.state == IntentState::Bought) {
        *balance.entry((&one.name, &one.account, said(one.kind))).or_default() -= 1;
    }
    for ((name, account, what), count) in balance {
        match count {
            0 => {}
            1.. => faults.push(format!("{name} was {what} at {account}, paid for and forgotten ({count})")),
            _ => faults.push(format!("{name} was not {what} at {account}, and we believe it ({count})")),
        }
    }
}

/// What we say was paid is what was, and no more than it might cost.
fn prices_are_those_that_were_paid(paid: &[Paid], intents: &[Intent], faults: &mut Vec<String>) {
    for one in intents.iter().filter(|one| one.state == IntentState::Bought) {
        let is_it =
            |other: &&Paid| other.name == one.name && other.account == one.account && other.what == said(one.kind);
        let fits = |other: &Paid| {
            let years = if one.kind == IntentKind::Renew { other.years } else { 1 };
            one.paid_cents.is_none_or(|cents| cents == other.cents) && other.cents <= one.most_cents * years
        };
        let mut entries = paid.iter().filter(is_it).peekable();
        if entries.peek().is_some() && !entries.any(fits) {
            faults.push(format!("this is not what was paid: {one:?}"));
        }
    }
}

/// No two renewals of a name lead to the same day.
fn years_are_bought_once(intents: &[Intent], faults: &mut Vec<String>) {
    let mut years: BTreeMap<(&str, Option<Time>), usize> = BTreeMap::new();
    for one in intents.iter().filter(|one| one.kind == IntentKind::Renew && one.state == IntentState::Bought) {
        *years.entry((&one.name, one.paid_until)).or_default() += 1;
    }
    for ((name, until), times) in years.into_iter().filter(|(_, times)| *times > 1) {
        faults.push(format!("{name} was renewed {times} times until {until:?}"));
    }
}

/// A row knows each name that is paid for still, and where it lies.
fn what_is_bought_is_ours(intents: &[Intent], domains: &[Domain], now: Time, faults: &mut Vec<String>) {
    for one in intents.iter().filter(|one| one.state == IntentState::Bought) {
        let knows = |row: &&Domain| {
            row.name.as_str() == one.name && row.held && row.accounts.registrar.as_ref() == Some(&one.account)
        };
        let known = domains.iter().find(knows);
        let runs = one.paid_until.is_some_and(|until| until > now);
        if runs && known.is_none_or(|row| row.expires_at < one.paid_until) {
            faults.push(format!("it is paid for, and no row knows it: {one:?} {known:?}"));
        }
    }
}

fn what_is_ours_was_bought(paid: &[Paid], domains: &[Domain], faults: &mut Vec<String>) {
    for row in domains.iter().filter(|row| row.held && row.source == Source::Registrar) {
        let is_it = |one: &Paid| one.what == "registered" && one.name == row.name.as_str();
        if !paid.iter().any(is_it) {
            faults.push(format!("nobody sold it, and it is ours: {row:?}"));
        }
    }
}
