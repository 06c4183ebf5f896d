//! Each truth about money can fail: one order of two names that were renewed, and then one thing about it that is not true.

use model::clock::{Clock as _, Time};
use model::domain::Domain;
use model::intent::{Intent, IntentKind, IntentState};
use model::run::RunKind;
use model::world::World;
use store::{domains, intents};

use super::batch::begin;
use super::stage::Live;
use super::truths::{Paid, judge};

/// What vendors and we say.
#[derive(Clone)]
struct Books {
    paid: Vec<Paid>,
    intents: Vec<Intent>,
    domains: Vec<Domain>,
    now: Time,
}

impl Books {
    async fn of(live: &Live) -> Self {
        let mut db = live.rig.wired.store.read().await.unwrap();
        let intents = intents::certain(&mut db).await.unwrap();
        let domains = domains::living(&mut db, &World::live()).await.unwrap();
        Self { paid: live.paid(), intents, domains, now: live.rig.clock.now() }
    }

    fn judged(&self) -> Vec<String> {
        judge(&self.paid, &self.intents, &self.domains, self.now)
    }

    /// The same, where one thing is not so.
    fn but(&self, change: impl FnOnce(&mut Self)) -> Vec<String> {
        let mut books = self.clone();
        change(&mut books);
        books.judged()
    }
}

fn is_told(faults: &[String], words: &str) {
    assert!(faults.iter().any(|fault| fault.contains(words)), "{words}: {faults:#?}");
}

#[tokio::test]
async fn what_is_not_true_of_money_is_found() {
    let live = Live::new().await;
    begin(&live, RunKind::Renew, 2).await;
    live.rig.settle_all().await;
    let books = Books::of(&live).await;
    assert_eq!((books.judged(), books.paid.len(), books.intents.len()), (vec![], 4, 4));
    let renewal = |one: &Intent| one.kind == IntentKind::Renew;
    let elsewhere = |books: &mut Books| {
        let other = Paid { account: "second", ..books.paid[0].clone() };
        books.paid.push(other);
    };
    is_told(&books.but(elsewhere), "was bought at [\"first\", \"second\"]");
    is_told(&books.but(|books| books.intents.retain(|one| !renewal(one))), "renewed at first, paid for and forgotten");
    is_told(&books.but(|books| _ = books.paid.pop()), "and we believe it");
    is_told(&books.but(|books| books.intents[0].state = IntentState::Open), "it is not known whether");
    is_told(&books.but(|books| books.paid[0].cents += 1), "this is not what was paid");
    is_told(&books.but(|books| books.intents[0].most_cents = 1), "this is not what was paid");
    let twice = |books: &mut Books| {
        let again: Vec<_> = books.intents.iter().filter(|one| renewal(one)).cloned().collect();
        books.intents.extend(again);
    };
    is_told(&books.but(twice), "was renewed 2 times");
    is_told(&books.but(|books| books.domains.clear()), "and no row knows it");
    is_told(&books.but(|books| books.domains[0].accounts.registrar = Some("second".into())), "and no row knows it");
    is_told(&books.but(|books| books.domains[0].expires_at = Some(books.now)), "and no row knows it");
    is_told(&books.but(|books| books.paid.clear()), "nobody sold it");
}

#[tokio::test]
async fn what_nobody_has_any_more_and_is_served_still_is_found() {
    let live = Live::new().await;
    assert_eq!(live.served_to_nobody(), Vec::<String>::new());
    begin(&live, RunKind::Provision, 1).await;
    live.rig.settle_all().await;
    assert_eq!(live.served_to_nobody(), ["acme-0x.com is served to nobody"], "nobody has left, so that it is not true");
}
