//! `mailwright orders`.

use clap::Subcommand;
use model::order::Order;
use model::view;
use store::{Store, StoreError};

use super::admin::Desk;
use super::{Common, Fail, Output};

mod evidence;
mod find;
mod inboxes;
mod list;
mod show;
mod watch;

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// The newest orders; those that a reset of a sandbox has erased are left out
    List(list::Options),
    /// Where an order is: its domains, what they wait for, and who has to act
    Show {
        /// The order's id, or the name of a domain of it, its reference, or its customer's e-mail address; the
        /// newest order that fits is shown
        #[arg(value_name = "ORDER")]
        id: String,
        /// What was seen of each domain at the last look, with who said so; with `--format json` as it was signed
        #[arg(long)]
        evidence: bool,
    },
    /// An order as it gets on, until nothing is left to do: live on a terminal, elsewhere a line for every
    /// change, with `--format json` a line of JSON; ends with 0 when the order is completed and with 1 otherwise
    Watch {
        /// The order's id, or the name of a domain of it, its reference, or its customer's e-mail address; the
        /// newest order that fits is watched
        #[arg(value_name = "ORDER")]
        id: String,
    },
    /// An order's inboxes, to be linked at a sequencer: printed, or as a file of comma-separated values
    Inboxes(inboxes::Options),
}

pub(super) async fn run(action: &Action, common: &Common) -> Result<(), Fail> {
    let desk = Desk::open(common).await?;
    match action {
        Action::List(options) => list::run(&desk, options, common).await,
        Action::Show { id, evidence: false } => show::run(&desk, id, common).await,
        Action::Show { id, evidence: true } => evidence::run(&desk, id, common).await,
        Action::Watch { id } => watch::run(&desk, id, common).await,
        Action::Inboxes(options) => inboxes::run(&desk, options, common).await,
    }
}

/// An order as the API shows it.
pub(super) async fn view_of(store: &Store, order: &Order) -> Result<view::Order, StoreError> {
    let mut db = store.read().await?;
    let (order, domains, sums) = store::orders::in_full(&mut db, order.clone()).await?;
    Ok(view::Order::of_sums(&order, &domains, &sums))
}
