//! What the parts of an order cost: today's prices, or those that its quote holds.

use std::collections::BTreeMap;

use super::NameRow;
use crate::clock::Now;
use crate::domain::{DomainName, MailProvider};
use crate::money::{Cents, PriceBook};
use crate::quote::{Quote, QuotedCost};

/// What a quote says of names: what they cost, and the account that sells them.
type Quoted<'a> = BTreeMap<&'a DomainName, (QuotedCost, Option<&'a String>)>;

/// The prices that an order is placed at.
#[derive(Clone, Debug)]
pub struct Tariff<'a> {
    today: PriceBook,
    held: Option<(PriceBook, Quoted<'a>)>,
}

impl<'a> Tariff<'a> {
    /// Today's prices.
    #[must_use]
    pub const fn today(book: PriceBook) -> Self {
        Self { today: book, held: None }
    }

    /// Today's prices, but the quote's where it says one, for as long as it holds them.
    #[must_use]
    pub fn of(book: PriceBook, quote: Option<&'a Quote>, now: Now) -> Self {
        let held = quote.filter(|quote| quote.holds(now.partner())).map(|quote| {
            let costs = quote.names.iter().filter_map(|one| Some((&one.name, (one.cost?, one.account.as_ref()))));
            (quote.held.book(book), costs.collect())
        });
        Self { today: book, held }
    }

    /// One licence for a month.
    #[must_use]
    pub fn license(&self, provider: MailProvider) -> Cents {
        self.held.as_ref().map_or(&self.today, |(book, _)| book).license(provider)
    }

    /// What a name costs the partner in its first year; 0 when it is not bought.
    #[must_use]
    pub fn name(&self, row: &NameRow) -> Cents {
        match (&row.inventory, self.quoted(row)) {
            (Some(_), _) => 0,
            (None, Some((book, cost))) => book.name(cost.first_cents),
            (None, None) => self.today.name(row.cost_cents),
        }
    }

    /// What each further year of a name costs the partner.
    #[must_use]
    pub fn renewal(&self, row: &NameRow) -> Cents {
        match self.quoted(row) {
            Some((book, cost)) => book.name(cost.renewal_cents),
            None => self.today.name(row.renewal_cost_cents),
        }
    }

    /// The most that may be paid to the registrar for the first year: a held price is the partner's,
    /// and what the registrar asks beyond it is ours to pay.
    #[must_use]
    pub fn most_to_pay(&self, row: &NameRow) -> Cents {
        self.quoted(row).map_or(row.cost_cents, |(_, cost)| cost.first_cents.max(row.cost_cents))
    }

    /// The same for each further year.
    #[must_use]
    pub fn most_to_pay_again(&self, row: &NameRow) -> Cents {
        self.quoted(row).map_or(row.renewal_cost_cents, |(_, cost)| cost.renewal_cents.max(row.renewal_cost_cents))
    }

    fn quoted(&self, row: &NameRow) -> Option<(&PriceBook, QuotedCost)> {
        let (book, costs) = self.held.as_ref()?;
        costs.get(&row.wanted.name).map(|(cost, _)| (book, *cost))
    }

    /// The account that a name is bought at: the quote's, whose price it is.
    #[must_use]
    pub fn account(&self, row: &NameRow) -> Option<String> {
        let quoted = self.held.as_ref().and_then(|(_, costs)| costs.get(&row.wanted.name)?.1);
        quoted.or(row.account.as_ref()).cloned()
    }
}
