//! What an order is decided from.

use super::{Dkim, Placing, Wanted};
use crate::bundle::{Bundle, Sizing};
use crate::clock::Now;
use crate::domain::{Domain, MailProvider, NameAnswer};
use crate::id::{KeyId, OrderId};
use crate::money::{Cents, PriceBook};
use crate::quote::Quote;
use crate::spend::Allowance;
use crate::trace::TraceParent;
use crate::user::User;
use crate::world::{Environment, Scope, World};

/// An order that was submitted, to be placed or quoted, with all that this is decided from.
#[derive(Clone, Copy, Debug)]
pub struct Submitted<'a> {
    /// Whose it is, in which world.
    pub scope: &'a Scope,
    /// What it says.
    pub placing: &'a Placing,
    /// What the store knows of it.
    pub facts: &'a Facts,
    /// What the registrar said about the names that nobody holds.
    pub answers: &'a [NameAnswer],
    /// What the operator's configuration says.
    pub rules: &'a Rules,
    /// When it is decided.
    pub now: Now,
}

/// What the operator's configuration says about orders.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// How much inboxes and domains carry.
    pub sizing: Sizing,
    /// What things cost.
    pub book: PriceBook,
    /// What they cost with live keys, where that is another.
    pub live: Option<PriceBook>,
}

impl Rules {
    /// The rules of one world.
    #[must_use]
    pub fn of(self, world: &World) -> Self {
        let live = self.live.filter(|_| world.environment() == Environment::Live);
        Self { book: live.unwrap_or(self.book), ..self }
    }
}

/// What the store knows when an order is placed.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The customer, when one exists.
    pub user: Option<User>,
    /// The bundle, when one exists.
    pub bundle: Option<Bundle>,
    /// Every live domain of the world that has one of the wanted names, whoever holds it.
    pub held: Vec<Domain>,
    /// The order that already has this reference.
    pub reference_taken_by: Option<OrderId>,
    /// The quote that the order names, when there is one.
    pub quote: Option<Quote>,
    /// The key that it is placed with.
    pub placed_with: Option<KeyId>,
    /// Whether it waits for mail to be signed, where it does not say it.
    pub dkim: Option<Dkim>,
    /// Where in a trace it is placed, when there is one.
    pub trace: Option<TraceParent>,
    /// The spend limits it counts against; for a decision, read under their lock.
    pub allowances: Vec<Allowance>,
}

/// One wanted name that can be had.
#[derive(Clone, Debug)]
pub struct NameRow {
    /// What was asked.
    pub wanted: Wanted,
    /// The partner's own domain, when it comes from the inventory.
    pub inventory: Option<Domain>,
    /// Which providers can use it.
    pub usable_for: Vec<MailProvider>,
    /// The registrar's price for the first year; 0 when it is not bought.
    pub cost_cents: Cents,
    /// The registrar's price for each further year.
    pub renewal_cost_cents: Cents,
    /// The account that sells it at these prices; `None` when it is not bought, or where there is one account only.
    pub account: Option<String>,
}
