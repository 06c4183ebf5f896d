//! A live world for stories: the sandbox plays a vendor, and what people do by hand is asked of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use model::account::{Entrant, Lineup};
use model::clock::Clock;
use model::role::Role;
use providers::all::sim::Sim;
use providers::all::{by_hand, csv};
use providers::kind::{Kind, Opened, Said};
use providers::roster::{Registrants, Roster};
use server::account_settings::Amount;
use server::config::Config;

/// The vendor that sells names and serves them.
pub(crate) const VENDOR: &str = "vendor";
/// Whoever makes mailboxes.
pub(crate) const HAND: &str = "hand";
/// Whoever is handed the inboxes.
pub(crate) const FILE: &str = "file";

const PLAYERS: [(Role, &str); 5] = [
    (Role::Registrar, VENDOR),
    (Role::Dns, VENDOR),
    (Role::Redirect, VENDOR),
    (Role::Mail, HAND),
    (Role::Sequencer, FILE),
];

/// Has live keys buy from them, without a margin.
pub(crate) fn configure(config: &mut Config) {
    let live = &mut config.live;
    for names in [&mut live.registrar, &mut live.dns, &mut live.redirect] {
        *names = vec![VENDOR.into()];
    }
    (live.mail, live.sequencer) = (vec![HAND.into()], vec![FILE.into()]);
    (live.margin_cents, live.day_cap_cents) = (Amount::Cents(0), Amount::Cents(1_000_000));
    live.month_cap_cents = Amount::Cents(1_000_000);
}

/// They, on this sandbox.
pub(crate) fn roster(sim: &Sim, clock: &Arc<dyn Clock>) -> Roster {
    let vendor = Arc::new(sim.clone());
    let vendor = Opened {
        registrar: Some(vendor.clone()),
        dns: Some(vendor.clone()),
        redirector: Some(vendor),
        ..Opened::default()
    };
    let accounts = [(VENDOR, vendor), (HAND, open(by_hand::KIND, HAND, clock)), (FILE, open(csv::KIND, FILE, clock))];
    let entrant = |account: &str| Entrant {
        account: account.into(),
        hosts: None,
        sends: None,
        tlds: vec![],
        most_domains: None,
        most_users: None,
        seat_cents: None,
        serves_what_it_sells: false,
    };
    let roles: HashMap<_, _> = PLAYERS.iter().map(|(role, account)| (*role, vec![entrant(account)])).collect();
    Roster {
        lineup: Arc::new(Lineup { roles, choice: None, spread: None, customers: None }),
        accounts: BTreeMap::from(accounts),
        observer: sim.cast().observer,
        registrants: Registrants::default(),
        prober: None,
    }
}

fn open(kind: Kind, name: &'static str, clock: &Arc<dyn Clock>) -> Opened {
    let (values, secrets) = (BTreeMap::new(), BTreeMap::new());
    let said = Said { name, base_url: None, values, secrets, is_sandbox: false, clock: clock.clone() };
    (kind.open)(&said).expect("it wants nothing")
}
